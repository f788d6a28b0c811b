"""The published npm clients of the mixer dialect, unmodified, driven by mixer_clients.js and mixer_bots.js."""

import os
import select
import subprocess
import time

import npm
from server import SLOW, Failure, Server, check, configuration, port_of_ours

HERE = os.path.dirname(os.path.abspath(__file__))
ACCOUNTS = '( { name = "boss"; number = 7; secret_file = "boss.secret"; roles = [ "owner" ]; } )'
FILES = {"boss.secret": "the boss's secret\n"}


def config(port):
    return configuration(accounts=ACCOUNTS, port=port)


class Script:
    """The script says "restart" when the server is to be restarted, and "done" at its end."""

    def __init__(self, name, *arguments):
        self.process = subprocess.Popen(
            ["node", "--no-deprecation", os.path.join(HERE, name), npm.install(), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b""

    def until(self, word, seconds):
        """Reads lines until one is word; shows the others."""
        end = time.monotonic() + seconds * SLOW
        while True:
            line, newline, rest = self.text.partition(b"\n")
            if newline:
                self.text = rest
                if line.decode() == word:
                    return
                print("   ", line.decode("utf-8", "replace"), flush=True)
                continue
            left = end - time.monotonic()
            check(left > 0 and select.select([self.process.stdout], [], [], left)[0], f"no {word!r} in time")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise Failure(f"the script ended with {self.process.wait()} before {word!r}")
            self.text += more

    def tell(self, word):
        self.process.stdin.write(word.encode() + b"\n")
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.communicate()


def published_mixer_clients():
    """Connect, log in, call every method, stay, and come back after a restart on the same port."""
    port = port_of_ours()
    with Server(config(port), files=FILES) as server:
        script = Script("mixer_clients.js", f"ws://127.0.0.1:{port}", "the boss's secret")
        try:
            script.until("restart", 60)
            server.stop()
            # The clients' first attempts to come back meet a closed door.
            time.sleep(1.2)
            with Server(config(port), files=FILES) as again:
                script.tell("restarted")
                script.until("done", 60)
                check(script.process.wait(timeout=10) == 0, "the script failed")
                again.settled(lambda counters: counters["connections"]["open"] == 0)
        finally:
            script.end()


def published_mixer_bots():
    """From the first request by HTTP to the last message: the bots of the tutorial, given a URL and a token, which
    come back with their keys after a restart."""
    port = port_of_ours()
    with Server(config(port).replace("guests", 'state = "state"; guests', 1), files=FILES) as server:
        script = Script("mixer_bots.js", f"http://127.0.0.1:{port}", "boss:the boss's secret")
        try:
            script.until("restart", 60)
            server.stop()
            time.sleep(1.2)
            server.start()
            script.tell("restarted")
            script.until("done", 60)
            check(script.process.wait(timeout=10) == 0, "the script failed")
            server.settled(lambda counters: counters["connections"]["open"] == 0)
        finally:
            script.end()


SCENARIOS = [published_mixer_clients, published_mixer_bots]
WAITING = SCENARIOS
