"""What is kept outlives the server: it is killed under load, again and again, and started again with any
number of workers.

ROUNDS: how often (make check: a few times)."""

import asyncio
import os
import random

from deeds import FILES, config, ended
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


SCENARIOS = [killed_at_commit, killed_at_second]
