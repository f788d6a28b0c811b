"""People of all dialects in two rooms who do all that is kept, as fast as they are answered, until the server
is killed under them; what they were told goes into a ledger (keeping.py)."""

import asyncio
import os
import random
import time

import websockets

from backends import Instance
from chat import join
from keeping import BANS, MUTES, ids_of, number_of
from server import BINARY, SLOW, check, configuration

# With 1, 2 and 4 workers "red" is the room of workers 0, 1, 1 and "white" that of 0, 0, 2.
ROOMS = {"red": {"mixer": 101, "concord": 201, "rooms": "1f0c7a5e-93b4-4b17-8c2f-9c4a8ea95101"},
         "white": {"mixer": 102, "concord": 202, "rooms": "2f0c7a5e-93b4-4b17-8c2f-9c4a8ea95102"}}
EMOJI = {"cora": "🍏", "carl": "🍐"}
VICTIMS = 2           # of each room that are banned, and as many that are muted
UNDER_WAY = 12        # messages that one says before it has heard the first of them
ENDED = (websockets.ConnectionClosed, ConnectionError)


def number_for(name):
    """Of an account."""
    return 1 + NAMES.index(name)


NAMES = [f"{name} {room}" for room in ROOMS for name in
         ("mia", "max", "rosa", "sam", *(f"banned{i}" for i in range(VICTIMS)),
          *(f"muted{i}" for i in range(VICTIMS)))] + ["cora", "carl", "loud", "louder"]


NOISE = 109  # of a room where nobody else hears what is said


def config(port, storage="", workers=2, more="", limits="", rooms=ROOMS):
    """Accounts for everybody, so that they are the same people after a restart."""
    texts = [f'{{ name = "{name}"; mixer = {ids["mixer"]}; concord = {ids["concord"]}; rooms = "{ids["rooms"]}"; '
             f'history = 100; remembered = 100000; }}' for name, ids in rooms.items()]
    texts.append(f'{{ name = "noise"; mixer = {NOISE}; concord = {NOISE}; open = false; members = [ "loud", "louder" ]; }}')
    mounts = [f'{{ path = "/{dialect}/{name}"; dialect = "{dialect}"; room = "{name}"; }}'
              for dialect in ("rooms", "simple") for name in rooms]
    mounts += [f'{{ path = "/{dialect}"; dialect = "{dialect}"; room = "{next(iter(rooms))}"; }}'
               for dialect in ("mixer", "concord")]
    mounts += ['{ path = "/simple"; dialect = "simple"; room = "noise"; }']
    accounts = [f'{{ name = "{name}"; number = {number_for(name)}; secret_file = "secret"; '
                f'roles = [ {chr(34) + "mod" + chr(34) if name.startswith("mia") else ""} ]; }}' for name in NAMES]
    return configuration(
        f"messages_per_second = 0; signals_per_second = 0; connections_per_address = 0; requests_under_way = 64; {limits}",
        port=port, workers=workers, rooms=f"( {', '.join(texts)} )", mounts=f"( {', '.join(mounts)} )",
        accounts=f"( {', '.join(accounts)} )",
        more=f'state = "state"; control = "control"; storage = {{ messages = 0; {storage} }}; '
             f'backends = ( {{ name = "bot"; bind = "ipc://bot.sock"; }} ); {more}')


FILES = {"secret": "word"}


async def enter(server, dialect, name, room, within=5):
    """Somebody with an account, in that room."""
    path = f"/{dialect}/{room}" if dialect in ("rooms", "simple") else None
    return await join(server, dialect, name, room=ROOMS[room], secret="word", user=number_for(name), path=path,
                      close_timeout=0.1)


async def call(client, method, *arguments):
    """mixer: the reply, None at the server's end."""
    client.requests += 1
    number = client.requests
    await client.send({"type": "method", "method": method, "arguments": list(arguments), "id": number})
    at = len(client.frames)
    end = time.monotonic() + 5 * SLOW
    while True:
        for frame in client.frames[at:]:
            at += 1
            if frame.get("type") == "reply" and frame.get("id") == number:
                return frame
        if client.reader.done():
            return None
        check(time.monotonic() < end, f"{client.name}: {method} is not answered")
        await asyncio.sleep(0.002)


async def history_of(client):
    """mixer: (id, text) of what the room shows, the oldest of it first."""
    reply = await call(client, "history", 100)
    return [(number_of(message["id"]), "".join(part["text"] for part in message["message"]["message"]))
            for message in reply["data"]]


def kept_history(ledger, room, count=100):
    """What it has to be: the newest that have words."""
    known = [(number, ledger.edits[number].value or text if number in ledger.edits else text)
             for number, text in sorted(ledger.texts.items())
             if ledger.said[text] == room and text[0] == "m" and not ledger.deleted[number].value]
    return known[-count:]


class Editor(Instance):
    """The backend: an edit is asked for, and waited for, one after the other."""

    def __init__(self, server):
        self.answers = {}
        super().__init__(server.endpoint("bot"), "bot")
        self.asked = 0

    def keep(self, command, meta, event):
        if command in ("ACK", "ERROR"):
            self.answers[meta.get("id")] = (command, meta)

    async def publish(self, room, envelope, over=lambda: False):
        """(command, meta) of its answer, None when none comes any more."""
        self.asked += 1
        number, end = self.asked, time.monotonic() + 5 * SLOW
        self.send("PUBLISH", {"id": number, "room": room}, envelope)
        while number not in self.answers:
            if over() or time.monotonic() > end:
                return None
            await asyncio.sleep(0.001)
        return self.answers[number]


async def ended(server, ledger, seed, end, least=0.05, most=0.7, polls=True):
    """One life of the server, which is ended at any moment, by end(); when."""
    cast = Cast(server, ledger, seed)
    try:
        await cast.enter()
        await cast.look()
        living = asyncio.create_task(cast.live(polls=polls))
        over = time.monotonic() + cast.random.uniform(least, most) * SLOW
        while time.monotonic() < over and not living.done():
            await asyncio.sleep(0.005)
        cast.killed, over = True, time.monotonic()
        end()
        await living
    finally:
        await cast.leave()
    server.process.wait()
    return over


class Cast:
    """Who is there in one life of the server."""

    def __init__(self, server, ledger, seed, old=False):
        self.server, self.ledger = server, ledger
        self.random = random.Random(seed)
        self.newest = ledger.newest()
        self.clients, self.editor = {}, None
        self.over = self.killed = False  # they are to stop; the server was ended
        self.old = old  # they act on what was said before this life alone
        self.sure = []  # ids that are there, to act on

    async def enter(self):
        first = next(iter(ROOMS))
        wanted = [(dialect, f"{name} {room}", room) for room in ROOMS for dialect, name in
                  (("mixer", "mia"), ("mixer", "max"), ("rooms", "rosa"), ("simple", "sam"))]
        wanted += [("concord", f"muted{i} {room}", room) for room in ROOMS for i in range(VICTIMS)]
        wanted += [("concord", "cora", first), ("concord", "carl", first)]
        clients = await asyncio.gather(*(enter(self.server, *one) for one in wanted))
        self.clients = {client.name: client for client in clients}
        self.editor = Editor(self.server)
        await self.editor.expect("READY", 5)
        known = [number for number, text in self.ledger.texts.items()
                 if text.startswith("m") and not self.ledger.deleted[number].value]
        self.sure = self.random.sample(known, min(len(known), 200))

    def who(self, name, room):
        return self.clients[f"{name} {room}"]

    async def leave(self):
        """After the server's end, or before: everything that came is read and in the ledger."""
        self.over = True
        for client in self.clients.values():
            try:
                await asyncio.wait_for(client.close(), 5)
            except (*ENDED, asyncio.TimeoutError):
                pass
        for client in self.clients.values():
            self.ledger.hear(client.name, client.frames, self.newest)
        if self.editor:
            self.editor.stop()

    # ---- what they find ----

    async def look(self):
        """At the beginning of a life, when nobody has done anything: what clients are shown is what the ledger
        has; the muted are mute, the banned are not let in."""
        for room in ROOMS:
            await self.look_back(room)
            await self.look_at_poll(room)
            for i in range(VICTIMS):
                await self.look_at_muted(room, f"muted{i} {room}")
                await self.look_at_banned(room, f"banned{i} {room}")

    async def look_back(self, room):
        found, known = await history_of(self.who("mia", room)), kept_history(self.ledger, room)
        check(found == known, f"the history of {room} has {sorted(set(found) - set(known))} too many, and not "
                              f"{sorted(set(known) - set(found))}")

    async def look_at_poll(self, room):
        """Who comes is shown the poll that runs, with the votes so far."""
        mia, poll = self.who("mia", room), self.ledger.polls[room]
        shown = [frame["data"] for frame in mia.frames if frame.get("event") == "PollStart"]
        if not shown:
            check(poll.value is None or time.time() > self.ledger.poll_ends[room], f"{room} is not shown {poll.value!r}")
            return
        votes = [fact.value for (of, _), fact in self.ledger.votes.items() if of == room and fact.value is not None]
        check(shown[0]["q"] == poll.value and shown[0]["responsesByIndex"] == [votes.count(0), votes.count(1)],
              f"{room} is shown {shown[0]}, and not {poll.value!r} with {votes}")

    async def look_at_muted(self, room, name):
        """Whether it may type: that leaves nothing behind."""
        client, muted = self.clients[name], self.ledger.marks[MUTES, room, number_for(name)].value
        await client.send({"type": "chat_typing", "channelId": ROOMS[room]["concord"], "threadId": None, "sentAt": 1})
        answer = await client.expect(lambda frame: frame["type"] == "error" or frame["type"] == "chat_typing" and
                                     frame["userId"] == number_for(name), "an answer", 5)
        check(answer.get("error") == ("muted" if muted else None), f"{name}, muted: {muted}: {answer}")

    async def look_at_banned(self, room, name):
        banned = self.ledger.marks[BANS, room, number_for(name)].value
        try:
            await (await enter(self.server, "simple", name, room)).close()
            check(not banned, f"{name} is let in")
        except (websockets.InvalidStatusCode, websockets.InvalidHandshake) as error:
            check(banned, f"{name} is not let in: {error}")

    # ---- what they do ----

    def deeds(self, polls):
        """One coroutine for each that does something all the time."""
        for room in ROOMS:
            for name in ("mia", "max", "rosa", "sam"):
                yield self.speak(self.who(name, room), room)
            yield self.delete(room)
            yield self.mark(room)
            if polls:
                yield self.choose(room)
        for name in EMOJI:
            yield self.speak(self.clients[name], None)
            yield self.react(name)
        yield self.edit()

    async def live(self, seconds=None, polls=True):
        """All of it at once: until the server's end, or for so long."""
        tasks = [asyncio.create_task(self.until_the_end(deed)) for deed in self.deeds(polls)]
        if seconds is not None:
            await asyncio.sleep(seconds)
            self.over = True
        await asyncio.gather(*tasks)

    async def until_the_end(self, deed):
        try:
            await deed
        except ENDED:
            pass

    async def pause(self, most):
        await asyncio.sleep(self.random.uniform(0, most) * SLOW)

    async def speak(self, client, room):
        """room: None: now here, now there. Not further ahead of what it hears than the window."""
        said = set()
        while not self.over:
            here = room or self.random.choice(list(ROOMS))
            text = self.ledger.text(here, "r" if client.dialect == "rooms" else "m")
            client.room = ROOMS[here]
            said.add(text)
            await client.say(text)
            await self.pause(0.02)
            while not self.over and self.behind(client, said) > UNDER_WAY:
                if client.reader.done():
                    check(self.ends(), f"{client.name} was cut off")
                    return
                await asyncio.sleep(0.002)
        end = time.monotonic() + 5 * SLOW
        while not self.killed and self.behind(client, said):
            check(time.monotonic() < end, f"{client.name} does not hear {said}")
            await asyncio.sleep(0.002)

    def behind(self, client, said):
        """How many it has not heard yet; and of what it heard, ids to act on."""
        at = getattr(client, "looked", 0)
        for text, number, name in ids_of(client.frames[at:]):
            said.discard(text)
            if number and self.ledger.note(text, number, name) and text.startswith("m") and not self.old:
                self.sure.append(number)
        client.looked = len(client.frames)
        return len(said)

    def ends(self):
        return self.over or self.killed

    def pick(self, rooms):
        """The id of a message in one of these rooms that nobody else has under way; None: none."""
        for _ in range(20):
            if not self.sure:
                return None
            number = self.random.choice(self.sure[-400:])
            ledger = self.ledger
            if not ledger.deleted[number].value and not ledger.deleted[number].asked and \
                    ledger.said[ledger.texts[number]] in rooms:
                return number
        return None

    async def delete(self, room):
        """A moderator deletes messages, one after the other."""
        mia = self.who("mia", room)
        while not self.over:
            await self.pause(0.05)
            number = self.pick([room])
            if number not in self.ledger.uuids:
                continue
            fact = self.ledger.deleted[number]
            fact.ask(True)
            reply = await call(mia, "deleteMessage", self.ledger.uuids[number])
            if reply is None:
                return
            check(reply["error"] is None, f"{number} cannot be deleted: {reply}")
            fact.answer()
            self.ledger.counts["deletions"] += 1

    async def mark(self, room):
        """Somebody is muted, or not any more; and by an operator banned, or not any more."""
        mia = self.who("mia", room)
        while not self.over:
            await self.pause(0.05)
            name = f"muted{self.random.randrange(VICTIMS)} {room}"
            fact = self.ledger.marks[MUTES, room, number_for(name)]
            fact.ask(not fact.value)
            reply = await call(mia, "timeout", name, "clear" if fact.value else "1h")
            if reply is None:
                return
            check(reply["error"] is None, f"{name}: {reply}")
            fact.answer()
            self.ledger.counts["mutes"] += 1
            await self.ban(f"banned{self.random.randrange(VICTIMS)} {room}", room)

    async def ban(self, name, room):
        fact = self.ledger.marks[BANS, room, number_for(name)]
        fact.ask(not fact.value)
        process = await asyncio.create_subprocess_exec(
            BINARY, "unban" if fact.value else "ban", name, room, "--control",
            os.path.join(self.server.folder.name, "control"),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
        errors = (await process.communicate())[1]
        if process.returncode == 0:
            fact.answer()
            self.ledger.counts["bans"] += 1
        else:
            check(self.ends(), f"{name} cannot be banned: {errors}")

    async def choose(self, room):
        """A poll is asked, and chosen in by two, and its time ends: it is kept, or over, as it was told."""
        mia, max_ = self.who("mia", room), self.who("max", room)
        poll = self.ledger.polls[room]
        while not self.over:
            await self.pause(0.1)
            late = poll.value is not None and time.time() > self.ledger.poll_ends[room] + 0.5 * SLOW
            if (poll.value is None or late) and not await self.start_poll(mia, room, poll, late):
                return
            for client in (mia, max_):
                vote = self.ledger.votes[room, number_for(client.name)]
                if vote.value is None and not self.over:
                    choice = self.random.randrange(2)
                    vote.ask(choice)
                    reply = await call(client, "vote:choose", choice)
                    if not self.done(vote, reply, "No poll is running"):
                        return
            if any(frame.get("event") == "PollEnd" and frame["data"]["q"] == poll.value for frame in mia.frames):
                poll.value = None
                self.ledger.forget_votes(room)
            if mia.reader.done():
                return

    async def start_poll(self, mia, room, poll, late):
        """late: one was running at the end of the life before, and is over, or will be told to be at once."""
        self.ledger.counts["polls"] += 1
        question, end = f"poll {self.ledger.counts['polls']}?", self.ledger.poll_ends.get(room, 0)
        poll.ask(*[None] * late, question)
        self.ledger.poll_ends[room] = time.time() + 2
        reply = await call(mia, "vote:start", question, ["yes", "no"], 2)
        if not self.done(poll, reply, "A poll is running already" if late else None):
            return False
        if poll.value == question:
            self.ledger.forget_votes(room)
        else:
            self.ledger.poll_ends[room] = end
        return True

    def done(self, fact, reply, unless=None):
        """False: there is no answer any more. unless: the words of a refusal that may come, too."""
        if reply is None:
            return False
        check(reply["error"] is None or reply["error"]["message"] == unless, f"{reply}")
        fact.answer(reply["error"] is None)
        return True

    async def react(self, name):
        """With the emoji that is this one's alone: then its count tells whether it has reacted."""
        client, emoji = self.clients[name], EMOJI[name]
        while not self.over:
            await self.pause(0.03)
            number = self.pick(list(ROOMS))
            if number is None:
                continue
            fact = self.ledger.reactions[number, emoji, number_for(name)]
            fact.ask(not fact.value)
            at = len(client.frames)
            await client.send({"type": "chat_reaction", "chatId": number, "reaction": emoji,
                               "adding": not fact.value})
            done = await self.reacted(client, at, number, emoji, not fact.value)
            if done is None:
                return
            fact.answer(done)
            self.ledger.counts["reactions"] += done

    async def reacted(self, client, at, number, emoji, adding):
        """True: done; False: refused, because it was deleted meanwhile; None: no answer any more."""
        end = time.monotonic() + 5 * SLOW
        while True:
            for frame in client.frames[at:]:
                at += 1
                if frame.get("type") == "chat_reactions_updated" and frame["chatId"] == number and \
                        (emoji in frame["reactions"]) == adding:
                    return True
                if frame.get("type") == "error":
                    check(frame["error"] == "unknown_message", f"a reaction to {number}: {frame}")
                    return False
            if client.reader.done():
                return None
            check(time.monotonic() < end, f"{client.name}'s reaction to {number} is not answered")
            await asyncio.sleep(0.002)

    async def edit(self):
        while not self.over:
            await self.pause(0.03)
            number = self.pick(list(ROOMS))
            if number is None:
                continue
            text = self.ledger.texts[number]
            self.ledger.number += 1
            fact = self.ledger.edits[number]
            fact.ask(f"e{self.ledger.number} was said")
            answer = await self.editor.publish(self.ledger.said[text], {
                "kind": "edit", "target": number, "text": fact.asked[0]}, lambda: self.killed)
            if answer is None:
                check(self.killed, f"an edit of {number} is not answered")
                return
            check(answer[0] == "ACK" or answer[1]["code"] == "unknown_message", f"an edit of {number}: {answer}")
            fact.answer(answer[0] == "ACK")
            self.ledger.counts["edits"] += answer[0] == "ACK"

