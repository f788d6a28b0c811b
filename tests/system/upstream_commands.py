"""dragoman upstreams: what operators see of servers that are called, and do about them. A second Dragoman is the
far side: it is up, killed, refuses, is left and taken up again; and logins are tried without a server."""

import asyncio
import contextlib
import json
import os

from chat import close_all, join
from operating import answer, ask
from server import LOBBY, Server, check, configuration, port_of_ours, run, until

SECRET = "the relay's own secret"
WRONG = "a wrong secret"
URLS = {"simple": "/simple", "mixer": "/api/v1"}
REMOTE = {"simple": "", "mixer": 'remote_room = "1";'}
OTHERS = ("a23", "b77")


def far_config(port=0):
    return configuration(accounts='( { name = "relay"; number = 6; secret_file = "people.secret"; roles = [ "mod" ]; } )',
                         workers=1, port=port)


def far_server(port=0):
    return Server(far_config(port), files={"people.secret": SECRET})


def upstream(name, dialect, port, room="lobby", mode="relay", more=""):
    login = 'user = "relay"; secret_file = "relay.secret";' if mode == "relay" else ""
    return (f'{{ name = "{name}"; dialect = "{dialect}"; mode = "{mode}"; room = "{room}"; {REMOTE[dialect]} '
            f'url = "http://127.0.0.1:{port}{URLS[dialect]}"; {login} {more} }}')


def near_server(*upstreams, secret=SECRET, **more):
    config = configuration(more=f'control = "control"; upstreams = ( {", ".join(upstreams)} );', **more)
    return Server(config, files={"relay.secret": secret})


def row(near, name="far"):
    made = answer(near, "upstreams", name)
    check(made["result"]["count"] == 1 and len(made["rows"]) == 1, made)
    return made["rows"][0]


def is_up(near, name="far"):
    return until(lambda: (found := row(near, name))["state"] == "up" and found, f"{name} is up")


@contextlib.contextmanager
def speaker(near, name="ann"):
    """Says something in the near lobby: its function."""
    loop = asyncio.new_event_loop()
    client = loop.run_until_complete(join(near, "simple", name))
    yield lambda text: loop.run_until_complete(client.say(text))
    loop.run_until_complete(close_all([client]))
    loop.close()


def hides(*said):
    for text in said:
        check(SECRET not in text and WRONG not in text, f"a secret is told: {text}")


def seen(dialect):
    """Up, killed, and up again: what is shown each time."""
    with contextlib.ExitStack() as stack:
        port = port_of_ours()
        far = stack.enter_context(far_server(port))
        near = stack.enter_context(near_server(upstream("far", dialect, port)))
        up = is_up(near)
        check((up["dialect"], up["mode"], up["room"]) == (dialect, "relay", "lobby"), up)
        check(up["link"]["state"] == "up" and up["link"]["self"] == "relay" and len(up["connections"]) == 1, up)
        with speaker(near) as say:
            say("before")
            until(lambda: row(near)["delivered"] >= 1, "it is delivered")
            far.process.kill()
            far.process.wait()
            down = until(lambda: (found := row(near))["state"] == "down" and found["link"]["retry_s"] and found,
                         "it is down, and waits for its next try")
            check(down["link"]["why"] and down["links_up"] == 0 and down["failed"] >= 1, down)
            say("meanwhile")
            waiting = until(lambda: (found := row(near))["waiting"]["items"] and found, "something waits")
            check(waiting["waiting"]["bytes"] > 0 and waiting["in_flight"] >= 1, waiting)
            table = ask(near, "upstreams", "far")
            check("WHY NOT UP" in table and "1 of 1 connection" in table, table)
            check("1 down: far" in ask(near, "status"), "status names what is down")
            far.restart()
            back = is_up(near)
            check(back["connected"] >= 2, back)
            until(lambda: row(near)["waiting"]["items"] == 0, "what waited is said")
        counters = near.settled(lambda books: books["upstreams"]["far"]["links"]["up"] == 1)["upstreams"]["far"]
        check(counters["links"]["open"] == 1 and counters["links"]["connected"] >= 2, counters)
        check(counters["events"]["accepted"] >= 2, counters)
        hides(table, json.dumps(back), near.log_text())


def seen_simple():
    seen("simple")


def seen_mixer():
    seen("mixer")


def refused():
    """The login is refused: why, and a next try that is far."""
    with far_server() as far, near_server(upstream("far", "simple", far.port), secret=WRONG) as near:
        found = until(lambda: (found := row(near))["logins_refused"] and found, "it is refused")
        check(found["state"] == "down" and 30 < found["link"]["retry_s"] <= 61, found)
        check("401" in found["link"]["why"], found)
        hides(json.dumps(found), near.log_text())


def paused_and_resumed():
    with far_server() as far, near_server(upstream("far", "simple", far.port)) as near:
        is_up(near)
        check(far.counters()["connections"]["open"] == 1, "it is there")
        check(ask(near, "upstreams", "pause", "far") == 'upstream "far" is paused\n', "it is paused")
        until(lambda: far.counters()["connections"]["open"] == 0, "it is gone")
        check(ask(near, "upstreams", "pause", "far") == 'upstream "far" was paused before\n', "it was")
        check("1 paused: far" in ask(near, "status"), "status says so")
        with speaker(near) as say:
            say("patience")
            paused = until(lambda: (found := row(near))["waiting"]["items"] and found, "it waits")
            check(paused["state"] == "paused" and paused["link"]["why"] == "paused", paused)
            check(paused["link"]["retry_s"] == 0 and paused["failed"] == 0, paused)
            check(ask(near, "upstreams", "resume", "far") == 'upstream "far" is resumed\n', "it is resumed")
            is_up(near)
            until(lambda: row(near)["waiting"]["items"] == 0, "it is said")
        check(row(near)["delivered"] >= 1, row(near))
        log = near.logged('upstreams resume "far": done')
        check('upstreams pause "far": done' in log, log)
        # Whoever only looks is nobody's business.
        check("upstreams: done" not in log, log)


def unknown_names():
    with near_server(upstream("far", "simple", 9)) as near:
        for words in (("upstreams", "fur"), ("upstreams", "pause", "fur"), ("upstreams", "resume", "fur")):
            check("there is no upstream 'fur'" in ask(near, *words, code=1), words)
            check(answer(near, *words, code=1)["error"] == "unknown_upstream", words)
        check("needs NAME" in run("upstreams", "pause")[2], "a name is missing")
    with Server(configuration(more='control = "control";')) as bare:
        check(ask(bare, "upstreams") == "0 upstreams\n", "there are none")


def sessions_are_listed():
    """Of mode session, whose each connection is."""
    with far_server() as far:
        mounts = '( { path = "/simple"; dialect = "simple"; room = "lobby"; upstream = "far"; } )'
        with near_server(upstream("far", "simple", far.port, mode="session"), mounts=mounts) as near:
            check(row(near)["state"] == "idle" and row(near)["connections"] == [], row(near))
            loop = asyncio.new_event_loop()
            clients = [loop.run_until_complete(join(near, "simple", name)) for name in OTHERS]
            found = until(lambda: (found := row(near))["links_up"] == len(OTHERS) and found, "both are up")
            check(sorted(link["self"] for link in found["connections"]) == sorted(OTHERS), found)
            check(f"{len(OTHERS)} of {len(OTHERS)} up" in ask(near, "upstreams"), "they are counted")
            loop.run_until_complete(close_all(clients))
            until(lambda: row(near)["state"] == "idle", "nobody is there")
            loop.close()


def probe(near, name, *words, code=0, **more):
    """What it says on standard output, and on standard error."""
    status, said, errors = run("upstreams", "--probe", name, *words, "-c", near, within=20, **more)
    check(status == code, f"{name} {words}: {status} and not {code}: {said}{errors}")
    hides(said, errors)
    return said, errors


def logins_are_tried():
    """Without a server: each step, and what came of it."""
    with far_server() as far, near_server(
            upstream("far", "simple", far.port), upstream("other", "mixer", far.port),
            upstream("dead", "simple", port_of_ours()),
            upstream("each", "simple", far.port, room="attic", mode="session"),
            rooms=f'( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; }}, {{ name = "attic"; }} )') as near:
        file = os.path.join(near.folder.name, "dragoman.cfg")
        near.stop()
        said, errors = probe(file, "far")
        check("login accepted as relay" in said and ": open, " in said and errors == "", said + errors)
        said, _ = probe(file, "other")
        check("GET /users/current: 200, " in said and "login accepted as relay (id 6)" in said, said)
        said, _ = probe(file, "other", "--json")
        made = json.loads(said)
        check(made["ok"] and made["result"]["id"] == "6" and len(made["result"]["steps"]) >= 4, made)
        said, errors = probe(file, "dead", code=1)
        check("not opened" in said and "cannot be reached" in errors, said + errors)
        said, _ = probe(file, "dead", "--json", code=1)
        check(json.loads(said)["error"] == "unreachable", said)
        said, errors = probe(file, "each", "--user", "relay", code=1, input=WRONG.encode())
        check("not opened" in said and "refuses the login: " in errors and "401" in errors, said + errors)
        said, _ = probe(file, "each", "--user", "relay", "--json", code=1, input=WRONG.encode())
        check(json.loads(said)["error"] == "refused", said)
        said, _ = probe(file, "each", "--user", "relay", input=f"{SECRET}\n".encode())
        check("login accepted as relay" in said and "known" in said, said)
        check("use --user" in probe(file, "each", code=2)[1], "it needs a user")
        check("there is no upstream 'fur'" in probe(file, "fur", code=1)[1], "it is not there")
        check("needs -c FILE" in run("upstreams", "--probe", "far")[2], "it needs the file")
        check("--user needs --probe" in run("upstreams", "--user", "ann", "-c", file)[2], "it needs a probe")
        check("no server is running there" in run("upstreams", "-c", file)[2], "there is no server")


SCENARIOS = (seen_simple, seen_mixer, refused, paused_and_resumed, unknown_names, sessions_are_listed,
             logins_are_tried)
