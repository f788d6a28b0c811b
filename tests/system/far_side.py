"""The servers of far/ from a test's end: started, steered, killed, stopped; and what they tell."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time

import npm
from server import SLOW, Failure, check, port_of_ours

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "far")


class Far:
    """with Far("simple") as far: ...  It has the same port and state after restart()."""

    ROOMS = {"mixer": "far", "concord": "general", "simple": ""}

    def __init__(self, dialect, pair=None):
        """pair: a certificate and its key as texts, of a server of TLS."""
        self.dialect = dialect
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-far-")
        self.port = port_of_ours()
        self.files = [self.write(name, text) for name, text in zip(("cert.pem", "key.pem"), pair or ())]
        self.told = []
        self.news = threading.Condition()
        self.process = None

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self):
        if self.dialect == "simple":
            return ["node", os.path.join(HERE, "simple.js"), npm.install(), str(self.port), *self.files]
        secure = ["--cert", self.files[0], "--key", self.files[1]] if self.files else []
        return ["/usr/bin/python3", "-B", os.path.join(HERE, f"{self.dialect}.py"), "--port", str(self.port),
                "--state", os.path.join(self.folder.name, "state"), *secure]

    def url(self, host="127.0.0.1"):
        scheme = "https" if self.files else "http"
        return f"{scheme}://{host}:{self.port}" + {"mixer": "/api/v1", "concord": "", "simple": ""}[self.dialect]

    @staticmethod
    def secret_of(dialect, name):
        return {"mixer": f"token of {name}", "concord": f"secret of {name}", "simple": ""}[dialect]

    def start(self):
        listened = self.count("listening")
        self.process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        threading.Thread(target=self.read, args=(self.process,), daemon=True).start()
        self.until(lambda: self.count("listening") > listened, "its start")
        return self

    def read(self, process):
        for line in process.stdout:
            with self.news:
                self.told.append({"at": time.monotonic(), **json.loads(line)})
                self.news.notify_all()
        with self.news:
            self.told.append({"at": time.monotonic(), "event": "ended"})
            self.news.notify_all()

    # ---- what it told ----

    def events(self, event, **fields):
        with self.news:
            return [one for one in self.told if one["event"] == event
                    and all(one.get(name) == value for name, value in fields.items())]

    def count(self, event, **fields):
        return len(self.events(event, **fields))

    def until(self, condition, what, within=10):
        end = time.monotonic() + within * SLOW
        while not (found := condition()):
            with self.news:
                left = end - time.monotonic()
                if left <= 0:
                    raise Failure(f"{self.dialect} there: no {what} in time; the last: {self.told[-5:]}")
                self.news.wait(min(left, 0.05))
        return found

    def hears(self, content, within=3):
        """The one message with that text that was taken there."""
        return self.until(lambda: self.events("chat", content=content), f"message {content!r}", within)[0]

    def said(self, start=""):
        """The texts of all messages taken there that have this."""
        return [one["content"] for one in self.events("chat") if start in one["content"]]

    # ---- what it is told ----

    def order(self, word, **members):
        done = self.count("done")
        self.process.stdin.write(json.dumps({"do": word, **members}).encode() + b"\n")
        self.process.stdin.flush()
        self.until(lambda: self.count("done") > done, f"answer to {word}")
        answer = self.events("done")[done]
        check("error" not in answer, f"{word}: {answer}")
        return answer

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.until(lambda: self.told[-1]["event"] == "ended", "its end")

    def restart(self, after=0.0):
        self.kill()
        time.sleep(after)
        return self.start()

    def stop_for(self, seconds):
        """It stands still, its connections stay."""
        self.signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.signal(signal.SIGCONT)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        self.folder.cleanup()
        return False


class ForeignBridge(Far):
    """Copies between two servers of the simple dialect: far/relay.js."""

    def __init__(self, *sides):
        """sides: url, name, url, name."""
        super().__init__("simple")
        self.sides = sides

    def command(self):
        return ["node", os.path.join(HERE, "relay.js"), npm.install(), *self.sides]
