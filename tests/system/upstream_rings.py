"""Servers that are each other's clients: whatever ring they make, everybody hears everything once."""

import asyncio
import socket
import threading

from chat import close_all, join, quiet
from far_side import ForeignBridge
from server import SLOW, Server, check, configuration, port_of_ours
from upstream_pairs import ACCOUNTS, FILES, MOUNT_PATHS, NO_LIMITS, REMOTE, SECRET, URLS, soon

MESSAGES = 20  # at each server
QUIET = 1.5 * SLOW
DIALECTS = tuple(URLS)


def upstream(name, dialect, port, more=""):
    remote = f'remote_room = "{REMOTE[dialect]}";' if REMOTE[dialect] else ""
    return (f'{{ name = "{name}"; dialect = "{dialect}"; mode = "relay"; room = "lobby"; {remote} '
            f'url = "http://127.0.0.1:{port}{URLS[dialect]}"; user = "relay"; secret_file = "people.secret"; {more} }}')


def config(port, *upstreams):
    more = f"upstreams = ( {', '.join(upstreams)} );" if upstreams else ""
    return configuration(NO_LIMITS, accounts=ACCOUNTS, workers=2, port=port, more=more)


class Servers:
    """Some that know each other's ports: links is {server: [(name, dialect, the other's place), ...]}."""

    def __init__(self, *links):
        self.ports = [port_of_ours() for _ in links]
        self.all = [Server(config(port, *(upstream(name, dialect, self.ports[to], *more)
                                          for name, dialect, to, *more in of)), files=FILES)
                    for port, of in zip(self.ports, links)]
        self.names = [[name for name, *_ in of] for of in links]

    def __enter__(self):
        for server in self.all:
            server.__enter__()
        for server, names in zip(self.all, self.names):
            for name in names:
                server.logged(f"upstream {name} is up", within=15)
        return self

    def __exit__(self, kind, error, trace):
        for server in self.all:
            server.__exit__(kind, error, trace)

    def counts(self):
        """Prints what became of loops; their sum."""
        sums = {}
        for place, server in enumerate(self.all):
            counters = server.counters()
            for name, books in counters["upstreams"].items():
                heard, events = books["heard"], books["events"]
                said = {"said": events["delivered"], "not said": events["dropped"],
                        "heard": heard["accepted"], "taken": heard["taken"], "looped": heard["looped"],
                        "repeated": heard["repeated"], "echoes": books["echoes"],
                        "not ordered again": counters["drafts"]["unchanged"]}
                print(f"    server {place}, upstream {name}: {said}")
                for key, value in said.items():
                    sums[key] = sums.get(key, 0) + value
        return sums


async def somebody(server, place):
    """One of each dialect."""
    return [await join(server, dialect, f"{dialect[:3]}{place}", path=MOUNT_PATHS[dialect], secret="word")
            for dialect in DIALECTS]


def times(client, text):
    return sum(heard.endswith(text) for heard in client.heard())


async def everything_once(servers, within):
    people = [await somebody(server, place) for place, server in enumerate(servers.all)]
    everybody = [client for of in people for client in of]
    await quiet(everybody, 0.5 * SLOW)
    texts = []
    for n in range(MESSAGES):
        for of in people:
            speaker = of[n % len(of)]
            texts.append(f"no {n} of {speaker.name}.")
            await speaker.say(texts[-1])
            await asyncio.sleep(0.02)
    await soon(lambda: all(times(client, text) for client in everybody for text in texts), within)
    await asyncio.sleep(QUIET)
    wrong = {(client.name, text): times(client, text) for client in everybody for text in texts
             if times(client, text) != 1}
    check(not wrong, f"{len(wrong)} of {len(everybody) * len(texts)} not once: {list(wrong.items())[:6]}")
    print(f"    {len(texts)} messages, {len(everybody)} clients: each once")
    await nobody_is_there_twice(servers, everybody)
    await close_all(everybody)


async def nobody_is_there_twice(servers, everybody):
    """Who comes to one is told of at the others, and does not come back under another name."""
    ears = [client for client in everybody if client.dialect == "simple"]
    before = {client: len(client.frames) for client in ears}

    def names(client):
        return [frame["username"] for frame in client.frames[before[client]:] if frame["type"] == "user_connected"]

    late = await join(servers.all[0], "simple", "late")
    await soon(lambda: all(map(names, ears)), 15 * SLOW)
    await asyncio.sleep(QUIET)
    for client in ears:
        check(names(client) == ["late"], f"{client.name} hears of {names(client)}")
    await late.close()


def ring_of(*dialects):
    def scenario():
        count = len(dialects)
        links = [[(f"next{place}", dialect, (place + 1) % count)] for place, dialect in enumerate(dialects)]
        with Servers(*links) as servers:
            asyncio.run(everything_once(servers, 60 * SLOW))
            sums = servers.counts()
            check(sums["looped"] and sums["not ordered again"], f"there was no loop to be seen: {sums}")
    scenario.__name__ = "ring_" + "_".join(dialects)
    return scenario


def both_ways():
    """Two, each the client of the other."""
    with Servers([("other", "concord", 1)], [("other", "simple", 0)]) as servers:
        asyncio.run(everything_once(servers, 30 * SLOW))
        servers.counts()


def long_texts_in_a_ring():
    """One way takes them in several messages."""
    async def go(servers):
        text = "long " + " ".join(str(n) for n in range(200))
        people = [await join(server, "simple", f"ann{place}") for place, server in enumerate(servers.all)]
        await people[0].say(text)
        await soon(lambda: all(times(client, " 199") for client in people), 20 * SLOW)
        await asyncio.sleep(QUIET)
        for client in people:
            heard = "".join(client.heard())
            check(heard.count("long 0 1 2") == 1 and heard.count(" 198 199") == 1, f"{client.name}: {client.heard()}")
        await close_all(people)

    with Servers([("next0", "mixer", 1)], [("next1", "simple", 2)], [("next2", "concord", 0)]) as servers:
        asyncio.run(go(servers))
        servers.counts()


# ---- itself ----

class Proxy:
    """Another port of a server."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(one, other), daemon=True).start()

    @staticmethod
    def copy(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def itself():
    """By another port: seen when it answers, and refused."""
    port = port_of_ours()
    proxy = Proxy(port)
    server = Server(config(port, upstream("mirror", "simple", proxy.listener.getsockname()[1])), files=FILES)

    async def go():
        ann = await join(server, "simple", "ann")
        await ann.say("hello")
        await ann.hears("hello")
        await asyncio.sleep(QUIET)
        check(ann.heard() == ["hello"], f"heard {ann.heard()}")
        await ann.close()

    with server:
        server.logged("upstream mirror: it is this server itself")
        asyncio.run(go())
        books = server.counters()["upstreams"]["mirror"]
        check(books["links"]["up"] == 0, f"it is up: {books}")
    proxy.listener.close()


# ---- a foreign bridge ----

def foreign(ignore):
    """Two servers, a relay between them, and a bridge of somebody else's between them: how often the second server
    hears what is said once at the first."""
    async def go(servers):
        near = await join(servers.all[0], "simple", "ann")
        far = await join(servers.all[1], "simple", "bob")
        urls = [f"ws://127.0.0.1:{port}/simple" for port in servers.ports]
        with ForeignBridge(urls[0], "copy", urls[1], "copy"):
            await quiet([near, far], 0.5 * SLOW)
            await near.say("once upon a time")
            await soon(lambda: times(near, "once upon a time"), 5 * SLOW)
            await asyncio.sleep(2 * SLOW)
            counts = times(near, "once upon a time"), times(far, "once upon a time")
            await asyncio.sleep(2 * SLOW)
            later = times(near, "once upon a time"), times(far, "once upon a time")
        await close_all([near, far])
        return counts, later

    more = f'ignore = [ {ignore} ];'
    with Servers([("other", "simple", 1, more)], []) as servers:
        counts, later = asyncio.run(go(servers))
        print(f"    ignore = [ {ignore} ]: {counts} times, then {later}")
        servers.counts()
    return counts, later


def held_by_ignore():
    counts, later = foreign('"copy"')
    check(counts == later, f"it goes on: {counts}, {later}")
    # The bridge copies it there, and copies back what the relay has said there: each once.
    check(later == (2, 2), f"heard {later}")


SCENARIOS = [ring_of("simple", "concord", "rooms"), ring_of("mixer", "rooms", "simple"),
             ring_of("concord", "mixer", "concord"), both_ways, long_texts_in_a_ring, itself, held_by_ignore]
