"""The HTTP API of the rooms dialect beside its socket: from an account to a message, who may do what, what others see
of it, and what a kill leaves.

ROUNDS: how often the server is killed (make check: a few times)."""

import asyncio
import http.client
import json
import os
import random
import threading
import time

from chat import Client, close_all, join, open_socket, quiet
from meeting import same
from server import LOBBY, SLOW, Failure, Server, check, configuration

ROUNDS = int(os.environ.get("ROUNDS", 3 if SLOW == 1 else 1))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
MOUNTS = """(
	{ path = "/mixer"; dialect = "mixer"; room = "lobby"; },
	{ path = "/concord"; dialect = "concord"; room = "lobby"; },
	{ path = "/rooms"; dialect = "rooms"; room = "lobby"; %s },
	{ path = "/simple"; dialect = "simple"; room = "lobby"; }
)"""
ACCOUNTS = """( { name = "Olga"; number = 11; secret_file = "secret"; roles = ["owner"]; },
	{ name = "Ben"; number = 15; secret_file = "secret"; } )"""
FILES = {"secret": "sesame"}
MAKES = "registers = true; makes_rooms = true;"


def config(directives=MAKES, limits="", more='state = "state";'):
    limits = "messages_per_second = 0; made_rooms_each = 10000; made_rooms = 10000; made_accounts = 10000; " + limits
    return configuration(limits, mounts=MOUNTS % directives, accounts=ACCOUNTS, more=more)


def request(port, method, path, body=None, sort="application/json"):
    """Status, and what is said: an object, or the word of an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30 * SLOW)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        said, typed = answer.read(), answer.getheader("Content-Type")
    finally:
        connection.close()
    if answer.status < 300:
        check(typed == sort if said else answer.status == 204, f"{path}: {answer.status} {typed} {said}")
        return answer.status, json.loads(said) if said else None
    check(typed == "text/plain; charset=utf-8" and said.endswith(b"}\n"), f"{path}: {typed} {said}")
    return answer.status, json.loads(said)["error"]


class User:
    """Somebody with a key."""

    def __init__(self, server, name=None, key=None, user_id=None):
        self.server, self.name, self.key, self.id = server, name, key, user_id

    async def register(self, password="pw"):
        body = {"password": password, **({"username": self.name} if self.name else {})}
        said = await self.asks("POST", "/user", body, keyed=False)
        self.key, self.id = said["key"], said["user_id"]
        self.name = (await self.asks("GET", f"/user/{self.id}"))["username"]
        return self

    async def ask(self, method, path, body=None, keyed=True):
        if keyed and self.key:
            path += ("&" if "?" in path else "?") + f"key={self.key}"
        return await asyncio.to_thread(request, self.server.port, method, path, body)

    async def asks(self, method, path, body=None, status=None, keyed=True):
        """What is said, with that status: 200 or 204, unless it is another one."""
        found, said = await self.ask(method, path, body, keyed)
        check(found == status if status else found in (200, 204),
              f"{self.name}: {method} {path} {body}: {found} and not {status}: {said}")
        return said

    async def treats(self, method, what, room, subject, status=204):
        """Something is done to somebody in a room."""
        return await self.asks(method, f"/room/{room}/{what}", {"user_id": subject.id}, status)

    async def connect(self):
        socket = await open_socket(self.server, "rooms", self.key)
        client = Client(socket, "rooms", self.name, self.server.room, self.key)
        await client.fields(type="enter", user_id=self.id)
        return client

    async def enter(self, client, room):
        await client.send({"type": "enter", "key": self.key, "room_id": room})


async def refused(client, code):
    same((await client.refusal())[0], code, f"{client.name}'s refusal")


async def say_and_hear(zoe, kim, here, there, room):
    await here.send({"type": "message", "key": zoe.key, "content": "hello", "room_id": room})
    message = await there.fields(type="message", content="hello", user_id=zoe.id, room_id=room)
    await there.send({"type": "read", "message_id": message["message_id"], "room_id": room})
    await here.fields(type="read", message_id=message["message_id"], user_id=kim.id)


async def removed(zoe, kim, here, there, room):
    await zoe.treats("DELETE", "users", room, kim)
    same(await there.fields(type="kick"), {"type": "kick", "room_id": room, "permanent": False}, "the kick")
    await here.fields(type="exit", user_id=kim.id, room_id=room)
    await there.send({"type": "message", "key": kim.key, "content": "still here", "room_id": room})
    await refused(there, "not_member")
    await kim.enter(there, room)
    await refused(there, "closed_room")
    same(await zoe.treats("DELETE", "users", room, kim, 409), "not_present", "removed again")


async def banned(zoe, kim, there, room):
    await zoe.treats("PUT", "bans", room, kim)
    same(await zoe.asks("GET", f"/room/{room}/bans"), {"index": 0, "user_count": 1, "users": [kim.id]}, "the bans")
    await kim.enter(there, room)
    await refused(there, "banned")
    await zoe.treats("DELETE", "bans", room, kim)
    await kim.enter(there, room)
    await refused(there, "closed_room")


async def opened(zoe, kim, there, room):
    said = await zoe.asks("PUT", "/room", {"room_id": room, "open": True})
    same(said["open"], True, "the room")
    await kim.enter(there, room)
    await there.fields(type="enter", user_id=kim.id, room_id=room)


async def given_away(server, zoe, kim, room):
    """Others see whose it is now, and that whose it was is an admin."""
    number = request(server.port, "GET", "/api/v1/channels/den", sort="application/json; charset=utf-8")[1]["id"]
    ann = await join(server, "mixer", "ann", room={"mixer": number})
    await quiet([ann])
    await zoe.treats("POST", "owner", room, kim)
    updates = [await ann.event("UserUpdate") for _ in range(2)]
    same([one["roles"] for one in updates], [["Owner", "User"], ["Mod", "User"]], "their roles")
    check(updates[0]["user"] != updates[1]["user"], f"one and the same: {updates}")
    same(await zoe.asks("GET", f"/room/{room}/admins"), {"index": 0, "user_count": 1, "users": [zoe.id]}, "admins")
    await ann.close()


async def session(server):
    """User, key, closed room, invite, enter, speak, read, kicked, refused; banned, pardoned, let in, and no more."""
    zoe, kim = await User(server, "zoe").register("a"), await User(server, "zoe").register("b")
    check(zoe.name == "zoe" and kim.name != "zoe" and kim.name.startswith("zoe"), f"{zoe.name}, {kim.name}")
    made = await zoe.asks("POST", "/room", {"name": "den"})
    room = made["room_id"]
    same(made, {"name": "den", "open": False, "owner": zoe.id, "room_id": room, "user_count": 0}, "the room")
    same(await kim.asks("GET", f"/room/{room}", keyed=False), made, "the room, for anybody")
    here, there = await zoe.connect(), await kim.connect()
    await kim.enter(there, room)
    await refused(there, "closed_room")
    await zoe.enter(here, room)
    await here.fields(type="enter", user_id=zoe.id, room_id=room)
    await zoe.treats("PUT", "users", room, kim)
    same(await there.fields(type="invite"), {"type": "invite", "user_id": zoe.id, "room_id": room}, "the invitation")
    await kim.enter(there, room)
    await here.fields(type="enter", user_id=kim.id, room_id=room)
    same(await zoe.treats("PUT", "users", room, kim, 409), "already", "invited again")
    same(await kim.asks("GET", f"/room/{room}/users"), {"index": 0, "user_count": 2, "users": [zoe.id, kim.id]}, "users")
    same(await kim.asks("GET", f"/room/{room}/users?limit=1&offset=1"),
         {"index": 1, "user_count": 2, "users": [kim.id]}, "a part of them")
    same(await kim.asks("GET", f"/room/{room}/users/{zoe.id}"), {"present": True}, "zoe")
    await say_and_hear(zoe, kim, here, there, room)
    await removed(zoe, kim, here, there, room)
    await banned(zoe, kim, there, room)
    await opened(zoe, kim, there, room)
    await given_away(server, zoe, kim, room)
    await zoe.asks("DELETE", f"/room/{room}", status=403)
    await kim.asks("DELETE", f"/room/{room}")
    await zoe.asks("GET", f"/room/{room}", status=404)
    await close_all([here, there])
    await keys(server, kim)


async def keys(server, kim):
    """Several at once; each until it is revoked."""
    more = User(server, kim.name, (await kim.asks("POST", "/key", {"user_id": kim.id, "password": "b"}))["key"], kim.id)
    same(await kim.asks("POST", "/key", {"user_id": kim.id, "password": "a"}, 403), "bad_password", "another's")
    await (await more.connect()).close()
    same(await kim.asks("DELETE", "/key", {"user_id": kim.id}), {"user_id": kim.id}, "revoked")
    same(await kim.asks("DELETE", "/key", {"user_id": kim.id}, 401), "bad_key", "revoked again")
    same(await kim.asks("POST", "/room", {}, 403), "bad_key", "with that key")
    try:
        await kim.connect()
    except Exception as refusal:  # the library's name for it differs
        check("401" in str(refusal), f"refused by {refusal}")
    else:
        raise Failure("a revoked key lets in")
    await (await more.connect()).close()


def from_account_to_message():
    """With a store, and without one: then it lasts as long as the server."""
    for more in ('state = "state";', ""):
        with Server(config(more=more), files=FILES) as server:
            asyncio.run(session(server))


# ---- rights ----

WHO = ("owner", "admin", "member", "invited", "stranger", "banned")
YES, NO = 204, 403
# What is done, what it is done to somebody who, and the statuses by WHO. As tests/codecs/rooms has them.
DEEDS = (("PUT", "users", None, (YES, YES, NO, NO, NO, NO)),
         ("DELETE", "users", ("PUT", "users"), (YES, YES, NO, NO, NO, NO)),
         ("PUT", "bans", None, (YES, YES, NO, NO, NO, NO)),
         ("DELETE", "bans", ("PUT", "bans"), (YES, YES, NO, NO, NO, NO)),
         ("PUT", "admins", None, (YES, NO, NO, NO, NO, NO)),
         ("DELETE", "admins", ("PUT", "admins"), (YES, NO, NO, NO, NO, NO)),
         ("POST", "owner", None, (YES, NO, NO, NO, NO, NO)))


async def cast(server, room_open):
    people = {who: await User(server, who).register() for who in WHO}
    made = await people["owner"].asks("POST", "/room", {"name": "den", "open": room_open})
    room, owner = made["room_id"], people["owner"]
    await owner.treats("PUT", "admins", room, people["admin"])
    for who in ("member", "invited"):
        await owner.treats("PUT", "users", room, people[who])
    await owner.treats("PUT", "bans", room, people["banned"])
    client = await people["member"].connect()
    await people["member"].enter(client, room)
    await client.fields(type="enter", user_id=people["member"].id, room_id=room)
    return people, room, client


async def done_by_all(people, room, deed, subjects):
    method, what, before, statuses = deed
    for who, status in reversed(list(zip(WHO, statuses))):
        subject = next(subjects)
        if before:
            await people["owner"].treats(*before, room, subject)
        await people[who].treats(method, what, room, subject, status)


async def changed_by_all(people, room):
    for who in reversed(WHO):
        status = 200 if who in ("owner", "admin") else 403
        await people[who].asks("PUT", f"/room/{room}", {"open": False}, status)
    for who in WHO[1:]:
        same(await people[who].asks("DELETE", f"/room/{room}", status=403), "banned" if who == "banned" else "no_right",
             f"{who} removes a room that all are told of")


async def matrix(server):
    """Whoever may, may: the room itself judges as the codec does."""
    people, room, client = await cast(server, False)
    made = [await User(server, "subject").register() for _ in range(len(DEEDS) * len(WHO))]
    subjects = iter(made)
    same(len({one.name for one in made}), len(made), "names")
    await changed_by_all(people, room)
    for deed in DEEDS:
        await done_by_all(people, room, deed, subjects)
    # It is another one's now, and whose it was is an admin.
    check((await people["owner"].asks("GET", f"/room/{room}/owner"))["owner"] != people["owner"].id, "the owner stays")
    admins = await people["owner"].asks("GET", f"/room/{room}/admins")
    check(people["owner"].id in admins["users"] and people["admin"].id in admins["users"], f"admins: {admins}")
    await people["owner"].treats("PUT", "admins", room, people["stranger"], 403)
    await client.close()


async def anew(server):
    """Who had a say in a room that was removed, or was banned there, is as good as anybody in the next of its name."""
    alf, bea, cyn, dan = [await User(server, name).register() for name in ("alf", "bea", "cyn", "dan")]
    room = (await alf.asks("POST", "/room", {"name": "club"}))["room_id"]
    for what, subject in (("admins", cyn), ("bans", dan), ("users", bea)):
        await alf.treats("PUT", what, room, subject)
    await alf.asks("DELETE", f"/room/{room}")
    await bea.asks("GET", f"/room/{room}", status=404)
    same((await bea.asks("POST", "/room", {"name": "club"}))["room_id"], room, "the id, which its name gives")
    for again in (False, True):
        for what in ("admins", "bans"):
            same((await bea.asks("GET", f"/room/{room}/{what}"))["users"], [], what)
        for one in (alf, cyn):
            same(await one.asks("PUT", f"/room/{room}", {"open": True}, 403), "no_right", one.name)
        if not again:
            await asyncio.to_thread(server.restart)


async def names(server):
    """What stands for a token, or a number, is nobody's name, nor does one end where a NUL stands."""
    nobody = User(server, "nobody")
    for asked, given in (("dgm_x", "Anonymous"), ("eyJh.b.c", "Anonymous2"), ("#15", "Anonymous3"), ("a\0b", "ab")):
        one = await User(server, asked).register()
        same(one.name, given, repr(asked))
        said = await nobody.asks("POST", "/room?key=" + one.key, {"name": asked})
        same(said["name"], asked.replace("\0", ""), "a room may be called so")


def names_of_people_and_rooms():
    with Server(config(), files=FILES) as server:
        asyncio.run(names(server))


def rights():
    with Server(config(), files=FILES) as server:
        asyncio.run(matrix(server))


def a_room_begins_anew():
    with Server(config(), files=FILES) as server:
        asyncio.run(anew(server))


async def strict(server):
    """Where nothing is said, nobody makes anything, and it is not told who is there."""
    nobody = User(server, "nobody")
    same(await nobody.asks("POST", "/user", {"password": "x"}, 403), "no_right", "a user")
    ben = User(server, "Ben", "Ben:sesame")
    same(await ben.asks("POST", "/room", {}, 403), "no_right", "a room")
    guest = User(server, "gus", "gus:mine")
    same(await guest.asks("POST", "/room", {}, 403), "no_right", "a guest's room")
    same((await nobody.asks("GET", f"/room/{LOBBY}"))["name"], "lobby", "the lobby")
    same(await User(server, "Olga", "Olga:sesame").asks("PUT", f"/room/{LOBBY}", {"open": False}, 501), "unsupported",
         "the configuration's room")


def strict_by_default():
    with Server(config(""), files=FILES) as server:
        asyncio.run(strict(server))


# ---- what others see ----


def tells_of(frame, *words):
    return all(word in json.dumps(frame) for word in words)


async def all_hear(clients, *words):
    for client in clients.values():
        await client.expect(lambda frame: tells_of(frame, *words), f"{words}")


async def seen(server):
    """An admin is named, somebody is removed and banned by HTTP: in all dialects."""
    names = {"mixer": "ann", "concord": "bob", "rooms": "cat", "simple": "dan"}
    clients = {dialect: await join(server, dialect, name) for dialect, name in names.items()}
    await quiet(clients.values())
    olga = User(server, "Olga", "Olga:sesame")
    victim = await join(server, "mixer", "Ben", user=15, secret="sesame")
    ben = User(server, "Ben", user_id=(await clients["rooms"].fields(type="enter"))["user_id"])
    same((await olga.asks("GET", f"/user/{ben.id}"))["username"], "Ben", "somebody of another dialect")
    await quiet(clients.values())
    await olga.treats("PUT", "admins", LOBBY, ben)
    update = await clients["mixer"].event("UserUpdate")
    check(update["user"] == 15 and "Mod" in update["roles"], f"{update}")
    await all_hear({name: one for name, one in clients.items() if name != "mixer"}, "Ben", "mod")
    await quiet(clients.values())
    await olga.treats("PUT", "bans", LOBBY, ben)
    await victim.closed()
    await clients["rooms"].fields(type="exit", user_id=ben.id, room_id=LOBBY)
    await clients["simple"].fields(type="user_disconnected", username="Ben")
    await clients["mixer"].event("UserLeave")
    await clients["concord"].fields(type="user_status_updated", status="OFFLINE")
    bans = await olga.asks("GET", f"/room/{LOBBY}/bans")
    same(bans["users"], [ben.id], "the bans")
    await close_all(clients)


def seen_in_all_dialects():
    with Server(config(), files=FILES) as server:
        asyncio.run(seen(server))


# ---- kills ----


class Books:
    """What was acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.users, self.rooms = {}, {}  # by id
        self.keys = {}  # whose they are

    def note(self, table, key, what):
        with self.lock:
            check(key not in table, f"{key} was given twice: {table.get(key)}, {what}")
            table[key] = what


def maker(port, books, stop, number, asked):
    """Makes accounts and rooms, and logs in, until the server is gone."""
    chance = random.Random(number)
    mine = []
    while not stop.is_set():
        try:
            if not mine or chance.random() < 0.4:
                password = f"pw{number}"
                status, said = request(port, "POST", "/user", {"username": "anna", "password": password})
                asked.append(status)
                if status == 200:
                    books.note(books.users, said["user_id"], password)
                    books.note(books.keys, said["key"], said["user_id"])
                    mine.append((said["user_id"], password, said["key"]))
            elif chance.random() < 0.7:
                owner = chance.choice(mine)
                status, said = request(port, "POST", f"/room?key={owner[2]}",
                                       {"name": "den", "open": chance.random() < 0.5})
                asked.append(status)
                if status == 200:
                    books.note(books.rooms, said["room_id"], {**said, "user_count": 0})
            else:
                owner = chance.choice(mine)
                status, said = request(port, "POST", "/key", {"user_id": owner[0], "password": owner[1]})
                asked.append(status)
                if status == 200:
                    books.note(books.keys, said["key"], owner[0])
        except (OSError, http.client.HTTPException):
            return


def compare(port, books, chance):
    names = {}
    for user in books.users:
        status, said = request(port, "GET", f"/user/{user}")
        check(status == 200, f"{user} was acknowledged, and is not there: {status} {said}")
        check(said["username"] not in names, f"{said['username']} is two")
        names[said["username"]] = user
    rooms = {}
    for number, room in books.rooms.items():
        status, said = request(port, "GET", f"/room/{number}")
        check(status == 200 and said == room, f"{room} was acknowledged, and is {status} {said}")
        check(room["name"] not in rooms, f"{room['name']} is two")
        rooms[room["name"]] = number
    of_users = {user: name for name, user in names.items()}
    for key, user in books.keys.items():
        status, said = request(port, "PUT", f"/user?key={key}", {"username": of_users[user]})
        check(status == 200, f"a key of {user} was acknowledged, and is none: {status} {said}")
    for user in chance.sample(sorted(books.users), min(3, len(books.users))):
        status, said = request(port, "POST", "/key", {"user_id": user, "password": books.users[user]})
        check(status == 200, f"{user} cannot log in: {status} {said}")


def a_life(server, books, chance, asked):
    stop = threading.Event()
    makers = [threading.Thread(target=maker, args=(server.port, books, stop, chance.randrange(1 << 30), asked))
              for _ in range(4)]
    for one in makers:
        one.start()
    time.sleep(chance.uniform(0.05, 1.5) * SLOW)
    server.process.kill()
    stop.set()
    for one in makers:
        one.join()


def killed_while_making():
    """kill -9 while accounts and rooms are made and log in: what was acknowledged is there, none double."""
    books, asked, chance = Books(), [], random.Random(SEED)
    print(f"    SEED={SEED}", flush=True)
    with Server(config(), files=FILES) as server:
        for _ in range(ROUNDS):
            a_life(server, books, chance, asked)
            server.restart()
            compare(server.port, books, chance)
    check(books.users and set(asked) <= {200, 503}, f"statuses: {set(asked)}")
    print(f"    {ROUNDS} kills, {len(books.users)} accounts, {len(books.rooms)} rooms, {len(books.keys)} keys, {len(asked)} answers", flush=True)


SCENARIOS = [from_account_to_message, names_of_people_and_rooms, rights, a_room_begins_anew, strict_by_default, seen_in_all_dialects, killed_while_making]
