"""Logins that fail, ten thousand of them, from one address and from many: they are slowed, look alike, cost nobody else
a message, and take no more memory than a few."""

import asyncio
import collections
import concurrent.futures
import contextlib
import socket
import threading

from chat import close_all, join
from passwords import accounts, hash_of
from server import SLOW, VARIANT, Server, check, configuration, until
from wire import door, handshake

COUNT = 10000
AT_ONCE = 20
SECRET = "open sesame"
RSS_MORE = 16 << 20  # bytes: buffers that the first ones made


def config(hashes):
    text = configuration("messages_per_second = 0; connections_per_address = 0;", accounts=accounts(hashes),
                         listener='trusted_proxies = [ "127.0.0.1" ]; ')
    return text.replace("guests = true", "guests = false")


def rss(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def answer(server, dialect, name, secret, address):
    """The whole of it, but for its date."""
    path, *headers = door(dialect, name, secret)
    request = handshake(path, *headers, f"X-Forwarded-For: {address}")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30 * SLOW) as stream:
        stream.sendall(request)
        bytes_ = b""
        while b"\r\n\r\n" not in bytes_ and (more := stream.recv(4096)):
            bytes_ += more
    return b"\r\n".join(line for line in bytes_.split(b"\r\n") if not line.startswith(b"Date:"))


def bad_logins(server, tries):
    """How often each answer came."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return collections.Counter(pool.map(lambda each: answer(server, *each), tries))


class Talk(contextlib.AbstractContextManager):
    """Two who talk meanwhile; each message has to come."""

    def __init__(self, server):
        self.server, self.ended, self.said, self.failure = server, False, 0, None
        self.thread = threading.Thread(target=lambda: asyncio.run(self.talk()))

    async def talk(self):
        try:
            cat = await join(self.server, "concord", "cat", secret=SECRET)
            dan = await join(self.server, "rooms", "dan", secret=SECRET)
            while not self.ended:
                await cat.say(f"word {self.said}")
                await dan.hears(f"word {self.said}", 20 * SLOW)
                self.said += 1
                await asyncio.sleep(0.01)
            await close_all([cat, dan])
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def __enter__(self):
        self.thread.start()
        until(lambda: self.said or self.failure, "they talk")
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        check(self.failure is None, f"{self.failure}")


def status_of(said):
    return int(said.split()[1])


def logins_are_guessed():
    hashes = {name: hash_of(SECRET) for name in ("ann", "bob", "cat", "dan")}
    with Server(config(hashes)) as server:
        wrong = {answer(server, "concord", name, secret, f"198.51.100.{number}")
                 for number, (name, secret) in enumerate((("ann", "wrong"), ("nobody", "wrong"), ("ann", None),
                                                          ("nobody", None), ("bob", "x" * 500)))}
        check(len(wrong) == 1 and status_of(wrong.pop()) == 401, f"they look alike: {wrong}")
        check(status_of(answer(server, "concord", "ann", SECRET, "192.0.2.1")) == 101, "ann comes from here")
        with Talk(server) as talk:
            before, said = rss(server), talk.said
            found = bad_logins(server, (("concord", "ann", f"guess{i}", "203.0.113.7") for i in range(COUNT)))
            by_status = {status_of(said): count for said, count in found.items()}
            check(set(by_status) == {401, 503} and by_status[503] > COUNT * 9 // 10, f"one address: {by_status}")
            check(talk.said > said, "nothing was said meanwhile")
            check(status_of(answer(server, "concord", "ann", SECRET, "192.0.2.1")) == 101, "the owner, from a known address")
            check(status_of(answer(server, "concord", "bob", SECRET, "192.0.2.2")) == 101, "somebody else")

            said = talk.said
            found = bad_logins(server, (("concord", "ann" if i % 2 else f"name{i}", f"guess{i}",
                                         f"198.{18 + i // 65536}.{i // 256 % 256}.{i % 256}") for i in range(COUNT)))
            by_status = {status_of(said): count for said, count in found.items()}
            check(set(by_status) <= {401, 503} and sum(by_status.values()) == COUNT, f"many addresses: {by_status}")
            check(talk.said > said, "nothing was said meanwhile")
            check(status_of(answer(server, "concord", "ann", SECRET, "192.0.2.1")) == 101, "the owner")
            check(status_of(answer(server, "concord", "bob", SECRET, "192.0.2.9")) == 101, "somebody else")
            if VARIANT == "release":  # a sanitizer keeps what was freed
                check(rss(server) - before < RSS_MORE, f"{(rss(server) - before) >> 10} KiB more")
        counted = server.counters()["connections"]
        check(counted["logins_slowed"] > COUNT, f"{counted}")
        check('refused login from 203.0.113.7 at "/concord": bad_login concord "ann"' in server.log_text(), "for fail2ban")
        check("guess" not in server.log_text(), "a secret is in the log")


def they_are_forgotten():
    """A while later the right secret comes in from there; a mixer client hears why it does not."""
    hashes = {"ann": hash_of(SECRET)}
    text = config(hashes).replace("messages_per_second", "failed_logins = 2; failed_login_seconds = 1; messages_per_second")
    with Server(text) as server:
        for _ in range(2):
            check(status_of(answer(server, "rooms", "ann", "wrong", "203.0.113.7")) == 401, "wrong")
        said = answer(server, "rooms", "ann", SECRET, "203.0.113.7")
        check(status_of(said) == 503, f"{said}")
        until(lambda: status_of(answer(server, "rooms", "ann", SECRET, "203.0.113.7")) == 101, "a second later")
    text = config(hashes).replace("messages_per_second", "failed_logins = 0; messages_per_second")
    with Server(text) as server:
        for _ in range(30):
            check(status_of(answer(server, "rooms", "ann", "wrong", "203.0.113.7")) == 401, "none is slowed")


SCENARIOS = [logins_are_guessed, they_are_forgotten]
