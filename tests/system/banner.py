"""What a person in front of a terminal sees: of the demo, and of a server that admits no guests."""

import os
import pty
import re
import signal
import subprocess
import time

from server import BINARY, SLOW, MOUNTS, Failure, Server, check, configuration
from wire import Wire


class Demo:
    """with Demo() as demo: the demo in a terminal of its own."""

    def __enter__(self):
        self.terminal, inner = pty.openpty()
        self.process = subprocess.Popen([BINARY, "demo", "--port", "0", "--workers", "2"], stdin=inner,
                                        stdout=inner, stderr=inner, start_new_session=True,
                                        preexec_fn=lambda: take_terminal(inner))
        os.close(inner)
        os.set_blocking(self.terminal, False)
        self.text = ""
        self.port = int(self.wait(r"listening on 127\.0\.0\.1 port (\d+)")[1])
        self.wait(r"message ids rely")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.terminal is not None:
            os.close(self.terminal)

    def read(self):
        try:
            self.text += os.read(self.terminal, 65536).decode().replace("\r", "")
        except OSError:  # nothing yet, or nobody there any more
            pass

    def wait(self, words):
        for _ in range(100 * SLOW):
            self.read()
            found = re.search(words, self.text)
            if found:
                return found
            time.sleep(0.05)
        raise Failure(f"not printed: {words}: {self.text}")

    def ends(self, why):
        try:
            status = self.process.wait(timeout=10 * SLOW)
        except subprocess.TimeoutExpired:
            raise Failure(f"still there after {why}") from None
        check(status == 0, f"exit status {status} after {why}")


def take_terminal(descriptor):
    """Makes it the one whose closing is told to this process."""
    import fcntl
    import termios
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


def demo_for_people():
    """Who comes and goes is printed, and at the end one line."""
    with Demo() as demo:
        with Wire(demo.port) as bob:
            bob.upgrade("/concord?token=bob")
            demo.wait(r'info "bob" connected \(concord\)\n')
        demo.wait(r'info "bob" left \(concord\)\n')
        demo.process.send_signal(signal.SIGINT)
        demo.ends("INT")
        last = demo.wait(r"ended after .*\n")[0]
        check(re.match(r"ended after 1 connections, \d+ events, delivered \d+ times\n", last), last)
        check("{\"counters\"" not in demo.text, f"JSON at the end: {demo.text}")


def closed_terminal():
    """The demo ends with its terminal, but not when it was told to stay."""
    with Demo() as demo:
        os.close(demo.terminal)
        demo.terminal = None
        demo.ends("its terminal was closed")
    stays = subprocess.Popen(["sh", "-c", 'trap "" HUP; exec "$0" demo --port 0', BINARY],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        check(stays.stdout.readline(), "no greeting")
        stays.send_signal(signal.SIGHUP)
        time.sleep(0.5 * SLOW)
        check(stays.poll() is None, "HUP ended a demo that ignores it")
        stays.terminate()
        check(stays.wait(timeout=10 * SLOW) == 0, "exit status")
    finally:
        stays.kill()
        stays.wait()
        stays.stdout.close()


def no_guests_no_commands():
    """run's greeting shows commands for guests only where there are any."""
    mounts = MOUNTS.replace('"mixer"; room', '"mixer"; guests = false; room')
    with Server(configuration(mounts=mounts)) as server:
        for mount in server.info["mounts"]:
            guests = mount["dialect"] != "mixer"
            check(mount["guests"] == guests and ("try" in mount) == guests, f"{mount}")


SCENARIOS = [demo_for_people, closed_terminal, no_guests_no_commands]
