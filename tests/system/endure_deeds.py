"""What the people of the mixed run (endure.py) do besides talking, by their sockets and by their dialects' HTTP; and a
backend's own requests."""

import asyncio

from endure_people import SERIALS, WORD, is_error
from rooms_door import request as rooms_request
from upstream_pairs import ask

EMOJI = "🎉🍏🍐🍋🍇"


async def http(ledger, person, server, deed, method, path, body=None):
    status, said = await asyncio.to_thread(ask, server, method, path, person.name, body, WORD)
    ledger.call(person, deed, status)
    return status, said


# ---- mixer ----

async def mixer_whispers(ledger, person, server, to=None):
    serial = next(SERIALS)
    to = to or ledger.dice.choice(("mixer1", "mixer2", "concord1", "nobody"))
    reply = await person.method("whisper", to, f"psst w{serial} of {person.name}")
    if ledger.answered(person, "whisper", reply):
        ledger.whispers[serial] = to


async def mixer_deletes(ledger, person, server):
    ids = [text for text in ledger.own_ids(person)]
    reply = await person.method("deleteMessage", ledger.dice.choice(ids) if ids else "no id")
    ledger.answered(person, "deleteMessage", reply)


async def mixer_asks(ledger, person, server):
    """Whatever else has a reply, or is wrong."""
    name, *arguments = ledger.dice.choice((
        ("history", 10), ("vote:choose", 0), ("vote:choose", 99), ("ping",), ("nonsense", 1), ("timeout", "timmixer", "1s"),
        ("msg",), ("msg", ""), ("msg", "x" * 400), ("msg", 5), ("giveaway:start",), ("purge", "timconcord"), ("history", -1),
        ("optOutEvents", "NoSuchEvent"), ("whisper", "mixer1")))
    ledger.answered(person, name, await person.method(name, *arguments))


async def mixer_acts(ledger, person, server):
    serial = next(SERIALS)
    tail = f"#{serial} of {person.name}"
    taken = ledger.answered(person, "action", await person.says(f"/me waves {tail}", tail))
    ledger.said[serial] = person.name, "action", taken


EARLY = [("clearMessages",)]  # later, it would take away what is compared at the end


async def mixer_moderates(ledger, person, server):
    name, *arguments = ledger.dice.choice((
        ("timeout", "timmixer", "1s"), ("timeout", "timconcord", "1s"), ("timeout", "timrooms", 1),
        ("timeout", "timsimple", "clear"), ("timeout", "timsimple", "1s"), ("vote:start", "Tea?", ["yes", "no"], 2),
        ("vote:start", "Tea?", ["yes", "no"], 2), ("purge", "timconcord"), ("timeout", "nobody", "1s"), *EARLY[len(ledger.said) > 300:]))
    ledger.answered(person, name, await person.method(name, *arguments))


async def mixer_by_http(ledger, person, server):
    ids = ledger.own_ids(person)
    await http(ledger, person, server, "GET users", "GET", "/api/v1/chats/1/users")
    await http(ledger, person, server, "GET message", "GET", "/api/v1/chats/1/message?limit=5")
    if ids:
        await http(ledger, person, server, "DELETE message", "DELETE", f"/api/v1/chats/1/message/{ids[-1]}")


# ---- concord ----

async def concord_reacts(ledger, person, server):
    number, sign = ledger.some_id(person), ledger.dice.choice(EMOJI)
    if (number, sign) in person.reacted:
        return
    person.reacted.add((number, sign))
    for adding in (True, False)[:ledger.dice.choice((1, 2))]:
        answer = await person.request({"type": "chat_reaction", "chatId": number, "reaction": sign, "adding": adding},
                                      lambda frame: is_error(frame) or frame.get("chatId") == number
                                      and frame["type"] == "chat_reactions_updated")
        if not ledger.answered(person, "reaction", answer):
            return


async def concord_types(ledger, person, server):
    frame = {"type": "chat_typing", "channelId": person.room["concord"], "sentAt": 5}
    ledger.answered(person, "typing", await person.request(frame, lambda frame: is_error(frame) or frame.get("userId") ==
                                                           person.own and frame["type"] == "chat_typing"))


async def concord_errs(ledger, person, server):
    frame = ledger.dice.choice(({"type": "nonsense"}, {"type": "chat_written", "channelId": 77, "content": "x"},
                                {"type": "chat_written", "channelId": person.room["concord"]}, {"no": "type"}, [1],
                                {"type": "chat_reaction", "chatId": 5, "reaction": "x", "adding": True}, "{", "5"))
    ledger.answered(person, "mistake", await person.request(frame, is_error))


async def concord_posts(ledger, person, server):
    serial = next(SERIALS)
    status, _ = await http(ledger, person, server, "POST chats", "POST", f"/api/channels/{person.room['concord']}/chats",
                           {"content": f"by HTTP #{serial} of {person.name}"})
    ledger.said[serial] = person.name, "http", status == 200


async def concord_edits(ledger, person, server):
    ids = ledger.own_ids(person)
    if ids:
        text = f"edited e{next(SERIALS)} of {person.name}"
        path = f"/api/chats/{ledger.dice.choice(ids)}"
        status, _ = await http(ledger, person, server, "PATCH", "PATCH", path, {"content": text})
        if status == 200:
            ledger.edits.append(text)


async def concord_by_http(ledger, person, server):
    await http(ledger, person, server, "GET users", "GET", "/api/users")
    await http(ledger, person, server, "GET latest", "GET", f"/api/channels/{person.room['concord']}/chats/latest?size=5")
    number = ledger.some_id(person)
    await http(ledger, person, server, "POST reaction", "POST", f"/api/chats/{number}/reactions",
               {"reaction": ledger.dice.choice(EMOJI), "adding": True})
    ids = ledger.own_ids(person)
    await http(ledger, person, server, "DELETE", "DELETE", f"/api/chats/{ids[0] if ids else number}")


# ---- rooms ----

async def rooms_reads(ledger, person, server):
    number = str(ledger.some_id(person))
    answer = await person.request({"type": "read", "message_id": number}, lambda frame: is_error(frame) or
                                  frame["type"] == "read" and frame["user_id"] == person.own and
                                  frame["message_id"] == number)
    if ledger.answered(person, "read", answer):
        ledger.reads.add((number, person.own))


async def rooms_wanders(ledger, person, server):
    """Into the den, where something is said, and out again."""
    den = server.info["rooms"][1]["rooms"]
    for deed in ("enter", "message", "invite"):
        frame = {"type": deed, "key": person.key, "room_id": den}
        if deed == "message":
            text = frame["content"] = f"in the den d{next(SERIALS)}"
            answer = await person.request(frame, lambda frame: is_error(frame) or frame.get("content") == text)
        elif deed == "invite":
            guest = ledger.dice.choice([one for one in ledger.rooms_people if one is not person])
            frame["user_id"], seen = guest.own, guest.kinds["invite"]
            answer = await person.request(frame, is_error, lambda: guest.kinds["invite"] > seen)
        else:
            answer = await person.request(frame, lambda frame, deed=deed: is_error(frame) or frame["type"] == deed and
                                          frame["user_id"] == person.own and frame["room_id"] == den)
        if not ledger.answered(person, deed, answer):
            return
    # Who leaves is told nothing, and has left.
    await person.send({"type": "exit", "key": person.key, "room_id": den})
    answer = await person.request({"type": "message", "key": person.key, "room_id": den, "content": "x"}, is_error)
    if ledger.answered(person, "message after exit", answer) is not False:
        ledger.wrong.append((person.name, "message after exit", answer))


async def rooms_errs(ledger, person, server):
    frame = ledger.dice.choice(({"type": "nonsense"}, {"type": "message", "key": "wrong", "content": "x", "room_id": "x"},
                                {"type": "message", "key": person.key, "content": "", "room_id": person.room["rooms"]},
                                {"type": "read", "message_id": "12"}, {"type": "enter", "key": person.key}, "[", "null"))
    ledger.answered(person, "mistake", await person.request(frame, is_error))


async def rooms_by_http(ledger, person, server):
    room = person.room["rooms"]
    for path in (f"/room/{room}/users", f"/user/{person.own}"):
        status, _ = await asyncio.to_thread(rooms_request, server.port, "GET", f"{path}?key={person.key}")
        ledger.call(person, "GET users", status)


# ---- simple ----

async def simple_errs(ledger, person, server):
    frame = ledger.dice.choice(("{", {"type": "nonsense", "payload_id": 1}, {"type": "send_message", "message": "x"},
                                {"type": "send_message", "payload_id": 7, "message": 7}, "[]"))
    answer = await person.request(frame, lambda frame: frame["type"] == "reply")
    ledger.answered(person, "mistake", answer)


DEEDS = {"mixer": (mixer_whispers, mixer_deletes, mixer_asks, mixer_asks, mixer_acts, mixer_by_http),
         "concord": (concord_reacts, concord_reacts, concord_types, concord_errs, concord_posts, concord_edits,
                     concord_by_http),
         "rooms": (rooms_reads, rooms_reads, rooms_wanders, rooms_errs, rooms_by_http), "simple": (simple_errs,)}


async def live(ledger, person, server, over):
    """One request after the other."""
    while not over():
        await asyncio.sleep(ledger.dice.uniform(0.2, 1.6))
        if ledger.dice.random() < 0.6:
            await ledger.message(person)
        elif person.name == "modmixer" and ledger.dice.random() < 0.5:
            await mixer_moderates(ledger, person, server)
        else:
            await ledger.dice.choice(DEEDS[person.dialect])(ledger, person, server)


# ---- the backend ----

async def backend_lives(ledger, judge, over):
    """It speaks, edits, deletes, tells who is away, gives roles and mutes; each is answered."""
    lobby, own = {"room": "lobby"}, None
    while not over():
        await asyncio.sleep(ledger.dice.uniform(0.2, 0.8))
        serial = next(SERIALS)
        choices = [("PUBLISH", lobby, {"kind": "message", "text": f"beep #{serial} of bot"})] * 3 + [
            ("PUBLISH", lobby, {"kind": "notice", "text": "hear, hear"}),
            ("PUBLISH", {**lobby, "to": "mixer2"}, {"kind": "message", "text": f"to you w{serial} of bot"}),
            ("PUBLISH", lobby, {"kind": "typing"}), ("PUBLISH", lobby, {"kind": "presence", "text": "AWAY"}),
            ("CONTROL", {"do": "members", **lobby}, None),
            ("CONTROL", {"do": "timeout", "person": "timconcord", "duration_ms": 500, "text": "hush", **lobby}, None),
            ("CONTROL", {"do": "roles", "person": "mixer3", "roles": [ledger.dice.choice(("pro", "subscriber"))], **lobby},
             None),
            ("CONTROL", {"do": "kick", "person": "nobody", **lobby}, None)]
        if own:
            choices += [("PUBLISH", lobby, {"kind": kind, "target": own, **more}) for kind, more in (
                ("edit", {"text": f"beep e{serial} of bot"}), ("delete", {}), ("reaction", {"text": "🤖", "flags": ["adding"]}),
                ("read", {}))]
        command, meta, envelope = ledger.dice.choice(choices)
        said, answer = await judge.request(command, meta, envelope)
        what = envelope["kind"] if envelope else meta["do"]
        ledger.told["backend", what, answer.get("code") if said == "ERROR" else said] += 1
        if said is None:
            ledger.untold.append(("backend", what))
        if what == "message" and said == "ACK":
            if "to" in meta:
                ledger.whispers[serial] = "mixer2"
            else:
                ledger.said[serial] = "bot", "backend", True
                own = answer["event"]
        elif what == "delete":
            own = None
