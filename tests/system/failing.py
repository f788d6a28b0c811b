"""A machine that fails: no file left, a log or output nobody reads, closed, or on a full disk. The
server goes on, and says so once."""

import asyncio
import json
import os
import resource
import select
import signal
import subprocess
import time

from chat import close_all, join_all, talk
from server import LOBBY, MOUNTS, SLOW, Server, check, configuration, port_of_ours, run, until
from wire import Wire, door, status


def cpu_seconds(server):
    """Of the whole process so far."""
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_rest(fd):
    """All that lies in a pipe by now."""
    os.set_blocking(fd, False)
    found = b""
    try:
        while True:
            more = os.read(fd, 65536)
            if not more:
                break
            found += more
    except BlockingIOError:
        pass
    return found.decode()


async def talks(server, text, clients=None):
    """People of all dialects are served."""
    there = clients or await join_all(server)
    await talk(there, text)
    if clients is None:
        await close_all(there)


# ---- the log and standard output ----

def unread_log():
    """2,000 requests of which each causes a line, and nobody reads standard error: clients are
    served, USR1 and TERM work. Once it is read, the lines missing are counted."""
    trace = configuration(more='log_level = "trace";')  # where no line is left out
    reading, writing = os.pipe()
    with Server(trace, stderr=writing) as server:
        os.close(writing)
        for _ in range(2000):
            status(server, "/rooms")
        asyncio.run(talks(server, "unread"))
        found = read_rest(reading)
        check(len(found) < 1 << 20 and "refused login" in found, f"{len(found)} bytes of log")
        status(server, "/rooms")
        check(server.counters()["connections"]["refused"] == {"not_logged_in": 2001}, f"{server.counters()['connections']}")
        missing = [line for line in read_rest(reading).splitlines() if "lines were dropped here" in line]
        check(len(missing) == 1, f"{missing}")
        for _ in range(2000):
            status(server, "/rooms")
        server.stop()
    os.close(reading)


def unread_output():
    """Standard output that nobody reads, and many USR1: the same."""
    reading, writing = os.pipe()
    server = Server(configuration())
    process = subprocess.Popen(server.command, stdout=writing, stderr=server.log, stdin=subprocess.DEVNULL)
    os.close(writing)
    server.process = process
    try:
        server.port = int(os.read(reading, 65536).partition(b'"port":')[2].partition(b",")[0])
        for _ in range(300):
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.002)
        for _ in range(100):
            check(status(server, "/mixer") == 101, "an upgrade")
        process.send_signal(signal.SIGTERM)
        check(process.wait(timeout=10 * SLOW) == 0, "exit status after TERM")
        check(len(server.log_lines("standard output is not read")) == 1, server.log_text())
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(reading)
        server.process = None
        server.log.close()
        server.folder.cleanup()


def read_for(fd, what):
    """Reads until that has come."""
    found = b""
    while what not in found:
        check(select.select([fd], [], [], 10 * SLOW)[0], f"no {what} is printed")
        found += os.read(fd, 65536)


def connects(port):
    try:
        Wire(port).__exit__()
    except ConnectionRefusedError:
        return False
    return True


def full_output():
    """Standard output that takes nothing from the start: people are served all the same, and what is
    told at start comes when it is read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(65536))
    except BlockingIOError:
        os.set_blocking(writing, True)
    port = port_of_ours()
    server = Server(configuration(port=port))
    server.process = subprocess.Popen(server.command, stdout=writing, stderr=server.log, stdin=subprocess.DEVNULL)
    os.close(writing)
    try:
        until(lambda: connects(port), "it listens")
        with Wire(port) as wire:
            wire.upgrade("/mixer")
        read_for(reading, b'"port":%d,' % port)
        server.process.send_signal(signal.SIGTERM)
        read_for(reading, b'"connections"')
        check(server.process.wait(timeout=10 * SLOW) == 0, "exit status after TERM")
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        os.close(reading)
        server.process = None
        server.log.close()
        server.folder.cleanup()


def closed_outputs():
    """Standard input, output and error closed, or error on a full disk: no connection takes their
    place, and people are served."""
    def close_error():
        os.close(2)

    def close_all_three():
        os.dup2(1, 9)  # the pipe in which the start-up line is wanted
        os.closerange(0, 3)
        os.dup2(9, 1)
        os.close(9)

    for prepare in (close_error, close_all_three):
        with Server(configuration(), preexec_fn=prepare) as server:
            check(os.readlink(f"/proc/{server.process.pid}/fd/2") == "/dev/null", "what is 2?")
            asyncio.run(talks(server, "closed"))
            for _ in range(100):
                status(server, "/rooms")
            check(server.counters()["connections"]["refused"] == {"not_logged_in": 100}, f"{server.counters()['connections']}")
    with open("/dev/full", "wb") as full, Server(configuration(), stderr=full) as server:
        for _ in range(100):
            status(server, "/rooms")
        asyncio.run(talks(server, "full"))


# ---- the disk ----

def full_disk():
    """No room for the id mark: told, not for ever again; ids go on; when there is room, no more."""
    if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("SKIPPED the disk is not filled: no file system of our own can be made here", flush=True)
        return
    server = Server(configuration(more='state = "full/state"; storage = { engine = "memory"; };'))
    folder = os.path.join(server.folder.name, "full")
    os.mkdir(folder)
    script = ('mount -t tmpfs -o size=64k none "$0" && mkdir "$0/state" || exit 1; "$@" & pid=$!; '
              'trap "" TERM; sleep 1; head -c 1000000 /dev/zero >"$0/filler" 2>/dev/null; touch "$0/../filled"; '
              'while [ ! -e "$0/../empty" ]; do sleep 0.1; done; rm "$0/filler"; wait $pid')
    server.command = ["unshare", "-rm", "sh", "-c", script, folder, *map(os.path.abspath, server.command[:1]),
                      *server.command[1:]]
    with server:
        async def scenario():
            clients = await join_all(server)
            while not os.path.exists(os.path.join(server.folder.name, "filled")):
                await asyncio.sleep(0.05)
            await asyncio.to_thread(server.logged, "cannot write the id mark", within=20)
            await talks(server, "on a full disk", clients)
            await close_all(clients)

        asyncio.run(scenario())
        time.sleep(5.5)  # it is tried again meanwhile
        told = server.log_lines("cannot write the id mark")
        check(len(told) == 1 and "No space left" in told[0], f"{told}")
        open(os.path.join(server.folder.name, "empty"), "w", encoding="ascii").close()
        server.logged("the id mark is written into", within=20)
        children = subprocess.run(["pgrep", "-P", str(server.process.pid)], stdout=subprocess.PIPE,
                                  check=False).stdout.split()
        for child in children:
            os.kill(int(child), signal.SIGTERM)
        server.wait_end()
        server.process = None


def threads_of(server):
    """Their names."""
    folder = f"/proc/{server.process.pid}/task"
    names = set()
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/comm", encoding="ascii") as file:
            names.add(file.read().strip())
    return names


def slow_disk():
    """A disk on which the id mark takes its time: the server goes on meanwhile. In place of the disk
    there is a pipe, which cannot be opened until somebody reads it."""
    with Server(configuration(more='state = "state";')) as server:
        pipe = os.path.join(server.folder.name, "state", "ids.new")
        os.mkfifo(pipe)
        until(lambda: "state" in threads_of(server), "somebody writes the id mark", 20)
        asyncio.run(talks(server, "meanwhile"))
        check(server.counters()["connections"]["accepted"] > 0, "the main thread does not go on")
        reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        os.unlink(pipe)
        until(lambda: "the id mark is written into" in server.log_text(), "it writes again", 20)
        os.close(reading)


# ---- files ----

def few_files():
    """A limit too small to start says so; a small one has fewer connections, and files are left."""
    for most in (12, 30):
        code, _, errors = run("demo", "--port", "0", "--workers", "2", preexec_fn=lambda most=most:
                              resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
        check(code == 1 and "ulimit -n" in errors, f"{most} files: {code}: {errors}")

    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with Server(configuration(), preexec_fn=limit) as server:
        wires = [Wire(server.port) for _ in range(60)]
        time.sleep(0.5)
        counters = server.counters()["connections"]
        check(20 <= counters["turned_away"] < 60, f"{counters}")
        check(not server.log_lines("cannot accept connections"), server.log_text())
        for wire in wires:
            wire.__exit__()
        time.sleep(0.3)
        asyncio.run(talks(server, "few files"))


def no_files():
    """Not a file left: it rests, says so once, and goes on when there is room."""
    with Server(configuration()) as server:
        def limit(most):
            _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (most, hard))

        async def scenario():
            clients = await join_all(server)
            open_now = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            limit(open_now)
            wires = [Wire(server.port) for _ in range(60)]
            before = cpu_seconds(server)
            await asyncio.sleep(1)
            spent = cpu_seconds(server) - before
            check(spent < 0.3 * SLOW, f"{spent} s of a core in 2 s")
            await talks(server, "without a file", clients)
            limit(open_now + 200)
            wires[-1].upgrade("/mixer")
            told = server.log_lines("cannot accept connections")
            check(len(told) == 1 and "Too many open files" in told[0], f"{told}")
            for wire in wires:
                wire.__exit__()
            await talks(server, "with files", clients)
            await close_all(clients)

        asyncio.run(scenario())


# ---- memory ----

ASIDE = f'''( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; }},
    {{ name = "aside"; mixer = 2; concord = 2; history = 100; }} )'''


def cpu_ns(server):
    """What all threads have used so far."""
    folder = f"/proc/{server.process.pid}/task"
    total = 0
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


def memory_bytes_of(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def mixer_frame(method, *arguments):
    return json.dumps({"type": "method", "method": method, "arguments": arguments, "id": 1}).encode()


class Stopped(Wire):
    """A mixer client that asks for the history of the room aside, and never reads it."""

    def __init__(self, server, number):
        super().__init__(server.port, receive_buffer=4096)
        self.upgrade(f"/mixer?name=stopped{number}")
        self.frame(1, mixer_frame("auth", 2, number, "k"))
        self.ask()

    def ask(self):
        for _ in range(3):
            self.frame(1, mixer_frame("history", 100))


async def cost(server, people, name, messages=2000):
    """Nanoseconds a message."""
    before = cpu_ns(server)
    for i in range(messages):
        await people["concord"].say(f"{name} {i}")
        if i % 50 == 49:
            await asyncio.gather(*(client.hears(f"{name} {i}", 5 * SLOW) for client in people.values()))
    return (cpu_ns(server) - before) / messages


def fill_history(server):
    """500,000 bytes of it in the room aside."""
    with Wire(server.port) as loud:
        loud.upgrade("/aside", door("simple", "loud")[1])
        for i in range(100):
            loud.frame(1, json.dumps({"type": "send_message", "payload_id": i, "message": "y" * 5000}).encode())
        loud.read(lambda data: data.count(b'"type":"reply"') > 99, 5)


async def settle_down(server):
    """Those that were cut have left."""
    last = None
    while server.counters()["connections"]["open"] != last:
        last = server.counters()["connections"]["open"]
        await asyncio.sleep(1)


def stopped_readers():
    """Readers that stop, with more waiting than the budget has: the fullest are cut, told once, counted;
    what the server takes is bounded, and to others a message costs what it does at another server at
    the same time. STOPPED_READERS=10000 for the full size."""
    count = int(os.environ.get("STOPPED_READERS", "120"))
    full = count >= 10000
    budget = 2 << 30 if full else count * 400000
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

    async def scenario(server, other):
        people, others = await join_all(server), await join_all(other)
        fill_history(server)
        stopped, most, small = [], 0, memory_bytes_of(server)
        for number in range(count):
            stopped.append(await asyncio.get_running_loop().run_in_executor(None, Stopped, server, number + 10))
        for _ in range(6):  # the kernel takes the first
            for number, reader in enumerate(stopped):
                reader.ask()
                most = max(most, memory_bytes_of(server) - small if number % 20 == 19 else 0)
            await asyncio.sleep(0.2)
        connections = server.counters()["connections"]
        check(connections["cut_for_memory"] > count / 20, f"{connections}")
        check(most < (1.25 * budget + (100 << 20)) * SLOW, f"{most} bytes more for {budget}")
        told = server.log_lines("memory_bytes")
        check(len(told) == 1, f"{told}")
        await settle_down(server)
        costs = [(await cost(server, people, f"a{i}"), await cost(other, others, f"b{i}")) for i in range(12 if full else 3)]
        here, there = (min(each) for each in zip(*costs))
        # Elsewhere more is running: what others cost is judged only where it is asked for.
        if full:
            print(f"    {count} readers: {connections['cut_for_memory']} cut, {most >> 20} MiB more at most, "
                  f"{here / 1000:.1f} us a message, elsewhere {there / 1000:.1f}", flush=True)
            check(here < there * 1.1, f"{here} ns a message, elsewhere {there}: {costs}")
        for wire in stopped:
            wire.__exit__()
        await close_all({**people, **{f"other {name}": client for name, client in others.items()}})

    limits = f"messages_per_second = 0; memory_bytes = {budget}L; outbox_bytes = 4194304; connections = {count + 99};"
    config = configuration(limits, rooms=ASIDE, mounts=MOUNTS.replace("\n)", """,
\t{ path = "/aside"; dialect = "simple"; room = "aside"; }\n)"""))
    with Server(config) as server, Server(config) as other:
        asyncio.run(scenario(server, other))


SCENARIOS = [unread_log, unread_output, full_output, closed_outputs, full_disk, slow_disk, few_files, no_files, stopped_readers]
WAITING = [full_disk, slow_disk]
