"""The table of tests/bridge/net/ws/cases.tsv over sockets, plain and TLS, against tests/echo.c: the
product's own loop, streams, connections and readers, with a user that sends every message back."""

import json
import os
import random
import re
import socket
import struct
import subprocess
import tempfile
import threading
import time
import zlib

from server import OUT, SANITIZER, SLOW, check
from tls import make_pair, trusting
from wire import Wire

TABLE = os.path.join("tests", "bridge", "net", "ws", "cases.tsv")
ECHO = os.path.join(OUT, "tests", "echo")
MOUNTS = 'compression = true; mounts = ( { path = "/echo"; dialect = "simple"; room = "lobby"; } );'
CONFIG = f"""workers = 2; guests = true; limits = {{ compress_above = 64; }};
listeners = ( {{ address = "127.0.0.1"; port = 0; {MOUNTS} }},
	{{ address = "127.0.0.1"; port = 0; tls_certificate = "cert.pem"; tls_key = "key.pem"; {MOUNTS} }} );
rooms = ( {{ name = "lobby"; }} );
"""
AT_ONCE = 50  # cases whose pieces are sent in turn
DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

OPCODES = {"cont": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
CLOSE, PONG = 8, 10


class Echo:
    """with Echo() as echo: ...; leaving it ends the program and checks its status and its log."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-test-")
        certificate, key = make_pair()
        self.trust = trusting(certificate)
        for name, text in (("cert.pem", certificate), ("key.pem", key), ("echo.cfg", CONFIG)):
            path = os.path.join(self.folder.name, name)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(path, 0o600)
        self.log = open(os.path.join(self.folder.name, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([ECHO, path], stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        check(line, "tests/echo does not start")
        self.ports = json.loads(line)["ports"]
        return self

    def wire(self, tls, **more):
        return Wire(self.ports[tls], tls=self.trust if tls else None, **more)

    def waiting(self, wire):
        """The bytes that its kernel could not send there yet; None: it has closed the connection."""
        mine, its = (name()[1] for name in (wire.socket.getsockname, wire.socket.getpeername))
        with open("/proc/net/tcp", encoding="ascii") as file:
            for fields in map(str.split, file):
                if fields[1].endswith(f":{its:04X}") and fields[2].endswith(f":{mine:04X}"):
                    return int(fields[4].partition(":")[0], 16) if fields[9] != "0" else None
        return None

    def __exit__(self, kind, *_):
        if kind is None:
            self.process.terminate()
            status = self.process.wait(timeout=10 * SLOW)
        else:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        with self.log, self.folder:
            self.log.seek(0)
            text = self.log.read()
            if kind is not None:
                print(text[-3000:])
            check(not SANITIZER.search(text), f"a sanitizer reports: {text[:3000]}")
        if kind is None:
            check(status == 0, f"tests/echo ends with {status}: {text[-500:]}")


# ---- the table's notation, which its head tells ----

class Reader:
    """What is left of a field."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def more(self):
        self.match(" ")
        return self.at < len(self.text)

    def match(self, pattern):
        found = re.compile(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def payload(self, end):
        """The bytes up to the character end."""
        out = b""
        while not self.match(re.escape(end)):
            if found := self.match(r"\\x([0-9a-f]{2})"):
                out += bytes([int(found[1], 16)])
            elif self.match("{"):
                again = self.payload("*")
                out += again * int(self.match(r"(\d+)}")[1])
            else:
                out += self.match(r"\\?(.)")[1].encode("latin-1")
        return out

    def closing(self):
        """The payload of a close frame."""
        code = self.match(r"(\d+) ?")
        return (struct.pack("!H", int(code[1])) if code else b"") + self.payload(")")

    def sent(self):
        """One frame, or raw bytes."""
        if raw := self.match("<([0-9a-f ]*)>"):
            return bytes.fromhex(raw[1])
        word = self.match(r"\w+")[0]
        modifiers = [found[1] for found in iter(lambda: self.match(r"\+([^+(]+)"), None)]
        self.match(r"\(")
        payload = self.closing() if word == "close" else self.payload(")")
        return frame(OPCODES[word] if word in OPCODES else int(word[2:], 16), modifiers, payload)

    def event(self):
        """(what, payload)"""
        word = self.match(r"(\w+)\(")[1]
        return word, self.closing() if word in ("close", "fault") else self.payload(")")


def deflated(payload):
    """RFC 7692 section 7.2.1."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def frame(opcode, modifiers, payload):
    """A frame with whatever is wrong with it."""
    values = dict(word.partition("=")[::2] for word in modifiers)
    if "deflate" in values:
        payload = deflated(payload)
    first = opcode | (0 if "more" in values else 0x80)
    for bit, words in ((0x40, ("rsv1", "deflate")), (0x20, ("rsv2",)), (0x10, ("rsv3",))):
        first |= bit if any(word in values for word in words) else 0
    length = int(values.get("claims", len(payload)))
    if "len64" in values or (length > 65535 and "len16" not in values):
        head = struct.pack("!BBQ", first, 127, length)
    elif "len16" in values or length > 125:
        head = struct.pack("!BBH", first, 126, length)
    else:
        head = struct.pack("!BB", first, length)
    if "unmasked" in values:
        return head + payload
    key = bytes.fromhex(values.get("key", "37fa213d"))
    repeated = (key * (len(payload) // 4 + 1))[:len(payload)]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head[:1] + bytes([head[1] | 0x80]) + head[2:] + key + masked.to_bytes(len(payload), "big")


class Case:
    """A line of the table."""

    def __init__(self, line):
        self.name, options, sent, comes = line.rstrip("\n").split("\t")
        self.deflate = "deflate" in options
        limit = re.search(r"limit=(\d+)", options)
        self.limit = int(limit[1]) if limit else 65536
        reader, self.bytes = Reader(sent), b""
        while reader.more():
            self.bytes += reader.sent()
        self.wanted = []  # frames
        self.closes = self.faults = False
        reader = Reader("" if comes == "-" else comes)
        while reader.more():
            self.expect(*reader.event())

    def expect(self, what, payload):
        self.closes = what in ("close", "fault")
        self.faults = what == "fault"
        if what in OPCODES:
            self.wanted.append((PONG if what == "ping" else OPCODES[what], payload))
        if what == "close":  # answered with the code alone
            self.wanted[-1] = (CLOSE, payload[:2])
        if what == "fault":
            self.wanted.append((CLOSE, payload))

    def pieces(self):
        """The bytes in a few pieces; half of the cuts are near the beginning, where heads are."""
        chance = random.Random(self.name)
        length = len(self.bytes)
        ends = [length if chance.random() < 0.5 else min(length, 24) for _ in range(4)]
        cuts = sorted({chance.randrange(1, end) for end in ends if end > 1})
        return [self.bytes[a:b] for a, b in zip([0] + cuts, cuts + [length])]


def table():
    with open(TABLE, encoding="ascii") as file:
        return [Case(line) for line in file if line.strip() and line[0] != "#"]


# ---- playing them ----

class Play:
    """A case on a connection."""

    def __init__(self, echo, tls, case, pieces, early=False):
        self.case, self.pieces, self.early = case, list(pieces), early
        self.wire = echo.wire(tls)
        self.seen = []
        headers = [f"Sec-WebSocket-Extensions: {DEFLATE}"] if case.deflate else []
        if early:  # the first piece comes with the request
            send, piece = self.wire.send, self.pieces.pop(0)
            self.wire.send = lambda data: send(data + piece)
        response = self.wire.request(f"/echo?limit={case.limit}", *headers, within=5.0)
        if early:
            self.wire.send = send
        agreed = "sec-websocket-extensions" in response.headers
        self.fail_unless(response.status == 101 and agreed == case.deflate, f"{response.raw[:300]}")

    def fail_unless(self, right, why):
        check(right, f"\"{self.case.name}\" in {len(self.pieces)} pieces{', early' * self.early}: {why}")

    def look(self):
        """Our reasons are our own affair, if they are UTF-8."""
        for opcode, payload in self.wire.frames():
            if opcode == CLOSE and self.case.faults:
                payload[2:].decode()
                payload = payload[:2]
            self.seen.append((opcode, payload))

    def finish(self):
        """All that was to come came, and nothing else."""
        def enough(_):
            self.look()
            return len(self.seen) >= len(self.case.wanted)
        self.wire.read(enough, 5.0)
        if not self.case.closes:
            # Of an end that the server brings about we would not hear what came before it.
            self.fail_unless(not self.wire.ended, f"it ends after {brief(self.seen)}")
            self.end_sending()
        self.wire.read(lambda _: False, 5.0)
        self.look()
        self.fail_unless(self.seen == self.case.wanted,
                         f"{brief(self.seen)} came instead of {brief(self.case.wanted)}")
        self.fail_unless(self.wire.ended, "the stream does not end")
        self.fail_unless(not self.wire.bytes, f"behind it came {self.wire.bytes[:50]}")
        self.wire.socket.close()

    def end_sending(self):
        """Half of the connection; TLS is not told."""
        socket.socket.shutdown(self.wire.socket, socket.SHUT_WR)


def brief(frames):
    return [(opcode, payload[:20], len(payload)) for opcode, payload in frames]


def play(echo, tls, cases, cut, early=False):
    """All of them at once; the pieces of each in turn, so that each comes in a segment of its own."""
    plays = [Play(echo, tls, case, cut(case), early) for case in cases]
    for turn in range(max(len(one.pieces) for one in plays)):
        for one in plays:
            if turn < len(one.pieces):
                one.wire.send(one.pieces[turn])
    for one in plays:
        one.finish()


class Witness:
    """A client that is not concerned: it asks, and is answered at once."""

    def __init__(self, echo, tls):
        self.wire = echo.wire(tls).upgrade("/echo")
        self.asked, self.longest = 0, 0

    def ask(self):
        text = b"still here %d" % self.asked
        began = time.monotonic()
        self.wire.frame(1, text)
        self.wire.read(lambda data: data.endswith(text))
        check(self.wire.frames() == [(1, text)], f"a client that is not concerned, after {self.asked}")
        self.longest = max(self.longest, time.monotonic() - began)
        self.asked += 1


def whole(case):
    return [case.bytes]


# What waits when the peer does not read is more than the kernels take.
LONG = b"\xc3\xa9" * (4 << 20)


def many_unread():
    """A client that writes 40 MB before it reads: reading stops and goes on within segments; all comes
    back, in order."""
    with Echo() as echo:
        for tls in (False, True):
            with echo.wire(tls) as wire:
                wire.upgrade("/echo")
                texts = [b"%d " % i + b"x" * (i * 997 % 20000) for i in range(4000)]
                sender = threading.Thread(target=lambda: [wire.send(frame(1, (), t)) for t in texts])
                sender.start()
                time.sleep(0.3)
                seen = []

                def enough(_):
                    seen.extend(wire.frames())
                    return len(seen) >= len(texts)
                wire.read(enough, 20)
                sender.join()
                check(seen == [(1, text) for text in texts], f"{len(seen)} of {len(texts)} came back")
                check(not wire.ended and not wire.bytes, "more than that came")


def blocked(echo, tls):
    """A connection that has asked for LONG, and does not read it."""
    wire = echo.wire(tls, receive_buffer=65536).upgrade("/echo")
    wire.send(frame(1, (), LONG))
    while True:  # until nothing more goes out
        before = echo.waiting(wire)
        time.sleep(0.05)
        if before and echo.waiting(wire) == before:
            return wire


def rest_of(wire, ends):
    """All frames that come, up to the stream's end or the one that is last."""
    seen = []

    def enough(_):
        seen.extend(wire.frames())
        return ends in seen
    wire.read(enough, 10)
    return seen


def output_waits():
    """While output waits for a peer that does not read: of its pings the newest is answered; a close is
    answered behind what waits, and what follows it is not heard; nobody else notices."""
    with Echo() as echo:
        for tls in (False, True):
            witness = Witness(echo, not tls)
            with blocked(echo, tls) as wire:
                for i in range(20):
                    wire.frame(9, b"ping %d" % i)
                    witness.ask()
                time.sleep(0.05)
                seen = rest_of(wire, (PONG, b"ping 19"))
                check(seen == [(1, LONG), (PONG, b"ping 19")], f"pings: {brief(seen)}")
                wire.frame(9, b"and on")
                check(rest_of(wire, (PONG, b"and on")) == [(PONG, b"and on")], "after it")
            with blocked(echo, tls) as wire:
                wire.frame(9, b"never mind")
                wire.frame(8, struct.pack("!H", 3333))
                wire.frame(1, b"too late")
                seen = rest_of(wire, (CLOSE, struct.pack("!H", 3333)))
                check(seen == [(1, LONG), (CLOSE, struct.pack("!H", 3333))], f"a close: {brief(seen)}")
                wire.read(lambda _: False, 1.0)  # sooner than it would be ended by force
                check(wire.ended and not wire.bytes, "the stream does not end")
            with blocked(echo, tls) as wire:
                wire.send(b"\x81\x01a")
                seen = rest_of(wire, None)
                check([one[:2] for one in brief(seen)] == [(1, LONG[:20]), (CLOSE, b"\x03\xeaprotocol error")],
                      f"a fault: {brief(seen)}")
                check(wire.ended and not wire.bytes, "the stream does not end")
            with blocked(echo, tls) as wire:
                wire.frame(8, struct.pack("!H", 1000))
                began = time.monotonic()
                while echo.waiting(wire) is not None:
                    check(time.monotonic() - began < 5 * SLOW, "who reads nothing stays after its close")
                    time.sleep(0.05)
                check(time.monotonic() - began > 1, "no time is given to read the rest")
            witness.ask()


def all_cases():
    """Each case whole, in pieces, and with the request; over TCP and TLS; two clients beside them."""
    cases = table()
    check(len(cases) >= 250, f"{len(cases)} cases")
    cases = [case for case in cases if case.limit > 0]  # nothing is heard then
    with Echo() as echo:
        witnesses = [Witness(echo, tls) for tls in (False, True)]
        for first in range(0, len(cases), AT_ONCE):
            for tls in (False, True):
                for cut, early in ((whole, False), (Case.pieces, False), (Case.pieces, True)):
                    play(echo, tls, cases[first:first + AT_ONCE], cut, early)
                    for witness in witnesses:
                        witness.ask()
        print(f"{len(cases)} cases; a client beside them waited {max(w.longest for w in witnesses) * 1000:.1f} ms at most")


SCENARIOS = [all_cases, many_unread, output_waits]
WAITING = [output_waits]
