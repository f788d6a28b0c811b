"""What is measured: the loads, and the rounds in which they are given to each server in turn.

The machine's own speed drifts by a quarter within minutes, so only ratios within one round
count; a table shows their median over the rounds, and between what they were."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import reading
import scraping
import servers
from servers import Broken, Missing, Server

# Four members publish, one of each dialect in a mixed room; W counts for all of them together.
ROOM = {"name": "room", "publishers": 4}

# The measures every row takes part in: name -> (heading, group).
LOADS = {
    "sat10": ("N=10 W=32, saturated", dict(ROOM, members=10, window=32)),
    "sat100": ("N=100 W=64, saturated", dict(ROOM, members=100, window=64)),
    "sat1000": ("N=1000 W=64, saturated", dict(ROOM, members=1000, window=64)),
    "one100": ("N=100 W=1", dict(ROOM, members=100, window=1)),
    "rate100": ("N=100, 200 messages a second", dict(ROOM, members=100, rate=200)),
}


# Other work had a core, of this machine or (as far as the kernel knows) of the one below it, for
# more than this part of the time. The slowest hundredth of what is said at a rate shows less.
DISTURBED, DISTURBED_RATE = 0.05, 0.005
ATTEMPTS = 4


class Results:
    """values[measure][row] = one result of the load tool for each round."""

    def __init__(self):
        self.values, self.missing, self.faults = {}, {}, []
        self.runs = self.disturbed = 0

    def add(self, measure, row, round_number, result):
        if result.get("fault"):
            self.faults.append(f"{row}, {measure}, round {round_number + 1}: {result['fault']}")
        self.runs += 1
        self.disturbed += disturbance(result) > DISTURBED
        rounds = self.values.setdefault(measure, {}).setdefault(row, {})
        rounds[round_number] = result

    def rounds(self, measure, row):
        return self.values.get(measure, {}).get(row, {})

    def median(self, measure, row, field):
        found = [field_of(result, field) for result in self.rounds(measure, row).values()]
        return statistics.median(found) if found else None

    def ratios(self, measure, row, base, field, base_measure=None):
        """For each round that has both."""
        mine, other = self.rounds(measure, row), self.rounds(base_measure or measure, base)
        return [field_of(mine[r], field) / field_of(other[r], field)
                for r in mine if r in other and field_of(other[r], field)]

    def ratio(self, *words):
        found = self.ratios(*words)
        return statistics.median(found) if found else None


def field_of(result, field):
    """Fields of the load tool's line; those with a dot are of its groups: room.p50_us."""
    if "." not in field:
        return result[field]
    name, field = field.split(".")
    return next(group[field] for group in result["groups"] if group["name"] == name)


def say(text):
    print(text, flush=True)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def available(rows, results):
    """Those of the rows that can be measured here; the others are noted with the reason."""
    found = []
    for row in rows:
        with tempfile.TemporaryDirectory() as folder:
            try:
                row.check(folder)
                found.append(row)
            except Missing as why:
                results.missing[row.name] = str(why)
    return found


def check_load_tool():
    """The load tool must notice what servers do wrong that are made to, and nothing else."""
    group = dict(name="room", publishers=1, members=5, rate=1000)
    for fault, row in dict(servers.FAULTY, nothing=servers.SEND).items():
        with tempfile.TemporaryDirectory() as folder, Server(row, folder) as server:
            result = server.load([group], seconds=0.2, warm=0.05, drain=1)
        seen = [word for word in servers.FAULTS if result[word]]
        if fault == "reordered" and "lost" in seen:
            seen.remove("lost")  # the last one it held back, when there was no other to swap with
        if seen != [fault] * (fault != "nothing"):
            raise Broken(f"the load tool is wrong: of a server that made {fault} it saw {seen}")


def disturbance(result):
    """The part of the time in which the load tool waited for its core, or the machine below gave
    the cores to others."""
    return max(result["load_waited"], result["stolen"])


def undisturbed(measure, limit=DISTURBED, attempts=ATTEMPTS):
    """Measures again while other work disturbs it; then the least disturbed counts, whatever it
    shows. What went wrong always counts."""
    best = None
    for _ in range(attempts):
        result = measure()
        if result["fault"]:
            return result
        if best is None or disturbance(result) < disturbance(best):
            best = result
        if disturbance(result) <= limit:
            break
    return best


def one_load(server, group, quick):
    times = {"seconds": 0.25, "warm": 0.1} if quick else {"seconds": 2, "warm": 0.5}
    return undisturbed(lambda: server.load([group], **times),
                       DISTURBED_RATE if "rate" in group else DISTURBED, 1 if quick else ATTEMPTS)


def main_round(rows, loads, results, number, quick):
    """Each row takes all loads, on a server that was started for it."""
    for row in rows:
        def work(server, row=row):
            for measure in loads:
                progress(f"round {number + 1}: {row.name}, {LOADS[measure][0]}")
                results.add(measure, row.name, number, one_load(server, LOADS[measure][1], quick))
        with_server(row, results, work)
    progress("")


# ---- through a backend ----

# Few members, so that what is asked costs more than what is delivered.
ROUTED_GROUP = dict(ROOM, members=4, window=64)
# Light load: one message at a time. Who says it hears it, too.
LIGHT_GROUP = dict(ROOM, members=4, publishers=1, window=1)


def echo(results, number):
    """Round trips of a bare ROUTER and DEALER, where the kernel puts them, ahead of other work as the
    servers are. One at a time it puts both on one core, and nobody is woken from afar; so for that
    they are on the cores of the server and of the backend."""
    tool = os.path.join(servers.TOOLS, "zmq_echo")
    light = ["--window", "1", "--core", str(servers.LOAD_CORE)]
    for measure, words, prepare in (("echo", [], servers.settle_on()),
                                    ("echo_light", light, servers.settle_on(servers.SERVER_CORE))):
        done = subprocess.run([tool, "--seconds", "1", *words], check=True,
                              stdout=subprocess.PIPE, preexec_fn=prepare)
        results.values.setdefault(measure, {}).setdefault("bare echo", {})[number] = \
            json.loads(done.stdout)


def routed_round(results, number, quick):
    """The same load without rules, through an ask and through a tap, and the bare echo."""
    progress(f"round {number + 1}: bare ROUTER and DEALER")
    echo(results, number)
    for row in [servers.SIMPLE] + servers.ROUTED:
        def work(server, row=row):
            progress(f"round {number + 1}: {row.name}")
            if row.companion:
                time.sleep(0.3)  # it joins, or subscribes
            results.add("routed", row.name, number, one_load(server, ROUTED_GROUP, quick))
            if row is not servers.TAPPED:
                results.add("routed_light", row.name, number, one_load(server, LIGHT_GROUP, quick))
        with_server(row, results, work)
    progress("")


# ---- requests of HTTP ----

def requests_round(results, number, quick, connections=16):
    """GET / on kept connections, each row right after the one it is compared with."""
    times = {"seconds": 0.5, "warm": 0.1} if quick else {"seconds": 2, "warm": 0.5}
    for pair in servers.ANSWERED:
        for row in pair:
            def work(server, row=row):
                result = undisturbed(lambda: server.requests(connections=connections, **times),
                                     attempts=1 if quick else ATTEMPTS)
                results.add("requests", row.name, number, result)
            progress(f"round {number + 1}: requests, {row.name}")
            with_server(row, results, work)
    progress("")


# ---- the other measures of the full form ----

def with_server(row, results, work, rooms=1, speech=None):
    """Runs work(server) on a fresh one; what breaks is noted and the rest goes on."""
    try:
        with tempfile.TemporaryDirectory() as folder, \
                Server(row, folder, rooms, speech) as server:
            work(server)
    except Broken as why:
        results.faults.append(str(why))


def speech_for_rooms(row):
    """Rooms by the thousand: concord's clients hear all of them, and rooms' and simple's would need
    a mount for each, so mixer's stand for ours."""
    return "mixer" if isinstance(row, servers.Dragoman) and \
        row.speech not in ("reader", "plain") else row.speech


IDLE_ROOMS, IDLE_MEMBERS, FRESH_ROOMS = 1000, 10, 200


def idle_round(row, results, number):
    """10,000 in rooms of ten do nothing; then 2,000 more come."""
    def work(server):
        groups = [dict(name="idle", rooms=IDLE_ROOMS, members=IDLE_MEMBERS),
                  dict(name="fresh", first=IDLE_ROOMS, rooms=FRESH_ROOMS, members=IDLE_MEMBERS)]
        result = server.load(groups, hold=0.2)
        idle, fresh = result["groups"]
        result["kib_each"] = (idle["rss"] - result["rss_start"]) / 1024 / idle["ready"]
        result["fresh_per_s"] = fresh["ready"] / fresh["connect_s"]
        results.add("idle", row.name, number, result)
    progress(f"10,000 idle: {row.name}")
    with_server(row, results, work, IDLE_ROOMS + FRESH_ROOMS, speech_for_rooms(row))


def accept_round(row, results, number):
    rooms = 1 if row.speech == "plain" else FRESH_ROOMS  # those who do not log in are in no room

    def work(server):
        group = dict(name="all", rooms=rooms, members=FRESH_ROOMS * IDLE_MEMBERS // rooms)
        results.add("accept", row.name, number, undisturbed(lambda: server.load([group])))
    progress(f"2,000 come: {row.name}")
    with_server(row, results, work, rooms, speech_for_rooms(row))


def reading_round(row, results, number):
    def work(server):
        for kind in reading.KINDS:
            results.values.setdefault(f"read_{kind}", {}).setdefault(row.name, {})[number] = \
                reading.measure(server, kind)
    progress(f"frames are read: {row.name}")
    with_server(row.without_signal_limit(), results, work, 1, "rooms")


def scraping_round(results, number, seconds):
    def work(server):
        results.add("scraping", server.row.name, number, scraping.measure(server, seconds))
    progress(f"round {number + 1}: 10,000 idle, scraped each second")
    with_server(servers.WATCHED, results, work, scraping.ROOMS)
    progress("")


def workers_round(results, number):
    for row in (servers.MIXED, servers.TWO):
        def work(server, row=row):
            for measure in ("sat100", "rate100"):
                results.add("workers_" + measure, row.name, number,
                            one_load(server, LOADS[measure][1], False))
        progress(f"workers: {row.name}")
        with_server(row, results, work)


def stalled_round(row, results, number):
    """Before measuring begins, as much is said as the kernel takes for one who does not read, about
    2 MB; so that while measuring it is behind, and cut before the end. (Texts of 1 KiB: mixer's may
    not be so long.)"""
    def work(server):
        room = dict(ROOM, members=100, rate=200, size=1024)
        room["warm-rate"] = 500

        def measure(stalled):
            result = server.counted_load(dict(room, stalled=stalled), seconds=8, warm=4)
            if result["cut"] != stalled and not result["fault"]:
                result["fault"] = f"{result['cut']} connections were cut, not {stalled}"
            return result

        for name, stalled in (("beside none", 0), ("beside one", 1)):
            result = undisturbed(lambda: measure(stalled), DISTURBED_RATE, 2)
            results.add(name, row.name, number, result)
    progress(f"one stops reading: {row.name}")
    with_server(row, results, work)


def noisy_round(row, results, number):
    """A quiet room, alone and then with one in another room who says all it can."""
    def work(server):
        quiet = dict(name="quiet", members=20, publishers=4, rate=50)
        noise = dict(name="noise", first=1, members=20, publishers=1, window=64)
        for measure, groups in (("quiet alone", [quiet]), ("quiet beside noise", [quiet, noise])):
            result = undisturbed(lambda: server.load(groups), DISTURBED_RATE)
            results.add(measure, row.name, number, result)
    progress(f"noisy publisher: {row.name}")
    with_server(row, results, work, 2, speech_for_rooms(row))


def big_round(row, results, number):
    def work(server):
        group = dict(ROOM, members=5000, window=16)
        results.add("big", row.name, number, server.load([group], patience=120))
    progress(f"one room of 5,000: {row.name}")
    with_server(row, results, work)


def many_round(row, results, number):
    def work(server):
        group = dict(name="room", rooms=2000, members=5, publishers=1, window=1)
        results.add("many", row.name, number, server.load([group]))
    progress(f"2,000 rooms of 5: {row.name}")
    with_server(row, results, work, 2000, speech_for_rooms(row))


# name -> of 100 members, how many compress
COMPRESSING = {"nobody compresses": 0, "half compress": 50, "all compress": 100}


def compression_round(results, number, quick=False):
    """The same load, on one server, of members who agreed on compression and of others. The texts
    are of words, as people write."""
    def work(server, row):
        for measure, load in (("compressed_rate", "rate100"), ("compressed_sat", "sat100")):
            for name, count in COMPRESSING.items():
                progress(f"compression, {row.name}: {name}")
                group = dict(LOADS[load][1], prose=1, deflate=count)
                results.add(measure, f"{row.name}, {name}", number,
                            one_load(server, group, quick))
    for row in (servers.COMPRESSING, servers.COMPRESSING_TLS):
        with_server(row, results, lambda server, row=row: work(server, row))


def sends_round(results, number):
    """send() calls for each delivery, by Dragoman's own counters."""
    def work(server):
        results.add("sends", servers.MIXED.name, number,
                    server.counted_load(LOADS["sat100"][1], seconds=2, warm=0.5))
    progress("send() calls")
    with_server(servers.MIXED, results, work)
