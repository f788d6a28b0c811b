"""Another build of Dragoman beside this one: both are given the same loads in pairs of runs that
take turns (A B, B A, ...), and only ratios within a pair count."""

import copy
import math
import os
import statistics

import measures
import servers
from measures import progress
from report import CPU

ROUNDS = 15
READING_ROUNDS = 7
# Beside the loads: measure -> (title, field).
OTHERS = {"idle": ("an idle connection, KiB", "kib_each"),
          "accept": ("a connection made, with login, us CPU", "all.server_us_per_connection"),
          "read_texts": ("a text of 200 bytes read, us CPU", "us_each"),
          "read_pongs": ("a pong of 125 bytes read, us CPU", "us_each")}
IDLE_ROUNDS = 6     # the fewest whose extremes are an interval of 95 %
CERTAIN = 0.95
# What a change may cost: the median of the ratios at the most.
MUST = {CPU: 1.03, "kib_each": 1.0}


def other_row(row, path):
    """The same row, served by the program at path."""
    other = copy.copy(row)
    other.binary = os.path.abspath(path)
    other.name = f"{row.name}, {os.path.basename(path)}"
    return other


def turns(pair, number):
    """Who is first changes from round to round, so that neither always comes after the other."""
    return pair if number % 2 == 0 else pair[::-1]


def load_round(pair, measure, results, number, quick):
    """A server of each for the load alone, one right after the other."""
    for row in turns(pair, number):
        def work(server, row=row):
            progress(f"round {number + 1}: {row.name}, {measures.LOADS[measure][0]}")
            group = measures.LOADS[measure][1]
            results.add(measure, row.name, number, measures.one_load(server, group, quick))
        measures.with_server(row, results, work)


def run(pair, loads, results, rounds, quick):
    for number in range(rounds):
        for measure in loads:
            load_round(pair, measure, results, number, quick)
    for number in range(min(rounds, IDLE_ROUNDS)):
        for row in turns(pair, number):
            measures.idle_round(row, results, number)
    for number in range(rounds):
        for row in turns(pair, number):
            measures.accept_round(row, results, number)
    for number in range(min(rounds, READING_ROUNDS)):
        for row in turns(pair, number):
            measures.reading_round(row, results, number)
    progress("")


def interval(found):
    """(Least, greatest, how certain) of where the median lies from which found are samples: the
    narrowest two of them, counted from both ends, that are certain enough, whatever the
    distribution. The chance that it is below the k-th of n is that of fewer than k heads in n
    throws. With fewer than six it is the extremes, less certain."""
    values, count = sorted(found), len(found)
    outside, k = 2 / 2 ** count, 1
    while True:
        more = outside + 2 * math.comb(count, k) / 2 ** count
        if k >= count // 2 or more > 1 - CERTAIN:
            return values[k - 1], values[count - k], max(0.0, 1 - outside)
        outside, k = more, k + 1


def verdict(field, middle):
    if field not in MUST:
        return ""
    said = "met" if round(middle, 3) <= MUST[field] else "NOT MET"
    return f"  must {MUST[field]:.2f}: {said}"


def table(pair, loads, results):
    """The lines of the table, and {measure: [median, least, greatest, pairs]} to keep."""
    mine, other = (row.name for row in pair)
    lines = ["", f"{mine}, beside the same of {os.path.basename(pair[1].binary)}: ratios of pairs of "
             "runs", f"  {'':40}{'pairs':>6}{'median':>9}{'interval of the median':>26}"
             f"{'this':>9}{'other':>9}"]
    kept = {}
    rows = [(measure, CPU, measures.LOADS[measure][0] + ", us CPU") for measure in loads]
    others = [(measure, field, title) for measure, (title, field) in OTHERS.items()]
    for measure, field, title in rows + others:
        found = results.ratios(measure, mine, other, field)
        if not found:
            lines.append(f"  {title:40}{'-':>6}")
            continue
        middle = statistics.median(found)
        least, greatest, certain = interval(found)
        kept[measure] = [round(value, 4) for value in (middle, least, greatest)] + [len(found)]
        lines.append(f"  {title:40}{len(found):6}{middle:9.3f}"
                     f"{f'{least:.3f}..{greatest:.3f} ({certain * 100:.0f} %)':>26}"
                     f"{results.median(measure, mine, field):9.3f}"
                     f"{results.median(measure, other, field):9.3f}"
                     + verdict(field, middle))
    return lines, kept
