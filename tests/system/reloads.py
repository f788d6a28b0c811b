"""HUP: another table of rules while people talk; a wrong file changes nothing and is told."""

import asyncio
import os
import re
import signal

from backends import Crew, log_count, until
from chat import close_all, join, join_all, talk
from routing import Talker, all_ended, routed
from server import SLOW, Server, check

RELOADS = 600 // SLOW
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

    WORD = re.compile(rb" reloaded: (\d+) routes| not reloaded")
    FAULT = re.compile(rb"dragoman\.cfg:\d+: error: [^\n]+")

    def __init__(self, server):
        self.server, self.at = server, os.path.getsize(server.log.name)

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


SCENARIOS = [reload_under_load, what_a_reload_cannot_change]
