"""A configuration that is anything but a file of text, under load: the server goes on, nobody is dropped,
and each command says at which line what is wrong."""

import asyncio
import os
import random
import re
import shutil
import socket
import stat
import threading
import time

from backends import until
from chat import close_all, join_all, talk
from reloads import Reloader, keep_talking
from routing import NO_RATE, Talker, all_ended
from server import SLOW, Server, check, configuration, run

MIB = 1024 * 1024
GOOD = configuration(NO_RATE)
DEVICE, SYSTEM = "it is a device", "Input/output error|Invalid argument|a file of the kernel"


def text(data):
    """Makes a file of these bytes."""
    def make(path):
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
    return make


def link(target):
    return lambda path: os.symlink(target, path)


def fifo(path):
    os.mkfifo(path)


def listening_socket(path):
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.close()


def sparse(size):
    def make(path):
        with open(path, "wb") as file:
            file.truncate(size)
    return make


def beside(path, name):
    return os.path.join(os.path.dirname(path), name)


def pair(path):
    """Two that include each other."""
    text(f'@include "{os.path.basename(path)}"\n')(beside(path, "other"))
    text('@include "other"\n')(path)


def chain(path):
    for number in range(100):
        text(f'@include "chain{number + 1}"\n')(beside(path, f"chain{number}"))
    text('@include "chain0"\n')(path)


def many(path):
    text("")(beside(path, "empty"))
    text('@include "empty"\n' * 1000)(path)


def parts(path):
    text("#" * (3 * MIB))(beside(path, "part"))
    text('@include "part"\n' * 10)(path)


def unreadable(path):
    """For whoever has all rights, one that only the system can write."""
    if os.geteuid():
        text(GOOD)(path)
        os.chmod(path, 0)
    else:
        os.symlink("/proc/self/clear_refs", path)


def missing(path):
    del path


def noise(path):
    text(bytes(random.Random(7).randrange(1, 256) for _ in range(64 * 1024)))(path)


# Name, how it is made, what is said of it. None: it is right, and taken.
ODD = [
    ("a folder", os.mkdir, "it is a folder"),
    ("a link to /", link("/"), "it is a folder"),
    ("a FIFO", fifo, "it is a FIFO"),
    ("a socket", listening_socket, "it is a socket"),
    ("/dev/zero", link("/dev/zero"), DEVICE),
    ("/dev/full", link("/dev/full"), DEVICE),
    ("/dev/tty", link("/dev/tty"), DEVICE),
    ("/dev/stdin", link("/dev/stdin"), DEVICE),
    ("/proc/self/mem", link("/proc/self/mem"), SYSTEM),
    ("/proc/version", link("/proc/version"), SYSTEM),
    ("/proc/kmsg", link("/proc/kmsg"), f"{SYSTEM}|Operation not permitted|Permission denied|"
                                       "Resource temporarily unavailable"),
    ("a link to itself", link("odd"), "Too many levels|No such file"),
    ("a link to nothing", link("nothing"), "No such file"),
    ("none", missing, "No such file"),
    ("unreadable", unreadable, "Permission denied|Invalid argument"),
    ("one that includes itself", lambda path: text(f'@include "{os.path.basename(path)}"\n')(path),
     "it includes itself"),
    ("two that include each other", pair, "it includes itself"),
    ("a chain of 100", chain, "more than ten deep"),
    ("1,000 includes", many, "more than 256 files"),
    ("30 MiB in ten parts", parts, "all files together are too large"),
    ("100 MiB", sparse(100 * MIB), "it is too large"),
    ("16 EiB, nearly", sparse(2 ** 43), "it is too large"),
    ("2 MiB of NUL", sparse(2 * MIB), "a NUL byte"),
    ("a NUL byte", text("workers = 2;\n\0"), "a NUL byte"),
    ("a program", lambda path: shutil.copy("/bin/true", path), "a NUL byte"),
    ("noise", noise, "error"),
    ("UTF-16", text("workers = 2;\n".encode("utf-16")), "this file is UTF-16"),
    ("UTF-16 without a mark", text("workers = 2;\n".encode("utf-16-le")), "a NUL byte"),
    ("Latin-1", text('log_level = "d\u00e9bug";'.encode("latin-1")), "not UTF-8"),
    ("a byte order mark", text("\ufeffguests = true;\n"), "byte order mark"),
    ("non-breaking spaces", text("guests\u00a0= true;\n"), "non-breaking space"),
    ("JSON", text('{ "workers": 2 }'), "looks like JSON"),
    ("YAML", text("workers: 2\nlog_level: info\n"), "'info' has no quotes"),
    ("3 MiB of (", text("workers = " + "(" * (3 * MIB)), "deep"),
    ("3 MiB without a quote's end", text('state = "' + "x" * (3 * MIB)), "closing '\"' is missing"),
    ("a comment without an end", text("/*" + "*" * (3 * MIB)), "unterminated comment"),
    ("300,000 names", text("".join(f"n{n}=1;" for n in range(300000))), "more than 100 names"),
    ("a million items", text("workers = (" + "1," * 1000000), "more than 20000 items"),
    ("a million errors", text(";" * 1000000), "too many errors"),
    ("one text in a million parts", text("log_level = " + '"" ' * 1000000 + ";"), "log_level is empty"),
    ("a pattern", text('@include "*.cfg"\n'), "patterns are not expanded"),
    ("an include of /", text('@include "/"\n'), "it is a folder"),
    ("an include of a long name", text(f'@include "{"x" * 5000}"\n'), "File name too long"),
    ("an include without a name", text("@include other\n"), "a file name in quotes"),
    ("cut in half", text(GOOD[:len(GOOD) // 2]), "unclosed|error"),
]

# As part of a file these are right.
FINE = [
    ("empty", text("")),
    ("one line end", text("\n")),
    ("a comment without a line's end", text("# nothing")),
    ("CR and LF", text("# nothing\r\n\r\n")),
    ("a directive without a line's end", text('pid_file = ""')),
]


def clear(folder):
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name == "log" or name == "dragoman.cfg" and stat.S_ISREG(os.lstat(path).st_mode):
            continue
        os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)


def commands_refuse(path, name, said):
    for command in ("check", "run", "reload"):
        began = time.monotonic()
        code, out, err = run(command, "-c", path)
        check((code, out) == (78, ""), f"{name}: {command} ends with {code}: {out}{err[:500]}")
        lines = err.splitlines()
        check(lines and all(re.match(r"/\S+:\d+: error: .", line) for line in lines),
              f"{name}: {command} says {err[:500]}")
        check(re.search(said, err), f"{name}: no word of {said} by {command}: {err[:500]}")
        check(time.monotonic() - began < 3 * SLOW, f"{name}: {command} took {time.monotonic() - began:.1f} s")


async def reload_refuses(reloader, name, said):
    """With time, level and line."""
    reloader.server.process.send_signal(1)
    began = time.monotonic()
    taken, told = await until(reloader.word, f"a word about {name}", 5 * SLOW, 0.003)
    told = told.decode("utf-8", "replace")
    check(not taken, f"{name} was taken: {told[:500]}")
    check(re.search(said, told), f"{name}: no word of {said}: {told[:500]}")
    for line in told.splitlines():
        check(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (error /\S+:\d+: error: |warning not reloaded)", line),
              f"{name}: a line of the log is {line!r}")
    check(time.monotonic() - began < 3 * SLOW, f"{name} took {time.monotonic() - began:.1f} s")


async def in_thread(function, *arguments):
    await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


async def try_odd(reloader, folder, main):
    """Each odd file as the configuration itself, then included by a good one."""
    odd = os.path.join(folder, "odd")
    for name, make, said in ODD:
        clear(folder)
        os.unlink(main)
        make(main if name != "a link to itself" else odd)
        if name == "a link to itself":
            os.symlink("odd", main)
        await in_thread(commands_refuse, main, name, said)
        await reload_refuses(reloader, name, said)
        if os.path.isdir(main) and not os.path.islink(main):
            os.rmdir(main)
        elif os.path.lexists(main):
            os.unlink(main)
        text(GOOD + '@include "odd"\n')(main)
        clear(folder)
        make(odd)
        await in_thread(commands_refuse, main, name + ", included", said)
        await reload_refuses(reloader, name + ", included", said)
    clear(folder)


async def try_fine(reloader, folder, main):
    for name, make in FINE:
        make(os.path.join(folder, "odd"))
        taken, told = await reloader.reload(GOOD + '@include "odd"')
        check(taken, f"{name}, included, was not taken: {told}")
        code, _, err = await asyncio.get_running_loop().run_in_executor(None, run, "check", "-c", main)
        check(code == 0, f"{name}, included: {err}")


class Meddler:
    """Changes the included file all the time, on a thread."""

    def __init__(self, path, step):
        self.path, self.step, self.done = path, step, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.done.is_set():
            self.step(self.path)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def grow(path):
    if os.path.exists(path) and os.path.getsize(path) > 3 * MIB:
        os.unlink(path)
    with open(path, "ab") as file:
        file.write(b"#" * 65535 + b"\n")


def rewrite(path):
    text("# one\n" * 1000)(path)
    text("")(path)


def replace(path):
    text("# one\n" * 100000)(path + ".new")
    os.rename(path + ".new", path)
    os.unlink(path)


async def try_changing(reloader, folder, main):
    """Whatever state it is caught in, it is taken or refused with a word, and never in part."""
    odd = os.path.join(folder, "odd")
    for step in (grow, rewrite, replace):
        text("")(odd)
        with Meddler(odd, step):
            for _ in range(100):
                taken, told = await reloader.reload(GOOD + '@include "odd"\n')
                check(taken or re.search(rb"odd: (it changed while it was read|No such file|it is too large)",
                                         told), f"{step.__name__}: {told[:500]}")
        clear(folder)


def odd_files_under_load():
    """45 odd files, as the configuration and included by it, and three that change all the time; all
    four dialects talk meanwhile, and miss nothing."""
    async def scenario(server):
        clients = await join_all(server)
        talkers, done = [Talker(client) for client in clients.values()], asyncio.Event()
        talking = asyncio.gather(*(keep_talking(talker, done) for talker in talkers))
        reloader, main = Reloader(server), server.command[3]
        folder = os.path.dirname(main)
        await try_odd(reloader, folder, main)
        await try_fine(reloader, folder, main)
        await try_changing(reloader, folder, main)
        taken, told = await reloader.reload(GOOD)
        check(taken, f"the good one was not taken again: {told}")
        done.set()
        await talking
        said = await all_ended(talkers)
        check(not any(talker.refused() for talker in talkers), "refused")
        check(len(said) == sum(talker.sent for talker in talkers) > 100, f"{len(said)} messages")
        counters = server.settled()
        check(counters["connections"]["open"] == 4, f"somebody was dropped: {counters['connections']}")
        await talk(clients, "after all that")
        await close_all(clients)

    with Server(GOOD) as server:
        asyncio.run(scenario(server))


SCENARIOS = [odd_files_under_load]
