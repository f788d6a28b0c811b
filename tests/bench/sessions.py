"""What a client costs whose server is another one: a Dragoman with an upstream of mode session, and behind it a second
Dragoman as that server. Beside it the same clients in a room of its own, without an upstream. Then the server behind is
killed, and comes again."""

import json
import os
import re
import statistics
import subprocess
import tempfile
import time

import servers
from measures import progress
from scraping import Scraper

ROUNDS, CLIENTS, RATE, LOAD_S = 3, 1000, 100, 10
PUBLISHERS = 50
IDLE_S = 25         # as long as from one ping to the next
AWAY_S = 2          # between the end of the server behind and its beginning
SETTLED_S = 31      # up so long, links begin with short pauses again: bridge/upstream/link/link.c
BACK_S = 120        # at most, until all are back
LOOK_S = 0.05
RESTARTS = 6        # in the last round, to see whether memory grows; one in the others
WARM = 3            # so many of them make what is kept afterwards
GROWTH_MOST = 1.02  # of memory, from the last of these to the last of all
PARTS = (50, 90, 99, 100)
DIALECTS = {"simple": "/simple-0", "mixer": "/api/v1", "concord": "", "rooms": ""}
REMOTE = {"mixer": "1", "concord": "1", "rooms": "00000000-0000-4000-8000-000000000000", "simple": ""}
KINDS = ("behind", "local")
QUIET = {"stolen": 0, "load_waited": 0}

# Pings are as by default. Nothing else of it would hold up a thousand at once.
HEAD = """workers = 1;
guests = true;
log_level = "error";
limits = {{ messages_per_second = 0; signals_per_second = 0; http_requests_per_second = 0; connections = 20000;
	connections_per_address = 0; requests_under_way = 64; login_seconds = 60; }};
listeners = ( {{ address = "127.0.0.1"; port = {port}; mounts = ( {mounts} ); }}{admin} );
rooms = ( {room} );
accounts = ();
"""


def configuration(port, mounts, admin="", more=""):
    admin = f', {{ kind = "admin"; path = "{admin}"; }}' if admin else ""
    return HEAD.format(port=port, mounts=", ".join(mounts), admin=admin, room=servers.room_text(0)) + more


def mount(path, dialect, behind=""):
    behind = f'upstream = "{behind}";' if behind else ""
    return f'{{ path = "/{path}"; dialect = "{dialect}"; room = "r0"; {behind} }}'


class Near(servers.Dragoman):
    """What is measured. far: the server behind it; None: its room is its own."""

    def __init__(self, speech, dialect="", far=None):
        super().__init__(f"{speech} before {dialect}" if far else f"{speech}, a room of its own", speech,
                         admin="admin.sock")
        self.dialect, self.far = dialect, far

    def upstream(self):
        remote = REMOTE[self.dialect]
        remote = f'remote_room = "{remote}";' if remote else ""
        return (f'upstreams = ( {{ name = "far"; dialect = "{self.dialect}"; mode = "session"; credentials = "client"; '
                f'room = "r0"; {remote} url = "http://127.0.0.1:{self.far.port}{DIALECTS[self.dialect]}"; }} );\n')

    def write(self, folder, port, rooms, speech):
        path = os.path.join(folder, "dragoman.cfg")
        where = speech if speech in ("mixer", "concord") else f"{speech}-0"
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration(port, [mount(where, speech, "far" if self.far else "")], self.admin,
                                     self.upstream() if self.far else ""))
        return path


class Far:
    """The server behind, on the core of the load tool."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, servers.free_port(), None
        self.path = os.path.join(folder, "far.cfg")
        mounts = [mount("mixer", "mixer"), mount("client", "concord"), mount("rooms", "rooms"),
                  mount("simple-0", "simple")]
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(configuration(self.port, mounts))

    def start(self):
        log = open(os.path.join(self.folder, "far.log"), "ab")
        self.process = subprocess.Popen([servers.BINARY, "run", "-c", self.path], stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL, preexec_fn=servers.settle_on(servers.LOAD_CORE))
        log.close()
        end = time.monotonic() + 20
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > end:
                raise servers.Broken("the server behind did not start")
            time.sleep(0.01)

    def listens(self):
        with servers.socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cpu_ns(self):
        return cpu_ns(self.process.pid)


class Crowd:
    """The clients, by the load tool, step by step."""

    def __init__(self, server, clients, rate):
        self.name = server.row.name
        group = dict(name="room", speech=server.speech, members=clients, publishers=min(PUBLISHERS, clients), rate=rate)
        words = [os.path.join(servers.TOOLS, "load"), "--port", str(server.port), "--pid", str(server.process.pid),
                 "--steps", "--warm", "1", "--seconds", str(LOAD_S), "--drain", "20", "--patience", "120", "--group",
                 ",".join(f"{key}={value}" for key, value in group.items())]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, preexec_fn=servers.settle_on(servers.LOAD_CORE))

    def __enter__(self):
        self.came = self.line()
        return self

    def line(self):
        text = self.process.stdout.readline()
        if not text:
            raise servers.Broken(f"{self.name}: {self.process.stderr.read().strip()[-500:]}")
        return json.loads(text)

    def measure(self):
        """They talk: each message has to come to each, once and in order."""
        self.process.stdin.write("measure\n")
        self.process.stdin.flush()
        result = self.line()
        result["fault"] = servers.fault_of(result)
        return result

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


# ---- what a process used ----

def cpu_ns(pid):
    """Of all threads, those that ended left out: the program keeps its own."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


def rss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Rss:\s+(\d+)", file.read(), re.MULTILINE)[1])


class Watch:
    """The links, as the metrics have them."""

    def __init__(self, server):
        self.scraper = Scraper(os.path.join(server.folder, server.row.admin))

    def values(self):
        """links, links_up, links_failed_total and so on."""
        return {key: int(value) for key, value in
                re.findall(r'^dragoman_upstream_(links\w*)\{[^}]*\} (\d+)$', self.scraper.scrape(), re.MULTILINE)}

    def wait_up(self, count, within):
        end = time.monotonic() + within
        while self.values().get("links_up", 0) < count:
            if time.monotonic() > end:
                raise servers.Broken(f"{self.values()} of {count} links in {within} s")
            time.sleep(LOOK_S)


# ---- one round ----

def restart(near, far, watch, clients):
    """Seconds from when the server behind listens again until so many percent of the links are up."""
    before, spent = watch.values(), near.cpu_ns()
    far.kill()
    time.sleep(AWAY_S)
    away = near.cpu_ns() - spent
    far.start()
    began, seconds, most, last = time.monotonic(), {}, 0, (0, 0)
    while len(seconds) < len(PARTS):
        values, now = watch.values(), time.monotonic() - began
        for part in PARTS:
            if part not in seconds and values["links_up"] * 100 >= part * clients:
                seconds[part] = now
        most = max(most, (values["links_up"] - last[0]) / (now - last[1]))
        last = values["links_up"], now
        if now > BACK_S:
            break
        time.sleep(LOOK_S)
    near.wait_idle()
    after = watch.values()
    return {"back": {str(part): seconds.get(part) for part in PARTS}, "up": after["links_up"],
            "failed_each": (after["links_failed_total"] - before["links_failed_total"]) / clients - 1,
            "peak_per_s": most, "away_ms": away / 1e6 / clients, "back_ms": (near.cpu_ns() - spent - away) / 1e6 / clients,
            "far_ms": far.cpu_ns() / 1e6 / clients, "rss_kib": rss_kib(near.process.pid)}


def restarts(near, far, crowd, clients, count):
    watch, found, faults = Watch(near), [], []
    for number in range(count):
        progress(f"{near.row.name}: the server behind restarts, {number + 1} of {count}")
        time.sleep(SETTLED_S)
        one = restart(near, far, watch, clients)
        found.append(one)
        if one["up"] != clients:
            faults.append(f"{one['up']} of {clients} links are back after {BACK_S} s")
            break
        said = crowd.measure()
        if said["fault"]:
            faults.append(f"after restart {number + 1}: {said['fault']}")
        one["rss_said_kib"] = rss_kib(near.process.pid)
    return found, faults


def round_of(near, far, clients, rate, count):
    """count: of restarts."""
    pid, empty = near.process.pid, rss_kib(near.process.pid)
    began, cpu = time.monotonic(), near.cpu_ns()
    with Crowd(near, clients, rate) as crowd:
        came_s = time.monotonic() - began
        if far:
            Watch(near).wait_up(clients, 60)
        near.wait_idle()
        result = {"login_us": (near.cpu_ns() - cpu) / 1e3 / clients, "came_s": came_s,
                  "kib": (rss_kib(pid) - empty) / clients}
        progress(f"{near.row.name}: idle")
        began, cpu = time.monotonic(), near.cpu_ns()
        time.sleep(IDLE_S)
        result["idle_ms"] = (near.cpu_ns() - cpu) / 1e6 / (time.monotonic() - began) * 60 / clients
        progress(f"{near.row.name}: they talk")
        said = crowd.measure()
        result["delivery_us"] = said["server_us_per_delivery"]
        result["message_us"] = said["server_us_per_delivery"] * clients
        result["p50_us"], result["p99_us"] = said["groups"][0]["p50_us"], said["groups"][0]["p99_us"]
        result["busy"] = said["server_cpu"]
        result["kib_said"] = (rss_kib(pid) - empty) / clients
        faults = [said["fault"]] if said["fault"] else []
        result["restarts"], more = restarts(near, far, crowd, clients, count) if far and not faults else ([], [])
    if crowd.process.returncode:
        more.append(f"the load tool ends with {crowd.process.returncode}")
    return {**result, "fault": "; ".join(faults + more), **QUIET}


def one(results, number, kind, asked, count):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as behind:
        far = Far(behind) if kind == "behind" else None
        try:
            if far:
                far.start()
            row = Near(asked.speech, asked.sessions, far)
            with servers.Server(row, folder) as near:
                results.add(f"sessions {asked.speech} {asked.sessions}", kind, number,
                            round_of(near, far, asked.clients, asked.rate, count))
        except servers.Broken as why:
            results.faults.append(str(why))
        finally:
            if far and far.process:
                servers.stop(far.process)


def run(results, rounds, asked):
    """asked.sessions: the dialect of the server behind; asked.speech: of the clients; how many; messages a second."""
    for number in range(rounds):
        count = RESTARTS if number == rounds - 1 else 1
        for kind in KINDS if number % 2 == 0 else KINDS[::-1]:
            progress(f"round {number + 1}: {asked.clients} clients, {kind}")
            one(results, number, kind, asked, count)
    progress("")


# ---- the tables ----

def spread(found, digits=2):
    if not found:
        return "not measured"
    return f"{statistics.median(found):.{digits}f} ({min(found):.{digits}f}..{max(found):.{digits}f})"


FIGURES = (("memory, KiB", "kib"), ("the same when they have talked", "kib_said"), ("CPU for a login, us", "login_us"),
           ("CPU while idle, ms a minute", "idle_ms"), ("CPU for each message, us", "message_us"),
           ("CPU for each delivery, us", "delivery_us"), ("p50, us", "p50_us"), ("p99, us", "p99_us"),
           ("all are in after, s", "came_s"))


def back_lines(found, clients):
    every = [one for result in found for one in result["restarts"]]
    times = [[one["back"][str(part)] for one in every if one["back"][str(part)] is not None] for part in PARTS]
    yield f"  The server behind is killed, and is there again after {AWAY_S} s: {len(every)} times"
    for part, seconds in zip(PARTS, times):
        yield f"    {f'{part} % of the {clients} are back after, s':44}{spread(seconds)}"
    for title, field in (("attempts of each that failed meanwhile", "failed_each"), ("most that came back in a second", "peak_per_s"),
                         ("CPU of each while it is away, ms", "away_ms"), ("CPU of each for coming back, ms", "back_ms"),
                         ("CPU of the server behind for each, ms", "far_ms")):
        yield f"    {title:44}{spread([one[field] for one in every])}"


def growth_line(found):
    memory = [one["rss_said_kib"] for one in found[max(found)]["restarts"] if "rss_said_kib" in one]
    if len(memory) <= WARM:
        return "    memory over restarts: not measured"
    grown = memory[-1] / memory[WARM - 1]
    return (f"    memory after each of {len(memory)}, MiB: {', '.join(f'{kib / 1024:.1f}' for kib in memory)}; last to number {WARM} "
            f"{grown:.3f}, must {GROWTH_MOST}: {'met' if grown <= GROWTH_MOST else 'NOT MET'}")


def tables(results, asked):
    measure = f"sessions {asked.speech} {asked.sessions}"
    behind, local = results.rounds(measure, "behind"), results.rounds(measure, "local")
    yield ""
    yield (f"{asked.clients} {asked.speech} clients before a server of {asked.sessions}, beside as many in a room of its own; each "
           f"client, of the process in front; {asked.rate} messages a second; {len(behind)} rounds")
    if not behind or not local:
        yield "  not measured"
        return
    yield f"  {'':36}{'before a server':>28}{'a room of its own':>28}{'ratio':>24}"
    for title, field in FIGURES:
        ratios = [behind[n][field] / local[n][field] for n in behind if n in local and local[n][field]]
        yield (f"  {title:36}{spread([one[field] for one in behind.values()]):>28}"
               f"{spread([one[field] for one in local.values()]):>28}{spread(ratios):>24}")
    yield from back_lines(list(behind.values()), asked.clients)
    yield growth_line(behind)
