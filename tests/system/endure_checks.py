"""What has to hold at the end of the mixed run (endure.py)."""

import asyncio
import collections
import re
import time

from endure_people import ALONE, ids_as_numbers
from operating import answer
from server import SLOW, balance_at_rest, check, under_way

PICKED = 50
MEMORY = 800 << 10  # KiB: more than it may take, most of it for explain in a long run
EXPECTED = re.compile(r" upstream |backend|judge|cut: more than|suppressed|refused (login|upgrade)|running as root")


async def all_is_well(server, far, ledger, presence, people, memory):
    counters = await asyncio.to_thread(at_rest, server)
    numbers(ledger, presence, counters, memory)
    everybody_was_told(people, ledger)
    order = everybody_heard(people, ledger)
    privately(people, ledger)
    same_changes(people, ledger)
    said = await there(far, ledger, people, counters, order)
    await explained(server, ledger, presence, people, order, said)
    its_log(server)
    check(counters["sessions_cut"] >= 4, f"{counters['sessions_cut']} were cut")
    check(max(memory) < MEMORY, f"{max(memory)} KiB of memory")


def at_rest(server):
    """The counters when nothing is under way."""
    end = time.monotonic() + 60 * SLOW
    while under_way(counters := server.counters()):
        check(time.monotonic() < end, f"something is still under way: {counters}")
        time.sleep(0.1)
    balance_at_rest(counters)
    books = answer(server, "status")["result"]["books"]
    check(books == "balanced", f"the books: {books}")
    return counters


def numbers(ledger, presence, counters, memory):
    deeds, refused = collections.Counter(), collections.Counter()
    for (dialect, _, code), count in ledger.told.items():
        deeds[dialect] += count
        if code not in (None, 200, 204, "ACK"):
            refused[dialect] += count
    print(f"    requests by dialect {dict(deeds)}, of which refused {dict(refused)}", flush=True)
    for dialect in deeds:
        print(f"    {dialect}: " + ", ".join(f"{deed}={code} {count}" for (kind, deed, code), count in
                                             sorted(ledger.told.items(), key=str) if kind == dialect))
    print(f"    others: {dict(presence.counts)}")
    print(f"    drafts {counters['drafts']}\n    deliveries {counters['deliveries']}")
    print(f"    backend {counters['backends']['judge']['asks']}\n    upstream {counters['upstreams']['far']['events']}")
    print(f"    memory: {memory[0]} KiB at first, {memory[len(memory) // 2]} in the middle, {memory[-1]} last, "
          f"{max(memory)} at most", flush=True)


# ---- what was said ----

def everybody_heard(people, ledger):
    """Each message once, in the room's order; its number by its serial."""
    numbers_of, order = {}, {}
    heard = {person.name: ids_as_numbers(person) for person in people}
    for person in people:
        for serial, number in heard[person.name]:
            if number:
                check(numbers_of.setdefault(serial, number) == number, f"{person.name} calls {serial} {ledger.said.get(serial)} "
                      f"{number}, others {numbers_of[serial]}")
    order = [serial for serial, _ in sorted(numbers_of.items(), key=lambda one: one[1])]
    for person in people:
        serials = [serial for serial, _ in heard[person.name]]
        twice = [serial for serial, count in collections.Counter(serials).items() if count > 1]
        check(not twice, f"{person.name} heard twice: {[(one, ledger.said.get(one)) for one in twice[:5]]}")
        missing = sorted(set(order) - set(serials))
        check(not missing, f"{person.name} did not hear {len(missing)}: {[(one, ledger.said.get(one)) for one in missing[:5]]}")
        check(serials == order, f"{person.name} heard them in another order")
    for serial, (name, mark, taken) in ledger.said.items():
        there = serial in numbers_of
        if taken is not None and not mark.startswith(ALONE):
            check(there == taken, f"{serial} by {name} ({mark}): its sender was told {taken}, and it was heard: {there}")
        check(not (there and mark in ("bad", "askno", "asknone", *ALONE)), f"{serial} by {name} ({mark}) was heard")
    for person in people:
        strange = [serial for serial, _ in person.alone if ledger.said[serial][0] != person.name]
        check(not strange, f"{person.name} heard what is for nobody: {strange[:5]}")
    print(f"    {len(order)} messages, each heard once and in order by {len(people)}", flush=True)
    return numbers_of


def everybody_was_told(people, ledger):
    check(not ledger.untold, f"{len(ledger.untold)} requests were not answered: {ledger.untold[:5]}")
    check(not ledger.wrong, f"{len(ledger.wrong)} answers are wrong: {ledger.wrong[:5]}")
    for person in people:
        check(not person.reader.done(), f"{person.name} lost the connection")
        check(not person.stray, f"{person.name} got errors that answer nothing: {person.stray[:5]}")
        twice = [number for number, count in person.replies.items() if count > 1 and number not in ("None", "7")]
        check(not twice, f"{person.name} got more than one reply to {twice[:5]}")
        if person.dialect == "mixer":
            check(set(person.replies) >= set(map(str, range(1, person.requests + 1))), f"{person.name}: {person.requests}")


def privately(people, ledger):
    for person in people:
        wanted = {serial for serial, to in ledger.whispers.items() if to == person.name}
        check(set(person.private) == wanted and len(person.private) == len(wanted),
              f"{person.name} was whispered {sorted(person.private)}, not {sorted(wanted)}")


def same_changes(people, ledger):
    """Edits, deletions and reads: the same for all of a dialect, and those that were answered as done among them."""
    for dialect, kind, done in (("concord", "edit", set(ledger.edits)), ("concord", "delete", set()),
                                ("mixer", "delete", set()), ("rooms", "read", ledger.reads)):
        seen = [{key[1:]: count for key, count in person.changes.items() if key[0] == kind}
                for person in people if person.dialect == dialect]
        check(all(one == seen[0] for one in seen), f"not all of {dialect} saw the same: {kind}")
        missing = [one for one in done if (one if isinstance(one, tuple) else (one,)) not in seen[0]]
        check(not missing, f"{dialect}: not seen: {kind} {missing[:5]}")
        print(f"    {dialect}: {len(seen[0])} of {kind}, seen by all {len(seen)}")


# ---- the other server ----

async def there(far, ledger, people, counters, numbers_of):
    """What was said there is there, once each and in order; who was refused was told."""
    rows, before = [], ()
    while True:
        page = (await asyncio.to_thread(answer, far, "history", "lobby", "--count", "1000", *before))["rows"]
        rows = page + rows
        if len(page) < 1000:
            break
        before = ("--before", str(page[0]["id"]))
    said = [int(found[1]) for row in rows if (found := re.search(r"#(\d+) of \S+$", row.get("text") or ""))
            and re.match(r"\S+: |\* ", row["text"])]
    twice = [serial for serial, count in collections.Counter(said).items() if count > 1]
    books = counters["upstreams"]["far"]["events"]
    lost = books["expired"] + books["unknown"] + sum(books["refused"].values())
    told = sum(len(person.news_of_far) for person in people)
    print(f"    {len(said)} messages were said at the other server; senders were told {told} times of one that was not",
          flush=True)
    check(not twice, f"said there twice: {twice[:5]}")
    wordless = sum(not row.get("text") or re.search(r"\be\d+ of ", row["text"]) is not None for row in rows)
    ours = {serial for serial in numbers_of if ledger.said[serial][1] != "there"}
    print(f"    {len(ours)} were to be, {len(ours - set(said))} are not among them, {wordless} were deleted or edited",
          flush=True)
    check(not set(said) - ours, f"said there, and not here: {sorted(set(said) - ours)[:5]}")
    check(len(ours - set(said)) <= lost + wordless,
          f"{[(one, ledger.said[one]) for one in sorted(ours - set(said))[:5]]} are not there: {books}")
    places = [numbers_of[serial] for serial in said]
    check(places == sorted(places), "they are there in another order")
    print(f"    {lost} did not get there, of all kinds", flush=True)
    check(told <= lost, f"told {told} times: {books}")
    here = {person.name for person in people}
    untold = sum(ledger.said[serial][0] in here for serial in ours - set(said)) - wordless
    check(told >= untold, f"told {told} times, of {untold} at least: {books}")
    return set(said)


# ---- explain ----

def decided(message, mark):
    """The rule, and what the backend said."""
    rule = next(step for step in message["steps"] if step["what"] == "rule")["rule"]
    wanted = {"there": 1, "askok": 6, "askslow": 6, "askchange": 6}.get(mark)
    check(rule == wanted, f"{mark}: rule {rule}, not {wanted}: {message}")
    verdicts = [step["verdict"] for step in message["steps"] if step["what"] == "answer"]
    check(verdicts == ([] if wanted != 6 else ["changed" if mark == "askchange" else "allowed"]), f"{mark}: {verdicts}")


def sent_to(message):
    counts = collections.Counter()
    for row in message["destinations"]:
        counts[row["dialect"], row["outcome"]] += row["count"]
    return counts


async def explained(server, ledger, presence, people, numbers_of, said):
    """What `explain` tells of messages that are picked at random."""
    picked = ledger.dice.sample(sorted(numbers_of), min(PICKED, len(numbers_of)))
    marks = {ledger.said[serial][1]: serial for serial in sorted(numbers_of)}
    picked += sorted(set(marks.values()) - set(picked))  # and one of each kind
    seen, missed, upstream = collections.Counter(), 0, collections.Counter()
    everybody = collections.Counter(person.dialect for person in people)
    for serial in picked:
        rows = (await asyncio.to_thread(answer, server, "explain", str(numbers_of[serial])))["rows"]
        check(len(rows) == 1, f"{serial}: {rows}")
        message, (name, mark, _) = rows[0], ledger.said[serial]
        # Who is somebody else there when that server starts again cannot have the name that is taken here.
        names = (name, f"{name}@far") if mark == "there" else (name,)
        check(message["author"]["name"] in names and message["end"] == "ordered" and message["room"] == "lobby"
              and message["whole"] and message["kind"] == "message", f"{serial}, {mark} of {name}: {message}")
        counts = sent_to(message)
        for dialect, count in everybody.items():
            there = counts[dialect, "delivered"] + counts[dialect, "degraded"]
            others = presence.most(dialect, message["time_ms"])
            check(count <= there <= count + others,
                  f"{serial} of {name} went to {there} of {dialect}; {count} heard it, and {others} others were there: {message}")
        check(not any(outcome == "in_flight" for _, outcome in counts), f"{serial}: in flight: {message}")
        steady = {person.name for person in people}
        check(not any(one["name"] in steady for one in message["missed"]), f"{serial}: {message['missed']}")
        failed = sum(count for (_, outcome), count in counts.items() if outcome not in ("delivered", "degraded"))
        check(failed == len(message["missed"]) + message.get("unlisted", 0), f"{serial}: {counts}, {message['missed']}")
        for one in message["missed"]:
            check(any(one["name"] in presence.names(dialect, message["time_ms"]) for dialect in everybody),
                  f"{serial}: {one} was not there")
        seen += counts
        missed += len(message["missed"])
        decided(message, mark)
        degraded = {dialect for (dialect, outcome) in counts if outcome == "degraded"}
        check(degraded == ({"concord", "rooms", "simple"} if mark == "action" else set()), f"{serial}, {mark}: {counts}")
        ends = [step.get("outcome") for step in message["steps"] if step["what"] == "upstream"]
        check(len(ends) == (mark != "there"), f"{serial}, {mark}: {ends}")
        check(serial not in said or ends == ["delivered"] or ends == ["unknown"], f"{serial} is there: {ends}")
        upstream.update(ends)
    print(f"    explain: {len(picked)} messages; destinations {dict(seen)}, {missed} named, upstream {dict(upstream)}",
          flush=True)


def its_log(server):
    lines = server.log_text().splitlines()
    kinds = collections.Counter(line.split(" ")[1] for line in lines if line.count(" ") > 1)
    print(f"    log: {dict(kinds)}")
    wrong = [line for line in lines if " error " in line[:40] or " warning " in line[:40] and not EXPECTED.search(line)]
    check(not wrong, f"the log has {len(wrong)} lines: {wrong[:5]}")


