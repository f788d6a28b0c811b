"""What is kept outlives the server: it is killed under load, again and again, and started again with any
number of workers.

ROUNDS: how often (make check: a few times)."""

import asyncio
import os
import random

from deeds import FILES, Cast, config, ended
from keeping import Kept, Ledger
from server import SLOW, Server, check, port_of_ours

ROUNDS = int(os.environ.get("ROUNDS", 3 if SLOW == 1 else 1))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))


def state(server):
    return os.path.join(server.folder.name, "state")


def kills(durability):
    ledger, lives = Ledger(), 0
    print(f"    {durability}: SEED={SEED}", flush=True)
    with Server(config(port_of_ours(), f'durability = "{durability}";'), files=FILES) as server:
        for number in range(ROUNDS):
            asyncio.run(ended(server, ledger, SEED + number, server.process.kill))
            ledger.compare(Kept(state(server)))
            lives += 1
            server.restart()
    print(f"    {durability}: {lives} kills, {len(ledger.ids)} messages; {dict(ledger.counts)}", flush=True)


def killed_at_commit():
    """kill -9 under load: everything acknowledged is there, once, and as it was acknowledged."""
    kills("commit")


def killed_at_second():
    """The same: that the server is killed loses nothing at either level."""
    kills("second")


async def acted(server, ledger, old):
    """A life in which all is done to what was said before it; whose end is asked for."""
    cast = Cast(server, ledger, SEED, old)
    try:
        await cast.enter()
        await cast.look()
        await cast.live(0.5 * SLOW)
    finally:
        await cast.leave()
    server.process.terminate()
    await asyncio.to_thread(server.process.wait, 15 * SLOW)
    ledger.compare(Kept(state(server)))


def other_workers():
    """Restarted with other numbers of workers: what was said before is deleted, edited and reacted to, and ids
    rise on."""
    ledger = Ledger()
    with Server(config(port_of_ours()), files=FILES) as server:
        asyncio.run(acted(server, ledger, False))
        for workers in (1, 4, 2):
            before = ledger.counts.copy()
            server.write("dragoman.cfg", config(server.port, workers=workers))
            server.restart()
            asyncio.run(acted(server, ledger, True))
            for deed in ("deletions", "edits", "reactions"):
                check(ledger.counts[deed] > before[deed] + 3, f"{workers} workers: {deed}: {ledger.counts}, {before}")
        server.restart()
    print(f"    {dict(ledger.counts)}", flush=True)


SCENARIOS = [killed_at_commit, killed_at_second, other_workers]
