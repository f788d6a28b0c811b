#!/usr/bin/python3
"""A moderation filter: refuses rude words, and turns shouting into lower case.

    /usr/bin/python3 contrib/examples/moderation.py ipc://contrib/examples/moderation.sock [RUDE-WORD...]

Any number of these may run side by side: they share the load. Needs Debian's python3-zmq."""

import json
import sys
import time

import zmq

RUDE = set(sys.argv[2:]) or {"damn", "stupid"}


def check(event):
    """What the ANSWER says beside the id, and the envelope when something changes."""
    text = event.get("text", "")
    if RUDE & set(text.lower().split()):
        return {"verdict": "refuse", "text": "Please stay polite"}, None
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 8 and all(c.isupper() for c in letters):
        return {"verdict": "change"}, {"text": text.capitalize()}
    return {"verdict": "allow"}, None


def read(frames):
    """Command, meta and envelope of a message; no command when it is not of this protocol."""
    try:
        version, command, *objects = frames
        meta, envelope = ([json.loads(one or b"{}") for one in objects] + [{}, {}])[:2]
    except ValueError:
        return None, {}, {}
    if version != b"DGM1" or not isinstance(meta, dict) or not isinstance(envelope, dict):
        return None, {}, {}
    return command, meta, envelope


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
    beat, due = 1.0, 0.0
    while True:
        if time.monotonic() >= due:
            send(socket, b"HEARTBEAT", {})
            due = time.monotonic() + beat
        if socket.poll(max(0, due - time.monotonic()) * 1000):
            command, meta, event = read(socket.recv_multipart())
            if command in (b"ASK", b"EVENT") and "id" not in meta:
                continue
            if command == b"ASK" and meta.get("about") == "login":
                send(socket, b"ANSWER", {"id": meta["id"], "verdict": "refuse"})  # not its business
            elif command == b"ASK":
                answer, envelope = check(event)
                send(socket, b"ANSWER", {"id": meta["id"], **answer}, envelope)
            elif command == b"EVENT":
                send(socket, b"ACK", {"id": meta["id"]})
            elif command == b"READY":
                beat, due = meta["heartbeat_ms"] / 1000, 0.0
                print("ready", flush=True)
            elif command == b"ERROR" and meta.get("code") == "not_ready":
                send(socket, b"READY", ready)  # the server was started again
            elif command == b"ERROR":
                print("error:", meta, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: moderation.py ENDPOINT [RUDE-WORD...]")
    main()
