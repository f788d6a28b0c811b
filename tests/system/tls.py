"""TLS: clients of all dialects on a listener with a certificate, beside one without."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

from chat import close_all, greeted, join, talk
from server import MOUNTS, ROOMS, SLOW, Failure, Server, check, run
from wire import Wire, door

DIALECTS = ("mixer", "concord", "rooms", "simple")
NO_RATE = "messages_per_second = 0;"


def make_pair(kind=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), names="DNS:localhost,IP:127.0.0.1"):
    """A certificate of those names and its key as PEM text."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("cert", "key")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", f"subjectAltName={names}",
                        "-out", paths[0], "-keyout", paths[1]],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        texts = []
        for path in paths:
            with open(path, encoding="ascii") as file:
                texts.append(file.read())
        return tuple(texts)


def trusting(certificate, **more):
    """A client's context that trusts this certificate and no other."""
    context = ssl.create_default_context(cadata=certificate)
    for name, value in more.items():
        setattr(context, name, value)
    return context


SECURE = 'tls_certificate = "cert.pem"; tls_key = "key.pem";'


def two_listeners(limits=NO_RATE, first=SECURE, workers=2):
    """The first with TLS, the second without."""
    return f"""workers = {workers}; limits = {{ {limits} }};
listeners = ( {{ port = 0; {first} mounts = {MOUNTS}; }}, {{ port = 0; mounts = {MOUNTS}; }} );
rooms = {ROOMS};
"""


class Secure(Server):
    """The server with those listeners; port is that with TLS, plain the other one's."""

    def __init__(self, config=None):
        self.pair = make_pair()
        self.trust = trusting(self.pair[0])
        super().__init__(config or two_listeners(),
                         files={"cert.pem": self.pair[0], "key.pem": self.pair[1]})

    def start(self):
        super().start()
        urls = [urllib.parse.urlparse(mount["url"]) for mount in self.info["mounts"]]
        check([url.scheme for url in urls] == ["wss"] * 5 + ["ws"] * 5, f"{self.info['mounts']}")
        check([mount["tls"] for mount in self.info["mounts"]] == [True] * 5 + [False] * 5,
              f"{self.info['mounts']}")
        check(urls[0].port == self.port, f"{self.info}")
        self.plain = Plain(urls[5].port, self.room)
        return self

    def wire(self, **more):
        return Wire(self.port, tls=self.trust, **more)


class Plain:
    """What chat.py asks of a server, for the listener without TLS."""

    def __init__(self, port, room):
        self.port, self.room = port, room


async def everybody(server, context=None):
    """Four clients on each listener."""
    clients = [await join(server, dialect, f"safe-{dialect}", ssl=context or server.trust)
               for dialect in DIALECTS]
    return clients + [await join(server.plain, dialect, f"plain-{dialect}") for dialect in DIALECTS]


def dialects_meet():
    """Four dialects over TLS, and the same four without, in one room; TLS 1.2 and 1.3."""
    async def scenario(server, context):
        clients = await everybody(server, context)
        await talk(clients, "hello")
        found = clients[0].socket.transport.get_extra_info("ssl_object")
        check(found.version() == ("TLSv1.2" if context else "TLSv1.3"), f"{found.version()}")
        for client in clients:
            await client.close()
            check(client.socket.close_code == 1000, f"{client.name}: {client.socket.close_code}")

    with Secure() as server:
        asyncio.run(scenario(server, None))
        asyncio.run(scenario(server, trusting(server.pair[0],
                                              maximum_version=ssl.TLSVersion.TLSv1_2)))
        counters = server.settled(lambda c: c["connections"]["open"] == 0)
        check(counters["connections"]["tls_failed"] == 0, f"{counters['connections']}")


def no_http2():
    """A client that would rather speak HTTP/2 is told that it is HTTP/1.1 here."""
    with Secure() as server:
        server.trust.set_alpn_protocols(["h2", "http/1.1"])
        with server.wire() as wire:
            check(wire.socket.selected_alpn_protocol() == "http/1.1",
                  f"{wire.socket.selected_alpn_protocol()}")
            wire.upgrade("/rooms?key=a", f"Origin: https://127.0.0.1:{server.port}")


def large_and_many():
    """Messages of many records, and many at once: all there, in order, on both listeners."""
    async def scenario(server):
        clients = await everybody(server)
        speaker = clients[3]
        for size in (16000, 16384, 16400, 32768, 60000):
            text = f"{size} " + "x" * size
            await speaker.say(text)
            for client in clients:
                await client.hears(text, 5 * SLOW)
        for i in range(400):
            await speaker.say(f"burst {i}")
        wanted = [f"burst {i}" for i in range(400)]
        for client in clients:
            await client.hears(wanted[-1], 10 * SLOW)
            check(client.heard("burst ") == wanted, f"{client.name} heard {client.heard('burst ')}")
        await close_all(clients)

    with Secure() as server:
        asyncio.run(scenario(server))
        server.settled()


def slow_reader():
    """A reader that stops is cut when too much waits; one that only pauses gets everything, and
    nobody else notices."""
    async def scenario(server):
        clients = await everybody(server)
        loop = asyncio.get_running_loop()
        with server.wire(receive_buffer=4096) as stuck, server.wire(receive_buffer=200000) as late:
            for wire, name in ((stuck, "stuck"), (late, "late")):
                await loop.run_in_executor(None, wire.upgrade, f"/concord?token={name}")

            async def say(i):
                """Something long, and the readers keep up."""
                await clients[3].say(f"slow {i} " + "x" * 60000)
                for client in clients:
                    await client.hears(f"slow {i} " + "x" * 60000, 5 * SLOW)

            for i in range(12):
                await say(i)
            texts = []

            def catch_up(count):
                """late reads on until it has so many messages."""
                end = time.monotonic() + 10 * SLOW
                while len(texts) < count and time.monotonic() < end and not late.ended:
                    late.read(lambda _: False, 0.01)
                    texts.extend(payload for _, payload in late.frames() if b'"slow ' in payload)

            for i in range(12, 140):
                await loop.run_in_executor(None, catch_up, i)
                await say(i)
            await loop.run_in_executor(None, catch_up, 140)
            check([text.count(b'"slow %d x' % i) for i, text in enumerate(texts)] == [1] * 140 and
                  all(len(text) > 60000 for text in texts),
                  f"the late reader got {[len(text) for text in texts]}")
            counters = server.settled(lambda c: c["connections"]["cut"] >= 1)
            check(counters["connections"]["cut"] == 1, f"{counters['connections']}")
            await loop.run_in_executor(None, stuck.read, lambda _: False, 5)
            check(stuck.ended, "the stuck reader's connection stays open")
        await talk(clients, "after")
        await close_all(clients)

    with Secure(two_listeners(NO_RATE + "outbox_bytes = 1000000;")) as server:
        asyncio.run(scenario(server))
        server.settled(lambda c: c["connections"]["open"] == 0)


def under_way():
    """With one request under way at a time reading stops and goes on hundreds of times, also with
    whole records waiting: every request is answered, in order."""
    def ask(server, count, padding):
        with server.wire() as wire:
            wire.upgrade(*door("simple", f"asks-{padding}"))
            frames = b""
            for i in range(count):
                text = json.dumps({"type": "send_message", "payload_id": i, "message": "x" * padding})
                frames += masked(text.encode())
            wire.send(frames)
            last = b'"payload_id":%d' % (count - 1)
            wire.read(lambda data: last in data[-200:], 20.0)
            answers = [json.loads(payload) for opcode, payload in wire.frames() if opcode == 1]
            answers = [frame for frame in answers if frame.get("type") == "reply"]
            check([frame["payload_id"] for frame in answers] == list(range(count)),
                  f"{count} of {padding} bytes: {len(answers)} answers, ended: {wire.ended}")

    with Secure(two_listeners(NO_RATE + "requests_under_way = 1;")) as server:
        for count, padding in ((300, 10), (40, 9000), (12, 60000)):
            ask(server, count, padding)
        server.settled(lambda c: c["connections"]["open"] == 0)


def masked(payload):
    """One text frame of a client, masked with zeros."""
    length = len(payload)
    head = bytes([0x81, 0x80 | length]) if length < 126 else \
        b"\x81\xfe" + length.to_bytes(2, "big") if length < 65536 else b"\x81\xff" + length.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def stalls():
    """Who never greets, stops within the greeting, or never asks for anything, goes within ten
    seconds or so, and makes room for others; so does who stops within a request, by the directive."""
    with Secure(two_listeners("connections = 4; http_request_seconds = 10;")) as server:
        began = time.monotonic()
        with Wire(server.port) as mute, Wire(server.port) as half, server.wire() as idle, \
                server.wire() as slow:
            half.send(client_hello()[:40])
            slow.send(b"GET /mixer HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            with Wire(server.port) as fifth:
                fifth.read(lambda _: False, 1.0)
                check(fifth.ended, "a fifth connection")
            for wire, name in ((mute, "mute"), (half, "half"), (idle, "idle"), (slow, "slow")):
                wire.read(lambda _: False, 13.0 / SLOW)
                check(wire.ended, f"{name} is still there after {time.monotonic() - began:.1f} s")
            check(slow.bytes.startswith(b"HTTP/1.1 408 "), f"slow is told {slow.bytes}")
            check(time.monotonic() - began > 2, "no time was given")
        check(time.monotonic() - began < 14 * SLOW, f"they took {time.monotonic() - began:.1f} s to go")
        counters = server.settled(lambda c: c["connections"]["tls_failed"] == 2)
        check(counters["connections"]["turned_away"] == 1, f"{counters['connections']}")
        with server.wire() as wire:
            wire.upgrade("/rooms?key=next")


def client_hello():
    """How a client begins."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def wrong_door():
    """Whoever speaks the wrong language at a listener is dropped; nobody else is hurt."""
    async def scenario(server):
        clients = await everybody(server)
        loop = asyncio.get_running_loop()
        hello = client_hello()
        request = b"GET /mixer HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        cases = [request, b"\0" * 5000, b"\x16\x03\x01\x02\0\x01\0" + b"\xff" * 600, b"\x80" * 70,
                 hello[:-1] + b"\xff" * 3000, b"\x15\x03\x01\0\x02\x02\x28"]
        for data in cases:
            with Wire(server.port) as wire:
                wire.send(data)
                await loop.run_in_executor(None, wire.read, lambda _: False, 2.0)
                check(wire.ended, f"still open after {data[:20]}")
                check(b"HTTP/1" not in wire.bytes, f"{wire.bytes[:50]}")
        counters = server.settled(lambda c: c["connections"]["tls_failed"] == len(cases))
        check(counters["connections"]["open"] == 8, f"{counters['connections']}")
        with Wire(server.plain.port) as wire:
            wire.send(hello)
            await loop.run_in_executor(None, wire.read, lambda _: False, 2.0)
            check(wire.ended, "TLS at the plain listener: still open")
        for _ in range(30):
            with Wire(server.port) as wire:
                wire.send(hello)
        with server.wire() as wire:
            check(wire.request("/nothing").status == 404, "a wrong path over TLS")
        with server.wire() as wire:
            check(wire.request("/rooms?key=x", "Origin: https://evil.example").status == 403, "an origin")
        await talk(clients, "after")
        await close_all(clients)

    with Secure() as server:
        asyncio.run(scenario(server))
        server.settled(lambda c: c["connections"]["open"] == 0)


def old_versions():
    """TLS 1.1 is not spoken; a client that does not trust the certificate goes away by itself."""
    with Secure() as server:
        for context in (trusting(server.pair[0], minimum_version=ssl.TLSVersion.TLSv1,
                                 maximum_version=ssl.TLSVersion.TLSv1_1), ssl.create_default_context()):
            context.set_ciphers("ALL:@SECLEVEL=0")
            try:
                Wire(server.port, tls=context)
            except (ssl.SSLError, ConnectionError):
                continue
            raise Failure("it was let in")
        server.settled(lambda c: c["connections"]["tls_failed"] >= 1)


def ends():
    """Close frames, silence and the end of the server over TLS are as without."""
    async def scenario(server):
        late = await greeted(server, "late", ssl=server.trust)
        check(await late.closed(5 * SLOW) == 1008, "no login")
        loop = asyncio.get_running_loop()
        with server.wire() as mute, server.wire() as answering:
            mute.upgrade("/rooms?key=mute")
            answering.upgrade("/rooms?key=answering")

            def listen():
                seen, end = [], time.monotonic() + 7
                while time.monotonic() < end:
                    answering.read(lambda data: data != b"", 0.2)
                    mute.read(lambda _: False, 0.05)
                    new = answering.frames()
                    seen += new
                    if (9, b"") in new:
                        answering.frame(10)
                return seen
            seen = await loop.run_in_executor(None, listen)
            check((9, b"") in seen and not answering.ended, f"who answers pings stays: {seen}")
            check((8, b"\x03\xf0idle timeout") in mute.frames() and mute.ended, "who is silent goes")
        # Who does not answer a close frame; who breaks the protocol; who just vanishes.
        with server.wire() as deaf, server.wire() as broken, server.wire() as vanishing:
            deaf.upgrade("/mixer?name=deaf")
            broken.upgrade("/rooms?key=broken")
            vanishing.upgrade("/rooms?key=vanishing")
            vanishing.socket.shutdown(socket.SHUT_RDWR)
            broken.frame(3, b"{}")
            check(broken.close_code()[0] == 1002, "a reserved opcode")
            code, ended = await loop.run_in_executor(None, deaf.close_code, 4.0)
            check(code == 1008 and not ended, f"closed with {code}, ended: {ended}")
            await loop.run_in_executor(None, deaf.read, lambda _: False, 5.0)
            check(deaf.ended, "who does not answer the close frame stays")
        server.settled(lambda c: c["connections"]["open"] == 0)
        clients = await everybody(server)
        with Wire(server.port) as half:
            half.send(client_hello()[:30])
            server.process.send_signal(signal.SIGTERM)
            for client in clients:
                check(await client.closed(10 * SLOW) == 1001, f"{client.name}: {client.socket.close_code}")
            status, last = server.wait_end()
        check(status == 0 and last["connections"]["open"] == 0, f"status {status}, {last['connections']}")

    server = Secure(two_listeners(NO_RATE + "login_seconds = 1; ping_seconds = 1; idle_seconds = 3;"))
    with server:
        asyncio.run(scenario(server))
        server.check_log()
        server.process = None


def refused_files():
    """What cannot be used is refused by check and run, with file and line."""
    certificate, key = make_pair()
    other = make_pair()
    cases = (
        (certificate, other[1], 0o600, "cert.pem: cannot be used with the key"),
        (certificate, key, 0o644, ":2: error: tls_key"),
        (key, key, 0o600, ":2: error: tls_certificate"),
        (certificate, certificate, 0o600, ":2: error: tls_key"),
        (certificate[:200] + "!" + certificate[201:], key, 0o600, "cert.pem: cannot read a PEM certificate"),
        (certificate, key[:100] + "!" + key[101:], 0o600, "key.pem: cannot read a PEM key"),
        (certificate, None, 0o600, ":2: error: tls_key"))
    for number, (cert_text, key_text, mode, words) in enumerate(cases):
        with tempfile.TemporaryDirectory() as folder:
            def write(name, text, bits=0o600):
                path = os.path.join(folder, name)
                with open(path, "w", encoding="ascii") as file:
                    file.write(text)
                os.chmod(path, bits)
                return path
            write("cert.pem", cert_text)
            if key_text:
                write("key.pem", key_text, mode)
            config = write("d.cfg", two_listeners())
            for command in ("check", "run"):
                code, out, err = run(command, "-c", config)
                check(code == 78 and words in err and "d.cfg:2: error: " in err, f"case {number}, {command}: {code}: {out}{err}")


def expire(key):
    """A certificate for that key whose time is over."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key", "request", "cert")]
        with open(names[0], "w", encoding="ascii") as file:
            file.write(key)
        for words in (("req", "-new", "-key", names[0], "-subj", "/CN=localhost", "-out", names[1]),
                      ("x509", "-req", "-in", names[1], "-signkey", names[0], "-days", "-1", "-out", names[2])):
            subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(names[2], encoding="ascii") as file:
            return file.read()


def out_of_time():
    """check refuses a certificate that has expired; a server starts with it, and says so."""
    server = Secure()
    server.write("cert.pem", expire(server.pair[1]))
    with server:
        config = os.path.join(server.folder.name, "dragoman.cfg")
        code, out, err = run("check", "-c", config)
        check(code == 78 and f"{config}:2: error: tls_certificate '" in err and "cert.pem' has expired\n" in err, out + err)
        server.logged("cert.pem has expired")
        check(run("routes", "-c", config)[0] == 0, "it is no matter of routes")


def shown_to(server, trust):
    """The certificate that a new connection is shown, as PEM."""
    with Wire(server.port, tls=trust) as wire:
        return ssl.DER_cert_to_PEM_cert(wire.socket.getpeercert(True))


def renewal():
    """HUP: new connections see the new certificate, whatever its kind; old ones stay. A pair that is
    no good changes nothing, and the log says why."""
    def hang_up(server, pair, words):
        known = server.log_text().count(words)
        server.write("cert.pem", pair[0])
        server.write("key.pem", pair[1])
        server.process.send_signal(signal.SIGHUP)
        server.logged(words, known + 1)

    def shows(server, trust, wanted):
        """In the end; the workers hear of it one after the other."""
        for _ in range(20 * SLOW):
            found = [shown_to(server, trust) for _ in range(4)]
            if all(pem.split() == wanted.split() for pem in found):
                return
            time.sleep(0.1)
        raise Failure(f"{found[0]} is shown instead of {wanted}")

    async def scenario(server):
        old = [await join(server, dialect, f"old-{dialect}", ssl=server.trust) for dialect in DIALECTS]
        trust = trusting(server.pair[0])
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        rsa, ec = make_pair(("rsa:2048",)), make_pair()
        for pair in (rsa, ec):
            hang_up(server, pair, "certificate reloaded")
            shows(server, trust, pair[0])
        hang_up(server, (rsa[0], ec[1]), "the certificate was not reloaded")
        shows(server, trust, ec[0])
        hang_up(server, ("nonsense", ec[1]), "the certificate was not reloaded")
        shows(server, trust, ec[0])
        clients = old + [await join(server, "rooms", "new", ssl=trusting(ec[0]))]
        await talk(clients, "after")
        await close_all(clients)

    with Secure() as server:
        asyncio.run(scenario(server))


SCENARIOS = [dialects_meet, no_http2, large_and_many, slow_reader, under_way, stalls, wrong_door,
             old_versions, ends, refused_files, out_of_time, renewal]
WAITING = [ends, stalls]
