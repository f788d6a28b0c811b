"""Those of the mixed run (endure.py) who come, go and misbehave: they vanish, stop reading, flood, send rubbish, are
kicked and banned."""

import asyncio
import collections
import contextlib
import json
import socket
import struct
import threading
import time

import websockets

from chat import join, refusal_of, text_of
from endure_people import SERIALS, WORD
from operating import ask as command
from rooms_door import request as rooms_request
from server import LOBBY, SLOW, check
from suite import Attacker
from wire import Wire, door

DIALECTS = ("mixer", "concord", "rooms", "simple")
ENDED = (websockets.ConnectionClosed, ConnectionError)
# Each is answered in the dialect's own form, or ends the connection.
RUBBISH = ((1, b"{"), (1, b"nonsense"), (1, b"null"), (1, b"[1,2]"), (1, b'{"type":7}'), (1, b"{}"), (1, b'{"type":"x"}'),
           (1, b'{"type":"method","method":7,"arguments":{},"id":1}'), (1, b'{"a":' + b"[" * 100 + b"]" * 100 + b"}"),
           (1, b'{"type":"send_message","payload_id":1,"message":[]}'), (1, b'\xff\xfe{"type"'), (2, b"\x00\x01\x02"),
           (2, b"{"), (1, b"x" * 20000), (1, b'{"type":"chat_written","channelId":{},"content":[]}'), (1, b""),
           (1, b'{"type":"message","key":[],"room_id":5,"content":{}}'), (1, b'"' + b"\\ud800" * 50 + b'"'))


class Rubbish(Attacker):
    ANSWERS = {dialect: b'"type":"reply"' if dialect in ("mixer", "simple") else b'"type":"error"' for dialect in DIALECTS}


class Presence:
    """Who was connected besides the steady ones, and when, in ms: (dialect, name, from, to)."""

    def __init__(self):
        self.spans = []
        self.counts = collections.Counter()

    @contextlib.contextmanager
    def __call__(self, dialect, name, deed):
        began = time.time() * 1000 - 50
        self.counts[deed] += 1
        span = [dialect, name, began, float("inf")]
        self.spans.append(span)
        yield
        span[3] = time.time() * 1000 + 5000  # the server may see its end later

    def names(self, dialect, at):
        return {name for kind, name, began, ended in self.spans if kind == dialect and began <= at <= ended}

    def most(self, dialect, at):
        return sum(kind == dialect and began <= at <= ended for kind, _, began, ended in self.spans)


# ---- on threads, with sockets of their own ----

def sayings(dialect, name, text):
    return json.dumps({"mixer": {"type": "method", "method": "msg", "arguments": [text], "id": 1},
                       "concord": {"type": "chat_written", "channelId": 1, "content": text},
                       "rooms": {"type": "message", "key": name, "content": text, "room_id": LOBBY},
                       "simple": {"type": "send_message", "payload_id": 1, "message": text}}[dialect]).encode()


def log_in(wire, dialect, number, secret="x"):
    if dialect == "mixer":
        wire.frame(1, json.dumps({"type": "method", "method": "auth", "arguments": [number[0], number[1], secret],
                                  "id": 0}).encode())
        wire.read(lambda data: b'"authenticated":true' in data)


def vanishing(server, presence, ledger, over):
    """Connects, says something, and is gone without a word."""
    for number in range(1 << 30):
        if over():
            return
        dialect = DIALECTS[number % 4]
        name = f"ghost{number}"
        with presence(dialect, name, "vanished"):
            wire = Wire(server.port)
            if wire.request(*door(dialect, name)).status == 101:
                log_in(wire, dialect, (1, 50000 + number))
                for _ in range(number % 3):
                    serial = next(SERIALS)
                    ledger.said[serial] = name, "vanished", None
                    wire.frame(1, sayings(dialect, name, f"boo #{serial} of {name}"))
                if number % 5 == 0:
                    wire.send(b"\x81\xfe")  # the beginning of a frame
                time.sleep(0.05 * (number % 4))
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.socket.close()
        time.sleep(0.1)


def stalling(server, presence, dialect, number, over):
    """Comes in and reads nothing, for longer than it takes to be cut; again and again. It cannot see that itself."""
    path = {"mixer": "/noise/mixer", "concord": "/concord", "rooms": "/noise/rooms", "simple": "/noise/simple"}[dialect]
    name = f"stall{dialect}"
    while not over():
        with presence(dialect, name, f"stalled {dialect}"):
            wire = Wire(server.port, receive_buffer=4096)
            way, *headers = door(dialect, name, WORD)
            status = wire.request(path + (way[way.index("?"):] if "?" in way else ""), *headers).status
            if status != 101:
                presence.counts[f"stall {dialect} not let in: {status}"] += 1
                wire.socket.close()
                time.sleep(0.2)
                continue
            log_in(wire, dialect, (3, number), WORD)
            end = time.monotonic() + 12
            while time.monotonic() < end and not over():
                time.sleep(0.1)
            wire.socket.close()


def sending_rubbish(server, presence, over):
    """Whatever is no message is answered, or the connection is closed."""
    while not over():
        for dialect in DIALECTS:
            with presence(dialect, "mallory", "rubbish"):
                attacker = Rubbish(server, dialect, True)
                for opcode, data in RUBBISH:
                    if over():
                        break
                    attacker.send(repr(data[:40]), opcode, data)
                attacker.close()
                presence.counts["rubbish answered"] += attacker.answered
                presence.counts["rubbish closed"] += attacker.closed
        time.sleep(1)


class Threads:
    """Each function on one; what fails is told at the end."""

    def __init__(self):
        self.threads, self.failures = [], []

    def start(self, function, *words):
        def run():
            try:
                function(*words)
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(f"{function.__name__}: {error!r}")
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def end(self):
        for thread in self.threads:
            thread.join(60 * SLOW)
        check(not self.failures, f"{self.failures}")


# ---- in the loop ----

async def comes_and_goes(server, presence, ledger, over):
    number = 0
    while not over():
        number += 1
        dialect, name = ledger.dice.choice(DIALECTS), f"guest{number}"
        with presence(dialect, name, "visited"):
            client = await join(server, dialect, name, secret=WORD, user=60000 + number)
            for _ in range(ledger.dice.randrange(3)):
                serial = next(SERIALS)
                text = f"hi #{serial} of {name}"
                await client.say(text)
                await client.expect(lambda frame, text=text: text_of(frame) == text or frame["type"] == "reply",
                                    f"an answer to {text}", 10 * SLOW)
                ledger.said[serial] = name, "visitor", True
            await client.close()
        await asyncio.sleep(0.3)


async def floods(server, presence, ledger, over):
    """A hundred at once: each is said, or refused for that."""
    number = 0
    while not over():
        dialect, name = DIALECTS[number % 4], f"flood{number}"
        number += 1
        with presence(dialect, name, "flooded"):
            client = await join(server, dialect, name, secret=WORD, user=70000 + number)
            serials = [next(SERIALS) for _ in range(100)]
            for serial in serials:
                ledger.said[serial] = name, "flood", None
                await client.say(f"flood #{serial} of {name}")
            await client.counts(refusal_of, 100, lambda: client.heard("flood #"), 20 * SLOW)
            heard = {int(text.split("#")[1].split()[0]) for text in client.heard("flood #") if text.endswith(name)}
            for serial in serials:
                ledger.said[serial] = name, "flood", serial in heard
            codes = collections.Counter(map(refusal_of, filter(refusal_of, client.frames)))
            check(set(codes) <= {"rate_limited", 4005} and codes, f"{name}: {codes}")
            presence.counts["flood refused"] += sum(codes.values())
            await client.close()
        await asyncio.sleep(1.5)


async def is_removed(server, presence, ledger, over):
    """A victim comes in, and is kicked or banned: by an operator, by a backend, by a moderator of rooms."""
    number = 0
    while not over():
        number += 1
        dialect, name = ledger.dice.choice(DIALECTS), f"victim{number}"
        way = ledger.dice.choice(("operator", "operator bans", "backend", "backend bans", "door", "door bans"))
        dialect = "rooms" if way.startswith("door") else dialect
        with presence(dialect, name, f"removed by {way}"):
            client = await join(server, dialect, name, secret=WORD, user=80000 + number)
            try:
                await remove(server, ledger, way, name, client)
                await client.expect(lambda frame, name=name: frame["type"] == "kick" or frame.get("event") == "UserUpdate" or
                                    "were kicked" in str(frame) or "were banned" in str(frame)
                                    or f'"{name}" was ' in str(frame), f"that it is removed by {way}", 5 * SLOW)
            finally:
                await client.close()
        await asyncio.sleep(0.5)


async def remove(server, ledger, way, name, client):
    if way.startswith("operator"):
        bans = way.endswith("bans")
        await asyncio.to_thread(command, server, "ban" if bans else "kick", name, "lobby")
        if bans:
            await asyncio.to_thread(command, server, "unban", name, "lobby")
    elif way.startswith("backend"):
        said = await ledger.judge.request("CONTROL", {"do": "kick", "room": "lobby", "person": name, "text": "out",
                                                      "permanent": way.endswith("bans")})
        ledger.told["backend", way, said[0]] += 1
    else:
        person = client.frames[-1]["user_id"] if client.frames else None
        person = next(frame["user_id"] for frame in client.frames if frame["type"] == "enter") or person
        path, method = ("bans", "PUT") if way.endswith("bans") else ("users", "DELETE")
        status, said = await asyncio.to_thread(rooms_request, server.port, method,
                                               f"/room/{LOBBY}/{path}?key=modrooms:{WORD}", {"user_id": person})
        ledger.told["rooms", way, status] += 1
        check(status == 204, f"{way}: {status} {said}")


async def makes_noise(server, presence, over):
    """Two talk loudly in a room where nobody else reads."""
    clients = []
    for number in (1, 2, 3):
        clients.append(await join(server, "simple", f"loud{number}", secret=WORD, path="/noise/simple"))
    span = [presence(client.dialect, client.name, "loud") for client in clients]
    with contextlib.ExitStack() as stack:
        for one in span:
            stack.enter_context(one)
        try:
            while not over():
                for client in clients:
                    await client.say("noise " * 2600)
                    del client.frames[:], client.texts[:]
                    client.at = 0
                await asyncio.sleep(0.11)
        finally:
            for client in clients:
                await client.close()
