#!/usr/bin/python3
"""Backends for the system tests: instances that keep what they get, subscribers, and programs.

As a program, a backend's instance in a process of its own, which prints each message it gets as a
line of JSON:

    /usr/bin/python3 tests/system/backends.py ENDPOINT NAME CREDITS"""

import asyncio
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time

import zmq

from server import SLOW, Failure, check

BEAT = 0.2  # seconds between heartbeats
HERE = os.path.dirname(os.path.abspath(__file__))


def allow(meta, event):
    """The simplest judge: meta and envelope of an ASK in, the ANSWER's meta out."""
    return {"verdict": "allow"}


class Instance:
    """A DEALER on a thread of its own. What comes is kept in received as (command, meta, envelope).
    judge(meta, envelope) answers an ASK: the ANSWER's meta, or (meta, envelope), or None for no answer;
    acknowledge(meta, envelope) says whether an EVENT gets its ACK."""

    def __init__(self, endpoint, name, judge=allow, acknowledge=lambda meta, event: True, beats=True,
                 keys=None, bind=False, **ready):
        self.name, self.judge, self.acknowledge, self.beats = name, judge, acknowledge, beats
        self.ready_meta = {"name": name, **ready}
        self.received, self.frames, self.at, self.again = [], [], 0, True
        self.context = zmq.Context()
        self.dealer = self.context.socket(zmq.DEALER)
        self.dealer.linger = 0
        set_keys(self.dealer, keys)
        (self.dealer.bind if bind else self.dealer.connect)(endpoint)
        self.endpoint = self.dealer.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        self.outgoing = queue.Queue()
        self.bell, self.ring = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.failure = None
        self.thread.start()

    # ---- its thread ----

    def run(self):
        try:
            poller = zmq.Poller()
            poller.register(self.dealer, zmq.POLLIN)
            poller.register(self.bell, zmq.POLLIN)
            beat = time.monotonic()
            self.put("READY", self.ready_meta)
            while self.again:
                ready = dict(poller.poll(BEAT * 500))
                if self.bell.fileno() in ready:
                    self.bell.recv(4096)
                while not self.outgoing.empty():
                    self.post(self.outgoing.get())
                if self.dealer in ready:
                    self.take(self.dealer.recv_multipart())
                if self.beats and time.monotonic() - beat > BEAT:
                    self.put("HEARTBEAT", {})
                    beat = time.monotonic()
        except Exception as error:  # told where the scenario waits
            self.failure = error

    def put(self, command, meta, envelope=None):
        frames = [b"DGM1", command.encode(), json.dumps(meta).encode()]
        self.post(frames + ([json.dumps(envelope).encode()] if envelope else []))

    def post(self, frames):
        try:
            self.dealer.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            pass  # nobody is connected, and it is Dragoman that will ask for a READY

    def take(self, frames):
        self.frames.append(frames)
        command = frames[1].decode()
        meta = json.loads(frames[2]) if len(frames) > 2 else {}
        event = json.loads(frames[3]) if len(frames) > 3 else None
        self.received.append((command, meta, event))
        self.keep(command, meta, event)
        if command == "ASK":
            answer = self.judge(meta, event)
            if answer:
                answer, change = answer if isinstance(answer, tuple) else (answer, None)
                self.put("ANSWER", {"id": meta["id"], **answer}, change)
        elif command == "EVENT" and self.acknowledge(meta, event):
            self.put("ACK", {"id": meta["id"]})
        elif command == "ERROR" and meta["code"] == "not_ready" and self.beats:
            self.put("READY", self.ready_meta)

    def keep(self, command, meta, event):
        pass

    # ---- the scenario's side ----

    def send_frames(self, *frames):
        """Sends frames as they are."""
        self.outgoing.put([frame if isinstance(frame, bytes) else frame.encode() for frame in frames])
        self.ring.send(b"!")

    def send(self, command, meta, envelope=None):
        self.send_frames("DGM1", command, json.dumps(meta), *([json.dumps(envelope)] if envelope else []))

    def count(self, command):
        return sum(got[0] == command for got in self.received)

    async def expect(self, command, within=2.0, **fields):
        """The next message with this command and these fields of meta: (meta, envelope)."""
        end = time.monotonic() + within * SLOW
        while True:
            while self.at < len(self.received):
                self.at += 1
                found, meta, event = self.received[self.at - 1]
                if found == command and all(meta.get(k) == v for k, v in fields.items()):
                    return meta, event
            if time.monotonic() > end or self.failure:
                raise Failure(f"{self.name} did not get {command} {fields}, but {self.received[-4:]}"
                              + (f" and failed: {self.failure!r}" if self.failure else ""))
            await asyncio.sleep(0.01)

    def leave(self):
        """BYE, after which it says nothing more, or it would be asked to come back."""
        self.beats = False
        self.send("BYE", {})

    def stop(self):
        """As if it were killed: no BYE, the connection ends."""
        if self.again:
            self.again = False
            self.ring.send(b"!")
            self.thread.join()
            self.dealer.close()
            self.context.term()
            self.bell.close()
            self.ring.close()


class Subscriber:
    """A SUB on a thread of its own; what comes is kept in received as (topic, envelope)."""

    def __init__(self, endpoint, topic="", keys=None):
        self.received, self.frames, self.again = [], [], True
        self.context = zmq.Context()
        self.sub = self.context.socket(zmq.SUB)
        self.sub.linger = 0
        set_keys(self.sub, keys)
        self.sub.connect(endpoint)
        self.sub.subscribe(topic)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while self.again:
            if self.sub.poll(50):
                frames = self.sub.recv_multipart()
                self.frames.append(frames)
                self.received.append((frames[0].decode(), json.loads(frames[1])))

    def texts(self, topic="lobby/message"):
        return [event.get("text") for at, event in list(self.received) if at == topic]

    async def subscribed(self, client):
        """A subscription takes a moment: client talks until something comes."""
        for number in range(200):
            await client.say(f"is anybody there? {number}")
            await asyncio.sleep(0.02)
            if self.received:
                return
        raise Failure("the tap says nothing")

    async def hears(self, text, within=2.0):
        end = time.monotonic() + within * SLOW
        while text not in self.texts():
            check(time.monotonic() < end, f"the tap did not say {text!r}, but {self.texts()[-5:]}")
            await asyncio.sleep(0.01)

    def stop(self):
        if self.again:
            self.again = False
            self.thread.join()
            self.sub.close()
            self.context.term()


class Program:
    """A process; its output goes to a file of the server's folder."""

    def __init__(self, folder, name, *command, **more):
        self.path = os.path.join(folder, name + ".out")
        self.file = open(self.path, "wb")
        self.process = subprocess.Popen(command, stdout=self.file, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, **more)

    def output(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    async def says(self, text, within=5.0):
        end = time.monotonic() + within * SLOW
        while text not in self.output():
            check(time.monotonic() < end and self.process.poll() is None,
                  f"{self.path} did not say {text!r} but {self.output()[-2000:]!r}")
            await asyncio.sleep(0.02)

    def messages(self):
        """What an instance of this file got: a list of its messages' frames (texts)."""
        return [json.loads(line) for line in self.output().splitlines(True) if line.endswith("\n")]

    def pause(self):
        """SIGSTOP, and it has stopped."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.kill()
        self.file.close()


class Crew:
    """The backends of one server: with Crew(server) as crew: ... Leaving it stops them and holds all
    that Dragoman sent to them against the schemas."""

    def __init__(self, server=None):
        self.server, self.parts = server, []

    def add(self, part):
        self.parts.append(part)
        return part

    def instance(self, name, endpoint=None, **more):
        return self.add(Instance(endpoint or self.server.endpoint(name), name, **more))

    def subscriber(self, name, **more):
        return self.add(Subscriber(self.server.endpoint(name, "taps"), **more))

    def program(self, name, *command, **more):
        return self.add(Program(self.server.folder.name, name, *command, **more))

    def process(self, name, backend, credits=500):
        """An instance in a process of its own."""
        return self.program(name, "/usr/bin/python3", "-u", os.path.join(HERE, "backends.py"),
                            self.server.endpoint(backend), backend, str(credits))

    def pairs(self):
        """For schema.validate()."""
        from schema import sent, tapped
        for part in self.parts:
            if isinstance(part, Instance):
                yield from (pair for frames in part.frames for pair in sent(frames))
            elif isinstance(part, Subscriber):
                yield from (pair for frames in part.frames for pair in tapped(frames))
            elif "backends.py" in str(part.process.args):
                yield from (pair for frames in part.messages()
                            for pair in sent([frame.encode() for frame in frames]))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for part in self.parts:
            part.stop()
        if kind is None:
            from schema import validate
            failed = [part.failure for part in self.parts if getattr(part, "failure", None)]
            check(not failed, f"an instance failed: {failed}")
            validate(list(self.pairs()))
        elif isinstance(error, Exception):
            for part in self.parts:
                if isinstance(part, Program):
                    print(f"    {part.path}:", part.output()[-600:], flush=True)
        return False


def set_keys(sock, keys):
    """keys: (server's public, own public, own secret), or None for no encryption."""
    if keys:
        sock.curve_serverkey, sock.curve_publickey, sock.curve_secretkey = keys


def log_count(server, *words):
    """How many lines of the server's log have all these words."""
    return sum(all(word in line for word in words) for line in server.log_text().splitlines())


async def until(condition, what, within=3.0, pause=0.02):
    """Waits until condition() holds; its value."""
    end = time.monotonic() + within * SLOW
    while True:
        found = condition()
        if found:
            return found
        check(time.monotonic() < end, f"did not happen: {what}")
        await asyncio.sleep(pause)


class Printing(Instance):
    def keep(self, command, meta, event):
        sys.stdout.write(json.dumps([frame.decode() for frame in self.frames.pop()]) + "\n")
        self.received.clear()


if __name__ == "__main__":
    Printing(sys.argv[1], sys.argv[2], credits=int(sys.argv[3])).thread.join()
