#!/usr/bin/python3
"""A moderation filter: refuses rude words, and calms down who shouts.

    /usr/bin/python3 contrib/examples/moderation.py ipc://contrib/examples/moderation.sock [RUDE-WORD...]

Any number of these may run side by side: they share the load. Needs Debian's python3-zmq."""

import json
import sys
import time

import zmq

RUDE = set(sys.argv[2:]) or {"damn", "stupid"}


def judge(event):
    """What the ANSWER says beside the id, and the envelope when something changes."""
    text = event.get("text", "")
    if RUDE & set(text.lower().split()):
        return {"verdict": "refuse", "text": "Please stay polite"}, None
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 8 and all(c.isupper() for c in letters):
        return {"verdict": "change"}, {"text": text.capitalize()}
    return {"verdict": "allow"}, None


def send(socket, command, meta, envelope=None):
    frames = [b"DGM1", command, json.dumps(meta).encode()]
    if envelope is not None:
        frames.append(json.dumps(envelope).encode())
    socket.send_multipart(frames)


def main():
    socket = zmq.Context().socket(zmq.DEALER)
    socket.linger = 0
    socket.connect(sys.argv[1])
    ready = {"name": "moderation", "credits": 500}
    send(socket, b"READY", ready)
    beat = time.monotonic()
    while True:
        if socket.poll(500):
            _, command, meta, *rest = socket.recv_multipart()
            meta = json.loads(meta)
            if command == b"ASK":
                answer, envelope = judge(json.loads(rest[0]))
                send(socket, b"ANSWER", {"id": meta["id"], **answer}, envelope)
            elif command == b"EVENT":
                send(socket, b"ACK", {"id": meta["id"]})
            elif command == b"READY":
                print("ready", flush=True)
            elif command == b"ERROR" and meta.get("code") == "not_ready":
                send(socket, b"READY", ready)  # the server was started again
            elif command == b"ERROR":
                print("error:", meta, file=sys.stderr, flush=True)
        if time.monotonic() - beat > 0.5:
            send(socket, b"HEARTBEAT", {})
            beat = time.monotonic()


if __name__ == "__main__":
    main()
