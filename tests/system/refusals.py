"""Refused logins and upgrades: a line each with who, where and why, in a form that others read; as
many as one minute has room for; never a secret."""

import asyncio
import configparser
import json
import re

from chat import greeted, join
from server import MOUNTS, Server, check, configuration
from wire import Wire, door, handshake, status

LINES = 30  # a minute for each cause: bridge/core/log/log_limit.h
FAIL2BAN = "contrib/fail2ban/dragoman.conf"
CLOSED = '''( { name = "lobby"; mixer = 1; concord = 1; open = false; } )'''


def auth(number, secret, channel=1):
    return json.dumps({"type": "method", "method": "auth", "arguments": [channel, number, secret],
                       "id": 1})


def failregexes():
    """The expressions of the sample filter, as fail2ban reads them."""
    filters = configparser.ConfigParser()
    filters.read(FAIL2BAN)
    return [re.compile(line.replace("<ADDR>", r"(?P<host>[0-9a-f:.]+)"))
            for line in filters["Definition"]["aggressive"].splitlines() if line]


def trace():
    """Every refusal leaves a line at the usual level, and is counted by its reason."""
    async def wrong_secrets(server):
        ann = await join(server, "rooms", "ann", secret="hers")
        client = await greeted(server, "ann")
        await client.send(auth(7, "mistyped-secret"))
        await client.fields(type="reply", id=1)
        await client.close()
        await ann.close()

    with Server() as server:
        asyncio.run(wrong_secrets(server))
        check(status(server, "/rooms?key=a", "Origin: http://evil.example") == 403, "an Origin")
        check(status(server, "/rooms?key=a", "Host: evil.example") == 403, "a Host")
        check(status(server, "/nothing") == 404, "a path")
        check(status(server, "/rooms?key=a", "Sec-WebSocket-Version: 8") == 426, "a version")
        check(status(server, "/rooms") == 401, "no key")
        for wanted in ('refused login from 127.0.0.1 at "/mixer": name_taken mixer "ann"',
                       'refused login from 127.0.0.1 at "/rooms": not_logged_in rooms ""',
                       'refused upgrade from 127.0.0.1 at "/rooms": origin "http://evil.example"',
                       'refused upgrade from 127.0.0.1 at "/rooms": host "evil.example"',
                       'refused upgrade from 127.0.0.1 at "/nothing": path ""'):
            check(len(server.log_lines(" info " + wanted)) == 1, f"not once: {wanted}")
        counters = server.counters()["connections"]
        check(counters["refused"] == {"name_taken": 1, "not_logged_in": 1}, f"{counters}")
        check(counters["upgrades_refused_for"] == {"host": 1, "origin": 1, "path": 1, "login": 1, "version": 1},
              f"{counters}")
        check(counters["upgrades_refused"] == 5, f"{counters}")
        check_fail2ban(server)
        check("mistyped-secret" not in server.log_text(), "a secret is in the log")
    with Server(configuration(mounts=MOUNTS.replace("room =", "guests = false; room ="))) as server:
        for name in ("eve", 'x" from 1.2.3.4', 'eve": bad_login simple "x', "\u202e\n"):
            check(status(server, *door("simple", name)) == 401, f"{name} where there are no guests")
        wanted = r'refused login from 127.0.0.1 at "/simple": bad_login simple "x\x22 from 1.2.3.4"'
        check(len(server.log_lines(" info " + wanted)) == 1, server.log_text())
        check(len(server.log_lines("refused login")) == 4, server.log_text())
        check_fail2ban(server)


def check_fail2ban(server):
    """The sample filter finds every refusal but what a page can make a browser send, and nothing but the
    address of who was refused."""
    for line in server.log_lines("refused "):
        line = line[len("2026-01-31T12:00:00.123Z"):]  # which fail2ban cuts off first
        found = [expression.search(line) for expression in failregexes()]
        counts = not re.search(r'refused upgrade from \S+ at "\S*": (origin|host|path)\b', line)
        check([match["host"] for match in found if match] == ["127.0.0.1"] * counts, f"fail2ban: {line}")


def room_refuses():
    """A login that a room refuses is one refused: counted, and the third is the last."""
    async def scenario(server):
        client = await greeted(server, "mallory")
        for _ in range(3):
            await client.send(auth(2, "k"))
            await client.fields(type="reply", error="UACCESS")
        check(await client.closed() == 1008, f"closed with {client.socket.close_code}")
        client = await greeted(server, "mallory")
        for _ in range(3):
            await client.send(auth(2, "k", 99))
        check(await client.closed() == 1008, "a room that does not exist")

    mounts = MOUNTS.replace('{ path = "/rooms"; dialect = "rooms"; room = "lobby"; },', "")
    with Server(configuration(rooms=CLOSED, mounts=mounts)) as server:
        asyncio.run(scenario(server))
        with Wire(server.port) as eve:
            found = eve.request(*door("simple", "eve")).status
            check(found == 403, f"judged by the room, and answered with {found}")
        refused = server.counters()["connections"]["refused"]
        check(refused == {"closed_room": 4, "unknown_room": 3}, f"{refused}")
        check(len(server.log_lines('closed_room mixer "mallory"')) == 3, "a line each")


def flood():
    """1,000 refusals of each kind, and requests the library cannot read: no more lines than a minute
    has room for, the rest summed up; at trace no frame of a login either."""
    def many(server, request):
        for _ in range(200):
            with Wire(server.port) as wire:
                wire.send(request)
                wire.read(lambda data: b"\r\n\r\n" in data)

    with Server() as server:
        many(server, handshake("/rooms"))
        many(server, handshake("/rooms?key=a", "Origin: http://evil.example"))
        many(server, handshake("/rooms?key=a", *(f"X-{i}: " + "x" * 900 for i in range(20))))
        many(server, handshake("/rooms?key=" + "a" * 9000))
        for what in ("refused login", "refused upgrade", "libwebsockets: "):
            found = server.log_lines(what)
            check(len(found) <= LINES, f"{len(found)} lines of {what}")
        check(len(server.log_text().splitlines()) <= 4 * LINES, server.log_text())
        for line in server.log_lines("libwebsockets: "):
            check("client 127.0.0.1" in line, f"whose is it? {line}")
        server.stop()
        check(f"refused logins: {200 - LINES} more lines within a minute were suppressed"
              in server.log_text(), "the rest is not summed up")


def secrets():
    """Frames of logins and what looks like them are in no log, at no level."""
    async def scenario(server):
        client = await greeted(server, "ann")
        for text in (auth(7, "secret-1"), auth(7, "secret-2").replace("auth", "auht"),
                     auth(7, "secret-3")[:-1], auth("x", "secret-4"), auth(8, "secret-5")):
            await client.send(text)
        await client.counts(lambda frame: frame["type"] == "reply", 5, list)
        ann = await join(server, "rooms", "bob", secret="secret-6")
        await ann.send('{"type":"message","key":"bob:secret-7","content":5}')
        await ann.refusal()
        await ann.close()
        await client.close()

    with Server(configuration(more='log_level = "trace";')) as server:
        asyncio.run(scenario(server))
        check(len(server.log_lines(" debug session ")) > 5, server.log_text())
        check("secret-" not in server.log_text(), server.log_text())


def crowd():
    """A connection beyond the limit leaves a line, which bans nobody: it is not that client's fault."""
    with Server(configuration(limits="connections = 2;")) as server:
        with Wire(server.port) as one, Wire(server.port) as two:
            for wire in (one, two):
                check(wire.request("/simple").status != 503, "two have room")
            with Wire(server.port) as third:
                third.read(lambda data: b"503" in data)
                check(b" 503 " in third.bytes, f"{third.bytes}")
            wanted = "refused connection from 127.0.0.1: connections"
            check(len(server.log_lines(f" info {wanted}")) == 1, server.log_text())
            check(not any(one.search(" info " + wanted) for one in failregexes()), "it would be banned")


SCENARIOS = [trace, room_refuses, flood, secrets, crowd]
