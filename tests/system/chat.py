"""Plain clients of the four dialects, on Debian's python3-websockets."""

import asyncio
import base64
import inspect
import json
import urllib.parse

import websockets

from server import SLOW, Failure, check

WITHIN = 1.0 * SLOW  # a message is there within a second

# Of connect(): the parameter for headers got another name in version 14.
HEADERS = next(name for name in inspect.signature(websockets.connect.__init__).parameters
               if name in ("additional_headers", "extra_headers"))


def text_of(frame):
    """The text of a frame that shows a message, in any dialect; None for other frames."""
    if frame.get("event") == "ChatMessage":
        return "".join(part["text"] for part in frame["data"]["message"]["message"])
    if frame.get("type") == "chat_sent":
        return frame["chat"]["content"]
    if frame.get("type") == "message":
        return frame["content"]
    if frame.get("type") == "message_sent":
        return frame["message"]
    return None


def id_of(frame):
    """What a frame that shows a message calls it."""
    if frame.get("event") == "ChatMessage":
        return frame["data"]["id"]
    if frame.get("type") == "chat_sent":
        return frame["chat"]["id"]
    return frame.get("message_id")


def refusal_of(frame):
    """The code of a frame that says no, None for others."""
    if frame["type"] not in ("error", "reply"):
        return None
    return frame["error"]["code"] if isinstance(frame["error"], dict) else frame["error"]


class Client:
    """One connection. Frames are kept; expect() looks on from where it found the last one."""

    def __init__(self, socket, dialect, name, room, key=None):
        self.socket, self.dialect, self.name, self.room, self.key = socket, dialect, name, room, key
        self.texts, self.frames, self.at = [], [], 0
        self.news = asyncio.Event()
        self.requests = 0
        self.reader = asyncio.create_task(self.read())

    async def read(self):
        try:
            async for text in self.socket:
                if not isinstance(text, str):
                    raise Failure(f"{self.name} got a binary frame")
                self.take(text)
                self.news.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            self.news.set()

    def take(self, text):
        self.texts.append(text)
        self.frames.append(json.loads(text))

    async def expect(self, matches, what, within=WITHIN):
        """The next frame for which matches(frame), passing over others."""
        end = asyncio.get_running_loop().time() + within
        while True:
            while self.at < len(self.frames):
                self.at += 1
                if matches(self.frames[self.at - 1]):
                    return self.frames[self.at - 1]
            left = end - asyncio.get_running_loop().time()
            self.news.clear()
            if left <= 0 or self.reader.done():
                raise Failure(f"{self.name} ({self.dialect}) did not get {what}, but "
                              f"{self.texts[-6:]}" + (" and the end" if self.reader.done() else ""))
            try:
                await asyncio.wait_for(self.news.wait(), left)
            except asyncio.TimeoutError:
                pass

    async def fields(self, within=WITHIN, **fields):
        """The next frame with these fields."""
        return await self.expect(lambda frame: all(frame.get(k) == v for k, v in fields.items()),
                                 f"{fields}", within)

    async def hears(self, text, within=WITHIN):
        """The next frame that shows a message with this text."""
        return await self.expect(lambda frame: text_of(frame) == text, repr(text), within)

    async def event(self, event, within=WITHIN):
        return (await self.fields(within, event=event))["data"]

    def heard(self, start=""):
        """The texts of all messages so far that begin so."""
        texts = map(text_of, self.frames)
        return [text for text in texts if text is not None and text.startswith(start)]

    async def send(self, frame):
        await self.socket.send(frame if isinstance(frame, (str, bytes)) else json.dumps(frame))

    async def call(self, method, *arguments):
        """mixer: calls a method; its reply."""
        self.requests += 1
        number = self.requests
        await self.send({"type": "method", "method": method, "arguments": list(arguments),
                         "id": number})
        return await self.fields(type="reply", id=number)

    async def say(self, text):
        self.requests += 1
        await self.send({
            "mixer": {"type": "method", "method": "msg", "arguments": [text], "id": self.requests},
            "concord": {"type": "chat_written", "channelId": self.room["concord"], "threadId": None,
                        "sentAt": 1700000000000, "content": text},
            "rooms": {"type": "message", "key": self.key or self.name, "content": text,
                      "room_id": self.room["rooms"]},
            "simple": {"type": "send_message", "payload_id": str(self.requests), "message": text},
        }[self.dialect])

    async def refusal(self, within=WITHIN):
        """The next answer that says no, as (code, frame)."""
        frame = await self.expect(refusal_of, "a refusal", within)
        return refusal_of(frame), frame

    async def counts(self, counted, wanted, more, within=WITHIN):
        """Waits until so many frames are counted, together with what more() has."""
        end = asyncio.get_running_loop().time() + within
        while sum(map(bool, map(counted, self.frames))) + len(more()) < wanted:
            if asyncio.get_running_loop().time() > end or self.reader.done():
                raise Failure(f"{self.name} ({self.dialect}) got {len(self.frames)} frames, the last "
                              f"{self.texts[-3:]}")
            await asyncio.sleep(0.01)

    async def closed(self, within=WITHIN):
        """Waits for the server to end the connection; the close code."""
        try:
            await asyncio.wait_for(asyncio.shield(self.socket.wait_closed()), within)
        except asyncio.TimeoutError:
            raise Failure(f"{self.name} ({self.dialect}) was not cut within {within} s") from None
        await self.reader
        return self.socket.close_code

    async def close(self):
        await self.socket.close()
        await self.reader


def basic(name, secret=""):
    token = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


async def open_socket(server, dialect, name, path=None, secret=None, **more):
    """An upgraded connection, not yet logged in where that takes a frame."""
    url = f"{'wss' if 'ssl' in more else 'ws'}://127.0.0.1:{server.port}{path or '/' + dialect}"
    credentials = urllib.parse.quote(name if secret is None else f"{name}:{secret}", safe=":")
    headers = {}
    if dialect == "simple":
        headers = basic(name, secret or "")
    else:
        word = {"mixer": "name", "concord": "token", "rooms": "key"}[dialect]
        url += f"?{word}={credentials}" if dialect != "mixer" else f"?{word}={urllib.parse.quote(name)}"
    usual = {HEADERS: headers, "compression": None, "max_size": None, "ping_interval": None,
             "close_timeout": 2}
    return await websockets.connect(url, **{**usual, **more})


async def greeted(server, name, **more):
    """A mixer client that has not logged in yet."""
    client = Client(await open_socket(server, "mixer", name, **more), "mixer", name, server.room)
    await client.event("WelcomeEvent")
    return client


async def join(server, dialect, name, room=None, secret=None, user=None, anonymous=False,
               kind=Client, **more):
    """A client that is in its room. user, secret: of a mixer login (a number of its own by
    default). kind: of client."""
    room = room or server.room
    socket = await open_socket(server, dialect, name, secret=secret, **more)
    client = kind(socket, dialect, name, room, f"{name}:{secret}" if secret else name)
    if dialect != "mixer":
        await client.expect(
            lambda frame: frame["type"] in ("user_connected", "enter") or
            frame["type"] == "user_status_updated" and frame["status"] == "ONLINE", "its own entry")
        return client
    await client.event("WelcomeEvent")
    if anonymous:
        reply = await client.call("auth", room["mixer"], None, None)
        check(reply["error"] is None and reply["data"] == {"authenticated": False, "roles": []},
              f"anonymous login: {reply}")
        return client
    user = user or 1000 + sum(name.encode()) * 7919 % 100003
    reply = await client.call("auth", room["mixer"], user, secret or f"{name}-key")
    check(reply["error"] is None and reply["data"]["authenticated"] is True,
          f"login of {name}: {reply}")
    client.roles = reply["data"]["roles"]
    return client


async def join_all(server):
    """ann (mixer), bob (concord), cat (rooms) and dan (simple), all in the first room."""
    names = {"mixer": "ann", "concord": "bob", "rooms": "cat", "simple": "dan"}
    clients = {dialect: await join(server, dialect, name) for dialect, name in names.items()}
    await quiet(clients.values())
    return clients


async def quiet(clients, seconds=0.1):
    """Lets what is under way arrive, and passes over it."""
    await asyncio.sleep(seconds * SLOW)
    for client in clients:
        client.at = len(client.frames)


async def talk(clients, mark):
    """Each says something, all hear it: the room is well. clients: by dialect or a list."""
    clients = list(clients.values()) if isinstance(clients, dict) else list(clients)
    for speaker in clients:
        text = f"{mark} from {speaker.name}"
        await speaker.say(text)
        for client in clients:
            await client.hears(text)


async def close_all(clients):
    for client in list(clients.values()) if isinstance(clients, dict) else clients:
        await client.close()
