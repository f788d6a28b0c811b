"""contrib/clients/: the libraries for backends in Python, JavaScript and C, and the examples that stand on them.

What becomes of what was acknowledged when either side is killed is in clients_killed.py."""

import asyncio
import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import tempfile

import npm
from backends import Crew, until
from chat import Client, close_all, join, join_all, open_socket, quiet, talk
from commands import backend_test
from curve import KEYS, make_keys
from examples import AUTH_MOUNTS, PEOPLE, example, judged_by
from libraries import LIBRARIES, PYTHON, library_environment
from routing import routed
from server import SLOW, Server, check, configuration

HERE = os.path.dirname(os.path.abspath(__file__))
KEEPERS = os.path.join(HERE, "keepers")
LANGUAGES = ("py", "js", "c")
FLAGS = ("-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
         "-Werror")


def command(path, folder):
    """The words that start a program, which is built before if need be."""
    if path.endswith(".py"):
        return [PYTHON, path]
    if path.endswith(".js"):
        return ["node", path]
    binary = os.path.join(folder, os.path.basename(path)[:-2])
    if not os.path.exists(binary):
        subprocess.run(["gcc", *FLAGS, "-I", LIBRARIES, "-o", binary, path, os.path.join(LIBRARIES, "dragoman.c"),
                        "-lzmq", "-ljansson"], check=True)
    return [binary]


# ---- each by itself ----

WHOLE = (("filter", "moderation"), ("roll", "dice"), ("auth", "auth"), ("moderator", "moderator"))


def libraries_pass_backend_test():
    """Each library, in each example that it has, does all that the protocol wants."""
    os.environ.update(library_environment())
    npm.install()
    with tempfile.TemporaryDirectory() as folder:
        people = os.path.join(folder, "people.json")
        with open(people, "w", encoding="utf-8") as file:
            json.dump(PEOPLE, file)
        tried = collections.Counter()

        def attempt(path, backend):
            words = command(path, folder)
            lines, wrong, complaint = backend_test(lambda endpoint: [*words, endpoint, people], "--name", backend)
            check(not wrong, f"{path}: {wrong} {complaint}")
            check(int(lines[-1].split()[0]) >= 62, f"{path}: {lines[-1]}")
            tried[path.split(".")[-1]] += 1

        paths = [(example(f"{name}.{language}"), backend) for name, backend in WHOLE for language in LANGUAGES]
        with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:  # most of the time they wait
            for done in [pool.submit(attempt, *one) for one in paths if os.path.exists(one[0])]:
                done.result()
        print("    examples tried:", dict(tried))
        check(tried == {"py": 4, "js": 3, "c": 1}, f"{tried}")


LISTENING = {
    "py": lambda endpoint: [PYTHON, "-c", f"import dragoman; dragoman.Backend('x', {endpoint!r}, bind=True).run()"],
    "js": lambda endpoint: ["node", "-e", "const { Backend } = require('dragoman'); "
                            f"new Backend('x', {{ endpoint: {endpoint!r}, bind: true }}).run()"],
}


def libraries_listen():
    """Where it is the server that connects."""
    os.environ.update(library_environment())
    npm.install()
    for language, words in LISTENING.items():
        lines, wrong, complaint = backend_test(words, "--name", "x", bind=False)
        check(not wrong and len(lines) >= 61, f"{language}: {lines} {complaint}")


def written(path):
    """Lines of an example that its user writes: without comments, imports, empty lines, and the one that runs it."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r'^""".*?"""\n', "", re.sub(r"^#!.*\n", "", file.read()), flags=re.S)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("//")]
    run = r"import |const .*require\(|(new |dragoman\.)Backend\(.*run\(\)"
    return [line for line in lines if not re.match(run, line)]


def examples_are_short():
    """As long as the manual says; and the libraries, too."""
    for name, most in (("filter", 3), ("roll", 3), ("auth", 7)):
        for language in ("py", "js"):
            lines = written(example(f"{name}.{language}"))
            print(f"    {name}.{language}: {len(lines)} lines")
            check(0 < len(lines) <= most, f"{name}.{language} has {len(lines)} lines: {lines}")
    with open(example("filter.py"), encoding="utf-8") as file:
        program = file.read().split('"""\n')[-1].split("\n\n\n")[1:]
    for page in (os.path.join("contrib", "doc", "guide.md"), os.path.join("contrib", "man", "dragoman-backend.7")):
        with open(page, encoding="utf-8") as file:
            text = re.sub(r"^ {4}(?=def|    return|drag)", "", file.read(), flags=re.M)
        check(all(part.strip() in text for part in program), f"{page} has another filter than filter.py")
    for name, most in (("dragoman.py", 200), ("dragoman.js", 225), ("dragoman.c", 400)):
        with open(os.path.join(LIBRARIES, name), encoding="utf-8") as file:
            count = len(file.readlines())
        print(f"    {name}: {count} lines")
        check(count <= most, f"{name} has {count} lines")


NAMES = """const lib = require("dragoman"), names = Object.getOwnPropertyNames;
console.log(JSON.stringify({ "": Object.keys(lib), ...Object.fromEntries(Object.keys(lib).map((name) =>
	[name, names(lib[name].prototype)])) }));"""


def types_are_those_of_the_library():
    """Each export and method that dragoman.d.ts declares is there, and the compiler takes right uses and no others."""
    folder = os.path.abspath(npm.install())
    done = subprocess.run(["node", "-e", NAMES], env={**os.environ, **library_environment()}, check=True,
                          stdout=subprocess.PIPE, timeout=60 * SLOW)
    there = json.loads(done.stdout)
    with open(os.path.join(LIBRARIES, "dragoman.d.ts"), encoding="utf-8") as file:
        text = file.read()
    classes = dict(re.findall(r"^export class (\w+) .*?\{(.*?)\}$", text, re.M | re.S))
    check(sorted(classes) == sorted(there[""]), f"declared {sorted(classes)}, exported {there['']}")
    methods = re.findall(r"^\t(\w+)\(", classes["Backend"], re.M)
    check(len(methods) > 7 and set(methods) <= set(there["Backend"]), f"{methods} and {there['Backend']}")
    compiler = os.path.join(folder, "node_modules", "typescript", "bin", "tsc")
    done = subprocess.run(["node", compiler, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module",
                           "commonjs", os.path.join(HERE, "keepers", "types.ts")], stdout=subprocess.PIPE, text=True,
                          timeout=100 * SLOW)
    check(done.returncode == 0, f"tsc: {done.stdout}")


# ---- what the examples do ----

ROUTES = """{ kind = "message"; text = "^!"; then = ( { backend = "dice"; } ); },
            { kind = "message"; then = ( { ask = "moderation"; } ); }"""
BACKENDS = """{ name = "moderation"; bind = "ipc://moderation.sock"; },
              { name = "dice"; bind = "ipc://dice.sock"; speaks_as = "Dice"; }"""


async def joined(server, name, count=1):
    await until(lambda: server.counters()["backends"][name]["instances"]["joined"] >= count, f"{name} joins", 10, 0.05)


def start(crew, path, backend, *more, name=None, **environment):
    server = crew.server
    return crew.program(name or backend, *command(path, server.folder.name), server.endpoint(backend), *more,
                        env={**os.environ, **library_environment(), **environment})


def filters_and_bots_work():
    """A word is removed, and a die thrown, for all dialects, by each language's."""
    async def scenario(server, crew):
        clients = await join_all(server)
        for count, language in enumerate(LANGUAGES, 1):
            bot = example(f"roll.{'py' if language == 'c' else language}")
            programs = [start(crew, example(f"filter.{language}"), "moderation", name=f"filter.{language}"),
                        start(crew, bot, "dice", name=f"roll.{language}")]
            await joined(server, "moderation", count)
            await joined(server, "dice", count)
            for speaker in clients.values():
                await speaker.say(f"darn, says {speaker.name}")
                await speaker.say("!roll")
                for client in clients.values():
                    await client.hears(f"****, says {speaker.name}", 3 * SLOW)
                    await client.expect(lambda f: f"{speaker.name} rolls " in json.dumps(f), "a roll", 3 * SLOW)
            for program in programs:
                program.process.send_signal(signal.SIGTERM)
                check(program.process.wait(10 * SLOW) == 0, f"{program.path} ends with {program.process.returncode}")
                said = program.output()
                check(said.count("\n") == 1 and said.endswith(": ready\n"), f"{program.path}: {said}")
        books = server.settled()["backends"]
        check(books["moderation"]["asks"]["changed"] == 12, f"{books}")
        check(books["dice"]["events"]["acknowledged"] == 12, f"{books}")
        await close_all(clients)

    with Server(routed(ROUTES, BACKENDS)) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


def verdicts_are_carried_out():
    """Whatever a function of a filter returns or throws, in each language."""
    wanted = {"whole": "WHOLE", "empty": "not allowed", "nothing": "nothing", "action": "action",
              "false": "not allowed", "no": "because", "boom": "does not answer", "after": "after"}

    async def scenario(server, crew, language):
        program = start(crew, os.path.join(KEEPERS, f"verdicts.{language}"), "moderation")
        await joined(server, "moderation")
        client = await join(server, "mixer", "ann")
        for text, seen in wanted.items():
            if text == "boom" and language == "c":
                continue  # nothing is thrown there
            reply = await client.call("msg", text)
            check(seen in json.dumps(reply), f"{language} {text}: {reply}")
            check((reply["error"] is None) == (seen.lower() == text), f"{language} {text}: {reply}")
            check((reply["data"]["message"]["meta"] == {"me": True} if text == "action" else True), f"{reply}")
        check(program.output().count("\n") == 1 or "boom" in program.output(), program.output())
        await client.close()

    for language in LANGUAGES:
        more = '{ name = "moderation"; bind = "ipc://moderation.sock"; deadline_ms = 500; }'
        with Server(routed('{ kind = "message"; then = ( { ask = "moderation"; } ); }', more)) as server:
            with Crew(server) as crew:
                asyncio.run(scenario(server, crew, language))


def judges_of_logins_work():
    """auth.py does what auth.js does, which examples.py tries."""
    judged_by("auth.py")


# Of a login called so. Only an object is a yes with a name, and true one without.
JUDGES = {
    "py": lambda endpoint: [PYTHON, "-c", f"""import dragoman
yes = {{"empty": "", "text": "yes", "zero": 0, "false": False, "named": {{"name": "named"}}}}
dragoman.Backend("auth", {endpoint!r}, login=lambda login: yes.get(login.name)).run()"""],
    "js": lambda endpoint: ["node", "-e", f"""const {{ Backend }} = require("dragoman");
const yes = {{ empty: "", text: "yes", zero: 0, false: false, named: {{ name: "named" }} }};
new Backend("auth", {{ endpoint: {endpoint!r}, login: (login) => yes[login.name] }}).run()"""],
}


def logins_need_a_clear_yes():
    """Whatever else a function of logins returns turns away, the empty text and nothing among it."""
    async def scenario(server, crew, words):
        crew.program("auth", *words(server.endpoint("auth")), env={**os.environ, **library_environment()})
        await joined(server, "auth")
        for name in ("empty", "text", "zero", "false", "nothing", "named"):
            client = Client(await open_socket(server, "mixer", name), "mixer", name, server.room)
            await client.event("WelcomeEvent")
            reply = await client.call("auth", server.room["mixer"], 7, "x")
            check(reply["error"] == (None if name == "named" else "UNOTFOUND"), f"{name}: {reply}")
            await client.close()

    npm.install()
    for language, words in JUDGES.items():
        config = configuration(mounts=AUTH_MOUNTS, rooms='( { name = "lobby"; mixer = 1; concord = 1; } )',
                               more='backends: ( { name = "auth"; bind = "ipc://auth.sock"; } );')
        with Server(config) as server:
            with Crew(server) as crew:
                asyncio.run(scenario(server, crew, words))
        print(f"    {language}: one of six is let in")


MODERATED = """
routes: ( { kind = "message"; text = "^/(kick|mute|who)\\\\b"; then = ( { ask = "moderator"; } ); } );
backends: ( { name = "auth"; bind = "ipc://auth.sock"; }, { name = "moderator"; bind = "ipc://moderator.sock"; } );"""


async def ordered(client, text, wanted):
    """A command and what its author is told."""
    await client.say(text)
    frame = await client.expect(lambda f: f["type"] in ("reply", "error") and f.get("error"), f"the answer to {text}",
                                3 * SLOW)
    check(wanted in json.dumps(frame), f"{client.dialect} {text}: {frame}, not {wanted}")


def moderators_of_any_dialect():
    """/who, /mute and /kick, by those who may, in all four dialects; others are told that they may not."""
    names = {"mixer": "mia", "concord": "cody", "rooms": "rob", "simple": "sam"}
    people = {name: {**PEOPLE[name], "roles": ["mod"]} for name in names.values()}
    people |= {"ann": {"password": "ann's secret", "number": 40},
               "bo peep": {"password": "bo peep's secret", "number": 41}}

    async def scenario(server, crew):
        start(crew, example("auth.py"), "auth", server.write("people.json", json.dumps(people)))
        start(crew, example("moderator.py"), "moderator")
        await joined(server, "auth")
        await joined(server, "moderator")
        clients = {dialect: await join(server, dialect, name, secret=people[name]["password"],
                                       user=people[name]["number"]) for dialect, name in names.items()}
        ann = await join(server, "simple", "ann", secret="ann's secret")
        await quiet([*clients.values(), ann])
        for dialect, moderator in clients.items():
            bo = await join(server, "simple", "bo peep", secret="bo peep's secret")
            await ordered(moderator, "/who", "Here are ann, bo peep, cody, mia, rob, sam")
            await ordered(moderator, "/mute bo peep 5", "bo peep is mute for 5 minutes")
            await bo.say("may I speak?")
            check("muted" in json.dumps((await bo.refusal())[1]), f"bo is not mute by {dialect}")
            await ordered(moderator, "/mute bo peep 0", "bo peep is mute for 0 minutes")
            await bo.say(f"thanks, {moderator.name}")
            await ann.hears(f"thanks, {moderator.name}")
            await ordered(moderator, "/kick Bo Peep that is all", "bo peep is out")
            await bo.closed(3 * SLOW)
            await bo.close()
            await ordered(moderator, "/kick bo peep", "Nobody of that name is here: bo peep")
        for order in ("/kick mia", "/who"):
            await ordered(ann, order, f"{order.split()[0]} is for moderators")
        await talk(clients, "all is quiet")
        for client in (*clients.values(), ann):
            check(not client.heard("/"), f"{client.name} heard a command: {client.heard('/')}")
        await close_all([*clients.values(), ann])

    config = configuration(mounts=AUTH_MOUNTS, rooms='( { name = "lobby"; mixer = 1; concord = 1; } )', more=MODERATED)
    with Server(config) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


# ---- leaving ----

def who_leaves_answers_first():
    """A filter gets TERM while all talk, another comes: no message is refused or waits for a time-out."""
    async def scenario(server, crew):
        clients = await join_all(server)
        talking = True

        async def chatter(client):
            count = 0
            while talking:
                count += 1
                await client.say(f"darn {client.name} {count}")
                await asyncio.sleep(0.005)
            return count

        programs = []
        for language in LANGUAGES:
            programs.append(start(crew, example(f"filter.{language}"), "moderation", name=f"filter.{language}"))
            await joined(server, "moderation", len(programs))
        speakers = [asyncio.create_task(chatter(client)) for client in clients.values()]
        for program in programs:
            await asyncio.sleep(0.5)
            following = start(crew, example("filter.py"), "moderation", name=f"after-{len(crew.parts)}")
            await following.says("ready")
            program.process.send_signal(signal.SIGTERM)
            check(await asyncio.to_thread(program.process.wait, 10 * SLOW) == 0, f"{program.path} fails")
        talking = False
        total = sum([await speaker for speaker in speakers])
        for client in clients.values():
            await client.counts(lambda frame: "****" in json.dumps(frame), total, lambda: [], 10)
        books = server.settled()["backends"]["moderation"]["asks"]
        check(books["changed"] == total and books["accepted"] == total, f"{total} were said: {books}")
        print(f"    {total} messages, {len(programs)} filters left")
        await close_all(clients)

    with Server(routed('{ kind = "message"; then = ( { ask = "moderation"; } ); }',
                       '{ name = "moderation"; bind = "ipc://moderation.sock"; }')) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


# ---- keys ----

def libraries_have_keys():
    """From files and from the environment: who has the right ones is asked, with others nobody."""
    async def scenario(server, crew, keys):
        folder = server.folder.name
        files = {"SERVER": "server.pub", "PUBLIC": "client.pub", "SECRET": "client.key"}
        count = 0
        for language in LANGUAGES:
            path = example(f"filter.{language}")
            for values in ({k: os.path.join(folder, name) for k, name in files.items()},
                           {k: keys[name].decode() for k, name in files.items()}):
                count += 1
                start(crew, path, "moderation", name=f"{language}-{count}",
                      **{f"DRAGOMAN_{which}_KEY": value for which, value in values.items()})
                await joined(server, "moderation", count)
            start(crew, path, "moderation", name=f"{language}-stranger",
                  **{f"DRAGOMAN_{which}_KEY": keys[name.replace("client", "stranger")].decode()
                     for which, name in files.items()})
            start(crew, path, "moderation", name=f"{language}-open")
        await asyncio.sleep(1.5 * SLOW)
        there = server.counters()["backends"]["moderation"]["instances"]["joined"]
        check(there == count == 6, f"somebody else has joined: {there}")

    server = Server(routed('{ kind = "message"; then = ( { ask = "moderation"; } ); }',
                           f'{{ name = "moderation"; bind = "tcp://127.0.0.1:*"; {KEYS} }}'))
    keys = make_keys(server.folder.name)
    with server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew, keys))


SCENARIOS = [libraries_pass_backend_test, libraries_listen, examples_are_short, types_are_those_of_the_library,
             filters_and_bots_work, verdicts_are_carried_out, judges_of_logins_work, logins_need_a_clear_yes, moderators_of_any_dialect,
             who_leaves_answers_first, libraries_have_keys]
WAITING = [libraries_pass_backend_test, libraries_listen]
