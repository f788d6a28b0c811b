"""The servers that are measured: how each is started, and how the load tool talks to it.

Every row of the tables is one entry of ROWS. A Dragoman row is a configuration of its own; the
others are programs of this folder, or installed ones."""

import copy
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("OUT", "build")
TOOLS = os.path.join(BUILD, "bench")
BINARY = os.path.join(BUILD, "dragoman")

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]


class Missing(Exception):
    """A row that cannot be measured here, and why."""


class Broken(Exception):
    """A server that did not start, or did not do its work."""


# ---- Dragoman's configuration: no rate limit, nothing kept, room for everybody ----

def room_text(number):
    return (f'{{ name = "r{number}"; mixer = {number + 1}; concord = {number + 1}; '
            f'rooms = "00000000-0000-4000-8000-{number:012x}"; history = 0; }}')


def mount_text(path, dialect, room):
    return f'{{ path = "/{path}"; dialect = "{dialect}"; room = "r{room}"; }}'


def configuration(port, rooms, dialects, workers=1, listener="", more="", limits="", admin=""):
    """rooms: how many. dialects: what is mounted; mixer and concord find their rooms themselves."""
    mounts = [mount_text(dialect, dialect, 0) for dialect in ("mixer", "concord")
              if dialect in dialects]
    if "visitor" in dialects:
        mounts.append(mount_text("0", "mixer", 0))
    mounts += [mount_text(f"{dialect}-{number}", dialect, number)
               for dialect in ("rooms", "simple") if dialect in dialects for number in range(rooms)]
    return f"""
workers = {workers};
guests = true;
log_level = "error";
limits = {{
	messages_per_second = 0; requests_under_way = 64; {limits}
	connections = 100000; connections_per_address = 0;
	login_seconds = 600; ping_seconds = 3600; idle_seconds = 7200;
}};
listeners = ( {{
	address = "127.0.0.1"; port = {port}; {listener}
	mounts = ( {", ".join(mounts)} );
}}{f', {{ kind = "admin"; path = "{admin}"; }}' if admin else ""} );
rooms = ( {", ".join(map(room_text, range(rooms)))} );
accounts = ();
{more}
"""


def certificate(folder):
    """A certificate and its key for localhost, made once."""
    paths = [os.path.abspath(os.path.join(folder, name)) for name in ("cert.pem", "key.pem")]
    if not all(map(os.path.exists, paths)):
        if not shutil.which("openssl"):
            raise Missing("there is no openssl to make a certificate with")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "365", "-subj",
                        "/CN=localhost", "-keyout", paths[1], "-out", paths[0]],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod(paths[1], 0o600)
    return paths


class Dragoman:
    """A row of our own. speech: what the members talk."""

    def __init__(self, name, speech, workers=1, tls=False, more="", companion=None, listener="",
                 admin=""):
        self.admin = admin          # the socket by which it is watched, in its folder
        self.name, self.speech, self.workers, self.tls = name, speech, workers, tls
        self.listener = listener    # further directives of it
        self.more = more            # further configuration: rules, backends
        self.limits = ""            # further limits
        self.companion = companion  # folder -> the command of a program that runs beside it
        self.binary = BINARY

    def write(self, folder, port, rooms, speech):
        dialects = {"mixed": ("mixer", "concord", "rooms", "simple"),
                    "reader": ("mixer",), "plain": ("visitor",)}.get(speech, (speech,))
        listener = self.listener
        if self.tls:
            cert, key = certificate(folder)
            listener += f'tls_certificate = "{cert}"; tls_key = "{key}";'
        path = os.path.join(folder, "dragoman.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration(port, rooms, dialects, self.workers, listener, self.more,
                                     self.limits, self.admin))
        return path

    def check(self, folder):
        path = self.write(folder, 7000, 1, self.speech)
        done = subprocess.run([self.binary, "check", "-c", path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            said = done.stdout.decode("utf-8", "replace")
            if "unknown directive" in said:
                raise Missing("not built")
            raise Broken(f"{self.name}: {said}")

    def without_signal_limit(self):
        """The same row, which reads as many signals as come; a build that has no such limit does so
        as it is."""
        row = copy.copy(self)
        row.limits = "signals_per_second = 0;"
        with tempfile.TemporaryDirectory() as folder:
            try:
                row.check(folder)
            except Missing:
                return self
        return row

    def command(self, folder, port, rooms, speech):
        return [self.binary, "run", "-c", self.write(folder, port, rooms, speech)]


class Tool:
    """A program of this folder."""
    speech, tls, companion = "plain", False, None

    def __init__(self, name, *words):
        self.name, self.words = name, words

    def check(self, folder):
        pass

    def command(self, folder, port, rooms, speech):
        return [os.path.join(TOOLS, self.words[0]), str(port), *self.words[1:]]


class TlsRelay(Tool):
    tls = True

    def check(self, folder):
        certificate(folder)

    def command(self, folder, port, rooms, speech):
        return super().command(folder, port, rooms, speech) + certificate(folder)


class Node(Tool):
    def check(self, folder):
        if not shutil.which("node"):
            raise Missing("there is no node")
        if not os.path.isdir(os.path.join(TOOLS, "npm", "node_modules", "ws")):
            raise Missing("ws could not be installed")

    def command(self, folder, port, rooms, speech):
        return ["node", os.path.join(HERE, "relay.js"), str(port)]


class Broker(Tool):
    """An installed program with a configuration file."""

    def __init__(self, name, speech, config, *words):
        super().__init__(name, *words)
        self.speech, self.config = speech, config

    def program(self):
        return shutil.which(self.words[0], path=os.environ["PATH"] + ":/usr/sbin")

    def check(self, folder):
        if not self.program():
            raise Missing(f"{self.words[0]} could not be installed")

    def command(self, folder, port, rooms, speech):
        path = os.path.join(folder, f"{self.words[0]}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.config.replace("PORT", str(port)).replace("OTHER", str(free_port())))
        return [self.program(), "-c", path]


# What answers a request is the same in both, and of the same length: see BODY.
NGINX = """daemon off; master_process off; worker_processes 1;
pid FOLDER/nginx.pid; error_log stderr crit;
events { worker_connections 4096; }
http {
	access_log off; default_type "text/plain; charset=utf-8"; keepalive_requests 1000000000;
	client_body_temp_path FOLDER/t1; proxy_temp_path FOLDER/t2; fastcgi_temp_path FOLDER/t3;
	uwsgi_temp_path FOLDER/t4; scgi_temp_path FOLDER/t5;
	SECURE
	server { listen 127.0.0.1:PORT LISTEN; location / { return 200 "BODY"; } }
}
"""
BODY = "Dragoman, a bridge between chat protocols\\n"


class Nginx(Broker):
    def __init__(self, name, tls=False, body=BODY):
        super().__init__(name, "plain", NGINX, "nginx")
        self.tls, self.body = tls, body

    def command(self, folder, port, rooms, speech):
        secure = ""
        if self.tls:
            secure = "ssl_certificate {}; ssl_certificate_key {};".format(*certificate(folder))
        path = os.path.join(folder, "nginx.conf")
        text = self.config.replace("FOLDER", folder).replace("PORT", str(port)).replace("BODY", self.body)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("SECURE", secure).replace("LISTEN", "ssl" if self.tls else ""))
        return [self.program(), "-p", folder, "-e", "stderr", "-c", path]


class Absent(Tool):
    """A peer that one would like to compare with, and cannot."""

    def __init__(self, name, why):
        super().__init__(name)
        self.why = why

    def check(self, folder):
        raise Missing(self.why)


# It does not start without a listener for plain MQTT.
MOSQUITTO = """per_listener_settings false
listener PORT 127.0.0.1
protocol websockets
allow_anonymous true
persistence false
max_queued_messages 0
log_type error
set_tcp_nodelay true
listener OTHER 127.0.0.1
protocol mqtt
"""

NATS = """listen: "127.0.0.1:OTHER"
max_pending: 512MB
write_deadline: "20s"
websocket { listen: "127.0.0.1:PORT", no_tls: true, compression: false }
"""

SEND = Tool("limit-send", "limit", "send")
BATCH = Tool("limit-batch", "limit", "batch")
LWS = Tool("lws", "relay")
LWS_TLS = TlsRelay("lws, TLS", "relay")
NODE = Node("node ws")
MOSQUITTO_ROW = Broker("mosquitto", "mqtt", MOSQUITTO, "mosquitto")
NATS_ROW = Broker("nats", "nats", NATS, "nats-server")
UWS = Absent("uWebSockets", "its authors do not publish it on npm")

SIMPLE = Dragoman("dragoman simple", "simple")
MIXED = Dragoman("dragoman mixed", "mixed")
TLS = Dragoman("dragoman simple, TLS", "simple", tls=True)
READERS = Dragoman("dragoman readers", "reader")  # mixer's, without a name: nobody sees them come
VISITORS = Dragoman("dragoman, no login", "plain")  # mixer's, who are upgraded and greeted: no more
TWO = Dragoman("dragoman mixed, 2 workers", "mixed", workers=2)
# Who offers it is sent compressed messages.
COMPRESSING = Dragoman("dragoman mixed", "mixed", listener="compression = true; ")
COMPRESSING_TLS = Dragoman("dragoman mixed, TLS", "mixed", tls=True,
                           listener="compression = true; ")

# Watched by a Unix socket.
WATCHED = Dragoman("dragoman, scraped", "mixer", admin="admin.sock")

# What goes through a backend, or is copied to a tap; beside it runs one that allows everything, or
# takes everything. Their base is what build/bench/zmq_echo measures.
ASK_RULES = """
routes = ( { name = "all"; kind = "message"; then = ( { ask = "bench"; deadline_ms = 10000; } ); } );
backends = ( { name = "bench"; bind = "ipc://bench.sock"; queue = 100000; } );
"""
TAP_RULES = """
routes = ( { name = "all"; kind = "message"; then = ( { tap = "feed"; } ); } );
taps = ( { name = "feed"; bind = "ipc://bench.sock"; queue = 100000; } );
"""


def beside(role, *words):
    return lambda folder: [os.path.join(TOOLS, "backend"), role,
                           f"ipc://{os.path.abspath(folder)}/bench.sock", *words]


ASKED = Dragoman("through an ask", "simple", more=ASK_RULES, companion=beside("ask", "bench"))
TAPPED = Dragoman("through a tap", "simple", more=TAP_RULES, companion=beside("tap"))
ROUTED = [ASKED, TAPPED]

# Requests of HTTP: who is measured, and beside whom.
ANSWERED = [(Nginx("nginx"), SIMPLE), (Nginx("nginx, TLS", tls=True), TLS)]

# Servers that do wrong, and what the load tool has to say of each.
FAULTY = {"lost": Tool("limit that loses", "limit", "send", "lose"),
          "doubled": Tool("limit that doubles", "limit", "send", "double"),
          "reordered": Tool("limit that swaps", "limit", "send", "swap")}

PEERS = [SEND, BATCH, LWS, LWS_TLS, NODE, MOSQUITTO_ROW, NATS_ROW, UWS]
ROWS = PEERS + [SIMPLE, MIXED, TLS]


# ---- running one ----

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settle_on(core=None):
    """For a child: one core (None: any), all the files it may have, and ahead of other work where
    allowed."""
    def prepare():
        if core is not None:
            os.sched_setaffinity(0, {core})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            os.setsid()
            with open("/proc/self/autogroup", "w", encoding="ascii") as file:
                file.write("-20")
            os.setpriority(os.PRIO_PROCESS, 0, -20)
        except OSError:
            pass  # not root: it measures all the same
    return prepare


def stolen_seconds():
    """For how long the machine below gave the two cores to others so far: the mean of both."""
    names = {f"cpu{SERVER_CORE}", f"cpu{LOAD_CORE}"}
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(words[8]) for words in map(str.split, file) if words and words[0] in names]
    return sum(ticks) / len(ticks) / os.sysconf("SC_CLK_TCK")


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Server:
    """with Server(row, folder) as server: a running one, on its core."""

    def __init__(self, row, folder, rooms=1, speech=None):
        self.row, self.folder, self.rooms = row, folder, rooms
        self.speech = speech or row.speech
        self.others = []

    def __enter__(self):
        self.port = free_port()
        command = self.row.command(self.folder, self.port, self.rooms, self.speech)
        environment = dict(os.environ, NODE_PATH=os.path.abspath(os.path.join(TOOLS, "npm",
                                                                              "node_modules")))
        self.out = open(os.path.join(self.folder, "out"), "w+b")
        self.log = open(os.path.join(self.folder, "log"), "w+b")
        if self.row.companion:
            self.others.append(subprocess.Popen(self.row.companion(self.folder), stdout=self.log,
                                                stderr=self.log, stdin=subprocess.DEVNULL,
                                                preexec_fn=settle_on(LOAD_CORE)))
        self.process = subprocess.Popen(command, stdout=self.out, stderr=self.log,
                                        stdin=subprocess.DEVNULL, env=environment,
                                        preexec_fn=settle_on(SERVER_CORE))
        try:
            self.wait_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_port(self):
        end = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            if self.process.poll() is not None or time.monotonic() > end:
                raise Broken(f"{self.row.name} did not start: {self.read(self.log)[-500:]}")
            time.sleep(0.02)
        self.wait_idle()

    def cpu_ns(self):
        total = 0
        tasks = f"/proc/{self.process.pid}/task"
        try:
            for task in os.listdir(tasks):
                with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
        except OSError:
            pass
        return total

    def wait_idle(self):
        """Until it did nothing for a moment: those who left are forgotten."""
        end = time.monotonic() + 20
        before = self.cpu_ns()
        while time.monotonic() < end:
            time.sleep(0.03)
            now = self.cpu_ns()
            if now - before < 750_000:
                return
            before = now

    def counted_load(self, group, **options):
        """What the load tool says, and by Dragoman's own counters of while it measured: send()
        calls for each delivery, and how many connections were cut."""
        self.out.seek(0, os.SEEK_END)
        at = self.out.tell()
        result = self.load([group], counters=None, **options)
        self.out.seek(at)
        lines = [json.loads(line)["counters"] for line in self.out.read().splitlines()]
        if len(lines) != 2:
            raise Broken(f"{self.row.name} printed its counters {len(lines)} times, not twice")
        writes = lines[1]["writes"] - lines[0]["writes"]
        result["sends_each"] = writes / (lines[1]["deliveries"]["delivered"]
                                         - lines[0]["deliveries"]["delivered"])
        result["cut"] = lines[1]["sessions_cut"] - lines[0]["sessions_cut"]
        return result

    def load(self, groups, **options):
        """Runs the load tool; what it measured."""
        words = [os.path.join(TOOLS, "load"), "--port", str(self.port), "--pid",
                 str(self.process.pid)]
        if self.row.tls:
            words.append("--tls")
        for key, value in options.items():
            words += ["--" + key.replace("_", "-")] + ([str(value)] if value is not None else [])
        for group in groups:
            keys = dict({"speech": self.speech}, **group)
            words += ["--group", ",".join(f"{key}={value}" for key, value in keys.items())]
        began, before = time.monotonic(), stolen_seconds()
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=settle_on(LOAD_CORE))
        stolen = (stolen_seconds() - before) / (time.monotonic() - began)
        if done.returncode not in (0, 3):
            said = done.stderr.decode("utf-8", "replace").strip()
            raise Broken(f"{self.row.name}: {said[-500:]}")
        result = json.loads(done.stdout)
        result["fault"] = fault_of(result) if done.returncode else ""
        result["stolen"] = stolen
        self.wait_idle()
        return result

    def requests(self, **options):
        """Runs the tool for requests; what it measured."""
        words = [os.path.join(TOOLS, "requests"), "--port", str(self.port), "--pid", str(self.process.pid)]
        words += ["--tls"] * self.row.tls
        for key, value in options.items():
            words += ["--" + key, str(value)]
        began, before = time.monotonic(), stolen_seconds()
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=settle_on(LOAD_CORE))
        if done.returncode:
            raise Broken(f"{self.row.name}: {done.stderr.decode('utf-8', 'replace').strip()}")
        result = json.loads(done.stdout)
        result["fault"] = ""
        result["stolen"] = (stolen_seconds() - before) / (time.monotonic() - began)
        self.wait_idle()
        return result

    def read(self, file):
        file.flush()
        with open(file.name, "rb") as again:
            return again.read().decode("utf-8", "replace")

    def __exit__(self, *_):
        for process in [self.process] + self.others:
            stop(process)
        self.out.close()
        self.log.close()
        return False


FAULTS = ("lost", "doubled", "reordered", "foreign", "disconnected")


def fault_of(result):
    words = [f"{result[key]} {key}" for key in FAULTS if result[key]]
    return ", ".join(words + ["it stood still"] * result["stuck"])
