"""Ladders: what a room's own say about how events are shown (shows), before and after a reload."""

import asyncio
import json
import urllib.request

from chat import close_all, id_of, join, join_all, quiet, text_of
from reloads import Reloader
from server import LOBBY, MOUNTS, Server, check, configuration, run
from upstream_commands import far_server, is_up, near_server, upstream

THUMB = "\U0001F44D"
ACCOUNTS = '( { name = "deb"; number = 7; secret_file = "deb.secret"; } )'
HIDDEN = '{ dialect = [ "simple", "mixer" ]; kind = "reaction"; as = "nothing"; }'
SAID = '{ dialect = "simple"; kind = "reaction"; as = "action"; }, ' \
       '{ dialect = "mixer"; kind = "delete"; as = "notice"; }'
WRONG = '{ dialect = "concord"; kind = "enter"; as = "nothing"; }'


def config(shows="", more=""):
    return configuration(rooms=f'( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; '
                               f'shows = ( {shows} ); {more} }} )')


def reactions_told(clients):
    """Who was told of a reaction, in words or in the dialect's own; what they have not looked at yet."""
    told = {dialect: [frame for frame in client.frames[client.at:] if THUMB in str(frame)]
            for dialect, client in clients.items()}
    return {dialect for dialect, frames in told.items() if frames}


def a_room_shows_events_as_it_is_told():
    """Hidden events are hidden from clients of that dialect alone, and counted; a reload changes it, and
    what cannot be is refused."""
    async def react(clients, text):
        await clients["concord"].say(text)
        number = id_of(await clients["concord"].hears(text))
        await quiet(clients.values())
        await clients["concord"].send({"type": "chat_reaction", "chatId": number, "reaction": THUMB, "adding": True})
        await clients["concord"].fields(type="chat_reactions_updated")
        at = {dialect: client.at for dialect, client in clients.items()}
        at["concord"] -= 1
        await clients["concord"].say(f"behind {text}")
        for client in clients.values():
            await client.hears(f"behind {text}")
        for dialect, client in clients.items():
            client.at = at[dialect]
        return number, reactions_told(clients)

    async def scenario(server):
        clients = await join_all(server)
        _, told = await react(clients, "one")
        check(told == {"concord", "rooms"}, f"told of a reaction: {told}")
        counted = server.settled()["deliveries"]["dropped"]
        check(counted["hidden"] == 2 and counted["no_word"] == 0, f"hidden from two: {counted}")
        reloader = Reloader(server)
        taken, log = await reloader.reload(config(SAID))
        check(taken, f"{log}")
        number, told = await react(clients, "two")
        check(told == {"concord", "rooms", "simple", "mixer"}, f"told of a reaction: {told}")
        words = [frame for frame in clients["simple"].frames if THUMB in str(frame)]
        check(words[0]["username"] == "bob" and words[0]["message"].startswith("*bob reacted"), f"{words}")
        await quiet(clients.values())
        taken, log = await reloader.reload(config(WRONG))
        check(not taken and b"enter of concord cannot be shown as nothing: its clients know by it who is there"
              in log, f"{log}")
        _, told = await react(clients, "three")
        check(told == {"concord", "rooms", "simple", "mixer"}, f"told of a reaction: {told}")
        await close_all(clients)

    with Server(config(HIDDEN)) as server:
        asyncio.run(scenario(server))
        path = server.write("other.cfg", config(HIDDEN))
        status, out, _ = run("matrix", "-c", path, "--room", "lobby", "--pair", "concord,simple")
        check(status == 0 and "reaction: the room has it not shown" in out, f"{status}: {out}")
        status, _, errors = run("check", "-c", server.write("wrong.cfg", config(WRONG)))
        check(status == 78 and "cannot be shown as nothing" in errors, f"{status}: {errors}")


def who_calls_everybody_alerts_their_own_dialect_only():
    """Broken for others, until the room allows it; in every pair."""
    async def call(clients, text, broken):
        for speaker in clients.values():
            await quiet(clients.values())
            await speaker.say(f"{text} {speaker.name}")
            for client in clients.values():
                own = client.dialect == speaker.dialect
                await client.hears(f"{text if own else broken} {speaker.name}")

    async def scenario(server):
        clients = await join_all(server)
        await call(clients, "@everyone and <!here>", "@\u200beveryone and <!\u200bhere>")
        await call(clients, "@allan, not @ann", "@allan, not @ann")
        taken, log = await Reloader(server).reload(config(more="mass_mentions = true;"))
        check(taken, f"{log}")
        await call(clients, "@everyone again", "@everyone again")
        await close_all(clients)

    with Server(config()) as server:
        asyncio.run(scenario(server))


def parts_of(frame):
    return [(part["type"], part["text"]) for part in frame["data"]["message"]["message"] if part["text"]]


def latest(server, size=50):
    """What a concord program is told by HTTP, oldest first."""
    body = json.dumps({"username": "deb", "password": "word"}).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/tokens", body,
                                   {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        token = json.load(answer)["token"]
    asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/channels/1/chats/latest?size={size}",
                                   headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return [chat["content"] for chat in json.load(answer)][::-1]


def emoticons_are_emoji_elsewhere_and_back():
    """Live, in edits, and in histories."""
    async def scenario(server):
        await (await join(server, "simple", "deb", secret="word")).close()
        clients = await join_all(server)
        mixer, concord = clients["mixer"], clients["concord"]
        await mixer.say("well :) and :-) </3")
        for dialect, client in clients.items():
            await client.hears("well :) and :-) </3" if dialect == "mixer" else "well \U0001F642 and :-) \U0001F494")
        await concord.say("so\U0001F603 \U0001F9A5 :)")
        for dialect, client in clients.items():
            heard = await client.hears("so:D \U0001F9A5 :)" if dialect == "mixer" else "so\U0001F603 \U0001F9A5 :)")
            if dialect == "mixer":
                check(parts_of(heard) == [("text", "so"), ("emoticon", ":D"), ("text", " \U0001F9A5 "),
                                          ("emoticon", ":)")], f"{heard}")
        await clients["simple"].say("@everyone: \U0001F609")
        for dialect, client in clients.items():
            call = "@everyone" if dialect == "simple" else "@\u200beveryone"
            await client.hears(f"{call}: {';)' if dialect == 'mixer' else chr(0x1f609)}")
        told = [text_of({"event": "ChatMessage", "data": message})
                for message in (await mixer.call("history", 10))["data"]]
        check(told == ["well :) and :-) </3", "so:D \U0001F9A5 :)", "@\u200beveryone: ;)"], f"{told}")
        told = await asyncio.to_thread(latest, server)
        check(told == ["well \U0001F642 and :-) \U0001F494", "so\U0001F603 \U0001F9A5 :)",
                       "@\u200beveryone: \U0001F609"], f"{told}")
        late = await join(server, "simple", "deb", secret="word")
        await late.hears("well \U0001F642 and :-) \U0001F494")
        await late.hears("@everyone: \U0001F609")
        await late.close()
        await close_all(clients)

    mounts = MOUNTS.replace('dialect = "simple";', 'dialect = "simple"; replay = 10;')
    with Server(configuration(mounts=mounts, accounts=ACCOUNTS), files={"deb.secret": "word\n"}) as server:
        asyncio.run(scenario(server))


def emoticons_are_emoji_at_a_server_and_back():
    """By a relay to a server of either kind, and from it: what comes back there is what was typed here."""
    async def scenario(near, far, dialect):
        ours, theirs = await join_all(near), await join_all(far)
        await ours["concord"].say("\U0001F642 hi\U0001F603 \U0001F494")
        at_mixer = ":) hi\U0001F603 </3" if dialect == "mixer" else ":) hi:D </3"
        for name, client in theirs.items():
            heard = await client.hears(f"bob: {at_mixer}" if name == "mixer" else "bob: \U0001F642 hi\U0001F603 \U0001F494")
            if name == "mixer":
                check(("emoticon", ":)") in parts_of(heard) and ("emoticon", "</3") in parts_of(heard), f"{heard}")
        await ours["mixer"].say("see :D :-)")
        for name, client in theirs.items():
            await client.hears("ann: see :D :-)" if name == "mixer" else "ann: see \U0001F603 :-)")
        await theirs["mixer"].say("and <3 back")
        for name, client in ours.items():
            await client.hears("and <3 back" if name == "mixer" else "and \u2764\uFE0F back")
        await close_all(ours)
        await close_all(theirs)

    for dialect in ("mixer", "simple"):
        with far_server() as far, near_server(upstream("far", dialect, far.port)) as near:
            is_up(near)
            asyncio.run(scenario(near, far, dialect))


ROUTES = """routes = (
    { name = "dan"; author = "dan"; mass_mentions = true; then = ( { room = "{room}"; } ); },
    { name = "thumbs"; text = "\U0001F44D"; kind = "reaction"; then = ( { room = "{room}"; } );
      shows = ( { dialect = "rooms"; kind = "reaction"; as = "nothing"; },
                { dialect = "simple"; kind = "reaction"; as = "notice"; } ); } );"""


def a_route_shows_what_it_decides_about_otherwise():
    """Over what the room has, for those events alone, until a reload; in histories, too."""
    async def react(clients, number, emoji):
        await quiet(clients.values())
        await clients["concord"].send({"type": "chat_reaction", "chatId": number, "reaction": emoji, "adding": True})
        await clients["concord"].fields(type="chat_reactions_updated")
        await clients["concord"].say(f"behind {emoji}")
        told = set()
        for dialect, client in clients.items():
            start = client.at if dialect != "concord" else client.at - 1
            await client.hears(f"behind {emoji}")
            if any(emoji in str(frame) for frame in client.frames[start:client.at - 1]):
                told.add(dialect)
        return told

    async def scenario(server):
        clients = await join_all(server)
        await clients["concord"].say("look")
        number = id_of(await clients["concord"].hears("look"))
        told = await react(clients, number, THUMB)
        check(told == {"concord", "simple"}, f"told by the route: {told}")
        told = await react(clients, number, "\U0001F600")
        check(told == {"concord", "rooms"}, f"told by the room: {told}")
        for name, call in (("dan", "@here"), ("bob", "@\u200bhere")):
            await clients["simple" if name == "dan" else "concord"].say(f"@here {name}")
            await clients["mixer"].hears(f"{call} {name}")
        told = [text_of({"event": "ChatMessage", "data": message})
                for message in (await clients["mixer"].call("history", 2))["data"]]
        check(told == ["@here dan", "@\u200bhere bob"], f"{told}")
        taken, log = await Reloader(server).reload(config(HIDDEN, "history = 10;"))
        check(taken, f"{log}")
        told = await react(clients, number, "\U0001F44D\U0001F3FD")
        check(told == {"concord", "rooms"}, f"told after the reload: {told}")
        await close_all(clients)

    with Server(config(HIDDEN, "history = 10;") + ROUTES) as server:
        asyncio.run(scenario(server))
        path = server.write("routes.cfg", config(HIDDEN) + ROUTES)
        for route, words in (("thumbs", "reaction: as a sentence of the server"), ("dan", "reaction: the room has it not")):
            status, out, _ = run("matrix", "-c", path, "--room", "lobby", "--route", route, "--pair", "concord,simple")
            check(status == 0 and words in out, f"{status}: {out}")
        status, out, _ = run("matrix", "-c", path, "--room", "lobby", "--route", "1")
        check(status == 0 and "(@everyone) goes to clients of other dialects as typed" in out, f"{status}: {out}")
        for wrong in (("--room", "lobby", "--route", "3"), ("--route", "dan")):
            status, _, errors = run("matrix", "-c", path, *wrong)
            check(status == 2 and errors.startswith("dragoman: "), f"{status}: {errors}")


SCENARIOS = (a_room_shows_events_as_it_is_told, who_calls_everybody_alerts_their_own_dialect_only,
             emoticons_are_emoji_elsewhere_and_back, emoticons_are_emoji_at_a_server_and_back,
             a_route_shows_what_it_decides_about_otherwise)
