"""What is kept outlives the server: it is killed under load, again and again, and started again with any
number of workers.

ROUNDS: how often (make check: a few times)."""

import asyncio
import json
import os
import random
import shutil
import subprocess
import threading
import time
from pathlib import Path

from chat import id_of, join, text_of
from deeds import FILES, ROOMS, Cast, Editor, call, config, ended, enter, history_of, number_for
from keeping import Kept, Ledger, number_of
from reloads import Reloader
from server import SLOW, Server, check, port_of_ours, run, until
from wire import Wire, door

ROUNDS = int(os.environ.get("ROUNDS", 2 if SLOW == 1 else 1))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))


def state(server):
    return os.path.join(server.folder.name, "state")


def killed_at_start(server, chance):
    """One that does not live long enough to be spoken to."""
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=server.log, stdin=subprocess.DEVNULL,
                               env=server.environment())
    time.sleep(chance.uniform(0, 0.1) * SLOW)
    process.kill()
    process.wait()


def kills(durability):
    ledger, lives, chance = Ledger(), 0, random.Random(SEED)
    print(f"    {durability}: SEED={SEED}", flush=True)
    with Server(config(port_of_ours(), f'durability = "{durability}";'), files=FILES) as server:
        for number in range(ROUNDS):
            asyncio.run(ended(server, ledger, SEED + number, server.process.kill))
            killed_at_start(server, chance)
            ledger.compare(Kept(state(server)))
            ledger.compare_shown(server.command[3])
            lives += 1
            server.restart()
    print(f"    {durability}: {lives} kills, {len(ledger.ids)} messages; {dict(ledger.counts)}", flush=True)


def killed_at_commit():
    """kill -9 under load: everything acknowledged is there, once, and as it was acknowledged."""
    kills("commit")


def killed_at_second():
    """The same: that the server is killed loses nothing at either level."""
    kills("second")


async def acted(server, ledger, old):
    """A life in which all is done to what was said before it; whose end is asked for."""
    cast = Cast(server, ledger, SEED, old)
    try:
        await cast.enter()
        await cast.look()
        await cast.live(0.3 * SLOW)
    finally:
        await cast.leave()
    server.process.terminate()
    await asyncio.to_thread(server.process.wait, 15 * SLOW)
    ledger.compare(Kept(state(server)))


def other_workers():
    """Restarted with other numbers of workers: what was said before is deleted, edited and reacted to, and ids
    rise on."""
    ledger = Ledger()
    with Server(config(port_of_ours()), files=FILES) as server:
        asyncio.run(acted(server, ledger, False))
        for workers in (1, 4, 2):
            before = ledger.counts.copy()
            server.write("dragoman.cfg", config(server.port, workers=workers))
            server.restart()
            asyncio.run(acted(server, ledger, True))
            for deed in ("deletions", "edits", "reactions"):
                check(ledger.counts[deed] > before[deed] + 3, f"{workers} workers: {deed}: {ledger.counts}, {before}")
        server.restart()
    print(f"    {dict(ledger.counts)}", flush=True)


# ---- what may not be kept ----

ERASE = 1  # seconds


def places_of(server, words):
    """Which files of the state have a part of these words."""
    found = {name: Path(state(server), name).read_bytes() for name in os.listdir(state(server))}
    return {name: part for name, content in found.items() for part in (words[:9], words[-9:])
            if part.encode() in content}


async def spoken(server):
    """Words of every kind; those that are to be in no file later, and those that stay."""
    mia, rosa, cora = [await enter(server, dialect, name, "red") for dialect, name in
                       (("mixer", "mia red"), ("rooms", "rosa red"), ("concord", "cora"))]
    max_ = await enter(server, "simple", "max red", "red")
    bot = Editor(server)
    await bot.expect("READY", 5)

    async def said(client, words):
        await client.say(words)
        return id_of(await mia.hears(words, 5))

    never = "neverkept of rooms"
    await said(rosa, never)
    check(places_of(server, never) == {}, f"words of a rooms client are in {places_of(server, never)}")
    gone = {"deletedword one": await said(cora, "deletedword one"), "purgedword two": await said(max_, "purgedword two"),
            "editedword three": await said(cora, "editedword three")}
    answer = await bot.publish("red", {"kind": "edit", "target": number_of(gone["editedword three"]),
                                       "text": "editedword four"})
    check(answer[0] == "ACK", f"{answer}")
    stays = "stayingword five"
    await said(cora, stays)
    for words in [*gone, "editedword four", stays]:
        check(places_of(server, words), f"{words!r} is nowhere: nothing is shown")
    for method, *arguments in (("deleteMessage", gone["deletedword one"]), ("purge", "max red"),
                               ("deleteMessage", gone["editedword three"])):
        reply = await call(mia, method, *arguments)
        check(reply["error"] is None, f"{method}: {reply}")
    for client in (mia, rosa, cora, max_):
        await client.close()
    bot.stop()
    return [never, *gone, "editedword four"], stays


def words_are_gone():
    """What a rooms client says is in no file at any time; what is deleted is in none after erase_seconds, not
    even if the server is killed before."""
    with Server(config(port_of_ours(), f"erase_seconds = {ERASE};"), files=FILES) as server:
        for killed in (False, True):
            words, stays = asyncio.run(spoken(server))
            if killed:
                server.restart()
            time.sleep(ERASE)
            for one in words:
                until(lambda one=one: not places_of(server, one), f"{one!r} is in {places_of(server, one)}", 1)
            check(places_of(server, stays), "what was not deleted is gone")


# ---- a copy ----

async def backed_up(server, ledger, copy):
    """A copy is made under load; when that began."""
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        living = asyncio.create_task(cast.live(polls=False))
        await asyncio.sleep(BEFORE * SLOW)
        began = time.monotonic()
        said = await asyncio.to_thread(run, "backup", copy, "--control", os.path.join(server.folder.name, "control"),
                                       within=60)
        took = time.monotonic() - began
        check(said[0] == 0, f"backup: {said}")
        await asyncio.sleep(0.2 * SLOW)
        cast.over = True
        await living
    finally:
        await cast.leave()
    return began, took


class Noise:
    """Two simple clients on a thread of their own, who say all they can in a room that nobody else looks at."""
    TEXT = json.dumps({"type": "send_message", "payload_id": 1, "message": "x" * 60}).encode()
    FRAMES = 64 * (bytes([0x81, 0x80 | len(TEXT), 0, 0, 0, 0]) + TEXT)

    def __init__(self, server):
        self.server, self.said, self.over = server, 0, False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()

    def run(self):
        wires = [Wire(self.server.port).upgrade(*door("simple", name, "word")) for name in ("loud", "louder")]
        while not self.over:
            for wire in wires:
                wire.bytes = b""
                wire.send(self.FRAMES)
            for wire in wires:
                wire.read(lambda data: data.count(b'"type":"reply"') >= 64, 10)
            self.said += 128
        for wire in wires:
            wire.__exit__()


BEFORE = float(os.environ.get("BEFORE", 0.5))


def copy_under_load():
    """A copy that is made while everybody talks has all that was acknowledged before, as of one moment, and is the
    state of another server. BEFORE: for so many seconds they have talked then."""
    ledger = Ledger()
    with Server(config(port_of_ours()), files=FILES) as server:
        copy = os.path.join(server.folder.name, "copy.db")
        with Noise(server) as noise:
            asked = time.monotonic()
            began, took = asyncio.run(backed_up(server, ledger, copy))
            rate = noise.said / (time.monotonic() - asked)
        other = Server(config(port_of_ours()), files=FILES)
        shutil.copytree(state(server), state(other), ignore=shutil.ignore_patterns("rooms.db*", "lock"))
        os.rename(copy, os.path.join(state(other), "rooms.db"))
        ledger.compare(Kept(state(other)), began)
        ledger.compare_shown(other.command[3])
        with other:
            asyncio.run(looked(other, ledger))
    check(noise.said > 1000, f"{noise.said}")
    print(f"    {took:.2f} s beside {rate:.0f} messages a second; {dict(ledger.counts)}", flush=True)


async def looked(server, ledger):
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        await cast.look()
    finally:
        await cast.leave()


# ---- reloads ----

GOLD = {"gold": {"mixer": 103, "concord": 203, "rooms": "3f0c7a5e-93b4-4b17-8c2f-9c4a8ea95101"}}


async def gold(server):
    """A client in the room that comes and goes."""
    return await join(server, "mixer", "mia red", room=GOLD["gold"], secret="word", user=number_for("mia red"),
                      close_timeout=0.1)


async def burst(client, texts):
    """They are said, and not waited for."""
    for text in texts:
        client.requests += 1
        await client.send({"type": "method", "method": "msg", "arguments": [text], "id": client.requests})


def answered(client):
    return [(number_of(frame["data"]["id"]), text_of({"event": "ChatMessage", "data": frame["data"]}))
            for frame in client.frames if frame.get("type") == "reply" and frame["id"] > BURST]


BURST = 1000  # the first id of such requests


async def look_again(server, known, asked):
    """Somebody comes to the room: it has what is known, and perhaps some of what was not answered."""
    client = await gold(server)
    found = await history_of(client)
    check([one for one in found if one in known or one[1] not in asked] == known, f"gold has {found}, not {known}")
    return client, found


async def come_and_go(server, reloader):
    """The room goes and comes again, and has its history each time; some messages more, and one less."""
    known, asked = [], []
    for number in range(3 if SLOW > 1 else 6):
        taken, said = await reloader.reload(config(server.port, rooms={**ROOMS, **GOLD}))
        check(taken, f"{said}")
        client, known = await look_again(server, known, asked)
        if number:
            first = (await call(client, "history", 100))["data"][0]["id"]
            reply = await call(client, "deleteMessage", first)
            check(reply["error"] is None and known.pop(0)[0] == number_of(first), f"{reply}")
        asked = [f"burst {number}.{i}" for i in range(10)]
        client.requests = BURST
        await burst(client, asked)
        taken, said = await reloader.reload(config(server.port))
        check(taken, f"{said}")
        check(await client.closed(5) == 1008, "who was in the room that is gone")
        known += answered(client)
    return known, asked


async def reloaded(server, ledger):
    """Under load, until the server is killed."""
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        living = asyncio.create_task(cast.live())
        known = await come_and_go(server, Reloader(server))
        cast.killed = True
        server.process.kill()
        await living
    finally:
        await cast.leave()
    server.process.wait()
    return known


def rooms_come_back():
    """Rooms are removed and added by reloads while others talk: nothing is lost there, and a room that comes
    back has its history; also after the server was killed meanwhile."""
    async def gold_again(server, known, asked):
        taken, said = await Reloader(server).reload(config(server.port, rooms={**ROOMS, **GOLD}))
        check(taken, f"{said}")
        client, known = await look_again(server, known, asked)
        await client.close()
        return known

    ledger = Ledger()
    with Server(config(port_of_ours()), files=FILES) as server:
        known, asked = asyncio.run(reloaded(server, ledger))
        ledger.compare(Kept(state(server)))
        server.restart()
        known = asyncio.run(gold_again(server, known, asked))
    print(f"    {dict(ledger.counts)}; of the room {len(known)}", flush=True)


SCENARIOS = [killed_at_commit, killed_at_second, other_workers, words_are_gone, copy_under_load, rooms_come_back]
WAITING = [words_are_gone]
