"""The engine of a cluster over real nats-servers, driven by tests/log_drive.c: what is appended stands there in one
order for all who read, whatever dies; live copies name the record before them."""

import collections
import json
import os
import queue
import signal
import subprocess
import threading
import time

from nats_servers import NatsServers
from server import OUT, SLOW, Failure, check

DRIVE = os.path.join(OUT, "tests", "log_drive")
NAME = "test"


class Engine:
    """A process with one engine. A context."""

    def __init__(self, urls, node=0, replicas=1, name=NAME, **environment):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([DRIVE, name, str(node), str(replicas), *urls], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=dict(os.environ, **environment))
        self.events, self.live, self.tags = queue.Queue(), collections.defaultdict(list), 0
        self.fills = collections.defaultdict(queue.Queue)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["kind"] == "live":
                self.live[event["shard"]].append(event["records"][0])
            elif event["kind"] == "filled":
                self.fills[event["shard"]].put(event["stored"])
            else:
                self.events.put(event)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            status = self.process.wait(15 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("an engine does not end") from None
        check(status == 0, f"an engine ended with {status}")

    def tell(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def next(self, wanted, what, within=10):
        """The next event that is wanted; what comes before it is dropped."""
        end = time.monotonic() + within * SLOW
        while True:
            try:
                event = self.events.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise Failure(f"no {what} within {within} s") from None
            if wanted(event):
                return event

    def state(self, name, within=30):
        return self.next(lambda event: event["kind"] == "state" and event["state"] == name, f"state {name}", within)

    def ask(self, verb, shard, *words, within=20):
        """Does it, and waits for the answer."""
        self.tags += 1
        tag = self.tags
        self.tell(verb, shard, tag, *words)
        return self.next(lambda event: event.get("tag") == tag and event["kind"] != "message", f"answer to {verb}",
                         within)

    def append(self, shard, text):
        return self.ask("append", shard, text)

    def read(self, shard, start=1, most=64, leader=0):
        return self.ask("read", shard, start, most, leader)

    def read_all(self, shard, start=1, leader=0):
        """Every record from there on, by as many reads as it takes; a read that failed is tried again."""
        records = []
        while True:
            event = self.read(shard, start, leader=leader)
            if event["result"] != "ok":
                time.sleep(0.2)
                continue
            records += event["records"]
            if event["end"]:
                return records
            start = records[-1]["sequence"] + 1

    def fill(self, shard, count, size, pace=0):
        self.tell("fill", shard, count, size, pace)

    def filled(self, shard, within=60):
        """How many of a fill were acknowledged, when it is over."""
        try:
            return self.fills[shard].get(timeout=within * SLOW)
        except queue.Empty:
            raise Failure(f"the fill of shard {shard} does not end within {within} s") from None


def check_chain(engine, shard, records):
    """Live copies name the record before them as the log has it."""
    before, named = 0, {}
    for record in records:
        named[record["sequence"]] = before
        before = record["sequence"]
    for record in engine.live[shard]:
        check(named.get(record["sequence"]) == record["before"],
              f"shard {shard}: live copy {record['sequence']} names {record['before']} before it, not "
              f"{named.get(record['sequence'])}")


def one_server_keeps_an_order():
    """Two engines, one server: append, live copies, reads of any and of the leader, ranges, purging, the bus."""
    with NatsServers() as servers, Engine(servers.urls) as one, Engine(servers.urls, 1) as two:
        one.state("ready")
        two.state("ready")
        said = [one.append(3, "first"), two.append(3, "second"), two.append(4, "another shard's"),
                one.append(3, "third")]
        check([event["result"] for event in said] == ["ok"] * 4, f"{said}")
        for leader in 0, 1:
            event = two.read(3, leader=leader)
            check([record["text"] for record in event["records"]] == ["first", "second", "third"] and event["end"],
                  f"{event}")
            check([record["sequence"] for record in event["records"]] ==
                  [said[0]["sequence"], said[1]["sequence"], said[3]["sequence"]], f"{event}")
            event = two.read(3, said[3]["sequence"] + 1, leader=leader)
            check(event["result"] == "ok" and event["end"] and not event["records"], f"{event}")
            event = two.read(5, leader=leader)
            check(event["result"] == "ok" and event["end"] and not event["records"], f"{event}")
            event = one.read(3, said[1]["sequence"], most=1, leader=leader)
            check([record["text"] for record in event["records"]] == ["second"] and not event["end"], f"{event}")
        check_chain(one, 3, two.read_all(3))
        check([record["text"] for record in one.live[3]] == ["first", "second", "third"], f"{one.live[3]}")
        check(one.live[3] == two.live[3] and one.live[4][0]["before"] == 0, f"{two.live}")

        event = one.ask("purge", 3, said[3]["sequence"])
        check(event["result"] == "ok", f"{event}")
        for leader in 0, 1:
            check([record["text"] for record in two.read_all(3, leader=leader)] == ["third"], "the one at it stays")
            check([record["text"] for record in two.read_all(4, leader=leader)] == ["another shard's"],
                  "another shard was purged")
        last = two.append(3, "fourth")
        one.read(3)
        check(one.live[3][-1]["before"] == said[3]["sequence"] and one.live[3][-1]["sequence"] == last["sequence"],
              f"{one.live[3]}")

        one.tell("send", 1, "for the second")
        check(two.next(lambda event: event["kind"] == "message", "message")["text"] == "for the second", "the bus")
        two.tell("send", 8, "for all")
        for engine in one, two:
            check(engine.next(lambda event: event["kind"] == "message", "message")["text"] == "for all", "the bus")


def large_records_are_carried():
    """A record of the most bytes there may be, and one more, which is refused; a range ends where it has enough."""
    with NatsServers() as servers, Engine(servers.urls) as one:
        one.state("ready")
        most = 1044480
        check(one.append(0, "x" * most)["result"] == "ok", "the longest")
        check(one.append(0, "x" * (most + 1))["result"] == "refused", "one byte more")
        check(one.append(0, "x" * most)["result"] == "ok", "the longest again")
        check(one.append(0, "x" * 10)["result"] == "ok", "a short one")
        for leader in 0, 1:
            event = one.read(0, leader=leader)
            check([record["len"] for record in event["records"]] == [most, most] and not event["end"],
                  f"{leader}: {len(event['records'])}")
        check([record["len"] for record in one.live[0]] == [most, most, 10], "live copies")


def a_server_that_is_unfit_is_told():
    """No JetStream; messages too short; a stream of somebody else's; then one that can be used."""
    with NatsServers(more="max_payload: 65536") as servers, Engine(servers.urls) as one:
        text = one.state("unfit")["text"]
        check("max_payload" in text, text)
        check(one.append(0, "x")["result"] == "refused", "an append")
    with NatsServers() as servers:
        servers.ask(f"STREAM.CREATE.DRAGOMAN_{NAME}",
                    {"name": f"DRAGOMAN_{NAME}", "subjects": [f"dragoman.{NAME}.log.*"], "storage": "file",
                     "retention": "limits", "max_age": 1000000000, "num_replicas": 1})
        with Engine(servers.urls) as one:
            text = one.state("unfit")["text"]
            check("republish" in text, text)
            servers.ask(f"STREAM.DELETE.DRAGOMAN_{NAME}")
            one.state("ready")
            check(one.append(0, "x")["result"] == "ok", "an append")


def a_server_comes_late_and_goes():
    """An engine is opened before its server is there; a server that is killed comes back with what it had."""
    servers = NatsServers()
    with Engine(servers.urls) as one:
        one.state("away")
        check(one.append(0, "early")["result"] == "refused", "it is not connected")
        with servers:
            one.state("ready")
            first = one.append(0, "one")
            check(first["result"] == "ok", f"{first}")
            server = servers.servers[0]
            server.end(signal.SIGKILL)
            one.state("away")
            check(one.append(0, "lost")["result"] == "refused", "it is not connected")
            server.start()
            one.state("ready")
            check([record["text"] for record in one.read_all(0, leader=1)] == ["one"], "what was acknowledged")
            second = one.append(0, "two")
            check(second["result"] == "ok" and second["sequence"] > first["sequence"], f"{second}")


def three_servers_lose_one_at_a_time():
    """Two engines append to six shards, three of them both, while each of three servers is killed in turn, and then the
    leader frozen: everything that was acknowledged stands there, in one order for both, from any replica and from the
    leader; each append that was not known to be stored was tried again, so there may be more."""
    with NatsServers(3) as servers, Engine(servers.urls, 0, 3) as one, \
            Engine(servers.urls[1:] + servers.urls[:1], 1, 3) as two:
        fills = [(one, 0), (one, 1), (one, 2), (two, 0), (two, 1), (two, 2), (two, 3), (two, 4), (two, 5)]
        for engine in one, two:
            engine.state("ready", 60)
        for engine, shard in fills:
            engine.fill(shard, 1000000, 500, 20)
        for server in servers.servers:
            time.sleep(0.5)
            server.end(signal.SIGKILL)
            time.sleep(0.5)
            server.start()
            server.accepts(30)
            time.sleep(3)
        leader = servers.leader(NAME, 30)
        leader.send(signal.SIGSTOP)
        time.sleep(5)
        leader.send(signal.SIGCONT)
        time.sleep(1)
        for engine, shard in fills:
            engine.tell("stop", shard)
        stored = collections.Counter()
        for engine, shard in fills:
            stored[shard] += engine.filled(shard)
        time.sleep(1)
        for shard, least in stored.items():
            records = one.read_all(shard, leader=1)
            check(records == two.read_all(shard, leader=1), f"shard {shard}: the leader tells two orders")
            check(records == two.read_all(shard), f"shard {shard}: a replica tells another order")
            sequences = [record["sequence"] for record in records]
            check(sequences == sorted(set(sequences)), f"shard {shard}: sequences do not rise")
            check(len(records) >= least, f"shard {shard}: {least} were acknowledged, {len(records)} are there")
            for engine in one, two:
                check(engine.live[shard], f"shard {shard}: nothing was heard live")
                check_chain(engine, shard, records)
            print(f"shard {shard}: {least} acknowledged, {len(records)} stored, "
                  f"{len(one.live[shard])} and {len(two.live[shard])} heard live", flush=True)


SCENARIOS = [one_server_keeps_an_order, large_records_are_carried, a_server_that_is_unfit_is_told,
             a_server_comes_late_and_goes, three_servers_lose_one_at_a_time]
