"""What the guide tells a newcomer, word for word, and what an operator is told who follows it."""

import asyncio
import getopt
import json
import os
import re
import select
import shlex
import signal
import subprocess
import tempfile
import time
import urllib.request

import websockets

from backends import until
from chat import Client
from server import BINARY, SLOW, Failure, Server, check, configuration, run

CLIENT = re.compile(r"    /usr/bin/python3 -m websockets '(ws://[^']+)'\n((?:    \{.*\n)+)")


def try_it():
    """The clients of the guide's "Try it": [(URL, frames)]."""
    with open("contrib/doc/guide.md", encoding="utf-8") as file:
        section = file.read().split("\n## Try it\n")[1].split("\n## ")[0]
    found = [(url, [line.strip() for line in lines.splitlines()]) for url, lines in CLIENT.findall(section)]
    check(len(found) == 4, f"{len(found)} clients in the guide")
    return found


def readme_works_from_defaultconfig():
    """The four clients of "Try it" hear each other on a server that runs what defaultconfig prints."""
    async def scenario(server):
        clients = []
        for url, frames in try_it():
            check(":7000/" in url, f"another port: {url}")
            url = url.replace(":7000/", f":{server.port}/")
            dialect = re.search(r":\d+/(\w+)", url)[1]
            socket = await websockets.connect(url, compression=None)
            clients.append((Client(socket, dialect, dialect, server.room), frames))
        for client, frames in clients:
            if client.dialect == "mixer":
                await client.send(frames[0])
                reply = await client.expect(lambda frame: frame["type"] == "reply", "a reply")
                check(reply["error"] is None, f"the guide's login: {reply}")
        await asyncio.sleep(0.2)
        for client, frames in clients:
            await client.send(frames[-1])
        for client, _ in clients:
            for speaker, _ in clients:
                wanted = f"hello from {speaker.dialect}"
                await until(lambda c=client, w=wanted: w in c.heard(), f"{wanted!r} in {client.dialect}", SLOW)
        for client, _ in clients:
            await client.close()

    code, sample, _ = run("defaultconfig")
    check(code == 0 and "port = 7000;" in sample, "defaultconfig has another port")
    with Server(sample.replace("port = 7000;", "port = 0;")) as server:
        asyncio.run(scenario(server))
        code, _, errors = run("reload", "-c", os.path.join(server.folder.name, "dragoman.cfg"))
        check(code == 0, f"the guide's reload: {code}, {errors}")
        server.logged("reloaded:")


def readme_works_by_http():
    """The requests of "Try it" are answered, on a server that runs what defaultconfig prints."""
    with open("contrib/doc/guide.md", encoding="utf-8") as file:
        section = file.read().split("\n## Try it\n")[1].split("\n## ")[0]
    lines = re.findall(r"    curl (.*)\n", section)
    check(len(lines) == 4, f"{len(lines)} requests in the guide")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    code, sample, _ = run("defaultconfig")
    check(code == 0, "no defaultconfig")
    with Server(sample.replace("port = 7000;", "port = 0;")) as server:
        for line in lines:
            options, (url,) = getopt.getopt(shlex.split(line), "H:d:")
            check("127.0.0.1:7000/" in url, f"another port: {url}")
            request = urllib.request.Request(url.replace(":7000/", f":{server.port}/"))
            for option, value in options:
                if option == "-d":
                    request.data = value.encode()
                else:
                    request.add_header(*value.split(": "))
            with opener.open(request, timeout=10 * SLOW) as answer:
                check(json.load(answer), f"the guide's {line}: {answer.status}")


class Terminal:
    """Somebody who starts a program in a terminal, and types."""

    def __init__(self, *command):
        self.screen = b""
        self.keys, terminal = os.openpty()
        self.process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal,
                                        env={**os.environ, "TERM": "vt100"}, start_new_session=True)
        os.close(terminal)

    def shows(self, pattern, within=10):
        """Reads until this is on the screen, in one line."""
        end = time.monotonic() + within * SLOW
        while not re.search(pattern.encode(), self.screen):
            left = end - time.monotonic()
            check(left > 0 and select.select([self.keys], [], [], left)[0],
                  f"{self.process.args}: no {pattern!r} but {self.screen}")
            try:
                self.screen += os.read(self.keys, 65536)
            except OSError:
                raise Failure(f"{self.process.args}: ended with {self.screen}") from None

    def types(self, line):
        os.write(self.keys, line.encode() + b"\n")

    def ends(self):
        """ctrl-d, as the guide says."""
        os.write(self.keys, b"\x04")
        self.shows("Connection closed: 1000")
        return self.process.wait(timeout=10 * SLOW)


def readme_works_in_terminals():
    """The same with the commands themselves, as python3-websockets is a program there."""
    code, sample, _ = run("defaultconfig")
    check(code == 0, "no defaultconfig")
    with Server(sample.replace("port = 7000;", "port = 0;")) as server:
        terminals = []
        for url, frames in try_it():
            url = url.replace(":7000/", f":{server.port}/")
            terminals.append((Terminal("/usr/bin/python3", "-m", "websockets", url), frames))
        try:
            for terminal, frames in terminals:
                terminal.shows("Connected to ws://")
                if len(frames) > 1:
                    terminal.types(frames[0])
                    terminal.shows('"authenticated":true')
            for terminal, frames in terminals:
                terminal.types(frames[-1])
            for terminal, _ in terminals:
                for wanted in ("mixer", "concord", "rooms", "simple"):
                    terminal.shows(f"< {{.*hello from {wanted}")  # received, not typed
            for terminal, _ in terminals:
                check(terminal.ends() == 0, f"{terminal.process.args} ends with {terminal.process.returncode}")
        finally:
            for terminal, _ in terminals:
                terminal.process.kill()
                terminal.process.wait()
                os.close(terminal.keys)
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def warnings_are_told():
    """Probable mistakes: check prints it and says 0, run logs the same."""
    listener = 'listeners = ( { address = "0.0.0.0"; port = 0; } );\nstate = "";\n'
    with Server(listener) as server:
        path = server.command[3]
        code, out, err = run("check", "-c", path)
        check((code, out) == (0, f"{path}: ok\n"), f"check ends with {code}: {out}")
        told = [line.split(": warning: ") for line in err.splitlines() if "running as root" not in line]
        wanted = [(f"{path}:1", "hosts is empty"), (f"{path}:1", "admits guests without TLS"),
                  (f"{path}:2", "state is empty")]
        check(len(told) == len(wanted) and all(a[0] == b[0] and b[1] in a[1] for a, b in zip(told, wanted)),
              f"check warns of {err}")
        check(("running as root" in err) == (os.geteuid() == 0), f"of root: {err}")
        log = server.log_text()
        for line in err.splitlines():
            wanted = re.escape(line.replace(": warning: ", ": "))
            check(re.search(r"^\S+Z warning " + wanted + "$", log, re.MULTILINE),
                  f"{line!r} is not in the log: {log}")


def one_server_for_a_state_folder():
    """The second says who has it, and exits with 1; when the first is gone, it may have it."""
    with tempfile.TemporaryDirectory() as folder:
        text = configuration(more=f'state = "{folder}/state";')
        second = os.path.join(folder, "second.cfg")
        with open(second, "w", encoding="utf-8") as file:
            file.write(text)
        with Server(text) as server:
            code, out, err = run("run", "-c", second)
            check((code, out) == (1, ""), f"the second ends with {code}: {out}{err}")
            check(f"the state folder {folder}/state is in use by process {server.process.pid}\n" in err, err)
            check(run("check", "-c", second)[0] == 0, "check of the second")
        with subprocess.Popen([BINARY, "run", "-c", second, "--print-json"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            line = process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=15 * SLOW)
        check(json.loads(line)["port"] and process.returncode == 0, f"after the first: {line}")


def paths_that_cannot_be():
    """A pid_file and a state folder that the server could not use are told by check, with all else."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "some.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write('pid_file = "none/pid";\nstate = "some.cfg";\nroutes = (\n{ text = "(x"; '
                       'then = ( { drop = true; } ); },\n{ text = "x"; then = ( { drop = true; } ); },\n'
                       '{ text = "x"; author = "ann"; then = ( { drop = true; } ); } );\nworkers = 99;\n')
        for command in ("check", "run"):
            code, _, err = run(command, "-c", path)
            lines = [line[len(path):] for line in err.splitlines()]
            wanted = [":1: error: pid_file ", ":2: error: state ", ":4: error: the pattern of text is invalid",
                      ":6: error: can never match", ":7: error: workers is 99"]
            check(code == 78 and len(lines) == len(wanted), f"{command} ends with {code}: {err}")
            for line, start in zip(lines, wanted):
                check(line.startswith(start), f"{command}: {line!r} is not {start!r}")


SCENARIOS = [readme_works_from_defaultconfig, readme_works_in_terminals, readme_works_by_http, warnings_are_told,
             one_server_for_a_state_folder, paths_that_cannot_be]
