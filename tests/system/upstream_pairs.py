"""All pairs of a client's dialect and an upstream's, in both modes: a Dragoman in front of another one, which is the
far server with its doors. Everybody near does what their dialect can do; what comes of it is looked for at the far
side, in the upstream's dialect; and the other way. What each pair carries is printed, and compared with PAIRS."""

import asyncio
import http.client
import json
import os

from chat import close_all, join, text_of
from server import LOBBY, SLOW, Server, check, configuration, run

DIALECTS = ("mixer", "concord", "rooms", "simple")
SECRET = "the people's secret"
ACCOUNTS = """( { name = "boss"; number = 5; secret_file = "people.secret"; roles = [ "owner" ]; },
	{ name = "relay"; number = 6; secret_file = "people.secret"; roles = [ "mod" ]; } )"""
FILES = {"people.secret": SECRET}
NO_LIMITS = "messages_per_second = 0; signals_per_second = 0; http_requests_per_second = 0;"
URLS = {"mixer": "/api/v1", "concord": "", "rooms": "", "simple": "/simple"}
REMOTE = {"mixer": "1", "concord": "1", "rooms": LOBBY, "simple": ""}
MOUNT_PATHS = {"mixer": "/mixer", "concord": "/client", "rooms": "/rooms", "simple": "/simple"}
NEAR = {"mixer": "ann", "concord": "bob", "rooms": "cyn", "simple": "dee"}
WITHIN = 5 * SLOW
QUIET = 0.5
WORD = "word"  # of guests, so that they are known again by HTTP


def far_config():
    return configuration(NO_LIMITS, accounts=ACCOUNTS, workers=1)


def near_config(port, dialect, mode, more=""):
    credentials = 'user = "relay"; secret_file = "relay.secret";' if mode == "relay" else ""
    mounts = "(" + ",\n".join(f'{{ path = "{path}"; dialect = "{name}"; room = "lobby"; '
                              f'{"upstream = {}far{};".format(chr(34), chr(34)) if mode == "session" else ""} }}'
                              for name, path in MOUNT_PATHS.items()) + ")"
    upstream = (f'upstreams = ( {{ name = "far"; dialect = "{dialect}"; mode = "{mode}"; room = "lobby"; '
                f'url = "http://127.0.0.1:{port}{URLS[dialect]}"; '
                f'{"remote_room = {}{}{};".format(chr(34), REMOTE[dialect], chr(34)) if REMOTE[dialect] else ""} '
                f'{credentials} {more} }} );')
    return configuration(NO_LIMITS, accounts="()", workers=2, mounts=mounts, more=upstream)


def ask(server, method, path, name, body=None, secret=None):
    """(status, JSON) of a request of a dialect's HTTP by that guest, or account."""
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10 * SLOW)
    bearer = f"{name}:{secret}" if secret else name
    caller.request(method, path, None if body is None else json.dumps(body),
                   {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"})
    answer = caller.getresponse()
    said = answer.read()
    caller.close()
    try:
        return answer.status, json.loads(said) if said else None
    except ValueError:
        return answer.status, said


class Pair:
    """One near server before a far one, with everybody."""

    def __init__(self, near, far, dialect, mode):
        self.near, self.far, self.dialect, self.mode = near, far, dialect, mode
        self.found = {}
        self.serial = 0

    async def enter(self):
        self.people = {name: await join(self.near, name, who, path=MOUNT_PATHS[name], secret=WORD)
                       for name, who in NEAR.items()}
        self.zed = await join(self.far, self.dialect, "zed", path=MOUNT_PATHS[self.dialect])
        self.boss = await join(self.far, "mixer", "boss", secret=SECRET, user=5)
        self.eve = await join(self.far, "concord", "eve", path="/client", secret=WORD)

    async def leave(self):
        await close_all([*self.people.values(), self.zed, self.boss, self.eve])

    def word(self, what):
        self.serial += 1
        return f"{what} {self.serial} by {self.mode} of {self.dialect}"

    def shown_far(self, who, text):
        """A message of somebody near, as it is said there."""
        return f"{who}: {text}" if self.mode == "relay" else text

    def note(self, client, deed, outcome):
        self.found[client, deed] = outcome


async def soon(function, within=WITHIN):
    """The first true value of function() in time; else None."""
    end = asyncio.get_running_loop().time() + within
    while asyncio.get_running_loop().time() < end:
        found = function()
        if found:
            return found
        await asyncio.sleep(0.01)
    return None


# ---- messages ----

def author_of(frame, people):
    """Whose name the frame shows, or is known under at /api/users."""
    if frame.get("event") == "ChatMessage":
        return frame["data"]["user_name"]
    if frame.get("type") == "message_sent":
        return frame["username"]
    return people(frame)


def name_in_concord(server, number):
    status, users = ask(server, "GET", "/api/users", "looker", None, WORD)
    check(status == 200, f"users: {status}")
    return next((user["username"] for user in users if user["id"] == number), None)


def name_in_rooms(server, uuid):
    status, user = ask(server, "GET", f"/user/{uuid}?key=looker:{WORD}", "looker", None, WORD)
    return user.get("name", user.get("username")) if status == 200 else None


def people_of(server):
    def people(frame):
        if frame.get("type") == "chat_sent":
            return name_in_concord(server, frame["chat"]["authorId"])
        return name_in_rooms(server, frame["user_id"])
    return people


async def message_out(pair, client):
    text = pair.word(f"out {client}")
    who = pair.people[client]
    await who.say(text)
    shown = pair.shown_far(who.name, text)
    frame = await soon(lambda: next((f for f in pair.zed.frames if text_of(f) == shown), None))
    check(frame, f"{who.name} ({client}) is not heard by zed: {pair.zed.texts[-3:]}; own: {who.texts[-3:]}")
    own = await soon(lambda: [t for t in who.heard() if t == text])
    check(own, f"{who.name} ({client}) does not hear itself: {who.texts[-4:]}")
    speaker = author_of(frame, people_of(pair.far))
    wanted = "relay" if pair.mode == "relay" else who.name
    check(speaker == wanted, f"{client} out: the author is {speaker!r}, not {wanted!r}")
    for other in pair.people.values():
        check(await soon(lambda other=other: [t for t in other.heard() if t == text]),
              f"{other.name} does not hear {who.name}: {other.texts[-3:]}")
    pair.note(client, "message out", "native")
    return text


async def message_in(pair):
    text = pair.word("in")
    await pair.zed.say(text)
    for client, who in pair.people.items():
        frame = await soon(lambda who=who: next((f for f in who.frames if text_of(f) == text), None))
        check(frame, f"zed is not heard by {who.name}: {who.texts[-3:]}")
        speaker = author_of(frame, people_of(pair.near))
        check(speaker == "zed", f"in to {client}: the author is {speaker!r}")
        pair.note(client, "message in", "native")
    return text


async def once(pair, texts):
    """Nobody heard any of it twice."""
    await asyncio.sleep(QUIET)
    for who in (*pair.people.values(), pair.zed, pair.boss, pair.eve):
        heard = who.heard()
        for text in texts:
            count = sum(t == text or t.endswith(f": {text}") for t in heard)
            check(count == 1, f"{who.name} ({who.dialect}) heard {text!r} {count} times")


# ---- what becomes of messages ----

def has(client, at, **fields):
    return any(all(f.get(k) == v for k, v in fields.items()) for f in client.frames[at:])


def words_of(client, at, *parts):
    """Does a message since then have all of these in it?"""
    return any(text is not None and all(part in text for part in parts)
               for text in map(text_of, client.frames[at:]))


def sees_edit(client, at, text):
    if has(client, at, type="chat_edited") and text in json.dumps(client.frames[at:], ensure_ascii=False):
        return "native"
    return "words" if words_of(client, at, text) else None


def sees_delete(client, at):
    native = {"mixer": {"event": "DeleteMessage"}, "concord": {"type": "chat_deleted"}}.get(client.dialect)
    if native and has(client, at, **native):
        return "native"
    return "words" if words_of(client, at, "delete") else None


def sees_reaction(client, at, emoji):
    if any(f.get("type") == "chat_reactions_updated" and f["reactions"].get(emoji) == 1 for f in client.frames[at:]):
        return "native"
    return "words" if words_of(client, at, emoji) else None


async def outcome(function, within=2 * SLOW):
    return await soon(function, within) or "nothing"


async def deeds_out(pair):
    """bob (concord) edits, has a reaction, and deletes, near."""
    bob = pair.people["concord"]
    text = pair.word("to be changed")
    await bob.say(text)
    frame = await bob.hears(text, WITHIN)
    check(await soon(lambda: any(text_of(f) == pair.shown_far("bob", text) for f in pair.zed.frames)),
          "it is not heard")
    number = frame["chat"]["id"]
    at = len(pair.zed.frames)
    await bob.send({"type": "chat_reaction", "chatId": number, "reaction": "🎉", "adding": True})
    pair.note("concord", "reaction out", await outcome(lambda: sees_reaction(pair.zed, at, "🎉")))
    changed = pair.word("changed")
    at = len(pair.zed.frames)
    loop = asyncio.get_running_loop()
    status, _ = await loop.run_in_executor(None, ask, pair.near, "PATCH", f"/api/chats/{number}", "bob",
                                           {"content": changed}, WORD)
    pair.note("concord", "edit out", await outcome(lambda: sees_edit(pair.zed, at, changed)) if status == 200 else str(status))
    at = len(pair.zed.frames)
    status, _ = await loop.run_in_executor(None, ask, pair.near, "DELETE", f"/api/chats/{number}", "bob", None, WORD)
    pair.note("concord", "delete out", await outcome(lambda: sees_delete(pair.zed, at)) if status in (200, 204) else str(status))


async def deeds_in(pair):
    """eve (concord) at the far side does the same."""
    text = pair.word("to be changed there")
    await pair.eve.say(text)
    number = (await pair.eve.hears(text, WITHIN))["chat"]["id"]
    for who in pair.people.values():
        check(await soon(lambda who=who: text in who.heard()), f"{who.name} does not hear eve")
    loop = asyncio.get_running_loop()
    at = {who: len(who.frames) for who in pair.people.values()}
    await pair.eve.send({"type": "chat_reaction", "chatId": number, "reaction": "🍏", "adding": True})
    for client, who in pair.people.items():
        pair.note(client, "reaction in", await outcome(lambda who=who: sees_reaction(who, at[who], "🍏")))
    changed = pair.word("changed there")
    at = {who: len(who.frames) for who in pair.people.values()}
    await loop.run_in_executor(None, ask, pair.far, "PATCH", f"/api/chats/{number}", "eve", {"content": changed}, WORD)
    for client, who in pair.people.items():
        pair.note(client, "edit in", await outcome(lambda who=who: sees_edit(who, at[who], changed)))
    at = {who: len(who.frames) for who in pair.people.values()}
    await loop.run_in_executor(None, ask, pair.far, "DELETE", f"/api/chats/{number}", "eve", None, WORD)
    for client, who in pair.people.items():
        pair.note(client, "delete in", await outcome(lambda who=who: sees_delete(who, at[who])))


async def signals(pair):
    """Typing and reading."""
    near, far = pair.people, pair.far
    text = pair.word("to be read")
    await pair.zed.say(text)
    frame = await near["rooms"].hears(text, WITHIN)
    await asyncio.sleep(QUIET)
    at = len(pair.zed.frames)
    await near["concord"].send({"type": "chat_typing", "channelId": 1, "threadId": None, "sentAt": 5})
    pair.note("concord", "typing out", await outcome(
        lambda: "native" if has(pair.zed, at, type="chat_typing") else None, 1 * SLOW))
    at = len(pair.zed.frames)
    await near["rooms"].send({"type": "read", "message_id": frame["message_id"]})
    pair.note("rooms", "read out", await outcome(lambda: "native" if has(pair.zed, at, type="read") else None, 1 * SLOW))
    at = len(near["concord"].frames)
    await pair.eve.send({"type": "chat_typing", "channelId": 1, "threadId": None, "sentAt": 5})
    pair.note("concord", "typing in", await outcome(
        lambda: "native" if has(near["concord"], at, type="chat_typing") else None, 1 * SLOW))
    check(far, "far")


async def coming_and_going(pair):
    at = {who: len(who.frames) for who in pair.people.values()}
    yan = await join(pair.far, "simple", "yan")
    native = {"mixer": {"event": "UserJoin"}, "concord": {"type": "user_status_updated", "status": "ONLINE"},
              "rooms": {"type": "enter"}, "simple": {"type": "user_connected", "username": "yan"}}
    gone = {"mixer": {"event": "UserLeave"}, "concord": {"type": "user_status_updated", "status": "OFFLINE"},
            "rooms": {"type": "exit"}, "simple": {"type": "user_disconnected", "username": "yan"}}
    for client, who in pair.people.items():
        pair.note(client, "enter in", await outcome(
            lambda who=who, client=client: "native" if has(who, at[who], **native[client]) else None))
    at = {who: len(who.frames) for who in pair.people.values()}
    await yan.close()
    for client, who in pair.people.items():
        pair.note(client, "exit in", await outcome(
            lambda who=who, client=client: "native" if has(who, at[who], **gone[client]) else None))


async def whispers(pair):
    """ann (mixer) to zed."""
    text = pair.word("psst")
    at = {who: len(who.frames) for who in (*pair.people.values(), pair.eve, pair.boss)}
    reply = await pair.people["mixer"].call("whisper", "zed", text)
    if reply["error"] is not None:
        pair.note("mixer", "whisper out", "refused")
    else:
        pair.note("mixer", "whisper out", await outcome(
            lambda: "native" if words_of(pair.zed, 0, text) else None))
    for who, start in at.items():
        check(who.name == "ann" or not words_of(who, start, text), f"{who.name} hears a whisper")


async def kicks(pair):
    """boss has dee timed out, or kicked, at the far side."""
    at = {who: len(who.frames) for who in pair.people.values()}
    reply = await pair.boss.call("timeout", "zed", "20s")
    check(reply["error"] is None, f"timeout: {reply}")
    mixer = pair.people["mixer"]
    pair.note("mixer", "timeout in", await outcome(
        lambda: "native" if has(mixer, at[mixer], event="UserTimeout") or has(mixer, at[mixer], event="PurgeMessage") else
        "words" if words_of(mixer, at[mixer], "zed") else None, 1 * SLOW))


async def removals(pair):
    """xan is kicked at the far side, by its operator; so is dee in session mode, who is one of its people there."""
    xan = await join(pair.far, pair.dialect, "xan", path=MOUNT_PATHS[pair.dialect])
    check(await soon(lambda: has(pair.people["simple"], 0, type="user_connected", username="xan")), "xan is not seen")
    at = {who: len(who.frames) for who in pair.people.values()}
    kick = ("kick", "xan", "lobby", "--reason", "spam", "--control", os.path.join(pair.far.folder.name, "control"))
    status, _, errors = await asyncio.to_thread(run, *kick)
    check(status == 0, f"kick: {errors}")
    gone = {"mixer": {"event": "UserLeave"}, "concord": {"type": "user_status_updated", "status": "OFFLINE"},
            "rooms": {"type": "exit"}, "simple": {"type": "user_disconnected", "username": "xan"}}
    for client, who in pair.people.items():
        left = await outcome(lambda who=who, client=client: "native" if has(who, at[who], **gone[client]) else None)
        told = words_of(who, at[who], "xan", "kick") or words_of(who, at[who], "xan", "spam")
        check(left == "native", f"{who.name} does not see xan go: {who.texts[-3:]}")
        pair.note(client, "kick in", "native and words" if told else left)
    await xan.close()
    if pair.mode == "session":
        await removed_there(pair)


async def removed_there(pair):
    """The same of clients of ours: each hears of it in its dialect, or its connection ends."""
    for client, name in NEAR.items():
        guest = await join(pair.near, client, f"{name}2", path=MOUNT_PATHS[client], secret=WORD)
        kick = ("kick", guest.name, "lobby", "--control", os.path.join(pair.far.folder.name, "control"))
        at = len(guest.frames)
        await asyncio.sleep(QUIET)
        status, _, errors = await asyncio.to_thread(run, *kick)
        check(status == 0, f"kick: {errors}")
        ended = await outcome(lambda guest=guest: "closed" if guest.reader.done() else None)
        told = ended if ended == "closed" else "told" if len(guest.frames) > at else "nothing"
        pair.note(client, "kicked there", told)
        check(told != "nothing", f"{guest.name} is not told that it was kicked there")
        await guest.close()


async def errors(pair):
    """The far server takes nothing more from whoever says it there: who said it is told."""
    for client, who in pair.people.items():
        reply = await pair.boss.call("timeout", "relay" if pair.mode == "relay" else who.name, "1s")
        check(reply["error"] is None, f"timeout: {reply}")
        at = len(who.frames)
        text = pair.word("not to be taken")
        await who.say(text)
        told = await outcome(lambda who=who, start=at: refused_in(who, start))
        pair.note(client, "error", told)
        check(told != "nothing", f"{who.name} is not told: {who.texts[at:]}")
        check(not words_of(pair.zed, 0, text), "it was taken")
        if pair.mode == "relay":
            await asyncio.sleep(1.2)


def refused_in(who, at):
    """How a client is told that something of its own is not taken."""
    for frame in who.frames[at:]:
        if refusal_of_some(frame):
            return "native"
        if text_of(frame) and "did not reach" in text_of(frame) or "did not reach" in json.dumps(frame):
            return "words"
    return None


def refusal_of_some(frame):
    return frame.get("type") in ("error", "reply") and frame.get("error") is not None


DEEDS = (deeds_out, deeds_in, signals, coming_and_going, whispers, kicks, removals, errors)


async def play(pair):
    await pair.enter()
    try:
        texts = [await message_out(pair, client) for client in DIALECTS]
        texts.append(await message_in(pair))
        await once(pair, texts)
        for deed in DEEDS:
            await deed(pair)
    finally:
        await pair.leave()


def table(pair):
    deeds = sorted({deed for _, deed in pair.found})
    for deed in deeds:
        print("    " + f"{pair.mode} {pair.dialect}: {deed}: " + ", ".join(
            f"{client} {pair.found[client, deed]}" for client in DIALECTS if (client, deed) in pair.found))


def pairs_of(dialect, mode):
    def scenario():
        with Server(far_config(), files=FILES) as far:
            files = {"relay.secret": SECRET}
            with Server(near_config(far.port, dialect, mode), files=files) as near:
                pair = Pair(near, far, dialect, mode)
                try:
                    asyncio.run(wait_up(near, mode))
                    asyncio.run(play(pair))
                finally:
                    table(pair)
    scenario.__name__ = f"pairs_{mode}_{dialect}"
    return scenario


async def wait_up(near, mode):
    """Its log says so."""
    if mode == "relay":
        check(await soon(lambda: b"is up" in open(os.path.join(near.folder.name, "log"), "rb").read(), 10 * SLOW),
              "the relay is not up: " + open(os.path.join(near.folder.name, "log"), encoding="utf-8").read()[-500:])


SCENARIOS = [pairs_of(dialect, mode) for mode in ("relay", "session") for dialect in DIALECTS]
