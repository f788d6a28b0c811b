"""Every kind of event that people and backends can cause, asked about, tapped and delivered: all that
leaves is as the schemas say."""

import asyncio

from backends import Crew, until
from chat import close_all, join, join_all, quiet
from routing import routed
from server import SLOW, Server, check

SECRET = "the moderator's secret"
ACCOUNTS = '( { name = "mia"; number = 7; secret_file = "mia.secret"; roles = [ "owner" ]; } )'
ROUTES = """{ kind = "message"; text = "^only";
            then = ( { tap = "feed"; }, { tap = "log"; }, { ask = "judge"; }, { backend = "log"; } ); },
        { then = ( { tap = "feed"; }, { tap = "log"; }, { ask = "judge"; } ); }"""
BACKENDS = """{ name = "judge"; bind = "ipc://judge.sock"; },
        { name = "log"; bind = "ipc://log.sock"; },
        { name = "bot"; bind = "ipc://bot.sock"; speaks_as = [ "Bot", "Bote" ]; }"""


async def people_do_everything(clients, mia):
    ann, bob, cat = (clients[dialect] for dialect in ("mixer", "concord", "rooms"))
    await bob.say("a link http://example.org/ and @ann and \U0001F602")
    number = (await bob.hears("a link http://example.org/ and @ann and \U0001F602"))["chat"]["id"]
    for adding in (True, False):
        await bob.send({"type": "chat_reaction", "chatId": number, "reaction": "\U0001F44D",
                        "adding": adding})
        await bob.fields(type="chat_reactions_updated")
    await bob.send({"type": "chat_typing", "channelId": bob.room["concord"], "sentAt": 5})
    await cat.send({"type": "read", "message_id": str(number)})
    await cat.send({"type": "exit", "key": "cat", "room_id": cat.room["rooms"]})
    await cat.send({"type": "enter", "key": "cat", "room_id": cat.room["rooms"]})
    for method, *arguments in (("msg", "/me waves"), ("whisper", "mia", "psst"), ("msg", "only this")):
        reply = await ann.call(method, *arguments)
        check(reply["error"] is None, f"{method}: {reply}")
    uuid = (await mia.hears("psst"))["data"]["id"]
    check(uuid, "a whisper has an id")
    for method, *arguments in (("vote:start", "Tea?", ["yes", "no"], 10), ("vote:choose", 0),
                               ("timeout", "dan", "1s"), ("clearMessages",), ("purge", "bob")):
        reply = await mia.call(method, *arguments)
        check(reply["error"] is None, f"{method}: {reply}")


async def done(bot, command, meta, envelope=None):
    """A request that succeeds; its ACK."""
    done.id += 1
    bot.send(command, {"id": done.id, **meta}, envelope)
    end = asyncio.get_running_loop().time() + 3 * SLOW
    while asyncio.get_running_loop().time() < end:
        for said, answer, _ in bot.received:
            if answer.get("id") == done.id and said in ("ACK", "ERROR"):
                check(said == "ACK", f"{command} {meta} {envelope}: {answer}")
                return answer
        await asyncio.sleep(0.01)
    check(False, f"{command} {meta} {envelope} is not answered")


done.id = 0


async def bot_does_everything(bot, clients):
    lobby = {"room": "lobby"}
    said = await done(bot, "PUBLISH", lobby, {"kind": "message", "text": "beep"})
    own = {"target": said["event"]}
    await done(bot, "PUBLISH", {**lobby, "as": "Bote"},
               {"kind": "message", "text": "boop", "flags": ["action"]})
    await done(bot, "PUBLISH", lobby, {"kind": "notice", "text": "hear, hear"})
    await done(bot, "PUBLISH", {**lobby, "to": "ann"}, {"kind": "message", "text": "to you alone"})
    await clients["mixer"].hears("to you alone")
    await done(bot, "PUBLISH", lobby, {"kind": "edit", "text": "beep beep", **own})
    await done(bot, "PUBLISH", lobby, {"kind": "reaction", "text": "\U0001F916", "flags": ["adding"], **own})
    await done(bot, "PUBLISH", lobby, {"kind": "typing"})
    await done(bot, "PUBLISH", lobby, {"kind": "presence", "text": "AWAY"})
    await done(bot, "PUBLISH", lobby, {"kind": "read", **own})
    await done(bot, "PUBLISH", lobby, {"kind": "delete", **own})
    members = await done(bot, "CONTROL", {"do": "members", **lobby})
    names = {member["name"] for member in members["members"]}
    check({"ann", "bob", "cat", "dan", "mia"} <= names, f"members: {members}")
    for request in ({"do": "subscribe"}, {"do": "unsubscribe"}):
        await done(bot, "CONTROL", request)


def every_kind():
    async def scenario(server, crew):
        judge = crew.instance("judge", presence=True)
        log, bot, feed = crew.instance("log"), crew.instance("bot"), crew.subscriber("feed")
        for instance in (judge, log, bot):
            await instance.expect("READY")
        clients = await join_all(server)
        mia = await join(server, "mixer", "mia", secret=SECRET, user=7)
        await feed.subscribed(mia)
        await quiet([*clients.values(), mia])
        await people_do_everything(clients, mia)
        await bot_does_everything(bot, clients)
        await clients["simple"].close()
        await until(lambda: any(event["kind"] == "exit" for _, event in feed.received), "exits are tapped")
        asked = {event["kind"] for command, _, event in judge.received if command == "ASK"}
        check(asked >= {"message", "reaction", "typing", "presence", "read", "poll_start", "poll_vote",
                        "timeout", "clear", "purge", "notice", "edit", "delete"}, f"asked about {asked}")
        causes = {meta["cause"] for part in (judge, log) for command, meta, _ in part.received
                  if command == "EVENT"}
        check(causes == {"route", "tap", "presence"}, f"causes: {causes}")
        tapped = {event["kind"] for _, event in feed.received}
        check(tapped >= asked | {"enter", "exit"}, f"tapped: {tapped}, asked about {asked}")
        await close_all([clients[dialect] for dialect in ("mixer", "concord", "rooms")] + [mia])
        server.settled()

    feed = '{ name = "feed"; bind = "ipc://feed.sock"; }'
    server = Server(routed(ROUTES, BACKENDS, feed, accounts=ACCOUNTS), files=[("mia.secret", SECRET + "\n")])
    with server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


SCENARIOS = [every_kind]
