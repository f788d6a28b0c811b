"""Concord's desktop program from its first request on: what it asks, in its order and with its headers, and what
comes of that in all dialects."""

import asyncio
import http.client
import json
import time

from chat import Client, close_all, join, open_socket, quiet
from server import SLOW, Server, check, configuration, run
from meeting import same

# Java's HttpClient sends these three with every plain request.
HEADERS = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "User-Agent": "Java-http-client/17.0.9",
           "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"}
STATE = 'state = "state"; control = "control.sock"; '
DELAY = 0.5
MOUNTS = """(
	{ path = "/mixer"; dialect = "mixer"; room = "lobby"; },
	{ path = "/client"; dialect = "concord"; room = "lobby"; %s },
	{ path = "/rooms"; dialect = "rooms"; room = "lobby"; },
	{ path = "/simple"; dialect = "simple"; room = "lobby"; }
)"""
ACCOUNTS = """( { name = "Olga"; number = 11; secret_file = "secret"; roles = ["owner"]; },
	{ name = "Stan"; number = 12; secret_file = "secret"; roles = ["staff"]; },
	{ name = "Mona"; number = 13; secret_file = "secret"; roles = ["mod"]; },
	{ name = "Ann"; number = 14; secret_file = "secret"; },
	{ name = "Ben"; number = 15; secret_file = "secret"; } )"""
SECRET = {"secret": "open sesame"}


def config(directives="", limits="messages_per_second = 0;", more=STATE, **parts):
    return configuration(limits, mounts=MOUNTS % directives, accounts=ACCOUNTS, more=more, **parts)


class Desktop:
    """Somebody's program: asks by HTTP, each request on a connection of its own."""

    def __init__(self, server, name, secret=SECRET["secret"]):
        self.server, self.name, self.secret, self.token = server, name, secret, None

    def ask(self, method, path, body=None):
        """Status, and what the body says, if there is one."""
        headers = {**HEADERS, "Accept": "application/json"}
        if body is not None:
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10 * SLOW)
        connection.request(method, "/api" + path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        check(not said or answer.getheader("Content-Type").startswith("application/json"), f"{path}: {said}")
        return answer.status, json.loads(said) if said else None

    async def asks(self, method, path, body=None, status=200):
        """The same beside what goes on; what is said with that status."""
        found, said = await asyncio.to_thread(self.ask, method, path, body)
        check(found == status, f"{self.name}: {method} {path} {body}: {found} and not {status}: {said}")
        return said

    async def log_in(self):
        said = await self.asks("POST", "/tokens", {"username": self.name, "password": self.secret})
        same(set(said), {"token"}, "a token")
        self.token = said["token"]
        return self

    async def connect(self):
        """Its WebSocket, with that token."""
        socket = await open_socket(self.server, "concord", self.token, path="/client")
        client = Client(socket, "concord", self.name, self.server.room)
        await client.fields(type="user_status_updated", status="ONLINE")
        return client


def user(number, name, online):
    return {"id": number, "username": name,
            "profile": {"createdAt": 0, "nickname": name, "bio": None, "avatarId": None},
            "status": {"onlineStatus": "ONLINE" if online else "OFFLINE"}}


def channel(number, name):
    return {"id": number, "ordinality": 0, "name": name, "description": "", "capabilities": ["text"],
            "createdAt": 0, "createdByUserId": 2147483647}


# ---- each exchange, in order ----

async def begin(desktop):
    """Account, token, and what it asks at once and next."""
    said = await desktop.asks("POST", "/users/register", {"username": desktop.name, "password": desktop.secret})
    number = said["id"]
    same(said, {"id": number, "username": desktop.name}, "an account")
    await desktop.asks("POST", "/users/register", {"username": desktop.name, "password": "x"}, 400)
    wrong = {"username": desktop.name, "password": "wrong"}
    same((await desktop.asks("POST", "/tokens", wrong, 400))["message"], "Invalid credentials.", "a wrong password")
    await desktop.log_in()
    first, about, client = await asyncio.gather(desktop.asks("GET", "/users"), desktop.asks("GET", "/server"),
                                                desktop.connect())
    check(number in [one["id"] for one in first], f"{first}")
    same(about, {"name": "Dragoman", "description": "", "iconId": None, "defaultChannelId": 1}, "the server")
    began = time.monotonic()
    tree, users = await asyncio.gather(desktop.asks("GET", "/channels"), desktop.asks("GET", "/users"))
    check(time.monotonic() - began >= DELAY, "the tree is there at once")
    same(tree, [{**channel(1, "lobby"), "children": []}], "the tree")
    return number, client, users


async def the_exchanges(server):
    gone = await join(server, "simple", "gone")
    await gone.say("I was here")
    await gone.hears("I was here")
    mia = await join(server, "mixer", "mia")
    await gone.close()
    dora = Desktop(server, "dora", "her own")
    number, client, users = await begin(dora)
    by_name = {one["username"]: one for one in users}
    same(by_name["dora"], user(number, "dora", True), "herself")
    # Of who is there, and of who is not any more, and of who only answers.
    same((by_name["mia"]["status"], by_name["gone"]["status"]),
         ({"onlineStatus": "ONLINE"}, {"onlineStatus": "OFFLINE"}), "who is there")
    same(by_name["Dragoman"]["id"], 2147483647, "the bridge")
    check(len({one["id"] for one in users}) == len(users), f"{users}")
    # On a click.
    latest = await dora.asks("GET", "/channels/1/chats/latest?size=50")
    same([(one["content"], one["authorId"]) for one in latest], [("I was here", by_name["gone"]["id"])], "the latest")
    # She writes, and sees it twice, with one id.
    said = await dora.asks("POST", "/channels/1/chats", {"content": "hello"})
    chat = (await client.hears("hello"))["chat"]
    same((said, said["authorId"], said["channelId"]), (chat, number, 1), "what she said")
    await mia.hears("hello")
    # Of whom she hears, she knows the name.
    await mia.say("hi dora")
    chat = (await client.hears("hi dora"))["chat"]
    same(chat["authorId"], by_name["mia"]["id"], "mia's number")
    same([one["content"] for one in await dora.asks("GET", "/channels/1/chats/latest?size=2")],
         ["hi dora", "hello"], "newest first")
    # She scrolls up.
    older = await dora.asks("GET", f"/chats?channelId=1&before={said['createdAt']}")
    same([one["content"] for one in older], ["I was here"], "what was said before")
    await close_all([mia, client])


def desktop_from_first_to_last():
    more = f"registers = true; tree_delay_ms = {int(DELAY * 1000)};"
    with Server(config(more), files=SECRET) as server:
        asyncio.run(the_exchanges(server))


# ---- what one does, all see ----

def says(text):
    return lambda frame: text in json.dumps(frame, ensure_ascii=False)


async def all_see(clients, text, what):
    for client in clients.values():
        await client.expect(says(text), what)


async def change_a_chat(ben, bob, others):
    said = await ben.asks("POST", "/channels/1/chats", {"content": "frist"})
    for client in (bob, *others.values()):
        await client.hears("frist")
    number = said["id"]
    said = await ben.asks("PATCH", f"/chats/{number}", {"content": "first"})
    same((said["content"], said["edited"], said["id"]), ("first", True, number), "the edit")
    same((await bob.fields(type="chat_edited", chatId=number))["content"], "first", "chat_edited")
    await all_see(others, "first", "the edit")
    for adding, reactions in ((True, {"\U0001F602": 1}), (False, {})):
        await ben.asks("POST", f"/chats/{number}/reactions", {"reaction": "\U0001F602", "adding": adding})
        frame = await bob.fields(type="chat_reactions_updated", chatId=number)
        same(frame["reactions"], reactions, "reactions")
        if adding:
            await all_see(others, "\U0001F602", "the reaction")
            same(await ben.asks("GET", f"/chats/{number}/reactions"),
                 {"reactingUsers": {"\U0001F602": [15]}, "reactions": reactions}, "whose")
    same((await ben.asks("GET", f"/chats/{number}"))["content"], "first", "the chat")
    await ben.asks("DELETE", f"/chats/{number}")
    await bob.fields(type="chat_deleted", chatId=number)
    await others["mixer"].event("DeleteMessage")
    for name in ("rooms", "simple"):
        await others[name].expect(says("deleted"), "the notice of deletion")
    await ben.asks("GET", f"/chats/{number}", status=404)
    await ben.asks("DELETE", f"/chats/{number}")


def names_of(server, room):
    """What dialects call a room that was made."""
    code, said, errors = run("rooms", "--json", "-c", server.folder.name + "/dragoman.cfg")
    check(code == 0, f"rooms: {said}{errors}")
    return next(one["ids"] for one in json.loads(said)["rows"] if one["name"] == room)


async def change_channels(server, olga, bob, others):
    made = await olga.asks("POST", "/channels", {"name": "cellar", "description": "cold"})
    number = made["id"]
    same(made, {**channel(number, "cellar"), "parentChannelId": None}, "a channel")
    frame = await bob.fields(type="channel_created")
    same(frame, {"channel": made, "type": "channel_created"}, "channel_created")
    same([one["name"] for one in await olga.asks("GET", "/channels")], ["lobby", "cellar"], "the tree")
    same(await olga.asks("GET", f"/channels/{number}"), made, "the channel")
    await olga.asks("POST", "/channels", {"name": "Cellar"}, 400)
    # mixer clients come by its name, rooms clients by its UUID; simple's know one room only.
    status, found = await asyncio.to_thread(Desktop(server, "nobody").ask, "GET", "/v1/channels/cellar")
    same(status, 200, f"mixer's channel {found}")
    room = names_of(server, "cellar")
    there = {"mixer": await join(server, "mixer", "eve", room={**server.room, "mixer": found["id"]}),
             "rooms": others["rooms"]}
    await others["rooms"].send({"type": "enter", "key": others["rooms"].name, "room_id": room["rooms"]})
    await others["rooms"].fields(type="enter", room_id=room["rooms"])
    await olga.asks("POST", f"/channels/{number}/chats", {"content": "mind your head"})
    for client in (bob, *there.values()):
        await client.hears("mind your head")
    await olga.asks("DELETE", f"/channels/{number}")
    await bob.fields(type="channel_deleted", channelId=number)
    await there["mixer"].expect(says("this room was removed"), "the end of it")
    await there["rooms"].fields(type="kick", room_id=room["rooms"])
    await olga.asks("GET", f"/channels/{number}", status=404)
    same(await olga.asks("GET", f"/channels/{number}/chats/latest"), [], "what was said there")
    same([one["name"] for one in await olga.asks("GET", "/channels")], ["lobby"], "the tree")
    await there["mixer"].close()


def seen_by_all():
    async def scenario(server):
        others = {dialect: await join(server, dialect, name)
                  for dialect, name in (("mixer", "mia"), ("rooms", "cat"), ("simple", "dan"))}
        bob = await (await Desktop(server, "bob", "x").log_in()).connect()
        olga, ben = await Desktop(server, "Olga").log_in(), await Desktop(server, "Ben").log_in()
        await quiet([bob, *others.values()])
        await change_a_chat(ben, bob, others)
        await change_channels(server, olga, bob, others)
        await close_all([bob, *others.values()])

    with Server(config(), files=SECRET) as server:
        asyncio.run(scenario(server))


# ---- who may do what ----

PEOPLE = ("Olga", "Stan", "Mona", "Ann", "guest")

# By directives: who may make and remove a channel, edit and delete what Ben wrote. All others get 403; what is one's
# own anybody may edit and delete.
RIGHTS = {
    "": {"make": {"Olga", "Stan"}, "remove": {"Olga", "Stan"}, "edit": set(), "delete": {"Olga", "Stan", "Mona"}},
    "makes_rooms = true; deletes_any = true; edits_any = true;":
        {"make": {"Olga", "Stan", "Mona", "Ann"}, "remove": {"Olga", "Stan"}, "edit": {"Olga", "Stan", "Mona"},
         "delete": set(PEOPLE)},
}


async def tries(one, may, olga, ben):
    """What one person tries."""
    def status(what):
        return 200 if one.name in may[what] else 403

    own = await one.asks("POST", "/channels/1/chats", {"content": "mine"})
    await one.asks("PATCH", f"/chats/{own['id']}", {"content": "still mine"})
    await one.asks("DELETE", f"/chats/{own['id']}")
    chat = await ben.asks("POST", "/channels/1/chats", {"content": "ben's"})
    await one.asks("PATCH", f"/chats/{chat['id']}", {"content": "not ben's"}, status("edit"))
    await one.asks("DELETE", f"/chats/{chat['id']}", status=status("delete"))
    name = f"of {one.name}"
    made = await one.asks("POST", "/channels", {"name": name}, status("make"))
    if status("make") == 200:
        await one.asks("DELETE", f"/channels/{made['id']}")
    made = await olga.asks("POST", "/channels", {"name": name})
    await one.asks("DELETE", f"/channels/{made['id']}", status=status("remove"))
    if status("remove") != 200:
        await olga.asks("DELETE", f"/channels/{made['id']}")
    # The configuration's.
    await one.asks("DELETE", "/channels/1", status=403)
    # One that there is not.
    await one.asks("DELETE", "/channels/99")


async def the_rights(server, may):
    olga, ben = await Desktop(server, "Olga").log_in(), await Desktop(server, "Ben").log_in()
    for name in PEOPLE:
        await tries(await Desktop(server, name).log_in(), may, olga, ben)
    await olga.asks("POST", "/users/register", {"username": "x", "password": "y"}, 403)
    nobody = Desktop(server, "nobody")
    for method, path in (("GET", "/users"), ("GET", "/channels"), ("POST", "/channels"), ("GET", "/self"),
                         ("POST", "/channels/1/chats"), ("DELETE", "/chats/1"), ("GET", "/tokens/recycle")):
        await nobody.asks(method, path, {} if method == "POST" else None, 401)


def desktop_rights():
    for directives, may in RIGHTS.items():
        with Server(config(directives), files=SECRET) as server:
            asyncio.run(the_rights(server, may))


# ---- closed rooms, other credentials, limits ----

async def the_closed_room(server):
    """Whoever may not enter learns nothing of it."""
    mona, ann = await Desktop(server, "Mona").log_in(), await Desktop(server, "Ann").log_in()
    chat = await mona.asks("POST", "/channels/2/chats", {"content": "a secret"})
    same([one["name"] for one in await mona.asks("GET", "/channels")], ["lobby", "vault"], "mona's tree")
    same([one["content"] for one in await mona.asks("GET", "/chats?query=secret")], ["a secret"], "mona's search")
    same([one["name"] for one in await ann.asks("GET", "/channels")], ["lobby"], "ann's tree")
    same(await ann.asks("GET", "/chats?query=secret"), [], "ann's search")
    same(await ann.asks("GET", "/channels/2/chats/latest"), [], "ann's latest")
    await ann.asks("GET", "/channels/2", status=404)
    await ann.asks("GET", f"/chats/{chat['id']}", status=404)
    await ann.asks("GET", f"/chats/{chat['id']}/reactions", status=404)
    await ann.asks("PATCH", f"/chats/{chat['id']}", {"content": "x"}, 404)
    await ann.asks("DELETE", f"/chats/{chat['id']}")
    await ann.asks("DELETE", "/channels/2")
    await ann.asks("POST", "/channels/2/chats", {"content": "x"}, 403)
    same((await mona.asks("GET", f"/chats/{chat['id']}"))["content"], "a secret", "it is there")


def closed_to_the_desktop():
    rooms = """( { name = "lobby"; concord = 1; history = 100; },
        { name = "vault"; concord = 2; open = false; admins = ["Mona"]; history = 100; } )"""
    with Server(config(rooms=rooms), files=SECRET) as server:
        asyncio.run(the_closed_room(server))


async def fill_up(server):
    """As many as may be, and no more; what one removes makes room."""
    ann, olga = await Desktop(server, "Ann").log_in(), await Desktop(server, "Olga").log_in()
    made = [await ann.asks("POST", "/channels", {"name": f"a{i}"}) for i in range(2)]
    await ann.asks("POST", "/channels", {"name": "a2"}, 400)
    await olga.asks("POST", "/channels", {"name": "o"})
    await olga.asks("POST", "/channels", {"name": "p"}, 400)
    await ann.asks("DELETE", f"/channels/{made[0]['id']}")
    await ann.asks("POST", "/channels", {"name": "a2"})
    for name, status in (("u1", 200), ("u2", 200), ("u3", 400)):
        await ann.asks("POST", "/users/register", {"username": name, "password": "x"}, status)
    await ann.asks("POST", "/channels", {"name": "a\u0000"}, 400)
    await ann.asks("POST", "/users/register", {"username": "Ann", "password": "x"}, 400)
    # Names that look like somebody's, or speak as the server does.
    await ann.asks("POST", "/users/register", {"username": "\u0410nn", "password": "x"}, 400)
    await ann.asks("POST", "/users/register", {"username": "Dragoman", "password": "x"}, 400)


def made_without_a_store():
    """What is made lasts as long as the server."""
    limits = "messages_per_second = 0; made_rooms = 3; made_rooms_each = 2; made_accounts = 2;"
    with Server(config("registers = true; makes_rooms = true;", limits, more=""), files=SECRET) as server:
        asyncio.run(fill_up(server))


async def make_some(server):
    ann = await Desktop(server, "Ann").log_in()
    await ann.asks("POST", "/users/register", {"username": "kim", "password": "her own"})
    made = await ann.asks("POST", "/channels", {"name": "cellar"})
    await ann.asks("POST", f"/channels/{made['id']}/chats", {"content": "cold"})
    kim = await Desktop(server, "kim", "her own").log_in()
    return made, (await kim.asks("GET", "/self"))["id"], kim.token


async def find_them(server, made, number, token):
    kim = Desktop(server, "kim")
    kim.token = token
    same((await kim.asks("GET", "/self"))["id"], number, "kim, by the token of before")
    kim, ann = await Desktop(server, "kim", "her own").log_in(), await Desktop(server, "Ann").log_in()
    same((await kim.asks("GET", "/self"))["id"], number, "kim's number")
    same([one["id"] for one in await kim.asks("GET", "/channels")], [1, made["id"]], "the tree")
    await kim.asks("DELETE", f"/channels/{made['id']}", status=403)
    await ann.asks("DELETE", f"/channels/{made['id']}")


def made_and_killed():
    """What was answered is there after kill -9, with the same numbers, and who owns it."""
    with Server(config("registers = true; makes_rooms = true;"), files=SECRET) as server:
        made = asyncio.run(make_some(server))
        server.restart()
        asyncio.run(find_them(server, *made))


async def ruled(server):
    """Rules are asked about what comes by HTTP as about frames."""
    ben = await Desktop(server, "Ben").log_in()
    same((await ben.asks("POST", "/channels/1/chats", {"content": "a bad word"}, 403))["message"], "no bad words", "why")
    chat = await ben.asks("POST", "/channels/1/chats", {"content": "a word"})
    same((await ben.asks("PATCH", f"/chats/{chat['id']}", {"content": "another"}, 403))["message"], "no edits", "why")
    same((await ben.asks("GET", f"/chats/{chat['id']}"))["content"], "a word", "the chat")
    # What is dropped is answered as if it was said, as everywhere.
    await ben.asks("POST", "/channels/1/chats", {"content": "nothing"})
    same([one["content"] for one in await ben.asks("GET", "/channels/1/chats/latest")], ["a word"], "what was said")


def ruled_by_routes():
    routes = """routes = ( { kind = "message"; text = "bad"; then = ( { refuse = "no bad words"; } ); },
        { kind = "message"; text = "nothing"; then = ( { drop = true; } ); },
        { dialect = "concord"; kind = "edit"; then = ( { refuse = "no edits"; } ); } );"""
    with Server(config(more=STATE + routes), files=SECRET) as server:
        asyncio.run(ruled(server))


SCENARIOS = [desktop_from_first_to_last, seen_by_all, desktop_rights, closed_to_the_desktop, made_without_a_store,
             made_and_killed, ruled_by_routes]
