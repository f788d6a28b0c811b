"""Steady clients of the mixed run (endure.py): they do all that their dialect can, one request after the other, and
keep a short note of each frame that comes."""

import asyncio
import collections
import itertools
import json
import re
import sys
import time

from chat import Client, id_of, text_of
from keeping import number_of
from server import SLOW

WORD = "word"  # of guests, so that they are known again by HTTP
ANSWER = 20 * SLOW  # seconds after which a request counts as not answered
SAID = re.compile(r"#(\d+) of [a-z]+\w*\*?$")  # how what is said to all ends
ALONE = ("lost", "!roll")  # what nobody but its author sees begins so
PRIVATE = re.compile(r"\bw(\d+) of ")
FAR_NEWS = ("it is not known whether", "This did not reach")
SERIALS = itertools.count(1)

# How a text begins, how often it is said, and whether it is taken. See the routes in endure.py.
MARKS = {"plain": (14, True), "look :) at http://example.org/ @max": (2, True), "askok": (3, True),
         "askslow": (2, True), "askchange": (3, True), "askno": (2, False), "bad": (2, False), "asknone": (1, False),
         "lost": (1, True), "!roll": (1, True)}


class Person(Client):
    """A client that is there from the beginning to the end. shown: (serial, id) of what it heard, in that order."""

    def __init__(self, *words):
        self.shown, self.alone, self.private, self.news_of_far = [], [], [], []
        self.kinds, self.replies, self.codes = (collections.Counter() for _ in range(3))
        self.changes = collections.Counter()  # edits, deletions and reads that it saw
        self.waiting, self.stray, self.lean, self.own = None, [], False, None
        super().__init__(*words)

    def take(self, text):
        frame = json.loads(text)
        if not self.lean:
            self.texts.append(text)
            self.frames.append(frame)
        self.note(frame)
        if self.waiting and self.waiting[0](frame):
            self.waiting[1].set_result(frame)
            self.waiting = None
        elif frame["type"] == "error":
            self.stray.append(text)

    def note(self, frame):
        kind, text = frame.get("event", frame["type"]), text_of(frame)
        self.kinds[kind] += 1
        if kind == "reply":
            self.replies[str(frame.get("id", frame.get("payload_id")))] += 1
        elif kind in ("user_status_updated", "enter") and self.own is None:
            self.own = frame.get("userId", frame.get("user_id"))
        elif kind == "chat_edited":
            self.changes["edit", frame["content"]] += 1
        elif kind in ("chat_deleted", "DeleteMessage"):
            self.changes["delete", str(frame["chatId"] if "chatId" in frame else frame["data"]["id"])] += 1
        elif kind == "read":
            self.changes["read", frame["message_id"], frame["user_id"]] += 1
        elif text is not None:
            self.hear(frame, text)

    def hear(self, frame, text):
        said = SAID.search(text)
        if said and '"' not in text:
            entry = int(said[1]), sys.intern(str(id_of(frame)))
            (self.alone if text.startswith(ALONE) else self.shown).append(entry)
        elif PRIVATE.search(text):
            self.private.append(int(PRIVATE.search(text)[1]))
        elif any(words in text for words in FAR_NEWS):
            self.news_of_far.append(text)

    async def request(self, frame, matches, over=None):
        """The frame that answers it, None when none does. over(): it was done, which somebody else was told."""
        future = asyncio.get_running_loop().create_future()
        self.waiting = matches, future
        await self.send(frame)
        end = time.monotonic() + ANSWER
        while over and not future.done() and time.monotonic() < end:
            if over():
                self.waiting = None
                return {}
            await asyncio.sleep(0.02)
        try:
            return await asyncio.wait_for(future, max(0.001, end - time.monotonic()))
        except asyncio.TimeoutError:
            self.waiting = None
            return None

    async def method(self, name, *arguments):
        """mixer: its reply."""
        self.requests += 1
        number = self.requests
        return await self.request({"type": "method", "method": name, "arguments": list(arguments), "id": number},
                                  lambda frame: frame["type"] == "reply" and frame["id"] == number)

    async def says(self, text, tail):
        """What answers it: a reply, an error, or the message."""
        if self.dialect == "mixer":
            return await self.method("msg", text)
        self.requests += 1
        number = str(self.requests)
        if self.dialect == "simple":
            return await self.request({"type": "send_message", "payload_id": number, "message": text},
                                      lambda frame: frame["type"] == "reply" and frame["payload_id"] == number)
        frame = self.saying(text)
        if text.startswith(ALONE):  # where nobody hears it, nothing is said; an error would be one too many
            await self.send(frame)
            return {}
        return await self.request(frame, lambda frame: is_error(frame) or (text_of(frame) or "").endswith(tail))

    def saying(self, text):
        frame = {"concord": {"type": "chat_written", "channelId": self.room["concord"], "content": text},
                 "rooms": {"type": "message", "key": self.key, "content": text, "room_id": self.room["rooms"]}}
        return frame[self.dialect]


def is_error(frame):
    return frame["type"] == "error"


def code_of(frame):
    """Of an answer that says no; None of one that says yes."""
    error = frame.get("error")
    return error.get("message", error) if isinstance(error, dict) else error


class Ledger:
    """What was asked for, and what its sender was told."""

    def __init__(self, dice):
        self.dice = dice
        self.said = {}  # serial: (name, mark, taken or not)
        self.told = collections.Counter()  # (dialect, deed, answer)
        self.untold, self.wrong, self.whispers, self.edits, self.recent = [], [], {}, [], collections.deque(maxlen=40)
        self.reads = set()

    def answered(self, person, deed, frame):
        """Whether it was taken; None when nothing was said."""
        if frame is None:
            self.untold.append((person.name, deed))
            return None
        code = code_of(frame)
        self.told[person.dialect, deed, code] += 1
        return code is None

    def call(self, person, deed, status):
        self.told[person.dialect, deed, status] += 1
        if status >= 500:
            self.wrong.append((person.name, deed, status))

    async def message(self, person, mark=None):
        marks = [m for m in MARKS]
        mark = mark or self.dice.choices(marks, [MARKS[m][0] for m in marks])[0]
        serial = next(SERIALS)
        tail = f"#{serial} of {person.name}"
        taken = self.answered(person, mark.split()[0], await person.says(f"{mark} words {tail}", tail))
        self.said[serial] = person.name, mark, taken
        if taken is not None and taken != MARKS[mark][1] and not person.name.startswith("tim"):
            self.wrong.append((person.name, f"{mark} words {tail}", taken))
        if taken and mark not in ALONE:
            self.recent.append((serial, person))

    def some_id(self, person):
        """What this person calls one of the last messages."""
        return int(self.dice.choice(person.shown[-15:])[1]) if person.shown else 1

    def own_ids(self, person):
        mine = {serial for serial, speaker in self.recent if speaker is person}
        return [number for serial, number in person.shown[-40:] if serial in mine]


def ids_as_numbers(person):
    """(serial, number) of what it heard; 0 where its dialect has no ids."""
    if person.dialect == "simple":
        return [(serial, 0) for serial, _ in person.shown]
    number = number_of if person.dialect == "mixer" else int
    return [(serial, number(text)) for serial, text in person.shown]
