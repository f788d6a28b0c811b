"""What it costs to record what becomes of messages, for `dragoman explain`: the main loads with it, as it
is by default and with bodies, beside the same server without, in pairs of runs that take turns."""

import copy
import statistics

import against
import measures
import servers
from report import CPU, RATE

ROUNDS = 15
LEAST = 0.97        # of the deliveries a second without it
SAID = {"recording": "explain = { messages = 1000; };",
        "with bodies": "explain = { messages = 1000; bodies = true; };"}
WITHOUT = "explain = { messages = 0; };"


def row_with(row, name, more):
    made = copy.copy(row)
    made.name, made.more = f"{row.name}, {name}", row.more + more
    return made


def pairs():
    """Each way of recording, and its own server without."""
    return [(row_with(servers.MIXED, name, more), row_with(servers.MIXED, f"not {name}", WITHOUT))
            for name, more in SAID.items()]


def run(results, loads, rounds, quick):
    for number in range(rounds):
        for measure in loads:
            for pair in pairs():
                against.load_round(pair, measure, results, number, quick)
    measures.progress("")


def verdict(measure, field, middle):
    if field != RATE or not measure.startswith("sat"):
        return ""
    return f"  must {LEAST:.2f}: {'met' if round(middle, 3) >= LEAST else 'NOT MET'}"


def line(results, measure, pair, field):
    found = results.ratios(measure, *(row.name for row in pair), field)
    middle = statistics.median(found)
    least, greatest, certain = against.interval(found)
    title = "deliveries a second" if field == RATE else "us CPU each"
    return (f"  {measures.LOADS[measure][0]:28}{title:22}{len(found):4}{middle:9.3f}"
            f"   {least:.3f}..{greatest:.3f} ({certain * 100:.0f} %)" + verdict(measure, field, middle))


def tables(results, loads):
    lines = []
    for pair in pairs():
        lines += ["", f"{pair[0].name}, beside the same without: ratios of pairs of runs",
                  f"  {'':28}{'':22}{'pairs':>4}{'median':>8}   interval of the median"]
        lines += [line(results, measure, pair, field) for measure in loads for field in (RATE, CPU)]
    return lines
