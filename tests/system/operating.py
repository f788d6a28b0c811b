"""The control socket: each command on a running server, under load, used wrongly, without right, on a
server that is not there or does not answer."""

import asyncio
import json
import os
import shutil
import socket
import stat
import tempfile
import threading
import time

import websockets

from admin import ADMIN, get, put_in_place, watched
from chat import close_all, join, join_all, open_socket, talk, text_of
from server import BINARY, SLOW, Failure, Server, check, configuration, run, until
from wire import Wire, door, handshake

CROWD = 300 if SLOW == 1 else 40
SPEAKERS = 8
QUICK = "messages_per_second = 0; ping_seconds = 100; idle_seconds = 200;"


def control(server):
    return os.path.join(server.folder.name, "control")


def ask(server, *words, code=0):
    """What a command prints, which ends with that code."""
    status, said, errors = run(*words, "--control", control(server))
    check(status == code, f"{words}: {status} and not {code}: {said}{errors}")
    return said if code == 0 else said + errors


def answer(server, *words, code=0):
    """The same as JSON."""
    status, said, errors = run(*words, "--json", "--control", control(server))
    check(status == code and errors == "", f"{words}: {status} and not {code}: {said}{errors}")
    made = json.loads(said)
    check(made["ok"] == (code == 0) and said.count("\n") == 1, said)
    return made


class Crowd:
    """Many concord clients on a thread of their own, some of whom speak all the time; what they hear is
    read and not looked at."""

    def __init__(self, server, count=CROWD):
        self.server, self.count = server, count
        self.ended = 0
        self.up = threading.Event()
        self.done = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        check(self.up.wait(30 * SLOW) and not self.failure, f"the crowd does not come in: {self.failure}")
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join(30 * SLOW)

    def run(self):
        try:
            asyncio.run(self.live())
        except Exception as error:  # the scenario tells it
            self.failure = error
        self.up.set()

    async def live(self):
        streams = []
        for number in range(self.count):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            writer.write(handshake(f"/concord?token=crowd{number}"))
            head = await reader.readuntil(b"\r\n\r\n")
            check(b" 101 " in head, f"{head}")
            streams.append((reader, writer))
        tasks = [asyncio.create_task(self.hear(reader)) for reader, _ in streams]
        self.up.set()
        await self.speak([writer for _, writer in streams[:SPEAKERS]])
        for _, writer in streams:
            writer.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def hear(self, reader):
        while await reader.read(262144):
            pass
        self.ended += 1

    async def speak(self, writers):
        text = json.dumps({"type": "chat_written", "channelId": 1, "content": "x" * 40}).encode()
        frame = bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text
        while not self.done.is_set():
            for writer in writers:
                if not writer.is_closing():
                    writer.write(frame)
            await asyncio.sleep(0.2)


# ---- seeing ----

def operators_look():
    """status, who, rooms and backends of a server under load."""
    with Server(configuration(QUICK + "connections_per_address = 0;")) as server, Crowd(server):
        status = answer(server, "status")["result"]
        connections = status["connections"]
        check(connections["open"] == CROWD and connections["dialects"]["concord"] == CROWD, f"{connections}")
        check(status["silent_workers"] == [] and status["workers"] == 2, f"{status}")
        check(status["deliveries"]["accepted"] >= status["deliveries"]["delivered"] > 0, f"{status}")
        check(status["listeners"] == [{"kind": "chat", "address": "127.0.0.1", "port": server.port, "tls": False}],
              f"{status}")
        check((status["draining"], status["reload"], status["log_level"]) == (False, None, "info"), f"{status}")
        text = ask(server, "status")
        check(f"{CROWD} open of at most" in text and "process " + str(server.process.pid) in text, text)
        everybody = answer(server, "who")
        check(everybody["result"]["count"] == len(everybody["rows"]) == CROWD, f"{everybody['result']}")
        names = {row["name"] for row in everybody["rows"]}
        check(names == {f"crowd{number}" for number in range(CROWD)}, f"{sorted(names)}")
        row = everybody["rows"][0]
        check(row["dialect"] == "concord" and row["address"] == "127.0.0.1" and row["logged_in"] and
              row["rooms"] == [{"room": "lobby", "roles": ["user"]}] and row["since"].endswith("Z"), f"{row}")
        check(len(answer(server, "who", "lobby")["rows"]) == CROWD, "in the lobby")
        table = ask(server, "who", "lobby").splitlines()
        check(table[0].split()[:3] == ["NAME", "NUMBER", "DIALECT"] and len(table) == CROWD + 2, f"{table[:3]}")
        room = answer(server, "rooms")["rows"]
        check(len(room) == 1 and room[0]["name"] == "lobby" and room[0]["people"] == CROWD and
              room[0]["members"]["concord"] == CROWD and room[0]["ids"]["mixer"] == "1", f"{room}")
        check("lobby" in ask(server, "rooms"), "rooms as text")
        check(answer(server, "backends")["result"]["count"] == 0, "no backends")
        check(ask(server, "who", "attic", code=1) == "dragoman: there is no room 'attic'\n", "an unknown room")


def status_and_log():
    """status has the addresses of all listeners; what was changed is an event of the log."""
    local = 'kind = "admin"; path = "admin.sock";'
    with Server(watched(ADMIN, local, more='log_format = "json";')) as server:
        url, path = (next(iter(one.values())) for one in server.info["admin"])
        port = int(url.rsplit(":", 1)[1])
        check(answer(server, "status")["result"]["listeners"] == [
            {"kind": "chat", "address": "127.0.0.1", "port": server.port, "tls": False},
            {"kind": "admin", "address": "127.0.0.1", "port": port, "tls": False},
            {"kind": "admin", "path": path}], "listeners")
        check(f"127.0.0.1 port {port}, admin\n" in ask(server, "status"), "as text")
        ask(server, "say", "lobby", "hello")
        ask(server, "kick", "nobody", code=1)
        log = [json.loads(line) for line in server.log_text().splitlines()]
        commands = [(line.get("reason"), line["message"].split(": ")[2]) for line in log
                    if line.get("event") == "command"]
        check(commands == [(None, 'say "lobby"'), ("unknown_person", 'kick "nobody"')], f"{commands}")


def lists_are_whole():
    """Lists that are made in parts, of many rooms, backends that are up and down, and people whose names are
    odd."""
    rooms = ", ".join(f'{{ name = "room {number}"; }}' for number in range(150))
    more = ('backends = ( { name = "judge"; bind = "ipc://judge.sock"; }, { name = "other"; '
            'bind = "ipc://other.sock"; } ); taps = ( { name = "feed"; bind = "ipc://feed.sock"; } );')
    mounts = '( { path = "/concord"; dialect = "concord"; room = "room 7"; } )'

    async def scenario(server):
        socket_ = await open_socket(server, "concord", "Zo\u00eb \u4e16\u754c")
        await socket_.recv()
        found = answer(server, "rooms")
        check([row["name"] for row in found["rows"]] == [f"room {number}" for number in range(150)], f"{found}")
        check(all(row["people"] == 1 for row in found["rows"]), "concord is everywhere")
        row = answer(server, "who", "room 149")["rows"][0]
        check(row["name"] == "Zo\u00eb \u4e16\u754c" and row["room_count"] == 150 and len(row["rooms"]) == 32, f"{row}")
        check("and 118 more" in ask(server, "who"), "rooms that are left out")
        await socket_.close()

    with Server(configuration(QUICK, rooms=f"( {rooms} )", mounts=mounts, more=more)) as server:
        asyncio.run(scenario(server))
        found = answer(server, "backends")["rows"]
        check([(row["name"], row["kind"], row["state"]) for row in found] ==
              [("judge", "backend", "down"), ("other", "backend", "down"), ("feed", "tap", "up")], f"{found}")
        check(answer(server, "status")["result"]["backends"] == {"up": [], "down": ["judge", "other"]}, "status")
        check("2 down: judge, other" in ask(server, "status"), ask(server, "status"))


# ---- acting ----

def operators_act():
    """say, kick, ban, unban and roles on a server under load, as clients of each dialect see them."""
    async def scenario(server):
        clients = await join_all(server)
        ann, bob, cat, dan = clients.values()
        check(ask(server, "say", "lobby", "back", "soon") == "", "say says nothing here")
        for client in clients.values():
            await client.hears("back soon", 5)
        said = ask(server, "roles", "ann", "lobby", "+mod")
        check("user mod" in said, said)
        update = await ann.event("UserUpdate", 5)
        check("Mod" in update["roles"], f"{update}")
        check("user mod" not in ask(server, "roles", "ann", "-mod"), "in every room")
        check(answer(server, "roles", "ann")["result"]["rooms"] ==
              [{"room": "lobby", "present": True, "roles": ["user"]}], "shown")
        said = ask(server, "kick", "dan", "lobby", "--reason", "calm down")
        check(said.startswith('"dan" (number '), said)
        await dan.hears("You were kicked: calm down", 5)
        check(await dan.closed(5) == 1008, "a simple client only knows this room")
        await cat.expect(lambda frame: (text_of(frame) or "").startswith('"dan" was kicked'), "the kick", 5)
        result = answer(server, "kick", "bob")["result"]
        check((result["rooms"], result["connections"]) == (1, 1), f"{result}")
        check(await bob.closed(5) == 1008, "bob is gone")
        answer(server, "ban", "#1", "lobby")
        answer(server, "unban", "#1", "lobby")
        answer(server, "ban", "cat", "lobby", "--reason", "spam")
        kick = await cat.expect(lambda frame: frame["type"] == "kick", "the ban", 5)
        check(kick["permanent"] is True and kick["message"] == "spam", f"{kick}")
        await close_all([cat])
        await refused(server, "rooms", "cat")
        check("lifted" in ask(server, "unban", "cat", "lobby"), "unban")
        cat = await join(server, "rooms", "cat")
        result = answer(server, "ban", "cat", "--for", "1h", "--reason", "spam")["result"]
        check((result["rooms"], result["connections"], result["target"]) == (1, 1, "cat"), f"{result}")
        check(await cat.closed(5) == 1008, "cat is gone")
        for dialect, status in (("rooms", 403), ("concord", 403), ("simple", 403)):
            await refused(server, dialect, "CAT", status)
        mixer = await open_socket(server, "mixer", "cat")
        await mixer.send(json.dumps({"type": "method", "method": "auth", "arguments": [1, 99, "key"], "id": 1}))
        while (frame := json.loads(await mixer.recv())).get("type") != "reply":
            pass
        check(frame["error"], f"in mixer's words: {frame}")
        await mixer.close()
        rows = answer(server, "ban")["rows"]
        check([(row["target"], row["reason"], 3500 < row["seconds_left"] <= 3600) for row in rows] ==
              [("cat", "spam", True)], f"{rows}")
        check("spam" in ask(server, "ban"), "the bans")
        check("lifted" in ask(server, "unban", "Cat"), "a name is found folded")
        cat = await join(server, "rooms", "cat")
        result = answer(server, "ban", "127.0.0.0/8")["result"]
        check(result["connections"] >= 2, f"{result}")
        check(await ann.closed(5) == 1008 and await cat.closed(5) == 1008, "all from there are gone")
        await refused(server, "concord", "newcomer", 403)
        ask(server, "unban", "127.0.0.0/8")
        await close_all([await join(server, "concord", "newcomer")])

    with Server(configuration(QUICK + "connections_per_address = 0;")) as server, Crowd(server):
        asyncio.run(scenario(server))
        log = server.log_text()
        check(f'control: uid {os.getuid()}, pid ' in log and 'kick "dan" "lobby"' in log, log[-2000:])
        check("back soon" not in log, "what is said is not logged")
        for line in ('roles "ann"', "status", "ban:"):
            check(f": {line}: done" not in log, f"{line} only shows something: {log[-2000:]}")


async def refused(server, dialect, name, status=403):
    try:
        socket_ = await open_socket(server, dialect, name)
    except Exception as error:  # its class depends on the version of websockets
        got = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
        check(got == status, f"{name} ({dialect}): {error!r}")
        return
    try:  # concord is let in, and then refused the room
        frame = await asyncio.wait_for(socket_.recv(), 5 * SLOW)
        raise Failure(f"{name} ({dialect}) is in: {frame}")
    except websockets.ConnectionClosed:
        pass


def answered(server, dialect, name):
    """An upgrade request's answer, and its body, to the end."""
    with Wire(server.port) as wire:
        response = wire.request(*door(dialect, name))
        wire.read(lambda data: len(data) >= int(response.headers["content-length"]))
        return response, wire.bytes.decode()


def newcomers_are_refused():
    """Who comes while the server drains, or is banned from it: what each dialect's clients are answered."""
    no_access = '{"statusCode":403,"error":"Forbidden","message":"No access"}'
    bodies = {"mixer": no_access, "concord": "", "rooms": '{"error":"banned"}\n', "simple": ""}
    with Server(configuration(QUICK)) as server:
        ask(server, "drain", "--stay", "--timeout", "1s")
        for dialect in bodies:
            response, body = answered(server, dialect, "late")
            check((response.status, response.headers["retry-after"], body) == (503, "5", ""),
                  f"{dialect}, while it drains: {response.raw}{body}")
        ask(server, "drain", "--off")
        ask(server, "ban", "eve")
        for dialect in ("concord", "rooms", "simple"):
            response, body = answered(server, dialect, "eve")
            check((response.status, body) == (403, bodies[dialect]), f"{dialect}, banned: {response.raw}{body}")
        with Wire(server.port) as wire:
            wire.upgrade(*door("mixer", "eve"))
            wire.frame(1, b'{"type":"method","method":"auth","arguments":[1,99,"key"],"id":7}')
            wire.read(lambda data: b'"UACCESS"' in data)
            replies = [json.loads(text) for _, text in wire.frames() if b'"reply"' in text]
            check([(reply["id"], reply["error"]) for reply in replies] == [(7, "UACCESS")], f"mixer: {replies}")
        ask(server, "ban", "127.0.0.0/8")
        for dialect, wanted in bodies.items():
            response, body = answered(server, dialect, "zoe")
            check((response.status, body) == (403, wanted), f"{dialect}, by address: {response.raw}{body}")


def bans_end():
    """A ban of a room, and one of the server, end by themselves."""
    async def scenario(server):
        dan = await join(server, "simple", "dan")
        answer(server, "ban", "dan", "lobby", "--for", "2s")
        check(await dan.closed(5 * SLOW) == 1008, "dan is gone")
        await refused(server, "simple", "dan")
        answer(server, "ban", "eve", "--for", "2s")
        await refused(server, "simple", "eve")
        await asyncio.sleep(2.2)
        await close_all([await join(server, "simple", "dan"), await join(server, "simple", "eve")])
        check(answer(server, "ban")["result"]["count"] == 0, "over")
        ask(server, "unban", "eve", code=1)

    with Server(configuration(QUICK)) as server:
        asyncio.run(scenario(server))


def log_level_changes():
    """log LEVEL holds until a reload."""
    with Server(configuration()) as server:
        check(ask(server, "log") == "info\n", "as configured")
        check(ask(server, "log", "error") == "error\n", "changed")
        check(answer(server, "status")["result"]["log_level"] == "error", "in the status")
        ask(server, "reload")
        check(ask(server, "log") == "info\n", "a reload says what holds")


# ---- reload ----

def reload_tells_its_verdict():
    """reload waits, and prints what changed, what needs a restart, or every error with file and line."""
    room = '{ name = "attic"; mixer = 2; concord = 2; }'
    with Server(configuration()) as server:
        path = os.path.join(server.folder.name, "dragoman.cfg")
        own = {"env": {**os.environ, "RUNTIME_DIRECTORY": server.folder.name}}
        lobby = configuration().split("rooms = ", 1)[1].split(";\naccounts", 1)[0]
        server.write("dragoman.cfg", configuration("message_bytes = 2000;", rooms=lobby.rstrip(" )\n") + ", " + room + " )"))
        said = ask(server, "reload", "-c", path)
        check("1 room added (attic)" in said and "limits.message_bytes: changed, but that needs a restart" in said, said)
        check([row["name"] for row in answer(server, "rooms")["rows"]] == ["lobby", "attic"], "it is there")
        last = answer(server, "status")["result"]["reload"]
        check(last["taken"] and last["text"] == said, f"{last}")
        server.write("dragoman.cfg", configuration(more='log_levle = "info";\nworkerz = 3;'))
        said = ask(server, "reload", code=78)
        check("dragoman.cfg:4: error: " in said and "log_levle" in said and "workerz" in said, said)
        made = answer(server, "reload", code=78)
        check(made["error"] == "invalid" and made["exit"] == 78 and "log_levle" in made["text"], f"{made}")
        status, said, errors = run("reload", "-c", path, **own)
        check((status, said) == (78, "") and "log_levle" in errors, f"by the client: {status}, {said}, {errors}")
        check(not answer(server, "status")["result"]["reload"]["taken"], "the last verdict")
        other = server.write("other.cfg", configuration())
        said = ask(server, "status", "-c", other, code=1)
        check("this server runs with" in said, said)
        server.write("dragoman.cfg", "workers = (")
        check(ask(server, "status", "-c", path).startswith("Dragoman"), "a file that is being changed")


# ---- draining ----

def drain_moves_clients():
    """drain: newcomers get 503, clients are told and closed one after the other, the server ends with 0."""
    async def scenario(server):
        clients = await join_all(server)
        await talk(clients, "before")
        process = await asyncio.create_subprocess_exec(
            BINARY, "drain", "--timeout", "4s", "--json", "--control", control(server),
            stdout=asyncio.subprocess.PIPE)
        until(lambda: answer(server, "status")["result"]["draining"], "it drains")
        with Wire(server.port) as wire:
            late = wire.request("/concord?token=late")
            check(late.status == 503 and late.headers["retry-after"] == "5", f"{late.raw}")
        for client in clients.values():
            await client.hears("This server is going down. Please connect again.", 5)
            check(await client.closed(5) == 1001, f"{client.name} goes elsewhere")
        said, _ = await process.communicate()
        result = json.loads(said)["result"]
        check(process.returncode == 0 and result["left"] == 0 and not result["stays"], f"{said}")
        check(result["connections"] >= CROWD + 4, f"{result}")
        await close_all(clients)

    with Server(configuration(QUICK + "connections_per_address = 0;")) as server:
        with Crowd(server) as crowd:
            asyncio.run(scenario(server))
            status, counters = server.wait_end()
        check(status == 0 and counters["connections"]["open"] == 0, f"{status}")
        check(crowd.ended == CROWD, f"{crowd.ended} ended")
        check(counters["connections"]["refused"].get("closing", 0) == 1, f"{counters['connections']}")
        check(not os.path.exists(control(server)), "the socket is removed")
        server.process = None


def is_ready(server):
    response, text = get(server, "/ready")
    told = json.loads(text)["status"]
    check((response.status, told) in ((200, "ready"), (503, "draining")), f"{response.status}: {text}")
    return response.status == 200


def drain_stays():
    """drain --stay keeps the server without clients until drain --off, and /ready says so; a drain under way
    can be stopped."""
    async def scenario(server):
        check(is_ready(server), "at first")
        clients = await join_all(server)
        said = await asyncio.to_thread(ask, server, "drain", "--stay", "--timeout", "1s")
        check("0 left; the server stays" in said, said)
        await refused(server, "concord", "late", 503)
        check("draining" in ask(server, "status"), "in the status")
        check(not is_ready(server), "not for a load balancer")
        check(server.counters()["connections"]["upgrades_refused_for"] == {"closing": 1}, "none of its faults")
        check("refused upgrade" not in server.log_text(), server.log_text())
        check(ask(server, "drain", "--off") == "no longer draining\n", "and back")
        check(is_ready(server), "again")
        ask(server, "drain", "--off", code=1)
        await close_all(clients)
        clients = await join_all(server)
        await talk(clients, "again")
        slow = asyncio.create_task(asyncio.to_thread(answer, server, "drain", "--timeout", "5m", code=1))
        await asyncio.to_thread(until, lambda: answer(server, "status")["result"]["draining"], "it drains")
        check(not is_ready(server), "as long as it drains")
        ask(server, "drain", code=1)
        ask(server, "drain", "--off")
        check((await slow)["error"] == "stopped", "the one that waited is told")
        await close_all(clients)

    with Server(watched(limits=QUICK)) as server:
        asyncio.run(scenario(server))


# ---- used wrongly, not there, without right ----

def wrong_use():
    """Wrong arguments end with 2, before anything is asked; whatever else comes to the socket is refused."""
    wrong = (("kick",), ("kick", "a", "b", "c"), ("kick", "", "lobby"), ("kick", "#x"), ("ban", "a", "--for", "2"),
             ("ban", "a", "--for"), ("ban", "192.0.2.7/24"), ("log", "loud"), ("roles", "ann", "+king"), ("say", "lobby"),
             ("status", "all"), ("who", "a", "b"), ("drain", "--timeout", "never"), ("drain", "--of"), ("unban",),
             ("status", "--jsn"), ("status", "--control"), ("kick", "bob", "--reason"), ("kick", "bo\x1bb"))
    for words in wrong:
        status, said, errors = run(*words)
        check(status == 2 and said == "" and "Try 'dragoman help" in errors, f"{words}: {status}, {said}{errors}")
        check("\x1b" not in errors, f"{words}: {errors!r}")
    with Server(configuration()) as server:
        for code, words, wanted in (
                (2, "drain --off --stay", "drain takes --off alone"),
                (2, "ban 192.0.2.7 lobby", "an address is banned from the whole server: leave out the room"),
                (1, "kick nobody", "'nobody' is not connected"),
                (1, "unban nobody", "'nobody' is not banned from this server"),
                (1, "unban nobody lobby", "'nobody' is not banned from 'lobby'"),
                (1, "roles nobody", "'nobody' is not connected, and has no account"),
                (1, "say attic hello", "there is no room 'attic'"),
                (1, "drain --off", "the server is not draining")):
            found = ask(server, *words.split(), code=code)
            check(found == f"dragoman: {wanted}\n", f"{words}: {found}")
        requests = [b"what", b"{}", b'{"verb":"frob"}', b'{"verb":"kick"}', b'{"verb":"kick","name":7}',
                    b'{"verb":"kick","name":"a","nmae":"b"}', b'{"verb":"log","level":"loud"}', b"[]", b"\xff",
                    b'{"verb":"status","verb":"who"}', b'{"verb":"drain","off":"yes"}', b"",
                    b'{"verb":"roles","name":"a","change":"+mod"}', b'{"verb":"say","room":"lobby","text":"\\u001b"}']
        with connected(server) as one:
            for request in requests:
                one.sendall(request + b"\n")
                made = json.loads(read_line(one))
                check(not made["ok"] and made["error"] == "bad_request" and made["exit"] == 2, f"{request}: {made}")
            one.sendall(b'{"verb":"log"}\n{"verb":"rooms"}\n{"verb":"log"}\n')
            kinds = [sorted(json.loads(read_line(one))) for _ in range(4)]
            check(kinds == [["ok", "result"], ["rows"], ["ok", "result"], ["ok", "result"]], f"in their order: {kinds}")
            one.sendall(b"x" * 70000)
            check(json.loads(read_line(one))["error"] == "too_long", "a long one")
            try:
                check(one.recv(1) == b"", "and the end")
            except ConnectionResetError:  # what it sent was not read
                pass
        with connected(server) as one:
            one.sendall(b'{"verb":"rooms"}\n{"verb":"log"}\n')
            one.shutdown(socket.SHUT_WR)
            kinds = [sorted(json.loads(read_line(one))) for _ in range(3)]
            check(kinds == [["rows"], ["ok", "result"], ["ok", "result"]], f"who sends no more is answered: {kinds}")
            check(one.recv(1) == b"", "and then the end")
        for verb in ("who", "rooms"):  # the rest comes while the first is under way
            with connected(server) as one:
                one.sendall(b'{"verb":"%s"}\n' % verb.encode() + b"x" * 140000)
                lines = [json.loads(read_line(one))]
                while lines[-1].get("ok") is not False:
                    lines.append(json.loads(read_line(one)))
                check(lines[-2]["ok"] and lines[-1]["error"] == "too_long", f"{verb}, then a long one: {lines}")
        with connected(server) as one:
            asker = threading.Thread(target=one.sendall, args=(b'{"verb":"log"}\n' * 6000,))
            asker.start()
            file = one.makefile("rb")
            check(all(json.loads(file.readline())["ok"] for _ in range(6000)), "more than is kept at once")
            asker.join()
        many = [connected(server) for _ in range(18)]
        check(json.loads(read_line(many[-1]))["error"] == "busy", "too many at once")
        for one in many:
            one.close()
        ask(server, "status")


def connected(server):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(10 * SLOW)
    one.connect(control(server))
    return one


def read_line(one):
    text = b""
    while not text.endswith(b"\n"):
        more = one.recv(1)
        check(more, f"the end after {text}")
        text += more
    return text


def no_server_there():
    """A server that is not there is told at once; one that does not answer, after some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "control")
        for prepare in (lambda: None, lambda: stale(path)):
            prepare()
            status, said, errors = run("status", "--control", path)
            check((status, said, errors) == (1, "", f"dragoman: {path}: no server is running there\n"), errors)
        os.unlink(path)
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(path)
            silent.listen(1)
            began = time.monotonic()
            status, said, errors = run("reload", "--control", path)
            check((status, said, errors) == (1, "", f"dragoman: {path}: the server does not answer\n"), errors)
            check(time.monotonic() - began >= 4, "it had some time")
        os.unlink(path)
        with open(path, "w", encoding="ascii"):
            pass
        status, _, errors = run("status", "--control", path)
        check(status == 1 and path in errors, f"no socket: {errors}")
        config = os.path.join(folder, "off.cfg")
        with open(config, "w", encoding="ascii") as file:
            file.write('control = "";')
        status, _, errors = run("status", "-c", config)
        check(status == 1 and "has no control socket" in errors, errors)


def answers_are_safe():
    """What a server says as an error is printed without anything that a terminal would obey."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        path = os.path.join(folder, "control")
        server.bind(path)
        server.listen(1)

        def serve(code):
            one, _ = server.accept()
            with one:
                one.recv(65536)
                one.sendall(json.dumps({"ok": False, "error": "x", "exit": code, "text": "a\x1b[2J\nb"}).encode() + b"\n")

        for code, expected in ((1, "dragoman: a?[2J\nb\n"), (78, "a?[2J\nb\n")):
            thread = threading.Thread(target=serve, args=(code,))
            thread.start()
            status, said, errors = run("status", "--control", path)
            thread.join()
            check((status, said, errors) == (code, "", expected), f"{status}: {errors!r}")


def stale(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path)


def control_places():
    """The socket's mode; a dead server's is replaced, a living one's never stolen, and none is left behind."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "c.sock")
        stale(path)
        more = f'control = "{path}";'
        with Server(configuration(more=more)) as server:
            check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "for its user alone")
            check(run("status", "--control", path)[0] == 0, "it is replaced")
            config = os.path.join(server.folder.name, "dragoman.cfg")
            check(run("status", "-c", config)[0] == 0, "named by the configuration")
            status, _, errors = Server(configuration(more=more)).refuses()
            check(status == 1 and "another server answers there" in errors, errors)
            admin = os.path.join(folder, "admin.sock")
            third = watched(f'kind = "admin"; path = "{admin}";', more=more + 'log_format = "json";')
            status, _, errors = Server(third).refuses()
            said = json.loads(errors.splitlines()[-1])
            check(status == 1 and said["level"] == "error" and "another server answers there" in said["message"], errors)
            check(not os.path.exists(admin), "it leaves nothing behind")
            check(run("status", "--control", path)[0] == 0, "and stays")
        check(not os.path.exists(path), "it is removed")
    with Server(configuration(more='control = "here.sock";')) as server:
        check(run("status", "--control", os.path.join(server.folder.name, "here.sock"))[0] == 0, "beside its file")
    with Server(configuration()) as server, put_in_place(control(server)):
        server.stop()
    with Server(configuration(more='control = "";')) as server:
        check(not os.path.exists(control(server)), "none")
    with Server(configuration()) as first:
        with Server(configuration(), env={**os.environ, "RUNTIME_DIRECTORY": first.folder.name}) as second:
            check("no control socket at" in second.log_text(), second.log_text())
            check(answer(first, "status")["result"]["pid"] == first.process.pid, "the first one's")
        check(answer(first, "status")["result"]["pid"] == first.process.pid, "still")


def without_right():
    """Who is neither root nor the server's user cannot connect; and if the file's mode lets them, is refused."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        print("SKIPPED there is nobody to be: this needs root, and setpriv", flush=True)
        return
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    with Server(configuration()) as server:
        os.chmod(server.folder.name, 0o711)
        status, said, errors = run("status", "--control", control(server), prefix=nobody)
        check(status == 1 and said == "" and "permission denied" in errors, f"{status}, {errors}")
        os.chmod(control(server), 0o666)
        status, said, errors = run("status", "--control", control(server), prefix=nobody)
        check(status == 1 and said == "" and "only root and the server's own user" in errors, f"{status}, {errors}")
        check("control: uid 65534" in server.log_text(), server.log_text())
        ask(server, "status")


SCENARIOS = [operators_look, status_and_log, lists_are_whole, operators_act, newcomers_are_refused, bans_end,
             log_level_changes, reload_tells_its_verdict, drain_moves_clients, drain_stays, wrong_use, no_server_there,
             answers_are_safe, control_places, without_right]
WAITING = [bans_end, no_server_there, drain_stays]
