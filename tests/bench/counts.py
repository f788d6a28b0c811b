#!/usr/bin/python3
"""Counts what does not drift: instructions of each step of a message, and send() calls.

    make bench-count              compares with tests/bench/counts.tsv; ends with 1 when something
                                  costs more than 3 % above what stands there
    make bench-count UPDATE=1     writes what was counted there, when the change is on purpose

Instructions are callgrind's, of build/bench/count; send() calls are the server's own counters, of
a run in step: one member says 64 messages at once, then waits until everybody has all of them."""

import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import servers  # noqa: E402
from servers import Broken, Server  # noqa: E402

TABLE = os.path.join(servers.HERE, "counts.tsv")
DIALECTS = ("mixer", "concord", "rooms", "simple")
TOLERANCE = 0.03
FEW, MANY = 8, 40  # members, as in count.c


def callgrind():
    """step -> instructions, each once."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                               os.path.join(servers.TOOLS, "count")],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, LD_BIND_NOW="1"))
        if done.returncode != 0:
            raise Broken("count: " + done.stderr[-1000:])
        times = {name: int(number) for name, number in
                 (line.split() for line in done.stdout.splitlines())}
        found = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                text = file.read()
            step = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.M)
            total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
            if step and total:
                found[step[1]] = int(total[1]) / times[step[1]]
    if set(found) != set(times):
        raise Broken(f"callgrind did not count {sorted(set(times) - set(found))}")
    return found


def translation_of(steps):
    """One decode (of the dearest dialect), what the bridge looks for in a text, four encodes."""
    return (max(steps[f"decode.{dialect}"] for dialect in DIALECTS) + steps["parts"]
            + sum(steps[f"encode.{dialect}"] for dialect in DIALECTS))


def translation():
    return translation_of(callgrind())


def instructions():
    """The rows of the table that are instructions."""
    steps = callgrind()
    rows = {name: value for name, value in steps.items() if not name.startswith("message.")}
    for dialect in DIALECTS:
        few, many = steps[f"message.{dialect}.{FEW}"], steps[f"message.{dialect}.{MANY}"]
        each = (many - few) / (MANY - FEW)
        rows[f"delivery.{dialect}"] = each
        rows[f"message.{dialect}"] = few - FEW * each
    rows["translation"] = translation_of(steps)
    return rows


def sends():
    """The rows that are send() calls for each delivery."""
    rows = {}
    with tempfile.TemporaryDirectory() as folder, Server(servers.MIXED, folder) as server:
        for members in (10, 100):
            group = dict(name="room", members=members, publishers=1, window=64, burst=1)
            result = server.counted_load(group, warm=0.2, seconds=1)
            if result["fault"]:
                raise Broken(f"send() calls at N={members}: {result['fault']}")
            rows[f"sends.{members}"] = result["sends_each"]
    return rows


def read_table():
    rows = {}
    with open(TABLE, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, value = line.split("\t")
                rows[name] = float(value)
    return rows


def write_table(rows):
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("# What make bench-count counted: instructions of one message of 256 bytes, and "
                   "send() calls\n# for each delivery. decode, encode: one frame of a dialect. "
                   "delivery: one more member.\n# message: all that is not for each member. "
                   "websocket: one frame of 200 bytes read.\n# "
                   "translation: the dearest decode, parts, all encodes.\n# "
                   "asked: a message through an ask, 32 at once, 8 members of simple, and the "
                   "backend.\n"
                   "# Written by make bench-count UPDATE=1.\n")
        for name in sorted(rows):
            file.write(f"{name}\t{shown(rows[name])}\n")


def shown(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.4f}"


def compare(kept, counted):
    """Prints all rows; returns how many are worse."""
    worse = 0
    print(f"{'':20}{'kept':>10}{'counted':>10}{'change':>9}")
    for name in sorted(set(kept) | set(counted)):
        if name not in counted or name not in kept:
            print(f"{name:20}{'not counted' if name in kept else 'new, not in the table':>29}")
            worse += 1
            continue
        change = counted[name] / kept[name] - 1
        mark = "  WORSE" if change > TOLERANCE else ""
        worse += bool(mark)
        print(f"{name:20}{shown(kept[name]):>10}{shown(counted[name]):>10}"
              f"{change * 100:+8.1f} %{mark}")
    return worse


def main():
    counted = instructions()
    counted.update(sends())
    if "--update" in sys.argv:
        write_table(counted)
    if not os.path.exists(TABLE):
        print("There is no table yet: make bench-count UPDATE=1 writes it.")
        return 1
    worse = compare(read_table(), counted)
    if worse:
        print(f"{worse} of {len(counted)} are more than {TOLERANCE * 100:.0f} % worse than "
              f"tests/bench/counts.tsv says, or not in both.\nIf that is on purpose, "
              f"`make bench-count UPDATE=1` writes the table anew; say why in the commit.")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
