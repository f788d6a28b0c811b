"""Bytes on a socket, for what no client library would send."""

import base64
import os
import select
import socket
import ssl
import struct
import time
import urllib.parse
import zlib

from server import SLOW, Failure


def door(dialect, name, secret=None):
    """The path, and the header if one is needed, by which somebody of that name comes in."""
    if dialect == "simple":
        pair = f"{name}:{secret or 'x'}".encode()
        return "/simple", "Authorization: Basic " + base64.b64encode(pair).decode()
    word = {"mixer": "name", "concord": "token", "rooms": "key"}[dialect]
    return (f"/{dialect}?{word}={name}" + (f":{urllib.parse.quote(secret)}" if secret else ""),)


def handshake(path, *headers, host="127.0.0.1", drop=(), method="GET", version="HTTP/1.1"):
    """An upgrade request, with headers in place of or beside the usual ones, some of which may be dropped."""
    lines = {"host": f"Host: {host}", "upgrade": "Upgrade: websocket", "connection": "Connection: Upgrade",
             "sec-websocket-key": "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
             "sec-websocket-version": "Sec-WebSocket-Version: 13"}
    for header in headers:
        lines[header.split(":")[0].lower()] = header
    for name in drop:
        del lines[name]
    return "\r\n".join([f"{method} {path} {version}", *lines.values(), "", ""]).encode()


class Wire:
    """One TCP connection; with a context of ssl, one of TLS. before: pieces of bytes, each sent on its
    own before all else. source: the address it comes from."""

    def __init__(self, port, receive_buffer=0, tls=None, before=(), source=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, piece in enumerate(before):
            if number:
                time.sleep(0.003)  # else the kernel may join it to the one before
            self.socket.sendall(piece)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.bytes = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # reading will tell

    def read(self, until, within=2.0):
        """Reads until until(bytes) holds, the stream ends or the time is over."""
        end = time.monotonic() + within * SLOW
        while not until(self.bytes) and not self.ended:
            left = end - time.monotonic()
            if left <= 0 or not self.readable(left):
                break
            try:
                more = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                more = b""
            self.ended = not more
            self.bytes += more
        return self.bytes

    def readable(self, within):
        """Waits for bytes, or for the end."""
        pending = getattr(self.socket, "pending", lambda: 0)()
        if pending:
            return True
        poll = select.poll()  # select() knows no descriptors above 1023
        poll.register(self.socket, select.POLLIN)
        return poll.poll(within * 1000)

    def frame(self, opcode, payload=b"", fin=True):
        """Sends a masked frame."""
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", fin << 7 | opcode, 0x80 | length)
        elif length < 65536:
            head = struct.pack("!BBH", fin << 7 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", fin << 7 | opcode, 0x80 | 127, length)
        mask = os.urandom(4)
        repeated = (mask * (length // 4 + 1))[:length]
        masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
        self.send(head + mask + masked.to_bytes(length, "big"))

    def frames(self):
        """What has been read, as (opcode, payload), inflated (RFC 7692); drops it."""
        found = []
        while len(self.bytes) >= 2:
            length = self.bytes[1] & 127
            at = {126: 4, 127: 10}.get(length, 2)
            if at > 2:
                length = int.from_bytes(self.bytes[2:at], "big")
            if len(self.bytes) < at + length:
                break
            payload = self.bytes[at:at + length]
            if self.bytes[0] & 0x40:
                payload = zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")
            found.append((self.bytes[0] & 15, payload))
            self.bytes = self.bytes[at + length:]
        return found

    def close_code(self, within=2.0):
        """Reads until a close frame or the end comes: the code or None, and whether it ended."""
        end = time.monotonic() + within * SLOW
        while time.monotonic() < end:
            ended = self.ended
            for opcode, payload in self.frames():
                if opcode == 8:
                    return int.from_bytes(payload[:2], "big"), ended
            if ended:
                return None, True
            self.read(lambda data: data != b"", 0.1)
        return None, False

    def upgrade(self, path, *headers):
        """Upgrades, or raises a Failure."""
        response = self.request(path, *headers)
        if response.status != 101:
            raise Failure(f"upgrade of {path}: {response.raw[:300]!r}")
        return self

    def request(self, path, *headers, within=2.0, **more):
        """Sends an upgrade request, more as for handshake(), and reads the answer's head."""
        self.send(handshake(path, *headers, host=f"127.0.0.1:{self.socket.getpeername()[1]}", **more))
        self.read(lambda data: b"\r\n\r\n" in data, within)
        head, blank, self.bytes = self.bytes.partition(b"\r\n\r\n")
        return Response(head + blank)


def status(server, path, *headers, **more):
    """What an upgrade request is answered with, on a connection of its own; more as for handshake()."""
    with Wire(server.port) as wire:
        return wire.request(path, *headers, **more).status


class Response:
    def __init__(self, raw):
        self.raw = raw
        lines = raw.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        self.version = words[0]
        self.status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
