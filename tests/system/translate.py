"""dragoman translate and dragoman capture: frames of each dialect in all others, what is refused and lost,
servers' frames, configurations; captures without what people write, and played again."""

import asyncio
import json
import os
import re
import subprocess

from chat import close_all, join, join_all
from server import BINARY, SLOW, Server, check, configuration, run, until

DIALECTS = ("mixer", "concord", "rooms", "simple")
LOBBY = "10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01"
NAMES = {"mixer": "ann", "concord": "bob", "rooms": "cy", "simple": "dee"}  # as README has them


def saying(dialect, text, name=None):
    """What a client sends to say something."""
    return json.dumps({
        "mixer": {"type": "method", "method": "msg", "arguments": [text], "id": 2},
        "concord": {"type": "chat_written", "channelId": 1, "content": text},
        "rooms": {"type": "message", "key": name or NAMES["rooms"], "room_id": LOBBY, "content": text},
        "simple": {"type": "send_message", "payload_id": 1, "message": text}}[dialect])


def method(name, *arguments):
    return json.dumps({"type": "method", "method": name, "arguments": list(arguments), "id": 3})


def said(dialect, frame):
    """(author, text) of a frame that shows a message; rooms and concord have no names."""
    if dialect == "mixer":
        return frame["data"]["user_name"], "".join(part["text"] for part in frame["data"]["message"]["message"])
    if dialect == "concord":
        return None, frame["chat"]["content"]
    return (None, frame["content"]) if dialect == "rooms" else (frame["username"], frame["message"])


def translate(lines, *options, code=0):
    """Standard output and error, which must come with that code."""
    status, out, errors = run("translate", *options, input="".join(line + "\n" for line in lines).encode())
    check(status == code, f"{options}: ends with {status} and not {code}: {out}{errors}")
    return out, errors


def told(lines, *options, code=0):
    """The lines of JSON."""
    out, errors = translate(lines, "--json", *options, code=code)
    return [json.loads(line) for line in out.splitlines()], errors


def every_pair():
    """What is said in one dialect is shown in each, alone and together with the others."""
    text = 'a "quoted" \\ text, ünïcode 😂'
    for one in DIALECTS:
        together = {}
        for other in DIALECTS:
            out, errors = translate([saying(one, text)], "--from", one, "--to", other)
            check(errors == "" and out.count("\n") == 1, f"{one} to {other}: {out}{errors}")
            author, shown = said(other, json.loads(out))
            check(shown == text and author in (None, NAMES[one]), f"{one} to {other}: {out}")
        out, errors = translate([saying(one, text)], "--from", one, "--to", ",".join(DIALECTS))
        for line in out.splitlines():
            dialect, frame = line.split(": ", 1)
            together[dialect] = said(dialect, json.loads(frame))[1]
        check(together == dict.fromkeys(DIALECTS, text) and errors == "", f"{one} to all: {out}{errors}")


def a_conversation():
    """Later lines act on messages of earlier ones; what is lost or said in other words is told with its line."""
    everybody = ("--from", "concord", "--to", ",".join(DIALECTS))
    first, _ = told([saying("concord", "hello")], *everybody)
    number = next(row["frame"]["chat"]["id"] for row in first if row["to"] == "concord")
    lines = [saying("concord", "hello"),
             json.dumps({"type": "chat_reaction", "chatId": number, "channelId": 1, "reaction": "😂",
                         "adding": True}),
             json.dumps({"type": "chat_typing", "channelId": 1})]
    rows, errors = told(lines, *everybody)
    check(rows[:len(first)] == first, f"another first line: {rows}")
    shown = {row["to"]: row["frame"] for row in rows if row["line"] == 2}
    check(shown["concord"]["chatId"] == number and "😂" in shown["simple"]["message"], f"{shown}")
    check("line 2: simple: degraded: reaction: as a notice of the server\n" in errors, errors)
    lost = {row["to"]: row for row in rows if row["line"] == 3}
    check(lost["concord"]["outcome"] == "delivered" and lost["concord"]["frame"]["type"] == "chat_typing", f"{lost}")
    for dialect in ("mixer", "rooms", "simple"):
        row = lost[dialect]
        check((row["frame"], row["outcome"], row["kind"]) == (None, "dropped(no_word)", "typing") and row["why"],
              f"{row}")
        check(f"line 3: {dialect}: dropped(no_word): typing: {row['why']}\n" in errors, errors)


def names_and_roles():
    """Each name is somebody: who comes in, moderates, whispers, leaves."""
    lines = ["bob:", saying("mixer", "hello"), "cy@mod: " + method("timeout", "ann", "30s"),
             saying("mixer", "more"), "bob: " + method("whisper", "mixer", "psst"),
             "bob: " + method("whisper", "simple", "psst"), "bob: leaves", "# nothing", "",
             method("history", 10), method("nonsense"), "{", "bob: leaves", "mixer: {}"]
    rows, errors = told(lines, "--from", "mixer", "--to", "mixer,simple", code=1)
    by_line = {line: [row for row in rows if row["line"] == line] for line in range(1, 15)}
    check([row["frame"]["type"] for row in by_line[1]] == ["event", "user_connected"], f"{by_line[1]}")
    check('"ann" was timed out for 30s by "cy"' in json.dumps(by_line[3]).replace('\\"', '"'), f"{by_line[3]}")
    refused = by_line[4][0]
    check((refused["name"], refused["outcome"], refused["frame"]["error"]["code"]) == ("ann", "refused", 4000),
          f"{by_line[4]}")
    check("line 4: mixer: refused: muted" in errors and len(by_line[4]) == 1, errors)
    whispers = [row for row in by_line[5] if row["to"] == "mixer" and row["outcome"] == "delivered"]
    check(whispers[0]["frame"]["data"]["message"]["meta"] == {"whisper": True}, f"{by_line[5]}")
    check(not [row for row in by_line[5] if row["to"] == "simple"], f"a whisper is heard: {by_line[5]}")
    check("line 6: mixer: refused: not_private" in errors and len(by_line[6]) == 1, errors)
    check([row["frame"]["type"] for row in by_line[7]] == ["event", "user_disconnected"], f"{by_line[7]}")
    check(by_line[8] == by_line[9] == [], "nothing is said by a comment")
    check(by_line[10][0]["outcome"] == "answered", f"{by_line[10]}")
    check("line 11: mixer: refused: unknown_verb" in errors and "line 12: mixer: refused: malformed" in errors, errors)
    check("line 13: mixer: refused: nobody of that name is there" in errors, errors)
    check("line 14: mixer: refused: that is the name of who listens" in errors, errors)


def a_login_may_be_typed():
    """The frame that logs in is somebody's entry, with the number it claims."""
    lines = [json.dumps({"type": "method", "method": "auth", "arguments": [1, 7, "key"], "id": 1}),
             saying("mixer", "hi")]
    rows, errors = told(lines, "--from", "mixer", "--to", "mixer,simple")
    check([row["frame"].get("event", row["frame"]["type"]) for row in rows] ==
          ["UserJoin", "user_connected", "ChatMessage", "message_sent"] and errors == "", f"{rows}{errors}")
    check(rows[0]["frame"]["data"]["id"] == rows[2]["frame"]["data"]["user_id"] == 7, f"{rows}")


def the_middle_and_why():
    """--envelope and --explain."""
    out, errors = translate([saying("simple", "hello")], "--from", "simple", "--to", "rooms", "--envelope", "--explain")
    frames = dict(line.split(": ", 1) for line in out.splitlines())
    envelope = json.loads(frames["envelope"])
    check((envelope["kind"], envelope["text"], envelope["author"]["name"], envelope["origin"]["dialect"]) ==
          ("message", "hello", "dee", "simple"), out)
    check(json.loads(frames["rooms"])["message_id"] == str(envelope["id"]), out)
    for wanted in ("line 1: simple: read as message: {", "line 1: rules: the implicit last rule decides: "
                   "1. deliver to its own room\n", f'line 1: room: "message" ordered, id {envelope["id"]}, ',
                   "line 1: rooms: rule native for message: in its own words\n"):
        check(wanted in errors, f"{wanted!r} is not said: {errors}")


SERVED = {
    "mixer": ({"type": "event", "event": "ChatMessage", "data": {
        "channel": 5, "id": "e8b3e2d0-0d9e-41e7-9b3a-f5d0b1f3d6a1", "user_name": "zed", "user_id": 9,
        "user_roles": ["Mod"], "message": {"message": [{"type": "text", "data": "hi", "text": "hi"}], "meta": {}}}},
              {"type": "event", "event": "DeleteMessage", "data": {
                  "id": "e8b3e2d0-0d9e-41e7-9b3a-f5d0b1f3d6a1",
                  "moderator": {"user_name": "mo", "user_id": 10, "user_roles": ["Mod"], "user_level": 1}}}),
    "concord": ({"type": "chat_sent", "chat": {
        "id": 235009133105909760, "authorId": 77, "channelId": 5, "threadId": None, "createdAt": 1,
        "content": "hi", "edited": False, "reactions": {}}},
                {"type": "chat_deleted", "chatId": 235009133105909760, "channelId": 5}),
    "rooms": ({"type": "message", "time": 1571999169, "content": "hi",
               "user_id": "6a4036b0-0d9e-41e7-9b3a-f5d0b1f3d6a1", "message_id": "17",
               "room_id": "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b"}, None),
    "simple": ({"type": "message_sent", "message": "hi", "timestamp": 5, "username": "zed"}, None)}


def what_servers_send():
    """--as server: frames of a server of the dialect, whose ids are known again."""
    for one, (message, deletion) in SERVED.items():
        lines = [json.dumps(frame) for frame in (message, deletion) if frame]
        rows, errors = told(lines, "--from", one, "--as", "server", "--to", ",".join(DIALECTS))
        for dialect in DIALECTS:
            frames = [row["frame"] for row in rows if row["to"] == dialect]
            check(said(dialect, frames[0])[1] == "hi", f"{one} to {dialect}: {frames}")
            check(len(frames) == len(lines), f"{one} to {dialect}: {frames}{errors}")
        if deletion:
            known = [row["frame"]["chat"]["id"] for row in rows if row["to"] == "concord" and row["line"] == 1]
            gone = [row["frame"]["chatId"] for row in rows if row["to"] == "concord" and row["line"] == 2]
            check(known == gone, f"{one}: {known} and {gone}")
    _, errors = told(['{"nothing":1}'], "--from", "simple", "--as", "server", "--to", "rooms", code=1)
    check("line 1: simple: refused: it is none of the dialect's" in errors, errors)


RULES = """( { name = "no"; text = "^no"; then = ( { refuse = "not here"; } ); },
             { name = "hush"; text = "^hush"; then = ( { drop = true; } ); },
             { name = "loud"; text = "^loud"; then = ( { rewrite = "text"; to = "{text}!"; }, { room = "annex"; },
                                                       { room = "{room}"; } ); } )"""


def a_configuration():
    """Its rooms and rules hold; its accounts, state and upstreams are left alone."""
    with Server(configuration()) as server:
        path = server.write("other.cfg", configuration(
            rooms='( { name = "lobby"; mixer = 1; }, { name = "annex"; open = false; mixer = 2; } )',
            mounts='( { path = "/s"; dialect = "simple"; room = "lobby"; } )',
            more=f'state = "{server.folder.name}/none"; routes = {RULES};'))
        lines = [saying("simple", text) for text in ("no", "hush", "loud", "else")]
        rows, errors = told(lines, "--from", "simple", "--to", "mixer", "-c", path, "--explain", code=1)
        check([(row["line"], said("mixer", row["frame"])[1]) for row in rows if row["to"] == "mixer"] ==
              [(3, "loud!"), (4, "else")], f"{rows}{errors}")
        check([row["frame"]["error"] for row in rows if row["to"] == "simple"][0] == "not here", f"{rows}")
        check("line 2: simple: dropped by a rule" in errors, errors)
        check('line 3: rules: rule 3 "loud" (' in errors and "2. deliver to the room annex" in errors, errors)
        check(not os.path.exists(f"{server.folder.name}/none"), "a state folder was made")
        out, _ = translate([saying("simple", "else")], "--from", "simple", "--to", "mixer", "-c", path,
                           "--room", "annex")
        check(json.loads(out)["data"]["channel"] == 2, out)
    for words, code in ((("--to", "simple"), 2), (("--from", "simple"), 2), (("--from", "simpel", "--to", "rooms"), 2),
                        (("--from", "simple", "--to", "rooms,rooms"), 2), (("--from", "simple", "--to", "a,"), 2),
                        (("--from", "simple", "--to", "rooms", "--as", "me"), 2),
                        (("--from", "simple", "--to", "rooms", "--time", "1"), 2),
                        (("--from", "simple", "--to", "rooms", "--room", "none"), 78),
                        (("--from", "simple", "--to", "rooms", "-c", "/none.cfg"), 78)):
        out, errors = translate([], *words, code=code)
        check(out == "" and errors.startswith(("dragoman: ", "/none.cfg")), f"{words}: {out}{errors}")


def masked(text):
    """Without ids and times."""
    return re.sub(r"\b\d{7,}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\d\d:\d\d UTC", "#", text)


def the_same_each_time():
    """The same input has the same output; at another time only ids and times are others."""
    lines = [saying("mixer", "hello"), "bob@mod: " + method("purge", "ann"), "cy: leaves", "{"]
    options = ("--from", "mixer", "--to", ",".join(DIALECTS), "--envelope", "--explain")
    first = translate(lines, *options, code=1)
    check(translate(lines, *options, code=1) == first, "another output")
    later = translate(lines, *options, "--time", "1800000000000", code=1)
    check(later != first and [masked(text) for text in later] == [masked(text) for text in first],
          f"at another time: {first} {later}")


# ---- captures ----

MARK = ("Zanzibar", "Quicksilver", "Wombats")  # whatever people type has one of these


class Capture:
    """dragoman capture on a server, until the block is left."""

    def __init__(self, server, *words):
        self.server, self.words, self.lines = server, words, []

    def __enter__(self):
        self.path = os.path.join(self.server.folder.name, f"capture-{id(self)}")
        self.file = open(self.path, "wb")
        self.process = subprocess.Popen(
            [BINARY, "capture", "--control", os.path.join(self.server.folder.name, "control"), "--for", "1h",
             *self.words], stdout=self.file, stderr=subprocess.PIPE)
        until(lambda: self.text().count("\n"), "the capture begins", within=10)
        return self

    def text(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def has(self, what, times=1):
        until(lambda: self.text().count(what) >= times, f"{what!r} is captured {times} times", within=10)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        self.file.close()
        self.lines = [json.loads(line) for line in self.text().splitlines() if line.endswith("}")]


async def converse(server, capture):
    """People of all dialects, one thing after the other."""
    names = dict(zip(DIALECTS, ("Annabelle", "Bartholomew", "Clementine", "Desdemona")))
    clients = {}
    for dialect, name in names.items():
        clients[dialect] = await join(server, dialect, name, secret=f"{MARK[2]}-{name}")
    for dialect, client in clients.items():
        text = f"{MARK[0]} by {client.name}: https://{MARK[1]}.example/?{MARK[2]}=1 /me 4711"
        await client.say(text)
        for other in clients.values():
            await other.hears(text)
    message = next(frame["data"] for frame in clients["mixer"].frames if frame.get("event") == "ChatMessage"
                   and frame["data"]["user_name"] == "Annabelle")
    number = next(frame["chat"]["id"] for frame in clients["concord"].frames if frame.get("type") == "chat_sent")
    await clients["concord"].send({"type": "chat_reaction", "chatId": number, "channelId": server.room["concord"],
                                   "reaction": "😂", "adding": True})
    await clients["simple"].expect(lambda frame: "😂" in str(frame.get("message")), "a reaction")
    reply = await clients["mixer"].call("deleteMessage", message["id"])
    check(reply["error"] is None, f"{reply}")
    await clients["concord"].fields(type="chat_deleted")
    await clients["simple"].expect(lambda frame: "deleted" in str(frame.get("message")), "a deletion")
    await clients["simple"].send(f"{MARK[0]}, no JSON")
    await clients["simple"].refusal()
    await clients["rooms"].close()
    await clients["mixer"].event("UserLeave")
    capture.has('"event":"leaves"')
    for count, dialect in enumerate(("mixer", "concord", "simple"), 2):
        await clients[dialect].close()
        capture.has('"event":"leaves"', count)


def replayed(path, *options):
    """What a capture comes to in all dialects; malformed frames are in it."""
    out, errors = translate([], "--replay", path, "--to", ",".join(DIALECTS), *options, code=1)
    check("unknown_message" not in errors and "bad_key" not in errors, f"ids or keys are not known again: {errors}")
    return out, errors


def nothing_typed_is_captured():
    """Without --bodies not a word, name or secret is in a capture, and it can be played all the same: twice,
    with the same frames but for ids and times."""
    with Server() as server:
        with Capture(server) as capture:
            asyncio.run(converse(server, capture))
        log = server.logged("capture ended")
        check(re.search(r"control: uid \d+, pid \d+: capture begins\n", log), log)
        text = capture.text()
        for word in (*MARK, "Annabelle", "Bartholomew", "Clementine", "Desdemona", "4711", "😂", "no JSON"):
            check(word.lower() not in text.lower(), f"{word} is in the capture: {text}")
        kinds = [line.get("event") for line in capture.lines]
        check((kinds[0], kinds.count("enters"), kinds.count("leaves")) == ("begins", 4, 4), f"{kinds}")
        frames = [line["frame"] for line in capture.lines if line.get("direction") == "in"]
        check({"deleteMessage", "auth", "msg"} <= {frame.get("method") for frame in frames if isinstance(frame, dict)},
              f"{frames}")
        check([frame["arguments"][2] for frame in frames if "auth" in str(frame)] == ["[secret]"], f"{frames}")
        check([frame["key"] for frame in frames if "key" in frame and isinstance(frame, dict)] == ["[secret]"],
              f"{frames}")
        first, second = replayed(capture.path), replayed(capture.path, "--time", "1800000000000")
        check(first != second and [masked(text) for text in first] == [masked(text) for text in second],
              f"two replays: {first} {second}")
        out, errors = first
        check(out.count('"event":"DeleteMessage"') == 1 and out.count('"type":"chat_deleted"') == 1, out)
        check(out.count('"type":"chat_reactions_updated"') == 1, out)
        check(out.count('"type":"message_sent"') == 6, f"four messages, a reaction and a deletion: {out}")


def two_captures_are_the_same():
    """The same conversation, captured twice with what was written: played, both give the same frames but for
    ids and times. Secrets are in neither."""
    outs = []
    for _ in range(2):
        with Server() as server:
            with Capture(server, "--bodies") as capture:
                asyncio.run(converse(server, capture))
            check(f"{MARK[2]}-" not in capture.text(), f"a secret is in the capture: {capture.text()}")
            check(f"{MARK[0]} by Bartholomew" in capture.text(), capture.text())
            server.logged("capture begins, with what people write")
            outs.append(replayed(capture.path))
    one, other = (masked(out).splitlines() for out, _ in outs)
    check(one == other, [pair for pair in zip(one, other) if pair[0] != pair[1]])
    check(f"{MARK[0]} by Bartholomew" in outs[0][0], outs[0][0])


def captures_wrongly_asked_for():
    """One at a time; of one room; of a server that is there; a file that is no capture."""
    with Server() as server:
        control = os.path.join(server.folder.name, "control")

        async def say():
            clients = await join_all(server)
            await clients["simple"].say("hello")
            await clients["mixer"].hears("hello")
            await close_all(clients)

        with Capture(server, "--bodies", "--room", "lobby") as capture:
            status, out, errors = run("capture", "--control", control)
            check((status, out) == (1, "") and "another capture is under way" in errors, f"{status} {out}{errors}")
            asyncio.run(say())
            capture.has('"hello"')
        server.logged("capture ended")
        status, out, errors = run("capture", "--control", control, "--for", "1s", within=20)
        check((status, errors) == (0, "") and '"event":"ends"' in out, f"{status} {out}{errors}")
        status, _, errors = run("capture", "--control", control, "--room", "none")
        check(status == 1 and "there is no room" in errors, f"{status} {errors}")
        path = server.write("bad", '{"event":"begins"}\nno JSON\n')
        _, errors = translate([], "--replay", path, "--to", "simple", code=1)
        check(f"{path}:2: this is no line of a capture" in errors, errors)
        _, errors = translate([], "--replay", path, "--to", "simple", "--from", "mixer", code=2)
        check("--replay excludes --from" in errors, errors)
    status, _, errors = run("capture", "--control", control)
    check(status == 1 and "no server is running" in errors, f"{status} {errors}")


SCENARIOS = [every_pair, a_conversation, names_and_roles, a_login_may_be_typed, the_middle_and_why, what_servers_send,
             a_configuration, the_same_each_time, nothing_typed_is_captured, two_captures_are_the_same,
             captures_wrongly_asked_for]
WAITING = []
