"""Accounts, rooms, bans of the server and numbers of guests last: made on a running server or on the state of one that
does not run, they are there after kill -9."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3

from chat import close_all, join, open_socket
from operating import refused
from passwords import DIALECTS, Terminal, answer_of, hash_of
from reloads import Reloader
from server import SLOW, Server, check, configuration, run, until

FIRST = 500000000  # of the numbers that accounts get by themselves
STATE = 'state = "state"; control = "control.sock"; storage = { erase_seconds = 1; };'
REFUSED = {"mixer": "UNOTFOUND", "concord": 401, "rooms": 401, "simple": 401}


def config(more="", guests=False, **parts):
    text = configuration("connections_per_address = 0;", more=STATE + more, **parts)
    return text if guests else text.replace("guests = true", "guests = false")


def file_of(server):
    return os.path.join(server.folder.name, "dragoman.cfg")


def accounts(server, *words, secret=None, code=0):
    """What the command says; as JSON when that is asked for."""
    more = {} if secret is None else {"input": f"{secret}\n".encode()}
    status, said, errors = run("accounts", *words, "-c", file_of(server), within=20, **more)
    check(status == code, f"accounts {words}: {status} and not {code}: {said}{errors}")
    return json.loads(said) if "--json" in words and code == 0 else said if code == 0 else errors


def listed(server):
    return {row["name"]: row for row in accounts(server, "list", "--json").get("rows", [])}


def seen_stored(server, number):
    """When the account was seen, as the store has it: a list tells it before."""
    path = os.path.join(server.folder.name, "state", "rooms.db")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        return base.execute("SELECT seen_ms FROM person WHERE number = ?", (number,)).fetchone()[0]


def kill(server):
    """It does not run any more, and has not been told."""
    server.process.kill()
    server.process.wait()
    while server.lines.get(timeout=5 * SLOW) is not None:
        pass


def logs_in(server, name, secret, number, right=True):
    for dialect in DIALECTS:
        said = answer_of(server, dialect, name, secret, number)
        check(said == (True if right else REFUSED[dialect]), f"{name} with {secret} in {dialect}: {said}")
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def roles_of(server, name):
    status, said, errors = run("who", "--json", "-c", file_of(server))
    check(status == 0, errors)
    return [row["rooms"][0]["roles"] for row in json.loads(said)["rows"] if row["name"] == name]


# ---- accounts ----

def accounts_last():
    """Added, logged in in each dialect, given another secret and other roles, removed; and all of it is so
    after kill -9."""
    async def with_roles(server):
        """Who is connected keeps the roles; the next login has the new ones."""
        before = await join(server, "simple", "ann", secret="sesame")
        check(roles_of(server, "ann") == [["user", "mod"]], f"{roles_of(server, 'ann')}")
        said = accounts(server, "role", "ann", "-mod", "+pro")
        check(said == f'"ann" (number {FIRST}) has other roles: user, pro\n', said)
        check(roles_of(server, "ann") == [["user", "mod"]], "of who is connected")
        await before.close()
        server.settled(lambda counters: counters["connections"]["open"] == 0)
        after = await join(server, "concord", "ann", secret="sesame")
        check(roles_of(server, "ann") == [["user", "pro"]], f"{roles_of(server, 'ann')}")
        await after.close()

    async def removed(server):
        one = await join(server, "simple", "ann", secret="barley")
        other = await open_socket(server, "rooms", "ann", secret="barley")
        said = accounts(server, "remove", "ann")
        check("was removed" in said and "2 connections closed" in said, said)
        check(await one.closed(5 * SLOW) == 1008, "one is closed")
        await asyncio.wait_for(other.wait_closed(), 5 * SLOW)
        check(other.close_code == 1008, f"the other is closed with {other.close_code}")

    with Server(config()) as server:
        check(answer_of(server, "concord", "ann", "sesame", FIRST) == 401, "before there is any")
        said = accounts(server, "add", "ann", "--role", "mod", secret="sesame")
        check(said == f'"ann" (number {FIRST}) was added: user, mod\n', said)
        logs_in(server, "ann", "sesame", FIRST)
        logs_in(server, "ann", "barley", FIRST, right=False)
        asyncio.run(with_roles(server))
        until(lambda: listed(server)["ann"]["seen"] and seen_stored(server, FIRST), "when it logged in")
        for _ in range(2):
            server.restart()
            row = listed(server)["ann"]
            check((row["number"], row["roles"], row["source"]) == (FIRST, ["user", "pro"], "store") and row["seen"],
                  f"{row}")
            logs_in(server, "ann", "sesame", FIRST)
        check("another secret" in accounts(server, "passwd", "#500000000", secret="barley"), "passwd")
        logs_in(server, "ann", "sesame", FIRST, right=False)
        server.restart()
        logs_in(server, "ann", "sesame", FIRST, right=False)
        logs_in(server, "ann", "barley", FIRST)
        asyncio.run(removed(server))
        logs_in(server, "ann", "barley", FIRST, right=False)
        server.restart()
        logs_in(server, "ann", "barley", FIRST, right=False)
        check(listed(server) == {}, f"{listed(server)}")
        said = accounts(server, "add", "ann", "--json", secret="sesame")["result"]
        check(said["number"] == FIRST + 1, f"the number is given again: {said}")
        log = server.log_text()
        check("sesame" not in log and "barley" not in log and "argon2" not in log, "secrets in the log")
        check('accounts add "ann"' in log, "who did what is logged")
        for folder, _, names in os.walk(os.path.join(server.folder.name, "state")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    data = file.read()
                check(b"sesame" not in data and b"barley" not in data, f"a secret is in {name}")


def on_a_stopped_state():
    """The same commands with -c on the state of a server that does not run; and only then."""
    with Server(config()) as server:
        accounts(server, "add", "ann", secret="sesame")
        kill(server)
        said = accounts(server, "add", "bob", "--number", "7", "--role", "staff", "--role", "pro", "--json",
                        secret="barley")
        check(said["result"]["number"] == 7 and said["result"]["roles"] == ["user", "pro", "staff"], f"{said}")
        check("there is an account 'BOB'" in accounts(server, "add", "BOB", secret="x", code=1), "twice")
        accounts(server, "role", "bob", "-pro")
        accounts(server, "passwd", "ann", secret="lentil")
        accounts(server, "add", "eve", secret="pea")
        accounts(server, "remove", "eve")
        check(set(listed(server)) == {"ann", "bob"}, f"{listed(server)}")
        server.start()
        logs_in(server, "bob", "barley", 7)
        logs_in(server, "ann", "lentil", FIRST)
        logs_in(server, "ann", "sesame", FIRST, right=False)
        check(listed(server)["bob"]["roles"] == ["user", "staff"], f"{listed(server)}")
        # Of another configuration with the same state, the running server is in the way.
        other = server.write("other.cfg", config().replace("control.sock", "other.sock"))
        status, said, errors = run("accounts", "list", "-c", other)
        check(status == 1 and f"in use by process {server.process.pid}" in errors, f"{status} {said}{errors}")
        status, said, errors = run("accounts", "list", "-c", server.write("wrong.cfg", 'control = "none.sock"; workers = ;'))
        check(status == 78 and "workers has no value" in errors, f"{status} {said}{errors}")


def without_a_store():
    """Without state, or in memory alone, accounts are the configuration's."""
    for state in ('control = "control.sock";', STATE.replace("erase_seconds = 1", 'engine = "memory"')):
        with Server(config().replace(STATE, state)) as server:
            for words in (("add", "ann"), ("passwd", "ann"), ("remove", "ann"), ("role", "ann", "+mod")):
                said = accounts(server, *words, secret="sesame", code=1)
                check("it needs state, and storage with engine sqlite" in said, said)
            check(listed(server) == {}, "a list there is")
            kill(server)
            said = accounts(server, "list", code=1)
            check("a server with this configuration stores nothing" in said, said)
            server.start()


def the_configuration_is_authoritative():
    """Its names and numbers cannot be added; when it gets one that was, at a start or a reload, that one is
    shadowed until it is gone there."""
    given = hash_of("lentil", "--memory-mib", "1")

    def with_(*those):
        each = ", ".join(f'{{ name = "{name}"; number = {number}; secret_hash = "{given}"; }}' for name, number in those)
        return config(accounts=f"( {each} )")

    async def reloads(server):
        reloader = Reloader(server)
        check(await reloader.reload(with_(("root", 1), ("ANN", 50))), "refused")
        check("the configuration has one of that name or number" in server.log_text(), "no warning")
        return reloader

    with Server(with_(("root", 1))) as server:
        for words in (("add", "ROOT"), ("add", "bob", "--number", "1")):
            accounts(server, *words, secret="x", code=1)
        check("was not made at run time" in accounts(server, "remove", "root", code=1), "remove")
        accounts(server, "add", "ann", secret="sesame")
        accounts(server, "add", "bob", "--number", "7", secret="sesame")
        asyncio.run(reloads(server))
        logs_in(server, "ann", "lentil", 50)
        rows = accounts(server, "list", "--json")["rows"]
        check([(row["name"], row["source"], row["shadowed"]) for row in rows] ==
              [("root", "configuration", False), ("bob", "store", False), ("ANN", "configuration", False),
               ("ann", "store", True)], f"{rows}")
        accounts(server, "passwd", "ann", secret="barley")
        server.restart()
        logs_in(server, "ann", "lentil", 50)
        logs_in(server, "bob", "sesame", 7)
        check("the configuration has one of that name or number" in server.log_lines("made at run time")[-1], "a start")

        async def back():
            check(await Reloader(server).reload(with_(("root", 1), ("eve", 7))), "refused")

        asyncio.run(back())
        logs_in(server, "ann", "barley", FIRST)
        logs_in(server, "bob", "sesame", 7, right=False)
        logs_in(server, "eve", "lentil", 7)


def a_terminal_is_asked():
    """The secret is read without being shown."""
    with Server(config()) as server:
        one = Terminal("accounts", "add", "ann", "-c", file_of(server))
        for prompt in (b"Secret: ", b"Again: "):
            one.asks(prompt)
            one.types(b"sesame\n")
        code, out = one.ends()
        check(code == 0 and "was added" in out and b"sesame" not in one.shown, f"{code} {out} {one.shown}")
        logs_in(server, "ann", "sesame", FIRST)


# ---- rooms ----

def rooms_last():
    """Added and removed on a running server and on a stopped one's state; people speak there, also after kill -9;
    those of the configuration come first."""
    attic = {"name": "attic"}

    def names(server):
        status, said, errors = run("rooms", "--json", "-c", file_of(server))
        check(status == 0, errors)
        rows = {row["name"]: row["ids"] for row in json.loads(said)["rows"]}
        if "attic" in rows:
            attic.update(concord=int(rows["attic"]["concord"]), rooms=rows["attic"]["rooms"])
        return sorted(rows)

    def room(server, *words, code=0):
        status, said, errors = run("room", *words, "-c", file_of(server))
        check(status == code, f"room {words}: {status} and not {code}: {said}{errors}")
        return said + errors

    async def talk_there(server, mark):
        """Concord's clients hear every room."""
        clients = [await join(server, "concord", name, room=attic) for name in ("ann", "bob")]
        await clients[0].say(f"{mark} up here")
        for client in clients:
            await client.hears(f"{mark} up here")
        await close_all(clients)

    async def while_they_are_there(server):
        """A room comes and goes while somebody is connected."""
        cat = await join(server, "concord", "cat")
        check(room(server, "add", "cellar") == 'room "cellar" was added\n', "add")
        status, said, _ = run("who", "cellar", "--json", "-c", file_of(server))
        check(status == 0 and json.loads(said)["result"]["count"] == 1, said)
        room(server, "remove", "cellar")
        await cat.hears("This room was removed.", 5 * SLOW)
        await close_all([cat])

    async def reloads(server, text):
        check(await Reloader(server).reload(text), "refused")

    with Server(config(guests=True)) as server:
        room(server, "add", "attic", "--history", "20")
        check(names(server) == ["attic", "lobby"], f"{names(server)}")
        asyncio.run(talk_there(server, "one"))
        asyncio.run(while_they_are_there(server))
        check("there is a room 'Attic'" in room(server, "add", "Attic", code=1), "twice")
        check("the configuration has it" in room(server, "remove", "lobby", code=1), "the lobby")
        for number in range(2):
            server.restart()
            check(names(server) == ["attic", "lobby"], f"{names(server)}")
            asyncio.run(talk_there(server, f"two {number}"))
            asyncio.run(reloads(server, config(guests=True)))
            check(names(server) == ["attic", "lobby"], "after a reload")
        with_attic = config(guests=True, rooms='( { name = "lobby"; }, { name = "attic"; open = false; } )')
        asyncio.run(reloads(server, with_attic))
        check('"attic", made at run time, does not count' in server.log_text(), "no warning")
        check("was removed" in room(server, "remove", "attic"), "of the store")
        check(names(server) == ["attic", "lobby"], "the configuration's stays")
        asyncio.run(reloads(server, config(guests=True)))
        check(names(server) == ["lobby"], f"{names(server)}")
        kill(server)
        room(server, "add", "attic", "--closed")
        room(server, "add", "garage")
        room(server, "remove", "garage")
        server.start()
        check(names(server) == ["attic", "lobby"], f"{names(server)}")
        status, said, errors = run("history", "attic", "--json", "-c", file_of(server))
        texts = [row["text"] for row in json.loads(said)["rows"]]
        check(texts == ["one up here", "two 0 up here", "two 1 up here"], f"what was said there: {texts}{errors}")


# ---- bans and guests ----

def bans_last():
    """Of the server, by name and by network, with their ends; lifted ones stay lifted."""
    def command(server, *words, code=0):
        status, said, errors = run(*words, "--json", "-c", file_of(server))
        check(status == code, f"{words}: {said}{errors}")
        return json.loads(said)

    async def scenario(server):
        client = await join(server, "simple", "bob")
        command(server, "ban", "bob", "--for", "1h", "--reason", "spam")
        check(await client.closed(5 * SLOW) == 1008, "bob is gone")
        command(server, "ban", "eve")
        command(server, "ban", "203.0.113.0/24")
        command(server, "ban", "zoe", "--for", "1s")
        command(server, "ban", "cat")
        command(server, "unban", "CAT")
        await asyncio.sleep(1.1)
        for _ in range(2):
            server.restart()
            rows = command(server, "ban")["rows"]
            check([row["target"] for row in rows] == ["bob", "eve", "203.0.113.0/24"], f"{rows}")
            check(rows[0]["reason"] == "spam" and 3000 < rows[0]["seconds_left"] < 3600 and
                  rows[1]["seconds_left"] is None, f"{rows}")
            for name in ("BOB", "eve"):
                await refused(server, "simple", name)
        command(server, "unban", "eve")
        server.restart()
        await close_all([await join(server, "simple", "eve"), await join(server, "simple", "cat")])
        await refused(server, "simple", "bob")

    # All come from loopback, which is never judged by address.
    with Server(config(guests=True)) as server:
        asyncio.run(scenario(server))


def guests_have_numbers_of_their_own():
    """No guest gets a number that another had, however the server ended."""
    async def number_of(server, name):
        socket = await open_socket(server, "simple", name)
        status, said, _ = run("who", "--json", "-c", file_of(server))
        await socket.close()
        return next(row["number"] for row in json.loads(said)["rows"] if row["name"] == name)

    with Server(config(guests=True)) as server:
        given = []
        for round_ in range(4):
            for guest in range(3):
                given.append(asyncio.run(number_of(server, f"guest{round_}{guest}")))
            server.restart(signal.SIGKILL if round_ % 2 else signal.SIGTERM)
        check(given == sorted(set(given)) and given[0] >= 1 << 30, f"{given}")
        check(given[3] == given[2] + 1, f"an end in order loses none: {given}")


SCENARIOS = [accounts_last, on_a_stopped_state, without_a_store, the_configuration_is_authoritative,
             a_terminal_is_asked, rooms_last, bans_last, guests_have_numbers_of_their_own]
