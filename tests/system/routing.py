"""Backends that come, share, die and are not there: every message has exactly one outcome."""

import asyncio
import collections
import json
import os
import signal
import tempfile

from backends import Crew, Instance, log_count, until
from chat import close_all, join_all, quiet, refusal_of, text_of
from server import SLOW, Server, balance_at_rest, check, configuration

NO_RATE = "messages_per_second = 0;"
HEARTBEAT_MS, DEADLINE_MS, TICK_MS = 500, 5000, 250


def routed(routes, backends, taps="", limits=NO_RATE, **more):
    """A configuration with rules and backends."""
    return configuration(limits, more=f"routes: ( {routes} );\nbackends: ( {backends} );\ntaps: ( {taps} );",
                         **more)


class Talker:
    """A client that says numbered things, and what became of them."""

    def __init__(self, client):
        self.client, self.sent = client, 0
        self.first = len(client.frames)

    async def say(self, prefix=""):
        self.sent += 1
        await self.client.say(f"{prefix}{self.client.name} {self.sent}")

    async def pace(self, total, rate, prefix=""):
        """So many, at so many a second."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.sent < total:
            while self.sent < min(total, (loop.time() - began) * rate):
                await self.say(prefix)
            await asyncio.sleep(0.005)

    def frames(self):
        return self.client.frames[self.first:]

    def refused(self):
        """The codes of all refusals."""
        return [code for code in map(refusal_of, self.frames()) if code]

    def own(self):
        """Its own messages as it heard them."""
        texts = map(text_of, self.frames())
        return [text for text in texts if text and f"{self.client.name} " in text]

    def ended(self):
        return len(self.own()) + len(self.refused())

    def check_replies(self):
        """Dialects that answer a request by its number answer each exactly once."""
        key = {"mixer": "id", "simple": "payload_id"}.get(self.client.dialect)
        if key:
            counts = collections.Counter(f[key] for f in self.frames() if f["type"] == "reply")
            check(len(counts) == self.sent and set(counts.values()) <= {1},
                  f"{self.client.name}: {len(counts)} of {self.sent} answered, {counts.most_common(2)}")


async def all_ended(talkers, within=10.0):
    """Every message has become a message or a refusal, once, and all have heard the same."""
    await until(lambda: all(talker.ended() >= talker.sent for talker in talkers), "all have an outcome",
                within)
    said = [text for talker in talkers for text in talker.own()]
    await until(lambda: all(len(heard(t, said)) >= len(said) for t in talkers), "all heard all", within)
    await asyncio.sleep(0.2 * SLOW)
    for talker in talkers:
        check(talker.ended() == talker.sent, f"{talker.client.name}: {talker.ended()} of {talker.sent}")
        talker.check_replies()
        check(heard(talker, said) == heard(talkers[0], said), f"{talker.client.name} heard another order")
        check(len(set(talker.own())) == len(talker.own()), f"{talker.client.name} said something twice")
    return said


def heard(talker, said):
    said = set(said)
    return [text for text in map(text_of, talker.frames()) if text in said]


# ---- two instances ----

def asks_of(program):
    """(id, text, again, deadline_ms) of each ASK that an instance's file has."""
    found = []
    for frames in program.messages():
        if frames[1] == "ASK":
            meta, event = json.loads(frames[2]), json.loads(frames[3])
            found.append((meta["id"], event["text"], meta.get("again", False), meta["deadline_ms"]))
    return found


async def killed_under_load(server, crew, rate, total):
    victim, other = (crew.process(name, "judge") for name in ("victim", "other"))
    await until(lambda: log_count(server, " is ready, with ") == 2, "both are ready", 5)
    clients = await join_all(server)
    talkers = [Talker(client) for client in clients.values()]
    load = asyncio.gather(*(talker.pace(total // 4, rate / 4) for talker in talkers))
    await until(lambda: sum(talker.sent for talker in talkers) >= total // 4, "a quarter is said", 20)
    # Stopped for a moment, so that it surely has something under way when it dies.
    victim.pause()
    await asyncio.sleep(0.1)
    victim.kill()
    await load
    await all_ended(talkers, 20)
    first, second = asks_of(victim), asks_of(other)
    check(not any(talker.refused() for talker in talkers), "refused although one lives")
    check(len(first) > total // 20, f"no share of the load: {len(first)} and {len(second)}")
    again = [ask for ask in second if ask[2]]
    check(again, "nothing was asked again")
    late = 2 * HEARTBEAT_MS + TICK_MS + 1000 * SLOW
    check(all(DEADLINE_MS - ask[3] <= late for ask in again), f"taken over late: {again}")
    ids = collections.Counter(ask[0] for ask in second)
    check(max(ids.values()) == 1, "one instance was asked twice the same")
    counters = server.settled()
    asks = counters["backends"]["judge"]
    check(asks["asks"]["allowed"] == total and asks["asks"]["accepted"] == total, f"{asks}")
    check(asks["instances"] == {"joined": 2, "left": 0, "died": 1}, f"{asks}")
    check(asks["repeated"] == len(again), f"{asks} but {len(again)}")
    other.kill()
    await close_all(clients)


def kill_one_of_two():
    """1,000 asks a second, shared by two; kill -9 of one: the other takes over what it had within two
    heartbeats, and every message comes through once."""
    routes = f'{{ kind = "message"; then = ( {{ ask = "judge"; deadline_ms = {DEADLINE_MS}; }} ); }}'
    backends = f'{{ name = "judge"; bind = "ipc://judge.sock"; heartbeat_ms = {HEARTBEAT_MS}; }}'
    with Server(routed(routes, backends)) as server:
        with Crew(server) as crew:
            asyncio.run(killed_under_load(server, crew, 1000 / SLOW, 4000 // SLOW))


# ---- none at all ----

def nobody_there():
    """Without an instance: refuse and pass do as they say, a delivery fails, and all of it is told."""
    routes = """
        { kind = "message"; text = "^refuse"; then = ( { ask = "judge"; } ); },
        { kind = "message"; text = "^pass"; then = ( { ask = "judge"; on_timeout = "pass"; } ); },
        { kind = "message"; text = "^deliver"; then = ( { backend = "judge"; } ); },
        { kind = "message"; text = "^both"; then = ( { tap = "judge"; }, { room = "{room}"; } ); }"""

    async def scenario(server, crew):
        clients = await join_all(server)
        for word, through in (("refuse", 0), ("pass", 10), ("deliver", 0), ("both", 10)):
            talkers = [Talker(client) for client in clients.values()]
            await asyncio.gather(*(talker.pace(10, 1000, word + " ") for talker in talkers))
            said = await all_ended(talkers)
            check(len(said) == 4 * through, f"{word}: {len(said)} came through")
            check(sum(len(talker.refused()) for talker in talkers) == 40 - 4 * through, f"{word}: refusals")
        counters = server.settled()
        check(counters["drafts"]["refused"] == {"no_answer": 80}, f"{counters['drafts']}")
        books = counters["backends"]["judge"]
        check((books["asks"]["unavailable"], books["events"]["unavailable"]) == (80, 80), f"{books}")
        check(log_count(server, "backend judge", "no instance is connected") == 1, "logged once")
        judge = crew.instance("judge")
        await judge.expect("READY")
        await quiet(clients.values())
        talkers = [Talker(client) for client in clients.values()]
        await asyncio.gather(*(talker.pace(10, 1000, "refuse ") for talker in talkers))
        check(len(await all_ended(talkers)) == 40, "an instance is there now")
        judge.leave()
        await until(lambda: log_count(server, "has left with BYE"), "it has left")
        await clients["simple"].say("refuse this again")
        check((await clients["simple"].refusal())[0] == "no_answer", "it sent BYE")
        await close_all(clients)

    with Server(routed(routes, '{ name = "judge"; bind = "ipc://judge.sock"; }')) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


# ---- ways to meet ----

RENAMING = '{ kind = "message"; then = ( { tap = "feed"; }, { ask = "judge"; } ); }'


def shouting(meta, event):
    return {"verdict": "change"}, {**event, "text": event["text"].upper()}


async def says_loudly(clients, text):
    """What anybody says, all hear as the backend changed it."""
    for speaker in clients.values():
        await speaker.say(f"{text} {speaker.name}")
        for client in clients.values():
            await client.hears(f"{text} {speaker.name}".upper())


def connect_instead_of_bind():
    """Dragoman connects to instances that wait, one by ipc and one by tcp."""
    async def scenario(server, instances):
        for instance in instances:
            await instance.expect("READY", 5)
        clients = await join_all(server)
        await says_loudly(clients, "hello")
        check(all(instance.count("ASK") for instance in instances), "one of the two is asked nothing")
        for instance in instances:
            instance.send("PUBLISH", {"id": instance.name, "room": "lobby", "as": "Judge"},
                          {"kind": "message", "text": "order!"})
            await instance.expect("ACK", id=instance.name)
        for client in clients.values():
            await client.hears("order!")
            await client.hears("order!")
        await close_all(clients)

    with Crew() as crew, tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        waiting = [crew.add(Instance(endpoint, "judge", judge=shouting, bind=True, credits=1))
                   for endpoint in (f"ipc://{folder}/judge.sock", "tcp://127.0.0.1:*")]
        ends = ", ".join(f'"{instance.endpoint}"' for instance in waiting)
        backends = f'{{ name = "judge"; connect = [ {ends} ]; speaks_as = "Judge"; }}'
        feed = '{ name = "feed"; bind = "tcp://127.0.0.1:*"; }'
        with Server(routed(RENAMING, backends, feed)) as server:
            asyncio.run(scenario(server, waiting))


def listening_backend_restarts():
    """Dragoman connects again to an instance that went and came back, by ipc and tcp."""
    async def scenario(server, crew, waiting):
        clients = await join_all(server)
        for instance in waiting:
            await instance.expect("READY", 5)
            instance.stop()
        await clients["simple"].say("nobody is there")
        await clients["simple"].refusal(6 * SLOW)
        await asyncio.sleep(0.5)
        again = [crew.add(Instance(instance.endpoint, "judge", judge=shouting, bind=True, credits=1))
                 for instance in waiting]
        for instance in again:
            await instance.expect("READY", 10)
        await quiet(clients.values())
        await says_loudly(clients, "back again")
        check(all(instance.count("ASK") for instance in again), "one of the two is asked nothing")
        await close_all(clients)

    with Crew() as crew, tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        waiting = [crew.add(Instance(endpoint, "judge", bind=True))
                   for endpoint in (f"ipc://{folder}/judge.sock", "tcp://127.0.0.1:*")]
        ends = ", ".join(f'"{instance.endpoint}"' for instance in waiting)
        backends = f'{{ name = "judge"; connect = [ {ends} ]; heartbeat_ms = 500; }}'
        feed = '{ name = "feed"; bind = "tcp://127.0.0.1:*"; }'
        with Server(routed(RENAMING, backends, feed)) as server:
            asyncio.run(scenario(server, crew, waiting))


def restart():
    """Dragoman is killed and started again: by not_ready the instances know, and all goes on; the
    subscriber hears on, too."""
    async def one_life(server, crew, judge, life):
        await judge.expect("READY", 6)
        clients = await join_all(server)
        feed = crew.subscriber("feed")
        await feed.subscribed(clients["mixer"])
        await says_loudly(clients, f"life {life}")
        await feed.hears(f"life {life} dan")
        check({topic for topic, _ in feed.received} == {"lobby/message"}, f"topics: {feed.received}")
        await close_all(clients)

    async def scenario(server, crew):
        judge = crew.instance("judge", judge=shouting)
        await one_life(server, crew, judge, 1)
        server.restart(signal.SIGKILL)
        await one_life(server, crew, judge, 2)
        server.restart(signal.SIGTERM)
        await judge.expect("BYE")
        await one_life(server, crew, judge, 3)
        check(judge.count("READY") == 3, f"welcomed {judge.count('READY')} times")
        codes = {meta["code"] for command, meta, _ in judge.received if command == "ERROR"}
        check(codes == {"not_ready"}, f"errors: {codes}")
        instances = {meta["instance"] for command, meta, _ in judge.received if command == "READY"}
        check(len(instances) == 3, f"the server's instances: {instances}")
        ids = [meta["id"] for command, meta, _ in judge.received if command == "ASK"]
        check(len(set(ids)) == len(ids), "an id was used again after a restart")

    feed = '{ name = "feed"; bind = "ipc://feed.sock"; }'
    with Server(routed(RENAMING, '{ name = "judge"; bind = "ipc://judge.sock"; }', feed)) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


# ---- the end ----

def end_with_asks_under_way():
    """TERM while backends owe answers: exit status 0, the books balance, and BYE is said."""
    routes = """{ kind = "message"; text = "^ask"; then = ( { ask = "judge"; } ); },
        { kind = "message"; text = "^deliver"; then = ( { backend = "judge"; } ); }"""

    async def scenario(server, crew):
        silent = crew.instance("judge", judge=lambda meta, event: None, acknowledge=lambda meta, event: False)
        await silent.expect("READY")
        clients = await join_all(server)
        for client in clients.values():
            for word in ("ask", "deliver"):  # what is to be delivered waits behind what is asked
                for number in range(5):
                    await client.say(f"{word} {number}")
        await until(lambda: silent.count("ASK") == 20, f"20 asks, not {silent.received}")
        silent.send("PUBLISH", {"id": 1, "room": "lobby"}, {"kind": "message", "text": "ask me"})
        await silent.expect("ACK", id=1)
        server.process.send_signal(signal.SIGTERM)
        for client in clients.values():
            check(await client.closed(10 * SLOW) == 1001, "the close code")
        status, last = server.wait_end()
        check(status == 0, f"exit status {status}")
        await silent.expect("BYE")
        await close_all(clients)
        return last

    backends = '{ name = "judge"; bind = "ipc://judge.sock"; deadline_ms = 60000; speaks_as = "Judge"; }'
    server = Server(routed(routes, backends))
    with server:
        with Crew(server) as crew:
            last = asyncio.run(scenario(server, crew))
        balance_at_rest(last)
        asks = last["backends"]["judge"]["asks"]
        check(asks["accepted"] == 20 and asks["allowed"] == 0, f"{asks}")
        check(not os.path.exists(os.path.join(server.folder.name, "judge.sock")), "the socket is left")
        server.check_log()
        server.process = None


SCENARIOS = [kill_one_of_two, nobody_there, connect_instead_of_bind,
             listening_backend_restarts, restart, end_with_asks_under_way]
WAITING = [end_with_asks_under_way]
