"""Stand-ins for what a service manager gives a server: its notify socket, listening sockets, a folder
of credentials, the journal; and a way to hold one thread of a process."""

import ctypes
import os
import socket
import tempfile
import time

from server import SLOW, Failure, check

# Puts the descriptors that it is told to 3 and on, says whose they are, and becomes the program.
LAUNCHER = """
import fcntl, os, sys
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1].split(",") if fd]
for at, fd in enumerate(high):
    os.dup2(fd, 3 + at)
for fd in high:
    os.close(fd)
for name in ("LISTEN_PID", "WATCHDOG_PID"):
    if name in os.environ:
        os.environ[name] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


def launched(server, descriptors=()):
    """Has the server started with these descriptors as its first, and its own number in LISTEN_PID and
    WATCHDOG_PID, where its environment has them."""
    server.command = ["/usr/bin/python3", "-c", LAUNCHER, ",".join(map(str, descriptors)),
                      os.path.abspath(server.command[0]), *server.command[1:]]
    server.popen["pass_fds"] = tuple(descriptors)
    return server


class Manager:
    """Hears what is told by sd_notify(3)."""

    def __init__(self, abstract=True):
        self.folder = tempfile.TemporaryDirectory(prefix="dragoman-manager-")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(self.folder.name, "notify")
        self.name = "@" + path if abstract else path
        self.socket.bind("\0" + path if abstract else path)
        self.told = []

    def environment(self, **more):
        return {**os.environ, "NOTIFY_SOCKET": self.name, **more}

    def next(self, seconds=5):
        """The next that is told, as a dictionary; None: nothing is within that time."""
        self.socket.settimeout(seconds * SLOW)
        try:
            text = self.socket.recv(4096).decode()
        except socket.timeout:
            return None
        self.told.append(text)
        return dict(line.split("=", 1) for line in text.split("\n"))

    def expect(self, variable, seconds=5):
        """The next but for the watchdog's, which has to have that variable."""
        end = time.monotonic() + seconds * SLOW
        while time.monotonic() < end:
            found = self.next(end - time.monotonic())
            if found and "WATCHDOG" not in found:
                check(variable in found, f"{found} was told, not {variable}")
                return found
        raise Failure(f"{variable} was not told: {self.told}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.folder.cleanup()


class Held:
    """One thread of a child, which does nothing within this context: the others go on."""

    SEIZE, INTERRUPT, DETACH, ALL = 0x4206, 0x4207, 17, 0x40000000
    LIBC = ctypes.CDLL(None, use_errno=True)

    def __init__(self, process, name):
        self.thread = next(int(task) for task in os.listdir(f"/proc/{process.pid}/task")
                           if self.name_of(process.pid, task) == name)

    @staticmethod
    def name_of(pid, task):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="ascii") as file:
            return file.read().strip()

    def trace(self, what):
        done = self.LIBC.ptrace(ctypes.c_long(what), ctypes.c_long(self.thread), None, None)
        check(done == 0, f"ptrace({what:#x}): {os.strerror(ctypes.get_errno())}; is it allowed here?")

    def __enter__(self):
        self.trace(self.SEIZE)
        self.trace(self.INTERRUPT)
        os.waitpid(self.thread, self.ALL)
        return self

    def __exit__(self, *_):
        self.trace(self.DETACH)
