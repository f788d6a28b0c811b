"""Links to servers that exist elsewhere and are not ours (far/): what is said on either side is on the other,
once, by whom, under exact ids; logins that are refused, certificates that are wrong, and a foreign bridge."""

import asyncio
import http.client
import json

import websockets
from chat import close_all, id_of, open_socket, quiet, text_of
from far_side import Far, ForeignBridge
from far_stage import NAMES, UNKNOWN, Room, bridge, later, mounts_of, stage, upstream
from server import SLOW, Server, check
from tls import make_pair

PEOPLE = {"mixer": "ann", "concord": "bob", "rooms": "cat", "simple": "dan"}
WORD = "word"  # of guests, so that they are known again by HTTP


async def everybody(room, secret=None):
    """One client of each dialect in a room; secret: of a name."""
    clients = {}
    for dialect, name in PEOPLE.items():
        clients[dialect] = await room.join(dialect, name, secret=secret(name) if secret else None)
    await quiet(clients.values())
    return clients


async def hear_once(clients, text):
    """Everybody sees it, and nobody twice."""
    for client in clients.values():
        await client.hears(text, 3 * SLOW)
    await asyncio.sleep(0.15)
    for client in clients.values():
        check(client.heard().count(text) == 1, f"{client.name} sees {text!r} {client.heard().count(text)} times")


def frame_with(client, text):
    return next(frame for frame in client.frames if text_of(frame) == text)


def only(dialect):
    """A scenario of a relay to one far server: (fars, server, room, clients)."""
    def decorate(scenario):
        def whole():
            async def go(fars, server):
                room = Room(server, dialect)
                clients = await everybody(room, lambda name: WORD)
                await scenario(fars[dialect], server, room, clients)
                await close_all(clients)

            with stage(dialect) as (fars, server):
                asyncio.run(go(fars, server))
        whole.__name__ = scenario.__name__
        whole.__doc__ = scenario.__doc__
        return whole
    return decorate


async def out_and_in(far, clients, prefix="{}: "):
    """What each says, and what somebody there does, once on each side, in order."""
    for name, client in clients.items():
        await client.say(f"from {name}")
        await hear_once(clients, f"from {name}")
    for name, client in clients.items():
        found = await later(far.hears, prefix.format(client.name) + f"from {name}", 4)
        check(far.count("chat", content=found["content"]) == 1, f"{found} is there twice")
    said = [text.split("from ")[1] for text in far.said("from ")]
    check(said == list(clients), f"the order there: {said}")
    for n in range(5):
        far.order("say", name="zoe", text=f"by zoe {n}")
    await hear_once(clients, "by zoe 4")
    for client in clients.values():
        check(client.heard("by zoe") == [f"by zoe {n}" for n in range(5)], f"{client.name}: {client.heard('by zoe')}")
    check(frame_with(clients["mixer"], "by zoe 0")["data"]["user_name"] == "zoe", "whose it is, in mixer")
    check(frame_with(clients["simple"], "by zoe 0")["username"] == "zoe", "whose it is, in simple")


def relay_there(dialect):
    def scenario():
        async def go(far, _, __, clients):
            await out_and_in(far, clients)

        only(dialect)(go)()
    scenario.__name__ = f"relay_{dialect}"
    return scenario


# ---- exact ids ----

def ask(server, method, path, name, body=None):
    """A request of concord's HTTP, by a guest; the status."""
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10 * SLOW)
    caller.request(method, path, None if body is None else json.dumps(body), {"Authorization": f"Bearer {name}:{WORD}"})
    status = caller.getresponse().status
    caller.close()
    return status


@only("concord")
async def concord_ids(far, server, _, clients):
    """Ids above 2^53, of which neighbours differ in the last digit: deleted, changed and reacted to from each
    side, it is always that one. The threadId that we send is dropped there, and harms nothing."""
    bob = clients["concord"]
    ids = [far.order("say", name="zoe", text=f"zoe {n}")["id"] for n in range(4)]
    check(ids == list(range(ids[0], ids[0] + 4)) and ids[0] > 1 << 53, f"{ids}")
    for n in range(4):
        await bob.hears(f"zoe {n}")
    ours = {n: id_of(frame_with(bob, f"zoe {n}")) for n in range(4)}
    far.order("delete", id=ids[1])
    await bob.fields(type="chat_deleted", chatId=ours[1])
    far.order("edit", id=ids[2], text="zoe two")
    await bob.fields(type="chat_edited", chatId=ours[2], content="zoe two")
    far.order("react", name="zed", id=ids[3], reaction="😂")
    await bob.fields(type="chat_reactions_updated", chatId=ours[3], reactions={"😂": 1})
    await bob.send({"type": "chat_reaction", "chatId": ours[3], "reaction": "🎉", "adding": True})
    await later(far.until, lambda: [one for one in far.order("chats")["chats"] if one["reactions"].get("🎉") == 1
                                    and one["id"] == ids[3]], "reaction")
    for n in range(3):
        await bob.say(f"bob {n}")
        await bob.hears(f"bob {n}")
    there = [far.hears(f"bob: bob {n}")["id"] for n in range(3)]
    mine = [id_of(frame_with(bob, f"bob {n}")) for n in range(3)]
    check(ask(server, "DELETE", f"/api/chats/{mine[1]}", "bob") == 200, "the request to delete")
    await later(far.until, lambda: far.count("deleted") == 2, "deletion")
    check([one["id"] for one in far.events("deleted")] == [ids[1], there[1]], f"{far.events('deleted')}, {there}")
    check(ask(server, "PATCH", f"/api/chats/{mine[2]}", "bob", {"content": "bob two"}) == 200, "the request to edit")
    await later(far.until, lambda: [one for one in far.order("chats")["chats"] if one["content"] == "bob: bob two"
                                    and one["id"] == there[2] and one["edited"]], "edit")
    check(far.count("no such chat") == 0, f"{far.events('no such chat')}")
    await asyncio.sleep(0.3)
    for kind in ("chat_deleted", "chat_edited"):
        seen = [frame["chatId"] for frame in bob.frames if frame["type"] == kind]
        check(len(seen) == len(set(seen)) == 2, f"{kind} is seen twice: {seen}")


@only("concord")
async def deeds_that_wait(far, server, _, clients):
    """While the server there is away, a message is edited, another deleted, a third reacted to, before any of them is
    there: all of it is made good when it is back."""
    bob = clients["concord"]
    await bob.say("first")
    await later(far.hears, "bob: first")
    far.order("refuse", how=503)
    far.order("drop")
    await later(server.logged, "upstream concord: ")
    for word in ("edited", "deleted", "liked"):
        await bob.say(f"to be {word}")
        await bob.hears(f"to be {word}")
    ours = {word: id_of(frame_with(bob, f"to be {word}")) for word in ("edited", "deleted", "liked")}
    check(ask(server, "PATCH", f"/api/chats/{ours['edited']}", "bob", {"content": "was edited"}) == 200, "the edit")
    check(ask(server, "DELETE", f"/api/chats/{ours['deleted']}", "bob") == 200, "the deletion")
    await bob.send({"type": "chat_reaction", "chatId": ours["liked"], "reaction": "👍", "adding": True})
    await bob.fields(type="chat_reactions_updated", chatId=ours["liked"])
    far.order("refuse")

    def there():
        return [(one["content"], one["edited"], one["reactions"]) for one in far.order("chats")["chats"]]
    wanted = [("bob: first", False, {}), ("bob: was edited", True, {}), ("bob: to be liked", False, {"👍": 1})]
    await later(far.until, lambda: there() == wanted, "deeds", 6)
    check(not [text for text in bob.heard() if "did not reach" in text], f"{bob.heard()}")


@only("mixer")
async def mixer_ids(far, _, __, clients):
    """A message is deleted from each side; of a long one all its parts are."""
    ann = clients["mixer"]
    far.order("roles", name="relay", roles=["Mod", "User"])
    first = far.order("say", name="zoe", text="zoe 1 :)")["id"]
    far.order("say", name="zoe", text="zoe 2")
    await ann.hears("zoe 1 :)")
    number = id_of(frame_with(ann, "zoe 1 :)"))
    await ann.hears("zoe 2")
    far.order("delete", id=first)
    check((await ann.event("DeleteMessage"))["id"] == number, "another one is deleted")
    await clients["simple"].say("long " * 150)
    await ann.hears("long " * 150, 3 * SLOW)
    await later(far.until, lambda: far.count("chat", name="relay") >= 3, "three parts")
    parts = [one["id"] for one in far.events("chat", name="relay")]
    check(all(len(text.encode("utf-16-le")) <= 720 for text in far.said()), "a part is too long")
    reply = await ann.call("msg", "mine, and gone")
    await later(far.hears, "ann: mine, and gone", 4)
    check((await ann.call("deleteMessage", reply["data"]["id"]))["error"] is None, "deleting one's own")
    await later(far.until, lambda: far.count("deleted") == 2, "deletion")
    check(far.events("deleted")[1]["id"] == far.hears("ann: mine, and gone")["id"], "another one is deleted there")
    check(len(parts) == 3 and not far.count("bad"), f"{parts}")


# ---- habits of the mixer server ----

@only("mixer")
async def mixer_habits(far, server, _, clients):
    """The event before the reply; the reply late; none at all; too fast, it says: nothing is lost or shown twice.
    Events that are not known, and members that are not, go to its clients as they are."""
    dan, ann = clients["simple"], clients["mixer"]
    await ann.say("first")
    await later(far.hears, "ann: first")
    far.order("event_first")
    await dan.say("event first")
    await later(far.hears, "dan: event first")
    far.order("reply_delay", seconds=0.4)
    await dan.say("late reply")
    await later(far.hears, "dan: late reply")
    far.order("event_first", on=False)
    far.order("reply_delay", seconds=0)
    far.order("error", error={"code": 4005, "message": "Too fast.", "stacktrace": []})
    await dan.say("too fast")
    await later(far.hears, "dan: too fast", 5)
    far.order("error", error="UACCESS")
    await dan.say("not you")
    await dan.expect(lambda frame: "did not reach" in (text_of(frame) or ""), "word of the refusal", 3 * SLOW)
    far.order("skill", name="zoe")
    skill = await ann.event("SkillAttribution")
    check(skill["skill"]["cost"] == 250 and skill["user_level"] == 12, f"{skill}")
    far.order("say", name="zoe", text="with more")
    await hear_once(clients, "with more")
    data = frame_with(ann, "with more")["data"]
    check(data["user_level"] == 28 and data["user_ascension_level"] == 3 and data["user_avatar"].endswith("zoe.jpg"),
          f"{data}")
    for text in ("event first", "late reply", "too fast"):
        check(far.count("chat", content=f"dan: {text}") == 1, f"{text!r} twice there")
        check([one.heard().count(text) for one in clients.values()] == [1] * 4, f"{text!r} twice here")
    check(server.log_text().count("upstream mixer is up") == 1, "the link broke")


@only("mixer")
async def mixer_moderation(far, _, __, clients):
    """A purge, and that all is cleared there, goes here; who comes and goes there is seen here; answers that are
    lost are made good by what is heard; where a server keeps no history, what it may have taken is not said again."""
    ann, dan = clients["mixer"], clients["simple"]
    far.order("enter", name="zoe")
    await dan.fields(type="user_connected", username="zoe")
    far.order("say", name="zoe", text="one of zoe's")
    await hear_once(clients, "one of zoe's")
    far.order("purge", name="zoe")
    await ann.event("PurgeMessage")
    far.order("clear")
    await ann.event("ClearMessages")
    far.order("exit", name="zoe")
    await dan.fields(type="user_disconnected", username="zoe")
    far.order("lose_replies", count=2)
    for n in range(3):
        await dan.say("the same")
    await later(far.until, lambda: far.count("chat", content="dan: the same") == 3, "the same three times", 5)
    far.order("history", most=0)
    far.order("lose_replies", count=1)
    await dan.say("before the break")
    await later(far.hears, "dan: before the break")
    far.order("drop")
    await dan.say("after the break")
    await later(far.hears, "dan: after the break", 5)
    await asyncio.sleep(0.5)
    check(far.said("dan: ") == ["dan: the same"] * 3 + ["dan: before the break", "dan: after the break"],
          f"{far.said('dan: ')}")
    check(not [text for text in dan.heard() if text.startswith("dan: ") or "did not reach" in text], f"{dan.heard()}")
    far.order("cut", count=1)
    await dan.say("in doubt")
    await dan.expect(lambda frame: UNKNOWN in (text_of(frame) or ""), "word that nobody knows", 3 * SLOW)
    await dan.say("behind it")
    await later(far.hears, "dan: behind it", 5)
    check(far.count("chat", content="dan: in doubt") == 1, "said again, though a history that is empty tells nothing")


@only("simple")
async def simple_habits(far, _, __, clients):
    """Its own notices; somebody there of the same name as one here; equal texts from both sides; an action and a
    deed that it has no word for; a refusal; and never a JSON null."""
    dan, ann = clients["simple"], clients["mixer"]
    far.order("notice", text="this server says")
    await hear_once(clients, "this server says")
    far.order("say", name="dan", text="I am another dan")
    await hear_once(clients, "I am another dan")
    check(frame_with(dan, "I am another dan")["username"] == "dan@simple", f"{frame_with(dan, 'I am another dan')}")
    for _ in range(3):
        await dan.say("equal")
        far.order("say", name="zoe", text="equal")
    await later(far.until, lambda: far.count("chat", content="dan: equal") == 3, "three equal texts")
    await asyncio.sleep(0.3)
    for client in clients.values():
        check(client.heard().count("equal") == 6, f"{client.name}: {client.heard()}")
    await ann.call("msg", "/me waves")
    await later(far.hears, "* ann waves")
    mine = (await ann.call("msg", "to be gone"))["data"]["id"]
    await later(far.hears, "ann: to be gone")
    await ann.call("deleteMessage", mine)
    found = await later(far.until, lambda: [one for one in far.said("deleted")], "words of the deletion")
    print(found[0])
    far.order("errors", count=1)
    await dan.say("no")
    await dan.expect(lambda frame: "did not reach" in (text_of(frame) or ""), "word of the refusal", 3 * SLOW)
    for text in ("null", "", " ", "\u2028", "x" * 5000):
        await dan.say(text)
    await later(far.hears, "dan: " + "x" * 5000)
    check(not [one for one in far.events("frame") if one["text"].strip() == "null"], "a JSON null")


@only("concord")
async def concord_habits(far, server, _, clients):
    """What is said in other channels is not said here; a history that fails leaves nothing waiting; who may not edit
    is told; typing goes both ways."""
    dan, bob = clients["simple"], clients["concord"]
    for channel in (235009133105700002, 235009133105700003):
        far.order("say", name="zoe", text=f"elsewhere {channel}", channel=channel)
    far.order("say", name="zoe", text="here")
    await hear_once(clients, "here")
    check(not dan.heard("elsewhere"), f"{dan.heard('elsewhere')}")
    far.order("type", name="zoe")
    await bob.fields(type="chat_typing")
    far.order("fail", status=500, method="GET", path="/latest", times=2)
    far.order("drop")
    await dan.say("after a history that failed")
    await later(far.hears, "dan: after a history that failed", 5)
    await bob.say("to be edited")
    await bob.hears("to be edited")
    await later(far.hears, "bob: to be edited")
    far.order("fail", status=403, method="PATCH", path="/api/chats")
    check(ask(server, "PATCH", f"/api/chats/{id_of(frame_with(bob, 'to be edited'))}", "bob", {"content": "no"}) == 200,
          "the request to edit")
    await bob.expect(lambda frame: "did not reach" in (text_of(frame) or ""), "word of the refusal", 3 * SLOW)
    check(server.log_text().count("upstream concord: ") == 1, "the link broke for a 403")


# ---- logins ----

def refused_relays():
    """A wrong secret: the reason is in the log, at once; nothing is tried again soon."""
    with Far("mixer") as mixer, Far("concord") as concord, Far("simple") as simple:
        fars = (mixer, concord, simple)
        simple.order("refuse", how=401)
        groups = [upstream(far) for far in fars]
        rooms = ", ".join(f'{{ name = "{far.dialect}"; }}' for far in fars)
        files = {f"{far.dialect}.secret": "something else\n" for far in fars}
        config = bridge(groups, f"( {rooms} )", f"( {', '.join(m for f in fars for m in mounts_of(f.dialect))} )")
        with Server(config, files=files) as server:
            for far in fars:
                server.logged(f"upstream {far.dialect}: ")
                print(server.log_lines(f"upstream {far.dialect}: "))
            asyncio.run(asyncio.sleep(1.5))
            # mixer: with the name, and without it.
            check(mixer.count("request") == 2 and concord.count("request") == 1 and simple.count("upgrade") == 1,
                  f"tried again: {[far.count('request') + far.count('upgrade') for far in fars]}")


class Front:
    """Clients of ours whose server is a far one."""

    def __init__(self, far, **more):
        self.far = far
        self.name = far.dialect
        mounts = ", ".join(mounts_of(self.name, self.name))
        self.config = bridge([upstream(far, "session", **more)],
                             f'( {{ name = "{self.name}"; mixer = 10; concord = 10; history = 100; }} )',
                             f"( {mounts} )")

    def secret(self, name):
        return self.far.secret_of(self.name, name) or "x"

    def play(self, scenario):
        async def go(server):
            await scenario(self, server, Room(server, self.name))

        with Server(self.config) as server:
            asyncio.run(go(server))
        check(self.far.process.poll() is None, "the server there is dead")


def session_there(dialect):
    """Each client is there under its own name; the server is killed, and their connections survive."""
    async def scenario(front, server, room):
        far = front.far
        clients = await everybody(room, front.secret)
        await out_and_in(far, clients, "")
        for client in clients.values():
            check(far.events("chat", name=client.name), f"{client.name} is not there under its name")
        await later(far.restart, 0.3)
        for name, client in clients.items():
            await client.say(f"back {name}")
            await client.hears(f"back {name}", 6 * SLOW)
            await later(far.hears, f"back {name}", 6)
        for name, client in clients.items():
            check(far.count("chat", content=f"back {name}") == 1, f"{name} twice there")
            check(client.heard().count(f"back {name}") == 1, f"{name} twice here")
            check(not client.reader.done(), f"{client.name} lost its connection")
        await close_all(clients)

    def whole():
        with Far(dialect) as far:
            Front(far).play(scenario)
    whole.__name__ = f"session_{dialect}"
    whole.__doc__ = session_there.__doc__
    return whole


async def login_status(room, dialect, name, secret):
    """With what the upgrade is answered; for mixer the error of auth."""
    try:
        socket = await open_socket(room, dialect, name, path=f"/{room.name}/{dialect}", secret=secret)
    except websockets.InvalidHandshake as refused:
        return getattr(refused, "status_code", None) or refused.response.status_code
    try:
        if dialect != "mixer":
            return 101
        await socket.recv()
        await socket.send(json.dumps({"type": "method", "method": "auth", "id": 1,
                                      "arguments": [room.room["mixer"], 4711, secret]}))
        while "error" not in (reply := json.loads(await asyncio.wait_for(socket.recv(), 10 * SLOW))):
            pass
        return reply["error"]
    finally:
        await socket.close()


def refused_sessions():
    """A login that is refused there is refused here, in the client's own dialect."""
    wanted = {"mixer": "UNOTFOUND", "concord": 401, "rooms": 401, "simple": 401}

    async def scenario(front, _, room):
        if front.name == "simple":
            front.far.order("refuse", how=403)
        for dialect, name in PEOPLE.items():
            found = await login_status(room, dialect, name, "wrong")
            print(f"{front.name}: a {dialect} client gets {found}")
            check(found == wanted[dialect] or (dialect == "simple" and found == 403), f"{dialect}: {found}")

    for dialect in NAMES:
        with Far(dialect) as far:
            Front(far).play(scenario)


@only("concord")
async def short_tokens(far, server, _, clients):
    """A token that is not good any more: a new one is asked for, and nothing is lost or refused."""
    dan = clients["simple"]
    await dan.say("before")
    await later(far.hears, "dan: before")
    far.order("expire")
    await dan.say("by an old token")
    await later(far.hears, "dan: by an old token", 6)
    far.order("token_seconds", seconds=1)
    far.order("drop")
    await later(server.logged, "upstream concord is up", 2)
    await asyncio.sleep(1.2)
    await dan.say("by a short one")
    await later(far.hears, "dan: by a short one", 6)
    check([far.count("chat", content=f"dan: {text}") for text in ("by an old token", "by a short one")] == [1, 1],
          "twice there")


@only("concord")
async def late_words(far, server, _, clients):
    """What was said there while the link was down comes later, once and in order; an answer that is lost, and a
    500, are told apart."""
    dan = clients["simple"]
    far.order("say", name="zoe", text="before")
    await dan.hears("before")
    far.order("refuse", how=503)
    far.order("drop")
    await later(server.logged, "upstream concord: ")
    for n in range(3):
        far.order("say", name="zoe", text=f"meanwhile {n}")
    far.order("refuse")
    await dan.hears("meanwhile 2", 6 * SLOW)
    far.order("fail", status=0, after=True, method="POST", path="/chats")
    await dan.say("the answer is lost")
    await later(far.hears, "dan: the answer is lost")
    far.order("fail", status=500, method="POST", path="/chats")
    await dan.say("an error")
    await dan.expect(lambda frame: "did not reach" in (text_of(frame) or ""), "word of the error", 3 * SLOW)
    await dan.say("at last")
    await later(far.hears, "dan: at last")
    await asyncio.sleep(0.3)
    for client in clients.values():
        for text in ("meanwhile 0", "meanwhile 1", "meanwhile 2", "the answer is lost", "an error", "at last"):
            check(client.heard().count(text) == 1, f"{client.name}: {text!r}: {client.heard()}")
        check(client.heard("meanwhile") == [f"meanwhile {n}" for n in range(3)], f"{client.heard('meanwhile')}")
    check(far.said("dan: ") == ["dan: the answer is lost", "dan: at last"], f"{far.said('dan: ')}")


# ---- certificates and names ----

REASONS = {"unknown": ("self-signed", "self signed", "issuer"), "name": ("does not match", "mismatch", "no alternative"),
           "nowhere": ("not resolve", "not found")}


def wrong_certificates():
    """A certificate of nobody we know, of another name, and a name that is not found: the log says why, of requests
    and of sockets. The right one is taken."""
    pair, other = make_pair(), make_pair(names="DNS:elsewhere.example")
    with Far("concord", pair) as concord, Far("simple", pair) as simple, Far("concord", other) as concord_else, \
            Far("simple", other) as simple_else:
        cases = {"right": (concord, "localhost", pair), "right-2": (simple, "127.0.0.1", pair),
                 "unknown": (concord, "127.0.0.1", other), "unknown-2": (simple, "127.0.0.1", other),
                 "name": (concord_else, "127.0.0.1", other), "name-2": (simple_else, "127.0.0.1", other),
                 "nowhere": (concord, "nowhere.invalid", pair), "nowhere-2": (simple, "nowhere.invalid", pair)}
        groups = [upstream(far, name=name, url=f'"{far.url(host)}"', ca_file=f'"{name}.pem"')
                  for name, (far, host, _) in cases.items()]
        files = {f"{name}.pem": pem[0] for name, (_, _, pem) in cases.items()}
        files.update({f"{name}.secret": "secret of relay\n" for name in cases})
        rooms = ", ".join(f'{{ name = "{name}"; }}' for name in cases)
        with Server(bridge(groups, f"( {rooms} )", f"( {', '.join(mounts_of('right'))} )"), files=files) as server:
            for name in cases:
                kind = name.partition("-")[0]
                if kind == "right":
                    server.logged(f"upstream {name} is up", within=10)
                    continue
                server.logged(f"upstream {name}: ", within=10)
                line = server.log_lines(f"upstream {name}: ")[0].partition(": ")[2]
                print(f"{name}: {line}")
                check(any(words in line for words in REASONS[kind]), f"{name}: {line}")


# ---- a foreign bridge ----

def foreign_bridge():
    """A ring through somebody else's bridge is held by `ignore`: each message is once here, and at each server
    once from us and once from that bridge."""
    async def scenario(server, left, right):
        room = Room(server, "joined")
        clients = await everybody(room)
        for name, client in clients.items():
            await client.say(f"ring {name}")
            await hear_once(clients, f"ring {name}")
        left.order("say", name="zoe", text="ring zoe")
        await clients["simple"].hears("ring zoe")
        await asyncio.sleep(1.0)
        for far in (left, right):
            print(f"{len(far.said('ring '))} at a server there")
            check(len(far.said("ring ")) <= 2 * 5, f"it goes round: {far.said('ring ')[-5:]}")
        for client in clients.values():
            check(len([text for text in client.heard() if "ring " in text]) == 5, f"{client.heard()}")
        await close_all(clients)

    with Far("simple") as left, Far("simple") as right:
        groups = [upstream(far, name=name, room='"joined"', ignore='[ "copier" ]', presence="false")
                  for name, far in (("left", left), ("right", right))]
        config = bridge(groups, '( { name = "joined"; } )', f"( {', '.join(mounts_of('joined'))} )")
        with Server(config) as server, ForeignBridge(f"ws://127.0.0.1:{left.port}", "copier",
                                                     f"ws://127.0.0.1:{right.port}", "copier"):
            for name in ("left", "right"):
                server.logged(f"upstream {name} is up")
            asyncio.run(scenario(server, left, right))


def out_only():
    """What goes out only brings nobody in."""
    async def scenario(far, room):
        client = await room.join("simple", "dan")
        await client.say("one")
        await later(far.hears, "dan: one")
        far.order("enter", name="zoe")
        far.order("say", name="zoe", text="nobody hears this")
        await client.say("two")
        await later(far.hears, "dan: two")
        await asyncio.sleep(0.5)
        strange = [frame for frame in client.frames if "zoe" in str(frame)]
        check(not strange, f"{strange}")
        await client.close()

    with stage("mixer", direction='"out"') as (fars, server):
        asyncio.run(scenario(fars["mixer"], Room(server, "mixer")))


SCENARIOS = [out_only, *(relay_there(dialect) for dialect in NAMES), *(session_there(dialect) for dialect in NAMES), concord_ids, deeds_that_wait,
             concord_habits, mixer_ids, mixer_habits, mixer_moderation, simple_habits, refused_relays, refused_sessions, short_tokens, late_words, wrong_certificates,
             foreign_bridge]
