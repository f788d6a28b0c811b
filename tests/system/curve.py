"""Keys: who has the right ones comes in, nobody else does, and no endpoint is open by mistake."""

import asyncio
import os
import re
import stat

from backends import Crew, log_count
from chat import close_all, join_all
from routing import routed
from server import SLOW, Server, check, configuration, run

ROUTES = '{ kind = "message"; then = ( { tap = "feed"; }, { ask = "judge"; } ); }'
KEYS = 'secret_key_file = "server.key"; client_key_files = [ "client.pub", "other.pub" ];'
WORDS = ("server", "client", "other", "stranger")


def make_keys(folder):
    """dragoman keygen for each; what its files hold, by the file's name."""
    keys = {}
    for word in WORDS:
        code, out, err = run("keygen", os.path.join(folder, word))
        check(code == 0, f"keygen: {code} {out}{err}")
        for ending, mode in (("key", 0o600), ("pub", None)):
            path = os.path.join(folder, f"{word}.{ending}")
            if mode:
                check(stat.S_IMODE(os.stat(path).st_mode) == mode, f"{word}'s mode")
            with open(path, "rb") as file:
                text = file.read()
            check(re.fullmatch(rb"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}\n", text), f"{path} holds {text}")
            keys[f"{word}.{ending}"] = text.strip()
    check(len(set(keys.values())) == 8, "keys are alike")
    code, _, err = run("keygen", os.path.join(folder, "client"))
    check(code == 1 and "client" in err, f"keygen over a key: {code} {err}")
    with open(os.path.join(folder, "client.key"), "rb") as file:
        check(file.read().strip() == keys["client.key"], "keygen has overwritten a key")
    return keys


def of(keys, word, server="server"):
    """What a client of that name sets on its socket."""
    return keys[f"{server}.pub"], keys[f"{word}.pub"], keys[f"{word}.key"]


def keys_decide():
    """A backend and a subscriber with keys come in; with another's, for another server, or without, not
    a byte comes through."""
    async def scenario(server, crew, keys):
        wrong = [of(keys, "stranger"), of(keys, "client", server="stranger"), None,
                 (keys["server.pub"], keys["client.pub"], keys["stranger.key"])]
        outside = [crew.instance("judge", keys=key) for key in wrong]
        outside += [crew.subscriber("feed", keys=key) for key in wrong]
        inside = [crew.instance("judge", keys=of(keys, word), credits=1) for word in ("client", "other")]
        feed = crew.subscriber("feed", keys=of(keys, "client"))
        for instance in inside:
            await instance.expect("READY", 5)
        clients = await join_all(server)
        await feed.subscribed(clients["mixer"])
        for number in range(10):
            for speaker in clients.values():
                await speaker.say(f"{number} of {speaker.name}")
            for client in clients.values():
                await client.hears(f"{number} of dan")
        await feed.hears("9 of dan")
        check(all(instance.count("ASK") for instance in inside), "one of the two is asked nothing")
        await asyncio.sleep(0.5 * SLOW)
        got = [part.frames for part in outside if part.frames]
        check(not got, f"came through without the right key: {got}")
        counters = server.settled(lambda c: c["backends"]["judge"]["keys_refused"] > 1 and
                                  c["taps"]["feed"]["keys_refused"] > 1)
        check(counters["backends"]["judge"]["instances"]["joined"] == 2, "somebody else joined")
        check(log_count(server, "without a valid key") == 1, "told once")
        await close_all(clients)

    backend = f'{{ name = "judge"; bind = "tcp://127.0.0.1:*"; {KEYS} }}'
    feed = f'{{ name = "feed"; bind = "tcp://127.0.0.1:*"; {KEYS} }}'
    server = Server(routed(ROUTES, backend, feed))
    keys = make_keys(server.folder.name)
    with server:
        with Crew(server) as crew:
            asyncio.run(scenario(server, crew, keys))
            log = server.log_text()
            check(not any(keys[f"{word}.key"].decode() in log for word in WORDS), "a secret key is in the log")


# What stands in a backend, whether check takes it, and a part of what it says.
REMOTE = 'bind = "tcp://0.0.0.0:7100";'
ENDPOINTS = [
    (REMOTE, "secret_key_file"),
    ('bind = "tcp://*:7100";', "secret_key_file"),
    ('bind = [ "ipc://a.sock", "tcp://192.0.2.1:7100" ];', "secret_key_file"),
    ('bind = "tcp://[::]:7100";', "secret_key_file"),
    ('connect = "tcp://backend.example:7100";', "secret_key_file"),
    (REMOTE + 'secret_key_file = "server.key";', "client_key_files"),
    (REMOTE + 'client_key_files = [ "client.pub" ];', "secret_key_file"),
    (REMOTE + 'secret_key_file = "missing.key"; client_key_files = "client.pub";', "missing.key"),
    (REMOTE + 'secret_key_file = "open.key"; client_key_files = "client.pub";', "open.key"),
    (REMOTE + 'secret_key_file = "short.key"; client_key_files = "client.pub";', "short.key"),
    (REMOTE + 'secret_key_file = "server.key"; client_key_files = "short.key";', "short.key"),
    ('bind = "tcp://127.0.0.1:7100";', None),
    ('bind = "tcp://[::1]:7100";', None),
    ('connect = "tcp://localhost:7100";', None),
    ('bind = "ipc://judge.sock";', None),
    (REMOTE + " " + KEYS, None),
]


def unprotected_endpoints():
    """check refuses what others can reach without keys, and keys that are none."""
    server = Server(configuration())
    with server:
        make_keys(server.folder.name)
        key = "x" * 40 + "\n"
        server.write("short.key", key[1:])
        os.chmod(server.write("open.key", key), 0o644)
        for group in ("backends", "taps"):
            for text, word in ENDPOINTS:
                if group == "taps" and "connect" in text:
                    continue
                more = f'{group}: (\n{{ name = "judge";\n{text} }} );'
                path = server.write("some.cfg", configuration(more=more))
                code, out, err = run("check", "-c", path)
                if word is None:
                    check(code == 0 and ": error: " not in err, f"{group}: {text}: {code} {out}{err}")
                    continue
                lines = re.findall("^" + re.escape(path) + r":\d+: error: .*$", err, re.MULTILINE)
                check(code == 78 and any(word in line for line in lines),
                      f"{group}: {text}: {code} {out}{err}")


SCENARIOS = [keys_decide, unprotected_endpoints]
