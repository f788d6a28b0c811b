"""Who comes in to a room behind which there is another server, when this one judges logins: those whom a row, or the
configuration, has an account there for, and nobody else."""

import asyncio
import http.client
import signal

import websockets

from chat import Client, close_all, join, open_socket
from server import LOBBY, SLOW, Failure, Server, check, configuration, until
from upstream_pairs import NO_LIMITS, author_of, people_of, soon

WORD = "a word of the near server"
THERE = "a word of the far server"
FAR_ACCOUNTS = """( { name = "ann.far"; number = 11; secret_file = "far.secret"; },
	{ name = "ben"; number = 12; secret_file = "far.secret"; },
	{ name = "crowd"; number = 13; secret_file = "far.secret"; } )"""
NEAR_ACCOUNTS = """( { name = "ann"; number = 21; secret_file = "near.secret"; },
	{ name = "ben"; number = 22; secret_file = "near.secret"; },
	{ name = "cat"; number = 23; secret_file = "near.secret"; } )"""
NEAR_FILES = {"near.secret": WORD, "far.secret": THERE}
ROWS = """credentials = "table"; logins = ( { name = "ann"; user = "ann.far"; secret_file = "far.secret"; },
	{ name = "ben"; user = ""; secret_file = "far.secret"; },
	{ name = "dan"; user = "ben"; secret_file = "far.secret"; } );"""
ONE = 'credentials = "fixed"; user = "crowd"; secret_file = "far.secret";'
ROOMS = (f'( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; history = 100; }}, '
         '{ name = "aside"; mixer = 2; concord = 2; history = 100; } )')
MOUNTS = """( { path = "/simple"; dialect = "simple"; room = "lobby"; upstream = "far"; },
	{ path = "/concord"; dialect = "concord"; room = "lobby"; upstream = "far"; },
	{ path = "/aside"; dialect = "concord"; room = "aside"; } )"""
WITHIN = 5 * SLOW


def near_config(port, how, limits=""):
    upstream = (f'upstreams = ( {{ name = "far"; dialect = "concord"; mode = "session"; room = "lobby"; '
                f'url = "http://127.0.0.1:{port}"; remote_room = "1"; {how} }} );')
    return configuration(NO_LIMITS + limits, rooms=ROOMS, accounts=NEAR_ACCOUNTS, mounts=MOUNTS, more=upstream)


def play(how, scenario, limits=""):
    with Server(configuration(NO_LIMITS, accounts=FAR_ACCOUNTS), files={"far.secret": THERE}) as far:
        with Server(near_config(far.port, how, limits), files=NEAR_FILES) as near:
            asyncio.run(scenario(near, far))


async def come_again(server, dialect, name, eve):
    """A second connection of somebody who is in, whose entry is no news: it is in when it hears what is said."""
    client = Client(await open_socket(server, dialect, name, secret=WORD), dialect, name, server.room, f"{name}:{WORD}")
    for attempt in range(50):
        await eve.say(f"is it in, {attempt}?")
        if await soon(lambda: client.heard("is it in"), 0.2):
            return client
    raise Failure(f"the second {name} is not in")


async def stays_out(server, dialect, name, secret=None):
    """It is refused at the handshake, or closed before it is in."""
    try:
        socket = await open_socket(server, dialect, name, secret=secret)
    except websockets.InvalidHandshake:
        return
    try:
        while True:
            said = await asyncio.wait_for(socket.recv(), WITHIN)
            check("user_connected" not in said and "ONLINE" not in said, f"{name} is in: {said}")
    except websockets.ConnectionClosed:
        pass
    except asyncio.TimeoutError:
        check(False, f"{name} ({secret}) is neither in nor out")


async def speaks(pair, speaker, text, author):
    """It is heard there as that one's; here by all, once."""
    eve, people, far = pair
    await speaker.say(text)
    frame = await soon(lambda: next((f for f in eve.frames if f.get("type") == "chat_sent" and
                                     f["chat"]["content"] == text), None), WITHIN)
    check(frame, f"{speaker.name} is not heard there: {eve.texts[-3:]}, {speaker.texts[-3:]}")
    check(author_of(frame, people_of(far)) == author, f"{speaker.name} is not {author} there: {frame}")
    for client in people:
        check(await soon(lambda client=client: text in client.heard(), WITHIN), f"{client.name} does not hear {text!r}")
    await asyncio.sleep(0.2)
    for client in people:
        check(client.heard(text) == [text], f"{client.name} heard {client.heard(text)}")
        shown = [f for f in client.frames if f.get("type") == "message_sent" and f["message"] == text]
        check(all(f["username"] == speaker.name for f in shown), f"{client.name}: of {shown}")


def credentials_by_rows():
    """Each comes there by its row; a wrong secret, an account without a row, a guest with the name of a row and a
    guest without do not come in."""
    async def scenario(near, far):
        eve = await join(far, "concord", "eve", path="/client")
        ann = await join(near, "simple", "ann", secret=WORD)
        also = await come_again(near, "concord", "ann", eve)
        ben = await join(near, "simple", "ben", secret=WORD)
        everybody = (eve, [ann, also, ben], far)
        await speaks(everybody, ann, "ann's", "ann.far")
        await speaks(everybody, also, "ann's other", "ann.far")
        await speaks(everybody, ben, "ben's", "ben")
        await also.close()
        everybody = (eve, [ann, ben], far)
        await speaks(everybody, ann, "ann's third", "ann.far")
        await eve.say("eve's")
        await ann.hears("eve's", WITHIN)
        await asyncio.gather(stays_out(near, "simple", "ann", "wrong"), stays_out(near, "simple", "ann", THERE),
                             stays_out(near, "simple", "ann"), stays_out(near, "simple", "cat", WORD),
                             stays_out(near, "simple", "dan", "anything"), stays_out(near, "simple", "eric"))
        await close_all([eve, ann, ben])

    play(ROWS, scenario)


def credentials_of_one():
    """All are one there, and themselves here; accounts are judged."""
    async def scenario(near, far):
        eve = await join(far, "concord", "eve", path="/client")
        ann = await join(near, "simple", "ann", secret=WORD)
        gus = await join(near, "simple", "gus")
        everybody = (eve, [ann, gus], far)
        await speaks(everybody, ann, "ann's", "crowd")
        await speaks(everybody, gus, "gus's", "crowd")
        await ann.close()
        await speaks((eve, [gus], far), gus, "gus's other", "crowd")
        await stays_out(near, "simple", "ann", "wrong")
        await close_all([eve, gus])

    play(ONE, scenario)


def others_stay_out():
    """A concord client of another mount, which hears all rooms that it may enter, hears nothing of a room behind which
    is a server that it has no login at."""
    async def scenario(near, far):
        for name, secret in (("gus", None), ("cat", WORD)):
            stranger = await join(near, "concord", name, path="/aside", secret=secret,
                                  room={"concord": 2, "rooms": None})
            ann = await join(near, "simple", "ann", secret=WORD)
            eve = await join(far, "concord", "eve", path="/client")
            await ann.say(f"not for {name}")
            await ann.hears(f"not for {name}", WITHIN)
            await eve.say(f"nor this for {name}")
            await ann.hears(f"nor this for {name}", WITHIN)
            await stranger.say("aside")
            await stranger.hears("aside", WITHIN)
            check(stranger.heard() == ["aside"], f"{name} hears {stranger.heard()}")
            await close_all([stranger, ann, eve])

    play(ROWS, scenario)


def links_open(server):
    return server.counters()["upstreams"]["far"]["links"]["open"]


def nobody_is_left_there():
    """A login that takes too long here, or that is not let in here, keeps no connection there."""
    async def scenario(near, far):
        far.process.send_signal(signal.SIGSTOP)
        try:
            slow = asyncio.create_task(stays_out(near, "concord", "crowd", THERE))
            await asyncio.to_thread(until, lambda: links_open(near) == 1, "a login under way", 5)
            await slow
            await asyncio.to_thread(until, lambda: links_open(near) == 0, "the end of a login that took too long", 5)
        finally:
            far.process.send_signal(signal.SIGCONT)
        one = await join(near, "simple", "crowd", secret=THERE)
        await stays_out(near, "simple", "crowd", THERE)
        await asyncio.to_thread(until, lambda: links_open(near) == 1, "the end of a login that is not let in", 5)
        await one.close()
        await asyncio.to_thread(until, lambda: links_open(near) == 0, "the end of the other's", 5)

    play("", scenario, "login_seconds = 1;")


LOOSE, CALLERS = 1000, 8


def calls_have_few_connections():
    """Whoever calls by HTTP, each time as somebody else, has not more connections there than are kept for such."""
    def call(port, mark, count):
        calls = http.client.HTTPConnection("127.0.0.1", port, timeout=20 * SLOW)
        for number in range(count):
            calls.request("GET", "/api/self", headers={"Authorization": f"Bearer guest{mark}x{number}"})
            answer = calls.getresponse()
            answer.read()
            check(answer.status == 200, f"guest {number} of {mark}: {answer.status}")
        calls.close()

    async def people(near):
        each = [asyncio.to_thread(call, near.port, mark, LOOSE // CALLERS + 5) for mark in range(CALLERS)]
        await asyncio.gather(*each)
        ann = await join(near, "simple", "ann")
        await ann.say("there is room")
        await ann.hears("there is room", WITHIN)
        await asyncio.to_thread(until, lambda: links_open(near) <= LOOSE + 1, "the end of those that are too many", 5)
        await ann.close()

    with Server(configuration(NO_LIMITS)) as far:
        upstream = (f'upstreams = ( {{ name = "far"; dialect = "simple"; mode = "session"; room = "lobby"; '
                    f'url = "ws://127.0.0.1:{far.port}/simple"; }} );')
        with Server(configuration(NO_LIMITS, rooms=ROOMS, mounts=MOUNTS, more=upstream)) as near:
            asyncio.run(people(near))


SCENARIOS = [credentials_by_rows, credentials_of_one, others_stay_out, nobody_is_left_there,
             calls_have_few_connections]
