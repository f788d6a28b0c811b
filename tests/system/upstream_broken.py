"""Servers that exist elsewhere, and are killed, stopped, slow, or talk nonsense: nothing that was acknowledged
is lost without a word or said twice, the order stays, other rooms do not feel it, and it recovers by itself.

LONG=1: at full length."""

import asyncio
import os
import time

from chat import close_all, talk
from far_stage import NAMES, REFUSED, SPACING, UNKNOWN, FrontTraffic, Room, Traffic, both_ways, later, stage
from server import check

LONG = os.environ.get("LONG") == "1"


class People:
    """One client in each joined room, and two aside who are not concerned."""

    async def enter(self, fars, server, speaking="simple"):
        self.server, self.fars = server, fars
        self.clients = {dialect: await Room(server, dialect).join(speaking, f"dan-{dialect}") for dialect in fars}
        aside = Room(server, "aside")
        self.aside = [await aside.join("simple", name) for name in ("amy", "ben")]
        self.marks, self.longest = 0, 0.0
        return self

    def traffic(self, mark):
        return {dialect: Traffic(self.fars[dialect], client, f"{mark}-{dialect}")
                for dialect, client in self.clients.items()}

    async def watch(self):
        """Those aside talk all the time."""
        while True:
            self.marks += 1
            began = time.monotonic()
            await talk(self.aside, f"aside {self.marks}")
            self.longest = max(self.longest, time.monotonic() - began)
            await asyncio.sleep(0.1)

    async def well(self, mark, within=8):
        """Every link is up, both ways."""
        await asyncio.gather(*(both_ways(self.fars[dialect], client, f"{mark}-{dialect}", within)
                               for dialect, client in self.clients.items()))

    async def end(self):
        everybody = [*self.clients.values(), *self.aside]
        for client in everybody:
            check(not client.reader.done(), f"{client.name} lost the connection")
        await close_all(everybody)


def play(scenario, speaking="simple", dialects=(), **more):
    """speaking: the dialect of our clients. dialects: of the servers there; (): all."""
    async def whole(fars, server):
        people = await People().enter(fars, server, speaking)
        watch = asyncio.create_task(people.watch())
        await scenario(people, fars, server)
        if watch.done():
            watch.result()
        watch.cancel()
        print(f"those aside waited {people.longest * 1000:.0f} ms at most")
        await people.end()

    with stage(*dialects, **more) as (fars, server):
        asyncio.run(whole(fars, server))


def count_of(dialect, most=30):
    """So many messages that they take about a second there."""
    return most if not SPACING[dialect] else 4


async def saying(traffic, total=1.2):
    """All at once, through about that time."""
    await asyncio.gather(*(one.say(count_of(name), total / count_of(name)) for name, one in traffic.items()))


async def all_outcomes(traffic, **more):
    await asyncio.gather(*(one.outcome(**more) for one in traffic.values()))


def far_killed():
    """kill -9 while we talk; it is back a second later."""
    async def scenario(people, fars, _):
        await people.well("before")
        traffic = people.traffic("killed")
        talking = asyncio.create_task(saying(traffic))
        await asyncio.sleep(0.4)
        await asyncio.gather(*(later(far.restart, 1.0) for far in fars.values()))
        await talking
        await all_outcomes(traffic)
        await people.well("after")

    play(scenario)


def far_cut():
    """Its connections are reset, and others end within a frame, while we talk."""
    async def scenario(people, fars, _):
        traffic = people.traffic("cut")
        talking = asyncio.create_task(saying(traffic))
        for half in (False, True):
            await asyncio.sleep(0.4)
            for far in fars.values():
                far.order("drop", half=half)
        await talking
        await all_outcomes(traffic)
        await people.well("after")

    play(scenario)


def far_in_doubt():
    """It takes a message, and is cut before it has told anybody: where there is a history, that tells us; else who
    said it is told that nobody knows."""
    async def scenario(people, fars, _):
        await people.well("before")
        traffic = people.traffic("doubt")
        for far in fars.values():
            far.order("cut", count=2)
        await saying(traffic)
        await all_outcomes(traffic)
        for dialect, one in traffic.items():
            # What was sent behind such a message went with the connection: nobody knows of that, either.
            least, most = (2, one.sent) if dialect == "simple" else (0, 0)
            check(least <= one.notices(UNKNOWN) <= most and one.notices(REFUSED) == 0,
                  f"{dialect}: told of {one.notices(UNKNOWN)} unknown, {one.notices(REFUSED)} refused")
        await people.well("after")

    play(scenario)


def far_stopped():
    """It stands still for a while, with its connections open: all that was said arrives."""
    async def scenario(people, fars, _):
        traffic = people.traffic("stopped")
        talking = asyncio.create_task(saying(traffic))
        await asyncio.sleep(0.3)
        await asyncio.gather(*(later(far.stop_for, 30 if LONG else 2) for far in fars.values()))
        await talking
        await all_outcomes(traffic, lossless=not LONG)
        await people.well("after")

    play(scenario)


def far_half_open():
    """It stands still for longer than a link waits: only with LONG=1."""
    async def scenario(people, fars, server):
        traffic = people.traffic("silent")
        for far in fars.values():
            far.signal(19)
        await saying(traffic)
        for name in fars:
            await later(server.logged, f"upstream {name}: ", within=60)
        for far in fars.values():
            far.signal(18)
        await all_outcomes(traffic, within=60)
        await people.well("after")

    play(scenario)


def far_slow():
    """It takes a message a second: what waits arrives in order, and what it says comes at once."""
    async def scenario(people, fars, _):
        await people.well("before")
        for far in fars.values():
            far.order("pace", seconds=1.0)
        traffic = people.traffic("slow")
        await asyncio.gather(*(one.say(5, 0.02) for one in traffic.values()))
        for dialect, far in fars.items():
            far.order("say", name="zoe", text="quick")
            await people.clients[dialect].hears("quick")
        await all_outcomes(traffic, within=12, lossless=True)
        for far in fars.values():
            far.order("pace", seconds=0)
        await people.well("after")

    play(scenario)


GARBAGE = ("", " ", "null", "[]", "1", '"text"', "{}", "{", '{"type":', '{"type":7}', '{"type":null}',
           '{"type":"message_sent"}', '{"type":"message_sent","message":5,"username":{}}', '{"type":"reply"}',
           '{"type":"reply","payload_id":[1],"error":{"a":[]}}', '{"type":"reply","error":7,"id":"x"}',
           '{"type":"event"}', '{"type":"event","event":"ChatMessage"}',
           '{"type":"event","event":"ChatMessage","data":null}',
           '{"type":"event","event":"ChatMessage","data":{"id":5,"user_id":"x","message":[]}}',
           '{"type":"event","event":"ChatMessage","data":{"id":"","message":{"message":[5,null,{}]}}}',
           '{"type":"event","event":"PollStart","data":{"answers":7,"responses":[]}}',
           '{"chat":null,"type":"chat_sent"}', '{"chat":{"id":1e400,"content":5},"type":"chat_sent"}',
           '{"chat":{"id":99999999999999999999999,"authorId":-1,"content":"x"},"type":"chat_sent"}',
           '{"chatId":[],"type":"chat_deleted"}', '{"chatId":5,"reactions":[],"type":"chat_reactions_updated"}',
           '{"type":"user_connected","username":null}', '{"type":"' + "x" * 5000 + '"}', "[" * 2000,
           '{"a":' * 500 + "1" + "}" * 500, '{"type":"a","type":"b"}')
BAD_FRAMES = ("8103fffefd", "c10161", "8380", "81847f7f7f7f1e1e1e1e", "8a7e0100" + "00" * 256, "817f7fffffffffffffff",
              "890041", "deadbeef" * 8, "880101", "88020001", "8202ffff")


def far_garbage():
    """Frames that are none of the dialect's are passed over; bytes that are no WebSocket end the link, which
    comes back."""
    async def scenario(people, fars, _):
        await people.well("before")
        for far in fars.values():
            far.order("frames", texts=list(GARBAGE))
        await people.well("frames")
        for frame in BAD_FRAMES if LONG else BAD_FRAMES[::3]:
            for far in fars.values():
                far.order("bytes", hex=frame)
            await asyncio.sleep(0.1)
            await people.well(f"bytes-{frame[:8]}")
        for client in people.clients.values():
            check(not [text for text in client.heard() if text == "x"], f"{client.name} was told garbage")

    # Frames that are not known go to clients of the same dialect as they are: those here speak none of these.
    play(scenario, speaking="rooms")


CODES = (1000, 1001, 1002, 1003, 1007, 1009, 1010, 1011, 1012, 1013, 4000, None)


def far_closes():
    """With each code, and with none: the link comes back, and what is said meanwhile arrives."""
    async def scenario(people, fars, server):
        for code in CODES if LONG else CODES[::2]:
            before = {dialect: far.count("upgrade") for dialect, far in fars.items()}
            for far in fars.values():
                far.order("close", code=code)
            # The log is no measure: of what comes often it shows a part.
            await asyncio.gather(*(later(far.until, lambda far=far, count=before[dialect]: far.count("upgrade") > count,
                                         f"link after {code}") for dialect, far in fars.items()))
            await asyncio.sleep(0.05)
        await people.well("after")
        down = {dialect: server.log_lines(f"upstream {dialect}: ") for dialect in fars}
        for dialect, lines in down.items():
            print(f"{dialect}: {lines[-1]}")
            check(any("1000" in line for line in lines), f"{dialect}: the code is not in the log: {lines}")

    play(scenario)


def far_slow_and_cut():
    """Its sockets are cut while it takes a request of HTTP: that is waited for, and not made twice."""
    async def scenario(people, fars, _):
        await people.well("before")
        far, = fars.values()
        far.order("pace", seconds=1.5)
        traffic = people.traffic("slow")
        await saying(traffic, 0.0)
        await later(far.until, lambda: [one for one in far.events("request", method="POST") if "slow" in one["body"]],
                    "request")
        far.order("pace", seconds=0)
        far.order("drop")
        await later(far.until, lambda: far.count("upgrade") > 1, "link")
        await later(far.until, lambda: len(traffic["concord"].arrived()) >= traffic["concord"].sent, "messages")
        await asyncio.sleep(2)  # what was under way is taken by then
        await all_outcomes(traffic, within=15, lossless=True)

    play(scenario, dialects=("concord",))


def far_forgets():
    """It does not answer when it is asked what was said meanwhile: that holds up nothing for long."""
    async def scenario(people, fars, _):
        await people.well("before")
        far, = fars.values()
        far.order("lose_replies", count=1)
        far.order("drop")
        asked = await later(far.until, lambda: [one for one in far.events("frame") if '"history"' in one["text"]],
                            "question for the history")
        check(len(asked) == 1, f"{asked}")
        traffic = people.traffic("asked")
        await saying(traffic)
        await all_outcomes(traffic, within=25, lossless=True)

    play(scenario, dialects=("mixer",))


def far_says_secrets():
    """What it says of us goes to the log, but for the secret that it was shown."""
    async def scenario(people, fars, server):
        for dialect, far in fars.items():
            secret = far.secret_of(dialect, "relay")
            far.order("close", code=4000, reason=f"down with {secret}")
            await later(server.logged, f"upstream {dialect}: down with *")
            check(secret not in server.log_text(), f"the log has the secret for {dialect}")
        await people.well("after")

    play(scenario, dialects=("mixer", "concord"))


# ---- clients whose server is there ----

def front(name, doc, break_it, within=10, **more):
    """A scenario: two clients of each server there; while one talks, break_it(people, fars)."""
    async def whole(fars, server):
        async def enter(who, dialect):
            name = f"{who}-{dialect}"
            return await Room(server, dialect).join("simple", name, secret=fars[dialect].secret_of(dialect, name) or "x")

        clients = {dialect: await enter("dan", dialect) for dialect in fars}
        witnesses = {dialect: await enter("eve", dialect) for dialect in fars}
        traffic = {dialect: FrontTraffic(fars[dialect], client, f"front-{dialect}")
                   for dialect, client in clients.items()}
        talking = asyncio.create_task(saying(traffic))
        await break_it(fars)
        await talking
        await asyncio.gather(*(one.outcome(within, witness=witnesses[dialect], **more)
                               for dialect, one in traffic.items()))
        await asyncio.gather(*(both_ways(fars[dialect], client, "after", within, "")
                               for dialect, client in clients.items()))
        await close_all([*clients.values(), *witnesses.values()])

    def scenario():
        with stage(mode="session") as (fars, server):
            asyncio.run(whole(fars, server))
    scenario.__name__, scenario.__doc__ = name, doc
    return scenario


async def kill(fars):
    await asyncio.sleep(0.4)
    await asyncio.gather(*(later(far.restart, 1.0) for far in fars.values()))


async def cut(fars):
    for half in (False, True):
        await asyncio.sleep(0.4)
        for far in fars.values():
            far.order("drop", half=half)


async def doubt(fars):
    for far in fars.values():
        far.order("cut", count=2)


async def stop(fars):
    await asyncio.sleep(0.3)
    await asyncio.gather(*(later(far.stop_for, 30 if LONG else 2) for far in fars.values()))


def front_leaves():
    """Who says something and leaves at once is heard there, and the server is told goodbye."""
    async def scenario(fars, server):
        for dialect, far in fars.items():
            for n in range(5):
                name = f"dan-{n}"
                client = await Room(server, dialect).join("simple", name, secret=far.secret_of(dialect, name) or "x")
                await client.say(f"bye {n}")
                await client.close()
                await later(far.hears, f"bye {n}")
                await later(far.until, lambda far=far, name=name: far.events("gone", who=name, code=1000), "goodbye")

    with stage("simple", mode="session") as (fars, server):
        asyncio.run(scenario(fars, server))


FRONTS = [front("front_killed", far_killed.__doc__, kill), front("front_cut", far_cut.__doc__, cut),
          front("front_in_doubt", far_in_doubt.__doc__, doubt),
          front("front_stopped", far_stopped.__doc__, stop, lossless=not LONG)]

SCENARIOS = [*FRONTS, front_leaves, far_slow_and_cut, far_forgets, far_says_secrets, far_killed, far_cut, far_in_doubt, far_stopped, far_slow, far_garbage, far_closes,
             *([far_half_open] if LONG else [])]
WAITING = SCENARIOS
assert set(NAMES) == set(SPACING)
