"""What it costs to store what is said before it is acknowledged: the engines of the store beside each other,
in rounds in which they take turns, and beside Redis streams and NATS JetStream."""

import contextlib
import json
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time

import measures
import servers
from against import interval
from measures import progress

ROUNDS = 15
SYNCS, PAGE = 100, 8192
MESSAGES, LIGHT_MESSAGES = 20000, 1000  # through the servers that store, in the short form
LONGER = 5                              # times as many in the full form
CPU, RATE, P50 = "server_us_per_delivery", "deliveries_per_s", "room.p50_us"


# ---- the servers ----

class Storing(servers.Dragoman):
    """A row of ours with a state folder."""

    def __init__(self, name, speech, engine, durability="commit"):
        super().__init__(name, speech)
        self.storage = f'engine = "{engine}"; durability = "{durability}"; messages = 0;'

    def write(self, folder, port, rooms, speech):
        self.more = f'state = "{os.path.abspath(folder)}/state"; storage = {{ {self.storage} }};'
        return super().write(folder, port, rooms, speech)

    def prepare(self, server):
        pass

    def stored(self, server):
        """How many messages are kept."""
        path = os.path.join(os.path.abspath(server.folder), "state", "rooms.db")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            return base.execute("SELECT sum(length(ids)) / 12 FROM block").fetchone()[0]


class Redis(servers.Broker):
    def __init__(self):
        super().__init__("redis, fsync always", "redis", "", "redis-server")

    def command(self, folder, port, rooms, speech):
        return [self.program(), "--port", str(port), "--bind", "127.0.0.1", "--dir", os.path.abspath(folder),
                "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]

    def prepare(self, server):
        pass

    def stored(self, server):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(b"*2\r\n$4\r\nXLEN\r\n$4\r\nroom\r\n")
            return int(line.recv(64).strip(b":\r\n"))


STREAM = {"name": "room", "subjects": ["room"], "storage": "file", "retention": "limits", "discard": "old",
          "num_replicas": 1, "max_msgs": -1, "max_bytes": -1, "max_age": 0, "max_consumers": -1}


class JetStream(servers.Broker):
    """It syncs each message from version 2.10 on, if it is told to."""

    def __init__(self):
        super().__init__("nats JetStream", "jetstream", "", "nats-server")

    def check(self, folder):
        super().check(folder)
        if not self.syncs():
            self.name = "nats JetStream (acknowledges before it syncs)"

    def syncs(self):
        said = subprocess.run([self.program(), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return tuple(map(int, re.search(r"v(\d+)\.(\d+)", said).groups())) >= (2, 10)

    def command(self, folder, port, rooms, speech):
        path = os.path.join(folder, "nats.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: "{os.path.abspath(folder)}/js"'
                       f'{", sync_interval: always" if self.syncs() else ""} }}\n')
        return [self.program(), "-c", path]

    def ask(self, server, subject, request=None):
        """An answer of its API."""
        text = json.dumps(request).encode() if request else b""
        with socket.create_connection(("127.0.0.1", server.port)) as line, line.makefile("rb") as answers:
            line.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB _INBOX.x 1\r\n'
                         b"PUB $JS.API.%s _INBOX.x %d\r\n%s\r\n" % (subject.encode(), len(text), text))
            while not (head := answers.readline()).startswith(b"MSG "):
                pass
            answer = json.loads(answers.read(int(head.split()[-1])))
            if "error" in answer:
                raise servers.Broken(f"{self.name}: {answer['error']}")
            return answer

    def prepare(self, server):
        self.ask(server, "STREAM.CREATE.room", STREAM)

    def stored(self, server):
        return self.ask(server, "STREAM.INFO.room")["state"]["messages"]


MEMORY = Storing("memory", "mixed", "memory")
COMMIT = Storing("commit", "mixed", "sqlite")
SECOND = Storing("second", "mixed", "sqlite", "second")
ENGINES = [MEMORY, COMMIT, SECOND]
PEERS = [Storing("dragoman, commit", "simple", "sqlite"), Storing("dragoman, second", "simple", "sqlite", "second"),
         Redis(), JetStream()]

# measure -> (title, group)
LOADS = {"stored_sat": ("N=100 W=64, us CPU for each delivery", measures.LOADS["sat100"][1]),
         "stored_room": ("one room of 4, W=64, messages a second", dict(measures.ROOM, members=4, window=64)),
         "stored_rate": ("N=100, 200 messages a second, p50 us", measures.LOADS["rate100"][1])}

# measure -> (title, connections, window)
WINDOWS = {"stored_many": ("4 connections, 16 messages under way of each", 4, 16),
           "stored_light": ("one message at a time", 1, 1)}


# ---- the rounds ----

@contextlib.contextmanager
def on_disk(folder):
    """All folders are made below that one: what is for temporary files may be in memory."""
    before, tempfile.tempdir = tempfile.tempdir, os.path.abspath(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def sync_us():
    """What it takes to write a page into a file that has its length, and to sync it, at 200 a second: the median.
    (One right behind the other takes a quarter of that on some disks.)"""
    with tempfile.TemporaryFile() as file:
        file.write(bytes(SYNCS * PAGE))
        file.flush()
        os.fsync(file.fileno())
        times = []
        for number in range(SYNCS):
            time.sleep(1 / 200)
            began = time.monotonic()
            os.pwrite(file.fileno(), b"x" * PAGE, number * PAGE)
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - began) * 1e6)
    return statistics.median(times)


def turned(rows, number):
    """Who is first changes from round to round."""
    first = number % len(rows)
    return rows[first:] + rows[:first]


def engines_round(results, number, quick):
    """For each load a server of each engine, one right after the other; and what a sync takes meanwhile."""
    for measure, (title, group) in LOADS.items():
        for row in turned(ENGINES, number):
            def work(server, row=row):
                progress(f"round {number + 1}: engine {row.name}, {title}")
                results.add(measure, row.name, number, measures.one_load(server, group, quick))
            measures.with_server(row, results, work)
    results.values.setdefault("fdatasync", {}).setdefault("the disk", {})[number] = \
        {"us": sync_us(), "p50_us": 0}


def tool(server, row, connections, window, messages):
    words = [os.path.join(servers.TOOLS, "stored"), "--port", str(server.port), "--pid", str(server.process.pid),
             "--speech", row.speech, "--connections", str(connections), "--window", str(window), "--messages",
             str(messages)]
    began, before = time.monotonic(), servers.stolen_seconds()
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          preexec_fn=servers.settle_on(servers.LOAD_CORE))
    if done.returncode:
        raise servers.Broken(f"{row.name}: {done.stderr.decode('utf-8', 'replace').strip()}")
    result = json.loads(done.stdout)
    result["stolen"] = (servers.stolen_seconds() - before) / (time.monotonic() - began)
    return result


def peers_round(rows, results, number, quick):
    """The same number of messages through each, each acknowledged when it is stored; and they are there."""
    times = 1 if quick else LONGER
    for measure, (title, connections, window) in WINDOWS.items():
        messages = (MESSAGES if window > 1 else LIGHT_MESSAGES) * times
        for row in turned(rows, number):
            def work(server, row=row):
                progress(f"round {number + 1}: {row.name}, {title}")
                row.prepare(server)
                result = tool(server, row, connections, window, messages)
                found = row.stored(server)
                result["fault"] = "" if found == messages else f"{found} of {messages} are stored"
                results.add(measure, row.name, number, result)
            measures.with_server(row, results, work)


def run(results, rounds, quick, disk=servers.TOOLS):
    """disk: a folder on the one that is to be measured."""
    rows = measures.available(PEERS, results)
    with on_disk(disk):
        for number in range(rounds):
            engines_round(results, number, quick)
        for number in range(min(rounds, 5)):
            peers_round(rows, results, number, quick)
    progress("")


# ---- the tables ----

def above(results, row):
    """How many syncs the median latency is above that of memory, in each round."""
    mine, memory = (results.rounds("stored_rate", name) for name in (row, MEMORY.name))
    syncs = results.rounds("fdatasync", "the disk")
    return [(measures.field_of(mine[r], P50) - measures.field_of(memory[r], P50)) / syncs[r]["us"]
            for r in mine if r in memory and r in syncs]


def figures(results, row):
    """(title, values in rounds, what is compared with memory, unit, what it must be, more is better)."""
    per_message = measures.ROOM["publishers"]
    yield ("CPU for each delivery, N=100 W=64", results.ratios("stored_sat", row, MEMORY.name, CPU),
           results.median("stored_sat", row, CPU), "us", 1.18, False)
    yield ("ordered messages of one room of 4, W=64", results.ratios("stored_room", row, MEMORY.name, RATE),
           results.median("stored_room", row, RATE) / per_message, "a second", 0.7, True)
    yield ("p50 at 200 messages a second, above memory", above(results, row),
           results.median("stored_rate", row, P50), "us", 4, False)


def values(results):
    """For the goals: of commit."""
    if "stored_rate" not in results.values:
        return {}
    keys = ("stored_cpu", "stored_room", "stored_p50")
    return {key: statistics.median(found) for key, (_, found, *_) in zip(keys, figures(results, COMMIT.name)) if found}


def engines_table(results):
    if "stored_rate" not in results.values:
        return
    syncs = [result["us"] for result in results.rounds("fdatasync", "the disk").values()]
    yield ""
    yield (f"Engines of the store: ratios to memory in the same round; p50 as fdatasyncs, one of which takes "
           f"{statistics.median(syncs):.0f} us ({min(syncs):.0f}..{max(syncs):.0f})")
    yield f"  {'':52}{'rounds':>6}{'median':>9}{'interval of the median':>26}{'spread':>18}{'measured':>20}"
    for row in (COMMIT.name, SECOND.name):
        for title, found, measured, unit, must, more in figures(results, row):
            if not found:
                continue
            middle, (least, greatest, certain) = statistics.median(found), interval(found)
            met = middle >= must if more else middle <= must
            yield (f"  {f'{row}: {title}':52}{len(found):6}{middle:9.3f}"
                   f"{f'{least:.3f}..{greatest:.3f} ({certain * 100:.0f} %)':>26}"
                   f"{f'{min(found):.2f}..{max(found):.2f}':>18}{f'{measured:,.1f} {unit}':>20}"
                   + (f"  must {must}: {'met' if met else 'NOT MET'}" if row == COMMIT.name else ""))


def peers_table(results):
    base = Redis().name
    for measure, (title, *_) in WINDOWS.items():
        if measure not in results.values:
            continue
        yield ""
        yield f"Messages of 256 bytes that are acknowledged when they are stored: {title}"
        yield (f"  {'':46}{'a second':>10}  {'to redis':>20} {'p50 us':>8} {'p99 us':>8} {'us CPU':>7}  {'server':>6} "
               f"{'load':>6}")
        for row in PEERS:
            if row.name in results.missing:
                yield f"  {row.name:46}{results.missing[row.name]}"
                continue
            found = results.ratios(measure, row.name, base, "stored_per_s")
            cells = [results.median(measure, row.name, field) for field in
                     ("stored_per_s", "p50_us", "p99_us", "server_us_each", "server_cpu", "load_cpu")]
            if None in cells:
                continue
            ratio = f"{statistics.median(found):7.2f} {f'({min(found):.2f}..{max(found):.2f})':>12}" if found else f"{'-':>20}"
            yield (f"  {row.name:46}{cells[0]:10.0f}  {ratio} {cells[1]:8.0f} {cells[2]:8.0f} {cells[3]:7.1f}  "
                   f"{cells[4] * 100:4.0f} % {cells[5] * 100:4.0f} %")


def tables(results):
    yield from engines_table(results)
    yield from peers_table(results)
