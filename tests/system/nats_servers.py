"""Real nats-servers on loopback: one, or a cluster of three, with JetStream; started, killed, frozen, started again,
replaced by empty ones."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from server import SLOW, Failure, check, port_of_ours


def program():
    return shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")


class NatsServer:
    """One process. more: lines of its configuration."""

    def __init__(self, folder, name, routes=(), port=0, route_port=0, more=""):
        self.folder, self.name = os.path.join(folder, name), name
        self.port, self.route_port = port or port_of_ours(), route_port or port_of_ours()
        self.routes, self.more, self.process, self.log = routes, more, None, None
        os.makedirs(self.folder, exist_ok=True)

    def write(self):
        cluster = ""
        if self.routes:
            routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in self.routes)
            cluster = f'cluster {{ name: "test", listen: "127.0.0.1:{self.route_port}", routes: [ {routes} ] }}\n'
        path = os.path.join(self.folder, "nats.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'server_name: "{self.name}"\nlisten: "127.0.0.1:{self.port}"\n'
                       f'jetstream {{ store_dir: "{self.folder}/js", max_memory_store: 64MB, '
                       f'max_file_store: 1GB }}\n{cluster}{self.more}\n')
        return path

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        check(program(), "there is no nats-server: install Debian's package")
        with open(os.path.join(self.folder, "log"), "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen([program(), "-c", self.write()], stdout=log, stderr=log)

    def accepts(self, within=10 * SLOW):
        """Waits until it does."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            check(self.process.poll() is None, f"{self.name} ended with {self.process.returncode}: {self.tail()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                    if line.recv(5) == b"INFO ":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise Failure(f"{self.name} does not accept: {self.tail()}")

    def tail(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGKILL):
        """Kills it, or has it stop."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
            self.process.wait(30)

    def forget(self):
        """It has lost what it stored."""
        shutil.rmtree(os.path.join(self.folder, "js"), ignore_errors=True)


class NatsServers:
    """As many as are wanted, which know each other if there are several. A context; its folder ends with it."""

    def __init__(self, count=1, more=""):
        self.temporary = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        ports = [port_of_ours() for _ in range(count)]
        self.servers = [NatsServer(self.temporary.name, f"n{i + 1}", ports if count > 1 else (),
                                   route_port=ports[i], more=more) for i in range(count)]

    def __enter__(self):
        try:
            for server in self.servers:
                server.start()
            for server in self.servers:
                server.accepts()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.end()
        self.temporary.cleanup()

    @property
    def urls(self):
        return [server.url for server in self.servers]

    def ask(self, subject, request=None, within=5):
        """An answer of JetStream's API, from the first server that is up."""
        text = json.dumps(request).encode() if request else b""
        server = next(one for one in self.servers if one.process.poll() is None)
        with socket.create_connection(("127.0.0.1", server.port), within) as line, line.makefile("rb") as answers:
            line.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB _INBOX.x 1\r\n'
                         b"PUB $JS.API.%s _INBOX.x %d\r\n%s\r\n" % (subject.encode(), len(text), text))
            while not (head := answers.readline()).startswith(b"MSG "):
                check(head, f"{server.name} closed the connection")
            return json.loads(answers.read(int(head.split()[-1])))

    def leader(self, name, within=10):
        """The server that leads a cluster's log."""
        end = time.monotonic() + within * SLOW
        while time.monotonic() < end:
            try:
                said = self.ask(f"STREAM.INFO.DRAGOMAN_{name}", within=2).get("cluster", {}).get("leader")
            except OSError:
                said = None
            for server in self.servers:
                if server.name == said:
                    return server
            time.sleep(0.2)
        raise Failure(f"nobody leads the log of {name}")
