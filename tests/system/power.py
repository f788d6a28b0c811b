"""The power fails under load, again and again: modelled by a library that is preloaded (tests/power_cut/).

ROUNDS: how often (make check: a few times)."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from deeds import FILES, ROOMS, Cast, config, ended
from keeping import Kept, Ledger
from server import OUT, SLOW, VARIANT, Server, check, port_of_ours

LIBRARY = os.path.abspath(os.path.join(OUT, "tests", "power_cut.so"))
EXIT_CODE = 99
ROUNDS = int(os.environ.get("ROUNDS", 0))  # 0: a few
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))

# What a writer does who is then cut off: half of it synced, in a file whose name is synced, too.
WRITER = """
import os, signal, sys
folder = sys.argv[1]
def made(name):
    return os.open(os.path.join(folder, name), os.O_RDWR | os.O_CREAT, 0o600)
safe, loose = made("safe"), made("loose")
for sector in range(200):
    os.pwrite(safe, b"s" * 512, sector * 512)
    os.pwrite(loose, b"l" * 512, sector * 512)
os.fsync(safe), os.fsync(loose)
os.fsync(os.open(folder, os.O_RDONLY))
for sector in range(200):
    os.pwrite(safe, b"S" * 512, sector * 512)
    os.pwrite(loose, b"m" * 512, sector * 512)
    os.pwrite(loose, b"L" * 512, sector * 512)
os.fsync(safe)
for number in range(20):
    os.write(made(f"new{number}"), b"x")
os.kill(os.getpid(), signal.SIGUSR2)
signal.pause()
"""


def environment(folder, seed, **more):
    return {**os.environ, "LD_PRELOAD": LIBRARY, "POWER_CUT_FOLDER": os.path.realpath(folder),
            "POWER_CUT_SEED": str(seed), **more}


def the_model_loses():
    """What was synced is there; of what was not, some is there, some is as before, and some files are not."""
    there = []
    for seed in range(5):
        with tempfile.TemporaryDirectory(prefix="dragoman-cut-") as folder:
            done = subprocess.run([sys.executable, "-c", WRITER, folder], env=environment(folder, seed), timeout=20,
                                  check=False)
            check(done.returncode == EXIT_CODE, f"it ended with {done.returncode}")
            read = {name: Path(folder, name).read_bytes() for name in os.listdir(folder)}
        check(read["safe"] == b"S" * 512 * 200, "what was synced is lost")
        sectors = [read["loose"][at:at + 512] for at in range(0, 512 * 200, 512)]
        check({sector[:1] for sector in sectors} == {b"l", b"m", b"L"} and all(len(set(sector)) == 1 for sector in sectors),
              f"of what was not synced there is {[sector[:1] for sector in sectors]}")
        there.append(sum(name.startswith("new") for name in read))
    check(0 < sum(there) < 20 * len(there), f"new files that are there: {there}")


def cuts(durability, rounds, least, most, lost):
    """lost(time of the cut): from when on what was acknowledged may be lost."""
    ledger = Ledger()
    print(f"    {durability}: SEED={SEED}", flush=True)
    server = Server(config(port_of_ours(), f'durability = "{durability}";'), files=FILES)
    folder = os.path.join(server.folder.name, "state")
    server.popen["env"] = environment(folder, SEED, POWER_CUT_SYNC_US="3000")
    with server:
        for number in range(rounds):
            cut = asyncio.run(ended(server, ledger, SEED + number,
                                    lambda: server.process.send_signal(signal.SIGUSR2), least, most,
                                    polls=durability == "commit"))
            check(server.process.returncode == EXIT_CODE, f"it ended with {server.process.returncode}")
            ledger.compare(Kept(folder), lost(cut))
            ledger.compare_shown(server.command[3])
            server.popen["env"]["POWER_CUT_SEED"] = str(SEED + number + 1)
            server.restart()
    print(f"    {durability}: {rounds} cuts, {len(ledger.ids)} messages; {dict(ledger.counts)}", flush=True)
    return ledger


def cut_at_commit():
    """Nothing that was acknowledged is lost."""
    cuts("commit", ROUNDS or 2, 0.05, 0.7, lambda cut: None)


def cut_at_second():
    """At most what was said in about the last second is lost, and no more than the end of it."""
    ledger = cuts("second", ROUNDS or 1, 1.6, 2.4, lambda cut: cut - 1.5 * SLOW)
    check(ledger.counts["acknowledged and lost"] > 0, "nothing was lost: no power was cut")


async def stalled(server, ledger, stall):
    """While the disk does nothing, nobody is told anything of what is asked for; then all of it."""
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        await cast.live(0.3, polls=False)
        Path(stall).touch()
        asked = []
        for room in ROOMS:
            for client in (cast.who(name, room) for name in ("mia", "max", "rosa", "sam")):
                client.room = ROOMS[room]
                asked.append((client, len(client.frames), ledger.text(room, "r" if client.dialect == "rooms" else "m")))
                await client.say(asked[-1][2])
        await asyncio.sleep(0.5)
        for client, at, text in asked:
            check(not client.frames[at:], f"{client.name} hears {client.frames[at:][:1]}, and {text!r} is not stored")
        os.unlink(stall)
        for client, _, text in asked:
            await client.hears(text, 5)
        await cast.live(0.3, polls=False)
        Path(stall).touch()
        cast.over = False
        living = asyncio.create_task(cast.live(polls=False))
        await asyncio.sleep(0.3)
        cast.killed = True
        server.process.kill()
        await living
    finally:
        await cast.leave()
    server.process.wait()
    os.unlink(stall)


def disk_stalls():
    """A disk that does nothing for a while: nobody is told of what is not stored yet, and later everybody is;
    killed meanwhile, the server has all that it acknowledged."""
    ledger = Ledger()
    server = Server(config(port_of_ours()), files=FILES)
    folder, stall = (os.path.join(server.folder.name, name) for name in ("state", "stall"))
    server.popen["env"] = environment(folder, SEED, POWER_CUT_STALL=stall)
    with server:
        asyncio.run(stalled(server, ledger, stall))
        ledger.compare(Kept(folder))
        server.restart()
        asyncio.run(ended(server, ledger, SEED, server.process.kill))
        ledger.compare(Kept(folder))
        server.restart()
    print(f"    {dict(ledger.counts)}", flush=True)


def not_instrumented():
    print("SKIPPED what is built with a sanitizer has nothing else preloaded", flush=True)


SCENARIOS = [the_model_loses, disk_stalls, cut_at_commit, cut_at_second] if VARIANT == "release" else [not_instrumented]
WAITING = [cut_at_second, disk_stalls] if VARIANT == "release" else []
