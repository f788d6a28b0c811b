"""The upgrade request: who may come in, byte for byte."""

import asyncio
import re

from chat import basic, close_all, join, open_socket
from server import MOUNTS, Server, check, configuration
from wire import Wire, door, handshake, status

DIALECTS = ("mixer", "concord", "rooms", "simple")


def refused_raw(server, path, wanted, *headers):
    """The whole answer is these bytes and a date, and then the stream ends."""
    with Wire(server.port) as wire:
        raw = wire.request(path, *headers).raw
        raw += wire.read(lambda _: False)
        raw, dates = re.subn(rb"Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n", b"", raw)
        check(dates == 1 and raw == wanted, f"{path}: {raw!r}, {dates} dates")
        check(wire.ended, f"{path}: the stream did not end")


def credentials():
    """401 and 403 as each dialect's real server says them."""
    empty = b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    unauthorized = b"HTTP/1.1 401 Unauthorized\r\n" + empty
    forbidden = b"HTTP/1.1 403 Forbidden\r\n" + empty

    async def taken(server):
        holders = [await join(server, "simple", "dan"), await join(server, "concord", "bob", secret="s"),
                   await join(server, "rooms", "cat", secret="s"), await join(server, "mixer", "ann")]
        refused_raw(server, "/simple", forbidden, "Authorization: " + basic("dan")["Authorization"])
        refused_raw(server, "/simple", forbidden, "Authorization: " + basic("DAN")["Authorization"])
        refused_raw(server, "/simple", forbidden, "Authorization: " + basic("ann")["Authorization"])
        for path in ("/concord?token=bob", "/concord?token=bob:other", "/concord?token=cat",
                     "/rooms?key=cat", "/rooms?key=cat:other", "/rooms?key=dan", "/client?token=ann"):
            check(status(server, path) == 401, f"{path}: {status(server, path)}")
        for dialect, name in (("concord", "bob"), ("rooms", "cat")):
            second = await open_socket(server, dialect, name, secret="s")
            await second.close()
        await close_all(holders)
        await asyncio.sleep(0.2)
        again = await join(server, "simple", "dan")
        await again.close()

    with Server() as server:
        refused_raw(server, "/simple", unauthorized)
        refused_raw(server, "/simple", unauthorized, "Authorization: Bearer x")
        refused_raw(server, "/simple", unauthorized, "Authorization: Basic !!!")
        for path in ("/concord", "/client", "/concord?token=", "/rooms", "/rooms?key=", "/rooms?x=y"):
            check(status(server, path) == 401, f"{path}: {status(server, path)}")
        check(status(server, "/mixer") == 101, "mixer logs in with a frame")
        check(status(server, "/rooms?key=%E2%80%8B") == 401, "a name of nothing visible")
        check(status(server, "/rooms?key=%00") != 101, "a name of NUL")
        asyncio.run(taken(server))

    with Server(configuration(mounts=MOUNTS.replace('room =', 'guests = false; room ='))) as server:
        check(status(server, "/concord?token=door") == 401, "a guest where there are none")
        check(status(server, "/rooms?key=door") == 401, "a guest where there are none")
        refused_raw(server, "/simple", unauthorized, door("simple", "door")[1])


def places():
    """Paths, origins and hosts. Where a page is served, pages of this machine may connect, too."""
    with Server() as server:
        for number, origin in enumerate(("null", "http://localhost:3000", "http://evil.example")):
            found = status(server, f"/rooms?key=page{number}", f"Origin: {origin}")
            check(found == (403 if "evil" in origin else 101), f"a page of {origin}: {found}")
    with Server(configuration()) as server:
        own = f"http://127.0.0.1:{server.port}"
        for path in ("/", "/nothing", "/mixer/x", "/mixerx", "/MIXER"):
            check(status(server, path) == 404, f"{path}: {status(server, path)}")
        for dialect in DIALECTS:
            path, *headers = door(dialect, f"door-{dialect}")
            for origin in ("http://evil.example", "null", "https://evil.example:7000",
                           f"http://127.0.0.1.evil.example:{server.port}",
                           f"http://127.0.0.1:{server.port + 1}"):
                found = status(server, path, f"Origin: {origin}", *headers)
                check(found == 403, f"{path} from {origin}: {found}")
            for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1.evil.example"):
                found = status(server, path, f"Host: {host}", *headers)
                check(found == 403, f"{path} as {host}: {found}")
            check(status(server, path, f"Origin: {own}", *headers) == 101, f"{path} from its own origin")
        local = f"localhost:{server.port}"
        check(status(server, "/concord?token=a", f"Host: {local}", f"Origin: http://{local}") == 101,
              "localhost")
        check(status(server, "/concord?token=b", f"Host: [::1]:{server.port}") == 101, "an address")

    listener = ('origins = [ "https://page.example:443", "null", "file://" ]; '
                'hosts = [ "chat.example" ];')
    with Server(configuration(listener=listener)) as server:
        check(status(server, "/rooms?key=a", "Origin: https://page.example") == 101, "allowed origin")
        check(status(server, "/rooms?key=b", "Origin: https://other.example") == 403, "other origin")
        check(status(server, "/rooms?key=c", "Host: chat.example:7000") == 101, "allowed host")
        check(status(server, "/rooms?key=d", "Host: other.example") == 403, "other host")
        for number, origin in enumerate(("null", "file://")):
            found = status(server, f"/rooms?key=file{number}", f"Origin: {origin}")
            check(found == 101, f"a page from a file, {origin}: {found}")
        found = status(server, "/rooms?key=e", "Host: chat.example:443", "Origin: https://chat.example")
        check(found == 101, f"its own page behind a proxy: {found}")


def protocols():
    """Subprotocols, extensions, versions and methods."""
    def offered(server, offer, *headers):
        with Wire(server.port) as wire:
            response = wire.request("/mixer", f"Sec-WebSocket-Protocol: {offer}", *headers)
            body = wire.read(lambda _: False, 0.3) if response.status == 400 else b""
            return response, body

    with Server() as server:
        for offer, wanted in (("chat", "chat"), ("chat, http-only", "chat"), ("ws", "ws"),
                              ("wss, ws", "wss"), ("rust-websocket", "rust-websocket"),
                              ("http-only", "http-only"), ("strange, chat", "chat")):
            response, _ = offered(server, offer)
            check((response.status, response.headers.get("sec-websocket-protocol")) == (101, wanted),
                  f"offer {offer}: {response.raw!r}")
        # Whoever offers needs an echo: the first offered, as the real servers do.
        response, _ = offered(server, "strange, odd")
        check((response.status, response.headers.get("sec-websocket-protocol")) == (101, "strange"),
              f"an unknown offer: {response.raw!r}")
        response, body = offered(server, "a(b)")
        check(response.status == 400 and b"Sec-WebSocket-Protocol" in response.raw + body,
              f"an invalid offer: {response.raw + body!r}")
        with Wire(server.port) as wire:
            response = wire.request(
                "/mixer", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
            check(response.status == 101, f"with permessage-deflate: {response.raw!r}")
            check("sec-websocket-extensions" not in response.headers, f"{response.raw!r}")
            check("sec-websocket-protocol" not in response.headers, f"{response.raw!r}")
        for version in ("12", "8", "14", "x", ""):
            found = status(server, "/mixer", f"Sec-WebSocket-Version: {version}")
            check(400 <= found < 500, f"version {version}: {found}")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            found = status(server, "/mixer", "Content-Length: 0", method=method)
            check(found != 101, f"{method}: {found}")
        check(status(server, "/mixer", version="HTTP/1.0") != 101, "HTTP/1.0")
        for header in ("sec-websocket-key", "sec-websocket-version"):
            check(status(server, "/mixer", drop=(header,)) != 101, f"without {header}")
        check(status(server, "/mixer", drop=("upgrade", "connection")) == 426, "a plain request")
        for path, wanted in (("/mixer", 426), ("/nothing", 404)):
            with Wire(server.port) as wire:
                response = wire.request(path, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
                                        "Connection: Upgrade, HTTP2-Settings",
                                        drop=("sec-websocket-key", "sec-websocket-version"))
                check((response.version, response.status) == ("HTTP/1.1", wanted),
                      f"h2c of {path}: {response.raw!r}")
        for upgrade in ("foo", "foo, bar", "h2c, websocket"):
            found = status(server, "/mixer", f"Upgrade: {upgrade}")
            check(found != 101 or "websocket" in upgrade, f"Upgrade: {upgrade}: {found}")

    with Server(configuration(listener='subprotocols = [ "strange" ];')) as server:
        response, _ = offered(server, "strange")
        check((response.status, response.headers.get("sec-websocket-protocol")) == (101, "strange"),
              f"a configured subprotocol: {response.raw!r}")


def garbage():
    """What is no request at all hurts nobody."""
    async def scenario(server):
        witness = await join(server, "simple", "witness")
        for data in (b"\0" * 5000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000, b"\x16\x03\x01\x02\0\x01\0",
                     b"GET " + b"/" * 20000 + b" HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET /mixer HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"):
            with Wire(server.port) as wire:
                wire.send(data)
                wire.read(lambda _: False, 0.2)
        for _ in range(50):
            with Wire(server.port) as wire:
                wire.send(handshake("/mixer?name=x"))
        await witness.say("here")
        await witness.hears("here")
        await witness.close()
        server.settled(lambda counters: counters["connections"]["open"] == 0)

    with Server() as server:
        asyncio.run(scenario(server))


def addresses():
    """Nothing of an address is cut off without a word, nor read as headers; and a token may be as
    long as a JSON Web Token."""
    with Server() as server:
        with Wire(server.port).upgrade("/concord?token=al:SECRET"):
            check(status(server, "/concord?token=al:SECRET") == 101, "the same secret")
            for more in ("%0D%0Ajunk", "%0D", "%0Ajunk", "%0A", "&x=%0D%0A", "%00junk", "%20HTTP/1.1%0D%0A",
                         "%20HTTP/1.1%0D%0AHost:%20127.0.0.1%0D%0AOrigin:%20http://127.0.0.1%0D%0AX:",
                         " HTTP/1.1%0D%0A", "%", "%4", "%zz", "%00"):
                found = status(server, f"/concord?token=al:SECRET{more}")
                check(found not in (101, 200), f"token=al:SECRET{more}: {found}")
            check(status(server, "/rooms?key=al:SECRET%0D%0Ajunk") == 401, "a key that goes on")
            check(status(server, "/mixer%0D%0A?name=x") == 400, "a path that goes on")
        for size in (458, 2048, 4096):
            with Wire(server.port).upgrade(f"/concord?token=long{size}:" + "s" * size):
                check(status(server, f"/concord?token=long{size}:" + "s" * size) == 101, f"{size}")
                for wrong in ("s" * (size - 1), "s" * (size - 1) + "t", "s" * (size + 1)):
                    found = status(server, f"/concord?token=long{size}:{wrong}")
                    check(found == 401, f"another token of {len(wrong)}: {found}")


def greetings():
    """A greeting comes with the answer itself, in the same read; nobody waits for one that does
    not come."""
    with Server() as server:
        for _ in range(20):
            with Wire(server.port).upgrade("/mixer") as wire:
                check(b"WelcomeEvent" in wire.bytes, f"with the answer came {wire.bytes!r}")
        for dialect in ("concord", "rooms", "simple"):
            with Wire(server.port).upgrade(*door(dialect, f"door-{dialect}")) as wire:
                wire.frame(9, b"ping")
                wire.read(lambda data: b"\x8a\x04ping" in data)
                check(b"\x8a\x04ping" in wire.bytes, f"{dialect}: no pong: {wire.bytes!r}")


SCENARIOS = [credentials, places, protocols, garbage, addresses, greetings]
