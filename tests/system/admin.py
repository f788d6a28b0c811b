"""Admin listeners: /metrics, /health and /ready, also while a thread is stuck."""

import asyncio
import contextlib
import http.client
import json
import os
import resource
import re
import signal
import socket
import ssl
import stat
import threading
import time
import urllib.parse

from chat import close_all, join_all, talk
from manager import Held
from server import MOUNTS, ROOMS, SLOW, Failure, Server, check, run, until
from tls import make_pair, trusting
from wire import Wire

ADMIN = 'kind = "admin"; port = 0;'
CHAT = f"port = 0; mounts = {MOUNTS};"
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def watched(*listeners, rooms=ROOMS, limits="", more=""):
    groups = ", ".join(f"{{ {one} }}" for one in (CHAT, *(listeners or (ADMIN,))))
    return f"workers = 2; {more} limits = {{ {limits} }}; listeners = ( {groups} ); rooms = {rooms};"


class Local(http.client.HTTPConnection):
    """HTTP by a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10 * SLOW)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def dial(server, number=0, tls=None):
    """A connection to an admin listener."""
    where = server.info["admin"][number]
    if "path" in where:
        return Local(where["path"])
    url = urllib.parse.urlparse(where["url"])
    if url.scheme == "https":
        return http.client.HTTPSConnection(url.hostname, url.port, timeout=10 * SLOW, context=tls)
    return http.client.HTTPConnection(url.hostname, url.port, timeout=10 * SLOW)


def ask(connection, path, method="GET", **headers):
    """The response and its text; the connection goes on."""
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    return response, response.read().decode()


def get(server, path, number=0, tls=None, **headers):
    connection = dial(server, number, tls)
    try:
        return ask(connection, path, **headers)
    finally:
        connection.close()


SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (-?[0-9.]+)$')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """{(name, frozenset of labels): value}."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# "):
            continue
        match = SAMPLE.match(line)
        check(match, f"no sample: {line!r}")
        key = match[1], frozenset(LABEL.findall(match[2] or ""))
        check(key not in found, f"twice: {line}")
        found[key] = float(match[3])
    return found


def value(found, name, **labels):
    key = name, frozenset(labels.items())
    check(key in found, f"no {key}")
    return found[key]


def scrape(server, number=0, **headers):
    response, text = get(server, "/metrics", number, **headers)
    check(response.status == 200, f"{response.status}: {text}")
    return samples(text)


# ---- what is told ----

def same_tally(found, where, tally, **labels):
    name = f"dragoman_{where}deliveries"
    check(value(found, f"{name}_accepted_total", **labels) == tally["accepted"], f"{name} {labels}")
    check(value(found, f"{name}_in_flight", **labels) == tally["in_flight"], f"{name} {labels}")
    for outcome in ("delivered", "degraded", "refused", "expired"):
        check(value(found, f"{name}_total", outcome=outcome, **labels) == tally[outcome], f"{name} {outcome}")
    for outcome, number in tally["dropped"].items():
        check(value(found, f"{name}_total", outcome=f"dropped_{outcome}", **labels) == number, f"{name} {outcome}")


def same_numbers(found, counters):
    """As USR1 says."""
    drafts, connections = counters["drafts"], counters["connections"]
    check(value(found, "dragoman_drafts_accepted_total") == drafts["accepted"], "drafts")
    for outcome in ("ordered", "unchanged", "routed", "dropped"):
        check(value(found, "dragoman_drafts_total", outcome=outcome) == drafts[outcome], outcome)
    refused = {dict(labels)["reason"]: number for (name, labels), number in found.items()
               if name == "dragoman_drafts_total" and ("outcome", "refused") in labels and number}
    check(refused == drafts["refused"], f"{refused}, not {drafts['refused']}")
    for dialect, tally in counters["dialects"].items():
        same_tally(found, "", tally, dialect=dialect)
        check(value(found, "dragoman_connections_open", dialect=dialect)
              == connections["open_by_dialect"].get(dialect, 0), f"{dialect} of {connections}")
    for name in ("writes", "frames_written", "frames_received"):
        check(value(found, f"dragoman_{name}_total") == counters[name], name)
    check(value(found, "dragoman_written_bytes_total") == counters["bytes_written"], "bytes_written")
    bad = {dict(labels)["reason"]: number for (name, labels), number in found.items()
           if name == "dragoman_bad_frames_total" and number}
    check(bad == counters["bad_frames"], f"{bad}, not {counters['bad_frames']}")
    for name in ("accepted", "cut", "timed_out", "tls_failed", "turned_away"):
        check(value(found, f"dragoman_connections_{name}_total") == connections[name], name)
    check(sum(connections["open_by_dialect"].values()) == connections["open"], f"{connections}")


def both(server):
    """What USR1 says and what is scraped, with nothing between them: pings and the like are counted, too."""
    for _ in range(50):
        counters = server.settled(lambda now: now["bad_frames"])
        found = scrape(server)
        if server.counters() == counters:
            return counters, found
    raise Failure("the counters never rest")


def metrics_are_the_counters():
    """What is scraped is what USR1 prints, of all dialects; of rooms only those that are named."""
    rooms = ROOMS.replace("history", "metrics = true; history").replace(
        "} )", '}, { name = "attic"; } )')

    async def scenario(server):
        clients = await join_all(server)
        await talk(clients, "hello")
        await clients["concord"].send('{"type":"chat_written"')
        counters, found = both(server)
        same_numbers(found, counters)
        same_tally(found, "room_", counters["rooms"]["lobby"], room="lobby")
        told = {dict(labels)["room"] for _, labels in found if "room" in dict(labels)}
        check(told == {"lobby"}, f"rooms {told}")
        check(value(found, "dragoman_rooms") == 2 and value(found, "dragoman_ready") == 1, "rooms, ready")
        check(sum(value(found, "dragoman_worker_connections", worker=str(one)) for one in (0, 1)) == 4, "workers")
        chat = server.info["port"]
        check(value(found, "dragoman_listener_connections_accepted_total", listener=f"127.0.0.1:{chat}") == 4,
              "connections accepted")
        check(value(found, "process_open_fds") >= 10, "open files")
        check(abs(time.time() - value(found, "process_start_time_seconds")) < 60 * SLOW, "start")
        check(value(found, "process_resident_memory_bytes") > 1000000, "memory")
        before = server.write("dragoman.cfg", watched(rooms=rooms.replace("metrics = true; ", "").replace(
            '"attic"', '"attic"; metrics = true')))
        server.process.send_signal(signal.SIGHUP)
        await asyncio.to_thread(server.logged, "reloaded: ")
        found = scrape(server)
        told = {dict(labels)["room"] for _, labels in found if "room" in dict(labels)}
        check(told <= {"attic"}, f"rooms {told} after a reload of {before}")
        await close_all(clients)
        server.settled(lambda now: now["connections"]["open"] == 0)
        check(all(value(scrape(server), "dragoman_connections_open", dialect=dialect) == 0
                  for dialect in clients), "open")

    with Server(watched(rooms=rooms)) as server:
        asyncio.run(scenario(server))


def http_as_it_should_be():
    """Types, methods, paths; many requests on one connection; an upgrade is none."""
    with Server(watched()) as server:
        with contextlib.closing(dial(server)) as connection:
            for _ in range(20):
                response, text = ask(connection, "/metrics")
                check(response.headers["content-type"] == TEXT, f"{response.headers}")
                check(text.startswith("# HELP ") and text.endswith("\n"), text[:100])
            response, _ = ask(connection, "/metrics", "HEAD")
            check(response.status == 200 and int(response.headers["content-length"]) > 1000, "HEAD")
            for path, key, word in (("/health", "status", "ok"), ("/ready", "status", "ready")):
                response, text = ask(connection, path)
                check(response.status == 200 and json.loads(text)[key] == word, text)
                check(response.headers["content-type"] == "application/json", f"{response.headers}")
                check(response.headers["cache-control"] == "no-store", f"{response.headers}")
                response, text = ask(connection, path, "HEAD")
                check(response.status == 200 and text == "", f"HEAD {path}")
            response, text = ask(connection, "/health?x=1")
            check(response.status == 200, "a query")
            check([one["thread"] for one in json.loads(text)["threads"]] == ["main", "worker-0", "worker-1"], text)
            for method in ("POST", "PUT", "DELETE"):
                response, _ = ask(connection, "/metrics", method)
                check(response.status == 405 and "GET" in response.headers["allow"], f"{response.status}")
            response, _ = ask(connection, "/metrics", "OPTIONS")
            check(response.status in (200, 204) and "GET" in response.headers["allow"], f"{response.status}")
        for path in ("/index.html", "/metric", "/metrics/", "/mixer", "/%6detrics"):
            response, _ = get(server, path)
            check(response.status == 404, f"{path}: {response.status}")
        port = urllib.parse.urlparse(server.info["admin"][0]["url"]).port
        with Wire(port) as wire:
            response = wire.request("/mixer")
            check(response.status == 404, f"an upgrade: {response.raw}")
        with Wire(port) as wire:
            wire.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            wire.read(lambda data: b'"status":"ok"' in data)
            check(wire.bytes.index(b"dragoman_writes_total") < wire.bytes.index(b'"status":"ok"'), "their order")
        with Wire(port) as wire:
            wire.send(b"nonsense\r\n\r\n")
            wire.read(lambda data: False)
            check(b" 400 " in wire.bytes and wire.ended, f"{wire.bytes}")
        response, _ = get(server, "/metrics")
        check(response.status == 200, "after all that")


# ---- who may ----

@contextlib.contextmanager
def put_in_place(path):
    """Another's socket in place of the server's, which still is there in the end."""
    with socket.socket(socket.AF_UNIX) as other:
        os.unlink(path)
        other.bind(path)
        other.listen()
        inode = os.stat(path).st_ino
        yield
        check(os.path.exists(path) and os.stat(path).st_ino == inode, f"{path} is another's")


def unix_socket():
    """Its owner's only; one that was left behind is replaced, one that is in use is not, nor is it removed."""
    listener = 'kind = "admin"; path = "admin.sock";'
    with Server(watched(listener, ADMIN)) as server:
        path = server.info["admin"][0]["path"]
        mode = os.stat(path).st_mode
        check(stat.S_ISSOCK(mode) and mode & 0o777 == 0o600, f"{mode:o}")
        check(path.startswith(server.folder.name), path)
        check(value(scrape(server), "dragoman_listener_connections_accepted_total", listener=path) == 1, "accepted")
        check(json.loads(get(server, "/health", 0)[1])["status"] == "ok", "health")
        code, _, err = run("run", "-c", os.path.join(server.folder.name, "dragoman.cfg"))
        check(code == 1 and f"cannot listen on {path}: another server answers there" in err, f"{code}: {err}")
        check(get(server, "/health")[0].status == 200, "the first one's socket")
        server.restart(signal.SIGKILL)
        check(get(server, "/health")[0].status == 200, "a socket left behind")
        server.stop()
        check(not os.path.exists(path), "the socket is still there")
    with Server(watched(listener, ADMIN)) as server, put_in_place(server.info["admin"][0]["path"]):
        server.stop()


def an_end_without_errors():
    """Listeners that are closed because the server ends are no errors."""
    with Server(watched('kind = "admin"; path = "admin.sock";', ADMIN)) as server:
        get(server, "/health", 0)
        server.stop()
        check(not server.log_lines(" error "), server.log_text())


def token():
    """Without the token: no metrics, and of the others the status alone."""
    listener = 'kind = "admin"; address = "0.0.0.0"; port = 0; token_file = "token";'
    with Server(watched(listener, more='log_format = "json";'), files={"token": "s3cret\n"}) as server:
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"},
                       {"Authorization": "Basic czNjcmV0"}, {"Authorization": "Bearer s3cretx"}):
            response, text = get(server, "/metrics", **header)
            check(response.status == 401 and "dragoman_" not in text, f"{header}: {response.status}")
            check(response.headers["www-authenticate"] == "Bearer", f"{response.headers}")
            response, text = get(server, "/health", **header)
            check(response.status == 200 and json.loads(text) == {"status": "ok"}, text)
            response, text = get(server, "/ready", **header)
            check(response.status == 200 and json.loads(text) == {"status": "ready"}, text)
        right = {"Authorization": "Bearer s3cret"}
        check(value(scrape(server, **right), "dragoman_ready") == 1, "the token")
        check(len(json.loads(get(server, "/health", **right)[1])["threads"]) == 3, "details")
        log = server.log_text()
        refused = [line for line in map(json.loads, log.splitlines()) if line.get("event") == "metrics_refused"]
        check(len(refused) == 5 and "s3cret" not in log, log)
        for line in refused:
            check(line["address"] == "127.0.0.1" and line["level"] == "info" and
                  line["message"] == "refused /metrics from 127.0.0.1: no valid token", f"{line}")
        for _ in range(40):
            get(server, "/metrics")
        check(server.log_text().count("metrics_refused") == 30, "it is rate limited")
        server.write("token", "other\n")
        server.process.send_signal(signal.SIGHUP)
        for _ in range(100 * SLOW):
            if '"reloaded"' in server.log_text():
                break
            time.sleep(0.05)
        check(get(server, "/metrics", **right)[0].status == 200, "the token was read again")


def secure():
    """TLS, also with another certificate after HUP; plain HTTP there is no answer."""
    pair, other = make_pair(), make_pair()
    listener = ADMIN + ' tls_certificate = "cert.pem"; tls_key = "key.pem";'
    with Server(watched(listener), files={"cert.pem": pair[0], "key.pem": pair[1]}) as server:
        trust = trusting(pair[0])
        with contextlib.closing(dial(server, tls=trust)) as connection:
            for _ in range(5):
                response, text = ask(connection, "/metrics")
                check(response.status == 200 and len(text) > 10000, f"{response.status}")
            check(get(server, "/health", tls=trust)[0].status == 200, "health")
            server.write("cert.pem", other[0])
            server.write("key.pem", other[1])
            server.process.send_signal(signal.SIGHUP)
            for _ in range(100 * SLOW):
                try:
                    get(server, "/health", tls=trusting(other[0]))
                    break
                except ssl.SSLError:
                    time.sleep(0.05)
            else:
                raise Failure("the new certificate is not shown")
            check(ask(connection, "/ready")[0].status == 200, "an old connection")
        port = urllib.parse.urlparse(server.info["admin"][0]["url"]).port
        with Wire(port) as wire:
            wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            wire.read(lambda data: False)
            check(wire.ended and b"HTTP/1.1 200" not in wire.bytes, f"{wire.bytes}")


def refused_configurations():
    """check says what is wrong, at its line."""
    cases = (
        ('{ kind = "admin"; address = "0.0.0.0"; }', "needs a token_file there"),
        ('{ kind = "admin"; mounts = ( ); }', "mounts"),
        ('{ kind = "admin"; hosts = "a.example"; }', "hosts does not go with a listener of kind \"admin\""),
        ('{ token_file = "open"; }', "token_file does not go with a listener of kind \"chat\""),
        ('{ kind = "admin"; token_file = "open"; }', "is open to others than its owner"),
        ('{ kind = "admin"; path = "open"; }', "it exists and is no socket"),
        ('{ kind = "admim"; }', "did you mean 'admin'?"))
    server = Server("")
    with server.folder:
        os.chmod(server.write("open", "s3cret"), 0o644)
        for listener, words in cases:
            config = server.write("wrong.cfg", f"listeners = ( {{ }},\n{listener} );")
            code, out, err = run("check", "-c", config)
            check(code == 78 and words in err and f"{config}:2: error: " in err, f"{listener}: {code}: {out}{err}")
        server.log.close()


# ---- who is stuck ----

def late_health(server):
    response, text = get(server, "/health")
    return json.loads(text) if response.status == 503 else None


def stuck(server, thread):
    """It is said who is late, and scrapes go on."""
    with Held(server.process, "dragoman" if thread == "main" else thread):
        told = until(lambda: late_health(server), f"503 for {thread}")
        check(told["status"] == "late" and told["late"] == [thread], f"{told}")
        check(told["message"].startswith(f"{thread} has not responded for "), f"{told}")
        began = time.monotonic()
        found = scrape(server)
        check(time.monotonic() - began < 2 * SLOW, "a scrape waits for who is stuck")
        check(get(server, "/ready")[0].status == 200, "ready")
        scrape(server)
    until(lambda: get(server, "/health")[0].status == 200, f"200 after {thread} goes on")
    return found


def stuck_threads():
    """A worker that does not respond is named by /health and /metrics, which do not wait for it, and
    whose counters never go back; the same of the main thread."""
    async def scenario(server):
        clients = await join_all(server)
        await talk(clients, "hello")
        before = scrape(server)
        for number in ("0", "1"):
            found = stuck(server, f"worker-{number}")
            check(value(found, "dragoman_worker_late", worker=number) == 1, f"{number} is late")
            check(value(found, "dragoman_worker_late", worker="10"[int(number)]) == 0, "the other is not")
            check(value(found, "dragoman_worker_last_loop_age_seconds", worker=number) > 2, "its age")
            for key, then in before.items():
                check(found[key] >= then or not key[0].endswith("_total"), f"{key} went back from {then}")
        found = stuck(server, "main")
        check(value(found, "dragoman_main_last_loop_age_seconds") > 2, "the age of the main thread")
        check(value(found, "dragoman_worker_late", worker="0") == 0, "workers are not late")
        found = until(lambda: (now := scrape(server)) and not value(now, "dragoman_worker_late", worker="1") and now,
                      "not late")
        await talk(clients, "again")
        check(value(scrape(server), "dragoman_frames_received_total")
              > value(before, "dragoman_frames_received_total"), "it goes on")
        await close_all(clients)

    with Server(watched()) as server:
        scrape(server)  # so that there are numbers of before
        asyncio.run(scenario(server))


def ready_until_it_drains():
    """From TERM on /ready is 503, while connections end; /metrics says so, too."""
    with Server(watched(limits="messages_per_second = 0;")) as server:
        check(get(server, "/ready")[0].status == 200, "ready")
        with Wire(server.port, receive_buffer=4096) as reader, Wire(server.port) as speaker, \
                contextlib.closing(dial(server)) as connection:
            reader.upgrade("/concord?token=reader")
            speaker.upgrade("/concord?token=speaker")
            for _ in range(20):
                speaker.frame(1, b'{"type":"chat_written","channelId":1,"content":"' + b"x" * 30000 + b'"}')
                speaker.read(lambda _: False, 0.02)
            check(ask(connection, "/ready")[0].status == 200, "ready")
            server.process.send_signal(signal.SIGTERM)

            def draining():
                response, text = ask(connection, "/ready")
                return response.status == 503 and json.loads(text)
            told = until(draining, "503")
            check(told["status"] == "draining" and "shutting down" in told["message"], f"{told}")
            check(get(server, "/health")[0].status == 200, "health")
            check(value(scrape(server), "dragoman_ready") == 0, "the metric")
            status, _ = server.wait_end()
            check(status == 0, f"exit status {status}")
            server.process = None
        server.check_log()


# ---- many ----

def crowds():
    """However many connect there and say nothing, whoever asks is answered, and clients lose no
    place to them."""
    with Server(watched(limits="connections = 100; connections_per_address = 100;")) as server:
        port = urllib.parse.urlparse(server.info["admin"][0]["url"]).port
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(Wire(port))
            for _ in range(20):
                check(get(server, "/health")[0].status == 200, "health")
            check(get(server, "/metrics")[0].status == 200, "metrics")
            with Wire(server.port) as client:
                client.upgrade("/concord?token=ann")
            turned_away = value(scrape(server), "dragoman_listener_connections_turned_away_total",
                                listener=f"127.0.0.1:{port}")
            check(turned_away >= 200 - 64, f"{turned_away} are counted as turned away")
            check("connections of admin listeners" in server.log_text(), "the log does not say so")
        asked = [threading.Thread(target=lambda: [scrape(server) for _ in range(20)]) for _ in range(8)]
        for thread in asked:
            thread.start()
        for thread in asked:
            thread.join()
        check(server.settled()["connections"]["turned_away"] == 0, "turned away")


def files_for_nobody():
    """Not a file left: it is told once, and whoever waits is answered when there is room."""
    with Server(watched()) as server:
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        get(server, "/health")
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1, hard))
        with contextlib.ExitStack() as stack:
            port = urllib.parse.urlparse(server.info["admin"][0]["url"]).port
            for _ in range(3):
                stack.enter_context(Wire(port))
                time.sleep(0.6)
            told = [line for line in server.log_text().splitlines() if "cannot accept connections of an admin" in line]
            check(len(told) == 1 and "Too many open files" in told[0], f"{told}")
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
            check(get(server, "/health")[0].status == 200, "health")


SCENARIOS = [metrics_are_the_counters, http_as_it_should_be, unix_socket, an_end_without_errors, token, secure, refused_configurations,
             stuck_threads, ready_until_it_drains, crowds, files_for_nobody]
WAITING = [stuck_threads, ready_until_it_drains]
