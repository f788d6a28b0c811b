"""dragoman explain: what it tells of messages is what the clients' own logs say, and those of a backend and of an
upstream's far side."""

import asyncio
import json
import os
import random
import subprocess
import time
import urllib.request

from backends import Instance
from chat import close_all, id_of, join, open_socket, quiet, text_of
from operating import answer, ask, control
from server import BINARY, SLOW, Server, check, configuration
from translate import Capture
from upstream_commands import SECRET, is_up, upstream
from wire import Wire

PICKED, SAID = 50, 160
QUICK = "messages_per_second = 0; signals_per_second = 0;"
NAMES = {"mixer": ("ann", "max"), "concord": ("bob", "cal"), "rooms": ("cat", "roy"), "simple": ("dan", "sue")}
RELAY = '( { name = "relay"; number = 6; secret_file = "people.secret"; roles = [ "mod" ]; } )'
# What a text begins with, and what then becomes of it.
MARKS = ("plain", "plain", "plain", "bad", "lost", "ask", "askno", "askchange")
ROUTES = """routes = (
    { name = "other dialects"; dialect = "backend"; kind = "message"; then = ( { refuse = "never"; } ); },
    { name = "bad words"; kind = "message"; text = "^bad"; then = ( { refuse = "mind your words"; } ); },
    { name = "for nobody"; kind = "message"; text = "^lost"; then = ( { drop = true; } ); },
    { name = "judged"; kind = "message"; text = "^ask";
      then = ( { ask = "judge"; deadline_ms = 5000; on_timeout = "refuse"; } ); } );
backends = ( { name = "judge"; bind = "ipc://judge.sock"; } );
"""


def config(far, bodies=False, limits=QUICK):
    return configuration(limits, more=f"""control = "control"; {ROUTES}
explain = {{ messages = 1000; bodies = {"true" if bodies else "false"}; }};
upstreams = ( {upstream("far", "simple", far.port)} );""")


class Judge(Instance):
    """Allows, refuses and changes, as the text says; keeps what it said."""

    def __init__(self, server):
        self.verdicts = {}
        super().__init__(f"ipc://{server.folder.name}/judge.sock", "judge", judge=self.decide, credits=100)

    def decide(self, meta, event):
        text = event["text"]
        if text.startswith("askno"):
            self.verdicts[text] = "refused"
            return {"verdict": "refuse", "text": "no"}
        if text.startswith("askchange"):
            self.verdicts[text] = "changed"
            return {"verdict": "change"}, {"text": text.replace("askchange", "changed")}
        self.verdicts[text] = "allowed"
        return {"verdict": "allow"}


class Follower:
    """`dragoman explain --follow --json` while the server runs."""

    def __init__(self, server):
        self.path = os.path.join(server.folder.name, "followed")
        with open(self.path, "wb") as file:
            self.process = subprocess.Popen([BINARY, "explain", "--follow", "--json", "--control", control(server)],
                                            stdout=file, stderr=subprocess.STDOUT)

    def end(self):
        self.process.terminate()
        self.process.wait(10 * SLOW)
        with open(self.path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def steps(message, what):
    return [step for step in message["steps"] if step["what"] == what]


def sent_to(message):
    """How many were sent it, by dialect."""
    counts = {}
    for row in message["destinations"]:
        if row["outcome"] in ("delivered", "degraded"):
            counts[row["dialect"]] = counts.get(row["dialect"], 0) + row["count"]
    return counts


def in_logs(clients, text):
    """The same by the clients' own logs."""
    counts = {}
    for client in clients:
        seen = sum(text_of(frame) == text for frame in client.frames)
        check(seen <= 1, f"{client.name} heard {text!r} {seen} times")
        if seen:
            counts[client.dialect] = counts.get(client.dialect, 0) + 1
    return counts


def ids_in_logs(clients, text):
    """What each dialect calls it."""
    ids = {}
    for client in clients:
        for frame in client.frames:
            if text_of(frame) == text and id_of(frame) is not None:
                ids[client.dialect] = str(id_of(frame))
    return ids


def shown(text):
    """As others see it; None: nobody does."""
    mark = text.split()[0]
    return None if mark in ("bad", "lost", "askno") else text.replace("askchange", "changed")


def is_decided_by_its_rule(message, text, judge):
    """Which rule decided, and what its steps did."""
    mark = text.split()[0]
    rule = steps(message, "rule")[0]
    wanted = {"bad": 2, "lost": 3, "plain": None}.get(mark, 4)
    check(rule["rule"] == wanted, f"{text}: decided by {rule}")
    before = [other["why"] for other in rule["before"]]
    count = 4 if wanted is None else wanted - 1
    check(before == ["its dialect is a different one"] + ["the pattern does not match in its text"] * (count - 1)
          if count else before == [], f"{text}: why others did not: {before}")
    verdicts = steps(message, "answer")
    if mark.startswith("ask"):
        check(len(verdicts) == 1 and verdicts[0]["to"] == "judge" and verdicts[0]["verdict"] == judge.verdicts[text] and
              verdicts[0]["took_us"] >= 0, f"{text}: the judge said {judge.verdicts[text]}: {verdicts}")
    else:
        check(not verdicts, f"{text}: nobody was asked: {verdicts}")


def agrees(message, said, clients, far_client, judge, opted_out):
    """said: (who, text). All that `explain` tells of it is in somebody's log."""
    speaker, text = said
    visible = shown(text)
    check(message["author"]["name"] == speaker.name and message["dialect"] == speaker.dialect and
          message["room"] == "lobby" and message["whole"] and message["kind"] == "message", f"{text}: {message}")
    check(message["text_bytes"] == len(text), f"{text}: {message['text_bytes']} bytes")
    is_decided_by_its_rule(message, text, judge)
    if speaker.name == "moe" and visible is not None:
        check(message["end"] == "refused" and message["reason"] == "muted" and not message["destinations"],
              f"{text}: {message}")
        check(in_logs(clients, text) == {}, f"{text}: somebody heard the muted one")
        return
    if visible is None:
        wanted = "dropped" if text.startswith("lost") else "refused"
        check(message["end"] == wanted and not message["destinations"], f"{text}: {message}")
        # Who said it and whose dialect echoes nothing by itself is told that it was taken.
        seen = {client.name for client in clients for frame in client.frames if text_of(frame) == text}
        check(not seen or (wanted == "dropped" and seen == {speaker.name}), f"{text}: heard by {seen}")
        return
    check(message["end"] == "ordered", f"{text}: {message['end']}")
    told, heard = sent_to(message), in_logs(clients, visible)
    check(told == heard, f"{text}: explain tells {told}, the logs {heard}")
    check([(one["name"], one["outcome"]) for one in message["missed"]] == [(opted_out.name, "dropped(muted)")],
          f"{text}: not sent to {message['missed']}")
    check(sum(row["count"] for row in message["destinations"]) == len(clients), f"{text}: {message['destinations']}")
    ends = steps(message, "upstream")
    there = [frame for frame in far_client.frames if text_of(frame) == f"{speaker.name}: {visible}"]
    check(len(ends) == 1 and ends[0]["outcome"] == "delivered" and ends[0]["took_us"] >= 0 and len(there) == 1,
          f"{text}: {ends}, there {there}")


async def converse(clients, speakers, dice):
    """Everybody says something, in turn; who said what."""
    said = []
    for number in range(SAID):
        speaker = dice.choice(speakers)
        text = f"{dice.choice(MARKS)} {number} words of {speaker.name}"
        said.append((speaker, text))
        await speaker.say(text)
        if number % 8 == 7:
            await asyncio.sleep(0.02)
    await quiet(clients, 1.5)
    return said


async def all_join(server):
    clients = [await join(server, dialect, name) for dialect, names in NAMES.items() for name in names]
    opted_out = await join(server, "mixer", "otto")
    await opted_out.call("optOutEvents", "ChatMessage")
    muted = await join(server, "concord", "moe")
    await asyncio.to_thread(answer, server, "roles", "moe", "lobby", "+muted")
    return clients + [opted_out, muted], opted_out, muted


def lives_agree_with_logs():
    """Picked at random, seed printed."""
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    dice = random.Random(seed)
    print(f"SEED={seed}", flush=True)

    async def scenario(far, server):
        judge = Judge(server)
        await judge.expect("READY")
        await asyncio.to_thread(is_up, server)
        far_client = await join(far, "simple", "zed")
        clients, opted_out, muted = await all_join(server)
        await quiet(clients)
        follower = await asyncio.to_thread(Follower, server)
        await asyncio.sleep(1 * SLOW)
        said = await converse(clients, [client for client in clients if client is not opted_out], dice)
        lives = await asyncio.to_thread(follower.end)
        ours = [life for life in lives if life["by"] == "connection"]
        check(len(ours) == len(said), f"{len(ours)} lives of {len(said)} messages")
        by_name = {client.name: iter([life for life in ours if life["author"]["name"] == client.name])
                   for client in clients}
        # What one says comes in as it was said.
        lives_of = [(next(by_name[speaker.name]), speaker, text) for speaker, text in said]
        looked_up = 0
        for followed, speaker, text in dice.sample(lives_of, PICKED):
            ids = ids_in_logs(clients, shown(text)) if shown(text) and speaker is not muted else {}
            found = [(await asyncio.to_thread(answer, server, "explain", name))["rows"] for name in ids.values()]
            # When it was followed, some may have waited for it yet.
            message = found[0][0] if found else followed
            agrees(message, (speaker, text), clients, far_client, judge, opted_out)
            check(all(one == [message] for one in found), f"{ids}: {found}")
            check(all(message.get(name) == followed.get(name) for name in ("id", "author", "time_ms", "frame_bytes")),
                  f"{followed}, and then {message}")
            looked_up += len(ids)
        print(f"{PICKED} of {len(said)} messages, {looked_up} ids of clients", flush=True)
        check(looked_up > PICKED // 2, "few had an id")
        await close_all(clients + [far_client])
        judge.stop()

    with Server(configuration(QUICK, accounts=RELAY, workers=1), files={"people.secret": SECRET}) as far, Server(config(far), files={"relay.secret": SECRET}) as server:
        asyncio.run(scenario(far, server))


def the_last_of_somebody():
    """--last, --room, --from, and those that are none."""

    async def scenario(server):
        clients = [await join(server, "concord", "bob"), await join(server, "simple", "dan")]
        for client, text in zip(clients, ("one", "two")):
            await client.say(text)
            await quiet(clients)
        for words, name in ((("--last",), "dan"), (("--room", "lobby"), "dan"), (("--from", "BOB"), "bob"),
                            (("--from", "bob", "--room", "lobby"), "bob")):
            rows = (await asyncio.to_thread(answer, server, "explain", *words))["rows"]
            check([row["author"]["name"] for row in rows] == [name], f"{words}: {rows}")
        rows = (await asyncio.to_thread(answer, server, "explain", "--from", f"#{rows[0]['author']['number']}"))["rows"]
        check(rows[0]["author"]["name"] == "bob", rows)
        for words, code in ((("12345",), 1), (("--from", "nobody"), 1), (("--room", "nowhere"), 1),
                            (("1156bf3d-5845-4000-8188-a118b6601414",), 1), ((), 2), (("1", "--last"), 2),
                            (("no-id",), 2)):
            await asyncio.to_thread(ask, server, "explain", *words, code=code)
        text = await asyncio.to_thread(ask, server, "explain", "--last")
        for word in ('"dan"', "ordered:", "in the room lobby", "delivered", "concord", "simple"):
            check(word in text, f"{word} in {text}")
        await close_all(clients)

    with Server(configuration(QUICK, more='control = "control";')) as server:
        asyncio.run(scenario(server))


def bodies_only_where_allowed():
    """No word of what people say is told, as text or as JSON, unless the configuration allows it; and not of a
    dialect that forbids to keep it."""

    async def scenario(server, bodies):
        clients = [await join(server, dialect, names[0]) for dialect, names in NAMES.items()]
        for client in clients:
            await client.say(f"whispering of {client.name}")
            await quiet(clients)
            said = await asyncio.to_thread(ask, server, "explain", "--last")
            made = json.dumps(await asyncio.to_thread(answer, server, "explain", "--last"))
            for text in (said, made):
                found = f"whispering of {client.name}" in text
                check(found == (bodies and client.dialect != "rooms"), f"{client.dialect}, {bodies}: {text}")
        for words in (("bad whispering",), ("lost whispering",)):
            await clients[1].say(*words)
            await quiet(clients)
            said = await asyncio.to_thread(ask, server, "explain", "--from", clients[1].name)
            check((words[0] in said) == bodies, f"{bodies}: {said}")
        rows = (await asyncio.to_thread(answer, server, "explain", "--from", clients[0].name))["rows"]
        frames = [json.loads(frame) for row in rows[0]["destinations"] for frame in row.get("frames", [])]
        check(len(frames) == (4 if bodies else 0), f"{rows}")
        for client in clients if bodies else ():
            check(any(frame in client.frames for frame in frames), f"{client.dialect}: {frames}")
        check(("envelope" in rows[0]) == bodies and ("frame" in rows[0]) == bodies, rows)
        await close_all(clients)

    for bodies in (False, True):
        more = f'control = "control"; {ROUTES} explain = {{ bodies = {"true" if bodies else "false"}; }};'
        with Server(configuration(QUICK, more=more)) as server:
            asyncio.run(scenario(server, bodies))


def frames_that_mean_nothing_are_told():
    """By who sent them, and followed; what looks like a secret is not, nor anything before a login."""

    async def scenario(server, bodies):
        bob, dan = await join(server, "concord", "bob"), await join(server, "simple", "dan")
        follower = await asyncio.to_thread(Follower, server)
        await asyncio.sleep(1 * SLOW)
        frames = (('{"type":"chat_written","channelId":"seven","token":"sesame"}', '"seven"', "bad_argument"),
                  ('{"type":"dance","content":"a waltz"}', '"a waltz"', "unknown_verb"))
        for frame, word, reason in frames:
            await bob.send(frame)
            await bob.refusal()
            row = (await asyncio.to_thread(answer, server, "explain", "--from", "bob"))["rows"][0]
            check(row["kind"] == "invalid" and row["end"] == "refused" and row["reason"] == reason, f"{row}")
            check((row["dialect"], row["mount"], row["frame_bytes"]) == ("concord", "/concord", len(frame)), f"{row}")
            check((word in row.get("frame", "")) == bodies and "sesame" not in str(row), f"{row}")
        text = await asyncio.to_thread(ask, server, "explain", "--last")
        check("invalid" in text and '"bob"' in text and "unknown_verb" in text, text)
        greeted = await open_socket(server, "mixer", "eve")
        await greeted.send('{"type":"method","method":"auth","arguments":[1,2,3,"sesame"],"id":1}')
        await quiet((bob, dan), 0.3)
        rows = (await asyncio.to_thread(answer, server, "explain", "--last"))["rows"]
        check(rows[0]["kind"] == "invalid" and rows[0]["author"]["number"] == 0 and "sesame" not in str(rows), f"{rows}")
        await greeted.close()
        await dan.say("words of dan")
        await quiet((bob, dan), 1.2)
        lives = await asyncio.to_thread(follower.end)
        check([life["kind"] for life in lives] == ["invalid", "invalid", "invalid", "message"], f"{lives}")
        check(("words of dan" in str(lives)) == bodies, f"{lives}")
        made = await asyncio.to_thread(answer, server, "erase", "dan")
        check(made["ok"], f"{made}")
        rows = (await asyncio.to_thread(answer, server, "explain", "--last"))["rows"]
        check(rows[0]["kind"] == "message" and "words of dan" not in str(rows) and "dan" not in str(rows), f"{rows}")
        await close_all((bob, dan))

    for bodies in (False, True):
        more = f'control = "control"; explain = {{ bodies = {"true" if bodies else "false"}; }};'
        with Server(configuration(QUICK, more=more)) as server:
            asyncio.run(scenario(server, bodies))


DEB = '( { name = "deb"; number = 9; secret_file = "deb.secret"; } )'


def request(server, method, path, body, token=None):
    """A concord program's, and what it is answered."""
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/api{path}", json.dumps(body).encode() if body else None,
                                   {"Content-Type": "application/json",
                                    **({"Authorization": f"Bearer {token}"} if token else {})}, method=method)
    with urllib.request.urlopen(asked, timeout=10 * SLOW) as response:
        said = response.read()
    return json.loads(said) if said else None


def requests_are_told_as_they_came():
    """Of HTTP: explained with method, path and body, and captured; without secrets, and without what people write
    unless that is asked for."""

    def call(server, bodies, capture):
        token = request(server, "POST", "/tokens", {"username": "deb", "password": "sesame"})["token"]
        path = "/channels/1/chats"
        said = request(server, "POST", path + "?token=hidden", {"content": "words of deb", "token": "hidden"}, token)
        row = answer(server, "explain", str(said["id"]))["rows"][0]
        check((row["by"], row["dialect"], row["author"]["name"], row["end"]) == ("http", "concord", "deb", "ordered"), f"{row}")
        wanted = f'POST /api{path} {{"content":"words of deb","token":"[secret]"}}'
        check(row.get("frame") == (wanted if bodies else None) and row["frame_bytes"] > 40, f"{row}")
        for deed, body in (("POST", {"reaction": "\U0001F602", "adding": True}), ("DELETE", None)):
            path = f"/chats/{said['id']}" + ("/reactions" if body else "")
            request(server, deed, path, body, token)
            row = answer(server, "explain", "--last")["rows"][0]
            check((f"{deed} /api{path}" in row.get("frame", "")) == bodies, f"{row}")
        capture.has('"event":"request"', 3)

    for bodies in (False, True):
        more = f'control = "control"; explain = {{ bodies = {"true" if bodies else "false"}; }};'
        with Server(configuration(QUICK, more=more, accounts=DEB), files={"deb.secret": "sesame\n"}) as server:
            with Capture(server, *(["--bodies"] if bodies else [])) as capture:
                call(server, bodies, capture)
            lines = sorted((line for line in capture.lines if line.get("event") == "request"), key=lambda line: line["n"])
            check([line["method"] for line in lines] == ["POST", "POST", "DELETE"], f"{lines}")
            check([line["path"].split("/")[1:3] for line in lines] == [["api", "channels"], ["api", "chats"], ["api", "chats"]],
                  f"{lines}")
            check(lines[0]["path"] == "/api/channels/1/chats" and lines[2]["body"] is None, f"{lines}")
            check((lines[0]["body"]["content"] == "words of deb") == bodies and (lines[0]["name"] == "deb") == bodies, f"{lines}")
            text = capture.text()
            check("sesame" not in text and "hidden" not in text and "Bearer" not in text, text)
            check(lines[0]["body"]["token"] == "[secret]" and (bodies or "words" not in text), text)


def who_is_cut_is_named():
    """A client too slow for what is said is in flight, and then named."""
    with Server(configuration(QUICK, more='control = "control";')) as server:
        with Wire(server.port) as slow, Wire(server.port) as speaker:
            slow.upgrade("/concord?token=slow")
            speaker.upgrade("/concord?token=speaker")
            text = json.dumps({"type": "chat_written", "channelId": 1, "content": "x" * 60000}).encode()
            follower = Follower(server)
            time.sleep(1 * SLOW)
            for _ in range(400):
                speaker.frame(1, text)
                speaker.read(lambda _: False, 0.005 / SLOW)
                speaker.bytes = b""
                if b" cut: more than " in server.log_text().encode():
                    break
            time.sleep(1.5 * SLOW)
            lives = follower.end()
            cut = 0
            for life in lives:
                message = answer(server, "explain", str(life["id"]))["rows"][0]
                missed = [(one["name"], one["outcome"]) for one in message["missed"]]
                outcomes = {row["outcome"]: row["count"] for row in message["destinations"]}
                check(missed in ([], [("slow", "dropped(cut)")]), f"{missed}")
                check(outcomes.get("dropped(cut)", 0) == len(missed) and "in_flight" not in outcomes, f"{outcomes}")
                cut += len(missed)
            print(f"{len(lives)} messages, of {cut} the slow one was cut", flush=True)
            check(cut > 0, f"nobody was cut: {lives[-1:]}")


def nothing_is_kept_where_it_is_off():
    with Server(configuration(QUICK, more='control = "control"; explain = { messages = 0; };')) as server:
        made = answer(server, "explain", "--last", code=1)
        check(made["error"] == "not_kept", made)


SCENARIOS = [lives_agree_with_logs, the_last_of_somebody, bodies_only_where_allowed,
             frames_that_mean_nothing_are_told, requests_are_told_as_they_came, who_is_cut_is_named,
             nothing_is_kept_where_it_is_off]
