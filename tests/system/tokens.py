"""Bearer tokens that the server issues: by them programs log in without a secret, in all dialects; they last, and are
revoked, on a server that runs and on the state of one that does not."""

import asyncio
import contextlib
import http.client
import json
import os
import sqlite3
import time

from accounts import accounts, config, file_of, kill
from chat import close_all, join
from passwords import DIALECTS, answer_of
from server import Server, check, run, until
from wire import Wire

SECRET = "correct horse"
REFUSED = {"mixer": "UNOTFOUND", "concord": 401, "rooms": 401, "simple": 401}


def tokens(server, *words, code=0):
    status, said, errors = run("tokens", *words, "-c", file_of(server), within=20)
    check(status == code, f"tokens {words}: {status} and not {code}: {said}{errors}")
    return json.loads(said) if "--json" in words and code == 0 else said if code == 0 else errors


def listed(server, *words):
    return tokens(server, "list", "--json", *words).get("rows", [])


def comes_in(server, token, right=True, name="ann", number=500000000, alone=True):
    """A token stands where a secret would; in a query also where a name and a secret would."""
    for dialect in DIALECTS:
        server.settled(lambda counters: counters["connections"]["open"] == 0)
        said = answer_of(server, dialect, name, token, number)
        check(said == (right or REFUSED[dialect]), f"{dialect}: {said}")
    for path in (f"/concord?token={token}", f"/rooms?key={token}") if alone else ():
        with Wire(server.port) as wire:
            status = wire.request(path, within=30).status
        check(status == (101 if right else 401), f"{path}: {status}")


def nowhere(server, token):
    """In no file, and no line of the log."""
    folder = os.path.join(server.folder.name, "state")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            check(token.encode() not in file.read(), f"the token is in {name}")
    check(token not in server.log_text(), "the token is in the log")


def tokens_last():
    """Issued, listed, shown by all dialects, revoked; the same after kill -9."""
    with Server(config(guests=True)) as server:
        accounts(server, "add", "ann", secret=SECRET)
        check(tokens(server, "list") == "0 tokens\n", "none at first")
        said = tokens(server, "add", "ann")
        first = said.splitlines()[0]
        check(len(first) == 47 and first.startswith("dgm_") and "until 20" in said, said)
        second = tokens(server, "add", "#500000000", "--for", "1h", "--json")["result"]
        check(second["token"] != first and second["name"] == "ann" and second["kind"] == "account", f"{second}")
        comes_in(server, first)
        comes_in(server, second["token"])
        comes_in(server, first, False, number=500000001, name="bob", alone=False)
        comes_in(server, first[:-1] + ("A" if first[-1] != "A" else "B"), False)
        rows = listed(server)
        check(len(rows) == 2 and rows[1]["id"] == second["id"] and rows[0]["number"] == 500000000, f"{rows}")
        check("ann" in tokens(server, "list", "--of", "ANN") and listed(server, "--of", "#7") == [], "whose")
        nowhere(server, first)
        server.restart()
        check(listed(server) == rows, "the same after kill -9")
        comes_in(server, first)
        check(tokens(server, "revoke", second["id"]) == "1 token revoked\n", "one")
        comes_in(server, second["token"], False)
        comes_in(server, first)
        server.restart()
        comes_in(server, second["token"], False)
        check(listed(server) == rows[:1], "one is left")
        check(tokens(server, "revoke", "--of", "ann") == "1 token revoked\n", "the other")
        server.restart()
        comes_in(server, first, False)
        check("there is no token '000000000000'" in tokens(server, "revoke", "000000000000", code=1), "unknown")
        check("'ann' has no token" in tokens(server, "revoke", "--of", "ann", code=1), "of nobody")
        check("either the id" in tokens(server, "revoke", code=2), "neither")
        check("there is no account 'bob'" in tokens(server, "add", "bob", code=1), "no account")


def another_secret_voids_them():
    """And so does the end of the account; who is erased has none."""
    with Server(config(guests=True)) as server:
        for name in ("ann", "bob"):
            accounts(server, "add", name, secret=SECRET)
        ann, bob = (tokens(server, "add", name).splitlines()[0] for name in ("ann", "bob"))
        comes_in(server, ann)
        accounts(server, "passwd", "ann", secret="another")
        comes_in(server, ann, False)
        accounts(server, "remove", "bob")
        comes_in(server, bob, False, name="bob", number=500000001)
        accounts(server, "add", "bob", secret="another")
        comes_in(server, bob, False, name="bob", number=500000002)
        ann = tokens(server, "add", "ann").splitlines()[0]
        status, _, errors = run("erase", "ann", "-c", file_of(server), within=20)
        check(status == 0, errors)
        comes_in(server, ann, False)
        check(listed(server, "--of", "ann") == [], "erased")
        with contextlib.closing(sqlite3.connect(os.path.join(server.folder.name, "state", "rooms.db"))) as base:
            check(base.execute("SELECT count(*) FROM token WHERE name = 'ann'").fetchone() == (0,), "nor stored")


def so_many_hold():
    """The oldest goes for one more; those that have expired go by themselves."""
    async def stays(server, token):
        """Who is connected stays so."""
        client = await join(server, "simple", "ann", secret=token)
        tokens(server, "revoke", "--of", "ann")
        await client.say("still here")
        await client.hears("still here")
        await close_all([client])

    with Server(config(guests=True, more="tokens = { per_person = 2; };")) as server:
        accounts(server, "add", "ann", secret=SECRET)
        each = [tokens(server, "add", "ann").splitlines()[0] for _ in range(3)]
        comes_in(server, each[0], False)
        comes_in(server, each[2])
        server.restart()
        comes_in(server, each[0], False)
        comes_in(server, each[1])
        asyncio.run(stays(server, each[2]))
        short = tokens(server, "add", "ann", "--for", "1s").splitlines()[0]
        until(lambda: listed(server) == [], "it has expired")
        comes_in(server, short, False)
        server.stop()
        with contextlib.closing(sqlite3.connect(os.path.join(server.folder.name, "state", "rooms.db"))) as base:
            check(base.execute("SELECT count(*) FROM token").fetchone() == (0,), "and is not stored any more")


def tokens_on_a_stopped_state():
    """The same commands on the state of a server that does not run; damage is found."""
    with Server(config(guests=True)) as server:
        accounts(server, "add", "ann", secret=SECRET)
        kept = tokens(server, "add", "ann").splitlines()[0]
        kill(server)
        made = tokens(server, "add", "ann").splitlines()[0]
        rows = listed(server)
        check(len(rows) == 2, f"{rows}")
        check(tokens(server, "revoke", rows[0]["id"]) == "1 token revoked\n", "one")
        server.start()
        comes_in(server, kept, False)
        comes_in(server, made)
        kill(server)
        path = os.path.join(server.folder.name, "state", "rooms.db")
        with contextlib.closing(sqlite3.connect(path)) as base:
            base.execute("UPDATE token SET number = 7")
            base.commit()
        status, said, errors = run("check", "--state", "-c", file_of(server))
        check(status == 1 and "token:" in said, said + errors)
        server.start()
        comes_in(server, made, False)
        server.logged("a row of the store is damaged, and left out: token")


def tokens_without_a_store():
    """They hold until the server ends."""
    text = config(guests=True, accounts='( { name = "ann"; number = 7; secret_file = "ann.secret"; } )')
    text = text.replace('storage = { erase_seconds = 1; }', 'storage = { engine = "memory"; }')
    with Server(text, files={"ann.secret": SECRET + "\n"}) as server:
        token = tokens(server, "add", "ann").splitlines()[0]
        comes_in(server, token, number=7)
        check(tokens(server, "revoke", listed(server)[0]["id"]) == "1 token revoked\n", "revoked")
        comes_in(server, token, False, number=7)
        token = tokens(server, "add", "ann").splitlines()[0]
        server.restart()
        comes_in(server, token, False, number=7)


def exchanged(server, **form):
    """What mixer's oauth/token gives for it: the key, and for how many seconds; None: it is refused."""
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    caller.request("POST", "/api/v1/oauth/token", json.dumps(form), {"Content-Type": "application/json"})
    answer = caller.getresponse()
    said = json.loads(answer.read())
    caller.close()
    check(answer.status in (200, 400), f"{answer.status} {said}")
    return (said["access_token"], said["expires_in"]) if answer.status == 200 else None


def keys_end_with_tokens():
    """What is given for a token does not outlast it, however often it is exchanged; what is given for a secret is
    renewed."""
    with Server(config(guests=True)) as server:
        accounts(server, "add", "ann", secret=SECRET)
        key, seconds = exchanged(server, grant_type="authorization_code", code=f"ann:{SECRET}")
        check(seconds == 86400, f"of a secret: {seconds}")
        check(exchanged(server, grant_type="refresh_token", refresh_token=key)[1] == 86400, "it is renewed")
        hour = tokens(server, "add", "ann", "--for", "1h").splitlines()[0]
        key, seconds = exchanged(server, grant_type="authorization_code", code=hour)
        check(3500 < seconds <= 3600, f"of a token for an hour: {seconds}")
        for _ in range(3):
            key, again = exchanged(server, grant_type="refresh_token", refresh_token=key)
            check(again <= seconds, f"{again} after {seconds}")
        short = tokens(server, "add", "ann", "--for", "2s").splitlines()[0]
        key, _ = exchanged(server, grant_type="authorization_code", code=short)
        until(lambda: exchanged(server, grant_type="refresh_token", refresh_token=key) is None, "it ends")
        # It may be revoked meanwhile: a day at most, which begins once.
        key, seconds = exchanged(server, grant_type="authorization_code",
                                 code=tokens(server, "add", "ann", "--for", "2d").splitlines()[0])
        check(seconds == 86400, f"of a token for two days: {seconds}")
        time.sleep(1.1)
        check(exchanged(server, grant_type="refresh_token", refresh_token=key)[1] < 86400, "the day began anew")


SCENARIOS = [tokens_last, another_secret_voids_them, so_many_hold, tokens_on_a_stopped_state,
             tokens_without_a_store, keys_end_with_tokens]
