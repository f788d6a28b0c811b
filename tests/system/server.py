"""The server under test: starts the binary, reads its lines, checks its books and its log."""

import json
import os
import queue
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

VARIANT = os.environ.get("VARIANT", "release")
OUT = os.environ.get("OUT", "build")
BINARY = os.path.join(OUT, "dragoman")

# How much longer things may take under a sanitizer.
SLOW = {"release": 1, "asan": 4, "tsan": 10}.get(VARIANT, 1)

SANITIZER = re.compile(r"(WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer|runtime error:)")


def port_of_ours():
    """A free port that the system gives to nobody who does not ask for it: a server that ended finds
    it free again, whatever runs beside."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        lowest = int(file.read().split()[0])
    while True:
        port = random.randrange(min(10000, lowest - 1), lowest)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


# Of a configuration: what a test leaves out.
LOBBY = "5f0c7a5e-93b4-4b17-8c2f-9c4a8ea95123"
ROOMS = f'( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; history = 100; }} )'
MOUNTS = """(
	{ path = "/mixer"; dialect = "mixer"; room = "lobby"; },
	{ path = "/concord"; dialect = "concord"; room = "lobby"; },
	{ path = "/client"; dialect = "concord"; room = "lobby"; },
	{ path = "/rooms"; dialect = "rooms"; room = "lobby"; },
	{ path = "/simple"; dialect = "simple"; room = "lobby"; }
)"""


class Failure(Exception):
    """What a scenario found wrong."""


def check(condition, why):
    if not condition:
        raise Failure(why)


def until(found, what, within=10):
    """Waits until found() holds; what it found."""
    end = time.monotonic() + within * SLOW
    while not (result := found()):
        check(time.monotonic() < end, f"not in time: {what}")
        time.sleep(0.02)
    return result


def run(*arguments, within=10, prefix=(), **popen):
    """Runs the program to its end; exit status, standard output, standard error. prefix: words of a command
    that runs it; input: bytes that it reads."""
    if "input" not in popen:
        popen["stdin"] = subprocess.DEVNULL
    done = subprocess.run([*prefix, BINARY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=within * SLOW, check=False, **popen)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def configuration(limits="", rooms=ROOMS, mounts=MOUNTS, accounts="()", workers=2, port=0, more="",
                  listener=""):
    """A whole configuration file as text."""
    return f"""
workers = {workers};
guests = true;
{more}
limits = {{ {limits} }};
listeners = ( {{ address = "127.0.0.1"; port = {port}; {listener} mounts = {mounts}; }} );
rooms = {rooms};
accounts = {accounts};
"""


# What can become of an ask or event beside being answered.
FAILED = ("expired", "unavailable", "full", "closing")


def balance(where, books, accepted, outcomes, waiting):
    """accepted = the sum of all outcomes and what is under way, at any moment."""
    total = books[waiting]
    for name in outcomes:
        total += sum(books[name].values()) if isinstance(books[name], dict) else books[name]
    check(books[accepted] == total, f"{where}: {books[accepted]} accepted, {total} accounted for: {books}")


def balance_all(counters):
    """Nothing is lost or counted twice, under load or at rest."""
    outcomes = ("delivered", "degraded", "refused", "expired", "dropped")
    balance("drafts", counters["drafts"], "accepted", ("ordered", "unchanged", "routed", "dropped", "refused"),
            "waiting")
    balance("deliveries", counters["deliveries"], "accepted", outcomes, "in_flight")
    balance("removed rooms", counters["removed_rooms"], "accepted", outcomes, "in_flight")
    for parts in ("rooms", "dialects"):
        for name, part in counters[parts].items():
            balance(f"{parts} {name}", part, "accepted", outcomes, "in_flight")
        total = sum(part["accepted"] for part in counters[parts].values())
        total += counters["removed_rooms"]["accepted"] if parts == "rooms" else 0
        check(counters["deliveries"]["accepted"] == total, f"the {parts} add up to {total}: {counters}")
    for name, books in counters["backends"].items():
        balance(f"asks of {name}", books["asks"], "accepted", ("allowed", "changed", "refused", *FAILED),
                "under_way")
        balance(f"events for {name}", books["events"], "accepted", ("acknowledged", *FAILED), "under_way")
        check(books["instances"]["joined"] >= books["instances"]["left"] + books["instances"]["died"],
              f"{name}: more went than came: {books['instances']}")
    for name, books in counters["taps"].items():
        check(books["accepted"] == books["handed_over"] + books["dropped"], f"tap {name}: {books}")
    for name, books in counters.get("upstreams", {}).items():
        balance(f"events for {name}", books["events"], "accepted",
                ("delivered", "degraded", "expired", "unknown", "dropped", "refused"), "in_flight")
        check(books["links"]["up"] <= books["links"]["open"], f"{name}: more are up than there are: {books['links']}")


def under_way(counters):
    """How much has no outcome yet. Each of them is counted, so none makes up for another."""
    backends = counters["backends"].values()
    return abs(counters["deliveries"]["in_flight"]) + abs(counters["drafts"]["waiting"]) + \
        sum(abs(books[part]["under_way"]) for books in backends for part in ("asks", "events")) + \
        sum(abs(books["events"]["in_flight"]) for books in counters.get("upstreams", {}).values())


def balance_at_rest(counters):
    balance_all(counters)
    check(under_way(counters) == 0, f"something is still under way: {counters}")


class Server:
    """with Server(...) as server: ...; leaving it stops the server and checks the exit status, the
    counters and the log; after a failure it ends it without more ado."""

    def __init__(self, config=None, port=0, workers=2, files=(), **popen):
        self.popen = popen  # of its process, in place of the usual
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-test-")
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.lines = queue.Queue()
        for name, text in dict(files).items():
            self.write(name, text)
        if config is None:
            self.command = [BINARY, "demo", "--port", str(port), "--address", "127.0.0.1",
                            "--workers", str(workers), "--print-json"]
        else:
            self.command = [BINARY, "run", "-c", self.write("dragoman.cfg", config), "--print-json"]
        self.process = None

    def write(self, name, text):
        """A file beside the configuration."""
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def environment(self):
        """Each has a run-time folder of its own, as a service has one."""
        return {"RUNTIME_DIRECTORY": self.folder.name, **self.popen.get("env", os.environ)}

    def start(self):
        usual = {"stdout": subprocess.PIPE, "stderr": self.log, "stdin": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command, **{**usual, **self.popen, "env": self.environment()})
        threading.Thread(target=self.read, args=(self.process.stdout,), daemon=True).start()
        self.info = self.line("start-up")
        self.port = self.info["port"]
        self.owner = self.info.get("owner_secret")
        self.room = self.info["rooms"][0]
        return self

    def refuses(self):
        """In place of start(), where it cannot start: exit status, standard output, standard error."""
        try:
            return run(*self.command[1:], within=20, **{**self.popen, "env": self.environment()})
        finally:
            self.log.close()
            self.folder.cleanup()

    def restart(self, number=signal.SIGKILL):
        """The same again, after it was ended by a signal."""
        self.process.send_signal(number)
        self.process.wait(timeout=15 * SLOW)
        while self.lines.get(timeout=5 * SLOW) is not None:
            pass
        return self.start()

    def read(self, stream):
        for line in stream:
            self.lines.put(line)
        self.lines.put(None)

    def line(self, what):
        try:
            line = self.lines.get(timeout=5 * SLOW)
        except queue.Empty:
            raise Failure(f"no {what} line came") from None
        check(line is not None, f"the server ended before its {what} line")
        try:
            return json.loads(line)
        except ValueError:
            raise Failure(f"the {what} line is no JSON: {line!r}") from None

    def counters(self):
        """The counters of now, which must balance now."""
        self.process.send_signal(signal.SIGUSR1)
        counters = self.line("counters")["counters"]
        balance_all(counters)
        return counters

    def settled(self, condition=lambda counters: True):
        """The counters when nothing is under way any more and condition holds."""
        for _ in range(50 * SLOW):
            counters = self.counters()
            if under_way(counters) == 0 and condition(counters):
                return counters
            threading.Event().wait(0.05)
        raise Failure(f"the counters do not settle: {counters}")

    def endpoint(self, name, kind="backends"):
        """Of a backend, or of one of the "taps"."""
        return next(one["endpoint"] for one in self.info[kind] if one["name"] == name)

    def log_text(self):
        self.log.flush()
        with open(self.log.name, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def log_lines(self, what=""):
        """The log's lines that have this."""
        return [line for line in self.log_text().splitlines() if what in line]

    def logged(self, text, times=1, within=5):
        """Waits until the log has a text, so many times or more; the log."""
        end = time.monotonic() + within * SLOW
        while (log := self.log_text()).count(text) < times:
            check(time.monotonic() < end, f"the log does not say {text!r} {times} times: {log[-3000:]}")
            time.sleep(0.02)
        return log

    def terminate(self):
        """TERM; the exit status, and the last counters."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_end()

    def wait_end(self, seconds=15):
        try:
            status = self.process.wait(timeout=seconds * SLOW)
        except subprocess.TimeoutExpired:
            raise Failure(f"still there {seconds * SLOW} s after TERM") from None
        counters = None
        while True:
            line = self.lines.get(timeout=5)
            if line is None:
                break
            counters = json.loads(line)["counters"]
        return status, counters

    def stop(self):
        status, counters = self.terminate()
        self.process = None
        check(status == 0, f"exit status {status} after TERM")
        check(counters is not None, "no counters at exit")
        balance_at_rest(counters)
        self.check_log()
        return counters

    def check_log(self):
        found = SANITIZER.search(self.log_text())
        if found:
            raise Failure("a sanitizer reports: " + self.log_text()[found.start():][:3000])

    def print_log(self):
        text = self.log_text()
        found = SANITIZER.search(text)
        part = text[found.start():][:4000] if found else text[-2000:]
        if part:
            print("    its log:", part.rstrip().replace("\n", "\n    "), flush=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise

    def __exit__(self, kind, error, trace):
        try:
            if kind is None and self.process:
                self.stop()
        except Failure as failure:
            error = failure
            raise
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if isinstance(error, Exception):
                self.print_log()
            self.log.close()
            self.folder.cleanup()
        return False
