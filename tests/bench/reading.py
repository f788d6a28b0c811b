"""CPU of the server for each frame that it reads: many frames in a segment, which ask for nothing
and are answered with nothing. What a message costs behind its reading is not in it, but that a
dialect looks at a text and finds nothing to do."""

import base64
import os
import socket
import ssl

FRAMES, SEGMENTS, CLIENTS = 50, 20000, 16

# Of 200 bytes: what a rooms client answers to a ping of its dialect, and WebSocket's own.
PONG = b'{"type":"pong","time":"%s"}'
KINDS = {"texts": (1, PONG % (b"x" * (200 - len(PONG) + 2))), "pongs": (10, b"x" * 125)}


def frame(opcode, payload):
    mask = os.urandom(4)
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else \
        b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + mask + \
        bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def connect(port, tls, number):
    """A rooms client who is in the room."""
    plain = socket.create_connection(("127.0.0.1", port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = context.wrap_socket(plain)
    key = base64.b64encode(os.urandom(16)).decode()
    plain.sendall((f"GET /rooms-0?key=ann{number} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                   "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   f"Sec-WebSocket-Key: {key}\r\n\r\n").encode())
    wait_for(plain, b"\r\n\r\n")
    return plain


def wait_for(plain, mark):
    got = b""
    plain.settimeout(10)
    while mark not in got:
        more = plain.recv(65536)
        if not more:
            raise ConnectionError("the server ended the connection")
        got += more
    plain.settimeout(None)


def measure(server, kind, segments=SEGMENTS):
    """us of CPU for each frame. Several clients send as fast as they can, so that it is the reading
    that costs, and not that the server is woken for each segment."""
    clients = [connect(server.port, server.row.tls, number) for number in range(CLIENTS)]
    bunch = b"".join(frame(*KINDS[kind]) for _ in range(FRAMES))
    last = frame(9, b"the last")
    server.wait_idle()
    before = server.cpu_ns()
    for at in range(segments):
        clients[at % CLIENTS].sendall(bunch)
    for client in clients:
        client.sendall(last)
        wait_for(client, b"the last")
    spent = server.cpu_ns() - before
    for client in clients:
        client.close()
    server.wait_idle()
    return {"us_each": spent / 1000 / segments / FRAMES, "fault": ""}
