"""A headless Chromium that a scenario drives by its debugging protocol
(https://chromedevtools.github.io/devtools-protocol/), over a pair of pipes."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from server import SLOW, Failure, check

COMMAND = "chromium"
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--hide-scrollbars", "--mute-audio", "--remote-debugging-pipe"]
WITHIN = 20 * SLOW  # seconds, for one answer


class Browser:
    """With a profile of its own. What its pages say on the console, and what the browser itself says
    of them, is kept in `said`."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-browser-")
        self.said, self.bytes, self.number, self.answers = [], b"", 0, {}
        self.process = self.session = None

    def __enter__(self):
        program = shutil.which(COMMAND)
        check(program, f"there is no {COMMAND} here: `make test-deps` installs it on Debian")
        theirs, self.out = os.pipe()
        self.into, ours = os.pipe()
        with open(os.path.join(self.folder.name, "said"), "wb") as said:
            self.process = subprocess.Popen(
                ["bash", "-c", f'exec "$0" "$@" 3<&{theirs} 4>&{ours}', program, *ARGUMENTS,
                 f"--user-data-dir={os.path.join(self.folder.name, 'profile')}", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, pass_fds=(theirs, ours),
                env={**os.environ, "HOME": self.folder.name})
        os.close(theirs)
        os.close(ours)
        try:
            self.attach()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        for _ in range(50):  # its helpers end a little later, and write until then
            try:
                self.folder.cleanup()
                break
            except OSError:
                time.sleep(0.1)

    # ---- the protocol ----

    def attach(self):
        """To the one tab there is."""
        target = next(one for one in self.ask("Target.getTargets", {})["targetInfos"] if one["type"] == "page")
        self.session = self.ask("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def take(self, seconds):
        """Reads what comes within that time. False: nothing did."""
        if not select.select([self.into], [], [], max(0, seconds))[0]:
            return False
        data = os.read(self.into, 1 << 20)
        check(data, "the browser has ended")
        *messages, self.bytes = (self.bytes + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.hear(message["method"], message["params"])
        return True

    def hear(self, method, event):
        if method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            self.said.append(" ".join(str(one.get("value", one.get("description"))) for one in event["args"]))
        elif method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.said.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.said.append(f"{event['entry']['text']} {event['entry'].get('url', '')}".strip())

    def ask(self, method, params, session=None):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + WITHIN
        while number not in self.answers:
            check(self.take(end - time.monotonic()) or time.monotonic() < end, f"{method}: the browser does not answer")
        answer = self.answers.pop(number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def do(self, method, **params):
        return self.ask(method, params, self.session)

    # ---- a page ----

    def screen(self, width, height=900, dark=False):
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                                                        {"name": "prefers-reduced-motion", "value": "reduce"}])

    def open(self, url):
        self.do("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'", f"{url} is not loaded")

    def run(self, expression):
        """The value of an expression of JavaScript; it may be a promise."""
        got = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in got:
            details = got["exceptionDetails"]
            raise Failure(f"{expression[:80]}: {details.get('exception', {}).get('description') or details['text']}")
        return got["result"].get("value")

    def until(self, expression, what, within=10):
        """Waits until it is true; its value."""
        end = time.monotonic() + within * SLOW
        while not (value := self.run(expression)):
            check(time.monotonic() < end, f"not in time: {what}")
            self.take(0.02)
        return value

    def type(self, text):
        """Where the focus is."""
        self.do("Input.insertText", text=text)

    def press(self, key, code=0, text="", shift=False):
        more = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp"):
            self.do("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                    modifiers=8 if shift else 0, **(more if kind == "keyDown" else {}))

    def screenshot(self, path, of="html"):
        """A PNG of an element, seen or not."""
        box = self.run(f"(({{ x, y, width, height }}) => ({{ x: x + scrollX, y: y + scrollY, width, height }}))"
                       f"(document.querySelector({of!r}).getBoundingClientRect())")
        data = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip={**box, "scale": 1})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
