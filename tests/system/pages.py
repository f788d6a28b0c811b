"""The pages that are compiled in: a browser gets them where page = true, in the demo, and at an admin
listener, and nowhere else."""

import asyncio
import gzip
import json
import os
import urllib.parse

from chat import close_all, id_of, join_all, text_of
from server import MOUNTS, ROOMS, SLOW, Server, check, configuration, until
from wire import Response, Wire

CONSOLE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                       "contrib", "console")
CLIENT = {"/": "index.html", "/console.js": "console.js", "/console.css": "console.css", "/icon.svg": "icon.svg"}
DEMO = {"/": "demo/index.html", "/page.js": "demo/page.js", "/demo.css": "demo/demo.css",
        "/operator.js": "operator/operator.js", "/explain.js": "demo/explain.js", "/icon.svg": "icon.svg"}
OPERATOR = {"/": "operator/index.html", "/operator.js": "operator/operator.js", "/operator.css": "operator/operator.css",
            "/icon.svg": "icon.svg"}


def get(wire, path, *lines, method="GET"):
    """The answer and its body."""
    wire.send("\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode())
    wire.read(lambda data: b"\r\n\r\n" in data)
    head, blank, wire.bytes = wire.bytes.partition(b"\r\n\r\n")
    response = Response(head + blank)
    length = 0 if method == "HEAD" else int(response.headers.get("content-length", 0))
    wire.read(lambda data: len(data) >= length)
    body, wire.bytes = wire.bytes[:length], wire.bytes[length:]
    return response, body


def serves(wire, files, policy):
    """Files, on one connection; a second time they are not sent again."""
    for path, name in files.items():
        with open(os.path.join(CONSOLE, name), "rb") as file:
            wanted = file.read()
        response, body = get(wire, path)
        check(response.status == 200 and body == wanted, f"{path}: {response.raw}")
        found = response.headers["content-security-policy"]
        check(policy in found and "frame-ancestors 'none'" in found, found)
        check(response.headers["x-content-type-options"] == "nosniff", f"{response.headers}")
        packed, body = get(wire, path, "Accept-Encoding: gzip, deflate, br")
        check(packed.headers["content-encoding"] == "gzip" and gzip.decompress(body) == wanted, f"{path}")
        again, body = get(wire, path, f"If-None-Match: {response.headers['etag']}")
        check(again.status == 304 and not body, f"{path}: {again.raw}")
        head, _ = get(wire, path, method="HEAD")
        check(head.headers["content-length"] == str(len(wanted)), f"{head.raw}")


def console():
    """The page of a listener, where it says page = true."""
    with Server(configuration(listener="page = true;")) as server, Wire(server.port) as wire:
        serves(wire, CLIENT, "default-src 'self'")
        response, _ = get(wire, "/rooms")
        check(response.status == 426, f"{response.raw}")
        for path in ("/page.js", "/setup.json", "/operator.json", "/operator.js", "/explain.json?id=1"):
            response, _ = get(wire, path)
            check(response.status == 404, f"{path}: {response.raw}")
    with Server(configuration()) as server, Wire(server.port) as wire:
        response, body = get(wire, "/")
        check(body == b"Dragoman, a bridge between chat protocols\n", f"{body}")
        response, _ = get(wire, "/console.js")
        check(response.status == 404, f"{response.raw}")


def demo_page():
    """The demo's, and what it is told of the server: who is elsewhere, or led here, learns nothing."""
    with Server() as server, Wire(server.port) as wire:
        serves(wire, DEMO, "default-src 'none'")
        check(server.info["page"] == f"http://127.0.0.1:{server.port}/#owner={server.owner}", f"{server.info}")
        response, body = get(wire, "/setup.json")
        mounts = {one["dialect"]: one for one in json.loads(body)["mounts"]}
        check(mounts["mixer"]["id"] == 1 and mounts["rooms"]["id"] == server.room["rooms"], f"{mounts}")
        check(mounts["mixer"]["cannot"]["typing"] == "mixer has no typing" and "typing" not in mounts["concord"]["cannot"], f"{mounts}")
        check("id" not in mounts["simple"] and mounts["simple"]["path"] == "/simple", f"{mounts}")
        reading = until(lambda: json.loads(get(wire, "/operator.json")[1]), "the operator's reading")
        check(set(reading) == {"status", "rooms", "backends", "upstreams", "people"}, f"{reading}")
        check(reading["rooms"][0]["name"] == "lobby" and reading["status"]["workers"] == 2, f"{reading}")
        for line in ("X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "Via: 1.1 a"):
            for path in ("/operator.json", "/explain.json?id=1"):
                response, _ = get(wire, path, line)
                check(response.status == 404, f"{path} {line}: {response.raw}")
    with Server() as server, Wire(server.port) as wire:
        wire.send(b"GET /operator.json HTTP/1.1\r\nHost: any.example\r\n\r\n")
        wire.read(lambda data: b"\r\n\r\n" in data)
        check(wire.bytes.startswith(b"HTTP/1.1 404 "), f"{wire.bytes}")


def message_explained():
    """A page of the demo is told what became of a message, as `dragoman explain --json` tells it."""
    async def scenario(server, wire):
        told = lambda number: json.loads(get(wire, f"/explain.json?id={number}")[1])
        clients = await join_all(server)
        await clients["concord"].say("look at me")
        for client in clients.values():
            await client.hears("look at me", 10 * SLOW)
        for dialect in ("mixer", "concord", "rooms"):
            number = next(id_of(frame) for frame in clients[dialect].frames if text_of(frame) == "look at me")
            message = until(lambda: told(number), "what is told of it")
            check(message["author"]["name"] == clients["concord"].name and message["kind"] == "message", f"{message}")
            check({row["dialect"] for row in message["destinations"]} == set(clients), f"{message}")
            check("frame" not in message and "envelope" not in message, f"bodies are not allowed: {message}")
        check(until(lambda: told(5), "what is told of none")["error"] == "unknown_message", "a message that never was")
        await close_all(clients)
        for query in ("", "?", "?id=", "?id=x", "?id=1%22", f"?id={'1' * 37}", "?no=1"):
            for _ in range(2):
                response, body = get(wire, f"/explain.json{query}")
                check(response.status == 200 and body == b"null", f"{query}: {response.raw} {body}")
        for number in range(1, 500):  # more than are kept
            check(get(wire, f"/explain.json?id={number}")[0].status == 200, f"{number}")
        check(until(lambda: told(7), "what is told after many were asked for")["error"] == "unknown_message", "many")

    with Server() as server, Wire(server.port) as wire:
        asyncio.run(scenario(server, wire))


def operator_files():
    """An admin listener has a page of its own, and no other."""
    listeners = f'( {{ port = 0; mounts = {MOUNTS}; }}, {{ kind = "admin"; port = 0; }} )'
    with Server(f"workers = 1; listeners = {listeners}; rooms = {ROOMS};") as server:
        with Wire(urllib.parse.urlparse(server.info["admin"][0]["url"]).port) as wire:
            serves(wire, OPERATOR, "default-src 'none'")
            for path in ("/page.js", "/console.js", "/setup.json"):
                response, _ = get(wire, path)
                check(response.status == 404, f"{path}: {response.raw}")


def login_of_a_page():
    """A script cannot set the header of simple's login: where a page is served it may stand in the
    query. Nowhere else, and not where the mount is strict."""
    def status(server, query, *lines):
        with Wire(server.port) as wire:
            wire.send("\r\n".join([f"GET /simple?{query} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
                                   "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *lines, "", ""]).encode())
            wire.read(lambda data: b"\r\n\r\n" in data)
            return int(wire.bytes.split()[1])
    accounts = '( { name = "zoe"; number = 5; secret_file = "secret"; } )'
    with Server(configuration(listener="page = true;", accounts=accounts), files={"secret": "s3 cret\n"}) as server:
        for query, wanted in (("login=dee:x", 101), ("login=di", 101), ("login=%64an%3Ax", 101), ("a=1&login=dora:x", 101),
                              ("login=zoe:s3%20cret", 101), ("login=zoe:s3", 401), ("login=zoe", 401), ("login=", 401), ("", 401)):
            check(status(server, query) == wanted, f"{query}: not {wanted}")
        check(status(server, "login=zoe:wrong", "Authorization: Basic ZG9ubjp4") == 101, "the header comes first")
        check(status(server, "login=dot:x", "Authorization: Bearer dot") == 401, "the header comes first, whatever it says")
        check(status(server, "login=dot:x", "Origin: http://any.example") == 403, "a page from elsewhere")
    strict = '( { path = "/simple"; dialect = "simple"; room = "lobby"; strict = true; } )'
    for config in (configuration(), configuration(listener="page = true;", mounts=strict)):
        with Server(config) as server:
            check(status(server, "login=dot:x") == 401, "the query is read")


SCENARIOS = (console, demo_page, message_explained, operator_files, login_of_a_page)
