"""The server itself is killed, with a relay under load: what it acknowledged is at the other server once it is back,
once each, and reactions and deletions on older messages still find them, both ways."""

import asyncio
import os
import signal

from chat import close_all, id_of, join, text_of
from server import LOBBY, SLOW, Server, check, configuration, port_of_ours, run
from upstream_pairs import ACCOUNTS, FILES, NO_LIMITS, SECRET, WORD, ask, has, soon

ROUNDS = int(os.environ.get("ROUNDS", 2))
OLDER = 5  # messages said before, of each side
WITHIN = 15 * SLOW

NEAR_ACCOUNTS = '( { name = "bob"; number = 7; secret_file = "bob.secret"; } )'  # a guest is another one after a restart
ROOMS = f'( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; history = 2000; }} )'


def far_config():
    """At a port that it finds free again."""
    return configuration(NO_LIMITS, accounts=ACCOUNTS, workers=1, port=port_of_ours())


def near_config(port, rooms=ROOMS):
    upstream = (f'upstreams = ( {{ name = "far"; dialect = "concord"; mode = "relay"; room = "lobby"; '
                f'url = "http://127.0.0.1:{port}"; remote_room = "1"; user = "relay"; secret_file = "relay.secret"; '
                'retry_seconds_max = 1; } );')
    return configuration(NO_LIMITS, rooms=rooms, accounts=NEAR_ACCOUNTS, workers=2, more='state = "state"; ' + upstream)


def play(whole, rooms=ROOMS):
    with Server(far_config(), files=FILES) as far:
        with Server(near_config(far.port, rooms), files={"relay.secret": SECRET, "bob.secret": WORD}) as near:
            asyncio.run(whole(near, far))


async def numbers_of(client, texts, shown="{}"):
    """What the client's server calls the messages with these texts."""
    found = {}
    for text in texts:
        frame = await soon(lambda text=text: next(
            (f for f in client.frames if text_of(f) == shown.format(text)), None), WITHIN)
        check(frame, f"{client.name} does not hear {shown.format(text)!r}: {client.texts[-3:]}")
        found[text] = id_of(frame)
    return found


class Round:
    """One kill of the near server: bob talks there, eve at the far one."""

    def __init__(self, near, far, number):
        self.near, self.far, self.number = near, far, number

    async def enter(self):
        self.eve = await join(self.far, "concord", "eve", path="/client", secret=WORD)
        self.bob = await join(self.near, "concord", "bob", path="/client", secret=WORD)
        await self.linked("up")

    async def linked(self, mark):
        """What bob says is heard by eve: the relay is up."""
        await self.bob.say(f"{mark} {self.number}")
        check(await soon(lambda: self.eve.heard(f"bob: {mark} {self.number}"), WITHIN), f"the relay is not {mark}")

    async def older(self):
        mine = [f"bob's older {self.number}.{n}" for n in range(OLDER)]
        hers = [f"eve's older {self.number}.{n}" for n in range(OLDER)]
        for a, b in zip(mine, hers):
            await self.bob.say(a)
            await self.eve.say(b)
        self.bobs_here = await numbers_of(self.bob, mine)
        self.bobs_there = await numbers_of(self.eve, mine, "bob: {}")
        self.eves_here = await numbers_of(self.bob, hers)
        self.eves_there = await numbers_of(self.eve, hers)

    async def load(self):
        """Talks as fast as is answered, until the connection is gone; how many were said."""
        said = 0
        while not self.bob.reader.done():
            said += 1
            try:
                await self.bob.say(f"load {self.number}.{said}")
            except Exception:  # pylint: disable=broad-except
                break
            await asyncio.sleep(0.001)
        return said

    async def kill(self):
        load = asyncio.create_task(self.load())
        await asyncio.sleep(0.3 + 0.05 * (self.number % 5))
        await asyncio.to_thread(self.near.restart)
        said = await load
        await self.bob.close()
        self.acknowledged = self.bob.heard(f"load {self.number}.")
        check(self.acknowledged, "nothing was acknowledged before the kill")
        self.bob = await join(self.near, "concord", "bob", path="/client", secret=WORD)
        return said

    async def all_there(self, said):
        """Each once; in order."""
        await self.linked("back")
        wanted = {f"bob: {text}" for text in self.acknowledged}
        await soon(lambda: wanted <= set(self.eve.heard("bob: load")), WITHIN)
        await asyncio.sleep(0.3)
        heard = [text for text in self.eve.heard(f"bob: load {self.number}.")]
        print(f"round {self.number}: {said} said, {len(self.acknowledged)} acknowledged, {len(set(heard))} there, "
              f"{len(heard) - len(set(heard))} twice")
        check(wanted <= set(heard), f"missing there: {sorted(wanted - set(heard))[:5]}")
        twice = [text for n, text in enumerate(heard) if text in heard[:n]]
        check(not twice, f"twice there: {twice}, of {heard[-8:]}; acknowledged were {self.acknowledged[-4:]}")
        order = [int(text.rsplit(".", 1)[1]) for text in heard]
        check(order == sorted(order), f"out of order: {order}")

    async def react(self, client, number, other, there):
        at = len(other.frames)
        await client.send({"type": "chat_reaction", "chatId": number, "reaction": "🎉", "adding": True})
        check(await soon(lambda: has(other, at, type="chat_reactions_updated", chatId=there), WITHIN),
              f"{client.name}'s reaction to {number} is not one to {there}: {other.texts[at:][:3]}")

    async def remove(self, server, name, number, other, there):
        at = len(other.frames)
        status, _ = await asyncio.to_thread(ask, server, "DELETE", f"/api/chats/{number}", name, None, WORD)
        check(status in (200, 204), f"{name} deletes {number}: {status}")
        check(await soon(lambda: has(other, at, type="chat_deleted", id=there)
                         or has(other, at, type="chat_deleted", chatId=there), WITHIN),
              f"{name}'s deletion of {number} is not one of {there}: {other.texts[at:][:3]}")

    async def still_found(self):
        bobs, eves = list(self.bobs_here), list(self.eves_here)
        await self.react(self.bob, self.eves_here[eves[0]], self.eve, self.eves_there[eves[0]])
        await self.react(self.bob, self.bobs_here[bobs[0]], self.eve, self.bobs_there[bobs[0]])
        await self.react(self.eve, self.bobs_there[bobs[1]], self.bob, self.bobs_here[bobs[1]])
        await self.react(self.eve, self.eves_there[eves[1]], self.bob, self.eves_here[eves[1]])
        await self.remove(self.near, "bob", self.bobs_here[bobs[2]], self.eve, self.bobs_there[bobs[2]])
        await self.remove(self.far, "eve", self.eves_there[eves[2]], self.bob, self.eves_here[eves[2]])


def killed_under_load():
    async def whole(near, far):
        for number in range(ROUNDS):
            one = Round(near, far, number)
            await one.enter()
            await one.older()
            said = await one.kill()
            await one.all_there(said)
            await one.still_found()
            await close_all([one.bob, one.eve])

    play(whole)


def killed_with_much_to_say():
    """The far server is away, and more is said than the room keeps in memory; then ours is killed. What is said when
    it is back comes behind that."""
    count = 300

    async def whole(near, far):
        bob = await join(near, "concord", "bob", path="/client", secret=WORD)
        eve = await join(far, "concord", "eve", path="/client", secret=WORD)
        await bob.say("before")
        check(await soon(lambda: eve.heard("bob: before"), WITHIN), "the relay is not up")
        await eve.close()
        far.process.send_signal(signal.SIGSTOP)
        for n in range(count):
            await bob.say(f"away {n}")
        check(await soon(lambda: len(bob.heard("away")) == count, WITHIN), "it is not acknowledged")
        await asyncio.to_thread(near.restart)
        await bob.close()
        await asyncio.to_thread(far.restart)
        eve = await join(far, "concord", "eve", path="/client", secret=WORD)
        bob = await join(near, "concord", "bob", path="/client", secret=WORD)
        await bob.say("after")
        check(await soon(lambda: eve.heard("bob: after"), WITHIN), f"it is not back: {eve.texts[-3:]}")
        heard = eve.heard("bob: ")
        print(f"{count} said, {len(set(heard)) - 1} there, {len(heard) - len(set(heard))} twice")
        check(heard == [f"bob: away {n}" for n in range(count)] + ["bob: after"], f"there: {heard}")
        await close_all([bob, eve])

    play(whole, ROOMS.replace("history = 2000", "history = 20"))


def ended_with_something_to_say():
    """TERM, while the far server is away: what waits is said after the next start."""
    async def whole(near, far):
        bob = await join(near, "concord", "bob", path="/client", secret=WORD)
        eve = await join(far, "concord", "eve", path="/client", secret=WORD)
        await bob.say("before")
        check(await soon(lambda: eve.heard("bob: before"), WITHIN), "the relay is not up")
        await eve.close()
        far.process.send_signal(signal.SIGKILL)
        await asyncio.sleep(0.3)
        await bob.say("waits")
        check(await soon(lambda: bob.heard("waits"), WITHIN), "it is not acknowledged")
        await asyncio.to_thread(near.restart, signal.SIGTERM)
        await bob.close()
        await asyncio.to_thread(far.restart)
        eve = await join(far, "concord", "eve", path="/client", secret=WORD)
        check(await soon(lambda: eve.heard("bob: waits"), WITHIN), f"it is not said: {eve.heard()}")
        await asyncio.sleep(0.5)
        check(eve.heard("bob: ") == ["bob: waits"], f"there: {eve.heard()}")
        await eve.close()

    play(whole)


def killed_with_the_same_words():
    """What is still to be said has the words of something that was said there before: it is another message."""
    async def whole(near, far):
        bob = await join(near, "concord", "bob", path="/client", secret=WORD)
        eve = await join(far, "concord", "eve", path="/client", secret=WORD)
        await bob.say("same")
        check(await soon(lambda: eve.heard("bob: same"), WITHIN), "the relay is not up")
        check(run("upstreams", "pause", "far", "--control", os.path.join(near.folder.name, "control"))[0] == 0, "pause")
        await bob.say("same")
        check(await soon(lambda: len(bob.heard("same")) == 2, WITHIN), "it is not acknowledged")
        await asyncio.to_thread(near.restart)
        check(await soon(lambda: len(eve.heard("bob: same")) == 2, WITHIN), f"eve hears {eve.heard()}")
        await asyncio.sleep(0.5)
        check(eve.heard("bob: ") == ["bob: same"] * 2, f"eve hears {eve.heard()}")
        await bob.close()
        await eve.close()

    play(whole)


def given_up_and_there_after_all():
    """What was sent is given up, because no answer comes; then it was taken there nevertheless. Here it is nobody
    else's message."""
    async def whole(near, far):
        bob = await join(near, "concord", "bob", path="/client", secret=WORD)
        eve = await join(far, "concord", "eve", path="/client", secret=WORD)
        await bob.say("before")
        check(await soon(lambda: eve.heard("bob: before"), WITHIN), "the relay is not up")
        far.process.send_signal(signal.SIGSTOP)
        await bob.say("given up")
        await asyncio.sleep(0.5)
        check(run("upstreams", "pause", "far", "--control", os.path.join(near.folder.name, "control"))[0] == 0, "pause")
        told = await soon(lambda: [text for text in bob.heard() if "it is not known" in text or "did not reach" in text],
                          WITHIN)
        far.process.send_signal(signal.SIGCONT)
        check(told, f"bob is not told: {bob.heard()}")
        check(await soon(lambda: eve.heard("bob: given up"), WITHIN), f"it was not taken: {eve.heard()}")
        check(run("upstreams", "resume", "far", "--control", os.path.join(near.folder.name, "control"))[0] == 0, "resume")
        await bob.say("after")
        check(await soon(lambda: eve.heard("bob: after"), WITHIN), f"the relay is not up again: {eve.heard()}")
        await asyncio.sleep(0.5)
        check(bob.heard("bob: ") == [], f"bob's own words came back: {bob.heard()}")
        at = len(eve.frames)
        here, there = (next(id_of(f) for f in client.frames if text_of(f) == text)
                       for client, text in ((bob, "given up"), (eve, "bob: given up")))
        await bob.send({"type": "chat_reaction", "chatId": here, "reaction": "🎉", "adding": True})
        check(await soon(lambda: has(eve, at, type="chat_reactions_updated", chatId=there), WITHIN),
              f"it has no name there: {eve.texts[at:]}")
        await close_all([bob, eve])

    with Server(far_config(), files=FILES) as far:
        config = near_config(far.port).replace("retry_seconds_max", "outbox_seconds = 1; retry_seconds_max")
        with Server(config, files={"relay.secret": SECRET, "bob.secret": WORD}) as near:
            asyncio.run(whole(near, far))


SCENARIOS = [given_up_and_there_after_all, killed_under_load, killed_with_much_to_say, ended_with_something_to_say, killed_with_the_same_words]
