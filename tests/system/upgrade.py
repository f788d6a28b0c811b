"""A server is replaced under load, as an upgrade does it: drained or told to end, and started anew at the
same port, while clients of four dialects talk in four rooms and connect again when they are closed."""

import asyncio
import collections
import contextlib
import json
import os
import random
import re
import sqlite3
import statistics
import struct
import time

from block_rows import messages
from server import BINARY, SLOW, Server, check, configuration, port_of_ours
from wire import door, handshake

CROWD = 200 if SLOW == 1 else 40
RATE = 100 if SLOW == 1 else 10  # messages a second of all together
SPEAKERS = 40 if SLOW == 1 else 8
GOODBYE = b"going down"
MARK = re.compile(rb"~(\w+)-(\w+)~")  # in each message: its room, and what tells it from all others

ROOMS = {name: {"mixer": 101 + number, "concord": 201 + number,
                "rooms": f"{number}f0c7a5e-93b4-4b17-8c2f-9c4a8ea95101"}
         for number, name in enumerate(("red", "green", "blue", "gold"))}
DIALECTS = ("mixer", "concord", "rooms", "simple")


def config(port):
    rooms = [f'{{ name = "{name}"; mixer = {ids["mixer"]}; concord = {ids["concord"]}; rooms = "{ids["rooms"]}"; }}'
             for name, ids in ROOMS.items()]
    mounts = [f'{{ path = "/{dialect}/{name}"; dialect = "{dialect}"; room = "{name}"; }}'
              for dialect in DIALECTS for name in ROOMS]
    return configuration("messages_per_second = 0; ping_seconds = 100; idle_seconds = 200;", port=port,
                         rooms=f"( {', '.join(rooms)} )", mounts=f"( {', '.join(mounts)} )", more='state = "state";')


class Refused(OSError):
    """A handshake is answered with another status than 101."""


class Life:
    """One connection of somebody, from its entry to its end."""

    def __init__(self):
        self.heard = collections.defaultdict(list)  # by room, the messages in their order
        self.sent, self.acknowledged = [], set()
        self.goodbye, self.code = False, None


class Person:
    """A client that connects again whenever its connection ends, a little later each time it is refused."""

    def __init__(self, number):
        self.dialect = DIALECTS[number % 4]
        self.room = list(ROOMS)[number // 4 % 4]
        self.number, self.name = number, f"{self.dialect}{number}"
        self.lives, self.away, self.refusals = [], [], collections.Counter()
        self.writer, self.requests, self.is_in = None, {}, False
        self.left_at, self.asked = None, 0

    def tell(self):
        return f"{self.name}: {len(self.lives)} lives, refused {dict(self.refusals)}"

    async def live(self, port):
        tries = 0
        while True:
            try:
                await self.connect(port)
                tries = 0
            except (OSError, asyncio.IncompleteReadError) as error:
                self.refusals[str(error) if isinstance(error, Refused) else type(error).__name__] += 1
                tries += 1
            await asyncio.sleep(random.uniform(0.1, 0.5) * 2 ** min(tries, 3))

    async def connect(self, port):
        """From the handshake to the end of the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            path, *login = door(self.dialect, self.name)
            writer.write(handshake(path.replace(self.dialect, f"{self.dialect}/{self.room}", 1), *login))
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head:
                raise Refused(head.split()[1].decode())
            self.writer, self.requests, life = writer, {}, Life()
            if self.dialect == "mixer":
                self.call("auth", ROOMS[self.room]["mixer"], 1000 + self.number, "key")
            else:
                self.enter(life)
            await self.hear(reader, life)
        finally:
            writer.close()

    async def hear(self, reader, life):
        data = b""
        try:
            while more := await reader.read(262144):
                data = self.frames(data + more, life)
        finally:
            self.leave()

    def leave(self):
        if self.is_in:
            self.left_at = time.monotonic()
        self.is_in = False

    def frames(self, data, life):
        """Takes all whole frames of it; what is left."""
        at = 0
        while len(data) >= at + 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2:at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2:at + 10], "big"), at + 10
            if len(data) < start + length:
                break
            self.take(data[at] & 15, data[start:start + length], life)
            at = start + length
        return data[at:]

    def take(self, opcode, payload, life):
        if opcode == 8:
            life.code = struct.unpack("!H", payload[:2])[0]
            self.leave()
            self.write(8, payload[:2])
        elif b'"type":"reply"' in payload:
            self.reply(json.loads(payload), life)
        elif mark := MARK.search(payload):
            life.heard[mark[1].decode()].append(mark[2].decode())
        elif GOODBYE in payload:
            life.goodbye = True

    def reply(self, frame, life):
        """To a message, or to mixer's auth."""
        check(frame["error"] is None, f"{self.name}: {frame}")
        mark = self.requests.pop(frame["id"]) if self.dialect == "mixer" else frame["payload_id"]
        if mark:
            life.acknowledged.add(mark)
        else:
            self.enter(life)

    def enter(self, life):
        self.lives.append(life)
        self.is_in = True
        if self.left_at:
            self.away.append(time.monotonic() - self.left_at)
            self.left_at = None

    def write(self, opcode, payload):
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self.writer.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def call(self, method, *arguments, mark=None):
        self.asked += 1
        number = self.asked
        self.requests[number] = mark
        self.write(1, json.dumps({"type": "method", "method": method, "arguments": arguments, "id": number}).encode())

    def say(self, mark):
        """Whether it could: not while it is away."""
        if not self.is_in:
            return False
        self.lives[-1].sent.append(mark)
        text, ids = f"~{self.room}-{mark}~ and some more words", ROOMS[self.room]
        if self.dialect == "mixer":
            self.call("msg", text, mark=mark)
            return True
        self.write(1, json.dumps({
            "concord": {"type": "chat_written", "channelId": ids["concord"], "content": text},
            "rooms": {"type": "message", "key": self.name, "room_id": ids["rooms"], "content": text},
            "simple": {"type": "send_message", "payload_id": mark, "message": text}}[self.dialect]).encode())
        return True


async def speak(people):
    """The first of them in turn, RATE messages a second."""
    said, began = 0, time.monotonic()
    while True:
        for _ in range(int((time.monotonic() - began) * RATE) - said):
            said += 1
            people[said % SPEAKERS].say(f"m{said}")
        await asyncio.sleep(0.02)


async def until(holds, tasks, what):
    """Waits for it, while no task ends; what() tells what is missing."""
    end = time.monotonic() + 60 * SLOW
    while not holds():
        for task in tasks:
            if task.done():
                task.result()
        check(time.monotonic() < end, what())
        await asyncio.sleep(0.05)


async def replace(server, way):
    """Ends the server in that way, and starts it again as soon as it is gone; the last counters."""
    if way == "TERM":
        server.process.terminate()
    else:
        drain = await asyncio.create_subprocess_exec(
            BINARY, "drain", *way.split()[1:], "--control", os.path.join(server.folder.name, "control"),
            stdout=asyncio.subprocess.DEVNULL)
        check(await drain.wait() == 0, "drain fails")
    status, counters = await asyncio.to_thread(server.wait_end)
    check(status == 0, f"it ends with {status}")
    await asyncio.to_thread(server.start)
    return counters


async def play(server, way):
    people = [Person(number) for number in range(CROWD)]
    tasks = [asyncio.create_task(person.live(server.port)) for person in people]
    await until(lambda: all(person.is_in for person in people), tasks, lambda: "not all come in")
    speaking = asyncio.create_task(speak(people))
    await asyncio.sleep(2)
    began = time.monotonic()
    counters = await replace(server, way)
    seconds = time.monotonic() - began
    await until(lambda: all(person.is_in and len(person.lives) == 2 for person in people), tasks + [speaking],
                lambda: f"not all come back: {[person.tell() for person in people if not person.is_in][:5]}")
    await asyncio.sleep(1)
    speaking.cancel()
    await asyncio.to_thread(server.settled)
    await asyncio.sleep(0.5 * SLOW)
    await until(lambda: True, tasks, lambda: "")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, speaking, return_exceptions=True)
    return people, counters, seconds


def compare(people, number, room):
    """What everybody heard there in one server's life is one piece of the same sequence, with nothing left
    out and nothing twice; that sequence. Who was in before has its beginning, who stays has its end."""
    heard = {person.name: person.lives[number].heard[room] for person in people
             if person.room == room or person.dialect == "concord"}
    whole = max(heard.values(), key=len)
    check(len(set(whole)) == len(whole) > 0, f"{room}: {len(whole)} messages, {len(set(whole))} different ones")
    place = {mark: at for at, mark in enumerate(whole)}
    for name, part in heard.items():
        if number == 0 or not part:
            first = 0
        else:
            check(part[0] in place, f"{name} alone heard {part[0]} in {room}")
            first = place[part[0]]
        check(whole[first:first + len(part)] == part, f"{name} missed or heard twice some in {room}: {part} of {whole}")
        check(number == 0 or not part or first + len(part) == len(whole), f"{name} missed the end in {room}")
    return whole


def kept_by(server):
    """What the database has of each room, of a server that runs: the marks in their order."""
    marks = collections.defaultdict(list)
    path = os.path.join(server.folder.name, "state", "rooms.db")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        said = [message for message in messages(base) if message.body is not None]
        for message in sorted(said, key=lambda message: message.id):
            mark = MARK.search(message.body)
            marks[mark[1].decode()].append(mark[2].decode())
    return marks


def judge(people, kept):
    """Nothing lost, nothing doubled, and kept but for what rooms clients said; counts for who asks."""
    told = collections.Counter()
    unkept = {mark for person in people if person.dialect == "rooms" for life in person.lives for mark in life.sent}
    for room in ROOMS:
        heard = [mark for number in (0, 1) for mark in compare(people, number, room) if mark not in unkept]
        check([mark for mark in kept[room] if mark in set(heard)] == heard,
              f"{room}: heard and not kept: {set(heard) - set(kept[room])}, or in another order")
        told["kept"] += len(heard)
        told["kept but heard by nobody"] += len(kept[room]) - len(heard)
    for number in (0, 1):
        whole = {room: compare(people, number, room) for room in ROOMS}
        listeners = collections.Counter(mark for person in people for heard in person.lives[number].heard.values()
                                        for mark in heard)
        for person in people:
            life = person.lives[number]
            heard = set(life.heard[person.room])
            for mark in life.acknowledged | (heard & set(life.sent)):
                check(mark in whole[person.room], f"{mark} of {person.name} was acknowledged, and nobody heard it")
                told[f"{number} acknowledged"] += 1
                told[f"{number} heard by nobody else"] += listeners[mark] == 1 and mark in heard
            unanswered = [mark for mark in life.sent if mark not in heard and mark not in life.acknowledged]
            told[f"{number} unanswered"] += len(unanswered)
            told[f"{number} unanswered but heard"] += sum(mark in listeners for mark in unanswered)
            told[f"{number} sent"] += len(life.sent)
    for person in people:
        for room in ROOMS:
            twice = set(person.lives[0].heard[room]) & set(person.lives[1].heard[room])
            check(not twice, f"{person.name} heard {twice} from both servers")
    check(told["1 unanswered"] == 0, f"the new server did not answer: {told}")
    return told


def replaced(way):
    port = port_of_ours()
    with Server(config(port)) as server:
        people, counters, seconds = asyncio.run(play(server, way))
        kept = kept_by(server)
    told = judge(people, kept)
    for person in people:
        check(person.lives[0].code == 1001, f"{person.name} was closed with {person.lives[0].code}")
        check(way == "TERM" or person.lives[0].goodbye, f"{person.name} was not told")
    check(counters["connections"]["open"] == 0, f"{counters['connections']}")
    away = sorted(person.away[0] for person in people)
    print(f"    {way}: {len(people)} clients away {statistics.median(away):.2f} s in the median, {away[-1]:.2f} s at "
          f"worst; from the order to the new server {seconds:.2f} s; "
          f"told in words {sum(person.lives[0].goodbye for person in people)}; tries refused "
          f"{dict(sum((person.refusals for person in people), collections.Counter()))}; {dict(told)}", flush=True)


def upgrade_under_load():
    """Drained, then started."""
    replaced("drain")


def restart_under_load():
    """Told to end by TERM, then started."""
    replaced("TERM")


SCENARIOS = [upgrade_under_load, restart_under_load]
