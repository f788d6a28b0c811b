#!/usr/bin/python3
"""Runs the system tests: the real binary on loopback, with real clients.

    OUT=build VARIANT=release /usr/bin/python3 tests/system/run.py [NAME...]

OUT is the folder that has the binary, VARIANT how it was built (tsan: the swarm only). NAMEs choose
scenarios or whole files. Prints a line for each scenario and ends with "N passed, N failed"."""

import importlib
import os
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

FILES = ("swarms", "meeting", "handshake", "limits", "many_rooms", "tls", "lifecycle", "suite",
         "published", "schema", "examples", "routing", "kinds", "failures", "reloads", "curve",
         "commands", "greeting")


def scenarios(wanted):
    files = ("swarms",) if os.environ.get("VARIANT") == "tsan" else FILES
    for name in files:
        for scenario in importlib.import_module(name).SCENARIOS:
            if not wanted or name in wanted or scenario.__name__ in wanted:
                yield scenario


def passes(scenario):
    """Runs one scenario and prints its line."""
    from server import Failure
    began = time.monotonic()
    try:
        scenario()
    except Failure as failure:
        print(f"FAILED {scenario.__name__}: {failure}", flush=True)
        return False
    except Exception as error:  # whatever went wrong, the next scenario runs
        print(f"FAILED {scenario.__name__}: {type(error).__name__}: {error}", flush=True)
        traceback.print_exc(file=sys.stdout)
        return False
    print(f"ok {scenario.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
    return True


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    chosen = list(scenarios(set(sys.argv[1:])))
    results = [passes(scenario) for scenario in chosen]
    failed = results.count(False) + (not chosen)
    print(f"{results.count(True)} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
