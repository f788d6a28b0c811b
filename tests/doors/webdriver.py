"""A browser that a script drives: WebDriver (https://www.w3.org/TR/webdriver2/), spoken to Debian's
chromedriver over plain HTTP."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from server import SLOW, Failure, port_of_ours

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what an element's id is named
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--window-size=800,700"]


class Browser:
    """A headless chromium with a profile of its own. What its pages say on the console is kept."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-browser-")
        self.base = f"http://127.0.0.1:{port_of_ours()}"
        self.said = open(os.path.join(self.folder.name, "said"), "wb")
        self.process, self.session = None, ""

    def __enter__(self):
        port = self.base.rsplit(":", 1)[1]
        self.process = subprocess.Popen(["chromedriver", f"--port={port}"], stdin=subprocess.DEVNULL,
                                        stdout=self.said, stderr=self.said,
                                        env={**os.environ, "HOME": self.folder.name})
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def begin(self):
        profile = os.path.join(self.folder.name, "profile")
        options = {"binary": shutil.which("chromium"), "args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        for _ in range(100 * SLOW):
            try:
                answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
                break
            except ConnectionError:
                time.sleep(0.1)
        else:
            raise Failure("chromedriver does not listen")
        self.session = f"/session/{answer['sessionId']}"

    def __exit__(self, *_):
        try:
            self.ask("DELETE", self.session)
        finally:
            self.end()

    def end(self):
        self.process.terminate()
        self.process.wait(15)
        self.said.close()
        self.folder.cleanup()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60 * SLOW) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Failure(f"{method} {path}: {json.load(error)['value']['message'][:500]}") from None
        except urllib.error.URLError as error:
            raise ConnectionError(str(error)) from None

    def do(self, path, **body):
        return self.ask("POST", self.session + path, body)

    def get(self, path):
        return self.ask("GET", self.session + path)

    # ---- tabs ----

    def tabs(self, count):
        """The names of so many tabs, of which those are opened that are not there."""
        while len(self.get("/window/handles")) < count:
            self.do("/window/new", type="tab")
        return self.get("/window/handles")

    def switch(self, tab):
        self.do("/window", handle=tab)

    def open(self, url):
        self.do("/url", url=url)

    # ---- what is in a page ----

    def element(self, selector):
        found = self.do("/element", using="css selector", value=selector)
        return f"/element/{found[ELEMENT]}"

    def click(self, selector):
        self.do(self.element(selector) + "/click")

    def type(self, selector, text):
        self.do(self.element(selector) + "/value", text=text)

    def run(self, script, *arguments):
        """What the script returns."""
        return self.do("/execute/sync", script=script, args=list(arguments))

    def until(self, script, what, within=5.0):
        """Waits until the script returns something that is true."""
        end = time.monotonic() + within * SLOW
        while time.monotonic() < end:
            found = self.run(script)
            if found:
                return found
            time.sleep(0.05)
        raise Failure(f"{what}: {self.run('return document.body.innerText')!r}")

    def console(self):
        """What the browser said on the console of this tab since this was asked last."""
        return [f"{line['level']} {line['message']}" for line in self.do("/se/log", type="browser")]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.get("/screenshot")))
