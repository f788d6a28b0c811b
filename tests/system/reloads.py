"""HUP: other rules, rooms and accounts while people talk; a wrong file changes nothing and is told."""

import asyncio
import os
import re
import signal
import threading

from backends import Crew, log_count, until
from chat import close_all, join, join_all, talk
from routing import Talker, all_ended, routed
from server import LOBBY, SLOW, Server, check, configuration
from swarms import Swarm

RELOADS = 600 // SLOW
ROOM_RELOADS = int(os.environ.get("RELOADS", 60 // SLOW))
BACKENDS = '{ name = "judge"; bind = "ipc://judge.sock"; }'
FEED = '{ name = "feed"; bind = "ipc://feed.sock"; }'


def table(number):
    """The rules, different in number, content and order each time: messages of two of the four clients
    are judged, all are tapped, and a probe is told the table's number."""
    spare = [f'{{ name = "spare {number}.{i}"; kind = [ "message", "edit" ];'
             f' author = [ "nobody {number}", "#{i + 1}" ]; text = "^(x{number}|y+)$";'
             f' then = ( {{ tap = "feed"; }}, {{ ask = "judge"; on_timeout = "pass"; }} ); }}'
             for i in range(number % 7)]
    probe = f'{{ kind = "message"; text = "^probe"; then = ( {{ refuse = "table {number}"; }} ); }}'
    judged = ('{ kind = "message"; author = [ "bob", "dan" ];'
              ' then = ( { tap = "feed"; }, { ask = "judge"; } ); }')
    rest = '{ kind = "message"; then = ( { tap = "feed"; } ); }'
    first = [probe, *spare] if number % 2 else [*spare, probe]
    return routed(",\n    ".join([*first, judged, rest]), BACKENDS, FEED)


# What makes a file wrong: a text of it and what stands there instead; a part of what is said of it.
FAULTS = [
    ("workers = 2;", "workers = ;", "workers has no value"),
    ('ask = "judge"', 'ask = "nobody"', "nobody"),
    ("refuse = ", "refuze = ", "refuze"),
    ('text = "^probe"', 'text = "^(probe"', "text"),
    ('{ refuse = ', '{ drop = true; refuse = ', "refuse"),
    ("workers = 2;", 'workers = "two";', "workers"),
    ('kind = "message"; text', 'kind = "mesage"; text', "message"),
    ('author = [ "bob", "dan" ]; ', "", "never"),
    ('name = "lobby"; mixer', 'name = "lobbi"; mixer', "lobby"),
    (BACKENDS, BACKENDS.replace("judge", "jury"), "jury"),
]


class Reloader:
    """Puts a file in place, says HUP, and waits for the word about it."""

    WORD = re.compile(rb" reloaded: ([^\n]*\d+ routes)| not reloaded")
    FAULT = re.compile(rb"dragoman\.cfg:\d+: error: [^\n]+")

    def __init__(self, server):
        self.server, self.at, self.told = server, os.path.getsize(server.log.name), ""

    async def reload(self, text):
        """What the log says: (was it taken, all that it says)."""
        path = self.server.write("next.cfg", text)
        os.rename(path, self.server.command[3])
        self.server.process.send_signal(signal.SIGHUP)
        return await until(self.word, "a word about the reload", 10, 0.003)

    def word(self):
        with open(self.server.log.name, "rb") as file:
            file.seek(self.at)
            text = file.read()
        found = self.WORD.search(text)
        if not found or b"\n" not in text[found.end():]:
            return None
        self.at += len(text)
        self.told = (found.group(1) or b"").decode()
        return found.group(1) is not None, text


async def probed(eve, number):
    """Which table holds: what a message that it refuses is told."""
    await eve.say("probe")
    reply = await eve.expect(lambda frame: frame["type"] == "reply" and "table" in str(frame), "a refusal",
                             3 * SLOW)
    check(str(reply).count(f"table {number}'") == 1, f"not table {number}: {reply}")


async def reload_all(server, eve, total):
    """Every tenth file is wrong: the last good one stays."""
    reloader, good, spoilt = Reloader(server), 0, 0
    for number in range(1, total + 1):
        text = table(number)
        if number % 10 == 0:
            old, new, said = FAULTS[spoilt % len(FAULTS)]
            spoilt += 1
            check(old in text, f"{old!r} is not in the table")
            taken, told = await reloader.reload(text.replace(old, new))
            check(not taken, f"{new!r} was taken: {told}")
            faults = Reloader.FAULT.findall(told)
            check(any(said.encode() in fault for fault in faults), f"{new!r}: no word of {said!r}: {told}")
        else:
            taken, told = await reloader.reload(text)
            check(taken, f"table {number} was not taken: {told}")
            good = number
        if number % 30 in (0, 1):
            await probed(eve, good)
    return good, spoilt


async def keep_talking(talker, done):
    while not done.is_set():
        await talker.say()
        await asyncio.sleep(0.02)


def reload_under_load():
    """600 reloads, one after the other, while all four dialects talk: nobody is dropped, nothing is lost
    or doubled, and each table holds from its reload on."""
    async def scenario(server, crew):
        judge, feed = crew.instance("judge"), crew.subscriber("feed")
        await judge.expect("READY")
        clients = await join_all(server)
        eve = await join(server, "simple", "eve")
        await feed.subscribed(clients["mixer"])
        talkers, done = [Talker(client) for client in clients.values()], asyncio.Event()
        talking = asyncio.gather(*(keep_talking(talker, done) for talker in talkers))
        good, spoilt = await reload_all(server, eve, RELOADS)
        done.set()
        await talking
        said = await all_ended(talkers)
        check(not any(talker.refused() for talker in talkers), "refused")
        check(len(said) == sum(talker.sent for talker in talkers) > RELOADS // 4, f"{len(said)} messages")
        await probed(eve, good)
        counters = server.settled()
        asks = counters["backends"]["judge"]["asks"]
        check(asks["allowed"] == asks["accepted"] >= talkers[1].sent + talkers[3].sent, f"{asks}")
        await until(lambda: set(said) <= set(feed.texts()), "the feed has all")
        tapped = [text for text in feed.texts() if text in set(said)]
        check(len(tapped) == len(said), f"{len(said)} said, {len(tapped)} tapped")
        check(log_count(server, "not reloaded") == spoilt, "how many were not taken")
        check(counters["connections"]["open"] == 5 and judge.count("READY") == 1, "somebody was dropped")
        await talk(clients, "after all that")
        await close_all([*clients.values(), eve])

    with Server(table(0)) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


def what_a_reload_cannot_change():
    """A file that is right but changes more than rules: the rules are taken, the rest is told."""
    async def scenario(server):
        clients = await join_all(server)
        reloader = Reloader(server)
        taken, told = await reloader.reload(table(8).replace("workers = 2", "workers = 3"))
        check(taken and b"workers: changed, but that needs a restart" in told, f"{told}")
        await probed(clients["simple"], 8)
        for text, word in (("", b"the file is empty"), ("workers = 2;", b"listeners is missing")):
            taken, told = await reloader.reload(text)
            check(not taken and word in told, f"{text!r}: {told}")
            await probed(clients["simple"], 8)
        os.unlink(server.command[3])
        server.process.send_signal(signal.SIGHUP)
        taken, told = await until(reloader.word, "a word about no file", 5)
        check(not taken and b"dragoman.cfg" in told, f"{told}")
        await probed(clients["simple"], 8)
        await close_all(clients)

    with Server(table(1)) as server:
        asyncio.run(scenario(server))


# ---- rooms and accounts ----

def side(number):
    """A room that is there for two reloads, as clients call it."""
    return {"name": f"side {number}", "mixer": 100 + number, "concord": 100 + number,
            "rooms": f"{number:08x}-93b4-4b17-8c2f-9c4a8ea95123"}


def world(number):
    """Rooms and accounts: two that come and go, and one that changes, of both."""
    rooms = [f'{{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; history = 100; }}',
             f'{{ name = "keep"; mixer = 2; concord = {1000 + number % 2}; open = {str(number % 3 > 0).lower()};'
             f' history = {number % 5}; members = "stay"; admins = {["[]", chr(34) + "stay" + chr(34)][number % 2]}; }}']
    accounts = [f'{{ name = "stay"; number = 1; secret_file = "stay.secret"; roles = "{["pro", "mod"][number % 2]}"; }}']
    for one in range(max(number - 1, 0), number + 1):
        room = side(one)
        rooms.append(f'{{ name = "{room["name"]}"; mixer = {room["mixer"]}; concord = {room["concord"]};'
                     f' rooms = "{room["rooms"]}"; }}')
        accounts.append(f'{{ name = "acc{one}"; number = {10 + one}; secret_file = "acc.secret"; }}')
    return configuration("messages_per_second = 0;", rooms=f"( {', '.join(rooms)} )",
                         accounts=f"( {', '.join(accounts)} )", workers=4)


class Visit:
    """Somebody of each dialect in a room that is to be removed, and an account that goes with it.
    The one of simple is the account's: its room stays."""

    def __init__(self, number):
        self.number, self.room = number, side(number)

    async def begin(self, server, rosa):
        name = f"max{self.number}"
        self.mixer, self.account = await asyncio.gather(
            join(server, "mixer", name, room=self.room),
            join(server, "simple", f"acc{self.number}", secret="acc"))
        await rosa.send({"type": "enter", "key": "rosa", "room_id": self.room["rooms"]})
        await rosa.fields(type="enter", room_id=self.room["rooms"])

    async def end(self, rosa, cora):
        """What each is told; who can only go then is closed."""
        whisper = await self.mixer.event("ChatMessage")
        check("this room was removed" in str(whisper), f"{whisper}")
        await self.mixer.event("UserUpdate")
        check(await self.mixer.closed() == 1008, "how the mixer client was closed")
        check(await self.account.closed() == 1008, "how the account's connection was closed")
        kick = await rosa.fields(type="kick", room_id=self.room["rooms"])
        check(kick["message"] == "this room was removed" and not kick["permanent"], f"{kick}")
        await cora.expect(lambda frame: frame["type"] == "chat_sent" and
                          frame["chat"]["channelId"] == self.room["concord"] and
                          frame["chat"]["content"] == "This room was removed.", "the notice")


def told(number):
    """What the log says of world(number), coming from the one before."""
    rooms = [f"1 room added (side {number})", "1 changed (keep)"]
    accounts = [f"1 account added (acc{number})", "1 changed (stay)"]
    if number > 1:
        rooms.append(f"1 removed (side {number - 2})")
        accounts.append(f"1 removed (acc{number - 2})")
    return f"{', '.join(rooms)}; {', '.join(accounts)}; 0 routes"


async def change_all(server, rosa, cora, total):
    reloader, visits = Reloader(server), {}
    for number in range(total + 1):
        if number > 0:
            taken, text = await reloader.reload(world(number))
            check(taken and reloader.told == told(number), f"{reloader.told!r} is not {told(number)!r}: {text}")
        if number > 1:
            await visits.pop(number - 2).end(rosa, cora)
        visits[number] = Visit(number)
        await visits[number].begin(server, rosa)
    for visit in visits.values():
        await visit.mixer.close()
        await visit.account.close()


def swarm_until(server, done):
    """Runs of the swarm, one after the other; how many."""
    runs = 0
    while not done.is_set():
        with Swarm(server, "churn", "--clients", 40, "--publishers", 8, "--messages", 40, "--window", 1,
                   "--churners", 10) as swarm:
            swarm.ready()
            swarm.go()
            check(swarm.result()["visits_with_messages"] > 0, "nobody came and went")
            swarm.leave()
        runs += 1
    return runs


def rooms_and_accounts_under_load():
    """Rooms and accounts come, change and go with people in them, while a swarm of all dialects comes
    and goes and talks elsewhere: who loses a room or an account is told in its dialect, nobody else
    notices, and every delivery is accounted for, also of rooms that are no more."""
    async def scenario(server):
        over = threading.Event()
        swarm = asyncio.get_running_loop().run_in_executor(None, swarm_until, server, over)
        clients = await join_all(server)
        rosa, cora = await join(server, "rooms", "rosa"), await join(server, "concord", "cora")
        talkers, done = [Talker(client) for client in clients.values()], asyncio.Event()
        talking = asyncio.gather(*(keep_talking(talker, done) for talker in talkers))
        try:
            await change_all(server, rosa, cora, ROOM_RELOADS)
        finally:
            done.set()
            over.set()
        await talking
        await all_ended(talkers)
        runs = await swarm
        check(runs > 0 and not any(talker.refused() for talker in talkers), f"{runs} runs of the swarm")
        counters = server.settled()
        check(counters["connections"]["open"] == 6, f"somebody was dropped: {counters['connections']}")
        check(counters["sessions_cut"] == 0, "somebody was cut")
        check(counters["removed_rooms"]["accepted"] > 4 * (ROOM_RELOADS - 2), f"{counters['removed_rooms']}")
        check(set(counters["rooms"]) == {"lobby", "keep", f"side {ROOM_RELOADS}", f"side {ROOM_RELOADS - 1}"},
              f"{counters['rooms'].keys()}")
        await talk(clients, "after all that")
        await close_all([*clients.values(), rosa, cora])

    with Server(world(0), files={"acc.secret": "acc", "stay.secret": "stay"}) as server:
        asyncio.run(scenario(server))


SCENARIOS = [reload_under_load, what_a_reload_cannot_change, rooms_and_accounts_under_load]
