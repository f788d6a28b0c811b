"""Several rooms whose ids differ in every dialect: nothing leaks from one to another."""

import asyncio
import json

from chat import close_all, join, quiet, talk
from server import Server, check, configuration
from wire import Wire

# One concord id is beyond what JavaScript's numbers hold.
ROOMS = {
    "red": {"mixer": 101, "concord": 8501928463962112,
            "rooms": "1f0c7a5e-93b4-4b17-8c2f-9c4a8ea95101"},
    "green": {"mixer": 202, "concord": 235009133105909760,
              "rooms": "2f0c7a5e-93b4-4b17-8c2f-9c4a8ea95102"},
    "blue": {"mixer": 303, "concord": 9007199254740993,
             "rooms": "3f0c7a5e-93b4-4b17-8c2f-9c4a8ea95103"},
}
VAULT = {"mixer": 404, "concord": 777, "rooms": "4f0c7a5e-93b4-4b17-8c2f-9c4a8ea95104"}

ACCOUNTS = """(
	{ name = "keeper"; number = 7; secret_file = "keeper.secret"; },
	{ name = "warden"; number = 8; secret_file = "warden.secret"; }
)"""
FILES = {"keeper.secret": "keepers-secret\n", "warden.secret": "wardens-secret\n"}


def room_text(name, ids, more=""):
    return (f'{{ name = "{name}"; mixer = {ids["mixer"]}; concord = {ids["concord"]}L; '
            f'rooms = "{ids["rooms"]}"; history = 100; {more} }}')


def config(vault=False, limits="messages_per_second = 0;"):
    rooms = [room_text(name, ids) for name, ids in ROOMS.items()]
    if vault:
        rooms.append(room_text("vault", VAULT, 'open = false; members = [ "keeper" ]; '
                                               'admins = [ "warden" ];'))
        rooms[2] = room_text("blue", ROOMS["blue"], 'banned = [ "mallory", "Mallory 2" ];')
    mounts = [f'{{ path = "/{dialect}"; dialect = "{dialect}"; room = "red"; }}'
              for dialect in ("mixer", "concord", "rooms", "simple")]
    mounts += [f'{{ path = "/{dialect}/{name}"; dialect = "{dialect}"; room = "{name}"; }}'
               for dialect in ("rooms", "simple") for name in ("green", "blue")]
    return configuration(limits, rooms=f"( {', '.join(rooms)} )", mounts=f"( {', '.join(mounts)} )",
                         accounts=ACCOUNTS, workers=4)


def path_of(dialect, name):
    return None if name == "red" or dialect == "mixer" else f"/{dialect}/{name}"


async def settle(server):
    """mixer, rooms and simple clients in each of the three rooms, and concord clients in all."""
    people = {}
    for name, ids in ROOMS.items():
        people[name] = [await join(server, dialect, f"{dialect[0]}-{name}", room=ids,
                                   path=path_of(dialect, name))
                        for dialect in ("mixer", "rooms", "simple")]
    bob = await join(server, "concord", "bob", room=ROOMS["red"])
    await quiet([bob] + sum(people.values(), []))
    return people, bob


def check_places(people, bob):
    """Nobody ever saw a message of another room, or under another room's id."""
    for name, clients in people.items():
        others = [other for other in ROOMS if other != name]
        for client in clients:
            for text in client.texts:
                check(not any(f"in {other}" in text or str(ROOMS[other]["concord"]) in text or
                              ROOMS[other]["rooms"] in text for other in others),
                      f"{client.name} saw {text}")
            for frame in client.frames:
                data = frame.get("data") or {}
                channel = data.get("channel", data.get("originatingChannel")) \
                    if isinstance(data, dict) else None
                check(channel in (None, ROOMS[name]["mixer"]), f"{client.name} saw {frame}")
    for frame in bob.frames:
        if frame["type"] == "chat_sent":
            chat = frame["chat"]
            wanted = [ids["concord"] for name, ids in ROOMS.items() if f"in {name}" in chat["content"]]
            check([chat["channelId"]] == wanted, f"bob saw {frame}")


def three_rooms():
    async def scenario(server):
        people, bob = await settle(server)
        for name, clients in people.items():
            for speaker in clients:
                text = f"{speaker.name} speaks in {name}"
                await speaker.say(text)
                for client in clients + [bob]:
                    await client.hears(text)
            bob.room = ROOMS[name]
            await bob.say(f"bob speaks in {name}")
            for client in clients + [bob]:
                await client.hears(f"bob speaks in {name}")
        await refusals(server, people, bob)
        await by_bare_id(people, bob)
        for name, clients in people.items():
            await talk(clients, f"at last in {name}")
        check_places(people, bob)
        await close_all(sum(people.values(), []) + [bob])

    with Server(config(), files=FILES) as server:
        asyncio.run(scenario(server))


async def refusals(server, people, bob):
    """What names another room by its id, or nobody's id, is refused."""
    mixer, rooms, simple = people["red"]
    rooms.room = ROOMS["green"]
    await rooms.say("intruding in red")
    check((await rooms.refusal())[0] == "not_member", "a message into another room")
    rooms.room = dict(ROOMS["red"], rooms="5f0c7a5e-93b4-4b17-8c2f-9c4a8ea95105")
    await rooms.say("intruding in red")
    check((await rooms.refusal())[0] in ("unknown_room", "not_member"), "a message into no room")
    rooms.room = ROOMS["red"]
    bob.room = dict(ROOMS["red"], concord=8501928463962113)
    await bob.say("intruding in red")
    check((await bob.refusal())[0] == "unknown_room", "a message into no channel")
    reply = await mixer.call("whisper", "m-green", "whispered in red")
    check(reply["error"] is not None, f"a whisper into another room: {reply}")
    reply = await mixer.call("auth", ROOMS["green"]["mixer"], 4711, "x")
    check(reply["error"] is not None, f"a second auth: {reply}")
    late = await join(server, "mixer", "late", room=ROOMS["blue"])
    check((await late.call("whisper", "m-blue", "whispered in blue"))["error"] is None, "whisper")
    await people["blue"][0].hears("whispered in blue")
    await late.close()
    with Wire(server.port) as wire:
        wire.upgrade("/mixer?name=nowhere")
        wire.frame(1, b'{"type":"method","method":"auth","arguments":[999,5,"k"],"id":0}')
        wire.read(lambda data: b'"reply"' in data)
        check(b'"error":"UNOTFOUND"' in wire.bytes, f"auth to no channel: {wire.bytes}")


async def by_bare_id(people, bob):
    """Ids name messages without a room: they work for members of its room alone."""
    mixer, rooms, simple = people["green"]
    await simple.say("a target in green")
    uuid = (await mixer.hears("a target in green"))["data"]["id"]
    number = (await bob.hears("a target in green"))["chat"]["id"]
    await rooms.hears("a target in green")
    for name in ("red", "blue"):
        other = people[name]
        reply = await other[0].call("deleteMessage", uuid)
        unknown = await other[0].call("deleteMessage", uuid[:-1] + ("0" if uuid[-1] != "0" else "1"))
        check(reply["error"] == unknown["error"] and reply["error"] is not None,
              f"a denied id is not answered like an unknown one: {reply}, {unknown}")
        await other[1].send({"type": "read", "message_id": str(number)})
        check((await other[1].refusal())[0] == "unknown_message", "read of another room's message")
        await other[1].send({"type": "read", "message_id": str(number), "room_id": ROOMS[name]["rooms"]})
        check((await other[1].refusal())[0] == "unknown_message", "read under the wrong room")
    everybody = sum(people.values(), [])
    before = {client: len(client.texts) for client in everybody}
    await bob.send({"type": "chat_reaction", "chatId": number, "reaction": "\U0001F44D", "adding": True})
    update = await bob.fields(type="chat_reactions_updated", chatId=number)
    check(update["channelId"] == ROOMS["green"]["concord"], f"the reaction's room: {update}")
    await rooms.send({"type": "read", "message_id": str(number)})
    await rooms.fields(type="read", message_id=str(number))
    await mixer.expect(lambda f: "reacted" in json.dumps(f), "the reaction")
    await bob.send({"type": "chat_typing", "channelId": ROOMS["blue"]["concord"], "sentAt": 5})
    await bob.fields(type="chat_typing", channelId=ROOMS["blue"]["concord"])
    await asyncio.sleep(0.1)
    for client in people["red"] + people["blue"]:
        check(len(client.texts) == before[client], f"{client.name} saw {client.texts[before[client]:]}")


def closed_room():
    """A closed room is not heard, not written to and not entered by others; a ban holds."""
    async def scenario(server):
        bob = await join(server, "concord", "bob", room=VAULT)
        cat = await join(server, "rooms", "cat", room=ROOMS["red"])
        keeper = await join(server, "rooms", "keeper", room=ROOMS["red"], secret="keepers-secret")
        warden = await join(server, "mixer", "warden", room=VAULT, user=8, secret="wardens-secret")
        check("Mod" in warden.roles, f"an admin's roles: {warden.roles}")
        herald = await join(server, "rooms", "warden", room=ROOMS["red"], secret="wardens-secret")
        for client in (keeper, herald):
            await client.send({"type": "enter", "key": client.key, "room_id": VAULT["rooms"]})
        await keeper.fields(type="enter", room_id=VAULT["rooms"])
        await cat.send({"type": "enter", "key": cat.key, "room_id": VAULT["rooms"]})
        check((await cat.refusal())[0] == "closed_room", "a guest enters the vault")
        keeper.room = VAULT
        await keeper.say("secret")
        frame = await keeper.hears("secret")
        await warden.hears("secret")
        await bob.say("let me in")
        check((await bob.refusal())[0] in ("not_member", "closed_room", "unknown_room"), "bob speaks")
        await bob.send({"type": "chat_reaction", "chatId": int(frame["message_id"]), "reaction": "x",
                        "adding": True})
        check((await bob.refusal())[0] == "unknown_message", "bob reacts")
        guid = next(f["user_id"] for f in cat.frames if f["type"] == "enter")
        for client in (keeper, herald):
            await client.send({"type": "invite", "key": client.key, "user_id": guid,
                               "room_id": VAULT["rooms"]})
        check((await keeper.refusal())[0] == "no_right", "a member without rights invites")
        await cat.fields(type="invite", room_id=VAULT["rooms"])
        await cat.send({"type": "enter", "key": cat.key, "room_id": VAULT["rooms"]})
        await cat.fields(type="enter", room_id=VAULT["rooms"])
        cat.room = VAULT
        await talk([keeper, warden, cat], "inside")
        await cat.send({"type": "exit", "key": cat.key, "room_id": VAULT["rooms"]})
        await keeper.fields(type="exit", user_id=guid)
        await keeper.say("gone")
        await warden.hears("gone")
        cat.room = ROOMS["red"]
        await cat.say("outside")
        await cat.hears("outside")
        check("gone" not in cat.heard(), "cat heard what was said after its exit")
        check(not {"secret", "gone"} & set(bob.heard()), f"bob heard {bob.heard()}")
        for name in ("mallory", "MALLORY"):
            with Wire(server.port) as wire:
                response = wire.request(f"/rooms/blue?key={name}")
                wire.read(lambda data: b"banned" in data or b"\x88" in data)
                check(response.status == 403 or b"banned" in wire.bytes or b"\x88" in wire.bytes,
                      f"{name}, who is banned: {response.raw + wire.bytes}")
        await close_all([bob, cat, keeper, warden, herald])

    with Server(config(vault=True), files=FILES) as server:
        asyncio.run(scenario(server))


def rooms_of_a_connection():
    """rooms_per_connection, at the limit and beyond; concord hears all of them all the same."""
    async def scenario(server):
        bob = await join(server, "concord", "bob", room=ROOMS["blue"])
        cat = await join(server, "rooms", "cat", room=ROOMS["red"])
        for name, wanted in (("green", None), ("green", "already"), ("blue", "too_many")):
            await cat.send({"type": "enter", "key": "cat", "room_id": ROOMS[name]["rooms"]})
            if wanted:
                found = (await cat.refusal())[0]
                check(found == wanted, f"entering {name}: {found}")
            else:
                await cat.fields(type="enter", room_id=ROOMS[name]["rooms"])
        await cat.send({"type": "exit", "key": "cat", "room_id": ROOMS["green"]["rooms"]})
        await asyncio.sleep(0.1)
        await cat.send({"type": "enter", "key": "cat", "room_id": ROOMS["blue"]["rooms"]})
        await cat.fields(type="enter", room_id=ROOMS["blue"]["rooms"])
        await cat.send({"type": "enter", "key": "other", "room_id": ROOMS["blue"]["rooms"]})
        check((await cat.refusal())[0] == "bad_key", "another key")
        cat.room = ROOMS["blue"]
        await talk([cat, bob], "both in blue")
        await close_all([bob, cat])

    with Server(config(limits="rooms_per_connection = 2;"), files=FILES) as server:
        asyncio.run(scenario(server))


SCENARIOS = [three_rooms, closed_room, rooms_of_a_connection]
