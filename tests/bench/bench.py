#!/usr/bin/python3
"""Measures Dragoman against other servers and against what the machine can do at most.

    make bench              below two minutes: the main loads, in three short rounds
    make bench FULL=1       all measures in five rounds, and the table of goals
    make bench BENCH_FLAGS="--against PATH"
                            the main loads and idle memory beside another build, in 15 pairs
    make bench BENCH_FLAGS=--compression
                            bytes and CPU for each delivery with and without compression
    make bench BENCH_FLAGS=--scraping
                            CPU for being scraped each second, 30 s in each round
    make bench BENCH_FLAGS=--storing
                            what it costs to store all that is said: the engines beside each other, and
                            beside Redis streams and NATS JetStream
    make bench BENCH_FLAGS=--recording
                            what it costs to record what becomes of messages, for dragoman explain, in 15 pairs
    make bench BENCH_FLAGS=--calls
                            what dialects' HTTP costs, beside nginx; 5,000 clients that come back; what 10,000
                            logins that fail cost others
    make bench BENCH_FLAGS=--relaying
                            what it costs to join two servers, beside a relay of Node's
    make bench BENCH_FLAGS='--sessions concord'
                            what 1,000 clients cost whose server is another one, here of concord, and how soon
                            all are back when that restarts; --speech, --clients, --rate
    /usr/bin/python3 tests/bench/bench.py [--full] [--rounds N] [--only ROW] [--loads A,B] ...

--only may stand several times; limit-send, limit-batch and lws are always measured, because the
ratios are to them. Ends with 1 when a server lost, doubled or reordered anything."""

import argparse
import datetime
import fcntl
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import against  # noqa: E402
import calls  # noqa: E402
import goals  # noqa: E402
import measures  # noqa: E402
import recording  # noqa: E402
import relaying  # noqa: E402
import report  # noqa: E402
import servers  # noqa: E402
import sessions  # noqa: E402
import storing  # noqa: E402
from measures import Results, say  # noqa: E402

RESULTS = os.path.join(servers.HERE, "results")
FULL_ROUNDS, QUICK_ROUNDS = 5, 3
SCRAPED_S = 30


def lock():
    """Held until this process ends: two benches at once would measure each other."""
    file = open(os.path.join(tempfile.gettempdir(), "dragoman-bench.lock"), "w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another bench is running here; waiting for its end.")
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="long runs, all measures")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--against", metavar="PATH", help="only compare with this dragoman, built "
                        "from other sources: CPU for each delivery in each main load, and idle "
                        f"memory, in pairs of runs ({against.ROUNDS} unless --rounds says more or "
                        "fewer), as median of the ratios with its interval; --only names the row "
                        "instead of dragoman mixed, --full makes the runs long")
    parser.add_argument("--only", action="append", default=[], metavar="ROW")
    parser.add_argument("--loads", help="of the main loads: " + ",".join(measures.LOADS))
    parser.add_argument("--compression", action="store_true",
                        help="only what compression saves and costs")
    parser.add_argument("--scraping", action="store_true",
                        help="only what it costs to be scraped each second")
    parser.add_argument("--storing", action="store_true",
                        help=f"only what storing costs, in {storing.ROUNDS} rounds")
    parser.add_argument("--relaying", action="store_true",
                        help=f"only what it costs to join two servers, beside a relay of Node's, in {relaying.ROUNDS} rounds")
    parser.add_argument("--recording", action="store_true",
                        help=f"only what it costs to record what becomes of messages, in {recording.ROUNDS} pairs")
    parser.add_argument("--sessions", metavar="DIALECT", nargs="?", const="simple", choices=list(sessions.DIALECTS),
                        help="only what clients cost whose server is another one, which speaks that dialect (simple), "
                        f"beside a room of their own, and what happens when that restarts, in {sessions.ROUNDS} rounds")
    parser.add_argument("--speech", default="simple", choices=list(sessions.DIALECTS),
                        help="with --sessions: what the clients speak (simple)")
    parser.add_argument("--clients", type=int, default=sessions.CLIENTS,
                        help=f"with --sessions: how many ({sessions.CLIENTS})")
    parser.add_argument("--rate", type=float, default=sessions.RATE,
                        help=f"with --sessions: messages a second of all together ({sessions.RATE})")
    parser.add_argument("--calls", action="store_true",
                        help=f"only what dialects' HTTP costs, and logins that fail, in {calls.PAIRS} rounds")
    parser.add_argument("--disk", metavar="FOLDER", default=servers.TOOLS,
                        help="with --storing: where it is stored, else in the build folder; in memory (/dev/shm) "
                        "only the CPU is seen")
    parser.add_argument("--main", action="store_true", help="with --full: the main loads only")
    return parser.parse_args()


def chosen_rows(only):
    always = (servers.SEND, servers.BATCH, servers.LWS)
    return [row for row in servers.ROWS if not only or row.name in only or row in always]


def main_part(results, rows, loads, rounds, quick):
    for number in range(rounds):
        measures.main_round(rows, loads, results, number, quick)


def requests_part(results, rounds, quick):
    """Without nginx there is nothing to compare with."""
    rows = [row for pair in servers.ANSWERED for row in pair]
    if len(measures.available(rows, results)) == len(rows):
        for number in range(rounds):
            measures.requests_round(results, number, quick)


def full_part(results, rows, rounds):
    """Everything but the main loads."""
    found = {row.name: row for row in rows}
    few = max(1, min(rounds, 2))
    ours = [servers.READERS] + [found[name] for name in (servers.MIXED.name, servers.TLS.name)
                                if name in found]

    def pick(*names):
        return [found[name] for name in names if name in found]

    for number in range(rounds):
        for row in pick("limit-send", "lws", "dragoman mixed") + [servers.READERS,
                                                                  servers.VISITORS]:
            measures.accept_round(row, results, number)
        measures.workers_round(results, number)
        for row in pick("dragoman simple"):
            measures.stalled_round(row, results, number)
        measures.sends_round(results, number)
        measures.compression_round(results, number)
    for number in range(few):
        measures.scraping_round(results, number, SCRAPED_S)
        for row in pick("lws", "lws, TLS", "nats", "mosquitto", "node ws") + ours:
            measures.idle_round(row, results, number)
        for row in pick("nats", "mosquitto", "node ws"):
            measures.accept_round(row, results, number)
        for row in pick("limit-send", "limit-batch", "nats", "mosquitto", "dragoman mixed"):
            measures.noisy_round(row, results, number)
            measures.many_round(row, results, number)
        for row in pick("limit-send", "limit-batch", "dragoman mixed"):
            measures.big_round(row, results, number)
    measures.progress("")


def instructions(results):
    """What bench-count counts, here for the goal."""
    try:
        import counts
        return counts.translation()
    except (OSError, subprocess.SubprocessError, servers.Broken, servers.Missing) as why:
        results.missing["instructions"] = str(why)
        return None


def against_part(asked, results, loads, rounds):
    """Returns what is to be kept."""
    names = asked.only or [servers.MIXED.name]
    rows = [row for row in servers.ROWS if row.name in names and isinstance(row, servers.Dragoman)]
    if not os.access(asked.against, os.X_OK) or len(rows) != len(names):
        sys.exit("--against wants a program, and --only rows of Dragoman's.")
    kept = {}
    for row in rows:
        pair = measures.available([row, against.other_row(row, asked.against)], results)
        if len(pair) < 2:
            sys.exit(f"{row.name}: {list(results.missing.values())[-1]}")
        against.run(pair, loads, results, rounds, not asked.full)
        lines, kept[row.name] = against.table(pair, loads, results)
        for line in lines:
            say(line)
    return kept


def commit():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() or "unknown"


def keep(results, values, full, compared=None):
    """The results as JSON: of the full form in the tree, else in the build folder."""
    form = ("-against" if compared else "") + ("" if full else "-quick")
    name = f"{datetime.datetime.now():%Y-%m-%d-%H%M}-{commit()}{form}.json"
    folder = RESULTS if full else servers.TOOLS
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(report.summary(results, values, compared))
    say(f"Kept in {os.path.relpath(path)}.")


def beside_others(asked, results, loads, rounds, quick):
    """Dragoman beside other servers. Returns the values of the goals."""
    rows = measures.available(chosen_rows(asked.only), results)
    main_part(results, rows, loads, rounds, quick)
    if not asked.only or any(row.name in asked.only for row in servers.ROUTED):
        for number in range(min(rounds, 2) if quick else rounds):
            measures.routed_round(results, number, quick)
    if not asked.only or any(row.name in asked.only for pair in servers.ANSWERED for row in pair):
        requests_part(results, rounds, quick)
    for line in [*report.main_tables(results, loads), *report.routed_table(results),
                 *report.requests_table(results)]:
        say(line)
    if quick or asked.main:
        return {}
    full_part(results, rows, rounds)
    storing.run(results, rounds, False)
    for line in [*report.other_tables(results), *report.compression_table(results),
                 *report.scraping_table(results), *storing.tables(results)]:
        say(line)
    values = {**report.goal_values(results, instructions(results)), **storing.values(results)}
    for line in ["", "Goals"] + goals.table(values, report.reasons(results)):
        say(line)
    return values


def compression_part(results, rounds, quick):
    for number in range(rounds):
        measures.compression_round(results, number, quick)
    measures.progress("")
    for line in report.compression_table(results):
        say(line)


def scraping_part(results, rounds):
    for number in range(rounds):
        measures.scraping_round(results, number, SCRAPED_S)
    for line in report.scraping_table(results):
        say(line)


def storing_part(results, rounds, asked):
    storing.run(results, rounds, not asked.full, asked.disk)
    for line in storing.tables(results):
        say(line)


def usual_rounds(asked):
    for wanted, rounds in ((asked.against, against.ROUNDS), (asked.storing, storing.ROUNDS), (asked.calls, calls.PAIRS),
                           (asked.recording, recording.ROUNDS), (asked.relaying, relaying.ROUNDS),
                           (asked.sessions, sessions.ROUNDS)):
        if wanted:
            return rounds
    return FULL_ROUNDS if asked.full else QUICK_ROUNDS


def main():
    asked = options()
    quick = not asked.full
    rounds = asked.rounds or usual_rounds(asked)
    loads = asked.loads.split(",") if asked.loads else \
        [name for name in measures.LOADS if asked.full or asked.against or name != "one100"]
    guard = lock()
    results, values, compared = Results(), {}, None
    say(f"{rounds} rounds; server on core {servers.SERVER_CORE}, load on core {servers.LOAD_CORE}"
        + (", which is the same: the figures mean little." if len(servers.CORES) < 2 else "."))
    measures.check_load_tool()
    if asked.compression:
        compression_part(results, rounds, quick)
    elif asked.scraping:
        scraping_part(results, rounds)
    elif asked.storing:
        storing_part(results, rounds, asked)
    elif asked.calls:
        calls.run(results, rounds)
        for line in calls.tables(results):
            say(line)
    elif asked.relaying:
        relaying.run(results, rounds)
        for line in relaying.tables(results):
            say(line)
    elif asked.recording:
        recording.run(results, loads, rounds, quick)
        for line in recording.tables(results, loads):
            say(line)
    elif asked.sessions:
        sessions.run(results, rounds, asked)
        for line in sessions.tables(results, asked):
            say(line)
    elif asked.against:
        compared = against_part(asked, results, loads, rounds)
    else:
        values = beside_others(asked, results, loads, rounds, quick)
    keep(results, values, asked.full, compared)
    guard.close()
    if results.disturbed:
        say(f"In {results.disturbed} of {results.runs} runs other work had a core for more than "
            f"{measures.DISTURBED * 100:.0f} % of the time.")
    for fault in results.faults:
        say(f"FAULT: {fault}")
    return 1 if results.faults else 0


if __name__ == "__main__":
    sys.exit(main())
