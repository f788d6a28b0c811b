"""CPU of the server for each frame that it reads: many frames in a segment, which ask for nothing
and are answered with nothing. What a message costs behind its reading is not in it, but that a
dialect looks at a text and finds nothing to do."""

import base64
import os
import socket
import ssl
import time

FRAMES, SEGMENTS, PAUSE = 50, 1500, 0.0002

# Of 200 bytes; a concord client says so now and then that it is there.
HEARTBEAT = b'{"type":"heartbeat","timestamp":1600000000000,"pad":"%s"}'
KINDS = {"texts": (1, HEARTBEAT % (b"x" * (200 - len(HEARTBEAT) + 2))), "pongs": (10, b"x" * 125)}


def frame(opcode, payload):
    mask = os.urandom(4)
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else \
        b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + mask + \
        bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def connect(port, tls):
    """A concord client who is in the room."""
    plain = socket.create_connection(("127.0.0.1", port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = context.wrap_socket(plain)
    key = base64.b64encode(os.urandom(16)).decode()
    plain.sendall((f"GET /concord?token=ann HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
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
    """What one load says: us of CPU for each frame."""
    plain = connect(server.port, server.row.tls)
    bunch = b"".join(frame(*KINDS[kind]) for _ in range(FRAMES))
    last = frame(9, b"the last")
    server.wait_idle()
    before = server.cpu_ns()
    for _ in range(segments):
        plain.sendall(bunch)
        time.sleep(PAUSE)
    plain.sendall(last)
    wait_for(plain, b"the last")
    spent = server.cpu_ns() - before
    plain.close()
    server.wait_idle()
    return {"us_each": spent / 1000 / segments / FRAMES, "fault": ""}
