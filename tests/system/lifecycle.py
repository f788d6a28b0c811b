"""Signals, exit codes and the command line."""

import asyncio
import concurrent.futures
import json
import os
import re
import signal
import socket
import tempfile
import threading
import time

from chat import close_all, join, join_all, talk
from server import SLOW, Server, check, configuration, run
from wire import Wire, handshake


def drain():
    """TERM: close frames, exit 0, last counters; USR1: counters at any time."""
    async def scenario(server):
        clients = await join_all(server)
        await talk(clients, "before")
        counters = server.settled(lambda c: c["connections"]["open"] == 4)
        check(counters["drafts"]["ordered"] >= 8, f"4 entries and 4 messages: {counters}")
        check(counters["deliveries"]["delivered"] >= 16, f"16 deliveries: {counters}")
        for dialect, client in clients.items():
            check(counters["dialects"][dialect]["delivered"] >= 4, f"{client.name}'s part: {counters}")
        for _ in range(3):
            server.counters()
        with Wire(server.port) as half:  # neither a request nor a stop holds the drain up
            half.send(b"GET /mixer HTTP/1.1\r\nHost:")
            server.process.send_signal(signal.SIGTERM)
            for client in clients.values():
                code = await client.closed(10 * SLOW)
                check(code == 1001, f"{client.name} was closed with {code}")
            status, last = server.wait_end()
        check(status == 0, f"exit status {status}")
        check(last["connections"]["open"] == 0, f"still open at exit: {last['connections']}")
        check(last["drafts"]["ordered"] >= counters["drafts"]["ordered"], "the last counters")
        await close_all(clients)

    server = Server()
    with server:
        asyncio.run(scenario(server))
        server.check_log()
        server.process = None


def come_and_go():
    """However many connections come and go on several threads at once, the end is in good order."""
    def knock(server):
        for number in range(2000):
            with socket.socket() as one:
                one.connect(("127.0.0.1", server.port))
                if number % 4 == 0:
                    one.sendall(b"GET /mixer HTTP/1.1\r\n")

    with Server(configuration(workers=4)) as server:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(knock, [server] * 4))
        server.settled(lambda counters: counters["connections"]["open"] == 0)


def drain_stuck():
    """A reader that stopped does not hold the drain up."""
    with Server(configuration("messages_per_second = 0;")) as server:
        with Wire(server.port, receive_buffer=4096) as stuck, Wire(server.port) as speaker:
            stuck.upgrade("/concord?token=stuck")
            speaker.upgrade("/concord?token=speaker")
            text = b'{"type":"chat_written","channelId":1,"content":"' + b"x" * 30000 + b'"}'
            for _ in range(20):
                speaker.frame(1, text)
                speaker.read(lambda _: False, 0.02)
            counters = server.stop()
        check(counters["connections"]["open"] == 0, f"still open at exit: {counters['connections']}")


def late_request():
    """Who asks for an upgrade while the server ends is told so, and is not logged like who is at fault."""
    with Server(configuration("messages_per_second = 0;", more='log_format = "json";')) as server:
        # The reader that stopped keeps the server for two seconds more.
        with Wire(server.port, receive_buffer=4096) as stuck, Wire(server.port) as speaker, \
                Wire(server.port) as late:
            stuck.upgrade("/concord?token=stuck")
            speaker.upgrade("/concord?token=speaker")
            text = b'{"type":"chat_written","channelId":1,"content":"' + b"x" * 30000 + b'"}'
            for _ in range(20):
                speaker.frame(1, text)
                speaker.read(lambda _: False, 0.02)
            request = handshake("/concord?token=late")
            late.send(request[:60])
            server.process.send_signal(signal.SIGTERM)
            check(speaker.close_code(5)[0] == 1001, "it does not end")
            late.send(request[60:])
            late.read(lambda _: late.ended, 5 * SLOW)
            check(late.bytes.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 5\r\n" in late.bytes, f"{late.bytes}")
            status, counters = server.wait_end()
        check(status == 0, f"exit status {status}")
        refused = counters["connections"]["upgrades_refused_for"]
        check(refused == {"closing": 1}, f"{refused}")
        events = [(line["event"], line.get("reason"), line.get("address"))
                  for line in map(json.loads, server.log_text().splitlines()) if "upgrade" in line.get("event", "")]
        check(events == [("upgrade_turned_away", "closing", "127.0.0.1")], f"{events}")
        server.process = None


def other_signals():
    """INT stops like TERM; PIPE does not."""
    server = Server()
    with server:
        for number in (signal.SIGPIPE, signal.SIGUSR1):
            server.process.send_signal(number)
        server.line("counters")
        server.process.send_signal(signal.SIGINT)
        check(server.process.wait(timeout=15 * SLOW) == 0, "exit status after INT")
        server.check_log()
        server.process = None


BAD = """workers = 99;
guests = "maybe";
limts = { };
limits = {
	message_bites = 5;
	json_depth = 1;
	ping_seconds = 99999999999;
};
listeners = ( { address = "nowhere"; port = 70000;
	mounts = ( { path = "mixer"; dialect = "mixer"; room = "loby"; },
		{ path = "/x"; dialect = "mixxer"; room = "lobby"; } ); } );
rooms = ( { name = "lobby"; mixer = 1; concord = 1; rooms = "no-uuid"; },
	{ name = "lobby"; mixer = 1; } );
accounts = ( { name = "ann"; number = 0; secret_file = "missing"; } );
"""

# Lines of BAD with at least one error, and words that the report must have.
BAD_LINES = {1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 14}
BAD_WORDS = ("limits", "message_bytes", "did you mean")


def without_warnings(text, path):
    return re.sub(rf"^{re.escape(path)}:\d+: warning: .+\n", "", text, flags=re.MULTILINE)


def config_errors():
    """check reports every error as file:line; run refuses the file; both exit with 78."""
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return path

        bad = write("bad.cfg", BAD)
        for command in ("check", "run"):
            code, out, err = run(command, "-c", bad)
            check(code == 78, f"{command} of a bad file: exit code {code}: {out}{err}")
            found = re.findall(rf"^{re.escape(bad)}:(\d+): error: .+$", out + err, re.MULTILINE)
            lines = {int(number) for number in found}
            missing = BAD_LINES - lines
            check(not missing, f"{command}: nothing about the lines {sorted(missing)}:\n{out}{err}")
            for word in BAD_WORDS:
                check(word in out + err, f"{command}: no word of {word}:\n{out}{err}")
        code, out, err = run("check", "-c", write("broken.cfg", "workers = 2;\nguests = ;\n"))
        check(code == 78 and f"{folder}/broken.cfg:2: error: " in out + err, f"syntax: {code} {out}{err}")
        good = write("good.cfg", configuration())
        code, out, err = run("check", "-c", good)
        check((code, out) == (0, f"{good}: ok\n"), f"check of a good file: {code} {out}{err}")
        check(not without_warnings(err, good), f"check of a good file: {err}")
        check(f"{good}:1: warning: state is empty" in err, f"no warning: {err}")
        code, sample, err = run("defaultconfig")
        check((code, err) == (0, "") and sample.count("#") > 20, f"defaultconfig: {code} {err}")
        path = write("sample.cfg", sample)
        code, out, err = run("check", "-c", path)
        check((code, without_warnings(err, path)) == (0, ""), f"check of the sample: {code} {out}{err}")
        code, out, err = run("check", "-c", os.path.join(folder, "missing.cfg"))
        check(code != 0 and "missing.cfg" in err + out, f"a missing file: {code} {err}")


def command_line():
    """Unknown options name the nearest and exit with 2."""
    for arguments, word in ((("demo", "--prot", "0"), "--port"), (("demo", "--print-jsno"), "--print-json"),
                            (("dmeo",), "demo"), (("run",), "-c"), (("demo", "--port"), "--port"),
                            (("demo", "--port", "70000"), "port"), (("demo", "--port", "x"), "port"),
                            (("demo", "--workers", "99"), "workers"), (("demo", "extra"), "extra"),
                            (("check",), "-c"), ((), "demo"), (("demo", "--address", "nowhere"), "address")):
        code, out, err = run(*arguments)
        check(code == 2, f"{arguments}: exit code {code}: {out}{err}")
        check(word in err, f"{arguments}: no word of {word}: {err}")
        check(out == "", f"{arguments}: {out} on standard output")
    for arguments in (("--help",), ("-h",), ("help",), ("version",), ("-V",), ("demo", "--help")):
        code, out, err = run(*arguments)
        check(code == 0 and out and not err, f"{arguments}: {code} {out} {err}")


def port_taken():
    """A port in use is a clear error, exit code 1."""
    with Server() as server:
        code, _, err = run("demo", "--port", str(server.port))
        check(code == 1 and str(server.port) in err, f"exit code {code}: {err}")


def restart_with_state():
    """With a state folder, ids go on after a crash, and after a clock that steps back."""
    async def one_message(server):
        speaker = await join(server, "concord", "ann")
        watcher = await join(server, "rooms", "bob", secret="b")
        await speaker.say("hello")
        heard = await watcher.hears("hello")
        await close_all({"ann": speaker, "bob": watcher})
        return int(heard["message_id"])

    with tempfile.TemporaryDirectory() as folder:
        config = configuration(more=f'state = "{folder}/state";')
        ids = []
        for ending in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
            server = Server(config)
            with server:
                ids.append(asyncio.run(one_message(server)))
                if ending == signal.SIGKILL:
                    server.process.kill()
                    server.process.wait()
                    server.process = None
        check(ids == sorted(set(ids)), f"ids over restarts: {ids}")
        check(os.stat(f"{folder}/state/key").st_mode & 0o777 == 0o600, "the key's mode")
        with open(f"{folder}/state/ids", "w", encoding="ascii") as mark:
            mark.write(f"{int(time.time() * 1000) + 3600000}\n")  # as if the clock had stepped back
        with Server(config) as server:
            later = asyncio.run(one_message(server))
        check(later > ids[-1] + (3500000 << 13), f"an id after a mark an hour ahead: {ids} {later}")
        for _ in range(2):  # and the next one is no step back, either
            with Server(config) as server:
                again = asyncio.run(one_message(server))
                server.process.kill()
                server.process.wait()
                server.process = None
            check(again > later, f"an id after that: {later} {again}")
            later = again


# With these a server takes a while to start and to end.
MANY_ROOMS = '( { name = "lobby"; mixer = 1; concord = 1; }, ' + \
    ", ".join(f'{{ name = "room{i}"; }}' for i in range(9000)) + " )"


def hangup_while_starting():
    """Whoever renews a certificate or a configuration may say HUP to a server that just starts: it
    takes over the file when it is there."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(configuration(more=f'state = "{folder}/state";', rooms=MANY_ROOMS))

        def hang_up():
            while not os.path.exists(f"{folder}/state/lock"):
                time.sleep(0.001)
            server.process.send_signal(signal.SIGHUP)

        saying = threading.Thread(target=hang_up, daemon=True)
        saying.start()
        with server:
            saying.join(5)
            server.logged(" reloaded: ")


def signals_while_ending():
    """What comes too late changes nothing of how it ends."""
    for _ in range(5):
        with Server(configuration(rooms=MANY_ROOMS)) as server:
            server.process.send_signal(signal.SIGTERM)
            while server.process.poll() is None:
                server.process.send_signal(signal.SIGHUP)
                server.process.send_signal(signal.SIGUSR1)
                time.sleep(0.002)  # without, the signals alone keep it busy for half a minute
            check(server.process.returncode == 0, f"ended with {server.process.returncode}")
            server.process = None


def main_thread_gives_way():
    """The thread that accepts does not interrupt a worker on the same core; workers are as ever.
    Another policy than the usual one, under which all this was started, stays."""
    usual = os.sched_getscheduler(0)
    expected = os.SCHED_BATCH if usual == os.SCHED_OTHER else usual
    with Server(workers=2) as server:
        pid = server.process.pid
        others = [int(task) for task in os.listdir(f"/proc/{pid}/task") if int(task) != pid]
        check(os.sched_getscheduler(pid) == expected, "the main thread does not give way")
        urgent = [task for task in others if os.sched_getscheduler(task) == usual]
        check(urgent == others and len(others) >= 2, f"{len(urgent)} of {len(others)} others")


def files_have_room():
    """The kernel's table of open files has its full size before there are threads: to grow it
    later would hold accepting up."""
    with Server(configuration("connections = 3000;")) as server:
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
            size = int(re.search(r"^FDSize:\s+(\d+)", status.read(), re.MULTILINE)[1])
    check(size >= 3000, f"room for {size} files and not for 3000 connections")


SCENARIOS = [restart_with_state, hangup_while_starting, signals_while_ending, main_thread_gives_way,
             files_have_room, drain, come_and_go, drain_stuck, late_request, other_signals, config_errors,
             command_line, port_taken]
WAITING = [drain_stuck, late_request]
