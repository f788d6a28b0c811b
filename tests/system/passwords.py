"""Accounts of whose secrets only hashes are kept, and dragoman passwd, which makes them."""

import asyncio
import fcntl
import os
import pty
import re
import signal
import stat
import subprocess
import tempfile
import termios
import time
import urllib.parse

from chat import close_all, join, join_all, talk
from reloads import Reloader
from server import BINARY, SLOW, Server, check, configuration, run
from wire import Wire, door

HASH = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\n")
CHEAP = ("--memory-mib", "1", "--passes", "1")
DIALECTS = ("mixer", "concord", "rooms", "simple")


def passwd(line, *arguments):
    """Exit code, standard output, standard error; line is what it reads."""
    return run("passwd", *arguments, within=30, input=line if isinstance(line, bytes) else line.encode())


def hash_of(secret, *cost):
    code, out, err = passwd(secret + "\n", *(cost or CHEAP))
    check(code == 0 and HASH.fullmatch(out) and not err, f"passwd: {code} {out!r} {err!r}")
    return out.strip()


def accounts(hashes):
    """A directive: an account for each name, numbered from 1."""
    return "( " + ", ".join(f'{{ name = "{name}"; number = {number}; secret_hash = "{secret}"; }}'
                            for number, (name, secret) in enumerate(hashes.items(), 1)) + " )"


# ---- the command ----

def passwd_makes_hashes():
    """From one line; what is no secret is refused."""
    code, out, _ = passwd("sesame\n")
    check(code == 0 and HASH.fullmatch(out)[1] == "19456" and HASH.fullmatch(out)[2] == "2", f"{out!r}")
    code, again, _ = passwd("sesame\r\n", "--memory-mib=2", "--passes", "3")
    check(HASH.fullmatch(again)[1] == "2048" and HASH.fullmatch(again)[2] == "3", f"{again!r}")
    check(hash_of("sesame") != hash_of("sesame"), "two hashes are the same")
    for wrong, why in (("", "the secret is empty"), ("\n", "the secret is empty"),
                       ("a\nb\n", "the secret has more than one line"),
                       ("a\n\n", "the secret has more than one line"),
                       (b"a\0b\n", "the secret has a NUL byte or a carriage return"),
                       ("a\rb\n", "the secret has a NUL byte or a carriage return"),
                       ("x" * 8001 + "\n", "the secret is longer than 8000 bytes"),
                       ("x" * 20000, "the secret is longer than 8000 bytes")):
        done = passwd(wrong, *CHEAP)
        check(done == (1, "", f"dragoman: {why}\n"), f"{wrong[:20]!r}: {done}")
    check(passwd("x" * 8000, *CHEAP)[0] == 0, "a long secret")


def passwd_writes_files():
    """Whole or not at all, for the owner alone; a server takes the file."""
    with tempfile.TemporaryDirectory() as folder:
        path, link = os.path.join(folder, "ann.secret"), os.path.join(folder, "link")
        check(passwd("sesame\n", *CHEAP, path) == (0, "", ""), "a new file")
        with open(path, encoding="ascii") as file:
            first = file.read()
        check(HASH.fullmatch(first), f"it holds {first!r}")
        os.chmod(path, 0o644)
        os.symlink("ann.secret", link)
        check(passwd("sesame\n", *CHEAP, link) == (0, "", ""), "through a link")
        with open(path, encoding="ascii") as file:
            second = file.read()
        check(HASH.fullmatch(second) and first != second, f"it still holds {second!r}")
        check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "its mode")
        check(os.path.islink(link) and sorted(os.listdir(folder)) == ["ann.secret", "link"],
              f"in the folder: {os.listdir(folder)}")
        for wrong, why in ((folder, "it is not a regular file"), ("/dev/null", "it is not a regular file"),
                           (os.path.join(folder, "none", "x"), "No such file or directory")):
            done = passwd("sesame\n", *CHEAP, wrong)
            check(done == (1, "", f"dragoman: {wrong}: {why}\n"), f"{wrong}: {done}")
        config = os.path.join(folder, "dragoman.cfg")
        with open(config, "w", encoding="ascii") as file:
            file.write('accounts = ( { name = "ann"; number = 1; secret_file = "ann.secret"; } );')
        check(run("check", "-c", config)[0] == 0, "check refuses the file")
        with open(path, "w", encoding="ascii") as file:
            file.write(second.replace("m=1024", "m=8388608"))
        code, _, err = run("check", "-c", config)
        check(code == 78 and f"{config}:1: error: the hash in secret_file" in err and "256 MiB" in err,
              f"check: {code} {err}")


class Terminal:
    """A command on a terminal; what is shown there."""

    def __init__(self, *words):
        self.terminal, inner = pty.openpty()
        self.inner, self.shown = inner, b""
        self.process = subprocess.Popen([BINARY, *(words or ("passwd", *CHEAP))], stdin=inner, stderr=inner,
                                        stdout=subprocess.PIPE, start_new_session=True,
                                        preexec_fn=self.attach)

    @staticmethod
    def attach():
        """As a shell in the foreground starts it: one in the background has it ignore SIGINT."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def echoes(self):
        return bool(termios.tcgetattr(self.inner)[3] & termios.ECHO)

    def asks(self, prompt):
        """Waits for a prompt, and until the echo is off."""
        end = time.monotonic() + 10 * SLOW
        while not self.shown.endswith(prompt) or self.echoes():
            check(time.monotonic() < end, f"not asked {prompt}: {self.shown}")
            if not self.shown.endswith(prompt):
                self.shown += os.read(self.terminal, 1000)
            time.sleep(0.01)

    def types(self, text):
        os.write(self.terminal, text)

    def ends(self):
        out = self.process.communicate(timeout=30 * SLOW)[0].decode()
        os.set_blocking(self.terminal, False)
        try:
            while True:
                self.shown += os.read(self.terminal, 1000)
        except OSError:
            pass
        check(self.echoes(), "the terminal does not echo any more")
        os.close(self.inner)
        os.close(self.terminal)
        return self.process.returncode, out


def passwd_asks_on_a_terminal():
    """Twice, without echo; whatever ends it, the terminal echoes again."""
    def typed_twice(first, second):
        one = Terminal()
        for question, text in ((b"Secret: ", first), (b"Again: ", second)):
            one.asks(question)
            one.types(text)
        return one, *one.ends()

    one, code, out = typed_twice(b"open sesame\n", b"open sesame\n")
    check(code == 0 and HASH.fullmatch(out), f"it ends with {code}: {out!r}, {one.shown}")
    check(b"sesame" not in one.shown, f"the secret is shown: {one.shown}")
    other, code, out = typed_twice(b"open sesame\n", b"open barley\n")
    check(code == 1 and out == "" and b"two different secrets" in other.shown, f"{code} {other.shown}")
    for typed, number in ((b"half a se\x03", signal.SIGINT), (b"\x04", None)):
        ended = Terminal()
        ended.asks(b"Secret: ")
        ended.types(typed)
        code, out = ended.ends()
        check(code == (-number if number else 1) and out == "", f"{typed}: {code} {out!r} {ended.shown}")
    killed = Terminal()
    killed.asks(b"Secret: ")
    killed.process.send_signal(signal.SIGTERM)
    check(killed.ends() == (-signal.SIGTERM, ""), f"TERM: {killed.shown}")


# ---- logins ----

def answer_of(server, dialect, name, secret, number):
    """Of a login that is refused, or comes in and leaves: True, or the refusal."""
    with Wire(server.port) as wire:
        if dialect != "mixer":
            status = wire.request(*door(dialect, name, secret), within=30).status
            return status == 101 or status
        wire.upgrade(*door("mixer", name))
        wire.frame(1, b'{"type":"method","method":"auth","arguments":[1,%d,"%s"],"id":0}'
                   % (number, secret.encode()))
        wire.read(lambda data: b'"reply"' in data, 30)
        return b'"authenticated":true' in wire.bytes or \
            (b'"UNOTFOUND"' in wire.bytes and "UNOTFOUND") or wire.bytes


def hashed_accounts():
    """In each dialect with the right secret and a wrong one, from the configuration and from a file; and
    nobody logs in with a hash."""
    refused = {"mixer": "UNOTFOUND", "concord": 401, "rooms": 401, "simple": 401}
    given = hash_of("open sesame", "--memory-mib", "4")
    files = [("bob.secret", hash_of("open barley") + "\n")]
    both = accounts({"ann": given})[:-1] + ', { name = "bob"; number = 2; secret_file = "bob.secret"; } )'
    config = configuration(accounts=both).replace("guests = true", "guests = false")
    with Server(config, files=files) as server:
        for dialect in DIALECTS:
            for name, number, secret, wrong in (("ann", 1, "open sesame", given),
                                                ("bob", 2, "open barley", "open sesame")):
                shown = secret if dialect in ("mixer", "simple") else urllib.parse.quote(secret)
                said = answer_of(server, dialect, name, secret if dialect != shown else shown, number)
                check(said is True, f"{name} in {dialect}: {said}")
                server.settled(lambda counters: counters["connections"]["open"] == 0)
                said = answer_of(server, dialect, name, wrong, number)
                check(said == refused[dialect], f"{name} with another secret in {dialect}: {said}")
            said = answer_of(server, dialect, "zoe", "open sesame", 77)
            check(said == refused[dialect], f"nobody in {dialect}: {said}")
        counters = server.settled()["connections"]
        check(counters["secrets_compared"] == 2 + 4 * 3 and counters["secrets_known"] == 2 * 3,
              f"compared: {counters}")
        check(counters["refused"] == {"bad_login": 12}, f"refused: {counters}")
        check(server.log_text().count("refused login from 127.0.0.1") == 12, "the log")
        check("sesame" not in server.log_text() and "argon2" not in server.log_text(), "secrets in the log")


def begin(server, name, secret):
    """A concord client that logs in; its answer is not waited for."""
    wire = Wire(server.port)
    wire.request(*door("concord", name, secret), within=0)
    return wire


def status_of(wire):
    """What it was answered, when that comes: 101, 401 or 503; 0: nothing. Ends the connection."""
    with wire:
        wire.read(lambda data: b"\r\n\r\n" in data, 60)
        return int(wire.bytes.split(b" ")[1]) if wire.bytes else 0


def cpu_of(server):
    """Ticks of CPU time: of its threads, and of the processes that it started, each a list."""
    def stat_of(path):
        with open(path, encoding="ascii") as file:
            head, _, rest = file.read().rpartition(")")
        fields = rest.split()
        return head.partition("(")[2], int(fields[1]), int(fields[11]) + int(fields[12])

    pid, others = server.process.pid, []
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            name, parent, ticks = stat_of(f"/proc/{other}/stat")
        except OSError:
            continue
        if parent == pid:
            check(name == "secrets", f"the server has started {name}")
            others.append(ticks)
    return [stat_of(f"/proc/{pid}/task/{task}/stat")[2] for task in os.listdir(f"/proc/{pid}/task")], others


def many_log_in_at_once():
    """200 logins while others talk: no message is lost or late, and it is another process that compares
    secrets."""
    hashes = {f"user{number}": hash_of("sesame", "--memory-mib", "1")
              for number in range(1, 41)}

    async def scenario(server):
        clients, loop = await join_all(server), asyncio.get_running_loop()
        wires = [begin(server, f"user{number % 40 + 1}", "sesame" if number < 40 else f"wrong{number}")
                 for number in range(200)]
        done = loop.run_in_executor(None, lambda: [status_of(wire) for wire in wires])
        rounds = 0
        while not done.done() or rounds == 0:
            await talk(clients, f"round {rounds}")
            rounds += 1
            await asyncio.sleep(0.05)
        statuses = await done
        check(statuses == [101] * 40 + [401] * 160, f"answered: {statuses}")
        await close_all(clients)
        return rounds

    limits = "messages_per_second = 0; login_seconds = 300; connections_per_address = 0;"
    config = configuration(limits, accounts=accounts(hashes))
    with Server(config) as server:
        rounds = asyncio.run(scenario(server))
        counters = server.settled(lambda counters: counters["connections"]["open"] == 0)["connections"]
        check(counters["secrets_compared"] == 200 and counters["secrets_known"] == 0, f"{counters}")
        threads, processes = cpu_of(server)
        check(len(processes) == 1, f"{len(processes)} processes compare secrets")
        check(max(threads) < sum(processes), f"ticks of CPU time: {threads}, and {processes} for secrets")
        print(f"{rounds} rounds of talk; ticks of CPU time: {threads}, and {processes} for secrets")


def the_process_may_be_killed():
    """Another is started; and when none can be, the server compares by itself."""
    def children(server):
        with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children", encoding="ascii") as file:
            own = file.read()
        found = []
        for task in os.listdir(f"/proc/{server.process.pid}/task"):
            with open(f"/proc/{server.process.pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
        return found or list(map(int, own.split()))

    config = configuration(accounts=accounts({"ann": hash_of("sesame")}))
    config = config.replace("guests = true", "guests = false")
    with Server(config) as server:
        killed = set()
        check(children(server) == [], "a process before it is needed")
        for number in range(5):
            said = answer_of(server, "concord", "ann", f"wrong{number}", 1)
            check(said == 401, f"a wrong secret: {said}")
            processes = children(server)
            check(len(processes) == 1 and not killed & set(processes), f"after {killed}: {processes}")
            os.kill(processes[0], signal.SIGKILL)
            killed.update(processes)
        check(answer_of(server, "concord", "ann", "sesame", 1) is True, "the right secret")
        check("cannot start" not in server.log_text(), "it gave up")
        last = children(server)
        server.stop()
        for _ in range(100):
            if not os.path.exists(f"/proc/{last[0]}"):
                break
            time.sleep(0.1)
        check(not os.path.exists(f"/proc/{last[0]}"), "the process outlives the server")


def leaving_while_it_is_compared():
    """Clients that do not wait for the answer, in each dialect, while others talk. It is compared all the
    same, for nobody."""
    def knock(server, number):
        dialect = DIALECTS[number % 4]
        with Wire(server.port) as wire:
            if dialect == "mixer":
                wire.upgrade(*door("mixer", "eve"))
                wire.frame(1, b'{"type":"method","method":"auth","arguments":[1,1,"wrong"],"id":0}')
            else:
                wire.request(*door(dialect, "eve", "sesame" if number % 3 else "wrong"),
                             within=number % 5 * 0.002)

    async def scenario(server):
        clients, loop = await join_all(server), asyncio.get_running_loop()
        done = loop.run_in_executor(None, lambda: [knock(server, number) for number in range(200)])
        while not done.done():
            await talk(clients, "meanwhile")
        await done
        await talk(clients, "after")
        await close_all(clients)

    eve = accounts({"eve": hash_of("sesame", "--memory-mib", "2")})
    with Server(configuration("messages_per_second = 0;", accounts=eve)) as server:
        asyncio.run(scenario(server))
        for _ in range(20):
            time.sleep(0.5)
            counters = server.counters()
            if counters["connections"]["open"] == 0:
                break
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def the_login_timeout_holds():
    """Of logins that take too long, all are answered; what still waits at the end holds nothing up."""
    accounts_of = accounts({"ann": hash_of("sesame", "--memory-mib", "64", "--passes", "16")})
    with Server(configuration("login_seconds = 1;", accounts=accounts_of)) as server:
        statuses = [status_of(wire) for wire in [begin(server, "ann", f"wrong{n}") for n in range(16)]]
        late = statuses.count(503)
        check(late + statuses.count(401) == 16 and late > 0, f"answered: {statuses}")
        counters = server.settled(lambda counters: counters["connections"]["open"] == 0)
        check(counters["connections"]["timed_out"] == late, f"timed out: {counters['connections']}")
        waiting = [begin(server, "ann", f"wrong{n}") for n in range(16)]
        time.sleep(0.1)
        server.stop()
        for wire in waiting:
            wire.socket.close()


def reload_changes_hashes():
    """From then on the new secret holds, and the old one does not; who is there stays."""
    def config(secret):
        return configuration(accounts=accounts({"ann": hash_of(secret)}))

    async def scenario(server):
        ann, reloader = await join(server, "concord", "ann", secret="first"), Reloader(server)
        for secret, old in (("second", "first"), ("third", "second"), ("first", "third")):
            taken, told = await reloader.reload(config(secret))
            check(taken and "1 account changed (ann)" in reloader.told, f"the reload: {told}")
            for shown, status in ((old, 401), (secret, True), (secret, True), (old, 401)):
                said = answer_of(server, "rooms", "ann", shown, 1)
                check(said == status, f"{shown} after {secret}: {said}")
        bad = config("fourth").replace("$argon2id$v=19$m=1024", "$argon2id$v=19$m=10240000")
        taken, told = await reloader.reload(bad)
        check(not taken and b"takes more memory than 256 MiB" in told, f"a bad hash: {told}")
        check(answer_of(server, "rooms", "ann", "first", 1) is True, "the last one does not hold")
        await ann.say("still here")
        await ann.hears("still here")
        await ann.close()

    with Server(config("first")) as server:
        asyncio.run(scenario(server))


SCENARIOS = [passwd_makes_hashes, passwd_writes_files, passwd_asks_on_a_terminal, hashed_accounts,
             many_log_in_at_once, the_process_may_be_killed, leaving_while_it_is_compared, the_login_timeout_holds,
             reload_changes_hashes]
