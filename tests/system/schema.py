"""The schemas of the backend protocol, judged by the npm package ajv.

For other scenarios: validate() takes (schema name, value) pairs, and sent() makes those of a message
that a backend received."""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import zmq

import npm
from server import SLOW, Failure, check

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.js")
SCHEMAS = os.path.join("contrib", "schema")
EXAMPLES = os.path.join(SCHEMAS, "examples")
MANUAL = os.path.join("contrib", "man", "dragoman-backend.7")


def judge(pairs):
    """What is wrong with each value, as text; "ok" when nothing is. pairs: (schema name, value), where
    a name is "envelope", or a definition like "envelope/publish" or "meta/dragoman-ask"."""
    lines = "".join(json.dumps({"schema": name, "value": value}) + "\n" for name, value in pairs)
    done = subprocess.run(["node", SCRIPT, npm.install(), SCHEMAS], input=lines.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60 * SLOW)
    check(done.returncode == 0, "schema.js: " + done.stderr.decode("utf-8", "replace")[-2000:])
    verdicts = done.stdout.decode().splitlines()
    check(len(verdicts) == len(pairs), f"{len(verdicts)} verdicts on {len(pairs)} values")
    return verdicts


def validate(pairs):
    """Fails unless every value is as its schema says."""
    for (name, value), verdict in zip(pairs, judge(pairs)):
        check(verdict == "ok", f"not as in {name}: {verdict}: {json.dumps(value)}")


def sent(frames):
    """The pairs for validate() of what Dragoman sent to a backend: a list of frames (bytes), without
    an identity."""
    check(2 <= len(frames) <= 4 and frames[0] == b"DGM1", f"no frames of the protocol: {frames}")
    command = frames[1].decode()
    pairs = [(f"meta/dragoman-{command.lower()}", json.loads(frames[2]) if len(frames) > 2 else {})]
    event = command == "EVENT" or (command == "ASK" and pairs[0][1].get("about") == "event")
    check((len(frames) == 4) == event, f"{len(frames)} frames of {command}")
    return pairs + ([("envelope", json.loads(frames[3]))] if event else [])


def tapped(frames):
    """The same for what a tap sent."""
    check(len(frames) == 2, f"no frames of a tap: {frames}")
    envelope = json.loads(frames[1])
    topic = f"{envelope.get('room')}/{envelope['kind']}"
    check(frames[0].decode() == topic, f"topic {frames[0]}, not {topic}")
    return [("envelope", envelope)]


def examples():
    """(file name, schema name, value) of each: a file is named after its definition, and a word more."""
    for file in sorted(os.listdir(EXAMPLES)):
        with open(os.path.join(EXAMPLES, file), encoding="utf-8") as stream:
            value = json.load(stream)
        side, _, rest = file.removesuffix(".json").partition("-")
        command = rest.partition("-")[0]
        schema = {"envelope": "envelope", "publish": "envelope/publish", "change": "envelope/change"}
        yield file, schema.get(side, f"meta/{side}-{command}"), value


def objects(value):
    """Every object in a value but what "extra" holds, which is nobody's."""
    if isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key != "extra":
                yield from objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def with_unknown_keys(value):
    """Copies of value, each with a key too many in another of its objects."""
    for at in range(sum(1 for _ in objects(value))):
        copied = copy.deepcopy(value)
        list(objects(copied))[at]["colour"] = "blue"
        yield copied


def examples_are_as_the_schemas_say():
    """All of them; with an unknown key only what backends send."""
    found = list(examples())
    check(len(found) > 70, f"{len(found)} examples")
    validate([(name, value) for _, name, value in found])
    copies = [(file, name, copied) for file, name, value in found for copied in with_unknown_keys(value)]
    for (file, name, copied), verdict in zip(copies, judge([copied[1:] for copied in copies])):
        strict = name == "envelope" or name.startswith("meta/dragoman-")
        check((verdict == "ok") == (not strict), f"{file} with an unknown key: {verdict}: {copied}")


def example(file):
    return next(value for name, _, value in examples() if name == file + ".json")


def every_definition_has_an_example():
    with open(os.path.join(SCHEMAS, "meta.schema.json"), encoding="utf-8") as stream:
        definitions = {f"meta/{name}" for name in json.load(stream)["$defs"] if "-" in name}
    with open(os.path.join(SCHEMAS, "envelope.schema.json"), encoding="utf-8") as stream:
        kinds = json.load(stream)["properties"]["kind"]["enum"]
    missing = definitions - {name for _, name, _ in examples()}
    check(definitions and not missing, f"no examples of {missing}")
    files = {file for file, _, _ in examples()}
    check(all(f"envelope-{kind}.json" in files for kind in kinds), "a kind without an example")


# (example, schema name, key, another value or None to leave it out, a part of what is said)
BROKEN = [
    ("envelope-message", "envelope", "kind", "shout", "allowed values"),
    ("envelope-message", "envelope", "kind", None, "required property 'kind'"),
    ("envelope-message", "envelope", "text", None, "required property 'text'"),
    ("envelope-message", "envelope", "id", 2 ** 53, "<= 9007199254740991"),
    ("envelope-message", "envelope", "id", "747292164317699", "must be integer"),
    ("envelope-message", "envelope", "id", None, "properties id, time_ms, room"),
    ("envelope-message", "envelope", "sequence", 0, ">= 1"),
    ("envelope-message", "envelope", "author", {"number": 2 ** 31}, "<= 2147483647"),
    ("envelope-message", "envelope", "author", {}, "required property 'name'"),
    ("envelope-message", "envelope", "author", {"name": "ann", "roles": ["king"]}, "allowed values"),
    ("envelope-message", "envelope", "author", {"name": "ann", "uuid": "1-2"}, "pattern"),
    ("envelope-message", "envelope", "flags", ["shouted"], "allowed values"),
    ("envelope-message", "envelope", "flags", [], "fewer than 1"),
    ("envelope-message", "envelope", "parts", [{"kind": "link", "text": "a"}], "required property 'url'"),
    ("envelope-message", "envelope", "parts", [{"kind": "text", "text": "a", "url": "b"}], "unevaluated"),
    ("envelope-message", "envelope", "correlation", "\"my id\"", "unevaluated"),
    ("envelope-message", "envelope", "origin", {"hops": 0}, "required property 'dialect'"),
    ("envelope-message-private", "envelope", "subject", None, "required property 'subject'"),
    ("envelope-edit", "envelope", "target", None, "required property 'target'"),
    ("envelope-reaction", "envelope", "reactions", [{"emoji": "x", "count": 0}], ">= 1"),
    ("envelope-timeout", "envelope", "duration_ms", None, "required property 'duration_ms'"),
    ("envelope-poll_start", "envelope", "poll", None, "required property 'poll'"),
    ("envelope-poll_vote", "envelope", "choice", 16, "<= 15"),
    ("envelope-opaque", "envelope", "extra", None, "required property 'extra'"),
    ("dragoman-ready", "meta/dragoman-ready", "credits", None, "required property 'credits'"),
    ("dragoman-event", "meta/dragoman-event", "cause", "whim", "allowed values"),
    ("dragoman-event", "meta/dragoman-event", "again", False, "equal to constant"),
    ("dragoman-ask-login", "meta/dragoman-ask", "login", None, "required property 'login'"),
    ("dragoman-ask", "meta/dragoman-ask", "login", {"dialect": "a", "mount": "/"}, "NOT"),
    ("dragoman-ack-members", "meta/dragoman-ack", "room", None, "property room"),
    ("dragoman-ack-members", "meta/dragoman-ack", "id", None, "ok"),
    ("dragoman-error", "meta/dragoman-error", "code", "Not a code", "pattern"),
    ("backend-ready", "meta/backend-ready", "name", None, "required property 'name'"),
    ("backend-ready-full", "meta/backend-ready", "rooms", ["a*b"], "pattern"),
    ("backend-ready-full", "meta/backend-ready", "credits", 100001, "<= 100000"),
    ("backend-answer-allow", "meta/backend-answer", "id", "4", "must be integer"),
    ("backend-answer-allow-login", "meta/backend-answer", "as", {}, "required property 'name'"),
    ("backend-publish", "meta/backend-publish", "room", None, "required property 'room'"),
    ("backend-publish-private", "meta/backend-publish", "to", 0, ">= 1"),
    ("backend-control-kick", "meta/backend-control", "person", None, "required property 'person'"),
    ("backend-control-timeout", "meta/backend-control", "duration_ms", -1, ">= 0"),
    ("backend-control-roles", "meta/backend-control", "roles", None, "required property 'roles'"),
    ("backend-control-members", "meta/backend-control", "room", None, "required property 'room'"),
    ("backend-ack", "meta/backend-ack", "id", None, "required property 'id'"),
    ("publish-message", "envelope/publish", "kind", "kick", "allowed values"),
    ("publish-message", "envelope/publish", "text", "", "fewer than 1"),
    ("publish-reaction", "envelope/publish", "text", "x" * 65, "more than 64"),
    ("publish-presence", "envelope/publish", "text", "online", "allowed values"),
    ("publish-delete", "envelope/publish", "target", None, "required property 'target'"),
    ("publish-poll_start", "envelope/publish", "poll", {"question": "a", "options": [{"text": "a"}],
                                                        "duration_ms": 1000}, "fewer than 2"),
    ("change-action", "envelope/change", "flags", None, "required property 'text'"),
]


def broken_examples_are_found():
    pairs = []
    for file, name, key, value, _ in BROKEN:
        broken = example(file)
        if value is None:
            del broken[key]
        else:
            broken[key] = value
        pairs.append((name, broken))
    for (file, _, key, value, part), verdict in zip(BROKEN, judge(pairs)):
        check(part in verdict, f"{file} with {key} = {value!r}: {verdict}")


def frames_are_judged():
    """What other scenarios rely on finds what is wrong."""
    envelope = json.dumps(example("envelope-message")).encode()
    ask = json.dumps(example("dragoman-ask")).encode()
    login = json.dumps(example("dragoman-ask-login")).encode()
    validate(sent([b"DGM1", b"ASK", ask, envelope]) + sent([b"DGM1", b"ASK", login]) +
             sent([b"DGM1", b"HEARTBEAT"]) + tapped([b"lobby/message", envelope]))
    for wrong in (lambda: sent([b"DGM2", b"HEARTBEAT"]), lambda: sent([b"DGM1", b"ASK", ask]),
                  lambda: sent([b"DGM1", b"ASK", login, envelope]),
                  lambda: validate(sent([b"DGM1", b"ANSWER", ask])),
                  lambda: validate(sent([b"DGM1", b"ACK", ask])),
                  lambda: tapped([b"lobby/edit", envelope])):
        try:
            wrong()
        except Failure:
            continue
        raise Failure("wrong frames were taken for right")


def manual_program(beginning):
    """The text of the manual's program that begins so."""
    with open(MANUAL, encoding="utf-8") as stream:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", stream.read(), re.M | re.S)
    found = [block for block in blocks if block.startswith(beginning)]
    check(len(found) == 1, f"{len(found)} programs in the manual begin with {beginning!r}")
    return found[0].replace("\\e", "\\")


class Router:
    """The server's side of a backend's socket, and the manual's program on the other."""

    def __init__(self, kind, beginning):
        self.context = zmq.Context()
        self.socket = self.context.socket(kind)
        self.socket.linger = 0
        self.socket.bind("tcp://127.0.0.1:*")
        self.program = tempfile.NamedTemporaryFile("w", suffix=".py")
        self.program.write(manual_program(beginning))
        self.program.flush()
        self.process = subprocess.Popen(
            [sys.executable, self.program.name, self.socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()],
            stdout=subprocess.PIPE)
        self.identity = None
        self.said = []  # judged at the end: the program does not wait

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.process.kill()
        self.process.communicate()
        self.program.close()
        self.socket.close()
        self.context.term()
        if failure is None:
            validate(self.said)

    def receive(self):
        """The command, meta and envelope of the next message."""
        check(self.socket.poll(10000 * SLOW), "the manual's program says nothing")
        self.identity, protocol, command, *objects = self.socket.recv_multipart()
        check(protocol == b"DGM1", f"{protocol}")
        meta = json.loads(objects[0]) if objects else {}
        envelope = json.loads(objects[1]) if len(objects) > 1 else None
        self.said.append((f"meta/backend-{command.decode().lower()}", meta))
        if envelope is not None:
            self.said.append(("envelope/change" if command == b"ANSWER" else "envelope/publish", envelope))
        return command.decode(), meta, envelope

    def expect(self, command):
        """The same, past heartbeats."""
        said = ("HEARTBEAT",)
        while said[0] == "HEARTBEAT" != command:
            said = self.receive()
        check(said[0] == command, f"{said}, not {command}")
        return said[1:]

    def send(self, command, *files, **changes):
        """A message made of examples, which are as the server writes them."""
        objects = [example(file) for file in files]
        for key, value in changes.items():
            objects[-1][key] = value
        frames = [b"DGM1", command.encode()] + [json.dumps(one).encode() for one in objects]
        self.said += sent(frames)
        self.socket.send_multipart([self.identity] + frames)


def the_manual_s_backend_works():
    with Router(zmq.ROUTER, "import json, sys, time, zmq") as router:
        check(router.expect("READY")[0] == {"name": "moderation", "credits": 50}, "another READY")
        router.send("READY", "dragoman-ready", heartbeat_ms=200)
        router.expect("HEARTBEAT")
        router.send("ASK", "dragoman-ask", "envelope-message-asked")
        check(router.expect("ANSWER") == ({"id": 4, "verdict": "allow"}, None), "another answer")
        router.send("ASK", "dragoman-ask", "envelope-message-asked", text="darn darn it")
        check(router.expect("ANSWER") == ({"id": 4, "verdict": "change"}, {"text": "**** **** it"}),
              "another answer")
        router.send("EVENT", "dragoman-event", "envelope-poll_end")
        check(router.expect("ACK") == ({"id": 1}, None), "another acknowledgement")
        router.send("HEARTBEAT")
        router.send("BYE", "dragoman-bye")
        router.send("ERROR", "dragoman-error", code="not_ready")
        router.expect("READY")


def the_manual_s_subscriber_works():
    with Router(zmq.PUB, "import json, sys, zmq\n\nfeed") as router:
        envelope = json.dumps(example("envelope-message-action")).encode()
        # Until it has subscribed, nobody hears; the other room's events it never hears.
        end = time.monotonic() + 10 * SLOW
        os.set_blocking(router.process.stdout.fileno(), False)
        heard = b""
        while b"\n" not in heard and time.monotonic() < end:
            router.socket.send_multipart([b"den/message", b"{}"])
            router.socket.send_multipart([b"lobby/message", envelope])
            time.sleep(0.02)
            if router.process.poll() is not None:
                break
            heard += router.process.stdout.read() or b""
        check(heard.startswith(b"lobby/message waves"), f"heard {heard}")


SCENARIOS = [examples_are_as_the_schemas_say, every_definition_has_an_example, broken_examples_are_found,
             frames_are_judged, the_manual_s_backend_works, the_manual_s_subscriber_works]
