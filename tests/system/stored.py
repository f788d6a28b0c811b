"""history, erase, backup and check --state: on a server that runs, under load, and on what one has stored that
does not; used wrongly, without a store, on a server that is not there."""

import asyncio
import json
import os
import pty
import shutil
import subprocess
import tempfile

from chat import close_all, join, join_all
from operating import QUICK, Crowd, answer, ask
from server import BINARY, SLOW, VARIANT, Server, check, configuration, run, until

KEPT = 'state = "state"; control = "control"; storage = { erase_seconds = 1; };'
LOAD = QUICK + "connections_per_address = 0;"
COUNT = 40  # clients of the crowd; eight of them speak
SECRET = "xylophonequagmire"
OTHERS = "zephyrmarmalade"
MOST = ("--count", "1000")


def stored(limits=LOAD, more=KEPT, **rest):
    return configuration(limits, more=more, **rest)


def config(server):
    return os.path.join(server.folder.name, "dragoman.cfg")


def file_of(server, name="rooms.db"):
    return os.path.join(server.folder.name, "state", name)


def has(path, words):
    """How often these bytes are in a file, which may not be there."""
    try:
        with open(path, "rb") as file:
            return file.read().count(words.encode())
    except FileNotFoundError:
        return 0


def stopped(words, path, code=0):
    """A command on what is stored; what it prints as JSON."""
    status, said, errors = run(*words, "--json", "-c", path)
    check(status == code and errors == "", f"{words}: {status} and not {code}: {said}{errors}")
    return json.loads(said)


def texts(rows, author=None):
    return [row["text"] for row in rows if "text" in row and author in (None, row["author"])]


async def converse(clients, count=3):
    """Each says something, which the next one hears."""
    names = list(clients)
    for number in range(count):
        for name, client in clients.items():
            words = OTHERS if client.name == "ann" else SECRET
            await client.say(f"{words} {number} of {client.name}")
            await clients[names[names.index(name) - 1]].hears(f"{words} {number} of {client.name}", 5 * SLOW)


# ---- a server that runs ----

def history_is_told():
    """What was said in each dialect, under load, page by page; what is deleted or may not be kept has no words; the
    same after the server was killed."""
    async def scenario(server):
        clients = await join_all(server)
        await converse(clients)
        bob = clients["concord"]
        mine = texts(answer(server, "history", "lobby", *MOST)["rows"], "bob")
        check(mine == [f"{SECRET} {number} of bob" for number in range(3)], f"{mine}")
        await close_all(clients)
        return bob

    with Server(stored()) as server:
        with Crowd(server, COUNT):
            asyncio.run(scenario(server))
            rows = answer(server, "history", "lobby", *MOST)["rows"]
            ids = [row["id"] for row in rows]
            check(ids == sorted(set(ids)) and len(rows) > 12, f"{ids}")
            check([row.get("kept") for row in rows if row["author"] == "cat"] == [False] * 3, "of a rooms client")
            check(len(texts(rows, "dan")) == 3 and len(texts(rows, "ann")) == 3, "of each dialect")
            paged, before = [], ids[-1]
            while part := answer(server, "history", "lobby", "--before", str(before), "--count", "5")["rows"]:
                paged[:0], before = part, part[0]["id"]
            check(paged[-len(rows) + 1:] == rows[:-1], "page by page")
            check(len(answer(server, "history", "lobby")["rows"]) == 50 or len(rows) < 50, "50 by default")
            table = ask(server, "history", "lobby", *MOST).splitlines()
            check(table[0].split() == ["ID", "TIME", "AUTHOR", "NUMBER", "TEXT"], table[0])
            check(any(line.endswith("(not kept)") for line in table), "what may not be kept")
            check(SECRET not in server.log_text(), "what was said is not in the log")
        server.restart()
        again = answer(server, "history", "lobby", *MOST)["rows"]
        check([row for row in again if row["id"] in set(ids)] == rows[-1000:], "after a kill")


def a_person_is_erased():
    """erase, under load: everybody is told, counts are printed, the words are in no file any more after
    erase_seconds, nor in a copy that is made then; others' are; it holds when the server is killed."""
    async def scenario(server):
        clients = await join_all(server)
        await converse(clients)
        ann, bob = clients["mixer"], clients["concord"]
        check(has(file_of(server), SECRET) + has(file_of(server, "rooms.db-wal"), SECRET) >= 3, "it is on the disk")
        result = answer(server, "erase", "bob")["result"]
        check((result["messages"], result["name"], result["erase_seconds"]) == (3, "bob", 1), f"{result}")
        await ann.event("PurgeMessage", 5 * SLOW)
        result = answer(server, "erase", f"#{result['number']}")["result"]
        check(result["messages"] == 0, f"once more: {result}")
        said = ask(server, "erase", "dan")
        check(said.startswith('"dan" (number ') and "is erased: 3 messages, 0 reactions" in said, said)
        check("off the disk within 1 s\n" in said, said)
        # Those go on who are there.
        await bob.say("I am still here")
        await ann.hears("I am still here", 5 * SLOW)
        await close_all(clients)

    with Server(stored()) as server, tempfile.TemporaryDirectory() as folder:
        with Crowd(server, COUNT):
            asyncio.run(scenario(server))
            until(lambda: has(file_of(server), SECRET) + has(file_of(server, "rooms.db-wal"), SECRET) == 0,
                  "off the disk", 5)
            check(subprocess.call([os.path.abspath(BINARY), "backup", "copy.db", "-c", config(server)], cwd=folder,
                                  stdout=subprocess.DEVNULL) == 0, "a copy")
            copy = os.path.join(folder, "copy.db")
            check(has(copy, SECRET) == 0 and has(copy, OTHERS) == 3, "in the copy")
            # A dialect that forbids it left nothing to be erased but the name.
            check(answer(server, "erase", "cat")["result"]["messages"] == 3, "of a rooms client")
        log = server.log_text()
        check('erase "bob": done' in log, log[-2000:])
        server.restart()
        rows = answer(server, "history", "lobby", *MOST)["rows"]
        check(texts(rows, "bob") == ["I am still here"] and len(texts(rows, "ann")) == 3, "after a kill")
        gone = [row for row in rows if row.get("deleted")]
        check(len(gone) == 9 and all(row["author"] == "" and row["number"] for row in gone), f"{gone}")
        check(run("check", "-c", config(server), "--state")[0] == 0, "it is whole")


def names_may_mean_several():
    """Guests of one name are several people, who are told apart by number; an account is the one of its number."""
    async def scenario(server):
        for secret in ("one", "two"):
            dan = await join(server, "simple", "dan", secret=secret)
            await dan.say(f"said with {secret}")
            await asyncio.sleep(0.1)
            await close_all([dan])
        ada = await join(server, "simple", "Ada", secret="sesame")
        await ada.say("of an account")
        await ada.hears("of an account", 5 * SLOW)
        await close_all([ada])

    accounts = '( { name = "Ada"; number = 12; secret_file = "ada.secret"; } )'
    with Server(stored(accounts=accounts), files={"ada.secret": "sesame\n"}) as server:
        asyncio.run(scenario(server))
        rows = answer(server, "history", "lobby")["rows"]
        numbers = sorted({row["number"] for row in rows if row["author"] == "dan"})
        said = ask(server, "erase", "dan", code=1)
        check(len(numbers) == 2 and all(f"#{number}" in said for number in numbers), said)
        check(answer(server, "erase", f"#{numbers[0]}")["result"]["messages"] == 1, "by number")
        check(answer(server, "erase", "dan")["result"]["number"] == numbers[1], "the one who is left")
        result = answer(server, "erase", "ADA")["result"]
        check((result["number"], result["messages"], result["name"]) == (12, 1, "Ada"), f"{result}")
        check(ask(server, "erase", "nobody", code=1) == "dragoman: nobody has an account or wrote as 'nobody'\n", "nobody")


def copies_are_whole():
    """backup, under load: what it wrote is the state of another server, with the same history; check --state finds
    nothing wrong beside either."""
    with Server(stored()) as server, tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.db")
        with Crowd(server, COUNT):
            until(lambda: len(answer(server, "history", "lobby", *MOST)["rows"]) > 30, "something is said")
            before = answer(server, "history", "lobby", *MOST)["rows"]
            result = answer(server, "backup", copy)["result"]
            check(result["bytes"] == os.path.getsize(copy) and os.stat(copy).st_mode & 0o777 == 0o600, f"{result}")
            check(os.path.realpath(result["state"]) == os.path.dirname(os.path.realpath(file_of(server))), f"{result}")
            said = ask(server, "backup", copy)
            check(said.startswith(f"{copy}: ") and said.endswith(" bytes\n"), said)
            check(os.listdir(folder) == ["copy.db"], "nothing else is left")
            status, said, _ = run("check", "-c", config(server), "--state")
            check(status == 0 and "rows are whole\n" in said, said)
            said = ask(server, "backup", os.path.join(folder, "none", "copy.db"), code=1)
            check("/none/copy.db" in said, said)
        other = Server(stored())
        os.mkdir(os.path.dirname(file_of(other)), 0o700)
        shutil.copy(copy, file_of(other))
        for name in ("key", "ids"):
            shutil.copy(file_of(server, name), file_of(other, name))
        with other:
            rows = answer(other, "history", "lobby", *MOST)["rows"]
            check(rows[:len(before)] == before if len(rows) < 1000 else rows[0]["id"] > 0, "the same history")
            check(run("check", "-c", config(other), "--state")[0] == 0, "whole")


# ---- one that does not ----

def what_is_stored_can_be_used():
    """history, erase, backup and check --state with -c FILE, when no server runs; and not while one does that
    cannot be asked."""
    async def scenario(server):
        clients = await join_all(server)
        await converse(clients)
        await close_all(clients)

    with Server(stored()) as server:
        asyncio.run(scenario(server))
        running = answer(server, "history", "lobby")["rows"]
        check(stopped(("history", "lobby"), config(server))["rows"] == running, "by its configuration")
        server.stop()
        path, copy = config(server), os.path.join(server.folder.name, "copy.db")
        check(stopped(("history", "lobby"), path)["rows"] == running, "the same when it does not run")
        check(stopped(("history", "lobby", "--count", "2"), path)["rows"] == running[-2:], "the newest")
        check(stopped(("history", "attic"), path, 1)["error"] == "unknown_room", "another room")
        check(stopped(("backup", copy), path)["result"]["bytes"] == os.path.getsize(copy), "a copy")
        check(has(copy, SECRET) > 0, "as it is")
        check(stopped(("erase", "nobody"), path, 1)["error"] == "unknown_person", "nobody")
        check(stopped(("erase", "bob"), path)["result"]["messages"] == 3, "bob")
        check(run("erase", "dan", "-c", path)[0] == 0 and has(file_of(server), SECRET) == 0, "off the disk at once")
        check(not os.path.exists(file_of(server, "rooms.db-wal")), "nothing is left beside")
        check(stopped(("backup", copy), path)["ok"] and has(copy, SECRET) == 0 and has(copy, OTHERS) == 3, "nor in a copy")
        status, said, _ = run("check", "-c", path, "--state")
        check(status == 0 and "rows are whole\n" in said, said)
        server.write("dragoman.cfg", stored(more=KEPT.replace('control = "control"', 'control = ""')))
        server.start()
        made = stopped(("history", "lobby"), path, 1)
        check(made["error"] == "in_use" and f"process {server.process.pid}" in made["text"], f"{made}")
        check(stopped(("erase", "ann"), path, 1)["error"] == "in_use", "not while it runs")
        check(run("check", "-c", path, "--state")[0] == 0, "but to look is fine")


def what_reads_keeps_no_server_from_starting():
    """A copy that is being made, of a state that no server has: one starts meanwhile."""
    if VARIANT != "release":
        print("SKIPPED a sanitizer wants to be loaded before what makes the disk slow", flush=True)
        return
    with Server(stored()) as server, tempfile.TemporaryDirectory() as folder:
        server.stop()
        taken = os.path.join(folder, "taken")
        slow = os.path.join(folder, "slow.so")
        source = "#include <unistd.h>\n#include <fcntl.h>\nint fsync(int fd) { (void)fd; " \
            f"close(open(\"{taken}\", O_CREAT | O_WRONLY, 0600)); return pause(); }}"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", slow, "-x", "c", "-"], input=source.encode(), check=True)
        copying = subprocess.Popen([BINARY, "backup", os.path.join(folder, "copy.db"), "-c", config(server)],
                                   env={**os.environ, "LD_PRELOAD": slow}, stdout=subprocess.DEVNULL)
        try:
            until(lambda: os.path.exists(taken), "the copy is being made")
            server.start()
        finally:
            copying.kill()
            copying.wait()


def damage_is_found():
    """A byte that was changed in the file: check --state names the row and ends with 1; history leaves it out."""
    async def scenario(server):
        ann = await join(server, "simple", "ann")
        for number in range(5):
            await ann.say(f"{OTHERS} {number}")
            await ann.hears(f"{OTHERS} {number}", 5 * SLOW)
        await close_all([ann])

    with Server(stored()) as server:
        asyncio.run(scenario(server))
        ids = [row["id"] for row in answer(server, "history", "lobby")["rows"]]
        server.stop()
        with open(file_of(server), "r+b") as file:
            at = file.read().find(f"{OTHERS} 2".encode())
            check(at > 0, "the words are there")
            file.seek(at)
            file.write(b"Z")
        status, said, _ = run("check", "-c", config(server), "--state")
        check(status == 1 and f"id {ids[2]}: damaged row\n" in said and said.endswith(", 1 is damaged\n"), said)
        check(OTHERS not in said, "what was said is not printed")
        server.start()
        rows = answer(server, "history", "lobby")["rows"]
        check([row["id"] for row in rows] == ids[:2] + ids[3:], f"{rows}")
        check(run("check", "-c", config(server), "--state")[0] == 1, "beside a server, too")


# ---- used wrongly ----

def wrong_use_of_what_is_stored():
    """Wrong arguments end with 2; a server without a store says so, and so does one that is not there; erase on a
    terminal wants --yes."""
    for words in (("history",), ("history", "a", "b"), ("history", "a", "--count", "0"), ("history", "a", "--count", "1001"),
                  ("history", "a", "--before", "x"), ("erase",), ("erase", "#x"), ("erase", "a", "b"), ("backup",),
                  ("backup", ""), ("backup", "a", "b"), ("check", "--state"), ("history", "a", "--yes")):
        status, said, errors = run(*words)
        check(status == 2 and said == "" and "Try 'dragoman help" in errors, f"{words}: {status}, {said}{errors}")
    with Server(configuration(QUICK)) as server:
        check("stores nothing" in ask(server, "backup", "x.db", code=1), "without a state")
        check(answer(server, "history", "lobby")["result"]["count"] == 0, "what is remembered")
        check(ask(server, "history", "attic", code=1) == "dragoman: there is no room 'attic'\n", "an unknown room")
        check(ask(server, "erase", "nobody", code=1).startswith("dragoman: nobody has an account"), "nobody")
        asyncio.run(remembered(server))
        status, said, _ = run("check", "-c", config(server), "--state")
        check(status == 0 and said.endswith("nothing is stored: there is no state\n"), said)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.cfg")
        for verb in (("history", "lobby"), ("erase", "bob"), ("backup", os.path.join(folder, "copy.db"))):
            status, said, errors = run(*verb, "--control", os.path.join(folder, "control"))
            check(status == 1 and "no server is running there\n" in errors and "with -c FILE" in errors, errors)
            status, said, errors = run(*verb, "-c", os.path.join(folder, "none.cfg"))
            check(status == 1 and "none.cfg" in errors, errors)
            with open(path, "w", encoding="ascii") as file:
                file.write(stored())
            check(stopped(verb, path, 1)["error"] == "no_state", "nothing is stored yet")
            with open(path, "w", encoding="ascii") as file:
                file.write(configuration(more='control = "control";'))
            check(stopped(verb, path, 1)["error"] == "not_stored", "nothing is ever stored")
            with open(path, "w", encoding="ascii") as file:
                file.write('control = "control"; worker = 3;')
            check(run(*verb, "-c", path)[0] == 78, "a wrong configuration")
        check(os.listdir(folder) == ["a.cfg"], f"nothing is made: {os.listdir(folder)}")
    terminal, other = pty.openpty()
    done = subprocess.run([BINARY, "erase", "bob"], stdin=other, capture_output=True, timeout=10 * SLOW, check=False)
    check(done.returncode == 2 and b"--yes" in done.stderr, f"{done}")
    done = subprocess.run([BINARY, "erase", "bob", "--yes", "--control", "/nonexistent/control"], stdin=other,
                          capture_output=True, timeout=10 * SLOW, check=False)
    check(done.returncode == 1 and b"no server is running" in done.stderr, f"{done}")
    os.close(terminal)
    os.close(other)


async def remembered(server):
    """Without a store, too."""
    clients = await join_all(server)
    await converse(clients, 1)
    rows = answer(server, "history", "lobby")["rows"]
    check(texts(rows, "bob") == [f"{SECRET} 0 of bob"] and len(rows) == 4, f"{rows}")
    said = ask(server, "erase", "bob")
    check("1 message," in said and "disk" not in said, said)
    await clients["mixer"].event("PurgeMessage", 5 * SLOW)
    check(texts(answer(server, "history", "lobby")["rows"], "bob") == [], "forgotten")
    await close_all(clients)


SCENARIOS = [history_is_told, a_person_is_erased, names_may_mean_several, copies_are_whole, what_is_stored_can_be_used,
             what_reads_keeps_no_server_from_starting, damage_is_found, wrong_use_of_what_is_stored]
