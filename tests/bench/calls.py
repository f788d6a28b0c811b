"""What dialects' HTTP costs: requests of mixer clients beside nginx, which answers as many bytes; how long it
takes until 5,000 mixer clients talk again after a restart, each of which asks by HTTP first, beside clients that
connect at once; and what it costs others when 10,000 logins fail."""

import asyncio
import base64
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time

import measures
import servers
from against import interval
from measures import progress

ROUNDS, PAIRS = 5, 15
CLIENTS, AT_ONCE = 5000, 200
GUESSES, GUESS_S = 10000, 10
PATHS = {"users/current": "/api/v1/users/current", "chats/{id}": "/api/v1/chats/1"}
MUST = {"users/current": 0.5, "chats/{id}": 0.5}


def row_of(name, speech="mixed", limits="", more=""):
    row = servers.Dragoman(name, speech, more=more)
    row.limits = "http_requests_per_second = 1000000; http_burst = 1000000; " + limits
    return row


OURS = row_of("dragoman, HTTP")


# ---- requests ----

async def ask(port, path, bearer):
    """(status, body) of one request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n"
                 f"Authorization: Bearer {bearer}\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


def requests_round(results, number):
    """Each path beside an nginx that answers as many bytes, one right after the other."""
    for name, path in PATHS.items():
        def ours(server, path=path, name=name):
            status, body = asyncio.run(ask(server.port, path, "ann"))
            if status != 200:
                raise servers.Broken(f"{path}: {status}")
            sizes.append(len(body))
            results.add(f"calls {name}", OURS.name, number, server.requests(path=path, bearer="ann", seconds=2, warm=0.5))

        def theirs(server, path=path, name=name):
            results.add(f"calls {name}", "nginx", number, server.requests(path=path, bearer="ann", seconds=2, warm=0.5))
        sizes = []
        progress(f"round {number + 1}: {name}")
        measures.with_server(OURS, results, ours)
        if sizes:
            measures.with_server(servers.Nginx("nginx", body="x" * sizes[0]), results, theirs)


# ---- the storm ----

async def socket_of(port, path):
    """A WebSocket's streams, upgraded."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head:
        raise servers.Broken(head[:100].decode())
    return reader, writer


def frame(text):
    data = text.encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + data


async def hear(reader, mark):
    got = b""
    while mark not in got:
        more = await reader.read(65536)
        if not more:
            raise servers.Broken("a connection ended")
        got = got[-len(mark):] + more


async def client(port, number, by_http):
    name, key = f"p{number}", "k"
    if by_http:
        said = {}
        for path in ("/api/v1/users/current", "/api/v1/chats/1"):
            status, body = await ask(port, path, name)
            if status != 200:
                raise servers.Broken(f"{path}: {status} {body[:100]}")
            said.update(json.loads(body))
        number, key = said["id"], said["authkey"]
    reader, writer = await socket_of(port, "/mixer" if by_http else f"/mixer?name={name}")
    writer.write(frame(json.dumps({"type": "method", "method": "auth", "arguments": [1, number, key], "id": 0})))
    await hear(reader, b'"authenticated":true')
    return reader, writer


async def storm(port, by_http):
    """Seconds until all are in."""
    began, gate = time.monotonic(), asyncio.Semaphore(AT_ONCE)

    async def one(number):
        async with gate:
            return await client(port, number, by_http)
    people = await asyncio.gather(*(one(number) for number in range(1, CLIENTS + 1)))
    spent = time.monotonic() - began
    for _, writer in people:
        writer.close()
    return spent


def storm_round(results, number):
    """All at once, as after a restart: the server is a new one each time."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    row = row_of("dragoman, storm", "mixer")
    for by_http in ((False, True) if number % 2 == 0 else (True, False)):
        def work(server, by_http=by_http):
            before = server.cpu_ns()
            seconds = asyncio.run(storm(server.port, by_http))
            results.add("storm", "HTTP first" if by_http else "at once", number,
                        {"seconds": seconds, "server_s": (server.cpu_ns() - before) / 1e9, "fault": "", "stolen": 0, "load_waited": 0})
        progress(f"round {number + 1}: {CLIENTS} clients, {'HTTP first' if by_http else 'at once'}")
        measures.with_server(row, results, work)


# ---- logins that fail ----

GUESSER = """
import sys
sys.path.insert(0, {here!r})
import calls
calls.guess({port}, {count}, {seconds})
"""


def guess(port, count, seconds):
    """So many wrong secrets, evenly over that time, from as many addresses as loopback has. Prints how they were
    answered."""
    import collections
    import socket
    found, began = collections.Counter(), time.monotonic()
    for number in range(count):
        wait = began + number * seconds / count - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        with socket.socket() as line:
            line.bind((f"127.0.{1 + number % 200}.{1 + number // 200 % 200}", 0))
            line.connect(("127.0.0.1", port))
            line.sendall(b"GET /api/v1/users/current HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                         b"Authorization: Basic " + base64.b64encode(b"ann:wrong%d" % number) + b"\r\n\r\n")
            found[line.recv(4096).split(b" ")[1].decode()] += 1
    print(json.dumps(found))


class Guarded(servers.Dragoman):
    """It has an account, whose secret is kept as a hash."""

    def write(self, folder, port, rooms, speech):
        path = super().write(folder, port, rooms, speech)
        made = subprocess.run([self.binary, "passwd"], input="right\n", stdout=subprocess.PIPE, text=True, check=True)
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("accounts = ();", 'accounts = ( { name = "ann"; number = 1000000; '
                                       f'secret_hash = "{made.stdout.strip()}"; }} );')
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


WAYS = {"quiet": "nobody guesses", "guessed": "10,000 logins fail", "alone": "10,000 logins fail, and nobody talks"}
LATER_S = 0.5  # guessing goes on for so long before what is measured begins


def guessing(server):
    code = GUESSER.format(here=servers.HERE, port=server.port, count=GUESSES, seconds=GUESS_S)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                               preexec_fn=servers.settle_on(servers.LOAD_CORE))
    time.sleep(LATER_S)
    return process


def answers_of(process):
    answered = json.loads(process.communicate()[0])
    if set(answered) - {"401", "429", "503"}:
        raise servers.Broken(f"wrong secrets are answered {answered}")
    return answered


def idle_load(server, seconds, warm):
    """What the guesses alone cost the server, in the time in which else is talked."""
    time.sleep(warm)
    before, began = server.cpu_ns(), time.monotonic()
    time.sleep(seconds)
    spent = (server.cpu_ns() - before) / 1e9 / (time.monotonic() - began)
    return {"server_cpu": spent, "fault": "", "stolen": 0, "load_waited": 0}


def guesses_round(results, number):
    """The same talk, with and without; and the guesses without talk, whose cost is not that of others."""
    row = Guarded("dragoman, guessed", "mixed")
    row.limits = OURS.limits
    group = measures.LOADS["sat100"][1]
    for way in (list(WAYS) if number % 2 == 0 else reversed(WAYS)):
        def work(server, way=way):
            process = guessing(server) if way != "quiet" else None
            rss = memory_kib(server)
            result = idle_load(server, GUESS_S - 3, 0.5) if way == "alone" else \
                server.load([group], seconds=GUESS_S - 3, warm=0.5)
            if process:
                result["answered"] = answers_of(process)
            result["grown_kib"] = memory_kib(server) - rss
            results.add("guessed", way, number, result)
        progress(f"round {number + 1}: {WAYS[way]}")
        measures.with_server(row, results, work)


def memory_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


# ---- all ----

def run(results, rounds):
    for number in range(min(rounds, ROUNDS)):
        requests_round(results, number)
    for number in range(min(rounds, 3)):
        storm_round(results, number)
    for number in range(rounds):
        guesses_round(results, number)
    progress("")


def ratios_of(results, measure, row, base, field):
    mine, theirs = results.rounds(measure, row), results.rounds(measure, base)
    return [measures.field_of(mine[r], field) / measures.field_of(theirs[r], field) for r in mine if r in theirs]


def ratios_of_others(results):
    """The CPU of a delivery while logins fail, without what these cost by themselves, to the same of a quiet server."""
    rounds = [results.rounds("guessed", way) for way in WAYS]
    found = []
    for number in rounds[0]:
        if all(number in one for one in rounds):
            quiet, guessed, alone = (one[number] for one in rounds)
            each = guessed["server_us_per_delivery"] - alone["server_cpu"] * 1e6 / guessed["deliveries_per_s"]
            found.append(each / quiet["server_us_per_delivery"])
    return found


def line(title, found, must=None, more=True):
    if not found:
        return f"  {title}: not measured"
    middle, (least, greatest, certain) = statistics.median(found), interval(found)
    verdict = "" if must is None else f"  must {must}: {'met' if (middle >= must if more else middle <= must) else 'NOT MET'}"
    return f"  {title:58}{middle:8.3f}  {least:.3f}..{greatest:.3f} ({certain * 100:.0f} % of {len(found)}){verdict}"


def tables(results):
    yield ""
    yield "Dialects' HTTP"
    for name in PATHS:
        yield line(f"{name}: requests a second, to nginx", ratios_of(results, f"calls {name}", OURS.name, "nginx",
                                                                     "requests_per_s"), MUST[name])
        yield f"    {results.median(f'calls {name}', OURS.name, 'requests_per_s') or 0:,.0f} a second"
    yield line(f"{CLIENTS} mixer clients, HTTP first: time, to at once",
               ratios_of(results, "storm", "HTTP first", "at once", "seconds"))
    for way in ("at once", "HTTP first"):
        yield f"    {way}: {results.median('storm', way, 'seconds') or 0:.2f} s, CPU of the server " \
              f"{results.median('storm', way, 'server_s') or 0:.2f} s"
    yield line(f"{GUESSES} logins fail in {GUESS_S} s: CPU of a delivery to others", ratios_of_others(results), 1.1, False)
    yield line("the same, with what the logins cost by themselves",
               ratios_of(results, "guessed", "guessed", "quiet", "server_us_per_delivery"))
    yield f"    {GUESSES} logins alone: {results.median('guessed', 'alone', 'server_cpu') or 0:.3f} of a core"
    for way in ("quiet", "guessed"):
        yield f"    {way}: p99 {results.median('guessed', way, 'room.p99_us') or 0:.0f} us, memory " \
              f"{results.median('guessed', way, 'grown_kib') or 0:+.0f} KiB"
    answered = [result["answered"] for result in results.rounds("guessed", "guessed").values() if "answered" in result]
    if answered:
        yield f"    they are answered {answered[-1]}"
