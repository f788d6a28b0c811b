"""contrib/examples/: the sample configuration and its programs, logins judged by auth.js, and two servers in a chain.

What else the examples do is in clients.py."""

import asyncio
import json
import os
import subprocess
import tempfile

import npm
from backends import Crew, until
from chat import Client, close_all, join, join_all, open_socket, quiet, talk, text_of
from libraries import PYTHON, library_environment
from server import MOUNTS, SLOW, Server, check, configuration
from wire import Wire, door

EXAMPLES = os.path.join("contrib", "examples")
LISTENER = f'listeners = ( {{ address = "127.0.0.1"; port = 0; mounts = {MOUNTS}; }} );\n'


def example(name):
    return os.path.join(EXAMPLES, name)


def environment():
    return {**os.environ, **library_environment()}


def sample():
    """contrib/examples/routing.cfg, but for its ports."""
    with open(example("routing.cfg"), encoding="utf-8") as file:
        text = file.read()
    check("tcp://127.0.0.1:7010" in text, "the sample's feed is elsewhere")
    return LISTENER + text.replace("127.0.0.1:7010", "127.0.0.1:*")


def build_logger(folder):
    binary = os.path.join(folder, "logger")
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", binary, example("logger.c"),
                    "-lzmq"], check=True)
    return binary


async def start_programs(server, crew):
    programs = {
        "logger": crew.program("logger", build_logger(server.folder.name), server.endpoint("feed", "taps")),
        "moderation": crew.program("moderation", PYTHON, example("moderation.py"),
                                   server.endpoint("moderation"), env=environment()),
        "dice": crew.program("dice", PYTHON, example("dice.py"), server.endpoint("dice"), env=environment()),
    }
    await programs["moderation"].says("ready")
    await programs["dice"].says("ready")
    return programs


def logged(logger, topic="lobby/message"):
    """The envelopes that the logger printed under a topic."""
    lines = (line.split(" ", 1) for line in logger.output().splitlines(True) if line.endswith("\n"))
    return [json.loads(text) for found, text in lines if found == topic]


async def wait_for_feed(clients, logger):
    """A subscription takes a moment; what is said before is not heard."""
    for number in range(100):
        await talk(clients, f"feed {number}")
        if logged(logger):
            return
    check(False, "the logger prints nothing")


async def commands_reach_the_bot(clients, logger):
    for speaker in clients.values():
        await speaker.say("!roll 20")
        wanted = f"{speaker.name} rolls "
        for client in clients.values():
            frame = await client.expect(lambda f: (text_of(f) or "").startswith(wanted), "a roll")
            if client.dialect == "mixer":
                check(frame["data"]["user_name"] == "Dice", f"who rolls: {frame}")
            if client.dialect == "simple":
                check(frame["username"] == "Dice", f"who rolls: {frame}")
    await clients["rooms"].say("!poll Tea or coffee? | tea | coffee")
    poll = await clients["mixer"].event("PollStart")
    check((poll["q"], poll["answers"]) == ("Tea or coffee?", ["tea", "coffee"]), f"{poll}")
    for dialect in ("concord", "rooms", "simple"):
        await clients[dialect].expect(lambda f: "Tea or coffee?" in json.dumps(f), "the poll in words")
    for client in clients.values():
        check(not client.heard("!"), f"{client.name} heard a command: {client.heard('!')}")
    await until(lambda: [e["text"] for e in logged(logger)].count("!roll 20") == 4,
                "the feed has the commands")


async def rudeness_is_refused(clients, logger):
    for speaker in clients.values():
        rude = f"{speaker.name} says damn"
        await speaker.say(rude)
        frame = await speaker.expect(lambda f: "Please stay polite" in json.dumps(f), "why it was refused")
        check(frame["type"] == {"mixer": "reply", "simple": "reply"}.get(speaker.dialect, "error"),
              f"{speaker.dialect} is told {frame}")
        loud = f"LISTEN TO {speaker.name.upper()} PLEASE"
        await speaker.say(loud)
        for client in clients.values():
            await client.hears(loud.capitalize())
        await until(lambda rude=rude, loud=loud: {rude, loud} <= {event["text"] for event in logged(logger)},
                    "the feed has what was said")
    for client in clients.values():
        check(not any("damn" in (text_of(frame) or "") for frame in client.frames),
              f"{client.name} heard a refused message")


def sample_configuration():
    """Commands go to the bot, all else through moderation, everything to the feed."""
    async def scenario(server, crew):
        programs = await start_programs(server, crew)
        clients = await join_all(server)
        await wait_for_feed(clients, programs["logger"])
        await quiet(clients.values())
        await commands_reach_the_bot(clients, programs["logger"])
        await rudeness_is_refused(clients, programs["logger"])
        eve = await join(server, "simple", "eve")
        await eve.close()
        await until(lambda: any(e["author"]["name"] == "eve" for e in
                                logged(programs["logger"], "lobby/exit")), "the feed has comings and goings")
        check(any(e["author"]["name"] == "eve" for e in logged(programs["logger"], "lobby/enter")),
              "the feed has exits only")
        programs["moderation"].kill()  # on_timeout = "pass"
        await quiet(clients.values(), 0.3)
        await clients["simple"].say("now damn it")
        for client in clients.values():
            await client.hears("now damn it", 4 * SLOW)
        counters = server.settled()
        asks, events = (counters["backends"][name] for name in ("moderation", "dice"))
        check(asks["asks"]["refused"] == 4 and asks["asks"]["changed"] == 4, f"{asks}")
        check(events["events"]["acknowledged"] == 5 and counters["drafts"]["routed"] == 5, f"{counters}")
        await close_all(clients)
        for name in ("moderation", "dice"):
            check("error" not in programs[name].output(), f"{name}: {programs[name].output()}")

    with Server(sample()) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


# ---- logins ----

PEOPLE = {name: {"password": f"{name}'s secret", "number": number, "roles": roles}
          for number, (name, roles) in enumerate((("mia", ["mod"]), ("cody", []), ("rob", []),
                                                   ("sam", ["subscriber"]), ("ann", ["mod"])), 7)}
NUMBERLESS = {"nora": {"password": "nora's secret"}}
AUTH_MOUNTS = "( " + ", ".join(
    f'{{ path = "/{dialect}"; dialect = "{dialect}"; auth = "backend:auth"; }}'
    for dialect in ("mixer", "concord", "rooms", "simple")) + " )"


async def login(server, dialect, name):
    """Comes in with the right password."""
    return await join(server, dialect, name, secret=PEOPLE[name]["password"], user=PEOPLE[name]["number"])


async def asked(server, dialect, name, secret):
    """The answer to a handshake, and its body; it may wait for a backend."""
    def ask():
        with Wire(server.port) as wire:
            answer = wire.request(*door(dialect, name, secret), within=8)
            return answer, wire.read(lambda _: False, 2).decode()

    return await asyncio.get_running_loop().run_in_executor(None, ask)


async def turned_away(server, dialect, name, secret):
    """A wrong login is told, in the dialect's own way."""
    if dialect != "mixer":
        answer, body = await asked(server, dialect, name, secret)
        check(answer.status == 401, f"{dialect}: answered with {answer.status}")
        check("Unknown name or wrong password" in body or dialect == "rooms",
              f"{dialect} is not told why: {body}")
        return
    client = Client(await open_socket(server, dialect, name, secret=secret), dialect, name, server.room)
    await client.event("WelcomeEvent")
    for attempt in range(3):
        reply = await client.call("auth", server.room["mixer"], PEOPLE.get(name, {}).get("number", 99),
                                  secret)
        check(reply["error"] == "UNOTFOUND", f"mixer's word for it: {reply}")
    code = await client.closed(2 * SLOW)
    check(code == 1008, f"{dialect}: closed with {code}")
    await client.close()


async def moderators_delete(clients, moderator):
    """mia has the role mod by what the backend says: she deletes; cody may not."""
    await clients["concord"].say("delete this")
    seen = await moderator.hears("delete this")
    number = (await clients["concord"].hears("delete this"))["chat"]["id"]
    await clients["simple"].say("keep this")
    kept = await clients["concord"].hears("keep this")
    await clients["concord"].send({"type": "chat_deleted", "chatId": kept["chat"]["id"]})
    await clients["concord"].refusal()
    reply = await moderator.call("deleteMessage", seen["data"]["id"])
    check(reply["error"] is None, f"a mod may not delete: {reply}")
    await clients["concord"].fields(type="chat_deleted", chatId=number)


def logins_by_backend():
    """auth.js lets in, gives roles and turns away, in all four dialects; without it nobody comes in."""
    npm.install()
    judged_by("auth.js")


def judged_by(judge):
    async def scenario(server, crew):
        names = {"mixer": "mia", "concord": "cody", "rooms": "rob", "simple": "sam"}
        auth = crew.program("auth", "node" if judge.endswith(".js") else PYTHON, example(judge), server.endpoint("auth"),
                            server.write("people.json", json.dumps({**PEOPLE, **NUMBERLESS})),
                            env=environment())
        await auth.says("ready", 10)
        clients = {dialect: await login(server, dialect, name) for dialect, name in names.items()}
        check("Mod" in clients["mixer"].roles, f"mia's roles: {clients['mixer'].roles}")
        await quiet(clients.values())
        await talk(clients, "all in")
        await moderators_delete(clients, clients["mixer"])
        for dialect in names:
            await turned_away(server, dialect, "ann", "wrong")
            await turned_away(server, dialect, "stranger", "ann's secret")
        for dialect in ("concord", "rooms", "simple"):  # neither has a number: they are not the same
            await turned_away(server, dialect, "stranger", "nora's secret")
        await talk(clients, "still in")
        auth.kill()
        for dialect in ("concord", "rooms", "simple"):
            answer, _ = await asked(server, dialect, "ann", "ann's secret")
            check(answer.status == 503, f"{dialect}: {answer.status} without a backend")
        books = server.settled()["backends"]["auth"]["asks"]
        check(books["allowed"] == 4 and books["refused"] == 15, f"the logins' books: {books}")
        check(books["unavailable"] + books["expired"] == 3, f"the logins' books: {books}")
        check("rror" not in auth.output(), f"{judge}: {auth.output()}")
        log = server.log_text()
        check(not any(one["password"] in log for one in PEOPLE.values()), "a password is in the log")
        await close_all(clients)

    config = configuration(mounts=AUTH_MOUNTS, rooms='( { name = "lobby"; mixer = 1; concord = 1; } )',
                           more='backends: ( { name = "auth"; bind = "ipc://auth.sock"; } );')
    with Server(config) as server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew))


def usage_is_told():
    """Without arguments a program says how to call it, instead of a stack trace."""
    npm.install()
    with tempfile.TemporaryDirectory() as folder:
        for command in ((PYTHON, example("dice.py")), (PYTHON, example("moderation.py")),
                        (build_logger(folder),), ("node", example("auth.js"))):
            done = subprocess.run(command, env=environment(), capture_output=True,
                                  text=True, timeout=20 * SLOW, check=False)
            name = os.path.basename(command[-1])
            check(done.returncode != 0 and done.stderr.startswith(f"usage: {name} ENDPOINT"),
                  f"{name}: {done.returncode} {done.stderr}")


async def two_at(server, place):
    return [await join(server, dialect, f"{dialect}{place}", path=path)
            for dialect, path in (("concord", "/client"), ("simple", "/simple"))]


async def heard_across(first, second):
    """Guests at both servers: what one says, all hear once. second: its configuration."""
    people = await two_at(first, 1)
    with Server(second) as server:
        await until(lambda: any(f.get("username") == "second" for f in people[1].frames), "the second server comes", 15)
        people += await two_at(server, 2)
        for speaker in people:
            await speaker.say(f"said by {speaker.name}")
        for speaker in people:
            said = f"said by {speaker.name}"
            for client in people:
                await until(lambda c=client, s=said: any(s in text for text in c.heard()), f"{said!r} in {client.name}")
        await quiet(people, 0.3)
        for client in people:
            texts = [text for text in client.heard() if "said by" in text]
            check(len(texts) == len(people), f"{client.name} heard {texts}")
        await close_all(people)


def chain_as_it_stands():
    """Both files of upstream-chain, but for their ports: the second comes in at the first, as a guest."""
    def text(name):
        with open(example(name), encoding="utf-8") as file:
            return file.read()

    with Server(text("upstream-chain-a.cfg").replace("port = 7000;", "port = 0;")) as first:
        second = text("upstream-chain-b.cfg").replace("port = 7001;", "port = 0;")
        check("127.0.0.1:7000" in second, "the first server is elsewhere")
        asyncio.run(heard_across(first, second.replace("127.0.0.1:7000", f"127.0.0.1:{first.port}")))


SCENARIOS = [sample_configuration, logins_by_backend, usage_is_told, chain_as_it_stands]
