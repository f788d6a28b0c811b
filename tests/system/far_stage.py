"""A bridge of ours between clients and servers that exist elsewhere (far_side.py): configurations, people on
both sides, and what arrived once, twice, never."""

import asyncio
import contextlib

from chat import close_all, join, text_of
from far_side import Far
from server import LOBBY, SLOW, Server, check, configuration

NAMES = ("mixer", "concord", "simple")
SPACING = {"mixer": 0.6, "concord": 0.0, "simple": 0.0}
QUICK = "messages_per_second = 0;"
UNKNOWN, REFUSED = "it is not known whether", "This did not reach"


def upstream(far, mode="relay", user="relay", name=None, **more):
    """A group of the configuration, whose secret is in NAME.secret; more: directives as texts."""
    name = name or far.dialect
    lines = {"name": f'"{name}"', "dialect": f'"{far.dialect}"', "url": f'"{far.url()}"', "mode": f'"{mode}"',
             "room": f'"{name}"', "remote_room": f'"{far.ROOMS[far.dialect]}"', "retry_seconds_max": "1"}
    if mode == "relay":
        lines["user"] = f'"{user}"'
        if far.secret_of(far.dialect, user):
            lines["secret_file"] = f'"{name}.secret"'
    lines.update(more)
    return "{ " + " ".join(f"{key} = {value};" for key, value in lines.items() if value is not None) + " }"


def secrets(*fars, user="relay"):
    return {f"{far.dialect}.secret": far.secret_of(far.dialect, user) + "\n" for far in fars}


def bridge(groups, rooms, mounts, **more):
    """The whole configuration. groups: of upstreams."""
    return configuration(QUICK, rooms=rooms, mounts=mounts,
                         more=f"upstreams = ( {', '.join(groups)} ); " + more.pop("extra", ""), **more)


def mounts_of(room, session=""):
    """The four dialects' mounts of a room below /ROOM; of an upstream of mode session."""
    behind = f'upstream = "{session}";' if session else ""
    return [f'{{ path = "/{room}/{dialect}"; dialect = "{dialect}"; room = "{room}"; {behind} }}'
            for dialect in ("mixer", "concord", "rooms", "simple")]


class Room:
    """What chat.py asks of a server, for one of its rooms; the server's own words otherwise."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.port = server.port
        self.room = next(room for room in server.info["rooms"] if room["name"] == name)

    async def join(self, dialect, name, **more):
        return await join(self, dialect, name, path=f"/{self.name}/{dialect}", **more)


@contextlib.contextmanager
def stage(*dialects, workers=2, mode="relay", **more):
    """A far server of each dialect, a room of ours joined to each or in front of it, and a room aside; fars and
    the server. more: directives of the upstreams."""
    dialects = dialects or NAMES
    with contextlib.ExitStack() as stack:
        fars = {dialect: stack.enter_context(Far(dialect)) for dialect in dialects}
        rooms = ", ".join(f'{{ name = "{name}"; mixer = {10 + n}; concord = {10 + n}; history = 100; }}'
                          for n, name in enumerate([*dialects, "aside"]))
        fronts = dialects if mode == "session" else ()
        mounts = ", ".join(mount for name in [*dialects, "aside"]
                           for mount in mounts_of(name, name if name in fronts else ""))
        config = bridge([upstream(far, mode, **more) for far in fars.values()], f"( {rooms} )", f"( {mounts} )",
                        workers=workers)
        server = stack.enter_context(Server(config, files=secrets(*fars.values())))
        for dialect in dialects:
            if not fronts:
                server.logged(f"upstream {dialect} is up")
        yield fars, server
        for far in fars.values():
            check(far.process.poll() is None, f"the {far.dialect} server there is dead")


async def later(function, *arguments, **more):
    """Something that waits, without holding up our clients."""
    return await asyncio.to_thread(function, *arguments, **more)


class Traffic:
    """What one client of ours says, one after the other; what became of it there and here."""

    def __init__(self, far, client, mark):
        self.far, self.client, self.mark, self.sent = far, client, mark, 0

    async def say(self, count, pause=0.05):
        for _ in range(count):
            self.sent += 1
            await self.client.say(f"{self.mark} {self.sent}")
            await asyncio.sleep(pause)

    def notices(self, words):
        return sum(words in text for text in self.client.heard())

    def arrived(self):
        """Their numbers, in the order in which they were told of there."""
        return [int(text.rsplit(" ", 1)[1]) for text in self.far.said(f"{self.mark} ")]

    async def taken_there(self):
        """The same of what is there in the end: one that was killed may have stored what it had no time to tell of."""
        if self.far.dialect == "simple":
            return self.arrived()
        chats = (await later(self.far.order, "chats"))["chats"]
        words = [chat["content"] if "content" in chat else "".join(part["text"] for part in chat["message"]["message"])
                 for chat in chats]
        return [int(text.rsplit(" ", 1)[1]) for text in words if f"{self.mark} " in text]

    def told(self):
        return self.notices(UNKNOWN) + self.notices(REFUSED)

    def settled(self):
        return len(set(self.arrived())) + self.told() >= self.sent

    async def outcome(self, within=8, lossless=False):
        """Waits for it, and judges; prints the numbers. lossless: nothing may be missing."""
        end = asyncio.get_running_loop().time() + within * SLOW
        while not self.settled() and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # what comes twice comes now
        arrived = await self.taken_there()
        unknown, refused = self.notices(UNKNOWN), self.notices(REFUSED)
        missing = self.sent - len(set(arrived))
        print(f"{self.far.dialect}: {self.sent} said, {len(set(arrived))} arrived, "
              f"{len(arrived) - len(set(arrived))} twice, {missing} missing, told of {unknown} unknown and "
              f"{refused} refused")
        check(len(arrived) == len(set(arrived)), f"{self.far.dialect}: twice there: {arrived}")
        check(arrived == sorted(arrived), f"{self.far.dialect}: out of order there: {arrived}")
        check(missing <= unknown + refused, f"{self.far.dialect}: {missing} missing, and told of {unknown + refused}: "
              f"{arrived}, {self.client.texts[-80:]}")
        check(not lossless or missing == 0, f"{self.far.dialect}: {missing} missing: {arrived}")
        strange = [text for text in self.client.heard() if f"{self.client.name}: {self.mark}" in text]
        check(not strange, f"{self.far.dialect}: its own words came back as another's: {strange}")
        own = self.client.heard(f"{self.mark} ")
        check(own == [f"{self.mark} {n + 1}" for n in range(self.sent)],
              f"{self.far.dialect}: its own echo: {own}")


class FrontTraffic(Traffic):
    """The same of a client whose server is there: who is told that it is said, or that it is not."""

    def answers(self):
        """Numbers of messages: error, None for those that were taken."""
        return {int(frame["payload_id"].rsplit(" ", 1)[1]): frame["error"] for frame in self.client.frames
                if frame["type"] == "reply" and str(frame["payload_id"]).startswith(f"{self.mark} ")}

    async def say(self, count, pause=0.05):
        for _ in range(count):
            self.sent += 1
            text = f"{self.mark} {self.sent}"
            await self.client.send({"type": "send_message", "payload_id": text, "message": text})
            await asyncio.sleep(pause)

    def settled(self):
        return len(self.answers()) == self.sent

    async def outcome(self, within=8, lossless=False, witness=None):
        """witness: another client there, who hears what was taken, once and in order."""
        end = asyncio.get_running_loop().time() + within * SLOW
        while not self.settled() and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        answers, arrived = self.answers(), await self.taken_there()
        taken = sorted(n for n, error in answers.items() if error is None)
        refused = {n: error for n, error in answers.items() if error is not None}
        print(f"{self.far.dialect}: {self.sent} said, {len(taken)} taken, {len(refused)} refused, of which "
              f"{len(set(refused) & set(arrived))} arrived: {set(refused.values())}")
        check(len(answers) == self.sent, f"{self.far.dialect}: {self.sent - len(answers)} are not answered")
        check(len(arrived) == len(set(arrived)), f"{self.far.dialect}: twice there: {arrived}")
        check(arrived == sorted(arrived), f"{self.far.dialect}: out of order there: {arrived}")
        check(set(taken) <= set(arrived), f"{self.far.dialect}: taken, and not there: {set(taken) - set(arrived)}")
        check(not lossless or not refused, f"{self.far.dialect}: refused: {refused}")
        for client in (self.client, witness):
            seen = [int(text.rsplit(" ", 1)[1]) for text in client.heard(f"{self.mark} ")]
            check(len(seen) == len(set(seen)) and seen == sorted(seen), f"{client.name} sees {seen}")
            check(set(taken) <= set(seen), f"{client.name} does not see {set(taken) - set(seen)}")
            check(set(seen) <= set(arrived), f"{client.name} sees what is not there: {set(seen) - set(arrived)}")


async def both_ways(far, client, mark, within=5, prefix="{}: "):
    """The link is well."""
    await client.say(f"there {mark}")
    await later(far.hears, f"{prefix.format(client.name)}there {mark}", within)
    far.order("say", name="zoe", text=f"here {mark}")
    await client.hears(f"here {mark}", within * SLOW)


def texts(client, start):
    return [text for text in map(text_of, client.frames) if text is not None and text.startswith(start)]


__all__ = ["FrontTraffic", "LOBBY", "NAMES", "QUICK", "REFUSED", "Room", "SPACING", "Traffic", "UNKNOWN", "both_ways", "bridge",
           "close_all", "later", "mounts_of", "secrets", "stage", "texts", "upstream"]
