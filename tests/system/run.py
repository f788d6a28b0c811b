#!/usr/bin/python3
"""Runs the system tests: the real binary on loopback, with real clients.

    OUT=build VARIANT=release /usr/bin/python3 tests/system/run.py [NAME...]

OUT is the folder that has the binary, VARIANT how it was built (tsan: the swarm only). NAMEs choose
scenarios or whole files. Prints a line for each scenario as it ends and ends with "N passed, N
failed".

Each scenario is a process of its own. Those that a file names in WAITING spend their time on waiting
for the server's timers: some of them run at once, before the others, which run one after the other
and have the machine to themselves."""

import importlib
import multiprocessing
import multiprocessing.connection
import os
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import npm
from results import Results, end_group, end_when_told
from server import SLOW, VARIANT, Failure

# Those with long waits first.
FILES = ("commands", "published", "tls", "websocket", "limits", "failures", "lifecycle", "swarms", "meeting",
         "handshake", "proxies", "http_table", "http_limits", "pages", "page", "many_rooms", "suite", "schema", "examples", "routing",
         "kinds", "ladders", "reloads", "passwords", "odd_files", "curve", "first_steps", "banner", "refusals", "compression",
         "admin", "desktop", "rooms_door", "mixer_door", "failing", "service", "operating", "accounts", "upgrade",
         "durable", "power", "disk", "stored", "older", "tokens", "guessing", "jwts", "upstream_pairs", "upstream_commands",
         "upstream_broken", "upstream_far", "upstream_rings", "upstream_killed", "upstream_logins", "clients",
         "clients_killed", "explain", "translate", "endure")

AT_ONCE = 4          # of those that wait
WITHIN = int(os.environ.get("WITHIN", 120)) * SLOW  # seconds: a scenario that takes longer hangs

FORK = multiprocessing.get_context("fork")


def scenarios(wanted=()):
    """Those that wait, and the others; wanted: names, all when it is empty."""
    waiting, others = [], []
    for name in ("swarms",) if VARIANT == "tsan" else FILES:
        module = importlib.import_module(name)
        for scenario in module.SCENARIOS:
            if not wanted or name in wanted or scenario.__name__ in wanted:
                patient = scenario in getattr(module, "WAITING", ())
                (waiting if patient else others).append(scenario)
    return waiting, others


class Run:
    """A scenario under way."""

    def __init__(self, scenario):
        self.name = scenario.__name__
        self.began = time.monotonic()
        self.output = tempfile.TemporaryFile()
        self.why, why = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=play, args=(scenario, self.output.fileno(), why))
        sys.stdout.flush()
        self.process.start()
        why.close()

    def left(self):
        """The seconds it may still take."""
        return max(0, self.began + WITHIN - time.monotonic())

    def end(self, ended):
        """Why it failed, "" when it did not; and what it printed. ended: it needs not to be told."""
        if ended:
            try:
                os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                pass  # the start of another scenario has seen its end
        self.process.kill()
        end_group(self.process.pid)  # what it may have left behind, too
        self.process.join()
        why = f"not done after {WITHIN} s"
        if ended:
            try:
                why = self.why.recv()
            except EOFError:
                why = f"it ended with {self.process.exitcode}"
        self.output.seek(0)
        with self.output as output, self.why:
            return why, output.read()


def play(scenario, output, why):
    """The process of a scenario."""
    os.setpgid(0, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = open(1, "w", closefd=False)
    try:
        scenario()
        said = ""
    except Failure as failure:
        said = str(failure)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        traceback.print_exc(file=sys.stdout)
    sys.stdout.flush()
    why.send(said)
    os._exit(0)  # whatever threads are left


def run(chosen, results, at_once=1, loud=False):
    """Runs scenarios. loud: shows also what those print that pass."""
    under_way, chosen = [], list(chosen)
    try:
        while chosen or under_way:
            while chosen and len(under_way) < at_once:
                under_way.append(Run(chosen.pop(0)))
            ended = multiprocessing.connection.wait([one.process.sentinel for one in under_way],
                                                    min(one.left() for one in under_way))
            for one in list(under_way):
                if one.process.sentinel in ended or one.left() == 0:
                    under_way.remove(one)
                    seconds = time.monotonic() - one.began
                    why, output = one.end(one.process.sentinel in ended)
                    if loud and not why:
                        sys.stdout.buffer.write(output)
                    results.add(one.name, seconds, not why, bool(why), why, output)
    finally:
        for one in under_way:
            one.end(False)


def run_all(results, wanted=()):
    waiting, others = scenarios(wanted)
    run(waiting, results, AT_ONCE, loud=bool(wanted))
    run(others, results, loud=bool(wanted))


def main():
    os.chdir(os.path.join(HERE, "..", ".."))
    end_when_told()
    results = Results()
    npm.prepare(results)
    run_all(results, sys.argv[1:])
    return results.end()


if __name__ == "__main__":
    sys.exit(main())
