"""Where what is kept cannot be written, or is damaged: a full disk, one that turns read-only, a folder that
was so from the start, broken pages and flipped bits. Needs to mount: root, or a user namespace."""

import asyncio
import collections
import contextlib
import copy
import ctypes
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from chat import join, refusal_of, text_of
from deeds import FILES, ROOMS, Cast, call, config, enter, history_of, kept_history
from keeping import Kept, Ledger, ids_of
from server import SLOW, Failure, Server, check, port_of_ours
from server import run as program

SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
ROUNDS = int(os.environ.get("ROUNDS", 3))
NEW_MOUNTS, NEW_USER = 0x20000, 0x10000000  # of unshare(2)


def own_mounts():
    """From now on what this scenario mounts is its own, and gone with it. False: that is not allowed here."""
    libc = ctypes.CDLL(None, use_errno=True)
    ids = os.geteuid(), os.getegid()
    if libc.unshare(NEW_MOUNTS | (NEW_USER if ids[0] else 0)) != 0:
        print("SKIPPED it needs root, or user namespaces", flush=True)
        return False
    if ids[0]:
        for name, line in (("setgroups", "deny"), ("uid_map", f"0 {ids[0]} 1"), ("gid_map", f"0 {ids[1]} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(line)
    run("mount", "--make-rprivate", "/")
    return True


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check(done.returncode == 0, f"{words}: {done.stdout}")


class Fill:
    """What takes all that is left of a disk."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "filler")
        with open(self.path, "wb", buffering=0) as file:
            for size in (65536, 4096, 512, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    pass

    def remove(self):
        os.unlink(self.path)


async def say(ledger, client, room, within=5):
    """None: it was said; or the code of the refusal."""
    text, at = ledger.text(room, "r" if client.dialect == "rooms" else "m"), len(client.frames)
    client.room = ROOMS[room]
    await client.say(text)
    end = time.monotonic() + within * SLOW
    while True:
        for frame in client.frames[at:]:
            at += 1
            if text_of(frame) == text:
                return None
            if refusal_of(frame):
                ledger.lost.add(text)
                return refusal_of(frame)
        check(time.monotonic() < end, f"{client.name}: {text!r} is not answered")
        await asyncio.sleep(0.002)


def speakers(cast):
    """One of each dialect, and where."""
    return [(cast.who(name, room), room) for room in ROOMS for name in ("mia", "rosa", "sam")] + \
        [(cast.clients["cora"], room) for room in ROOMS]


async def refused_by_all(cast, ledger):
    """Everybody speaks until nobody is heard any more: each is told, in its dialect."""
    end, codes = time.monotonic() + 30 * SLOW, {}
    while not codes or any(code is None for code in codes.values()):
        check(time.monotonic() < end, f"the disk is full, and it is {codes}")
        codes = {(client.dialect, room): await say(ledger, client, room) for client, room in speakers(cast)}
    wanted = {"mixer": 4000, "concord": "unstored", "rooms": "unstored", "simple": "unstored"}
    for (dialect, room), code in codes.items():
        check(code == wanted[dialect], f"{dialect} in {room} is told {code!r}")


async def unchanged(cast):
    """What is asked for meanwhile is refused, and has not happened."""
    for room in ROOMS:
        mia = cast.who("mia", room)
        number = cast.pick([room])
        for words in (("deleteMessage", cast.ledger.uuids[number]), ("timeout", f"muted0 {room}", "1h"),
                      ("vote:start", "poll 0?", ["yes"], 3600), ("clearMessages",)):
            reply = await call(mia, *words)
            check(reply["error"] and "could not be stored" in reply["error"]["message"], f"{words}: {reply}")
        answer = await cast.editor.publish(room, {"kind": "edit", "target": number, "text": "no"})
        check(answer[0] == "ERROR" and answer[1]["code"] == "unstored", f"an edit: {answer}")
        status, _, errors = await asyncio.to_thread(program, "ban", f"max {room}", room, "--control",
                                                    os.path.join(cast.server.folder.name, "control"))
        check(status == 1 and "could not be stored" in errors, f"a ban: {status}, {errors}")
        reply = await call(mia, "ping")
        check(reply["error"] is None, f"what leaves nothing behind goes on: {reply}")
        late = await join(cast.server, "rooms", f"late {room}", room=ROOMS[room], path=f"/rooms/{room}")
        await late.close()  # who comes is let in, and goes
    cora = cast.clients["cora"]
    await cora.send({"type": "chat_reaction", "chatId": number, "reaction": "🍊", "adding": True})
    code, _ = await cora.refusal(5)
    check(code == "unstored", f"a reaction: {code}")


async def full(server, ledger, folder):
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        await cast.live(0.3 * SLOW, polls=False)
        cast.over = False
        fill = Fill(folder)
        await refused_by_all(cast, ledger)
        await unchanged(cast)
        check(any(await asyncio.gather(*(say(ledger, *one) for one in speakers(cast)))), "the disk is not full")
        check("cannot be stored: the disk is full" in server.log_text(), "the log")
        fill.remove()
        began = time.monotonic()
        for client, room in speakers(cast):
            while await say(ledger, client, room):
                check(time.monotonic() < began + 5 * SLOW, f"{client.name} is refused still")
                await asyncio.sleep(0.05)
        check("what is said is stored again" in server.log_text(), "the log, later")
        await cast.live(0.3 * SLOW, polls=False)
    finally:
        await cast.leave()


async def looked(server, ledger):
    """Of clients who come anew: all is as the ledger has it."""
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        await cast.look()
    finally:
        await cast.leave()


def compare_stopped(server, ledger, folder):
    server.process.terminate()
    status, _ = server.wait_end()
    ledger.compare(Kept(folder))
    return status


@contextlib.contextmanager
def mounted(*words):
    """A folder of its own on another disk."""
    with tempfile.TemporaryDirectory(prefix="dragoman-disk-") as folder:
        run("mount", *words, folder)
        try:
            yield folder
        finally:
            run("umount", "-l", folder)


def kept_in(folder, **more):
    """A server whose state is there."""
    text = config(port_of_ours(), **more).replace('state = "state";', f'state = "{folder}/state";')
    return Server(text, files=FILES)


def disk_runs_full():
    """A full disk: who speaks or acts is told that it was not stored, in each dialect, and it has not happened;
    when there is room again it goes on by itself."""
    if not own_mounts():
        return
    ledger = Ledger()
    with mounted("-t", "tmpfs", "-o", "size=16m", "none") as folder, kept_in(folder) as server:
        asyncio.run(full(server, ledger, folder))
        asyncio.run(looked(server, ledger))
        check(compare_stopped(server, ledger, f"{folder}/state") == 0, "its exit status")
        fill = Fill(folder)
        refuses(server, "rooms.db", "the disk is full")
        fill.remove()
        server.start()
        asyncio.run(looked(server, ledger))
        server.stop()
    print(f"    {dict(ledger.counts)}; refused or lost: {len(ledger.lost)}", flush=True)


async def read_only(server, ledger, failed):
    cast = Cast(server, ledger, SEED)
    try:
        await cast.enter()
        await cast.live(0.3 * SLOW, polls=False)
        failed()
        await refused_by_all(cast, ledger)
        await unchanged(cast)
    finally:
        await cast.leave()


def disk_turns_read_only():
    """The kernel makes a file system read-only because of an error: all is refused, what is known is shown, and
    after a restart everything that was acknowledged is there."""
    if not own_mounts():
        return
    ledger = Ledger()
    with tempfile.TemporaryDirectory(prefix="dragoman-image-") as place:
        image = os.path.join(place, "image")
        with open(image, "wb") as file:
            file.truncate(32 << 20)
        try:
            run("mkfs.ext4", "-q", image)
            with mounted("-o", "loop,errors=remount-ro", image) as folder:
                trigger = trigger_of(folder)
        except (Failure, OSError) as error:
            print(f"SKIPPED no ext4 of its own that can be made to fail: {error}", flush=True)
            return
        with mounted("-o", "loop,errors=remount-ro", image) as folder, kept_in(folder) as server:
            trigger = trigger_of(folder)
            asyncio.run(read_only(server, ledger, lambda: Path(trigger).write_text("a test", encoding="ascii")))
            asyncio.run(looked(server, ledger))
            check(stop(server) == 1, "its exit status says that something was not stored")
            run("umount", folder)
            run("mount", "-o", "loop", image, folder)
            ledger.compare(Kept(f"{folder}/state"))
            server.start()
            asyncio.run(looked(server, ledger))
    print(f"    {dict(ledger.counts)}; refused or lost: {len(ledger.lost)}", flush=True)


def trigger_of(folder):
    """What makes the kernel find an error in the file system that is mounted there."""
    device = subprocess.check_output(["findmnt", "-n", "-o", "SOURCE", folder], text=True).strip()
    trigger = f"/sys/fs/ext4/{os.path.basename(device)}/trigger_fs_error"
    os.stat(trigger)
    return trigger


def stop(server):
    """Its exit status."""
    server.process.terminate()
    return server.wait_end()[0]


# ---- what is there when it starts ----

PAGE = 8192


def lived(server, ledger):
    """A short life, whose end leaves the whole of it in rooms.db."""
    async def live():
        cast = Cast(server, ledger, SEED)
        try:
            await cast.enter()
            await cast.live(0.4 * SLOW, polls=False)
        finally:
            await cast.leave()
    asyncio.run(live())
    check(compare_stopped(server, ledger, f"{server.folder.name}/state") == 0, "its exit status")


def refuses(server, *words, status=1):
    """It does not start, and the last line that it says has these words."""
    try:
        server.start()
    except Failure:
        pass
    else:
        raise Failure("it starts")
    said = server.log_text().splitlines()[-1]
    check(server.process.wait(timeout=5 * SLOW) == status, f"it ends with {server.process.returncode}: {said}")
    check(all(word in said for word in words), f"it says {said!r}, without {words}")


def bad_folders():
    """What cannot be a server's state: it refuses to start, and says what is wrong."""
    if not own_mounts():
        return
    ledger = Ledger()
    with Server(config(port_of_ours()), files=FILES) as server:
        lived(server, ledger)
        folder, aside = (os.path.join(server.folder.name, name) for name in ("state", "aside"))
        shutil.copytree(folder, aside)
        path = os.path.join(folder, "rooms.db")
        with bound(folder):
            refuses(server, "dragoman.cfg:", "state", "Read-only file system", status=78)
        for content in (os.urandom(PAGE), b"rooms\n"):
            with open(path, "r+b" if len(content) == PAGE else "wb") as file:
                file.write(content)
            refuses(server, "rooms.db", "not a database")
        shutil.copy(f"{aside}/rooms.db", path)
        with contextlib.closing(sqlite3.connect(path)) as base:
            base.execute("UPDATE meta SET value = 99 WHERE name = 'schema'")
            base.commit()
        refuses(server, "rooms.db", "newer version")
        os.unlink(path)
        os.mkdir(path)
        refuses(server, "rooms.db", "Is a directory")
        os.rmdir(path)
        shutil.copy(f"{aside}/rooms.db", path)
        server.start()
        asyncio.run(looked(server, ledger))


@contextlib.contextmanager
def bound(folder):
    """The folder is read-only meanwhile."""
    run("mount", "--bind", folder, folder)
    try:
        run("mount", "-o", "remount,bind,ro", folder)
        yield
    finally:
        run("umount", folder)


# ---- damage ----

def flip(content, page, chance):
    """One bit of what is used there."""
    used = [at for at in range(page * PAGE, (page + 1) * PAGE) if content[at]]
    at = chance.choice(used or [page * PAGE])
    content[at] ^= 1 << chance.randrange(8)


def overwrite(content, page, chance):
    content[page * PAGE:(page + 1) * PAGE] = chance.randbytes(PAGE)


async def met(server, ledger):
    """What clients find: what is shown is what was kept, or less; (rooms that lack something, rooms in which
    nothing can be said)."""
    lacking, mute = set(), set()
    for room in ROOMS:
        mia = await enter(server, "mixer", f"mia {room}", room)
        known, found = dict(kept_history(ledger, room, 100000)), await history_of(mia)
        for number, text in found:
            check(known.get(number, text) == text and number in known, f"{number} reads {text!r}, not {known.get(number)!r}")
        if found != kept_history(ledger, room):
            lacking.add(room)
        if await say(ledger, mia, room):
            mute.add(room)
        await mia.close()
    return lacking, mute


def met_with(server, ledger, what):
    """One damage: what comes of it, in a word. The server never breaks down, and says what is wrong."""
    said, found_by_checking = len(server.log_text()), program("check", "-c", server.command[3], "--state")[0] == 1
    try:
        server.start()
    except Failure:
        last = server.log_text().splitlines()[-1]
        check(server.process.wait(timeout=5 * SLOW) == 1 and "rooms.db" in last, f"{what}: it ends with "
              f"{server.process.returncode}: {last}")
        return "refused to start"
    lacking, mute = asyncio.run(met(server, ledger))
    status = stop(server)
    check(status in (0, 1), f"{what}: it ends with {status}")
    server.check_log()
    log = server.log_text()[said:]
    told = "damaged" in log or "cannot be stored" in log
    if not lacking and not mute:
        return "told, and nothing is lacking" if told else "not met with"
    check(told and found_by_checking, f"{what}: told {told}, found by check --state {found_by_checking}: {lacking} "
          f"lack something, {mute} cannot be written: {log}")
    return f"{len(lacking)} rooms lack something, {len(mute)} cannot be written"


def damages(damage):
    """Of each page, or of some of them."""
    ledger, outcomes, chance = Ledger(), collections.Counter(), random.Random(SEED)
    print(f"    SEED={SEED}", flush=True)
    with Server(config(port_of_ours()), files=FILES) as server:
        lived(server, ledger)
        folder, aside = (os.path.join(server.folder.name, name) for name in ("state", "aside"))
        shutil.copytree(folder, aside)
        whole = Path(aside, "rooms.db").read_bytes()
        pages = list(range(len(whole) // PAGE))
        for page in pages * (ROUNDS // len(pages)) + chance.sample(pages, min(ROUNDS, len(pages))):
            shutil.rmtree(folder)
            shutil.copytree(aside, folder)
            content = bytearray(whole)
            damage(content, page, chance)
            Path(folder, "rooms.db").write_bytes(content)
            outcomes[met_with(server, copy.deepcopy(ledger), f"page {page + 1}")] += 1
        shutil.rmtree(folder)
        shutil.copytree(aside, folder)
        server.start()
        asyncio.run(looked(server, ledger))
    print(f"    {len(pages)} pages: {dict(outcomes)}", flush=True)


def flipped_bits():
    """A bit of a page is another: that row, or what follows, is left out and told of, or the server does not
    start; others are as they were."""
    damages(flip)


def broken_pages():
    """The same of whole pages that are overwritten."""
    damages(overwrite)


SCENARIOS = [disk_runs_full, disk_turns_read_only, bad_folders, flipped_bits, broken_pages]
WAITING = [disk_runs_full]
