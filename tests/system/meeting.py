"""Four plain clients, one per dialect, in the demo's room."""

import asyncio
import json
import re
import time

from chat import Client, close_all, join, join_all, open_socket, talk
from server import Server, check

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def same(found, wanted, what):
    check(found == wanted, f"{what}: {found!r} instead of {wanted!r}")


def check_mixer(frame, author, text, room):
    data = frame["data"]
    same(set(frame), {"type", "event", "data"}, "keys of an event")
    same(data["channel"], room["mixer"], "channel")
    check(UUID.fullmatch(data["id"]), f"message id {data['id']}")
    same(data["user_name"], author, "user_name")
    check(isinstance(data["user_id"], int) and 0 < data["user_id"] < 2 ** 31, f"user_id {data}")
    check("User" in data["user_roles"], f"user_roles {data['user_roles']}")
    first = data["message"]["message"][0]
    same((first["type"], first["data"], first["text"]), ("text", text, text), "first part")
    same(data["message"]["meta"], {}, "meta")
    return data["user_id"]


def check_concord(frame, text, room):
    chat = frame["chat"]
    same(set(chat), {"id", "createdAt", "authorId", "channelId", "threadId", "content", "edited",
                     "reactions"}, "keys of a chat")
    check(isinstance(chat["id"], int) and 0 < chat["id"] < 2 ** 53, f"chat id {chat['id']}")
    check(abs(chat["createdAt"] - time.time() * 1000) < 60000, f"createdAt {chat['createdAt']}")
    same((chat["channelId"], chat["threadId"], chat["content"], chat["edited"], chat["reactions"]),
         (room["concord"], None, text, False, {}), "chat")
    return chat["authorId"]


def check_rooms(frame, text, room):
    same(list(frame), ["type", "time", "content", "user_id", "message_id", "room_id"], "keys")
    check(abs(frame["time"] - time.time()) < 60, f"time {frame['time']}")
    same((frame["content"], frame["room_id"]), (text, room["rooms"]), "message")
    check(isinstance(frame["message_id"], str) and frame["message_id"].isdigit(), f"{frame}")
    check(UUID.fullmatch(frame["user_id"]), f"user_id {frame['user_id']}")
    return frame["user_id"]


def check_simple(text_frame, author, text):
    wanted = json.dumps({"type": "message_sent", "message": text, "timestamp": 0, "username": author},
                        separators=(",", ":"), ensure_ascii=False)
    same(re.sub(r'"timestamp":\d{13}', '"timestamp":0', text_frame), wanted, "simple's exact text")


async def one_message(clients, speaker, room):
    """What speaker says reaches all four within a second. Returns the frames by dialect."""
    text = f"hello, this is {speaker.name} \U0001F602 \u2714\ufe0f"
    await speaker.say(text)
    seen = {name: await client.hears(text) for name, client in clients.items()}
    number = check_mixer(seen["mixer"], speaker.name, text, room)
    same(check_concord(seen["concord"], text, room), number, "authorId, mixer's user_id")
    check_rooms(seen["rooms"], text, room)
    check_simple(clients["simple"].texts[clients["simple"].at - 1], speaker.name, text)
    same(seen["rooms"]["message_id"], str(seen["concord"]["chat"]["id"]), "rooms' message_id")
    return seen


def check_reply_order(clients):
    """mixer: reply, then event, with one id; simple: message, then reply."""
    frames = clients["mixer"].frames
    replies = [f for f in frames if f.get("type") == "reply" and "message" in (f.get("data") or {})]
    same(len(replies), 1, "mixer's replies")
    event = next(f for f in frames if f.get("event") == "ChatMessage" and
                 f["data"]["id"] == replies[0]["data"]["id"])
    check(frames.index(replies[0]) < frames.index(event), "mixer got the event before the reply")
    same(replies[0]["data"], event["data"], "the reply's data, the event's")
    frames = clients["simple"].frames
    reply = next(f for f in frames if f["type"] == "reply")
    same(clients["simple"].texts[frames.index(reply)], '{"type":"reply","payload_id":"1","error":null}',
         "simple's reply")
    echo = next(f for f in frames if f["type"] == "message_sent" and f["username"] == "dan")
    check(frames.index(echo) < frames.index(reply), "simple got the reply before the message")


def four_dialects():
    async def scenario(server):
        clients = await join_all(server)
        room, seen = server.room, {}
        for name, speaker in clients.items():
            seen[name] = await one_message(clients, speaker, room)
        await asyncio.sleep(0.1)
        check_reply_order(clients)
        authors = [frames["rooms"]["user_id"] for frames in seen.values()]
        same(len(set(authors)), 4, "different authors")
        again = await one_message(clients, clients["concord"], room)
        same(again["rooms"]["user_id"], seen["concord"]["rooms"]["user_id"], "bob's UUID")
        ids = [int(frames["rooms"]["message_id"]) for frames in seen.values()]
        same(ids, sorted(ids), "ids in the order of the room")
        await close_all(clients)

    with Server() as server:
        asyncio.run(scenario(server))


async def react(clients, author, message):
    """bob reacts by number to a message of another dialect, and takes it back."""
    number, emoji = message["concord"]["chat"]["id"], "\U0001F602"
    bob = clients["concord"]
    reaction = {"type": "chat_reaction", "chatId": number, "reaction": emoji, "adding": True}
    await bob.send(reaction)
    same((await bob.fields(type="chat_reactions_updated")),
         {"chatId": number, "channelId": bob.room["concord"], "threadId": None,
          "reactions": {emoji: 1}, "type": "chat_reactions_updated"}, f"to {author}'s message")
    for name in ("mixer", "rooms", "simple"):
        frame = await clients[name].expect(lambda f: emoji in json.dumps(f, ensure_ascii=False)
                                           and "reacted" in json.dumps(f), "the reaction")
        if name == "mixer":
            same((frame["data"]["user_name"], frame["data"]["message"]["meta"]), ("bob", {"me": True}),
                 "mixer's reaction")
    await bob.send(dict(reaction, adding=False))
    same((await bob.fields(type="chat_reactions_updated", chatId=number))["reactions"], {}, "map")


async def delete(clients, owner, author, message):
    """The owner deletes a message of another dialect by its UUID."""
    uuid, number = message["mixer"]["data"]["id"], message["concord"]["chat"]["id"]
    reply = await owner.call("deleteMessage", uuid)
    same((reply["error"], reply.get("data")), (None, "Message deleted."), "reply to deleteMessage")
    data = await clients["mixer"].event("DeleteMessage")
    same((data["id"], data["moderator"]["user_name"]), (uuid, owner.name), "DeleteMessage")
    same(await clients["concord"].fields(type="chat_deleted"),
         {"chatId": number, "channelId": owner.room["concord"], "threadId": None,
          "type": "chat_deleted"}, f"{author}'s message")
    for name in ("rooms", "simple"):
        await clients[name].expect(lambda f: "deleted" in json.dumps(f), "the notice of deletion")
    again = await owner.call("deleteMessage", uuid)
    same(again["error"]["code"], 4003, "deleting it again")
    await clients["concord"].send({"type": "chat_reaction", "chatId": number, "reaction": "x",
                                   "adding": True})
    same((await clients["concord"].refusal())[0], "unknown_message", "reacting to a deleted message")


async def read(clients, eve, author, message):
    """cat marks a message of another dialect as read; the other rooms client sees it."""
    number = message["rooms"]["message_id"]
    await clients["rooms"].send({"type": "read", "message_id": number})
    found = await eve.fields(type="read")
    same((list(found), found["message_id"], found["user_id"]),
         (["type", "message_id", "user_id"], number, eve.cats_uuid), f"read of {author}'s message")


def acting_across():
    """Reactions by number, deletions by UUID and receipts by text on other dialects' messages."""
    async def scenario(server):
        clients = await join_all(server)
        owner = await join(server, "mixer", "boss", secret=server.owner)
        check("Owner" in owner.roles, f"the owner's roles are {owner.roles}")
        eve = await join(server, "rooms", "eve")
        messages = {}
        for name, speaker in clients.items():
            messages[name] = await one_message(clients, speaker, server.room)
        eve.cats_uuid = messages["rooms"]["rooms"]["user_id"]
        refused = await clients["mixer"].call("deleteMessage", messages["simple"]["mixer"]["data"]["id"])
        check(refused["error"]["code"] in (4002, 4003), f"a guest deletes: {refused}")
        for name, message in messages.items():
            await react(clients, name, message)
            await read(clients, eve, name, message)
        for name, message in messages.items():
            await delete(clients, owner, name, message)
        for bad in ("4503599627370496", "0", "x", "-1"):
            await clients["rooms"].send({"type": "read", "message_id": bad})
            same((await clients["rooms"].refusal())[0], "unknown_message", f"reading {bad}")
        made_up = "00000000-0000-4000-8000-000000000001"
        same((await owner.call("deleteMessage", made_up))["error"]["code"], 4003, "made-up UUID")
        await talk(clients, "still here")
        await close_all(list(clients.values()) + [owner, eve])

    with Server() as server:
        asyncio.run(scenario(server))


def presence():
    """Each dialect sees the others come and go; a second connection does neither."""
    async def scenario(server):
        clients = await join_all(server)
        for dialect, name in (("mixer", "mia"), ("concord", "cody"), ("rooms", "rob"),
                              ("simple", "sam")):
            guest = await join(server, dialect, name)
            joined = await clients["mixer"].event("UserJoin")
            same((joined["username"], joined["originatingChannel"], joined["roles"]),
                 (name, server.room["mixer"], ["User"]), "UserJoin")
            status = await clients["concord"].fields(type="user_status_updated")
            same((status["userId"], status["status"]), (joined["id"], "ONLINE"), "status")
            entered = await clients["rooms"].fields(type="enter")
            same(entered["room_id"], server.room["rooms"], "enter's room")
            await clients["simple"].fields(type="user_connected", username=name)
            await guest.close()
            left = await clients["mixer"].event("UserLeave")
            same((left["username"], left["id"]), (name, joined["id"]), "UserLeave")
            await clients["concord"].fields(type="user_status_updated", userId=joined["id"],
                                            status="OFFLINE")
            await clients["rooms"].fields(type="exit", user_id=entered["user_id"])
            await clients["simple"].fields(type="user_disconnected", username=name)
        first = await join(server, "rooms", "two", secret="s1")
        second = Client(await open_socket(server, "rooms", "two", secret="s1"), "rooms", "two",
                        server.room, "two:s1")
        await second.say("from the second")
        for client in list(clients.values()) + [first]:
            await client.hears("from the second")
        await second.close()
        await talk(clients, "nobody left")
        seen = [f["type"] for f in clients["simple"].frames if f.get("username") == "two"]
        same(seen, ["user_connected", "message_sent"], "what simple saw of two")
        await close_all(list(clients.values()) + [first])

    with Server() as server:
        asyncio.run(scenario(server))


def whispers():
    """A whisper reaches the addressee alone; where the dialect cannot keep it, it is refused."""
    async def scenario(server):
        clients = await join_all(server)
        eve = await join(server, "mixer", "eve")
        reply = await clients["mixer"].call("whisper", "eve", "psst")
        same(reply["data"]["message"]["meta"], {"whisper": True}, "meta of the whisper's reply")
        heard = await eve.hears("psst")
        same((heard["data"]["target"], heard["data"]["message"]["meta"], heard["data"]["user_name"]),
             ("eve", {"whisper": True}, "ann"), "whisper")
        for name in ("bob", "cat", "dan", "nobody"):
            reply = await clients["mixer"].call("whisper", name, "psst, too")
            check(reply["error"] is not None, f"a whisper to {name} went through: {reply}")
        await talk(list(clients.values()) + [eve], "aloud")
        for client in clients.values():
            check(not any("psst" in text for text in client.texts if '"type":"reply"' not in text),
                  f"{client.name} saw the whisper: {client.texts}")
        await close_all(list(clients.values()) + [eve])

    with Server() as server:
        asyncio.run(scenario(server))


SCENARIOS = [four_dialects, acting_across, presence, whispers]
