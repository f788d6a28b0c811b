"""What a server acknowledged, and what it has kept: the books of what clients did and were told, the rows of
rooms.db as they are on the disk, and the comparison of both."""

import collections
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
import uuid

from block_rows import messages
from chat import id_of, text_of
from server import check, run

TEXT = re.compile(r"([mre])(\d+) was said")     # r: said by a rooms client, whose words are not kept
WORDS = re.compile(rb"[mre]\d+ was said")
BANS, MUTES = 0, 1                              # lists of marks, see routes/room/row.h


def text_of_number(sort, number):
    return f"{sort}{number} was said"


def number_of(text):
    """The id in a message's UUID: see codecs/model/identity.h."""
    whole = uuid.UUID(text).int
    free = whole >> 80 << 74 | (whole >> 64 & 0xfff) << 62 | whole & (1 << 62) - 1
    check(free >> 118 == 1, f"{text} is no message's")
    return free >> 65 & (1 << 53) - 1


def ids_of(frames):
    """(text, id or None, its UUID or None) of each of our messages among the frames, in their order."""
    for frame in frames:
        text = text_of(frame)
        if text is None or not TEXT.fullmatch(text):
            continue
        found = id_of(frame)
        if found is None or isinstance(found, int):
            yield text, found, None
        elif "-" in found:
            yield text, number_of(found), found
        else:
            yield text, int(found), None


Row = collections.namedtuple("Row", "room author deleted text edit has_body")


def words_in(body):
    found = WORDS.findall(body or b"")
    return found[-1].decode() if found else None


class Kept:
    """The rows of a state folder's rooms.db, whose server is dead or runs: read from a copy, so that nothing
    of the original is touched, and what a crash left is recovered twice."""

    def __init__(self, folder):
        with tempfile.TemporaryDirectory(prefix="dragoman-kept-") as copy:
            for name in ("rooms.db", "rooms.db-wal"):
                path = os.path.join(folder, name)
                if os.path.exists(path):
                    shutil.copy(path, copy)
            base = sqlite3.connect(os.path.join(copy, "rooms.db"))
            try:
                self.read(base)
            finally:
                base.close()

    def read(self, base):
        check(base.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the file is damaged")
        self.rooms = dict(base.execute("SELECT number, name FROM room"))
        self.messages, self.by_text = {}, collections.defaultdict(list)
        for room, number, author, name, deleted, body, edit in messages(base):
            check(number not in self.messages, f"{number} was given in two rooms")
            row = Row(self.rooms[room], author, self.is_purged(base, room, number, author, name) or deleted,
                      words_in(body), words_in(edit), body is not None)
            self.messages[number] = row
            if row.text:
                self.by_text[row.text].append(number)
        self.reactions = {(number, emoji, author) for number, emoji, author in
                          base.execute("SELECT id, emoji, author FROM reaction")
                          if not self.messages[number].deleted}
        self.marks = {(list_, self.rooms[room], number): until for list_, room, number, until in
                      base.execute("SELECT list, room, number, until_ms FROM mark WHERE number > 0")}
        self.polls = {self.rooms[room]: (number, until, body) for room, number, until, body in
                      base.execute("SELECT room, id, until_ms, body FROM poll")}
        self.votes = {(self.rooms[room], author): choice for room, author, choice in
                      base.execute("SELECT room, author, choice FROM vote")}

    def is_purged(self, base, room, number, author, name):
        """A row of purge holds at once, and is carried out bit by bit."""
        if not hasattr(self, "purges"):
            self.purges = base.execute("SELECT room, author, folded, id FROM purge").fetchall()
        return any(room == of and number <= last and whose in (0, author) and folded in ("", name.lower())
                   for of, whose, folded, last in self.purges)


def history(path, room):
    """What the program itself says of a server that does not run: all rows, page by page, the oldest first."""
    rows, before = [], ()
    while True:
        status, said, errors = run("history", room, "--count", "1000", "--json", "-c", path, *before, within=30)
        check(status == 0, f"history of {room}: {status}: {said}{errors}")
        page = json.loads(said)["rows"]
        if not page:
            return rows
        rows[:0], before = page, ("--before", str(page[0]["id"]))


class Fact:
    """One thing that is changed by one hand, a request after the other: what was acknowledged last, and what
    it may be instead, because that was asked for since and not answered."""

    def __init__(self, value):
        self.value, self.asked = value, ()
        self.past = []  # what was acknowledged before, and until when

    def ask(self, *values):
        self.asked = values

    def answer(self, done=True):
        """The last one of those is acknowledged, or refused."""
        if done:
            self.past = self.past[-20:] + [(time.monotonic(), self.value)]
            self.value = self.asked[-1]
        self.asked = ()

    def settle(self, found, what, since=None):
        """What is found must be one of those; from then on it is what holds. since: or what held then or
        later. True: something new is found."""
        values = [value for until, value in self.past if since is not None and until >= since]
        check(found == self.value or found in self.asked or found in values,
              f"{what}: {found!r} is kept, {self.value!r} was acknowledged"
              + (f", {self.asked} asked for" if self.asked else ""))
        changed, self.value, self.asked, self.past = found != self.value, found, (), []
        return changed


class Ledger:
    """What was said and done over all lives of a server."""

    def __init__(self):
        self.said = {}      # text -> its room
        self.lost = set()   # texts that nobody was told of, and that were not kept: gone for ever
        self.ids = {}       # text -> id
        self.texts = {}     # id -> text
        self.uuids = {}     # id -> how mixer clients know it
        self.times = {}     # text -> when it was acknowledged first
        self.heard = set()  # texts that somebody was told of, by whatever id
        self.deleted = collections.defaultdict(lambda: Fact(False))  # id
        self.edits = collections.defaultdict(lambda: Fact(None))     # id -> the text of the newest
        self.reactions = collections.defaultdict(lambda: Fact(False))  # (id, emoji, author)
        self.marks = collections.defaultdict(lambda: Fact(False))    # (list, room, number)
        self.polls = collections.defaultdict(lambda: Fact(None))     # room -> its question
        self.poll_ends = {}                                          # room -> when, by the wall clock
        self.votes = collections.defaultdict(lambda: Fact(None))     # (room, author) -> choice
        self.number = 0
        self.counts = collections.Counter()

    def text(self, room, sort="m"):
        """A new text, which will be said in that room."""
        self.number += 1
        text = text_of_number(sort, self.number)
        self.said[text] = room
        return text

    def hear(self, who, frames, newest):
        """All that one client was sent, in its order: it has no text twice, no id twice, and in one room ids
        only rise. newest: room -> the newest id before this life of the server."""
        last, seen = dict(newest), set()
        for text, number, name in ids_of(frames):
            check(text in self.said, f"{who} heard {text!r}, which nobody said")
            check(text not in seen, f"{who} heard {text!r} twice")
            check(text not in self.lost, f"{who} heard {text!r}, which was lost before")
            seen.add(text)
            self.heard.add(text)
            self.times.setdefault(text, time.monotonic())
            if number is None:
                continue
            room = self.said[text]
            check(number > last.get(room, 0), f"{who}: {text!r} has {number} after {last.get(room)} in {room}")
            last[room] = number
            self.note(text, number, name)

    def note(self, text, number, name=None):
        """A text has that id, and no other; the id is of no other text. True: that is new."""
        known = text in self.ids
        check(self.ids.setdefault(text, number) == number, f"{text!r} is {number} and {self.ids[text]}")
        check(self.texts.setdefault(number, text) == text, f"{number} is {text!r} and {self.texts[number]!r}")
        self.times.setdefault(text, time.monotonic())
        if name:
            self.uuids[number] = name
        return not known

    def newest(self):
        found = {}
        for text, number in self.ids.items():
            room = self.said[text]
            found[room] = max(found.get(room, 0), number)
        return found

    # ---- the comparison ----

    def compare(self, kept, since=None):
        """Everything acknowledged is kept as it was acknowledged, and nothing twice. since: what was
        acknowledged then or later may be lost, with all after it."""
        for text, numbers in kept.by_text.items():
            check(len(numbers) == 1, f"{text!r} is kept as {numbers}")
            check(text in self.said, f"{text!r} was never said")
            check(text not in self.lost, f"{text!r} was lost, and is kept now")
            self.counts["kept without an answer"] += text not in self.ids and text not in self.heard
            self.note(text, numbers[0])
        self.lose([text for text in self.heard | set(self.ids) if not self.is_kept(text, kept)], kept, since)
        self.lost.update(text for text in self.said if text not in self.ids and text not in self.heard)
        self.compare_messages(kept, since)
        self.compare_others(kept, since)

    def lose(self, gone, kept, since):
        newest = {room: max([number for number, row in kept.messages.items() if row.room == room], default=0)
                  for room in set(self.said.values())}
        for text in gone:
            number, room = self.ids.get(text), self.said[text]
            what = f"{text!r} of {room}, acknowledged as {number}, is lost"
            check(since is not None and self.times[text] >= since, what)
            check(number is None or number > newest[room], f"{what}, and {newest[room]} is kept")
            self.forget(text)
        self.counts["acknowledged and lost"] += len(gone)

    def is_kept(self, text, kept):
        """What only simple clients heard has no id that is known; words that are not kept, none at all."""
        number = self.ids.get(text)
        return number in kept.messages if number else text.startswith("r")

    def forget(self, text):
        """What a power cut took."""
        number = self.ids.pop(text, None)
        self.texts.pop(number, None)
        self.heard.discard(text)
        self.lost.add(text)
        for facts in (self.deleted, self.edits):
            facts.pop(number, None)
        for key in [key for key in self.reactions if key[0] == number]:
            del self.reactions[key]

    def compare_messages(self, kept, since):
        for number, text in self.texts.items():
            row = kept.messages[number]
            what = f"{text!r}, {number}"
            check(row.room == self.said[text], f"{what} is kept in {row.room}, not in {self.said[text]}")
            self.counts["deleted"] += self.deleted[number].settle(bool(row.deleted), f"{what}, deleted", since)
            if row.deleted:
                check(row.text is None and row.edit is None or not row.has_body, f"{what}: words are kept: {row}")
                self.edits.pop(number, None)
                continue
            check(row.text == (None if text.startswith("r") else text), f"{what} reads {row.text!r}")
            if number in self.edits:
                self.edits[number].settle(row.edit, f"{what}, edited", since)
            else:
                check(row.edit is None, f"{what}: edited to {row.edit!r} by nobody")

    def compare_others(self, kept, since):
        for key in [key for key in self.reactions if self.deleted[key[0]].value]:
            del self.reactions[key]
        for key in kept.reactions:
            check(key in self.reactions, f"a reaction of nobody: {key}")
        for name in ("reactions", "marks"):
            found = getattr(kept, name)
            for key, fact in getattr(self, name).items():
                fact.settle(key in found, f"{name} {key}", since)
        for room, fact in self.polls.items():
            poll = kept.polls.get(room)
            if fact.value is not None and time.time() > self.poll_ends[room]:
                fact.ask(None, *fact.asked)
            if fact.settle(question_in(poll[2]) if poll else None, f"the poll of {room}", since):
                self.forget_votes(room)
        for key in kept.votes:
            check(key in self.votes, f"a vote of nobody: {key}")
        for key, fact in self.votes.items():
            fact.settle(kept.votes.get(key), f"the vote of {key}", since)

    def compare_shown(self, path):
        """After compare(): the program finds nothing wrong, and shows each message, as it reads now, once."""
        status, said, errors = run("check", "-c", path, "--state", within=60)
        check(status == 0, f"check --state: {said[-1000:]}{errors[-1000:]}")
        for room in set(self.said.values()):
            rows = history(path, room)
            shown = {row["id"]: row for row in rows}
            check(len(shown) == len(rows), f"the history of {room} has an id twice")
            for number, text in self.texts.items():
                if self.said[text] == room:
                    self.compare_row(shown.get(number), number, text)

    def compare_row(self, row, number, text):
        edit = self.edits[number].value if number in self.edits else None
        wanted = None if text.startswith("r") or self.deleted[number].value else edit or text
        check(row and row.get("text") == wanted and bool(row.get("deleted")) == self.deleted[number].value,
              f"history shows {number} as {row}, not as {wanted!r}")

    def forget_votes(self, room):
        for key in [key for key in self.votes if key[0] == room]:
            del self.votes[key]


def question_in(body):
    found = re.search(rb"poll \d+\?", body)
    return found[0].decode() if found else None
