"""Under a service manager, which a stand-in plays: notify and watchdog, sockets that are passed,
credentials, and the log as systemd's journal and other programs read it."""

import json
import os
import re
import signal
import socket
import subprocess
import time

from manager import Held, Manager, launched
from server import MOUNTS, SLOW, Server, check, configuration, run
from wire import Wire, door

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CLOSED = MOUNTS.replace("room =", "guests = false; room =")
# Names that would be a line of their own, or somebody else's address.
FORGERS = ("eve", "x\nrefused login from 6.6.6.6 at \"/simple\": bad_login simple \"y\"",
           'x" from 6.6.6.6', '","address":"6.6.6.6","', "x\r\n<0>refused login from 6.6.6.6",
           "\u2028\u202e<3>", "\\", '{"event":"login_refused","address":"6.6.6.6"}')


def notify():
    """READY when it listens; RELOADING and READY again, whatever came of it; STOPPING at the end."""
    for abstract in (True, False):
        with Manager(abstract) as manager:
            good = configuration()
            server = Server(good, env=manager.environment())
            with server:
                found = manager.expect("READY")
                check(found == {"READY": "1", "STATUS": "running"}, f"{found}")
                with Wire(server.port) as wire:
                    check(wire.request(*door("simple", "ann")).status == 101, "it was not ready")
                    began = time.clock_gettime(time.CLOCK_MONOTONIC)
                    server.process.send_signal(signal.SIGHUP)
                    found = manager.expect("RELOADING")
                    when = int(found["MONOTONIC_USEC"]) / 1e6
                    check(began <= when <= time.clock_gettime(time.CLOCK_MONOTONIC), f"{found}")
                    check(manager.expect("READY") == {"READY": "1", "STATUS": "running"}, "the reload")
                    server.write("dragoman.cfg", good.replace("workers", "wokers"))
                    server.process.send_signal(signal.SIGHUP)
                    manager.expect("RELOADING")
                    check("found errors" in manager.expect("READY")["STATUS"], "a reload that fails")
                    server.write("dragoman.cfg", good)
                    server.process.send_signal(signal.SIGHUP)
                    manager.expect("RELOADING")
                    check(manager.expect("READY")["STATUS"] == "running", "a reload that is right again")
                server.process.send_signal(signal.SIGTERM)
                found = manager.expect("STOPPING")
                check(int(found["EXTEND_TIMEOUT_USEC"]) >= 5_000_000, f"{found}")
                status, _ = server.wait_end()
                server.process = None
                check(status == 0, f"status {status}")
                check(manager.next(0.1) is None, f"{manager.told}")


def not_ready():
    """What cannot listen, or has errors, never says that it is ready."""
    with Manager() as manager, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for config, status in ((configuration(port=taken.getsockname()[1]), 1),
                               (configuration().replace("workers", "wokers"), 78)):
            found, _, errors = Server(config, env=manager.environment()).refuses()
            check(found == status, f"status {found}: {errors}")
            check(manager.next(0.1) is None, f"{manager.told}")


def alive_within(manager, seconds):
    """How often the watchdog was fed in that time."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        found = manager.next(max(0.01, (end - time.monotonic()) / SLOW))
        count += found is not None and "WATCHDOG" in found
    return count


def watchdog():
    """It is fed while all workers turn; not when one of them hangs, though all else goes on; and not
    when it is another process's."""
    with Manager() as manager:
        environment = manager.environment(WATCHDOG_USEC=str(4_000_000), WATCHDOG_PID="set by the launcher")
        with launched(Server(configuration(workers=3), env=environment)) as server:
            manager.expect("READY")
            check(alive_within(manager, 3.5 * SLOW) >= 2, f"not fed: {manager.told}")
            with Held(server.process, "worker-1"):
                alive_within(manager, 1.5)  # one that was due already
                check(alive_within(manager, 4) == 0, f"fed though a worker hangs: {manager.told}")
                server.process.send_signal(signal.SIGHUP)
                manager.expect("RELOADING")  # the main thread is well
            manager.expect("READY")
            check(alive_within(manager, 3.5 * SLOW) >= 2, f"not fed again: {manager.told}")
    with Manager() as manager:
        with Server(configuration(), env=manager.environment(WATCHDOG_USEC="2000000", WATCHDOG_PID="1")):
            manager.expect("READY")
            check(alive_within(manager, 2) == 0, "another's watchdog")


def listening(address="127.0.0.1", family=socket.AF_INET):
    one = socket.socket(family)
    one.bind((address, 0))
    one.listen()
    return one, one.getsockname()[1]


def served(port):
    """As somebody of its own: the one before may not be gone yet."""
    with Wire(port) as wire:
        return wire.request(*door("simple", f"ann{port}")).status == 101


def activation():
    """A listener takes the socket that has its address and port, or its name; who connected before the
    server was there is served, and the socket stays when the server ends. What nobody takes is told."""
    (by_place, place), (by_name, named), (spare, unused) = listening(), listening(), listening()
    datagrams = socket.socket(type=socket.SOCK_DGRAM)
    config = configuration(port=place).replace(
        "listeners = (", f'listeners = ( {{ socket = "web"; mounts = {MOUNTS}; }},')
    environment = {**os.environ, "LISTEN_PID": "set by the launcher", "LISTEN_FDS": "4",
                   "LISTEN_FDNAMES": "x:spare\\x0aone:web:x"}
    passed = [one.fileno() for one in (by_place, spare, by_name, datagrams)]
    with by_place, by_name, spare, datagrams, socket.create_connection(("127.0.0.1", place)) as early:
        for _ in range(2):
            with launched(Server(config, env=environment), passed) as server:
                ports = {int(re.search(r":(\d+)/", mount["url"])[1]) for mount in server.info["mounts"]}
                check(ports == {place, named}, f"{ports}")
                check(served(place) and served(named), "the sockets are not served")
                log = server.log_text()
                check(re.search(rf'warning socket "spare\\x5cx0aone" of the service manager, 127.0.0.1 port'
                                rf' {unused}, is not used: no listener', log), log)
                check('"x" of the service manager, descriptor 6, is not used: it is not a TCP socket' in log, log)
                if early:
                    early.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    early.settimeout(5 * SLOW)
                    check(early.recv(100).startswith(b"HTTP/1.1 200"), "who came early is not served")
                    early = None
        with socket.create_connection(("127.0.0.1", named)):
            pass  # it is the manager's, and goes on listening
    six, port = listening("::1", socket.AF_INET6)
    with six:
        config = configuration(port=port).replace('"127.0.0.1"', '"::1"')
        environment["LISTEN_FDS"] = "1"
        with launched(Server(config, env=environment), [six.fileno()]) as server:
            check("is not used" not in server.log_text(), server.log_text())
    status, _, errors = Server(config.replace("address =", 'socket = "lost"; address =')).refuses()
    check(status == 1 and 'passed no socket of the name "lost"' in errors, f"{status}: {errors}")


def passed_credentials():
    """Secrets and keys by the names of credentials, which may be 0440; a reload finds them, too."""
    account = '( { name = "ann"; number = 7; secret_file = "credential:ann.secret"; } )'
    server = Server(configuration(accounts=account, mounts=CLOSED))
    folder = os.path.join(server.folder.name, "credentials")
    server.popen["env"] = {**os.environ, "CREDENTIALS_DIRECTORY": folder}
    os.mkdir(folder, 0o700)
    os.chmod(server.write("credentials/ann.secret", "sesame\n"), 0o440)
    with server:
        for secret, status in (("sesame", 101), ("wrong", 401)):
            with Wire(server.port) as wire:
                check(wire.request(*door("simple", "ann", secret)).status == status, f"with {secret}")
        server.process.send_signal(signal.SIGHUP)
        server.logged(" info reloaded: ")
        checked = ("check", "-c", server.command[3])
        status, _, errors = run(*checked, env=server.popen["env"])
        check(status == 0, f"{status}: {errors}")
        status, _, errors = run(*checked)
        check(status == 78 and "CREDENTIALS_DIRECTORY is not set" in errors, f"{status}: {errors}")


def refuse_all(server):
    """Logins of all these names, which are refused."""
    for name in FORGERS:
        with Wire(server.port) as wire:
            check(wire.request(*door("simple", name)).status == 401, f"{name!r}")


def journaled(server, fileno):
    about = os.fstat(fileno)
    server.popen["env"] = {**os.environ, "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}
    return server


def journal():
    """Where standard error is the journal, each line begins with its priority, and has no time; errors
    at the start, too. Where it is not, nothing changes."""
    server = Server(configuration(mounts=CLOSED))
    with journaled(server, server.log.fileno()):
        refuse_all(server)
        lines = server.log_text().splitlines()
        check(all(re.match(r"<[3467]>[^<]", line) for line in lines), f"{lines}")
        check(not STAMP.search(server.log_text()), f"{lines}")
        wanted = '<6>refused login from 127.0.0.1 at "/simple": bad_login simple "'
        check(sum(line.startswith(wanted) for line in lines) == len(FORGERS), f"{lines}")
    server = Server(configuration().replace("workers", "wokers"))
    journaled(server, server.log.fileno())
    with server.folder, server.log:
        subprocess.run(server.command, env=server.popen["env"], stderr=server.log, timeout=20 * SLOW)
        log = server.log_text()
    check(re.fullmatch(r"<3>\S+dragoman.cfg:\d+: error: unknown directive 'wokers'.*\n", log), log)
    with open("/dev/null", "rb") as other, journaled(Server(configuration(mounts=CLOSED)), other.fileno()) as server:
        refuse_all(server)
        check(all(STAMP.match(line) for line in server.log_text().splitlines()), server.log_text())


def journal_socket():
    """The journal itself is a stream socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server = Server(configuration(mounts=CLOSED), stderr=theirs)
        with journaled(server, theirs.fileno()):
            refuse_all(server)
            ours.settimeout(5 * SLOW)
            text = b""
            while text.count(b"refused login") < len(FORGERS):
                text += ours.recv(65536)
            check(all(re.match(rb"<[3467]>", line) for line in text.splitlines()), f"{text}")


def json_lines():
    """Each line is an object; names come as they are, and are nothing else than names. The format is
    one that a reload changes."""
    config = configuration(mounts=CLOSED, more='log_format = "json"; log_level = "trace";')
    with Server(config) as server:
        refuse_all(server)
        lines = [json.loads(line) for line in server.log_text().splitlines()]
        check(len(server.log_text().split("\n")) == len(lines) + 1, "a line of its own")
        refused = [line for line in lines if line.get("event") == "login_refused"]
        check(len(refused) == len(FORGERS), f"{refused}")
        for line, name in zip(refused, FORGERS):
            check(line["name"] == name.split(":")[0], f"{line} of {name!r}")  # the rest is the secret
            check({key: line[key] for key in ("level", "address", "reason", "dialect", "path")} ==
                  {"level": "info", "address": "127.0.0.1", "reason": "bad_login", "dialect": "simple",
                   "path": "/simple"}, f"{line}")
        check(all(STAMP.fullmatch(line["time"]) and line["message"] for line in lines), f"{lines}")
        check(server.log_text().isascii(), "beyond ASCII")
        server.write("dragoman.cfg", config.replace('"json"', '"text"'))
        server.process.send_signal(signal.SIGHUP)
        server.logged(" info reloaded: ")


SCENARIOS = (notify, not_ready, watchdog, activation, passed_credentials, journal, journal_socket, json_lines)
WAITING = (watchdog,)
