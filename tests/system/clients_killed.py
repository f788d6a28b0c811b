"""The libraries of contrib/clients/, and kill -9: what was acknowledged, to either side, is there afterwards, once.

KILLS=50 WITHIN=7200 does more of them."""

import asyncio
import collections
import contextlib
import os
import random

import npm
from backends import Crew, until
from chat import join
from clients import KEEPERS, LANGUAGES, start
from operating import answer
from server import SLOW, Server, check, configuration

KILLS = int(os.environ.get("KILLS", 2))  # of each library, on each side; and one more
KEPT = """state = "state"; control = "control";
routes: ( { kind = "message"; text = "^#"; then = ( { backend = "keeper"; } ); } );
backends: ( { name = "keeper"; bind = "ipc://keeper.sock"; heartbeat_ms = 200; speaks_as = "Keeper"; } );"""
TOLD = ("mixer", "simple")  # their clients are told what is done


class Writers:
    """Clients that give the backend events, and what they were told became of these. They come back."""

    def __init__(self, server, mark):
        self.server, self.mark, self.acknowledged, self.refused, self.over = server, mark, set(), 0, False
        self.tasks = [asyncio.create_task(self.write(dialect)) for dialect in TOLD]

    async def write(self, dialect):
        life = 0
        while not self.over:
            life += 1
            with contextlib.suppress(Exception):  # the server was killed under it
                client = await join(self.server, dialect, f"{dialect}-{self.mark}-{life}")
                texts = {}
                while not self.over and not client.reader.done():
                    await client.say(text := f"#{client.name} {client.requests + 1}")
                    texts[str(client.requests)] = text
                    await asyncio.sleep(0.01)
                await asyncio.sleep(1.0 * SLOW if self.over else 0)
                await client.close()
            with contextlib.suppress(UnboundLocalError):
                self.count(client, texts)
            await asyncio.sleep(0.02)

    def count(self, client, texts):
        for frame in client.frames:
            number = str(frame.get("id" if client.dialect == "mixer" else "payload_id"))
            if frame["type"] == "reply" and number in texts:
                self.refused += bool(frame.get("error"))
                if not frame.get("error"):
                    self.acknowledged.add(texts[number])

    async def stop(self):
        self.over = True
        await asyncio.gather(*self.tasks)


def lines_of(path, word):
    with open(path, encoding="utf-8") as file:
        return [line.split(" ", 1)[1] for line in file.read().splitlines() if line.startswith(word + " ")]


def compare(server, path, writers, what):
    """What either side was told is there."""
    heard, said = collections.Counter(lines_of(path, "heard")), lines_of(path, "said")
    lost = sorted(writers.acknowledged - set(heard))
    check(not lost, f"{what}: {len(lost)} events were acknowledged and are not there: {lost[:5]}")
    kept = collections.Counter(row.get("text") for row in history(server))
    lost = [text for text in said if not kept[text]]
    check(not lost, f"{what}: {len(lost)} messages were acknowledged and are not there: {lost[:5]}")
    twice = [text for text, times in kept.items() if times > 1]
    check(not twice, f"{what}: said twice: {twice[:5]}")
    check(len(writers.acknowledged) > 10 and len(said) > 50, f"{what}: {len(writers.acknowledged)}, {len(said)} only")
    print(f"    {what}: {len(writers.acknowledged)} events acknowledged, {len(heard)} heard, "
          f"{sum(heard.values()) - len(heard)} again, {writers.refused} refused; {len(said)} messages acknowledged, "
          f"{len(lines_of(path, 'refused'))} refused or unknown; none lost", flush=True)


def history(server):
    rows, before = [], ()
    while True:
        page = answer(server, "history", "lobby", "--count", "1000", *before)["rows"]
        rows += page
        if len(page) < 1000:
            return rows
        before = ("--before", str(page[0]["id"]))


def killed(whom):
    """A keeper of each language, and kill -9 and a new start of one side, again and again."""
    async def scenario(server, crew, language):
        path, keeper = os.path.join(server.folder.name, "kept"), os.path.join(KEEPERS, f"keeper.{language}")
        program, life = None, 0
        writers = Writers(server, language)
        for _ in range(KILLS + 1):
            if not program or whom == "backend":
                life += 1
                program = start(crew, keeper, "keeper", path, f"{language}{life}", name=f"keeper-{life}")
            before = len(lines_of(path, "said")) if os.path.exists(path) else 0
            await until(lambda: os.path.exists(path) and len(lines_of(path, "said")) > before + 20, "it talks", 20)
            await asyncio.sleep(random.random())
            if whom == "backend":
                program.kill()
            else:
                server.restart()
        if whom == "backend":
            program = start(crew, keeper, "keeper", path, "last", name="keeper-last")
        await program.says("ready", 10)
        await asyncio.sleep(1.5)
        await writers.stop()
        program.kill()
        compare(server, path, writers, f"{language}, {KILLS + 1} kills of the {whom}")

    npm.install()
    for language in LANGUAGES:
        with Server(configuration("messages_per_second = 0;", more=KEPT)) as server:
            with Crew(server) as crew:
                asyncio.run(scenario(server, crew, language))


def killed_backends_lose_nothing():
    killed("backend")


def killed_servers_lose_nothing():
    killed("server")


SCENARIOS = WAITING = [killed_backends_lose_nothing, killed_servers_lose_nothing]
