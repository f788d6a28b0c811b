"""permessage-deflate (RFC 7692): with clients that agree on it and clients that do not, in one room."""

import asyncio
import json
import os
import zlib

from chat import close_all, join, talk
from server import SLOW, Server, check, configuration
from tls import DIALECTS, SECURE, Secure, two_listeners
from wire import Wire, door

ON = "compression = true;"
NO_RATE = "messages_per_second = 0; signals_per_second = 0;"
OFFER = "Sec-WebSocket-Extensions: "
DEFLATE = OFFER + "permessage-deflate"
COMPRESSED, RSV1 = 0xc1, 0x40
LIMIT = 65536
WORDS = "what compresses well, as it comes again and again; "


def deflated(data, bits=15):
    """A message's payload, without the four bytes at its end."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -bits)
    return (engine.compress(data) + engine.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(data):
    return zlib.decompressobj(-15).decompress(data + b"\0\0\xff\xff")


def said(text, number=1, size=0):
    """A message of simple, filled up to size bytes."""
    frame = {"type": "send_message", "payload_id": number, "message": text}
    frame["padding"] = "p" * (size - len(json.dumps(dict(frame, padding=""))) if size else 0)
    return json.dumps(frame).encode()


def raw_frames(data):
    """Bytes of the server as (first byte, payload)."""
    found = []
    while len(data) >= 2:
        size, at = data[1] & 127, 2
        if size > 125:
            at = 4 if size == 126 else 10
            size = int.from_bytes(data[2:at], "big")
        if len(data) < at + size:
            break
        found.append((data[0], data[at:at + size]))
        data = data[at + size:]
    return found


def text_heard(wire, text, within=2.0):
    """Reads until a message of simple with that text comes; the first byte of its frame."""
    def look(data):
        for first, payload in raw_frames(data):
            if first & 15 == 1:
                payload = inflated(payload) if first & RSV1 else payload
                if json.loads(payload).get("message") == text:
                    return first
        return None

    found = look(wire.read(look, within))
    check(found, f"{text[:40]!r} did not come, but {wire.bytes[:300]!r}")
    wire.bytes = b""
    return found


def come(server, name, *headers, dialect="simple"):
    """A socket that came in by those headers; and the extensions that were agreed on."""
    wire = server.wire() if hasattr(server, "wire") else Wire(server.port)
    path, *login = door(dialect, name)
    answer = wire.request(path, *login, *headers)
    check(answer.status == 101, f"{headers}: {answer.raw!r}")
    return wire, answer.headers.get("sec-websocket-extensions")


async def mixed_room(server, secure):
    """Half of them compress, and all hear all; so it stays when some go."""
    more = {"ssl": server.trust} if secure else {}
    clients = []
    for number, dialect in enumerate(DIALECTS * 2):
        compression = "deflate" if number < 4 else None
        client = await join(server, dialect, f"{dialect}-{number}", compression=compression, **more)
        agreed = getattr(client.socket, "extensions", None)
        if agreed is None:
            agreed = client.socket.protocol.extensions
        check(bool(agreed) == (compression is not None), f"{dialect}: agreed on {agreed}")
        clients.append(client)
    for speaker in clients[3], clients[7], clients[2]:
        for text in ("short", WORDS * 20, os.urandom(2000).hex(), "\u00e9\U0001f600" * 200, WORDS * 1000):
            await speaker.say(text)
            for client in clients:
                await client.hears(text, 5 * SLOW)
    await talk(clients, WORDS * 5)
    for client in clients[:2] + clients[4:6]:
        await client.close()
    await talk(clients[2:4] + clients[6:], WORDS * 5)
    await close_all(clients[2:4] + clients[6:])


def compressing_and_not():
    """Plain and TLS."""
    with Server(configuration(NO_RATE, listener=ON)) as server:
        asyncio.run(mixed_room(server, False))
    with Secure(two_listeners(NO_RATE, first=SECURE + ON)) as server:
        asyncio.run(mixed_room(server, True))


def off_by_default():
    with Server(configuration(NO_RATE)) as server:
        wire, agreed = come(server, "ann", DEFLATE)
        with wire:
            check(agreed is None, f"agreed on {agreed}")
            wire.frame(RSV1 | 1, deflated(said("hi")))
            check(wire.close_code() == (1002, False), "RSV1 without having agreed on it")
        with Wire(server.port) as wire:
            path, *login = door("simple", "bob")
            check(wire.request(path, *login, OFFER + "a;;").status == 101, "an offer that nobody reads")


BOTH = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def offers():
    """What is agreed on, and what is no offer."""
    with Server(configuration(NO_RATE, listener=ON)) as server:
        for number, (offer, wanted) in enumerate((
                (DEFLATE, BOTH),
                (DEFLATE + "; client_max_window_bits", BOTH),
                (DEFLATE + "; server_max_window_bits=10", BOTH + "; server_max_window_bits=10"),
                (DEFLATE + "; server_max_window_bits=7", None),
                (OFFER + "x-other; y=1", None),
                (OFFER + "x-other\r\n" + DEFLATE, BOTH),
                (DEFLATE + "; nonsense\r\n" + DEFLATE, BOTH))):
            wire, agreed = come(server, f"ann{number}", offer)
            wire.socket.close()
            check(agreed == wanted, f"{offer}: {agreed}")
        for offer in (";", "permessage-deflate;", 'permessage-deflate; a="', "a b"):
            with Wire(server.port) as wire:
                path, *login = door("simple", "bob")
                answer = wire.request(path, *login, OFFER + offer)
                check(answer.status == 400, f"{offer}: {answer.raw!r}")
        counters = server.settled(lambda c: c["connections"]["open"] == 0)
        refused = counters["connections"]["upgrades_refused_for"]["extensions"]
        check(refused == 4, f"{refused} offers are counted as invalid")


def who_is_sent_what():
    """By the bytes: compressed is what is long enough, for those whose window is large enough."""
    long = WORDS * 10
    with Server(configuration(NO_RATE, listener=ON)) as server:
        ann, _ = come(server, "ann")
        bob, _ = come(server, "bob", DEFLATE)
        cat, _ = come(server, "cat", DEFLATE + "; server_max_window_bits=9")
        dan, _ = come(server, "dan", DEFLATE + "; server_max_window_bits=12")
        with ann, bob, cat, dan:
            for speaker, rsv1 in ((ann, 0), (bob, 0), (bob, RSV1), (cat, RSV1)):
                payload = said(long)
                speaker.frame(rsv1 | 1, deflated(payload, 15) if rsv1 else payload)
                firsts = [text_heard(wire, long) for wire in (ann, bob, cat, dan)]
                check(firsts == [0x81, COMPRESSED, 0x81, COMPRESSED], f"{list(map(hex, firsts))}")
            ann.frame(1, said("short"))
            firsts = [text_heard(wire, "short") for wire in (ann, bob, cat, dan)]
            check(firsts == [0x81] * 4, f"{list(map(hex, firsts))}")


def bytes_are_counted():
    """As they go out."""
    text = WORDS * 200
    with Server(configuration(NO_RATE, listener=ON)) as server:
        ann, _ = come(server, "ann")
        bob, _ = come(server, "bob", DEFLATE)
        with ann, bob:
            before = server.settled(lambda c: c["connections"]["open"] == 2)
            for wire in (ann, bob):
                wire.read(lambda _: False, 0.2)
                wire.bytes = b""
            ann.frame(1, said(text))
            wires = [len(wire.read(lambda _: False, 0.3)) for wire in (ann, bob)]
            after = server.settled()
            written = after["bytes_written"] - before["bytes_written"]
            check(wires[1] * 10 < wires[0], f"{wires} bytes came")
            check(written == sum(wires), f"{written} bytes are counted, {wires} came")


def good_and_bad_input():
    """At the limits of a message, and beyond."""
    with Server(configuration(NO_RATE, listener=ON)) as server:
        witness, _ = come(server, "zoe")
        names = iter(range(1000))

        def fresh():
            return come(server, f"p{next(names)}", DEFLATE)[0]

        def closes(code, what, send):
            with fresh() as wire:
                send(wire)
                found = wire.close_code()[0]
                check(found == code, f"{what}: {found} instead of {code}")

        with witness, fresh() as wire:
            wire.frame(RSV1 | 1, deflated(said("at the limit", size=LIMIT)))
            text_heard(witness, "at the limit")
            text_heard(wire, "at the limit")
            # Control frames between the fragments of one; only the first has RSV1.
            parts = deflated(said("in three", size=5000))
            wire.frame(RSV1 | 1, parts[:10], fin=False)
            wire.frame(9, b"still there?")
            wire.frame(0, parts[10:30], fin=False)
            wire.frame(10, b"")
            wire.frame(9, b"and now?")
            wire.frame(0, parts[30:])
            wire.read(lambda data: b"and now?" in data)
            check(b"\x8a\x08and now?" in wire.bytes, f"no pong: {wire.bytes!r}")
            text_heard(witness, "in three")
            text_heard(wire, "in three")
            # Messages of no bytes, in each way to write them: the dialect says what it makes of them.
            for payload in (b"", b"\0", deflated(b"")):
                wire.frame(RSV1 | 1, payload)
                wire.read(lambda data: b"malformed_payload" in data)
                check(b"malformed_payload" in wire.bytes, f"{payload!r}: {wire.bytes!r}")
                wire.bytes = b""
            # No context is taken over, and a plain message may come between.
            for number in range(3):
                wire.frame(RSV1 | 1, deflated(said(f"again {number}")))
                wire.frame(1, said(f"plain {number}"))
                text_heard(witness, f"plain {number}")
        bomb = deflated(b" " * 50_000_000)
        closes(1009, "one byte more than the limit",
               lambda wire: wire.frame(RSV1 | 1, deflated(said("x", size=LIMIT + 1))))
        closes(1009, "a bomb of 50 MB", lambda wire: wire.frame(RSV1 | 1, bomb))
        closes(1009, "a bomb in fragments", lambda wire: (
            wire.frame(RSV1 | 1, bomb[:20000], fin=False), wire.frame(0, bomb[20000:])))
        closes(1007, "what does not inflate",
               lambda wire: wire.frame(RSV1 | 1, b"\xff" * 20))
        closes(1007, "what is not UTF-8", lambda wire: wire.frame(RSV1 | 1, deflated(b"\xff\xfe")))
        closes(1002, "RSV1 of a ping", lambda wire: wire.frame(RSV1 | 9, b""))
        closes(1002, "RSV2", lambda wire: wire.frame(0x20 | 1, said("x")))
        closes(1002, "RSV1 of a continuation", lambda wire: (
            wire.frame(RSV1 | 1, b"\0", fin=False), wire.frame(RSV1 | 0, b"\0")))


SCENARIOS = (compressing_and_not, off_by_default, offers, who_is_sent_what, bytes_are_counted,
             good_and_bad_input)
