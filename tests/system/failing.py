"""A machine that fails: no file left, a log or output nobody reads, closed, or on a full disk. The
server goes on, and says so once."""

import asyncio
import os
import resource
import signal
import subprocess
import threading
import time

from chat import close_all, join, join_all, talk
from server import BINARY, SLOW, Server, check, configuration
from wire import Wire, door


def status(server, path, *headers):
    with Wire(server.port) as wire:
        return wire.request(path, *headers).status


def lines_of(text, what):
    return [line for line in text.splitlines() if what in line]


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
        missing = lines_of(read_rest(reading), "lines are missing here")
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
        check(len(lines_of(server.log_text(), "nobody reads standard output")) == 1, server.log_text())
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
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
    if subprocess.run(["unshare", "-rm", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("    no file system of our own can be made here: the disk is not filled", flush=True)
        return
    server = Server(configuration(more='state = "full/state";'))
    folder = os.path.join(server.folder.name, "full")
    os.mkdir(folder)
    script = ('mount -t tmpfs -o size=64k none "$0" && mkdir "$0/state" && "$@" & trap "" TERM; '
              'pid=$!; sleep 1; cat /dev/zero >"$0/filler" 2>/dev/null; touch "$0/../filled"; '
              'while [ ! -e "$0/../empty" ]; do sleep 0.1; done; rm "$0/filler"; wait $pid')
    server.command = ["unshare", "-rm", "sh", "-c", script, folder, *map(os.path.abspath, server.command[:1]),
                      *server.command[1:]]
    with server:
        async def scenario():
            clients = await join_all(server)
            while not os.path.exists(os.path.join(server.folder.name, "filled")):
                await asyncio.sleep(0.05)
            end = time.monotonic() + 20 * SLOW
            while not lines_of(server.log_text(), "cannot write the id mark") and time.monotonic() < end:
                await asyncio.sleep(0.1)
            await talks(server, "on a full disk", clients)
            await close_all(clients)

        asyncio.run(scenario())
        told = lines_of(server.log_text(), "cannot write the id mark")
        check(len(told) == 1 and "No space left" in told[0], f"{told}")
        open(os.path.join(server.folder.name, "empty"), "w", encoding="ascii").close()
        children = subprocess.run(["pgrep", "-P", str(server.process.pid)], stdout=subprocess.PIPE,
                                  check=False).stdout.split()
        for child in children:
            os.kill(int(child), signal.SIGTERM)
        server.wait_end()
        server.process = None


# ---- files ----

def few_files():
    """A limit too small to start says so; a small one has fewer connections, and files are left."""
    for most in (12, 30):
        done = subprocess.run([BINARY, "demo", "--port", "0", "--workers", "2"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=10 * SLOW, check=False,
                              preexec_fn=lambda most=most: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                                              (most, most)))
        check(done.returncode == 1 and b"ulimit -n" in done.stderr, f"{most} files: {done}")

    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with Server(configuration(), preexec_fn=limit) as server:
        wires = [Wire(server.port) for _ in range(60)]
        time.sleep(0.5)
        counters = server.counters()["connections"]
        check(20 <= counters["turned_away"] < 60, f"{counters}")
        check(not lines_of(server.log_text(), "no connection can be accepted"), server.log_text())
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
            await asyncio.sleep(2)
            spent = cpu_seconds(server) - before
            check(spent < 0.3 * SLOW, f"{spent} s of a core in 2 s")
            await talks(server, "without a file", clients)
            limit(open_now + 200)
            wires[-1].upgrade("/mixer")
            told = lines_of(server.log_text(), "no connection can be accepted")
            check(len(told) == 1 and "Too many open files" in told[0], f"{told}")
            for wire in wires:
                wire.__exit__()
            await talks(server, "with files", clients)
            await close_all(clients)

        asyncio.run(scenario())


SCENARIOS = [unread_log, unread_output, closed_outputs, full_disk, few_files, no_files]
