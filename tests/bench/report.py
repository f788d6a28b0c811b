"""The tables, and what is kept of a run."""

import datetime
import json
import os
import platform
import statistics

import measures
import servers

S, B, L = servers.SEND.name, servers.BATCH.name, servers.LWS.name
MIXED, SIMPLE = servers.MIXED.name, servers.SIMPLE.name

RATE, CPU = "deliveries_per_s", "server_us_per_delivery"


def short(value):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.3g}"


def spread(found):
    """Median and extremes of ratios."""
    if not found:
        return f"{'-':>20}"
    middle = sorted(found)[len(found) // 2] if len(found) % 2 else \
        sum(sorted(found)[len(found) // 2 - 1:len(found) // 2 + 1]) / 2
    return f"{middle:7.2f} {f'({min(found):.2f}..{max(found):.2f})':>12}"


def rows_of(results, measure):
    """All rows of a measure, with those that cannot be measured at their place."""
    measured = results.values.get(measure, {})
    return [row.name for row in servers.ROWS
            if row.name in measured or row.name in results.missing]


def busy(results, measure, row, who):
    share = results.median(measure, row, who + "_cpu")
    return f"{share * 100:.0f} %"


def saturated_table(results, measure):
    yield ""
    yield measures.LOADS[measure][0]
    yield (f"  {'':22}{'deliveries/s':>12}  {'to limit-send':>20} {'to limit-batch':>20} "
           f"{'to lws':>20}  {'us CPU':>7} {'to B':>5}  {'server':>6} {'load':>6}")
    for row in rows_of(results, measure):
        if row in results.missing:
            yield f"  {row:22}{results.missing[row]}"
            continue
        cpu = results.ratio(measure, row, B, CPU)
        yield (f"  {row:22}{short(results.median(measure, row, RATE)):>12}  "
               + " ".join(spread(results.ratios(measure, row, base, RATE)) for base in (S, B, L))
               + f"  {results.median(measure, row, CPU):7.2f} {cpu or 0:5.2f}"
               f"  {busy(results, measure, row, 'server'):>6} "
               f"{busy(results, measure, row, 'load'):>6}")


def rate_table(results, measure):
    yield ""
    yield measures.LOADS[measure][0]
    yield (f"  {'':22}{'p50 us':>7} {'to limit-send':>20} {'p99 us':>7} {'to limit-send':>20} "
           f"{'us CPU':>7} {'to limit-send':>20}  {'server':>6} {'load':>6}")
    for row in rows_of(results, measure):
        if row in results.missing:
            yield f"  {row:22}{results.missing[row]}"
            continue
        parts = []
        for field in ("room.p50_us", "room.p99_us", CPU):
            value = results.median(measure, row, field)
            parts.append(f"{value:7.2f}" if field == CPU else f"{value:7.0f}")
            parts.append(spread(results.ratios(measure, row, S, field)))
        yield (f"  {row:22}" + " ".join(parts) + f"  {busy(results, measure, row, 'server'):>6} "
               f"{busy(results, measure, row, 'load'):>6}")


def main_tables(results, loads):
    for measure in loads:
        if measure not in results.values:
            continue
        table = rate_table if measure.startswith("rate") else saturated_table
        yield from table(results, measure)
    yield ""
    yield ("us CPU: microseconds of the server's threads for each delivery. server, load: how much "
           "of its core")
    yield ("each used; with the load tool near 100 % and the server below, the load tool is what "
           "was measured.")


def to_echo(results, row):
    """Messages a second as ratios to the bare echo's round trips, one for each round."""
    mine, echo = results.rounds("routed", row), results.rounds("echo", "bare echo")
    members = measures.ROUTED_GROUP["members"]
    return [mine[r][RATE] / members / echo[r]["round_trips_per_s"] for r in mine if r in echo]


def light_to_echo(results, row):
    """The median latency as ratios to the bare echo's, one message at a time."""
    mine, echo = results.rounds("routed_light", row), results.rounds("echo_light", "bare echo")
    return [measures.field_of(mine[r], "room.p50_us") / echo[r]["p50_us"]
            for r in mine if r in echo]


def median(found):
    return statistics.median(found) if found else None


def routed_table(results):
    """Messages a second, where each is asked about or tapped. Every member hears each, so
    deliveries are so many times more."""
    if "routed" not in results.values:
        return
    members = measures.ROUTED_GROUP["members"]
    trips = results.median("echo", "bare echo", "round_trips_per_s")
    yield ""
    yield f"Rules and backends: a room of {members}, W=64 (bare echo: a ROUTER and a DEALER alone)"
    yield f"  {'':22}{'messages/s':>12}  {'to bare echo':>20} {'to without rules':>20}"
    yield f"  {'bare echo':22}{short(trips):>12}"
    for row in results.values["routed"]:
        yield (f"  {row:22}{short(results.median('routed', row, RATE) / members):>12}  "
               f"{spread(to_echo(results, row))} "
               f"{spread(results.ratios('routed', row, SIMPLE, RATE))}")
    yield f"  {'one at a time':22}{'p50 us':>12}  {'to bare echo':>20}"
    yield f"  {'bare echo':22}{short(results.median('echo_light', 'bare echo', 'p50_us')):>12}"
    for row in results.values.get("routed_light", {}):
        yield (f"  {row:22}{short(results.median('routed_light', row, 'room.p50_us')):>12}  "
               f"{spread(light_to_echo(results, row))}")


PER_S, PER_REQUEST = "requests_per_s", "server_us_per_request"


def requests_table(results):
    """GET / on kept connections, beside nginx's `return 200` with the same body."""
    if "requests" not in results.values:
        return
    yield ""
    yield "Requests of HTTP, 16 kept connections"
    yield (f"  {'':22}{'a second':>12}  {'to nginx':>20}  {'us CPU':>7} {'to nginx':>20}  {'p99 us':>7}"
           f"  {'server':>6} {'load':>6}")
    for nginx, row in servers.ANSWERED:
        for name in (nginx.name, row.name):
            if not results.rounds("requests", name):
                yield f"  {name:22}{results.missing.get(name, 'not measured')}"
                continue
            yield (f"  {name:22}{short(results.median('requests', name, PER_S)):>12}  "
                   f"{spread(results.ratios('requests', name, nginx.name, PER_S))}  "
                   f"{results.median('requests', name, PER_REQUEST):7.2f} "
                   f"{spread(results.ratios('requests', name, nginx.name, PER_REQUEST))}  "
                   f"{results.median('requests', name, 'p99_us'):7.0f}"
                   f"  {busy(results, 'requests', name, 'server'):>6} "
                   f"{busy(results, 'requests', name, 'load'):>6}")


def plain_table(results, title, measure, columns):
    """columns: (heading, field, format)."""
    if measure not in results.values:
        return
    yield ""
    yield title
    yield f"  {'':26}" + "".join(f"{heading:>16}" for heading, _, _ in columns)
    for row in results.values.get(measure, {}):
        cells = (form.format(results.median(measure, row, field)) for _, field, form in columns)
        yield f"  {row:26}" + "".join(f"{cell:>16}" for cell in cells)


def pair_table(results, title, without, beside, group):
    if beside not in results.values:
        return
    yield ""
    yield title
    yield f"  {'':26}{'p99 us alone':>16}{'p99 us beside':>16}{'ratio':>22}"
    for row in results.values.get(without, {}):
        field = group + ".p99_us"
        found = results.ratios(beside, row, row, field, without)
        if found:
            yield (f"  {row:26}{results.median(without, row, field):16.0f}"
                   f"{results.median(beside, row, field):16.0f}  {spread(found)}")


def other_tables(results):
    yield from plain_table(results, "10,000 idle connections in rooms of ten, then 2,000 more "
                           "(ours: mixer)", "idle",
                           (("KiB each", "kib_each", "{:.1f}"),
                            ("new a second", "fresh_per_s", "{:.0f}"),
                            ("server us each", "fresh.server_us_per_connection", "{:.1f}"),
                            ("load us each", "fresh.load_us_per_connection", "{:.1f}")))
    yield from plain_table(results, "2,000 connections accepted, 64 at once (ours: mixer)",
                           "accept",
                           (("seconds", "all.connect_s", "{:.3f}"),
                            ("server us each", "all.server_us_per_connection", "{:.1f}"),
                            ("load us each", "all.load_us_per_connection", "{:.1f}")))
    yield from plain_table(results, "Two workers on one core, N=100, 200 messages a second",
                           "workers_rate100", (("us CPU", CPU, "{:.2f}"),
                                               ("p99 us", "room.p99_us", "{:.0f}")))
    yield from plain_table(results, "Two workers on one core, N=100 W=64", "workers_sat100",
                           (("us CPU", CPU, "{:.2f}"), ("deliveries/s", RATE, "{:.0f}")))
    yield from pair_table(results, "One of 100 stops reading (1 KiB texts, 200 a second)",
                          "beside none", "beside one", "room")
    yield from pair_table(results, "A quiet room, and one in another room who says all it can",
                          "quiet alone", "quiet beside noise", "quiet")
    for title, measure in (("One room of 5,000, W=16", "big"),
                           ("2,000 rooms of 5, W=1 in each (ours: mixer)", "many")):
        yield from plain_table(results, title, measure,
                               (("deliveries/s", RATE, "{:.0f}"), ("us CPU", CPU, "{:.2f}"),
                                ("server core", "server_cpu", "{:.2f}"),
                                ("load core", "load_cpu", "{:.2f}")))


def compression_table(results):
    """Bytes and CPU for each delivery, beside the same members without compression."""
    for title, measure in (("Compression: N=100, 200 messages a second, 256 bytes of words",
                            "compressed_rate"),
                           ("Compression: N=100 W=64, saturated", "compressed_sat")):
        if measure not in results.values:
            continue
        yield ""
        yield title
        yield (f"  {'':40}{'bytes':>8}  {'to nobody':>20} {'us CPU':>8}  {'to nobody':>20}"
               f"  {'server':>6} {'load':>6}")
        for row in results.values[measure]:
            base = row.rsplit(", ", 1)[0] + ", nobody compresses"
            cells = [f"{results.median(measure, row, field):8.{digits}f}  "
                     f"{spread(results.ratios(measure, row, base, field))}"
                     for field, digits in (("bytes_per_delivery", 1), (CPU, 3))]
            yield (f"  {row:40}" + " ".join(cells) + f"  {busy(results, measure, row, 'server'):>6}"
                   f" {busy(results, measure, row, 'load'):>6}")


def scraping_table(results):
    """What it costs to be scraped each second."""
    for row, rounds in results.values.get("scraping", {}).items():
        if any(result["fault"] for result in rounds.values()):
            return
        found = [100 * result["core_each"] for result in rounds.values()]
        yield ""
        yield "Scraped each second: 1,000 rooms, 10,000 idle connections; % of a core"
        yield f"  {'':22}{'alone':>8} {'scraped':>8} {'more':>8}  {'us each':>8} {'bytes':>8}"
        yield (f"  {row:22}{100 * results.median('scraping', row, 'alone'):8.3f} "
               f"{100 * results.median('scraping', row, 'scraped'):8.3f} {median(found):8.3f}  "
               f"{results.median('scraping', row, 'p50_us'):8.0f} {results.median('scraping', row, 'bytes'):8.0f}"
               f"   [{min(found):.3f} {max(found):.3f}]")


def goal_values(results, translation):
    """The measured value for each key of goals.GOALS; those that were not measured are left out."""
    ratio = results.ratio
    values = {
        "sat100": ratio("sat100", MIXED, B, RATE),
        "sat1000": ratio("sat1000", MIXED, B, RATE),
        "sat10": ratio("sat10", MIXED, B, RATE),
        "sat10_nats": ratio("sat10", MIXED, servers.NATS_ROW.name, RATE),
        "sat10_mosquitto": ratio("sat10", MIXED, servers.MOSQUITTO_ROW.name, RATE),
        "sat10_node": ratio("sat10", MIXED, servers.NODE.name, RATE),
        "one100_l": ratio("one100", MIXED, L, RATE),
        "one100_s": ratio("one100", MIXED, S, RATE),
        "cpu100": ratio("rate100", MIXED, S, CPU),
        "p50": ratio("rate100", MIXED, S, "room.p50_us"),
        "p99": ratio("rate100", MIXED, S, "room.p99_us"),
        "translate": translation,
        "sends": results.median("sends", MIXED, "sends_each"),
        "idle": results.median("idle", MIXED, "kib_each"),
        "idle_tls": results.median("idle", servers.TLS.name, "kib_each"),
        "fresh": results.median("idle", MIXED, "fresh_per_s"),
        "accept": ratio("accept", MIXED, L, "all.connect_s"),
        "workers": ratio("workers_rate100", servers.TWO.name, MIXED, CPU),
        "asked": median(to_echo(results, servers.ASKED.name)),
        "tapped": median(to_echo(results, servers.TAPPED.name)),
        "asked_p50": median(light_to_echo(results, servers.ASKED.name)),
        "answers": ratio("requests", SIMPLE, "nginx", PER_S),
        "answers_tls": ratio("requests", servers.TLS.name, "nginx, TLS", PER_S),
        "scraping": results.median("scraping", servers.WATCHED.name, "core_each"),
        "stalled": ratio("beside one", SIMPLE, SIMPLE, "room.p99_us", "beside none"),
    }
    return {key: value for key, value in values.items() if value is not None}


def reasons(results):
    """Why a goal has no value."""
    rows = {"answers": "nginx", "answers_tls": "nginx, TLS", "idle_tls": servers.TLS.name,
            "translate": "instructions", "sat10_nats": servers.NATS_ROW.name, "sat10_mosquitto": servers.MOSQUITTO_ROW.name,
            "sat10_node": servers.NODE.name}
    return {key: results.missing[row] for key, row in rows.items() if row in results.missing}


def rounded(value):
    return float(f"{value:.4g}")


def kept_row(results, measure, row, rounds):
    """What is kept of one row: medians, and for ratios also their extremes."""
    first = next(iter(rounds.values()))
    fields = [field for field in (RATE, CPU, "bytes_per_delivery", "server_cpu", "load_cpu", "kib_each",
                                  "fresh_per_s", "sends_each", "us_each", PER_S, PER_REQUEST, "core_each", "p50_us",
                                  "p99_us", "stored_per_s", "server_us_each", "us")
              if first.get(field)]
    fields += [f"{group['name']}.{field}" for group in first.get("groups", ())
               for field in ("p50_us", "p99_us", "connect_s", "server_us_per_connection")
               if group[field]]
    entry = {field: rounded(results.median(measure, row, field)) for field in fields}
    nginx = next((other.name for other, ours in servers.ANSWERED if ours.name == row), None)
    for base, letter in ((S, "S"), (B, "B"), (L, "L"), (nginx, "nginx")):
        field = PER_S if measure == "requests" else RATE
        found = results.ratios(measure, row, base, field)
        if found:
            entry["to_" + letter] = [rounded(value) for value in
                                     (results.ratio(measure, row, base, field), min(found),
                                      max(found))]
    entry["rounds"] = len(rounds)
    return entry


def summary(results, values, compared=None):
    """The text of the file that is kept, a line for each row of each measure. compared: with
    another build, by row."""
    head = {"date": str(datetime.date.today()), "kernel": platform.release(),
            "cores": os.cpu_count(), "missing": results.missing, "faults": results.faults,
            "disturbed": [results.disturbed, results.runs],
            "goals": {key: rounded(value) for key, value in values.items()}}
    if compared:
        head["against"] = compared
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for measure, rows in results.values.items():
        if measure in ("echo", "echo_light"):
            field = "round_trips_per_s" if measure == "echo" else "p50_us"
            found = [result[field] for result in rows["bare echo"].values()]
            lines.append(f"{json.dumps(measure)}: {json.dumps(found)}")
            continue
        inner = ",\n".join(f"  {json.dumps(row)}: "
                           f"{json.dumps(kept_row(results, measure, row, rounds))}"
                           for row, rounds in rows.items())
        lines.append(f"{json.dumps(measure)}: {{\n{inner}}}")
    return "{" + ",\n".join(lines) + "}\n"
