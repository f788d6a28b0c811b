"""Who watches the server: promtool on what /metrics says and on contrib/prometheus/, and HAProxy, which
asks /ready. Called by doors.py."""

import asyncio
import contextlib
import csv
import io
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse

from admin import ADMIN, get, watched
from chat import close_all, join_all, talk
from server import ROOMS, Failure, Server, check, port_of_ours, until
from wire import Wire

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# With everything that a family may be about.
EVERYTHING = """
backends = ( { name = "gate"; bind = "ipc://gate.sock"; } );
taps = ( { name = "feed"; bind = "ipc://feed.sock"; } );
"""


def read(*path):
    with open(os.path.join(TOP, *path), encoding="ascii") as file:
        return file.read()


def promtool(*words, text=None):
    done = subprocess.run(["promtool", *words], cwd=TOP, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.returncode, done.stdout


def clean(*words, text=None):
    code, said = promtool(*words, text=text)
    check(code == 0, f"promtool {' '.join(words)}: {code}: {said}")
    return said


def metrics():
    """What the server says is as Prometheus wants it, and promtool would say otherwise."""
    async def scenario(server):
        clients = await join_all(server)
        await talk(clients, "hello")
        text = get(server, "/metrics")[1]
        check("dragoman_backend_asks_total" in text and "dragoman_room_deliveries_total" in text, text)
        said = clean("check", "metrics", text=text)
        check(said == "", f"promtool: {said}")
        await close_all(clients)

    with Server(watched(rooms=ROOMS.replace("history", "metrics = true; history"), more=EVERYTHING)) as server:
        asyncio.run(scenario(server))
    code, said = promtool("check", "metrics", text="# TYPE badName counter\nbadName 1\n")
    check(code != 0 and "_total" in said, f"promtool finds nothing: {said}")


def rules():
    """The files of contrib/prometheus/, and what the alerts say of a server that fails."""
    folder = os.path.join("contrib", "prometheus")
    clean("check", "rules", os.path.join(folder, "dragoman.rules.yml"))
    clean("check", "config", os.path.join(folder, "prometheus.yml"))
    clean("test", "rules", os.path.join("tests", "doors", "alerts.yml"))
    every = sorted(re.findall(r"- alert: (\w+)", read(folder, "dragoman.rules.yml")))
    tried = read("tests", "doors", "alerts.yml")
    fires = sorted(re.findall(r"alertname: (\w+)\n +exp_alerts:\n +- exp_labels:", tried))
    silent = sorted(re.findall(r"alertname: (\w+)\}", tried))
    check(len(every) > 10 and fires == every and silent == every, f"{every}: {fires} fire, {silent} are silent")


def families_of_rules():
    """Every family that an alert is about is there."""
    named = set(re.findall(r"\b(?:dragoman|process)_[a-z_]+\b", read("contrib", "prometheus", "dragoman.rules.yml")))
    with Server(watched(more=EVERYTHING)) as server:
        text = get(server, "/metrics")[1]
    missing = sorted(name for name in named if f"# TYPE {name} " not in text)
    check(len(named) > 10 and not missing, f"{missing} of {sorted(named)}")


def state_of(path):
    """What HAProxy thinks of its server: UP or DOWN, and the status of its last check."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as stats:
        stats.connect(path)
        stats.sendall(b"show stat\n")
        text = b""
        while more := stats.recv(65536):
            text += more
    rows = csv.DictReader(io.StringIO(text.decode().lstrip("# ")))
    row = next(row for row in rows if row["pxname"] == "dragoman" and row["svname"] == "dragoman")
    return row["status"].split()[0], row["check_code"]


def checked_by(doors):
    """HAProxy with the lines of contrib/proxy/haproxy.cfg: the server is up, and down while it
    drains."""
    with Server(watched(ADMIN, limits="messages_per_second = 0;")) as server:
        admin = urllib.parse.urlparse(server.info["admin"][0]["url"]).port
        front = port_of_ours()
        text = doors.contrib("haproxy.cfg")
        lines = [line.replace("# ", "", 1) for line in text.splitlines()
                 if line.startswith(("\t# option httpchk", "\t# server dragoman"))]
        check(len(lines) == 2, f"the lines of the check: {lines}")
        body = doors.replaced("\n".join(lines), ("127.0.0.1:7000", f"127.0.0.1:{server.port}"),
                        ("port 9464", f"port {admin}"), ("inter 1s", "inter 100ms"))
        config = ("global\n\tstats socket FOLDER/stats\ndefaults\n\tmode http\n\ttimeout connect 5s\n"
                  "\ttimeout client 90s\n\ttimeout server 90s\n"
                  f"frontend chat\n\tbind 127.0.0.1:{front}\n\tdefault_backend dragoman\n"
                  f"backend dragoman\n{body}\n")
        command = ["haproxy", "-db", "-f", "FOLDER/haproxy"]
        with doors.Proxy("haproxy", command, config, {"checked": front}) as running:
            stats = os.path.join(running.folder.name, "stats")
            until(lambda: state_of(stats) == ("UP", "200"), "up")
            with Wire(server.port, receive_buffer=4096) as reader, Wire(front) as speaker:
                reader.upgrade("/concord?token=reader")
                speaker.upgrade("/concord?token=speaker")
                for _ in range(20):
                    speaker.frame(1, b'{"type":"chat_written","channelId":1,"content":"' + b"x" * 30000 + b'"}')
                    speaker.read(lambda _: False, 0.02)
                server.process.send_signal(signal.SIGTERM)
                until(lambda: state_of(stats) == ("DOWN", "503"), "down, because of 503")
                status, _ = server.wait_end()
            check(status == 0, f"exit status {status}")
            server.process = None


def run(results, doors):
    """doors: what the other file has for proxies."""
    for name, work in (("promtool check metrics", metrics), ("promtool: contrib/prometheus/", rules),
                       ("families of the alerts", families_of_rules),
                       ("haproxy asks /ready", lambda: checked_by(doors))):
        began, why = time.monotonic(), ""
        try:
            work()
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            why = str(failure)
        results.add(name, time.monotonic() - began, not why, bool(why), why)
