"""Backends for Dragoman: dragoman-backend(7), section CLIENT LIBRARIES. Needs Debian's python3-zmq."""
import collections
import json
import os
import pathlib
import signal
import sys
import time
import traceback
import zmq


class Refuse(Exception):
    """Raised in ask() or login(): no, and why."""


class Error(Exception):
    """A request was refused, with that code. "lost": the server was gone before it said whether it was done."""
    code = property(lambda self: self.args[0])


class Event(dict):
    """A JSON object whose keys are attributes, too. What is left out is empty."""
    EMPTY = {"text": "", "name": "", "secret": "", "roles": (), "flags": ()}

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        return self.get(key, Event() if key in ("author", "subject") else self.EMPTY.get(key))


def set_keys(socket, keys):
    """CURVE: server_key, public_key, secret_key, or DRAGOMAN_SERVER_KEY ..., each a key or a file that has it."""
    for which in ("server", "public", "secret"):
        key = keys.get(which + "_key") or os.environ.get(f"DRAGOMAN_{which.upper()}_KEY")
        if key:
            key = pathlib.Path(key).read_text("ascii").strip() if os.path.exists(key) else key
            setattr(socket, f"curve_{which}key", key.encode())


class Backend:
    """An instance of a backend, of one thread. ask(event), event(event), login(login): what it is asked, and told.
    endpoint: else the program's first argument, or DRAGOMAN_ENDPOINT. keys: see set_keys()."""

    def __init__(self, name, endpoint=None, ask=None, event=None, login=None, rooms=(), credits=100, presence=False,
                 bind=False, **keys):
        endpoint = endpoint or (sys.argv[1:] or [os.environ.get("DRAGOMAN_ENDPOINT")])[0]
        if not endpoint:
            sys.exit(f"usage: {os.path.basename(sys.argv[0])} ENDPOINT")
        self.name, self.ask, self.event, self.login = name, ask, event, login
        self.ready = {"name": name, "rooms": list(rooms), "credits": credits, "presence": presence}
        self.joined, self.joins, self.instance, self.leaving = False, 0, None, False
        self.beat, self.due, self.heard, self.requests, self.answer = 1.0, 0.0, 0.0, 0, None
        self.inbox, self.seen = collections.deque(), collections.deque(maxlen=1000)
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.set(zmq.IMMEDIATE, 1)  # nothing piles up while nobody is there
        self.socket.set(zmq.HEARTBEAT_IVL, 5000)  # the connection's own, which ends one that is dead
        set_keys(self.socket, keys)
        (self.socket.bind if bind else self.socket.connect)(endpoint)

    # ---- requests: each waits until the server is there and has done it ----

    def say(self, room, text, **how):
        """name=: one of speaks_as; to=: one person alone. The id of what was said."""
        return self.publish(room, {"kind": "message", "text": text}, **how)

    def edit(self, room, target, text, **how):
        return self.publish(room, {"kind": "edit", "target": target, "text": text}, **how)

    def kick(self, room, person, **how):
        """text=: why; permanent=True: a ban."""
        return self.control("kick", room, person=person, **how)

    def publish(self, room, envelope, name=None, to=None):
        return self.request("PUBLISH", {"room": room, "as": name, "to": to}, envelope).event

    def control(self, do, room, **more):
        return self.request("CONTROL", {"do": do, "room": room, **more})

    def request(self, command, meta, *envelope):
        self.requests += 1
        meta = {key: value for key, value in {**meta, "id": f"request {self.requests}"}.items() if value is not None}
        self.answer, joins = None, None  # of which server: None: it is not sent
        while self.joined or not self.leaving:
            if joins is None and self.joined and self.send(command, meta, *envelope):
                joins = self.joins
            self.turn()
            said, answer = self.answer or (None, Event(code="lost"))
            if said == b"ACK":
                return answer
            if answer.code == "not_ready":  # it was not done: again, when it has joined
                self.answer, joins = None, None
            elif said or joins not in (None, self.joins):
                raise Error(answer.code, answer.text)
        raise Error("lost" if joins else "closing", "this backend leaves")

    # ---- what it is asked ----

    def run(self):
        """Serves until SIGTERM, SIGINT or leave(); answers what is under way, and ends."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.leave())
        while not self.leaving:
            self.serve()
        self.send("BYE", {})
        end = time.monotonic() + 0.3  # for what was sent before that was read
        while self.inbox or time.monotonic() < end:
            self.serve(0.1)
        self.socket.close(linger=1000)

    def leave(self):
        self.leaving = True

    def serve(self, seconds=0.5):
        """Waits for a message, and handles what came. In place of run(), for who has more to do."""
        self.turn(0 if self.inbox else seconds)
        for _ in range(len(self.inbox)):
            try:
                self.handle(*self.inbox.popleft())
            except Exception:  # without an answer it has failed, and its sender is told
                traceback.print_exc()

    def handle(self, command, meta, event):
        vars(event)["meta"] = meta
        if command == b"ASK":
            return self.send("ANSWER", *self.judge(meta.about == "login", meta, event))
        said = self.event(event) if self.event and meta.id not in self.seen else None
        if said:
            self.say(event.room, said)
        self.seen.append(meta.id)  # what is sent again is not done again
        return self.send("ACK", {"id": meta.id})

    def judge(self, login, meta, event):
        handler, answer = self.login if login else self.ask, {"id": meta.id, "verdict": "allow"}
        try:
            verdict = handler(meta.login if login else event) if handler else None
        except Refuse as no:
            return [{**answer, "verdict": "refuse", "text": str(no)}]
        if login and isinstance(verdict, dict):
            return [{**answer, "as": {key: verdict[key] for key in ("name", "number", "roles") if verdict.get(key)}}]
        if verdict is True or not login and verdict in (None, event.text):
            return [answer]
        if login or verdict in ("", False):  # a message that is empty cannot be
            return [{**answer, "verdict": "refuse"}]
        return [{**answer, "verdict": "change"}, verdict if isinstance(verdict, dict) else {"text": str(verdict)}]

    # ---- the socket ----

    def send(self, command, meta, *envelope):
        """False when nobody is there."""
        frames = [json.dumps(one).encode() for one in (meta, *envelope)]
        try:
            self.socket.send_multipart([b"DGM1", command.encode(), *frames], zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def turn(self, seconds=0.5):
        now = time.monotonic()
        self.joined = self.joined and now - self.heard < 2 * self.beat
        if now >= self.due:
            alive = self.joined or self.leaving
            there = self.send("HEARTBEAT", {}) if alive else self.send("READY", self.ready)
            self.due = now + (self.beat if there else 0.1)
        self.socket.poll(max(0.0, min(seconds, self.due - now)) * 1000)
        while True:
            try:
                self.hear(*self.socket.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                break
            except (TypeError, ValueError):
                pass  # not of this protocol

    def hear(self, version, command, *objects):
        meta, event = ([json.loads(one or b"{}", object_hook=Event) for one in objects] + [Event(), Event()])[:2]
        if version != b"DGM1" or not isinstance(meta, Event) or not isinstance(event, Event):
            return
        self.heard = time.monotonic()
        if command == b"READY":
            if self.instance != meta.instance:  # another server, or one that had forgotten it
                self.joins += 1
                print(f"{self.name}: ready", file=sys.stderr, flush=True)
            self.joined, self.instance, self.beat, self.due = True, meta.instance, meta.heartbeat_ms / 1000, 0.0
        elif command in (b"ASK", b"EVENT") and "id" in meta:
            self.inbox.append((command, meta, event))
        elif command in (b"ACK", b"ERROR") and meta.id == f"request {self.requests}":
            self.answer = command, meta
        elif command == b"ERROR" and meta.code != "not_ready":
            print(f"{self.name}: error: {meta.code}: {meta.text}", file=sys.stderr, flush=True)
        elif command == b"BYE":
            self.joined = False
        if command == b"ERROR" and meta.code == "not_ready":  # it has forgotten us
            self.joined, self.instance, self.due = False, None, 0.0
