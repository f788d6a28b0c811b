"""The limits of HTTP requests, small ones: what is beyond gets its status, what is within is answered,
and nobody else notices."""

import asyncio
import json
import time

from backends import Crew
from chat import close_all, join_all, talk
from server import MOUNTS, SLOW, Server, check, configuration
from wire import Wire, door

SMALL = ("http_header_bytes = 1024; http_headers = 8; http_body_bytes = 1024; "
         f"http_request_seconds = {SLOW}; http_answer_seconds = {SLOW}; http_idle_seconds = {2 * SLOW};")
LOGIN = 2 * SLOW
AUTH = MOUNTS.replace("(", '( { path = "/judged"; dialect = "concord"; room = "lobby"; auth = "backend:auth"; },', 1)
BACKEND = 'backends: ( { name = "auth"; bind = "ipc://auth.sock"; deadline_ms = ' + str(3000 * SLOW) + "; } );"

HOST = b"Host: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def head(lines, size=0):
    """A GET of / with so many headers, of that many bytes; 0: as it comes."""
    text = b"GET / HTTP/1.1\r\n" + HOST + b"X-Y: z\r\n" * (lines - 2) + b"X: \r\n\r\n"
    return text.replace(b"X: ", b"X: " + b"x" * max(0, size - len(text)))


def body(size, coded=False):
    start = b"GET / HTTP/1.1\r\n" + HOST
    if coded:
        return start + CHUNKED + b"%x\r\n" % size + b"b" * size + b"\r\n0\r\n\r\n"
    return start + b"Content-Length: %d\r\n\r\n" % size + b"b" * size


def answer_to(server, data, within=3.0):
    """The status, and whether the connection ended."""
    with Wire(server.port) as wire:
        wire.send(data)
        wire.read(lambda found: b"\r\n\r\n" in found, within)
        status = int(wire.bytes[9:12] or b"0")
        if status != 200:
            wire.read(lambda _: wire.ended)
        return status, wire.ended


def sizes(server):
    line = b"GET /%s HTTP/1.1\r\n" % (b"x" * 1024)
    for what, data, wanted in (
            ("8 headers", head(8), 200), ("9 headers", head(9), 431),
            ("a head of 1024 bytes", head(3, 1024), 200), ("a head of 1025 bytes", head(3, 1025), 431),
            ("a long request line", line, 414),
            ("a body of 1024 bytes", body(1024), 200), ("a body of 1025 bytes", body(1025), 413),
            ("1024 bytes in a chunk", body(1024, True), 200), ("1025 bytes in a chunk", body(1025, True), 413)):
        found = answer_to(server, data)
        check(found == (wanted, wanted != 200), f"{what}: {found}")


def times(server):
    for what, data in (("no end of the head", b"GET / HTTP/1.1\r\nHost"), ("no end of the body", body(10)[:-1])):
        began = time.monotonic()
        found = answer_to(server, data, 10)
        check(found == (408, True), f"{what}: {found}")
        check(time.monotonic() - began >= SLOW * 0.9, f"{what}: answered after {time.monotonic() - began} s")
    with Wire(server.port) as wire:
        wire.send(head(2))
        wire.read(lambda _: wire.ended, 10)
        check(wire.bytes.count(b"HTTP/1.1 ") == 1 and wire.ended, f"idle: {wire.bytes}, ended: {wire.ended}")


def http_limits():
    """431 for the head, 413 for the body, 408 for a slow request, 504 for a slow answer, and the end of
    an idle connection."""
    async def scenario(server, crew):
        judge = crew.instance("auth", judge=lambda meta, event: None)
        clients = await join_all(server)

        async def beside(what, *more):
            await asyncio.get_running_loop().run_in_executor(None, what, server, *more)
            await talk(clients, what.__name__)

        await beside(sizes)
        await beside(times)
        await beside(unanswered)
        check(judge.count("ASK") == 1, f"{judge.count('ASK')} logins were asked about")
        # Those who chat are none of HTTP's business any more.
        await close_all(clients)

    config = configuration(SMALL + f"login_seconds = {LOGIN}; connections_per_address = 0;", mounts=AUTH,
                           more=BACKEND + ' log_format = "json";')
    with Server(config) as server, Crew(server) as crew:
        asyncio.run(scenario(server, crew))
        refused = server.settled()["connections"]["upgrades_refused_for"]
        check(refused == {"headers": 5, "late": 2, "unanswered": 1}, f"{refused}")
        late = [entry for entry in map(json.loads, server.log_text().splitlines())
                if entry.get("event") == "upgrade_unanswered"]
        check(len(late) == 1 and late[0]["address"] == "127.0.0.1" and
              late[0]["message"] == "upgrade from 127.0.0.1 was not answered in time", f"{late}")


def unanswered(server):
    """Its login waits for a backend that says nothing: for as long as a login may take."""
    path, *headers = door("concord", "wendy")
    began = time.monotonic()
    with Wire(server.port) as wire:
        found = wire.request(path.replace("/concord", "/judged"), *headers, within=10)
        check(found.status == 504, f"{found.raw}")
        check(time.monotonic() - began >= LOGIN * 0.9, f"answered after {time.monotonic() - began} s")
        wire.read(lambda _: wire.ended)
        check(wire.ended, "the connection stays")


ASKED, TOLD, LETTERS = 60, 50, 20000


def request(method, path, said=b""):
    return b"%s %s HTTP/1.1\r\n%sAuthorization: Bearer ann:x\r\nContent-Length: %d\r\n\r\n%s" % (
        method, path, HOST, len(said), said)


def answers_that_nobody_reads():
    """Of whoever asks on and on and reads nothing, few requests are looked at; all, once they read."""
    text = b'{"content":"%s"}' % (b"x" * LETTERS)
    with Server(configuration("messages_per_second = 0;")) as server, Wire(server.port) as wire:
        for _ in range(TOLD):
            wire.bytes = b""
            wire.send(request(b"POST", b"/api/channels/1/chats", text))
            wire.read(lambda data: data.endswith(b'"reactions":{}}'))
        wire.bytes = b""
        before = server.counters()["calls"]["accepted"]
        wire.send(request(b"GET", b"/api/channels/1/chats/latest") * ASKED)
        time.sleep(SLOW)
        taken = server.counters()["calls"]["accepted"] - before
        check(1 <= taken < ASKED // 2, f"{taken} of {ASKED} requests were taken")
        time.sleep(2.5 * SLOW)
        more = server.counters()["calls"]["accepted"] - before - taken
        check(more == 0, f"{more} more were taken than {taken}, of which nothing was read")
        heard = []
        while not wire.ended and sum(map(len, heard)) < ASKED * TOLD * LETTERS and wire.readable(5 * SLOW):
            heard.append(wire.socket.recv(1 << 20))
            wire.ended = not heard[-1]
        wire.bytes = b"".join(heard)
        wire.read(lambda data: data.endswith(b"]"))
        found = wire.bytes.count(b"HTTP/1.1 200"), wire.bytes.count(b'"content":"xx')
        check(found == (ASKED, ASKED * TOLD), f"answers, and messages in them: {found}")


SCENARIOS = (http_limits, answers_that_nobody_reads)
WAITING = (http_limits,)
