"""What it costs to join two servers of the simple dialect: a Dragoman with a link to each, beside a relay written
with Node and ws. The same messages at the same pace through either; CPU time of the relay's process for each."""

import asyncio
import json
import os
import statistics
import subprocess
import time

import websockets

import servers
from measures import progress

ROUNDS, RATE, SECONDS, SETTLE = 15, 1000, 5, 0.7
MUST = 0.2
HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = "x" * 200
HEAD = """workers = 1;
guests = true;
log_level = "warning";
limits = { messages_per_second = 0; signals_per_second = 0; connections_per_address = 0; };
rooms = ( { name = "lobby"; } );
accounts = ();
"""


def listener(port):
    return (f'listeners = ( {{ address = "127.0.0.1"; port = {port}; '
            'mounts = ( { path = "/simple"; dialect = "simple"; room = "lobby"; } ); } );\n')


def upstream(name, port):
    return (f'{{ name = "{name}"; dialect = "simple"; url = "http://127.0.0.1:{port}/simple"; room = "lobby"; '
            'user = "joiner"; outbox_entries = 100000; }')


def start(folder, name, text):
    path = os.path.join(folder, f"{name}.cfg")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return subprocess.Popen([servers.BINARY, "run", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env={**os.environ, "RUNTIME_DIRECTORY": os.path.join(folder)})


def relay_of(kind, folder, ports):
    if kind == "node":
        return subprocess.Popen(["node", os.path.join(HERE, "far_relay.js"), *map(str, ports)],
                                env={**os.environ, "NODE_PATH": os.path.abspath(os.path.join(servers.TOOLS, "npm", "node_modules"))})
    text = HEAD + listener(servers.free_port()) + \
        f'upstreams = ( {upstream("one", ports[0])}, {upstream("other", ports[1])} );\n'
    return start(folder, "relay", text)


def cpu_ns(process):
    """Of all its threads, those that ended left out."""
    total = 0
    for task in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total


async def open_client(port, name):
    return await websockets.connect(f"ws://{name}:x@127.0.0.1:{port}/simple", compression=None, ping_interval=None)


async def heard(socket, count, texts):
    while len(texts) < count:
        said = json.loads(await socket.recv())
        if said["type"] == "message_sent" and said["message"].endswith(TEXT):
            texts.append(said["message"])


async def joined(ports):
    """Until what is said at the one server is heard at the other."""
    one, other = await open_client(ports[0], "probe"), await open_client(ports[1], "probe2")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        await one.send(json.dumps({"type": "send_message", "payload_id": 1, "message": "there?"}))
        try:
            while True:
                said = json.loads(await asyncio.wait_for(other.recv(), 0.3))
                if "there?" in said.get("message", ""):
                    await one.close()
                    await other.close()
                    return
        except asyncio.TimeoutError:
            pass
    raise servers.Broken("the relay does not relay")


async def play(ports, process):
    """ns of the relay's CPU for each message."""
    speaker, listener_ = await open_client(ports[0], "ann"), await open_client(ports[1], "bob")
    count, texts = RATE * SECONDS, []
    hearing = asyncio.create_task(heard(listener_, count, texts))

    async def drain():
        async for _ in speaker:
            pass
    draining = asyncio.create_task(drain())
    await asyncio.sleep(SETTLE)
    before, began = cpu_ns(process), time.monotonic()
    for number in range(count):
        wait = began + number / RATE - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        await speaker.send(json.dumps({"type": "send_message", "payload_id": number, "message": f"{number} {TEXT}"}))
    await asyncio.wait_for(hearing, 30)
    spent = cpu_ns(process) - before
    draining.cancel()
    await speaker.close()
    await listener_.close()
    wanted = [f"ann: {number} {TEXT}" for number in range(count)]
    return spent / count, "" if texts == wanted else f"{len(texts)} of {count}, or not in order"


def one(folder, kind):
    ports = [servers.free_port(), servers.free_port()]
    far = [start(folder, f"far{number}", HEAD + listener(port)) for number, port in enumerate(ports)]
    time.sleep(0.5)
    process = relay_of(kind, folder, ports)
    try:
        asyncio.run(joined(ports))
        return asyncio.run(play(ports, process))
    finally:
        for each in (process, *far):
            each.terminate()
        for each in (process, *far):
            each.wait()


def run(results, rounds):
    import tempfile
    for number in range(rounds):
        order = ("dragoman", "node") if number % 2 == 0 else ("node", "dragoman")
        for kind in order:
            progress(f"round {number + 1}: {kind} joins two servers")
            with tempfile.TemporaryDirectory() as folder:
                ns, fault = one(folder, kind)
            results.add("relaying", kind, number, {"ns": ns, "fault": fault, "stolen": 0, "load_waited": 0})


def tables(results):
    ours, theirs = results.rounds("relaying", "dragoman"), results.rounds("relaying", "node")
    both = sorted(set(ours) & set(theirs))
    if not both:
        return ["relaying: nothing was measured"]
    ratios = [ours[number]["ns"] / theirs[number]["ns"] for number in both]
    median = statistics.median(ratios)
    return [f"## Two servers joined, {RATE} messages a second, {len(both)} pairs", "",
            f"us of the relay's CPU for each message: dragoman {statistics.median(ours[n]['ns'] for n in both) / 1000:.1f}, "
            f"node {statistics.median(theirs[n]['ns'] for n in both) / 1000:.1f}; ratio {median:.3f} "
            f"({min(ratios):.3f}..{max(ratios):.3f}), must {MUST}: {'met' if median <= MUST else 'NOT MET'}"]
