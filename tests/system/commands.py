"""The commands for operators and for those who write backends: routes, backend-test, keygen, reload."""

import concurrent.futures
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time

import zmq

from libraries import library_environment
from server import BINARY, SLOW, Server, check, configuration, run

EXAMPLES = os.path.join("contrib", "examples")
ROUTING = os.path.join(EXAMPLES, "routing.cfg")


# ---- matrix ----

DIALECTS = ("mixer", "concord", "rooms", "simple")
CARRIED = ("native", "degraded", "impossible")


def matrix_is_in_readme():
    """README's table is what the program says of its codecs."""
    status, said, errors = run("matrix", "--markdown")
    check((status, errors) == (0, ""), f"matrix --markdown ends with {status}: {errors}")
    with open("README.md", encoding="utf-8") as file:
        text = file.read()
    made = re.search(r"^<!-- made by `make matrix` -->\n(.*?)^<!-- end of what is made -->$", text, re.M | re.S)
    check(made, "README has no place for it")
    check(made[1] == said, "README is behind: make matrix")


def matrix_covers_each_pair():
    """Every ordered pair, way, case and field, as text and as JSON; what is wrong on the command line is told."""
    status, said, errors = run("matrix")
    check((status, errors) == (0, ""), f"matrix ends with {status}: {errors}")
    check(all(len(line) <= 100 and line == line.rstrip() for line in said.splitlines()), f"too wide: {said}")

    status, said, errors = run("matrix", "--json")
    check((status, errors) == (0, ""), f"matrix --json ends with {status}: {errors}")
    pairs = json.loads(said)["pairs"]
    check([(pair["from"], pair["to"]) for pair in pairs] == [(a, b) for a in DIALECTS for b in DIALECTS], "the pairs")
    kinds = {case["kind"] for pair in pairs for way in pair["ways"] for case in way["cases"]}
    check(kinds == set("message edit delete clear purge reaction typing read enter exit invite kick timeout presence "
                       "user_update poll_start poll_vote poll_end notice opaque".split()), f"the kinds: {kinds}")
    for pair in pairs:
        ways = [(way["from"], way["to"]) for way in pair["ways"] if way["told"] == "others"]
        check(sorted(ways) == [(a, b) for a in ("client", "server") for b in ("client", "server")], f"ways: {ways}")
        for case in (case for way in pair["ways"] for case in way["cases"]):
            check(case["fields"] and all(field["carried"] in CARRIED for field in case["fields"]), f"{case}")
            check(all(field["carried"] == "native" or field["how"] for field in case["fields"]), f"no why: {case}")

    for a, b in ((a, b) for a in DIALECTS for b in DIALECTS):
        status, said, errors = run("matrix", "--pair", f"{a},{b}")
        check((status, errors) == (0, ""), f"--pair {a},{b} ends with {status}: {errors}")
        check(said.startswith(f"From {a} to {b}\n") and said.count("What is not exact") == 4, said)
        check(all(len(line) <= 100 and line == line.rstrip() for line in said.splitlines()), f"too wide: {said}")
    check("  message: action (as *NAME TEXT*)" in run("matrix", "--pair", "mixer,rooms")[1], "an action in rooms")

    for wrong in ("mixer", "mixer,irc", ",", "mixer,rooms,simple"):
        status, said, errors = run("matrix", "--pair", wrong)
        check(status == 2 and not said and "mixer concord rooms simple" in errors, f"{wrong}: {status} {errors}")
    status, said, errors = run("matrix", "--markdown", "--pair", "mixer,rooms")
    check(status == 2 and not said and "--markdown excludes" in errors, f"{status} {errors}")
    status, said, errors = run("matrix", "--json", "--pair", "mixer,rooms")
    check(status == 0 and [(pair["from"], pair["to"]) for pair in json.loads(said)["pairs"]] == [("mixer", "rooms")],
          f"{status} {errors}")


# ---- routes ----

def frames(text, dialect):
    """What clients of a dialect would receive, as routes printed it."""
    return [json.loads(found) for found in re.findall(rf"^ +{dialect} +({{.*)$", text, re.M)]


def routes_of_the_example():
    """The rules of routing.cfg, and what becomes of a command and of a message by them."""
    status, said, errors = run("routes", "-c", ROUTING)
    check((status, errors) == (0, ""), f"routes ends with {status}: {errors}")
    check(re.search(r'^rule 1 "commands" \(.*routing\.cfg:\d+\)\n  when its kind is message; the pattern "\^!" '
                    r'matches in its text\n  1\. copy to the tap feed\n  2\. deliver to the backend dice', said),
          f"the first rule: {said}")
    check("the implicit last rule\n" in said, f"the last rule: {said}")

    status, said, errors = run("routes", "-c", ROUTING, "--dialect", "simple", "--room", "lobby",
                               "--from", "ann", "--text", "!roll 20")
    check((status, errors) == (0, ""), f"a command ends with {status}: {errors}")
    check('rule 1 "commands"' in said and "does not match" not in said, f"another rule: {said}")
    told = re.search(r"^ +DGM1 \| EVENT \| (\{.*?\}) \| (\{.*\})$", said, re.M)
    check(told, f"nothing for the bot: {said}")
    meta, event = (json.loads(part) for part in told.groups())
    check((meta["cause"], meta["rule"]) == ("route", "commands"), f"the meta {meta}")
    check((event["text"], event["author"]["name"], event["kind"]) == ("!roll 20", "ann", "message"), f"{event}")
    check(not frames(said, "mixer"), f"it would reach a room: {said}")

    status, said, errors = run("routes", "-c", ROUTING, "--try", json.dumps(
        {"kind": "message", "room": "lobby", "text": "hi", "author": {"name": "ann"},
         "origin": {"dialect": "mixer"}}))
    check((status, errors) == (0, ""), f"a message ends with {status}: {errors}")
    check("the pattern does not match in its text" in said and "DGM1 | ASK | " in said, f"a message: {said}")
    check("lobby/message | {" in said, f"nothing for the feed: {said}")
    check([frame["message"] for frame in frames(said, "simple")] == ["hi"], f"in simple: {said}")
    check([frame["content"] for frame in frames(said, "rooms")] == ["hi"], f"in rooms: {said}")
    check(frames(said, "concord")[0]["chat"]["content"] == "hi", f"in concord: {said}")
    check(frames(said, "mixer")[0]["data"]["user_name"] == "ann", f"in mixer: {said}")


def examples_of_upstreams_are_right():
    """check accepts contrib/examples/upstream-*.cfg, and warns of nothing that is theirs."""
    for name in ("front", "join", "chain-a", "chain-b", "migration"):
        path = os.path.join(EXAMPLES, f"upstream-{name}.cfg")
        status, said, errors = run("check", "-c", path)
        check((status, said) == (0, f"{path}: ok\n"), f"check of {path} ends with {status}: {said}{errors}")
        known = ("running as root", "state is empty")
        unknown = [line for line in errors.splitlines() if not any(word in line for word in known)]
        check(not unknown, f"check of {path} warns: {unknown}")


def routes_wrong_events():
    """2 for an event that makes no sense, 78 for a configuration that is wrong."""
    for arguments, wanted in (
            (("--room", "loby", "--dialect", "mixer"), "unknown room 'loby', did you mean 'lobby'?"),
            (("--room", "lobby", "--dialect", "mixr"), "unknown dialect 'mixr', did you mean 'mixer'?"),
            (("--room", "lobby", "--dialect", "mixer", "--kind", "mesage"), "did you mean 'message'?"),
            (("--room", "lobby"), "an event needs --dialect"),
            (("--try", "{"), "no JSON: bad syntax"),
            (("--try", "{}", "--text", "x"), "excludes the other options")):
        status, said, errors = run("routes", "-c", ROUTING, *arguments)
        check((status, said) == (2, ""), f"{arguments} ends with {status}: {said}")
        check(wanted in errors, f"{arguments}: {errors}")
    with tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        path = os.path.join(folder, "wrong.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration(more='routes = ( { then = ( { ask = "nobody"; } ); } );'))
        status, said, errors = run("routes", "-c", path)
        check(status == 78 and "error:" in errors, f"a wrong configuration: {status}, {errors}")
        check(run("routes", "-c", path + ".none")[0] == 78, "a missing configuration")


# ---- backend-test ----

def backend_test(command, *options, bind=True):
    """The exit status and lines of backend-test against the program that command(endpoint) starts."""
    with tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        endpoint = "ipc://" + os.path.join(folder, "backend")
        backend = subprocess.Popen(command(endpoint), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            done = subprocess.run([BINARY, "backend-test", endpoint, *(["--bind"] if bind else []), *options],
                                  stdout=subprocess.PIPE, timeout=180 * SLOW)
        finally:
            backend.kill()
            complaint = backend.communicate()[1].decode("utf-8", "replace")
    lines = done.stdout.decode().splitlines()
    check(lines, f"nothing was said: {complaint}")
    right = sum(line.startswith("ok ") for line in lines)
    wrong = [line for line in lines if line.startswith("WRONG ")]
    check(lines[-1] == f"{right} right, {len(wrong)} wrong", f"the sum is not that of the lines: {lines}")
    check(done.returncode == (1 if wrong else 0), f"exit status {done.returncode} with {len(wrong)} wrong")
    return lines, wrong, complaint


def examples_pass_backend_test():
    """Both examples in Python are all right; clients.py tries the others."""
    os.environ.update(library_environment())
    for name in ("moderation", "dice"):
        lines, wrong, complaint = backend_test(
            lambda endpoint, name=name: ["/usr/bin/python3", os.path.join(EXAMPLES, name + ".py"), endpoint],
            "--name", name)
        check(not wrong, f"{name}: {wrong} {complaint}")
        check(len(lines) > 60, f"{name}: only {len(lines)} lines")


def page_example_passes_backend_test():
    """The program on the manual page, word for word."""
    with open(os.path.join("contrib", "man", "dragoman-backend.7"), encoding="utf-8") as file:
        page = file.read()
    program = page[page.index("import json, sys, time, zmq"):].split(".Ed")[0]
    check("\\" not in program, "the page's example has escapes of the page in it")
    _, wrong, complaint = backend_test(lambda endpoint: ["/usr/bin/python3", "-c", program, endpoint],
                                       "--name", "moderation")
    check(not wrong, f"{wrong} {complaint}")


def broken(fault, endpoint, bind=False):
    """A backend with one fault, in a process of its own. Without a fault it does all right."""
    socket = zmq.Context().socket(zmq.DEALER)
    socket.linger = 0
    if bind:
        socket.bind(endpoint)
    else:
        socket.connect(endpoint)

    def send(command, meta, *envelope):
        socket.send_multipart([b"DGM1", command] + [json.dumps(one).encode() for one in (meta, *envelope)])

    ready = {"name": "other" if fault == "name" else "tried", "credits": 0 if fault == "credits" else 3}
    send(b"READY", ready)
    beat, due, asked = 1.0, 0.0, 0
    while True:
        if time.monotonic() >= due:
            if fault != "beats":
                send(b"HEARTBEAT", {})
            due = time.monotonic() + beat
        if not socket.poll(max(0, due - time.monotonic()) * 1000):
            continue
        got = socket.recv_multipart()
        try:
            version, command, *objects = got
            meta, event = ([json.loads(one or b"{}") for one in objects] + [{}, {}])[:2]
            known = version == b"DGM1" and isinstance(meta, dict) and isinstance(event, dict)
        except ValueError:
            known = False
        if not known or command in (b"ASK", b"EVENT") and "id" not in meta:
            if fault in ("garbage", "restart"):
                socket.close()
                return
            continue
        if fault == "strict" and any(key.startswith("unheard") for key in (*meta, *event)):
            continue
        if fault == "again" and meta.get("again"):
            continue
        if command == b"ASK":
            asked += 1
            answer = {"id": meta["id"], "verdict": "allow"}
            if meta["about"] == "login":
                answer["verdict"] = "allow" if fault == "login" else "refuse"
                if fault == "judge" and meta["login"].get("secret") == "sesame":
                    answer.update(verdict="allow", **{"as": {"name": meta["login"]["name"].title(), "number": 7,
                                                             "roles": ["user", "mod"]}})
                elif fault == "judge":
                    answer["text"] = f"not {meta['login']['dialect']} {meta['login'].get('number')}"
            elif fault == "verdict" and event["kind"] == "edit":
                answer["verdict"] = "maybe"
            elif fault == "change" and event["kind"] == "edit":
                answer["verdict"] = "change"
            elif fault == "ack" and event["kind"] == "edit":
                send(b"ACK", {"id": meta["id"]})
                continue
            elif fault == "error" and event["kind"] == "edit":
                send(b"ERROR", {"id": meta["id"], "code": "confused", "text": "Wh\u00e4t?"})
                continue
            elif fault == "late" and event["kind"] == "edit":
                continue
            send(b"ANSWER", answer)
            if fault == "twice":
                send(b"ANSWER", answer)
        elif command == b"EVENT":
            if fault == "kinds" and event["kind"] == "unheard_of":
                return
            if fault == "idless" and event["kind"] == "edit":
                send(b"ACK", {})
            elif fault != "events" or event["kind"] != "edit":
                send(b"ACK", {"id": meta["id"]})
            if fault == "publish" and event["kind"] == "edit":
                send(b"PUBLISH", {"room": "lobby"}, {"kind": "message"})
        elif command == b"READY":
            beat, due = meta["heartbeat_ms"] / 1000, 0.0
        elif command == b"ERROR" and meta["code"] == "not_ready" and fault != "stubborn":
            send(b"READY", ready)
        elif command == b"BYE" and fault == "bye":
            return


# Each fault, and a pattern for each line that has to say WRONG; all other lines are ok.
FAULTS = {
    "": [],
    "name": [r"its name is tried; got other"],
    "credits": [r"every message conforms .*; got READY: credits: .*", r"a READY comes within 2 s; got READY: .*"],
    "beats": [r"with heartbeat_ms 400 it sends something at least every 800 ms; got \d+ ms of silence"],
    "verdict": [r"every message conforms .*; got ANSWER: verdict: .*", r"an ASK about the kind edit .*; got ANSWER: .*"],
    "change": [r"every message conforms .*; got ANSWER: envelope: missing, after it was sent ASK \d+, of the kind .*",
               r"an ASK about the kind edit .*; got ANSWER: envelope: missing"],
    "idless": [r"every message conforms .*; got ACK: id: missing, after it was sent EVENT \d+, of the kind .*",
               r"an EVENT of the kind edit is acknowledged .*; got nothing"],
    "ack": [r"an ASK about the kind edit .*; got an ACK: an ASK needs an ANSWER"],
    "late": [r"an ASK about the kind edit is answered with ANSWER and its id within 2000 ms; got nothing"],
    "twice": [r"every answer has a known id and comes once; got \d+"],
    "events": [r"an EVENT of the kind edit is acknowledged .*; got nothing"],
    "kinds": [r"an EVENT of the kind unheard_of .*; got nothing", r"it stays connected to the end.*"],
    "again": [r"an EVENT that is sent again .*; got nothing", r"an ASK that is sent again .*; got nothing"],
    "strict": [r"an EVENT with unknown keys .*; got nothing",
               r"an ASK with unknown keys .*; got nothing"],
    "error": [r"an ASK about the kind edit .*; got ERROR confused \"Wh\\xc3\\xa4t\?\""],
    "restart": [rf"it outlives {what}; got (the end of its connection|a new instance in its place)" for what in
                ("another version", "a message of one frame", "a message of an empty frame",
                 "a meta that is not JSON", "a meta that is not an object", "bytes that are not UTF-8",
                 "an EVENT without id and envelope")],
    "login": [r"an ASK about a login .*; got a login allowed without .*"],
    "stubborn": [r"after ERROR not_ready .*; got nothing", r"after BYE and ERROR not_ready .*; got nothing"],
    "garbage": [r"it outlives another version; got the end of its connection",
                r"it stays connected to the end; the remaining tests are skipped; got nothing"],
    "bye": [r"it outlives the server's BYE; got the end of its connection", r"it stays connected to the end.*"],
    "publish": [r"every message conforms .*; got PUBLISH: envelope.text: missing, after it was sent EVENT .*"],
}


def check_fault(fault):
    _, wrong, complaint = backend_test(
        lambda endpoint: ["/usr/bin/python3", os.path.abspath(__file__), fault, endpoint],
        "--name", "tried", "--seconds", "2" if fault == "credits" else "20")
    left = list(wrong)
    for pattern in FAULTS[fault]:
        found = [line for line in left if re.fullmatch("WRONG " + pattern, line)]
        check(len(found) == 1, f"fault {fault!r}: not once WRONG {pattern}: {wrong} {complaint}")
        left.remove(found[0])
    check(not left, f"fault {fault!r}: {left} {complaint}")


def faults_are_found():
    """A backend with one fault is told that fault, and no other. Most of the time they wait."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=6) as pool:
        for done in [pool.submit(check_fault, fault) for fault in FAULTS]:
            done.result()


def backend_test_connects():
    """The backend may be the one that listens; and none may be there."""
    _, wrong, complaint = backend_test(
        lambda endpoint: ["/usr/bin/python3", os.path.abspath(__file__), "", endpoint, "bind"],
        "--name", "tried", bind=False)
    check(not wrong, f"{wrong} {complaint}")
    status, said, _ = run("backend-test", "tcp://127.0.0.1:1", "--seconds", "0")
    check(status == 1, f"exit status {status} without a backend")
    check(said == "WRONG a READY comes within 0 s; got no connection to tcp://127.0.0.1:1\n0 right, 1 wrong\n", said)
    status, said, errors = run("backend-test", "tcp://127.0.0.1")
    check(status == 2 and "has no port" in errors, f"an odd endpoint: {status}, {errors}")


def stranger(kind, endpoint):
    """Somebody who connects, and is no backend."""
    return ["/usr/bin/python3", "-c", "import time, zmq\n"
            f"s = zmq.Context().socket(zmq.{kind})\ns.connect('{endpoint}')\ntime.sleep(60)"]


def backend_test_says_why():
    """When no READY comes: whether anybody has come, and what."""
    for command, why in ((lambda endpoint: stranger("SUB", endpoint), "a connection of a socket that is not a DEALER, "
                                                                      "such as a SUB"),
                         (lambda endpoint: stranger("DEALER", endpoint), "a connection that sends nothing"),
                         (lambda endpoint: ["sleep", "60"], "no connection: does it connect to ipc://.*/backend\\?")):
        lines, _, complaint = backend_test(command, "--seconds", str(2 * SLOW))
        check(re.fullmatch(rf"WRONG a READY comes within \d+ s; got {why}", lines[1]), f"{lines} {complaint}")
    status, said, _ = run("backend-test", "ipc:///nowhere/at.all", "--seconds", "3")
    check(status == 1 and "got no connection to ipc:///nowhere/at.all: No such file or directory\n" in said, said)


def backend_test_tries_a_login():
    """Of one's own; what became of it is told."""
    for options, verdict in ((("--login", "al", "--secret", "sesame"), "allow: it is Al, number 7, user, mod"),
                             (("--number", "54321", "--secret", "no", "--dialect", "mixer"),
                              "refuse: not mixer 54321")):
        lines, wrong, complaint = backend_test(
            lambda endpoint: ["/usr/bin/python3", os.path.abspath(__file__), "judge", endpoint], *options)
        check(not wrong, f"{wrong} {complaint}")
        line = "ok an ASK about your login is answered with ANSWER and its id within 2000 ms: " + verdict
        check(line in lines, f"not {line}: {lines}")
    status, _, errors = run("backend-test", "ipc:///tmp/x", "--secret", "x")
    check(status == 2 and "a login to test needs --login or --number" in errors, errors)


# ---- make install ----

def install_names_its_prefix():
    """The page about backends says where the schema lies, whatever PREFIX was."""
    if os.environ.get("OUT", "build") != "build":
        return  # it installs the release build
    with tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        done = subprocess.run(["make", "-s", "-o", BINARY, "install", f"DESTDIR={folder}", "PREFIX=/opt/chat"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(done.returncode == 0, f"make install: {done.stdout}")
        with open(f"{folder}/opt/chat/share/man/man7/dragoman-backend.7", encoding="utf-8") as file:
            page = file.read()
        named = re.findall(r"\.It Pa (/\S+/dragoman/schema/\S*)", page)
        check(len(named) == 3 and "/usr/local" not in page, f"{named}")
        for path in named:
            check(os.path.exists(folder + path), f"{path} was not installed")


# ---- keygen ----

def keygen_makes_a_pair():
    """Two files, the secret one for its owner only; nothing that exists is lost."""
    with tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        name = os.path.join(folder, "server")
        before = os.umask(0)
        try:
            done = run("keygen", name)
        finally:
            os.umask(before)
        check(done == (0, "", ""), f"keygen: {done}")
        keys = {}
        for ending, mode in ((".key", 0o600), (".pub", None)):
            with open(name + ending, "rb") as file:
                keys[ending] = file.read()
            check(re.fullmatch(rb"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}\n", keys[ending]), f"{keys}")
            found = stat.S_IMODE(os.stat(name + ending).st_mode)
            check(mode is None or found == mode, f"{ending} has mode {found:o}")
        check(zmq.curve_public(keys[".key"].strip()) == keys[".pub"].strip(), "the keys are no pair")
        check(sorted(os.listdir(folder)) == ["server.key", "server.pub"], f"{os.listdir(folder)}")
        for missing in (None, ".pub", ".key"):
            if missing:
                os.remove(name + missing)
            status, said, errors = run("keygen", name)
            check((status, said) == (1, "") and "File exists" in errors, f"over files: {status}, {errors}")
            for ending in keys:
                if os.path.exists(name + ending):
                    with open(name + ending, "rb") as file:
                        check(file.read() == keys[ending], f"{ending} was changed")
            check(not missing or not os.path.exists(name + missing), f"half a pair: {missing} was made")
            if missing:
                with open(name + missing, "wb") as file:
                    file.write(keys[missing])
        status, _, errors = run("keygen", os.path.join(folder, "none", "server"))
        check(status == 1 and "No such file" in errors, f"without a folder: {status}, {errors}")


# ---- reload ----

def reload_by_command():
    """Without a control socket the server is found by its pid_file; its log says what it did."""
    def text(routes, more=""):
        return configuration(more=f'control = ""; pid_file = "server.pid"; routes = {routes}; {more}')

    drop = '( { name = "none"; kind = "message"; then = ( { drop = true; } ); } )'
    server = Server(text("()"))
    path = os.path.join(server.folder.name, "dragoman.cfg")
    status, _, errors = run("reload", "-c", path)
    check(status == 1 and "no server is running" in errors, f"before the server: {status}, {errors}")
    with server:
        server.write("dragoman.cfg", text(drop))
        check(run("reload", "-c", path) == (0, "", ""), "reload of a right one")
        server.logged("reloaded: 1 routes")
        server.write("dragoman.cfg", text(drop, 'log_levle = "info";'))
        status, said, errors = run("reload", "-c", path)
        check((status, said) == (78, ""), f"reload of a wrong one: {status}, {said}")
        check(re.search(r"dragoman\.cfg:\d+: error: .*log_levle", errors), errors)
        server.write("dragoman.cfg", text("()", "limits = { message_bytes = 2000; };")
                     .replace("limits = {  };", ""))
        check(run("reload", "-c", path)[0] == 0, "reload with what needs a restart")
        log = server.logged("reloaded: 0 routes")
        check("changed, but that needs a restart" in log and log.count("reloaded: ") == 2, log)
        server.write("dragoman.cfg", configuration(more='control = "";'))
        status, _, errors = run("reload", "-c", path)
        check(status == 1 and "no pid_file" in errors, f"without a pid_file: {status}, {errors}")
    check(run("reload", "-c", os.path.join(os.path.dirname(path), "none.cfg"))[0] == 78, "without a file")


SCENARIOS = [matrix_is_in_readme, matrix_covers_each_pair, routes_of_the_example, examples_of_upstreams_are_right, routes_wrong_events, examples_pass_backend_test,
             page_example_passes_backend_test, faults_are_found, backend_test_connects,
             backend_test_says_why, backend_test_tries_a_login,
             install_names_its_prefix,
             keygen_makes_a_pair, reload_by_command]
WAITING = [faults_are_found, examples_pass_backend_test, backend_test_connects,
           backend_test_says_why, backend_test_tries_a_login,
           page_example_passes_backend_test]

if __name__ == "__main__":
    broken(sys.argv[1], sys.argv[2], bind=len(sys.argv) > 3)
    while sys.argv[1] == "restart":  # somebody starts it again
        broken(sys.argv[1], sys.argv[2])
