#!/usr/bin/python3
"""A bot: "!roll" and "!roll 20" throw dice, "!poll Tea or coffee? | tea | coffee" holds a poll.

    /usr/bin/python3 contrib/examples/dice.py ipc://contrib/examples/dice.sock

What it says goes to the room the command came from, under the name that the configuration gives it.
Needs Debian's python3-zmq."""

import json
import random
import sys
import time

import zmq

POLL_MS = 30000


def answers(event):
    """The envelopes to publish because of this one."""
    words = event.get("text", "").split()
    who = event["author"]["name"]
    if words[:1] == ["!roll"]:
        sides = int(words[1]) if len(words) > 1 and words[1].isdigit() and 1 < int(words[1]) < 10**6 else 6
        return [{"kind": "message", "text": f"{who} rolls {random.randint(1, sides)} of {sides}"}]
    if words[:1] == ["!poll"]:
        question, *options = [part.strip() for part in event["text"][len("!poll"):].split("|")]
        if question and len(options) > 1:
            return [{"kind": "poll_start", "duration_ms": POLL_MS,
                     "poll": {"question": question, "duration_ms": POLL_MS,
                              "options": [{"text": option} for option in options]}}]
    return [{"kind": "message", "text": f"{who}: I know !roll [SIDES] and !poll QUESTION | A | B"}]


def read(frames):
    """Command, meta and envelope of a message; no command when it is not of this protocol."""
    try:
        version, command, *objects = frames
        meta, envelope = ([json.loads(one or b"{}") for one in objects] + [{}, {}])[:2]
    except ValueError:
        return None, {}, {}
    if version != b"DGM1" or not isinstance(meta, dict) or not isinstance(envelope, dict):
        return None, {}, {}
    return command, meta, envelope


class Bot:
    def __init__(self, endpoint):
        self.socket = zmq.Context().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(endpoint)
        self.requests = 0
        self.beat, self.due = 1.0, 0.0  # heartbeats, in seconds
        self.seen = {}  # ids of late, so that what is sent again is not said again

    def send(self, command, meta, envelope=None):
        frames = [b"DGM1", command, json.dumps(meta).encode()]
        if envelope is not None:
            frames.append(json.dumps(envelope).encode())
        self.socket.send_multipart(frames)

    def ready(self):
        self.send(b"READY", {"name": "dice", "credits": 100})

    def event(self, meta, event):
        if meta["id"] not in self.seen and meta.get("cause") == "route" and event.get("kind") == "message":
            for envelope in answers(event):
                self.requests += 1
                self.send(b"PUBLISH", {"id": self.requests, "room": event["room"]}, envelope)
        self.seen[meta["id"]] = True
        if len(self.seen) > 1000:
            del self.seen[next(iter(self.seen))]
        self.send(b"ACK", {"id": meta["id"]})

    def hear(self, command, meta, envelope):
        if command in (b"EVENT", b"ASK") and "id" not in meta:
            return
        if command == b"EVENT":
            self.event(meta, envelope)
        elif command == b"ASK":
            login = meta.get("about") == "login"  # it knows nobody
            self.send(b"ANSWER", {"id": meta["id"], "verdict": "refuse" if login else "allow"})
        elif command == b"READY":
            self.beat, self.due = meta["heartbeat_ms"] / 1000, 0.0
            print("ready", flush=True)
        elif command == b"ERROR" and meta.get("code") == "not_ready":
            self.ready()
        elif command == b"ERROR":
            print("error:", meta, file=sys.stderr, flush=True)

    def run(self):
        self.ready()
        while True:
            if time.monotonic() >= self.due:
                self.send(b"HEARTBEAT", {})
                self.due = time.monotonic() + self.beat
            if self.socket.poll(max(0, self.due - time.monotonic()) * 1000):
                self.hear(*read(self.socket.recv_multipart()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: dice.py ENDPOINT")
    Bot(sys.argv[1]).run()
