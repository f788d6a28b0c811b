"""Backends that stop, talk nonsense, answer late or twice, or flood: counted, told once, and nobody
else is hurt."""

import asyncio
import collections
import json
import random
import re
import signal
import threading
import time

import zmq

from backends import Crew, log_count, until
from chat import close_all, join, join_all, quiet, talk
from routing import Talker, all_ended, routed
from server import LOBBY, MOUNTS, SLOW, Server, check

TWO_ROOMS = f'''( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; }},
    {{ name = "aside"; mixer = 2; concord = 2; }} )'''
ASIDE = MOUNTS.replace("\n)", ',\n\t{ path = "/aside"; dialect = "simple"; room = "aside"; }\n)')
ASKED = '{ room = "lobby"; kind = "message"; then = ( { ask = "judge"; } ); }'
HEARTBEAT_MS = 500


def judged(routes=ASKED, deadline_ms=2000):
    backend = f'name = "judge"; bind = "ipc://judge.sock"; deadline_ms = {deadline_ms}; speaks_as = "Judge";'
    return routed(routes, f"{{ {backend} heartbeat_ms = {HEARTBEAT_MS}; }}", rooms=TWO_ROOMS, mounts=ASIDE)


class Stage:
    """Four clients in the lobby, whose messages are judged, and two aside, whose are not."""

    async def enter(self, server):
        self.server = server
        self.clients = await join_all(server)
        self.aside = [await join(server, "simple", name, path="/aside") for name in ("amy", "ben")]
        self.marks = 0
        return self

    async def talk_aside(self):
        """What happens in the lobby is not felt here."""
        self.marks += 1
        await talk(self.aside, f"aside {self.marks}")

    async def talk_judged(self):
        self.marks += 1
        await talk(self.clients, f"judged {self.marks}")

    async def end(self):
        """Nobody has lost the connection; the books balance."""
        everybody = [*self.clients.values(), *self.aside]
        for client in everybody:
            check(not client.reader.done(), f"{client.name} lost the connection")
        await self.talk_aside()
        counters = self.server.settled()
        check(counters["connections"]["open"] == len(everybody) and counters["connections"]["cut"] == 0,
              f"{counters['connections']}")
        await close_all(everybody)
        return counters


def run(scenario, config):
    async def whole(server, crew):
        stage = await Stage().enter(server)
        await scenario(stage, server, crew)
        await stage.end()

    with Server(config) as server:
        with Crew(server) as crew:
            asyncio.run(whole(server, crew))


# ---- it stops ----

def stopped_backend():
    """SIGSTOP: what it had goes to another; when all have stopped, it is refused; they come back."""
    async def outcomes(stage, each):
        talkers = [Talker(client) for client in stage.clients.values()]
        await asyncio.gather(*(talker.pace(each, 1000) for talker in talkers), stage.talk_aside())
        return len(await all_ended(talkers, 12))

    async def scenario(stage, server, crew):
        programs = [crew.process(name, "judge") for name in ("one", "two")]
        await until(lambda: log_count(server, " is ready, with ") == 2, "both are ready", 6)
        programs[0].pause()
        check(await outcomes(stage, 10) == 40, "lost with one of two stopped")
        await until(lambda: log_count(server, " is dead: ") == 1, "it is found dead", 5)
        await stage.talk_judged()
        programs[1].pause()
        check(await outcomes(stage, 10) == 0, "judged by nobody")
        for program in programs:
            program.process.send_signal(signal.SIGCONT)
        await until(lambda: log_count(server, " is ready, with ") == 4, "both are back", 6)
        await quiet(stage.clients.values())
        await stage.talk_judged()
        books = server.settled()["backends"]["judge"]
        asks, instances = books["asks"], books["instances"]
        check(asks["allowed"] == 48, f"{books}")
        check(asks["expired"] > 0 and asks["expired"] + asks["unavailable"] == 40, f"{books}")
        check(instances == {"joined": 4, "left": 0, "died": 2}, f"{books}")
        check(books["repeated"] > 0 and books["wrong"]["not_ready"] > 0, f"{books}")
        check(log_count(server, "timeout: it did not answer in time") == 1, "told once")

    run(scenario, judged(deadline_ms=4000))


# ---- it talks nonsense ----

DEEP = '{"a":' + "[" * 40 + "]" * 40 + "}"
NONSENSE = [  # the code and what is sent
    ("bad_frames", ["DGM1"]),
    ("bad_version", [""]),
    ("bad_frames", ["DGM1", "HEARTBEAT", "{}", "{}"]),
    ("bad_field", ["DGM1", "PUBLISH", '{"room":"lobby"}']),
    ("bad_field", ["DGM1", "ANSWER", '{"id":1,"verdict":"allow"}', '{"text":"x"}']),
    ("bad_frames", ["DGM1", "HEARTBEAT", "{}", "{}", "{}"]),
    ("bad_frames", ["DGM1", *["{}"] * 30]),
    ("bad_version", ["", "DGM1", "HEARTBEAT", "{}", "{}"]),
    ("bad_version", ["DGM2", "HEARTBEAT", "{}"]),
    ("bad_version", ["", "DGM1", "HEARTBEAT", "{}"]),
    ("bad_version", [b"\xff\x00", b"\x01", b"\x00"]),
    ("bad_command", ["DGM1", "SHOUT", "{}"]),
    ("bad_command", ["DGM1", "heartbeat", "{}"]),
    ("bad_command", ["DGM1", "EVENT", '{"id":1}']),
    ("bad_json", ["DGM1", "ANSWER", '{"id":1']),
    ("bad_json", ["DGM1", "ANSWER", "[]"]),
    ("bad_json", ["DGM1", "ANSWER", DEEP]),
    ("bad_json", ["DGM1", "ANSWER", '{"id":1,"id":2,"verdict":"allow"}']),
    ("bad_json", ["DGM1", "ANSWER", b'{"id":1,"verdict":"refuse","text":"\xff"}']),
    ("bad_json", ["DGM1", "PUBLISH", '{"room":"lobby"}', "hello"]),
    ("bad_field", ["DGM1", "ANSWER", '{"verdict":"allow"}']),
    ("bad_field", ["DGM1", "ANSWER", '{"id":1,"verdict":"perhaps"}']),
    ("bad_field", ["DGM1", "ANSWER", '{"id":1.5,"verdict":"allow"}']),
    ("bad_field", ["DGM1", "READY", '{"name":"judge","credits":0}']),
    ("bad_field", ["DGM1", "READY", '{"credits":5}']),
    ("bad_field", ["DGM1", "CONTROL", '{"do":"dance","room":"lobby"}']),
    ("bad_field", ["DGM1", "PUBLISH", '{"room":"lobby"}', '{"kind":"message","text":""}']),
    ("bad_field", ["DGM1", "PUBLISH", '{"room":"lobby"}',
                   '{"kind":"message","text":"' + "x" * 1048000 + '"}']),
]


def nonsense():
    """Wrong messages get an ERROR that says what is wrong, are counted, and told once for each cause."""
    async def scenario(stage, server, crew):
        judge = crew.instance("judge")
        await judge.expect("READY")
        for _ in range(3):
            for code, frames in NONSENSE:
                judge.send_frames(*frames)
                meta, _ = await judge.expect("ERROR")
                check(meta["code"] == code and meta["text"], f"{meta} for {str(frames)[:200]}")
            await stage.talk_judged()
        wanted = collections.Counter(code for code, _ in NONSENSE)
        wrong = server.settled()["backends"]["judge"]["wrong"]
        check({code: wrong[code] for code in wanted} == {c: 3 * n for c, n in wanted.items()}, f"{wrong}")
        for code in wanted:
            check(log_count(server, "backend judge", code) == 1, f"{code} is not told once")
        check(judge.count("READY") == 1, "it had to come again")

    run(scenario, judged())


def random_bytes():
    """Random frames end in an ERROR each, but for what happens to be none."""
    async def scenario(stage, server, crew):
        judge = crew.instance("judge")
        await judge.expect("READY")
        chance = random.Random(6)
        words = [b"DGM1", b"ANSWER", b"ACK", b"PUBLISH", b"CONTROL", b"READY", b'{"id":1}', b"{}", b"[]", b""]
        for _ in range(500):
            judge.send_frames(*(chance.choice(words) if chance.random() < 0.7 else chance.randbytes(40)
                                for _ in range(chance.randrange(1, 8))))
        judge.send_frames("DGM1", "PUBLISH", '{"id":"last","room":"nowhere"}', '{"kind":"clear"}')
        meta, _ = await judge.expect("ERROR", 5, id="last")
        check(meta["code"] == "unknown_room", f"{meta}")
        books = server.settled()["backends"]["judge"]
        ended = sum(books["wrong"].values())
        check(ended == 500 and books["wrong"]["not_ready"] == 0, f"{books}")
        await stage.talk_judged()

    run(scenario, judged())


def answers_that_do_not_fit():
    """Too late, twice, to nothing, by the wrong command or the wrong instance: ignored and counted."""
    async def scenario(stage, server, crew):
        silent = crew.instance("judge", judge=lambda meta, event: None, acknowledge=lambda meta, event: False)
        await silent.expect("READY")
        talker = Talker(stage.clients["simple"])
        await talker.say()
        ask, _ = await silent.expect("ASK")
        silent.send("ACK", {"id": ask["id"]})
        check((await silent.expect("ERROR"))[0]["code"] == "asked", "an ACK for an ASK")
        other = crew.instance("judge", judge=lambda meta, event: None)
        await other.expect("READY")
        other.send("ANSWER", {"id": ask["id"], "verdict": "allow"})
        await stage.talk_aside()
        check((await talker.client.refusal(3 * SLOW))[0] == "no_answer", "it expired")
        silent.send("ANSWER", {"id": ask["id"], "verdict": "allow"})  # too late
        silent.send("ANSWER", {"id": 12345, "verdict": "allow"})
        silent.send("ACK", {"id": 2 ** 53 - 1})
        other.leave()
        await until(lambda: log_count(server, "has left with BYE"), "it has left")
        await talker.say()
        ask, _ = await silent.expect("ASK")
        for _ in range(2):
            silent.send("ANSWER", {"id": ask["id"], "verdict": "allow"})
        await talker.client.hears("dan 2")
        await all_ended([talker])
        check(talker.own() == ["dan 2"], f"what was said: {talker.own()}")
        await stage.clients["mixer"].say("deliver this")
        event, _ = await silent.expect("EVENT", cause="route")
        silent.send("ANSWER", {"id": event["id"], "verdict": "refuse"})
        check((await silent.expect("ERROR"))[0]["code"] == "not_asked", "an ANSWER for an EVENT")
        silent.send("ACK", {"id": event["id"]})
        check((await stage.clients["mixer"].fields(type="reply", id=stage.clients["mixer"].requests))["error"]
              is None, "the delivery")
        books = server.settled()["backends"]["judge"]
        check(books["wrong"] == {"not_ready": 0, "late": 5, "wrong_name": 0, "too_many": 0, "mixed_up": 2},
              f"{books}")
        asks = books["asks"]
        check((asks["expired"], asks["allowed"], books["events"]["acknowledged"]) == (1, 1, 1), f"{books}")
        check(log_count(server, "an answer came too late, or has an unknown id") == 1, "told once")
        stranger = crew.instance("judge jury", endpoint=server.endpoint("judge"), beats=False)
        check((await stranger.expect("ERROR"))[0]["code"] == "wrong_name", "another name")
        check(server.settled()["backends"]["judge"]["wrong"]["wrong_name"] == 1, "another name is counted")

    deliver = '{ room = "lobby"; kind = "message"; text = "^deliver"; then = ( { backend = "judge"; } ); }'
    run(scenario, judged(f"{deliver}, {ASKED}", deadline_ms=1000))


def oversized_frames():
    """1 MiB is read; one byte more is an ERROR that says so; more than eight times that ends that
    instance's connection, and it comes back."""
    async def scenario(stage, server, crew):
        judge, good = crew.instance("judge"), crew.instance("judge")
        for instance in (judge, good):
            await instance.expect("READY")
        fits = b'{"room":"lobby","padding":"' + b"x" * (1048576 - 29) + b'"}'
        check(len(fits) == 1048576, f"{len(fits)}")
        judge.send_frames("DGM1", "PUBLISH", fits, '{"kind":"message","text":"1 MiB of meta"}')
        await judge.expect("ACK", 4)
        for client in stage.clients.values():
            await client.hears("1 MiB of meta")
        judge.send_frames("DGM1", "PUBLISH", fits + b" ", '{"kind":"message","text":"never said"}')
        error, _ = await judge.expect("ERROR", 4)
        check((error["code"], error["text"]) == ("bad_frames", "a frame longer than 1048576 bytes"), f"{error}")
        check(judge.count("READY") == 1, "an ERROR cost the connection")
        judge.send_frames("DGM1", "PUBLISH", fits * 8 + b" ", '{"kind":"message","text":"never said"}')
        talkers = [Talker(client) for client in stage.clients.values()]
        await asyncio.gather(*(talker.pace(5, 1000) for talker in talkers), stage.talk_aside())
        check(len(await all_ended(talkers)) == 20, "lost with one of two cut")
        check((await judge.expect("ERROR", 5))[0]["code"] == "not_ready", "it is somebody new")
        await judge.expect("READY")
        await quiet(stage.clients.values())
        await stage.talk_judged()
        check(good.count("READY") == 1, "the other instance was hurt")
        for client in stage.clients.values():
            check(not client.heard("never said"), "said all the same")
        await until(lambda: log_count(server, " is dead: ") == 1, "its former self is dead", 5)

    run(scenario, judged())


# ---- nothing is heard of it ----

def log_matches(server, pattern):
    return len(re.findall(pattern, server.log_text()))


def raw_socket(kind, endpoint, identity=None):
    raw = zmq.Context.instance().socket(kind)
    raw.linger = 0
    if kind == zmq.SUB:
        raw.subscribe("")
    if identity:
        raw.identity = identity
    raw.connect(endpoint)
    return raw


READY = [b"DGM1", b"READY", b'{"name":"judge"}']


def silences():
    """A socket of another type, an identity that is in use, no READY, a path where nobody listens: our
    side says what it sees. A log line of an instance says which."""
    async def scenario(stage, server, crew):
        del crew
        endpoint = server.endpoint("judge")
        sub = raw_socket(zmq.SUB, endpoint)
        await until(lambda: log_count(server, "backend judge: a peer connected with a socket that is not a "
                                              "DEALER, or violated the protocol"), "a SUB", 5)
        await until(lambda: log_matches(server, "backend far: cannot connect, retrying: ipc://.*/nowhere.sock: "
                                                "No such file or directory"), "nobody listens", 8)
        sub.close()
        first = raw_socket(zmq.DEALER, endpoint, b"fixed-1")
        first.send_multipart(READY)
        await until(lambda: log_count(server, "backend judge: instance fixed-1 is ready"), "it is ready")
        second = raw_socket(zmq.DEALER, endpoint, b"fixed-1")
        second.send_multipart(READY)
        await until(lambda: log_count(server, "instance fixed-1 is dead: heartbeat timeout, it sent nothing for 1000 ms"), "silent", 5)
        first.close()
        await until(lambda: log_count(server, "backend judge: a connection has sent no valid READY: it sends "
                                              "no READY, or its routing identity"), "the second", 9)
        second.close()
        nameless = raw_socket(zmq.DEALER, endpoint)
        nameless.send_multipart([b"DGM1", b"READY", b'{"name":"jury"}'])
        await until(lambda: log_matches(server, r'backend judge: instance [0-9a-f]{10}: a READY with another name: jury'),
                    "which name")
        _, command, meta = nameless.recv_multipart()
        check(command == b"ERROR" and json.loads(meta)["text"] ==
              'This is the socket of the backend "judge", not of "jury"', f"{command} {meta}")
        nameless.close()
        await stage.talk_aside()
        check(server.settled()["backends"]["judge"]["handshakes_failed"] >= 1, "it is counted")

    backends = (f'{{ name = "judge"; bind = "ipc://judge.sock"; heartbeat_ms = {HEARTBEAT_MS}; }}, '
                f'{{ name = "far"; connect = "ipc://nowhere.sock"; }}')
    run(scenario, routed(ASKED, backends, rooms=TWO_ROOMS, mounts=ASIDE))


# ---- it floods ----

class Flood:
    """An instance that sends as fast as it can, and counts what comes back."""

    def __init__(self, endpoint, frames, count):
        self.endpoint, self.frames, self.total = endpoint, frames, count
        self.codes = collections.Counter()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        context = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        dealer.linger = 0
        dealer.sndhwm = dealer.rcvhwm = 0
        dealer.connect(self.endpoint)
        dealer.send_multipart([b"DGM1", b"READY", b'{"name":"judge","credits":1,"rooms":["nowhere"]}'])
        for number in range(1, self.total + 1):
            dealer.send_multipart([frame % number if b"%d" in frame else frame for frame in self.frames])
            if number % 256 == 0:
                self.hear(dealer, 0)
        dealer.send_multipart([b"DGM1", b"PUBLISH", b'{"id":"last","room":"nowhere"}', b'{"kind":"clear"}'])
        end = time.monotonic() + 30 * SLOW
        while "last" not in self.codes and time.monotonic() < end:
            self.hear(dealer, 100)
        dealer.close()
        context.term()

    def hear(self, dealer, wait):
        while dealer.poll(wait):
            _, command, meta = dealer.recv_multipart()
            meta = json.loads(meta)
            if meta.get("id") == "last":
                self.codes["last"] += 1  # refused, as unknown, or as the floods are while they wait
                continue
            self.codes[meta.get("code", command.decode())] += 1


FLOODS = [  # what, its frames, how often, and what it is answered with
    ("garbage", [b"DGM1", b"SHOUT", b"{}"], 20000, {"bad_command"}),
    ("answers", [b"DGM1", b"ANSWER", b'{"id":%d1,"verdict":"allow"}'], 20000, set()),
    ("heartbeats", [b"DGM1", b"HEARTBEAT"], 20000, set()),
    ("members", [b"DGM1", b"CONTROL", b'{"id":%d,"do":"members","room":"lobby"}'], 4000, {"ACK", "busy"}),
    ("messages", [b"DGM1", b"PUBLISH", b'{"id":%d,"room":"lobby"}', b'{"kind":"message","text":"flood %d"}'],
     2000, {"ACK", "busy"}),
]


def floods():
    """An instance that sends thousands of messages at once disturbs neither the other instance nor the
    people; what it wants is done or refused, each once."""
    async def scenario(stage, server, crew):
        judge = crew.instance("judge")
        await judge.expect("READY")
        for name, frames, count, answers in FLOODS:
            flood = Flood(server.endpoint("judge"), frames, count // SLOW)
            while flood.thread.is_alive():
                await stage.talk_aside()
                await asyncio.sleep(0.02)
            found = {code: n for code, n in flood.codes.items()
                     if code not in ("READY", "HEARTBEAT", "last", "unknown_room")}
            check(flood.codes["last"] == 1, f"{name}: no end: {flood.codes}")
            check(set(found) <= answers, f"{name}: {flood.codes}")
            if "ACK" in answers:
                check(sum(found.values()) == count // SLOW, f"{name}: not each answered once: {flood.codes}")
                check(found["ACK"] >= 500 // SLOW, f"{name}: little was done: {flood.codes}")
            server.settled()
            await quiet(stage.clients.values())
            await stage.talk_judged()
        floods = {client.name: client.heard("flood ") for client in stage.clients.values()}
        check(all(len(texts) == len(set(texts)) == found["ACK"] for texts in floods.values()),
              f"{found}, heard {[len(texts) for texts in floods.values()]}")
        check(log_count(server, "backend judge", "bad_command") == 1, "told once")
        check(judge.count("ERROR") == 0 and judge.count("READY") == 1, "the other instance was hurt")

    run(scenario, judged())


SCENARIOS = [stopped_backend, nonsense, random_bytes, answers_that_do_not_fit, oversized_frames, silences, floods]
WAITING = [stopped_backend, silences]
