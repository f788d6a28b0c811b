"""A mixed run: clients of all dialects do all that they can, others misbehave, a backend judges, a second server is
joined by a relay and killed once. At its end nothing is missing in the books, everybody steady has heard everything
once and in order, whoever was refused was told, and `dragoman explain` tells what the clients' logs do.

SECONDS: how long it goes on (`make endure`: ten minutes). SEED: does the same again, as far as timing lets it."""

import asyncio
import os
import random
import re
import threading
import time

from backends import Instance
from chat import close_all, join
from endure_checks import all_is_well
from endure_crowd import (DIALECTS, Presence, Threads, comes_and_goes, floods, is_removed, makes_noise, sending_rubbish,
                          stalling, vanishing)
from endure_deeds import backend_lives, live
from endure_people import SERIALS, WORD, Ledger, Person
from server import LOBBY, SLOW, Server, check, configuration, port_of_ours

SECONDS = int(os.environ.get("SECONDS", 20 if SLOW == 1 else 10))
AWAY = 4  # seconds that the other server is away; what waits for it expires sooner
EACH = 12  # steady clients of each dialect

NOISE = "7f0c7a5e-93b4-4b17-8c2f-9c4a8ea95123"
DEN = "6f0c7a5e-93b4-4b17-8c2f-9c4a8ea95123"
MODS = [f"mod{dialect}" for dialect in DIALECTS]
NOISY = [f"loud{n}" for n in (1, 2, 3)] + [f"stall{dialect}" for dialect in DIALECTS]
NUMBERS = {name: number for number, name in enumerate(MODS + NOISY, 11)}
RULES = """routes = (
    { name = "from there"; dialect = "upstream"; kind = "message"; then = ( { room = "{room}"; } ); },
    { name = "bad words"; kind = "message"; text = "^bad"; then = ( { refuse = "mind your words"; } ); },
    { name = "for nobody"; kind = "message"; text = "^lost"; then = ( { drop = true; } ); },
    { name = "to the bot"; kind = "message"; text = "^!roll"; then = ( { backend = "judge"; } ); },
    { name = "no answer"; kind = "message"; text = "^asknone"; then = ( { ask = "judge"; deadline_ms = 400; } ); },
    { name = "judged"; kind = "message"; text = "^ask"; then = ( { ask = "judge"; deadline_ms = 15000; } ); } );
backends = ( { name = "judge"; bind = "ipc://judge.sock"; speaks_as = "bot"; } );"""
LIMITS = """message_bytes = 16384; outbox_bytes = 131072; signals_per_second = 0; messages_per_second = 20;
    connections_per_address = 0; failed_logins = 0;"""


def quoted(names):
    return ", ".join(f'"{name}"' for name in names)


def near_config(port):
    accounts = ", ".join(f'{{ name = "{name}"; number = {number}; secret_file = "word"; roles = [ '
                         f'{quoted(["owner"]) if name in MODS else ""} ]; }}' for name, number in NUMBERS.items())
    mounts = ", ".join([f'{{ path = "/{dialect}"; dialect = "{dialect}"; room = "lobby"; edits_any = false; }}'
                        for dialect in DIALECTS] +
                       [f'{{ path = "/noise/{dialect}"; dialect = "{dialect}"; room = "noise"; http = false; }}'
                        for dialect in DIALECTS])
    rooms = f"""( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; history = 100; remembered = 100000; }},
        {{ name = "den"; mixer = 2; concord = 2; rooms = "{DEN}"; }},
        {{ name = "noise"; mixer = 3; concord = 3; rooms = "{NOISE}"; open = false; members = [ {quoted(NOISY)} ]; }} )"""
    upstream = (f'upstreams = ( {{ name = "far"; dialect = "concord"; mode = "relay"; room = "lobby"; '
                f'url = "http://127.0.0.1:{port}"; remote_room = "1"; user = "relay"; secret_file = "word"; '
                'retry_seconds_max = 1; outbox_seconds = 2; outbox_entries = 10000; } );')
    return configuration(LIMITS, rooms=rooms, mounts=f"( {mounts} )", accounts=f"( {accounts} )", workers=2,
                         more=f'control = "control"; state = "state"; storage = {{ durability = "second"; }}; '
                              f'explain = {{ messages = {max(20000, SECONDS * 250)}; }}; {RULES} {upstream}')


def far_config():
    return configuration("messages_per_second = 0; signals_per_second = 0; http_requests_per_second = 0;", workers=1,
                         port=port_of_ours(), more='state = "state"; control = "control";',
                         accounts='( { name = "relay"; number = 6; secret_file = "word"; roles = [ "mod" ]; } )')


class Judge(Instance):
    """The backend: what it says stands in the text. It has requests of its own, too."""

    def __init__(self, server):
        self.answers, self.asked, self.routed = {}, 0, []
        super().__init__(server.endpoint("judge"), "judge", judge=self.decide, credits=100)

    def decide(self, meta, event):
        mark, text = event["text"].split()[0], event["text"]
        later = {"askslow": 0.3, "asknone": 1.0}.get(mark)
        if later:
            threading.Timer(later, self.send, ("ANSWER", {"id": meta["id"], "verdict": "allow"})).start()
            return None
        if mark == "askno":
            return {"verdict": "refuse", "text": "no"}
        if mark == "askchange":
            return {"verdict": "change"}, {"text": text.replace("askchange", "changed")}
        return {"verdict": "allow"}

    def keep(self, command, meta, event):
        if command in ("ACK", "ERROR"):
            self.answers[meta.get("id")] = command, meta
        elif command == "EVENT":
            self.routed.append(event["text"])
        del self.frames[:], self.received[:-100]

    async def request(self, command, meta, envelope=None):
        """What it is answered: (command, meta), (None, {}) when nothing comes."""
        self.asked += 1
        number = self.asked
        self.send(command, {"id": number, **meta}, envelope)
        end = time.monotonic() + 20 * SLOW
        while number not in self.answers and time.monotonic() < end:
            await asyncio.sleep(0.005)
        return self.answers.pop(number, (None, {}))


# ---- the run ----

async def people_come(server):
    names = [f"{kind}{dialect}" for dialect in DIALECTS for kind in ("mod", "tim")]
    names += [f"{dialect}{number}" for dialect in DIALECTS for number in range(1, EACH - 1)]
    people = []
    for number, name in enumerate(names):
        dialect = next(dialect for dialect in DIALECTS if dialect in name)
        person = await join(server, dialect, name, secret=WORD, user=NUMBERS.get(name, 1000 + number), kind=Person)
        person.reacted = set()
        people.append(person)
    await asyncio.sleep(0.5)
    for person in people:
        person.shown.clear()
        del person.frames[:], person.texts[:]
        person.lean = True
    return people


def resident_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


async def watch(server, memory, over):
    """The books balance at any moment."""
    while not over():
        await asyncio.to_thread(server.counters)
        memory.append(resident_kib(server))
        await asyncio.sleep(1)


async def talks_there(far, ledger, over):
    """Somebody at the other server, which is killed in the middle."""
    killed, end = False, time.monotonic() + SECONDS / 2
    eve = await join(far, "concord", "eve", path="/concord", secret=WORD)
    while not over():
        if not killed and time.monotonic() > end:
            killed = True
            far.process.kill()
            await asyncio.sleep(AWAY)
            await asyncio.to_thread(far.restart)
            await eve.close()
            eve = await join(far, "concord", "eve", path="/concord", secret=WORD)
        serial = next(SERIALS)
        ledger.said[serial] = "eve", "there", None
        await eve.say(f"from there #{serial} of eve")
        del eve.frames[:-10], eve.texts[:-10]
        eve.at = 0
        await asyncio.sleep(0.4)
    await eve.close()
    check(killed, "the other server was not killed")


async def run_all(server, far, ledger, presence, people, memory):
    end = time.monotonic() + SECONDS
    over = lambda: time.monotonic() > end
    threads = Threads()
    threads.start(vanishing, server, presence, ledger, over)
    threads.start(sending_rubbish, server, presence, over)
    for dialect in DIALECTS:
        threads.start(stalling, server, presence, dialect, NUMBERS[f"stall{dialect}"], over)
    tasks = [live(ledger, person, server, over) for person in people]
    tasks += [backend_lives(ledger, ledger.judge, over), watch(server, memory, over), talks_there(far, ledger, over),
              comes_and_goes(server, presence, ledger, over), floods(server, presence, ledger, over),
              is_removed(server, presence, ledger, over), makes_noise(server, presence, over)]
    results = await asyncio.gather(*map(asyncio.create_task, tasks), return_exceptions=True)
    await asyncio.to_thread(threads.end)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def mixed_run():
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    print(f"SEED={seed} SECONDS={SECONDS}", flush=True)

    async def scenario(far, server):
        ledger, presence, memory = Ledger(random.Random(seed)), Presence(), []
        ledger.judge = Judge(server)
        await ledger.judge.expect("READY")
        people = await people_come(server)
        ledger.rooms_people = [person for person in people if person.dialect == "rooms"]
        await run_all(server, far, ledger, presence, people, memory)
        await all_is_well(server, far, ledger, presence, people, memory)
        await close_all(people)
        ledger.judge.stop()

    with Server(far_config(), files={"word": WORD}) as far:
        with Server(near_config(far.port), files={"word": WORD}) as server:
            asyncio.run(scenario(far, server))


SCENARIOS = [mixed_run]
