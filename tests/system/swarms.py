"""Many clients at once: the order of a room, bursts, readers that stop. The clients are swarm.c."""

import json
import os
import subprocess
import threading

from server import LOBBY, SLOW, VARIANT, Server, check, configuration

SWARM = os.environ.get("SWARM", os.path.join("build", "tests", "system", "swarm"))
TSAN = VARIANT == "tsan"
# Joins of each dialect in the race with those who speak. The full size is 2000.
JOINS = int(os.environ.get("RACE_JOINS", "500" if VARIANT == "release" else "40"))


class Swarm:
    """A run of the swarm program against a server."""

    def __init__(self, server, scenario, *options):
        self.seconds = 60 * max(1, SLOW // 2)
        self.process = subprocess.Popen(
            [SWARM, scenario, "--port", str(server.port), "--rooms", LOBBY, "--seconds",
             str(self.seconds), "--step", *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.timer = threading.Timer(self.seconds + 20, self.process.kill)

    def __enter__(self):
        self.timer.start()
        return self

    def __exit__(self, *_):
        self.timer.cancel()
        self.process.kill()
        self.process.communicate()

    def line(self):
        text = self.process.stdout.readline()
        check(text, "\n" + self.process.stderr.read()[-3000:] if not text else "")
        return text

    def ready(self):
        text = self.line()
        check(text == "ready\n", f"the swarm says {text!r}")

    def go(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def result(self):
        return json.loads(self.line())

    def leave(self):
        self.go()
        status = self.process.wait(timeout=self.seconds)
        check(status == 0, f"the swarm leaves with {status}: {self.process.stderr.read()[-3000:]}")


def swarm_config(limits="", workers=4):
    return configuration("messages_per_second = 0; " + limits, workers=workers)


def run(scenario, *options, config=None, after=lambda server, result, spent: None):
    """Runs a scenario; after gets what the server counted for it."""
    with Server(config or swarm_config()) as server:
        with Swarm(server, scenario, *options) as swarm:
            swarm.ready()
            before = server.settled()
            swarm.go()
            result = swarm.result()
            now = server.settled()
            spent = {name: now[name] - before[name] for name in ("writes", "frames_written")}
            spent["deliveries"] = now["deliveries"]["accepted"] - before["deliveries"]["accepted"]
            spent["ordered"] = now["drafts"]["ordered"] - before["drafts"]["ordered"]
            spent["cut"] = now["sessions_cut"] - before["sessions_cut"]
            after(server, result, spent)
            swarm.leave()
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def all_delivered(_, result, spent):
    check(spent["ordered"] == result["messages"], f"{result} but {spent}")
    check(spent["deliveries"] == result["deliveries"], f"{result} but {spent}")
    check(spent["cut"] == 0, f"{spent}")


def order():
    """4 workers, 200 clients of four dialects, 20 publishing at once: one sequence for all."""
    run("order", "--clients", 200, "--messages", 50,
        after=all_delivered)


def order_one_worker():
    """The same on one worker."""
    run("order", "--clients", 80, "--publishers", 8, config=swarm_config(workers=1),
        after=all_delivered)


def churn():
    """The same while 50 more come and go: each sees one piece of the sequence, from its entry to
    its exit."""
    def enough(_, result, spent):
        check(result["visits_with_messages"] >= 50, f"few visits: {result}")
        check(spent["cut"] == 0, f"{spent}")

    run("churn", "--clients", 200, "--messages", 50, "--window", 1,
        after=enough)


def burst():
    """100 readers, 64 messages in one write: at most one write for eight deliveries."""
    def coalesced(_, result, spent):
        all_delivered(_, result, spent)
        check(result["sends"] == 1, f"the burst took {result['sends']} writes")
        check(spent["writes"] * 8 <= spent["deliveries"], f"writes and deliveries: {spent}")

    for dialect in ("simple",) if TSAN else ("simple", "mixer", "concord", "rooms"):
        run("burst", "--dialect", dialect, after=coalesced)


def stall():
    """A reader that stops is cut at 1 MiB; the others get everything."""
    def one_cut(server, _, spent):
        check(spent["cut"] == 1, f"{spent}")
        check(server.counters()["deliveries"]["dropped"]["cut"] > 0, "nothing dropped(cut)")

    for dialect in ("concord",) if TSAN else ("simple", "mixer", "concord", "rooms"):
        run("stall", "--dialect", dialect, "--readers", 20, "--mib", 8 if TSAN else 12, after=one_cut)


def race():
    """What is said after somebody was told it is in comes to it, with 4 workers and with 1: the 101
    goes out when the join has its place in the room's order (mixer: the reply to auth)."""
    for workers in (4, 1):
        with Server(swarm_config(workers=workers)) as server:
            with Swarm(server, "race", "--joins", JOINS) as swarm:
                result = swarm.result()
                if "RACE_JOINS" in os.environ:
                    print(f"    {workers} workers: {result}", flush=True)
                check(result["joins"] == 4 * JOINS, f"{result}")
                check(result["missed"] == 0, f"with {workers} workers: {result}")
                swarm.leave()
            counters = server.settled(lambda counters: counters["connections"]["open"] == 0)
            check(counters["sessions_cut"] == 0, f"{counters}")


SCENARIOS = [order, order_one_worker, churn, burst, race, stall]
