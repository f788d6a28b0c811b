"""What Dragoman must reach and aims at, and whether it does.

Everything is a ratio to something measured in the same round, but for what is counted in bytes,
instructions or connections. S: limit-send, B: limit-batch, L: plain libwebsockets (lws)."""

KIB = 1024

# key: (what, must, aim, more is better, unit). The keys are those of goal_values() in report.py.
GOALS = {
    "sat100": ("mixed, N=100 W=64, deliveries/s", 0.5, 0.7, True, "B"),
    "sat1000": ("mixed, N=1000 W=64, deliveries/s", 0.6, 0.8, True, "B"),
    "sat10": ("mixed, N=10 W=32, deliveries/s", 0.5, 0.7, True, "B"),
    "sat10_nats": ("mixed, N=10 W=32, deliveries/s", 1.0, 1.0, True, "NATS"),
    "sat10_mosquitto": ("mixed, N=10 W=32, deliveries/s", 1.0, 1.0, True, "mosquitto"),
    "sat10_node": ("mixed, N=10 W=32, deliveries/s", 1.0, 1.0, True, "Node ws"),
    "one100_l": ("mixed, N=100 W=1, deliveries/s (must)", 0.95, None, True, "L"),
    "one100_s": ("mixed, N=100 W=1, deliveries/s (aim)", None, 0.85, True, "S"),
    "cpu100": ("mixed, N=100 200 msg/s, CPU per delivery", 1.5, 1.25, False, "S"),
    "p50": ("mixed, N=100 200 msg/s, p50", 1.4, 1.2, False, "S"),
    "p99": ("mixed, N=100 200 msg/s, p99", 1.4, 1.2, False, "S"),
    "translate": ("one decode, four encodes, 256 bytes", 30000, 18000, False, "instructions"),
    "sends": ("mixed, N=100 W=64, send() calls", 1 / 16, 1 / 32, False, "per delivery"),
    "idle": ("memory of an idle connection", 6.5, 4, False, "KiB"),
    "idle_tls": ("memory of an idle connection, TLS", 24, 18, False, "KiB"),
    "fresh": ("new connections at 10,000 open", 6000, 8000, True, "a second"),
    "accept": ("2000 connections accepted, time", 1.5, 1.0, False, "L"),
    "workers": ("two workers, 200 msg/s, CPU per delivery", 1.15, 1.05, False, "one worker"),
    "asked": ("through an ask, W=64, messages/s", 0.3, 0.5, True, "bare echo"),
    "tapped": ("through a tap, W=64, messages/s", 0.4, 0.6, True, "bare echo"),
    "asked_p50": ("through an ask, one at a time, p50", 2.5, None, False, "bare echo"),
    "answers": ("requests a second", 0.8, None, True, "nginx"),
    "answers_tls": ("requests a second, TLS", 0.8, None, True, "nginx"),
    "scraping": ("a scrape each second, 1,000 rooms, 10,000 idle", 0.01, 0.001, False, "of a core"),
    "stored_cpu": ("mixed, N=100 W=64, CPU per delivery, stored", 1.18, None, False, "memory"),
    "stored_room": ("messages of one room a second, stored", 0.7, None, True, "memory"),
    "stored_p50": ("200 msg/s, p50 above memory, stored", 4, None, False, "fdatasyncs"),
    "stalled": ("p99 beside one who stops reading", 1.2, 1.05, False, "without"),
}


def verdict(key, value):
    """Whether must and aim are met."""
    _, must, aim, more, _ = GOALS[key]

    def said(name, limit):
        met = value >= limit if more else value <= limit
        return f"{name} met" if met else f"{name} NOT MET"

    return ", ".join(said(name, limit) for name, limit in (("must", must), ("aim", aim))
                     if limit is not None)


def number(value):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 0.2 else f"{value:.2f}"


def table(values, why):
    """The lines of the goal table. values: key -> value; why: key -> why there is none."""
    lines = [f"{'':44}{'measured':>10}{'must':>10}{'aim':>10}  "]
    for key, (what, must, aim, _, unit) in GOALS.items():
        value = values.get(key)
        said = verdict(key, value) if value is not None else why.get(key, "not measured")
        lines.append(f"{what:44}{number(value):>10}{number(must):>10}{number(aim):>10}  "
                     f"{unit:13} {said}")
    return lines
