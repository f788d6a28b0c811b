"""Every limit, at the limit and one beyond, and frames that are bad by themselves."""

import asyncio
import concurrent.futures
import itertools
import json
import time

from chat import close_all, greeted, join, join_all, quiet, refusal_of, talk
from server import SLOW, Server, check, configuration
from wire import Wire, door

NO_RATE = "messages_per_second = 0;"


def padded(frame, size):
    """frame as JSON text of exactly size bytes."""
    text = json.dumps(dict(frame, padding=""))
    return json.dumps(dict(frame, padding="p" * (size - len(text))))


NAMES = (f"mallory{number}" for number in itertools.count())


async def cut_alone(server, witnesses, dialect, what, data, code):
    """A client of that dialect that sends data is closed with that code; the others are not."""
    mallory = await join(server, dialect, next(NAMES))
    await mallory.send(data)
    found = await mallory.closed(3 * SLOW)
    check(found == code, f"{what} in {dialect}: close code {found} instead of {code}")
    await asyncio.sleep(0.05)
    await quiet(witnesses.values(), 0.05)


def message_sizes():
    """64 KiB of one message, 4 KiB before login."""
    frames = {"simple": {"type": "send_message", "payload_id": 1, "message": "whole"},
              "mixer": {"type": "method", "method": "msg", "arguments": ["whole"], "id": 1},
              "concord": {"type": "chat_written", "channelId": 1, "content": "whole"},
              "rooms": {"type": "message", "content": "whole"}}

    async def scenario(server):
        clients = await join_all(server)
        frames["rooms"]["room_id"] = server.room["rooms"]
        frames["concord"]["channelId"] = server.room["concord"]
        for dialect, frame in frames.items():
            mallory = await join(server, dialect, next(NAMES))
            await mallory.send(padded(dict(frame, key=mallory.name), 65536))
            for client in clients.values():
                await client.hears("whole")
            await mallory.close()
            await cut_alone(server, clients, dialect, "65537 bytes", padded(frame, 65537), 1009)
            await cut_alone(server, clients, dialect, "1 MiB", "x" * (1 << 20), 1009)
        early = await greeted(server, "early")
        await early.send(padded({"type": "method", "method": "msg", "arguments": ["x"], "id": 1}, 4096))
        check((await early.fields(type="reply", id=1))["error"] is not None, "msg before auth")
        await early.send(padded({"type": "method", "method": "ping", "arguments": [], "id": 2}, 4097))
        check(await early.closed() == 1009, "4097 bytes before login")
        await talk(clients, "after")
        await close_all(clients)

    with Server(configuration(NO_RATE)) as server:
        asyncio.run(scenario(server))


def json_depth():
    """Depth 32 is read, depth 33 is answered in the dialect's own form."""
    answers = {"simple": lambda f: f == {"type": "reply", "payload_id": None, "error": "malformed_payload"},
               "mixer": lambda f: f["type"] == "reply" and f["error"] is not None and f["id"] is None,
               "concord": lambda f: f["type"] == "error" and f["error"] == "malformed",
               "rooms": lambda f: f["type"] == "error" and f["error"] == "malformed"}

    async def scenario(server):
        clients = await join_all(server)
        for dialect, client in clients.items():
            say = {"simple": '"type":"send_message","payload_id":7,"message":"deep"',
                   "mixer": '"type":"method","method":"msg","arguments":["deep"],"id":7',
                   "concord": f'"type":"chat_written","channelId":{server.room["concord"]},"content":"deep"',
                   "rooms": f'"type":"message","key":"cat","room_id":"{server.room["rooms"]}",'
                            '"content":"deep"'}[dialect]
            await client.send("{%s,\"x\":%s%s}" % (say, "[" * 31, "]" * 31))
            for other in clients.values():
                await other.hears("deep")
            await quiet(clients.values(), 0.05)
            await client.send("{%s,\"x\":%s%s}" % (say, "[" * 32, "]" * 32))
            await client.expect(answers[dialect], "the answer to depth 33")
            await client.send("[" * 60000)
            await client.expect(answers[dialect], "the answer to depth 60000")
        await talk(clients, "after")
        await close_all(clients)

    with Server() as server:
        asyncio.run(scenario(server))


def rate():
    """30 at once, then 10 a second: what is beyond is refused in the dialect's own form."""
    codes = {"simple": "rate_limited", "mixer": 4005, "concord": "rate_limited", "rooms": "rate_limited"}

    async def scenario(server):
        witness = await join(server, "simple", "witness")
        for dialect, code in codes.items():
            client = await join(server, dialect, f"fast-{dialect}")
            await asyncio.sleep(0.3)
            began = time.monotonic()
            for i in range(45):
                await client.say(f"{dialect} {i}")
            await client.counts(refusal_of, 45, lambda: client.heard(dialect))
            heard = client.heard(dialect)
            for refused in filter(refusal_of, client.frames):
                check(refusal_of(refused) == code, f"{dialect}: refused with {refused}")
            most = 31 + 10 * (time.monotonic() - began)
            check(heard[:30] == [f"{dialect} {i}" for i in range(30)], f"{dialect}: {heard}")
            check(len(heard) <= most, f"{dialect}: {len(heard)} of 45 went through")
            await witness.hears(heard[-1])
            check(witness.heard(dialect) == heard, "the witness heard others")
            await asyncio.sleep(0.3)
            await client.say("again")
            await client.hears("again")
            await witness.hears("again")
            await client.close()
        await witness.close()

    with Server() as server:
        asyncio.run(scenario(server))


def text_lengths():
    """360 UTF-16 units from a mixer client; any length towards one."""
    async def scenario(server):
        clients = await join_all(server)
        ann, eve = clients["mixer"], await join(server, "mixer", "eve")
        for text in ("x" * 360, "\U0001F602" * 180, "\u20ac" * 360):
            reply = await ann.call("msg", text)
            check(reply["error"] is None, f"{len(text)} characters: {reply}")
            await clients["rooms"].hears(text)
            check((await ann.call("whisper", "eve", text))["error"] is None, "whisper")
        for text in ("x" * 361, "\U0001F602" * 180 + "x", "\u20ac" * 361):
            for reply in (await ann.call("msg", text), await ann.call("whisper", "eve", text)):
                check(isinstance(reply["error"], dict) and "data" not in reply, f"too long: {reply}")
        for text in ("", ):
            check((await ann.call("msg", text))["error"] is not None, "an empty message")
        await clients["simple"].say("y" * 5000)
        for client in clients.values():
            await client.hears("y" * 5000)
        check(all(len(text) != 361 for text in clients["simple"].heard()), "too long, but sent")
        await close_all(list(clients.values()) + [eve])

    with Server(configuration(NO_RATE)) as server:
        asyncio.run(scenario(server))


def bad_frames():
    """Invalid UTF-8, binary frames, broken framing."""

    def closes(server, dialect, what, code, *frames):
        with Wire(server.port) as wire:
            wire.upgrade(*door(dialect, next(NAMES)))
            for opcode, payload, fin in frames:
                wire.frame(opcode, payload, fin)
            found, ended = wire.close_code()
            check(found or ended, f"{what} in {dialect}: still open")
            check(code is None or found == code, f"{what} in {dialect}: closed with {found}")

    async def scenario(server):
        clients = await join_all(server)
        loop = asyncio.get_running_loop()
        for dialect in clients:
            for what, code, frames in (
                    ("invalid UTF-8", 1007, [(1, b'{"a":"\xff"}', True)]),
                    ("a surrogate", 1007, [(1, b'{"a":"\xed\xa0\x80"}', True)]),
                    ("an overlong form", 1007, [(1, b'{"a":"\xc0\xaf"}', True)]),
                    ("half a character", 1007, [(1, b'{"a":"\xe2\x82', True)]),
                    ("a reserved opcode", None, [(3, b"{}", True)]),
                    ("a continuation of nothing", None, [(0, b"{}", True)]),
                    ("a long ping", None, [(9, b"x" * 126, True)]),
                    ("a text inside a text", None, [(1, b"{", False), (1, b"{}", True)])):
                await loop.run_in_executor(None, closes, server, dialect, what, code, *frames)
        for name, client in clients.items():
            if name == "rooms":
                continue
            await client.send(json.dumps({
                "mixer": {"type": "method", "method": "msg", "arguments": ["binary"], "id": "b"},
                "concord": {"type": "chat_written", "channelId": server.room["concord"],
                            "content": "binary"},
                "simple": {"type": "send_message", "payload_id": "b", "message": "binary"}}[name]).encode())
            for other in clients.values():
                await other.hears("binary")
            await client.send(b'{"type":"\xff"}')
            await client.refusal()
        await loop.run_in_executor(None, closes, server, "rooms", "a binary frame", 1003, (2, b"{}", True))
        await talk(clients, "after")
        await close_all(clients)

    with Server(configuration(NO_RATE)) as server:
        asyncio.run(scenario(server))


def fragments():
    """A message in many pieces, with pings between, is one message."""
    async def scenario(server):
        witness = await join(server, "rooms", "witness")
        with Wire(server.port) as wire:
            wire.upgrade(*door("simple", "raw"))
            text = json.dumps({"type": "send_message", "payload_id": 1, "message": "\u20ac" * 700},
                              ensure_ascii=False).encode()
            for at in range(0, len(text), 7):
                wire.frame(1 if at == 0 else 0, text[at:at + 7], at + 7 >= len(text))
                if at == 700:
                    wire.frame(9, b"between")
            await witness.hears("\u20ac" * 700)
            wire.read(lambda data: b'"payload_id":1' in data)
            frames = wire.frames()
            check((10, b"between") in frames, f"no pong: {frames}")
            wire.frame(1, b"", False)   # the next one, and empty pieces
            wire.frame(0, text.replace("\u20ac".encode(), b"e"), False)
            wire.frame(0, b"", True)
            await witness.hears("e" * 700)
            wire.frame(1, b"x" * 40000, False)
            wire.frame(0, b"x" * 40000, True)
            code, _ = wire.close_code()
            check(code == 1009, f"80,000 bytes in two pieces: closed with {code}")
        await witness.say("after")
        await witness.hears("after")
        await witness.close()

    with Server() as server:
        asyncio.run(scenario(server))


def login_time():
    """Without a login a connection ends; with one, even as a reader, it stays."""
    async def scenario(server):
        clients = await join_all(server)
        reader = await join(server, "mixer", "reader", anonymous=True)
        late = await greeted(server, "late")
        began = time.monotonic()
        check(await late.closed(4 * SLOW) == 1008, f"close code {late.socket.close_code}")
        check(time.monotonic() - began > 0.8, "cut too early")
        await talk(clients, "still here")
        await reader.hears("still here from dan")
        check((await reader.call("msg", "x"))["error"] is not None, "a reader spoke")
        check(not any(f.get("username") == "reader" for f in clients["simple"].frames),
              "a reader was announced")
        await close_all(list(clients.values()) + [reader])

    with Server(configuration("login_seconds = 1;")) as server:
        asyncio.run(scenario(server))


def unanswered_close():
    """Who does not answer the server's close frame is dropped two seconds later."""
    with Server(configuration("login_seconds = 1;")) as server, Wire(server.port) as wire:
        wire.upgrade("/mixer?name=deaf")
        code, ended = wire.close_code(3.0)
        check(code == 1008 and not ended, f"closed with {code}, ended: {ended}")
        began = time.monotonic()
        wire.read(lambda _: False, 4.0)
        check(wire.ended, "the connection stays open")
        check(time.monotonic() - began > 1.0, "no time was left for an answer")
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def silence():
    """A connection that says nothing is pinged, then gone; any byte keeps it."""
    def listen(server, path, answers):
        with Wire(server.port) as wire:
            wire.upgrade(path)
            seen, end = [], time.monotonic() + 7
            while time.monotonic() < end and not wire.ended:
                wire.read(lambda _: False, 0.2 / SLOW)
                new = wire.frames()
                seen += new
                if answers and (9, b"") in new:
                    wire.frame(answers)
            return wire.ended or any(opcode == 8 for opcode, _ in seen), seen

    async def scenario(server):
        loop = asyncio.get_running_loop()
        results = await asyncio.gather(*[
            loop.run_in_executor(None, listen, server, path, answers) for path, answers in
            (("/rooms?key=silent", 0), ("/rooms?key=pong", 10), ("/concord?token=ping", 9))])
        (cut, seen), (kept, pinged), (kept_too, _) = [(result[0], result[1]) for result in results]
        check(cut, "a silent client was never cut")
        check((9, b"") in seen, "a silent client was never pinged")
        check(not kept and not kept_too, "a client that answers was cut")
        check(any(opcode == 1 and b'"ping"' in payload for opcode, payload in pinged),
              "no ping in the words of the rooms dialect")

    with Server(configuration("ping_seconds = 1; idle_seconds = 3;")) as server:
        asyncio.run(scenario(server))
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def connections():
    """So many connections and no more; so many rooms of one connection and no more."""
    async def scenario(server):
        clients = [await join(server, "rooms", f"guest{i}") for i in range(5)]
        with Wire(server.port) as wire:
            check(wire.request("/rooms?key=sixth").status != 101, "a sixth connection")
            wire.read(lambda _: False, 1.0)
            check(wire.ended, "the sixth connection stays open")
        with Wire(server.port) as wire:
            told = wire.read(lambda _: False, 1.0)
            check(told.startswith(b"HTTP/1.1 503 ") and b"\r\nDate: " in told and wire.ended, f"it is told {told}")
        await talk(clients, "five")
        await clients.pop().close()
        await asyncio.sleep(0.2 * SLOW)
        clients.append(await join(server, "rooms", "fifth"))
        await talk(clients, "five again")
        await close_all(clients)

    with Server(configuration("connections = 5; messages_per_second = 0;")) as server:
        asyncio.run(scenario(server))


def signals():
    """300 pings, logins or unknown methods in one segment: 120 are answered at once, the rest 20 a
    second; 60 rooms `read` at once are all told, and nothing of it is refused."""
    def flood(server, method):
        with Wire(server.port) as wire:
            wire.upgrade(f"/mixer?name=flood-{method}")
            wire.read(lambda data: b"WelcomeEvent" in data)
            wire.frame(1, json.dumps({"type": "method", "method": "auth", "arguments": [1, len(method), "k"],
                                      "id": 0}).encode())
            wire.read(lambda data: b'"authenticated":true' in data)
            time.sleep(0.1)
            wire.read(lambda _: False, 0.1)
            wire.bytes = b""
            one = json.dumps({"type": "method", "method": method, "arguments": [], "id": 1}).encode()
            masked = b"\x81" + bytes([0x80 | len(one)]) + b"\0\0\0\0" + one
            wire.send(masked * 300)
            wire.read(lambda _: False, 1.5 / SLOW)  # between two of the times, a second apart, when more are
            at_once = wire.bytes.count(b'"type":"reply"')
            wire.read(lambda _: False, 2.0 / SLOW)
            return at_once, wire.bytes.count(b'"type":"reply"')

    async def scenario(server):
        ann, dora, dan = [await join(server, *who) for who in (("mixer", "ann"), ("rooms", "dora"),
                                                               ("rooms", "dan"))]
        await ann.say("news")
        number = int((await dora.hears("news"))["message_id"])
        for _ in range(60):
            await dora.send({"type": "read", "message_id": str(number)})
        await dan.counts(lambda frame: frame["type"] == "read", 60, list)
        check(not any(map(refusal_of, dora.frames)), f"{dora.frames[-1]}")
        await close_all([ann, dora, dan])

    with Server() as server:
        methods = ("ping", "optOutEvents", "auth", "what")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda method: flood(server, method), methods))
        for method, (at_once, later) in zip(methods, found):
            check(100 < at_once < 150, f"{at_once} of 300 {method} answered at once")
            check(at_once + 20 < later < at_once + 120, f"{method}: {at_once}, then {later}")
        asyncio.run(scenario(server))


def long_history():
    """Many long messages: who asks for them all gets the newest that fit, and stays."""
    async def scenario(server):
        loud, ann = await join(server, "simple", "loud"), await join(server, "mixer", "ann")
        for size, count in ((60000, 9), (5200, 100)):
            for i in range(count):
                await loud.say(f"{size}.{i} " + "x" * size)
                await loud.hears(f"{size}.{i} " + "x" * size, 5 * SLOW)
            for _ in range(3):
                reply = await ann.call("history", 100)
                check(reply["error"] is None and 0 < len(reply["data"]) < count, f"{len(reply['data'])}")
                newest = reply["data"][-1]["message"]["message"][0]["text"]
                check(newest.startswith(f"{size}.{count - 1} "), newest[:20])
        await loud.say("after")
        await ann.hears("after")
        await close_all([loud, ann])

    with Server(configuration(NO_RATE)) as server:
        asyncio.run(scenario(server))
        check(server.counters()["connections"]["cut"] == 0, "somebody was cut")


def told_when_cut():
    """Who reads too slowly, but reads, is told why the connection ends."""
    with Server(configuration(NO_RATE)) as server:
        with Wire(server.port) as slow, Wire(server.port) as speaker:
            slow.upgrade("/concord?token=slow")
            speaker.upgrade("/concord?token=speaker")
            text = json.dumps({"type": "chat_written", "channelId": 1, "content": "x" * 60000}).encode()
            for _ in range(400):
                speaker.frame(1, text)
                speaker.read(lambda _: False, 0.005 / SLOW)
                speaker.bytes = b""
                if b" cut: more than " in server.log_text().encode():
                    break
            slow.read(lambda data: data.endswith(b"too slow"), 3.0)
            code, ended = slow.close_code()
            check(code == 1013, f"closed with {code}, ended: {ended}")


SCENARIOS = [message_sizes, json_depth, rate, text_lengths, bad_frames, fragments, login_time,
             unanswered_close, silence, connections, signals, long_history, told_when_cut]
WAITING = [silence, unanswered_close, login_time, signals]
