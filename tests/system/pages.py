"""The page that is compiled in: a browser gets it where page = true, and nowhere else."""

import gzip
import os

from server import Server, check, configuration
from wire import Response, Wire

CONSOLE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                       "contrib", "console")


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


def console():
    """Its files, on one connection; a second time they are not sent again."""
    with Server() as server, Wire(server.port) as wire:
        for path, name in (("/", "index.html"), ("/console.js", "console.js"), ("/console.css", "console.css"),
                           ("/icon.svg", "icon.svg")):
            with open(os.path.join(CONSOLE, name), "rb") as file:
                wanted = file.read()
            response, body = get(wire, path)
            check(response.status == 200 and body == wanted, f"{path}: {response.raw}")
            policy = response.headers["content-security-policy"]
            check("default-src 'self'" in policy and "frame-ancestors 'none'" in policy, policy)
            check(response.headers["x-content-type-options"] == "nosniff", f"{response.headers}")
            packed, body = get(wire, path, "Accept-Encoding: gzip, deflate, br")
            check(packed.headers["content-encoding"] == "gzip" and gzip.decompress(body) == wanted, f"{path}")
            again, body = get(wire, path, f"If-None-Match: {response.headers['etag']}")
            check(again.status == 304 and not body, f"{path}: {again.raw}")
            head, _ = get(wire, path, method="HEAD")
            check(head.headers["content-length"] == str(len(wanted)), f"{head.raw}")
        response, _ = get(wire, "/rooms")
        check(response.status == 426, f"{response.raw}")
    with Server(configuration()) as server, Wire(server.port) as wire:
        response, body = get(wire, "/")
        check(body == b"Dragoman, a bridge between chat protocols\n", f"{body}")
        response, _ = get(wire, "/console.js")
        check(response.status == 404, f"{response.raw}")


SCENARIOS = (console,)
