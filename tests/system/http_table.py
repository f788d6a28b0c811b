"""The table of requests, tests/bridge/net/http/cases.txt, against the running server: plain and over
TLS, each whole and in pieces. Each is answered as the table has it, costs less than 20 ms of the
server's time, and nobody else notices."""

import asyncio
import os
import random
import re
import socket
import time
from email.utils import parsedate_to_datetime

from chat import close_all, talk
from failing import cpu_ns
from server import SLOW, Failure, check
from tls import NO_RATE, SECURE, Secure, everybody, two_listeners
from wire import Wire

TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                     "bridge", "net", "http", "cases.txt")
CPU_NS = 20_000_000 * SLOW
AGAIN = 3  # times that a case is played again when it cost more
PIECES = 6
ESCAPE = re.compile(rb"\\(?:x([0-9a-f]{2})|(.))", re.S)
GROUP = re.compile(rb"\{(.*?)\*(\d+)\}", re.S)
PLAIN = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


def unescape(text):
    """Bytes as the table writes them."""
    text = GROUP.sub(lambda found: found[1] * int(found[2]), text)
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else PLAIN[found[2]], text)


class Case:
    def __init__(self, name):
        self.name, self.bytes, self.steps = name, b"", []

    def answers(self):
        """What the server has to say: (status, is there a body) of each answer, and whether the
        connection then stays."""
        answers, request = [], None
        for step in self.steps:
            word, *more = step.split(" ")
            if word == "fault":
                return answers + [(int(more[0]), True)], False
            if word in ("body", "more"):
                continue
            if word != "end":
                request = (word, *more)
                if "continue" in more and not self.refused(request):
                    answers.append((100, False))
                elif "continue" in more:
                    return answers + [(self.refused(request), True)], False
                continue
            status = self.refused(request) or self.status(request)
            answers.append((status, request[0] != "HEAD" and status not in (101, 204)))
            if "close" in request or (status != 101 and self.is_upgrade(request)):
                return answers, False
        return answers, True

    @staticmethod
    def refused(request):
        """The status by which a method is refused, of all that are not GET; else None."""
        method, path = request[:2]
        if path == "*" or method == "OPTIONS":
            return 204
        if method in ("GET", "HEAD"):
            return None
        return 501 if method.startswith("(") else 405

    @staticmethod
    def is_upgrade(request):
        return {"upgrade", "websocket", "keep"} <= set(request) and request[0] == "GET"

    def status(self, request):
        """At a server that speaks a dialect at /chat."""
        path = request[1]
        if path == "/":
            return 200
        if path != "/chat":
            return 404
        versioned = b"Sec-WebSocket-Version: 13" in self.bytes
        return 101 if self.is_upgrade(request) and versioned else 426


def read_table():
    cases = []
    with open(TABLE, "rb") as file:
        for line in file.read().split(b"\n"):
            if line.startswith(b"case "):
                cases.append(Case(line[5:].decode()))
            elif line.startswith(b"> "):
                cases[-1].bytes += unescape(line[2:])
            elif line.startswith(b"< "):
                cases[-1].steps.append(line[2:].decode("latin-1"))
    return cases


def take_answer(wire, has_body):
    """The status of the next answer, which is taken off what was read; None: it is not whole."""
    head, blank, rest = wire.bytes.partition(b"\r\n\r\n")
    if not blank:
        return None
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
    if has_body and len(rest) < length:
        return None
    check(lines[0].startswith("http/1.1 "), f"{lines[0]!r}")
    wire.bytes = rest[length if has_body else 0:]
    status = int(lines[0].split(" ")[1])
    dates = [line[6:] for line in lines if line.startswith("date: ")]
    check(len(dates) == (status >= 200), f"{status} with the dates {dates}")
    check(all(abs(parsedate_to_datetime(date).timestamp() - time.time()) < 5 * SLOW for date in dates),
          f"the date is {dates}")
    return status


def next_answer(wire, has_body):
    end = time.monotonic() + 3 * SLOW
    while time.monotonic() < end:
        status = take_answer(wire, has_body)
        if status is not None or wire.ended:
            return status
        before = len(wire.bytes)
        wire.read(lambda data: len(data) > before, 3)
    return None


def send(wire, data, cut):
    if not cut:
        wire.send(data)
        return
    places = sorted(random.randrange(1, len(data)) for _ in range(PIECES)) if len(data) > 1 else []
    for start, end in zip([0, *places], [*places, len(data)]):
        wire.send(data[start:end])
        time.sleep(0.001)  # else the kernel joins them


def still_serves(wire, case, answers):
    """The connection stays, for what it is now."""
    if answers and answers[-1][0] == 101:
        wire.read(lambda data: b"WelcomeEvent" in data)
        wire.bytes = b""
        wire.frame(9, b"there")
        wire.read(lambda data: b"there" in data)
        check(b"there" in wire.bytes, "the WebSocket does not answer")
        wire.frame(8, b"\x03\xe8")
        wire.read(lambda _: wire.ended)
    elif not case.steps or case.steps[-1] != "end":
        wire.read(lambda data: data or wire.ended, 0.02)
        check(not wire.bytes and not wire.ended, f"something before it was whole: {wire.bytes[:80]}")
    else:
        wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        status = next_answer(wire, True)
        check(status == 200, f"then a request gets {status}")


def play(server, port, tls, case, cut):
    answers, stays = case.answers()
    before = cpu_ns(server)
    with Wire(port, tls=tls) as wire:
        send(wire, case.bytes, cut)
        for number, (wanted, has_body) in enumerate(answers):
            status = next_answer(wire, has_body)
            check(status == wanted, f"answer {number + 1} is {status}, not {wanted}")
        if stays:
            still_serves(wire, case, answers)
        else:
            wire.read(lambda _: wire.ended, 3)
            check(wire.ended and not wire.bytes, f"it did not end after its answers: {wire.bytes[:80]}")
        if stays and not tls:
            wire.socket.shutdown(socket.SHUT_WR)
            wire.bytes = b""
            wire.read(lambda _: wire.ended, 3)
            check(wire.ended, "half closed, it stays")
    return cpu_ns(server) - before


def play_cheaply(server, port, tls, case, cut):
    """What a case costs depends on what the machine does besides, so one that costs much is played again: one
    that makes the server spin costs much each time."""
    least = play(server, port, tls, case, cut)
    for _ in range(AGAIN):
        if least >= CPU_NS:
            least = min(least, play(server, port, tls, case, cut))
    check(least < CPU_NS, f"{least / 1e6:.1f} ms of CPU, the least of {AGAIN + 1} times")
    return least


def play_all(server, cases):
    most = 0
    for tls, port in ((None, server.plain.port), (server.trust, server.port)):
        for cut in (False, True):
            for case in cases:
                random.seed(case.name)
                try:
                    most = max(most, play_cheaply(server, port, tls, case, cut))
                except Failure as failure:
                    raise Failure(f"{case.name} ({'TLS' if tls else 'plain'}, "
                                  f"{'cut' if cut else 'whole'}): {failure}") from None
    return most


def http_cases():
    """Every case, four times."""
    async def scenario(server, cases):
        clients = await everybody(server)
        await talk(clients, "before")
        done = asyncio.get_running_loop().run_in_executor(None, play_all, server, cases)
        while not done.done():
            await talk(clients, "during")
            await asyncio.sleep(0.1)
        print(f"    {len(cases)} cases, four times each: at most {await done / 1e6:.1f} ms of CPU")
        await talk(clients, "after")
        await close_all(clients)

    cases = read_table()
    check(len(cases) >= 180, f"{len(cases)} cases")
    config = two_listeners(NO_RATE + "connections_per_address = 0;", SECURE + 'hosts = "*";')
    config = config.replace("}, { port = 0;", '}, { port = 0; hosts = "*";')
    config = config.replace('"/client"; dialect = "concord"', '"/chat"; dialect = "mixer"')
    # What dialects ask by HTTP has tests of its own: here no path is one of theirs.
    config = config.replace('room = "lobby"; }', 'room = "lobby"; http = false; }')
    with Secure(config) as server:
        asyncio.run(scenario(server, cases))
        server.settled(lambda counters: counters["connections"]["open"] == 0)


SCENARIOS = (http_cases,)
