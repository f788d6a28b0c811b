"""A state of an older version is carried over: schema_1/ was made by the version before the schema had tokens, by
make() below (python3 older.py FOLDER, with OUT and VARIANT of that version)."""

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import stat
import sys

from chat import close_all, join
from server import BINARY, SLOW, Server, check, configuration, run

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = ("rooms.db", "key", "ids")
STATE = 'state = "state"; control = "control";'
SAID = {"mixer": "said in mixer", "concord": "said in concord", "simple": "said in simple"}
SECRET = "of an older version"


def config():
    return configuration("connections_per_address = 0;", more=STATE)


def path(server, *names):
    return os.path.join(server.folder.name, *names)


def command(server, *words, **more):
    status, said, errors = run(*words, "-c", path(server, "dragoman.cfg"), within=20, **more)
    check(status == 0, f"{words}: {status}: {said}{errors}")
    return said


def rows(server, *words):
    return json.loads(command(server, *words, "--json"))["rows"]


async def fill(server):
    """Everything that has a table, or nearly."""
    clients = {dialect: await join(server, dialect, f"{dialect} guest") for dialect in SAID}
    for dialect, client in clients.items():
        await client.say(SAID[dialect])
        await client.hears(SAID[dialect], 5 * SLOW)
    await close_all(clients)


def make(folder):
    """Leaves such a state there."""
    with Server(config()) as server:
        asyncio.run(fill(server))
        command(server, "accounts", "add", "old", "--role", "mod", input=f"{SECRET}\n".encode())
        command(server, "room", "add", "attic")
        command(server, "ban", "mallory", "--reason", "spam")
        server.stop()
        with contextlib.closing(sqlite3.connect(path(server, "state", "rooms.db"))) as base:
            base.execute("VACUUM")
        for name in KEPT:
            shutil.copy(path(server, "state", name), os.path.join(folder, name))


def is_as_it_was(server):
    check({row["text"] for row in rows(server, "history", "lobby") if "text" in row} == set(SAID.values()), "history")
    check({row["name"]: row["roles"] for row in rows(server, "accounts", "list")} == {"old": ["user", "mod"]}, "accounts")
    check([row["target"] for row in rows(server, "ban")] == ["mallory"], "bans")
    check({row["name"] for row in rows(server, "rooms")} >= {"attic", "lobby"}, "rooms")


async def logs_in(server):
    await close_all([await join(server, "simple", "old", secret=SECRET)])


def a_state_of_schema_1():
    """What the version before kept is there; the file as it was lies beside; the one that is used is whole."""
    server = Server(config())
    os.mkdir(path(server, "state"), 0o700)
    for name in KEPT:
        shutil.copy(os.path.join(HERE, "schema_1", name), path(server, "state", name))
        os.chmod(path(server, "state", name), 0o600)
    old = path(server, "state", "rooms.db-1.old")
    status, said, errors = run("check", "--state", "-c", path(server, "dragoman.cfg"))
    check(status == 1 and "is of an older version: a start of the server carries it over" in said + errors, said + errors)
    check(not os.path.exists(old), "a check carries nothing over")
    with server:
        check(stat.S_IMODE(os.stat(old).st_mode) == 0o600, "a copy of its own")
        is_as_it_was(server)
        asyncio.run(logs_in(server))
        server.restart()
        is_as_it_was(server)
        check("rows are whole\n" in command(server, "check", "--state"), "whole")
        with contextlib.closing(sqlite3.connect(f"file:{old}?mode=ro", uri=True)) as base:
            version = base.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        check(version == (1,), "the copy is the old one")


SCENARIOS = [a_state_of_schema_1]

if __name__ == "__main__":
    print(f"made by {BINARY}")
    make(sys.argv[1])
