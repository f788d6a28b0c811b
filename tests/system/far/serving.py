"""A small server of HTTP and WebSockets for scripted servers of other dialects, and the control by
which a test steers one: JSON lines on standard input, each answered by one on standard output.

Nothing of ours is used, so that a mistake in the product is not repeated here."""

import argparse
import asyncio
import base64
import hashlib
import json
import os
import ssl
import struct
import sys
import time
import urllib.parse

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
REASONS = {101: "Switching Protocols", 200: "OK", 202: "Accepted", 204: "No Content", 302: "Found",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           413: "Payload Too Large", 429: "Too Many Requests", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable"}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def tell(event, **fields):
    """A line for the test. Written at once: what was told is told, even if this process is killed."""
    os.write(1, (json.dumps({"event": event, **fields}) + "\n").encode())


class Lost(Exception):
    """The peer is gone, or what it sent is no HTTP and no WebSocket."""


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        path, _, self.query_text = target.partition("?")
        self.path = urllib.parse.unquote(path)
        self.query = {name: values[0] for name, values in
                      urllib.parse.parse_qs(self.query_text, keep_blank_values=True).items()}

    def bearer(self):
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else None

    def object(self):
        """The body as a JSON object; None: it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def parts(self):
        return [part for part in self.path.split("/") if part]


async def read_request(reader):
    """None: the connection ended before one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3:
        raise Lost(f"no request: {lines[0]!r}")
    headers = {}
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
    body = b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    elif "content-length" in headers:
        if headers.get("expect", "").lower() == "100-continue":
            raise Lost("it expects a 100-continue")
        body = await reader.readexactly(int(headers["content-length"]))
    return Request(words[0], words[1], headers, body)


def response(status, body=b"", headers=(), keep=True):
    if not isinstance(body, bytes):
        headers = ["Content-Type: application/json", *headers]
        body = compact(body).encode()
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}", *headers, f"Content-Length: {len(body)}",
             f"Connection: {'keep-alive' if keep else 'close'}", "", ""]
    return "\r\n".join(lines).encode("utf-8") + body


class Socket:
    """A WebSocket of a client."""

    def __init__(self, service, reader, writer):
        self.service, self.reader, self.writer = service, reader, writer
        self.who = None    # whoever the dialect says
        self.state = {}    # of the dialect
        self.closed = False

    def send(self, value):
        """A JSON value, or a text as it is."""
        text = value if isinstance(value, str) else compact(value)
        self.send_frame(TEXT, text.encode("utf-8", "surrogatepass"))

    def send_frame(self, opcode, payload):
        if self.closed or self.writer.is_closing():
            return
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, length)
        self.writer.write(head + payload)

    def close(self, code=None, reason=""):
        """None: a close without a code."""
        if not self.closed:
            self.send_frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason.encode())
            self.closed = True
            # A peer that does not answer is not waited for.
            asyncio.get_running_loop().call_later(1.0, self.writer.close)

    def raw(self, data):
        self.writer.write(data)

    def abort(self):
        """RST, as of a process that was killed with bytes unread."""
        self.closed = True
        self.writer.transport.abort()

    async def frame(self):
        """The next (opcode, payload), unmasked; None at the end."""
        try:
            first, second = await self.reader.readexactly(2)
            length = second & 127
            if length > 125:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
            if not second & 0x80:
                raise Lost("a frame that is not masked")
            key = await self.reader.readexactly(4)
            data = await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            return None
        repeated = (key * (length // 4 + 1))[:length]
        data = (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
        if first & 0x70 or not first & 0x80 or not first & 15:
            raise Lost(f"a frame of a kind that was not agreed upon: {first:#x}")
        return first & 15, data

    async def messages(self):
        """Texts; pings and closes are answered."""
        while (frame := await self.frame()) is not None:
            opcode, data = frame
            if opcode == PING:
                tell("ping", who=self.who)
                if not self.service.mute:
                    self.send_frame(PONG, data)
            elif opcode == CLOSE:
                tell("closed", who=self.who, code=int.from_bytes(data[:2], "big") if data else None)
                if not self.closed:
                    self.send_frame(CLOSE, data[:2])
                return
            elif opcode in (TEXT, BINARY):
                yield data
                if self.closed:
                    return


class Service:
    """What all have in common. A dialect overrides answer(), greet() and hear()."""

    socket_path = None  # any

    def __init__(self):
        self.sockets = []
        self.mute = False         # takes, and does not answer
        self.pace = 0.0           # seconds for each message or request that says something
        self.turn = asyncio.Lock()
        self.failures = []        # answers to the next requests of some path, in place of the true ones
        self.refusing = None      # a status, or a word of the dialect, for logins
        self.cuts = 0             # of so many messages: all is cut when they are taken, before anybody is told
        self.started = time.monotonic()

    # ---- of a dialect ----

    async def answer(self, request):
        """(status, body) or (status, body, headers) of a request; body: bytes or a JSON value."""
        raise NotImplementedError

    def admit(self, request):
        """Of an upgrade: who comes, or a status with which it is refused."""
        raise NotImplementedError

    async def greet(self, socket):
        """It is open."""

    async def hear(self, socket, data):
        """A message of it, bytes."""

    async def left(self, socket):
        """It is gone."""

    def orders(self):
        """More words of the control: name -> function of the line's other members."""
        return {}

    # ---- connections ----

    async def connection(self, reader, writer):
        try:
            while (request := await read_request(reader)) is not None:
                if request.headers.get("upgrade", "").lower() == "websocket":
                    await self.upgrade(request, reader, writer)
                    break
                if not await self.respond(request, writer):
                    break
        except (Lost, ValueError, asyncio.IncompleteReadError, ConnectionError) as error:
            tell("bad", why=f"{type(error).__name__}: {error}")
        finally:
            writer.close()

    async def respond(self, request, writer):
        """False: the connection is to end."""
        tell("request", method=request.method, path=request.target, body=request.body.decode("utf-8", "replace"),
             authorization=request.headers.get("authorization"))
        failure = self.failure(request)
        if request.method not in ("GET", "HEAD"):
            await self.take_turn()
        if failure and not failure.get("after"):
            answer = (failure["status"], failure.get("body", b""), failure.get("headers", ()))
        else:
            answer = await self.answer(request)
        if failure and failure.get("after"):
            answer = (failure["status"], failure.get("body", b""))
        if self.mute:
            await asyncio.sleep(3600)
        if answer[0] == 0:  # no answer at all
            writer.transport.abort()
            return False
        if isinstance(answer[1], str):
            answer = (answer[0], answer[1].encode(), *answer[2:])
        writer.write(response(*answer))
        await writer.drain()
        return True

    def failure(self, request):
        for one in self.failures:
            if one.get("method", request.method) == request.method and one.get("path", "") in request.path:
                one["times"] -= 1
                if one["times"] <= 0:
                    self.failures.remove(one)
                return one
        return None

    async def take_turn(self):
        """One after the other, each in its time."""
        if self.pace:
            async with self.turn:
                await asyncio.sleep(self.pace)

    async def upgrade(self, request, reader, writer):
        who = self.admit(request)
        tell("upgrade", path=request.target, who=who if not isinstance(who, int) else None, headers=request.headers)
        if isinstance(who, int):
            writer.write(response(who, b"", keep=False))
            await writer.drain()
            return
        key = request.headers.get("sec-websocket-key", "").encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        writer.write((f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        socket = Socket(self, reader, writer)
        socket.who = who
        self.sockets.append(socket)
        try:
            await self.greet(socket)
            async for data in socket.messages():
                tell("frame", who=socket.who, text=data.decode("utf-8", "replace"))
                await self.take_turn()
                if not self.mute:
                    await self.hear(socket, data)
                await writer.drain()
        finally:
            self.sockets.remove(socket)
            tell("gone", who=socket.who)
            await self.left(socket)

    def cut(self):
        """Is a message that was just taken one of those?"""
        if not self.cuts:
            return False
        self.cuts -= 1
        for socket in list(self.sockets):
            socket.abort()
        return True

    def broadcast(self, value, to=lambda socket: True):
        text = value if isinstance(value, str) else compact(value)
        for socket in list(self.sockets):
            if to(socket):
                socket.send(text)

    # ---- control ----

    def common_orders(self):
        def each(deed):
            for socket in list(self.sockets):
                deed(socket)
            return {"sockets": len(self.sockets)}

        def drop(half=False):
            """half: in the middle of a frame."""
            def one(socket):
                if half:
                    socket.raw(b"\x81\x7e\x01\x00" + b'{"type":"ev')
                    socket.writer.close()
                    socket.closed = True
                else:
                    socket.abort()
            return each(one)

        def fail(status, times=1, **more):
            self.failures.append({"status": status, "times": times, **more})

        return {
            "close": lambda code=None, reason="": each(lambda socket: socket.close(code, reason)),
            "drop": drop,
            "frames": lambda texts: each(lambda socket: [socket.send(text) for text in texts]),
            "bytes": lambda hex: each(lambda socket: socket.raw(bytes.fromhex(hex))),
            "cut": lambda count=1: setattr(self, "cuts", count),
            "mute": lambda on=True: setattr(self, "mute", on),
            "pace": lambda seconds: setattr(self, "pace", seconds),
            "fail": fail,
            "refuse": lambda how=None: setattr(self, "refusing", how),
            "sockets": lambda: {"who": [socket.who for socket in self.sockets]},
        }

    async def obey(self):
        """Carries out what comes on standard input; ends with it."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        orders = {**self.common_orders(), **self.orders()}
        while line := await reader.readline():
            order = json.loads(line)
            try:
                told = orders[order.pop("do")](**order)
                tell("done", **(told if isinstance(told, dict) else {}))
            except Exception as error:
                tell("done", error=f"{type(error).__name__}: {error}")


async def run(service, options):
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
    server = await asyncio.start_server(service.connection, "127.0.0.1", options.port, ssl=context, limit=1 << 24)
    service.port = server.sockets[0].getsockname()[1]
    service.secure = bool(context)
    tell("listening", port=service.port)
    await service.obey()


def main(kind):
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--cert", default="")
    options.add_argument("--key", default="")
    options.add_argument("--state", default="", help="a file that lasts, for what the server stores")
    options = options.parse_args()
    asyncio.run(run(kind(options), options))
