#!/usr/bin/python3
"""What the programs that our files are for make of them: fail2ban of a real log, and systemd of the
units, whose filter of system calls is compared with what strace sees.

    OUT=build /usr/bin/python3 tests/doors/service.py

Prints a line for each; ends with "N passed, N failed"."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
TOP = os.path.dirname(TESTS)
sys.path[:0] = [os.path.join(TESTS, "system"), TESTS]

from backends import Instance
from passwords import accounts, hash_of
from results import Results, end_when_told
from server import BINARY, MOUNTS, Failure, Server, check, configuration
from service import CLOSED, FORGERS
from tls import make_pair, trusting
from wire import Wire, door

FILTER = "contrib/fail2ban/dragoman.conf"
JAIL = "contrib/fail2ban/jail.conf"
UNITS = ("dragoman.service", "dragoman.socket")
EXPOSURE_MOST = 1.5


def said(*command, status=0):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"] + ":/usr/sbin"})
    check(done.returncode == status, f"{' '.join(command)}: {done.returncode}: {done.stdout[-2000:]}")
    return done.stdout


def banned(log, mode):
    """Whom fail2ban finds there, sorted; none that is not an address is."""
    with tempfile.TemporaryDirectory(prefix="dragoman-fail2ban-") as folder:
        path = os.path.join(folder, "log")
        with open(path, "w", encoding="utf-8") as file:
            file.write(log)
        out = said("fail2ban-regex", "--out", "<ip>", path, f"{FILTER}[mode={mode}]")
    return sorted(line for line in out.splitlines() if line)


def source(number):
    return f"127.0.9.{number}"


# What a login and an upgrade are refused for: by whose fault.
LOGIN_CLIENT = ("bad_login", "name_taken", "bad_key", "banned", "closed_room", "refused")
LOGIN_SERVER = ("no_answer", "busy", "closing")
UPGRADE_CLIENT = ("http", "version", "extensions", "key", "late")
# By the server, or by what a page can make a browser send.
UPGRADE_SERVER = ("closing", "plain", "method", "host", "origin", "path", "subprotocol", "headers")
CROWDED = "192.0.2.9"  # by what the proxy says

JUDGED = CLOSED.replace("(", '( { path = "/judged"; dialect = "simple"; room = "lobby"; auth = "backend:judge"; },', 1)
BACKEND = 'backends = ( { name = "judge"; bind = "ipc://judge.sock"; deadline_ms = 60000; } );'


def judged(port, number):
    with Wire(port, source=source(number)) as wire:
        return wire.request("/judged", *door("simple", "ann")[1:], within=10).status


def server_fails(server, port):
    """From .151 to .153, and for a client of the proxy: what is no fault of theirs."""
    check(judged(port, 151) == 503, "no backend is there")
    judge = Instance(server.endpoint("judge"), "judge", judge=lambda meta, event: None)
    try:
        end = time.monotonic() + 10
        while judged(port, 152) != 504:  # until it is there, and says nothing
            check(time.monotonic() < end, "a backend that says nothing")
            time.sleep(0.05)
    finally:
        judge.stop()
    with Wire(port, source=source(153)) as wire:
        found = wire.request("/mixer", drop=("upgrade", "connection"))
        check(found.status == 426, f"no upgrade: {found.raw}")
    with Wire(port, source=source(250)) as one, Wire(port, source=source(250)) as two:
        forwarded = f"X-Forwarded-For: {CROWDED}"
        check(one.request("/mixer", forwarded).status == 101, "the first of a client")
        check(two.request("/mixer", forwarded).status == 503, "the second")


def refused_log(log_format):
    """The log of a server that refused logins from .1 and on, an upgrade from .101, and a connection from
    .201; each of an address of its own; from .102 and .103 what a page can make a browser send; and that
    failed others itself."""
    config = configuration("connections_per_address = 1; http_answer_seconds = 1; login_seconds = 1;",
                           mounts=JUDGED, more=f'log_format = "{log_format}"; log_level = "debug"; {BACKEND}',
                           listener='trusted_proxies = "127.0.9.250";')
    config = config.replace("listeners = (", f'listeners = ( {{ port = 0; trusted_proxies = "127.0.9.250";'
                            f' proxy_protocol = true; mounts = {MOUNTS}; }},')
    with Server(config) as server:
        ports = [int(re.search(r":(\d+)/", mount["url"])[1]) for mount in server.info["mounts"]]
        announced, plain = ports[0], ports[-1]
        for number, name in enumerate(FORGERS, 1):
            with Wire(plain, source=source(number)) as wire:
                check(wire.request(*door("simple", name)).status == 401, f"{name!r}")
        for number, request in ((101, ("/mixer", "Sec-WebSocket-Version: 8")),
                                (102, ("/mixer", 'Origin: http://6.6.6.6"')), (103, ("/no\"thing%0afrom 6.6.6.6",)),
                                (250, ("/nothing",))):
            with Wire(plain, source=source(number)) as wire:
                check(wire.request(*request).status >= 400, f"{request}")
        for number in (201, 250):
            with Wire(announced, source=source(number)) as wire:
                if number == 250:
                    wire.send(b"GET / HTTP/1.1\r\n\r\n")
                wire.read(lambda _: False, 2)
        server_fails(server, plain)
        log = server.log_text()
    for word in ("no_answer", "not answered in time", "plain", "crowded"):
        check(word in log, f"no {word} in {log}")
    check(log.count("6.6.6.6") >= 4, f"the forgers are not in it: {log}")
    return log


def journal_of(log, log_format):
    """As fail2ban sees it, and syslog writes it: each line behind a time and who said it."""
    lines = log.splitlines()
    if log_format == "text":
        lines = [line.split(" ", 2)[2] for line in lines]
    return "".join(f"Nov 29 20:37:{i % 60:02} host.example dragoman[77]: {line}\n" for i, line in enumerate(lines))


def refused_for(log, first, reason, reasons, number):
    """The line of that address, for each of these reasons; from that number on."""
    line = next(line for line in log.splitlines() if first in line)
    return "".join(line.replace(first, source(number + i)).replace(reason, other) + "\n"
                   for i, other in enumerate(reasons))


def fail2ban_reasons(log, log_format):
    """Who is refused is found, unless it is not the client's fault."""
    many = (refused_for(log, source(1), "bad_login", LOGIN_CLIENT + LOGIN_SERVER, 1) +
            refused_for(log, source(102), "origin", UPGRADE_CLIENT + UPGRADE_SERVER + ("crowded",), 101))
    wanted = [source(1 + i) for i in range(len(LOGIN_CLIENT))] + \
        [source(101 + i) for i in range(len(UPGRADE_CLIENT))]
    crowded = source(101 + len(UPGRADE_CLIENT + UPGRADE_SERVER))
    for text in (many, journal_of(many, log_format)):
        found = banned(text, "normal")
        check(found == sorted(wanted), f"{found}: {text}")
        found = banned(text, "aggressive")
        check(found == sorted(wanted + [crowded]), f"{found}: {text}")


def fail2ban(log_format):
    logins = [source(i) for i in range(1, len(FORGERS) + 1)]
    upgrades, connections = [source(101)], [source(201), CROWDED]
    log = refused_log(log_format)
    for text in (log, journal_of(log, log_format)):
        found = banned(text, "normal")
        check(found == sorted(logins + upgrades), f"{found}: {text}")
        found = banned(text, "aggressive")
        check(found == sorted(logins + upgrades + connections), f"{found}: {text}")
    fail2ban_reasons(log, log_format)
    return log


def fail2ban_text():
    fail2ban("text")


def fail2ban_json():
    for line in fail2ban("json").splitlines():
        json.loads(line)


def fail2ban_jail():
    """The jail, in a configuration of its own with Debian's around it."""
    with tempfile.TemporaryDirectory(prefix="dragoman-fail2ban-") as folder:
        said("cp", "-r", "/etc/fail2ban/.", folder)
        for name in os.listdir(os.path.join(folder, "jail.d")):
            os.unlink(os.path.join(folder, "jail.d", name))  # Debian's, which want logs that are not here
        said("cp", FILTER, os.path.join(folder, "filter.d", "dragoman.conf"))
        said("cp", JAIL, os.path.join(folder, "jail.d", "dragoman.conf"))
        out = said("fail2ban-client", "-c", folder, "-d")
        check("'add', 'dragoman', 'systemd'" in out, out[-2000:])
        check("_SYSTEMD_UNIT=dragoman.service" in out and "'maxretry', 5" in out, out[-2000:])


def unit_verify():
    """As systemd reads them; the program is the one that was built."""
    with tempfile.TemporaryDirectory(prefix="dragoman-units-") as folder:
        for name in UNITS:
            with open(os.path.join("contrib/systemd", name), encoding="utf-8") as file:
                text = file.read()
            check(name != "dragoman.service" or text.count("=/usr/bin/dragoman ") == 2, "ExecStart, ExecReload")
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text.replace("/usr/bin/dragoman", os.path.abspath(BINARY)))
        out = said("systemd-analyze", "verify", "--man=no", *(os.path.join(folder, name) for name in UNITS))
        # Of other units that are here, it says this and that.
        wrong = [line for line in out.splitlines() if "dragoman" in line]
        check(not wrong, f"{wrong}")


def unit_security():
    out = said("systemd-analyze", "security", "--offline=true", "--no-pager", "contrib/systemd/dragoman.service")
    exposure = float(re.search(r"exposure level for dragoman.service: ([\d.]+)", out)[1])
    print(f"    exposure: {exposure}")
    check(exposure <= EXPOSURE_MOST, out)
    # And it says so when it is not: the measure is real.
    out = said("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=5",
               "contrib/systemd/dragoman.service", status=1)


def system_calls(names):
    """What SystemCallFilter= means by these: sets, and calls."""
    sets, name = {}, None
    for line in said("systemd-analyze", "--no-pager", "syscall-filter").splitlines():
        word = line.strip()
        if line.startswith("@"):
            name = sets.setdefault(word, [])
        elif name is not None and word and not word.startswith("#"):
            name.append(word)

    def calls(word):
        return set().union(*map(calls, sets[word])) if word.startswith("@") else {word}
    return set().union(*map(calls, names))


def as_another(server):
    """The words that start the program as a user who is not root, as the unit does; its folder becomes theirs."""
    program = os.path.join(server.folder.name, "program")
    shutil.copy(server.command[0], program)
    if os.geteuid():
        return [program]
    for folder, _, names in os.walk(server.folder.name):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            shutil.chown(path, "nobody", "nogroup")
    return ["-u", "nobody", program]


def unit_system_calls():
    """The server makes no system call that the unit's filter refuses: with TLS, a backend, a pattern, a
    state, an account with a hash, through logins, a reload and a graceful end. Nor does the process
    that it starts to compare a secret with the hash."""
    with open("contrib/systemd/dragoman.service", encoding="utf-8") as file:
        filters = re.findall(r"^SystemCallFilter=(.*)$", file.read(), re.M)
    allowed = set()
    for one in filters:
        calls = system_calls(one.lstrip("~").split())
        allowed = allowed - calls if one[0] == "~" else allowed | calls
    pair = make_pair()
    rule = '{ text = "^!(roll|r+)\\\\b"; then = ( { refuse = "no dice"; } ); }'
    more = f'''state = "state"; pid_file = "pid"; routes = ( {rule} );
              backends = ( {{ name = "b"; bind = "tcp://127.0.0.1:0"; }} );'''
    server = Server(configuration(more=more, accounts=accounts({"bob": hash_of("sesame")}),
                                  listener='tls_certificate = "cert.pem"; tls_key = "key.pem";'),
                    files={"cert.pem": pair[0], "key.pem": pair[1]})
    trace = os.path.join(server.folder.name, "trace")
    server.command = ["strace", "-f", "-qq", "-o", trace, *as_another(server), *server.command[1:]]
    with server:
        with Wire(server.port, tls=trusting(pair[0])) as wire:
            check(wire.request(*door("simple", "ann")).status == 101, "no login")
            wire.frame(1, b'{"type":"send_message","message":"!roll 3","payload_id":"1"}')
            wire.read(lambda data: b"no dice" in data)
        for secret, status in (("wrong", 401), ("sesame", 101)):
            with Wire(server.port, tls=trusting(pair[0])) as wire:
                found = wire.request(*door("simple", "bob", secret), within=10)
                check(found.status == status, f"{secret}: {found.raw}")
        with open(os.path.join(server.folder.name, "pid"), encoding="ascii") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGHUP)
        server.logged(" reloaded: ", within=20)
        os.kill(pid, signal.SIGTERM)
        status, _ = server.wait_end()
        server.process = None
        with open(trace, encoding="utf-8", errors="replace") as file:
            calls = re.findall(r"^(\d+) +(\w+)\(", file.read(), re.M)
    made = {name for _, name in calls}
    check(status == 0 and {"epoll_ctl", "accept4", "sendto"} <= made, f"{status}: {sorted(made)}")
    # The server, and what compares secrets.
    programs = {pid for pid, name in calls if name == "execve"}
    check(len(programs) == 2, f"programs: {programs}")
    check(made <= allowed, f"refused by the unit: {sorted(made - allowed)}")


def main():
    os.chdir(TOP)
    end_when_told()
    results = Results()
    for one in (fail2ban_text, fail2ban_json, fail2ban_jail, unit_verify, unit_security, unit_system_calls):
        began, why = time.monotonic(), ""
        try:
            one()
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            why = str(failure)
        results.add(one.__name__, time.monotonic() - began, not why, bool(why), why)
    return results.end()


if __name__ == "__main__":
    sys.exit(main())
