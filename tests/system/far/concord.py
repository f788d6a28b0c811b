#!/usr/bin/python3
"""A scripted Concord server, as the real one behaves on the wire: a token by HTTP and then the socket,
everything but typing by HTTP, broadcast before the answer, `type` last, and ids that no double can hold.

Who: any NAME with the password "secret of NAME". Steered as serving.py says; its own words are orders()."""

import base64
import json
import os
import time

from serving import Service, compact, main, tell

# Neighbours here are equal for who reads them as doubles.
FIRST_CHAT = 235009133105909760
FIRST_USER = 235009133105800001
GENERAL, SUB, OTHER = 235009133105700001, 235009133105700002, 235009133105700003


def channel(number, name, parent=None, ordinality=0):
    return {"id": number, "parentChannelId": parent, "ordinality": ordinality, "name": name, "description": None,
            "capabilities": ["text"], "createdAt": 1650000000000, "createdByUserId": FIRST_USER}


class Concord(Service):
    def __init__(self, options):
        super().__init__()
        self.path = options.state
        self.token_seconds = 30 * 86400
        self.tokens = {}       # token -> (name, when it expires)
        self.users = {}        # name -> id
        self.chats = []        # oldest first
        self.reactors = {}     # chat id -> emoji -> names
        self.channels = [channel(GENERAL, "general"), channel(SUB, "sub", GENERAL, 0), channel(OTHER, "other", None, 1)]
        self.next_chat = FIRST_CHAT
        if self.path and os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                kept = json.load(file)
            self.users, self.chats, self.next_chat = kept["users"], kept["chats"], kept["next"]
            self.reactors = {int(chat): kinds for chat, kinds in kept["reactors"].items()}

    def keep(self):
        """The real server stores everything."""
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump({"users": self.users, "chats": self.chats, "next": self.next_chat,
                           "reactors": self.reactors}, file)
            os.replace(self.path + ".new", self.path)

    # ---- people and tokens ----

    def user_id(self, name):
        if name not in self.users:
            self.users[name] = FIRST_USER + len(self.users)
        return self.users[name]

    def make_token(self, name):
        claims = {"sub": name, "id": self.user_id(name), "iss": "Concord", "n": len(self.tokens),
                  "exp": int(time.time() + self.token_seconds)}
        parts = [base64.urlsafe_b64encode(compact(part).encode()).rstrip(b"=").decode()
                 for part in ({"typ": "JWT", "alg": "RS256"}, claims)]
        token = ".".join([*parts, "c2lnbmF0dXJl"])
        self.tokens[token] = (name, time.monotonic() + self.token_seconds)
        return token

    def name_of(self, token):
        name, expires = self.tokens.get(token, (None, 0))
        return name if time.monotonic() < expires else None

    def user(self, name):
        online = any(socket.who == name for socket in self.sockets)
        return {"id": self.users[name], "username": name,
                "profile": {"createdAt": 1650000000000, "nickname": None, "bio": None, "avatarId": None},
                "status": {"onlineStatus": "ONLINE" if online else "OFFLINE"}}

    # ---- the socket ----

    def admit(self, request):
        if request.path != "/client":
            return 404
        if isinstance(self.refusing, int):
            return self.refusing
        # All behind the first "?token=".
        _, found, token = request.target.partition("?token=")
        if found and token.count(".") != 2:
            return 500
        return self.name_of(token) or 401

    async def greet(self, socket):
        self.broadcast({"userId": self.users[socket.who], "status": "ONLINE", "type": "user_status_updated"})

    async def left(self, socket):
        if not any(other.who == socket.who for other in self.sockets):
            self.broadcast({"userId": self.users[socket.who], "status": "OFFLINE", "type": "user_status_updated"})

    async def hear(self, socket, data):
        try:
            frame = json.loads(data)
        except ValueError:
            tell("session ends", why="invalid JSON")
            socket.writer.close()
            socket.closed = True
            return
        kind = frame.get("type") if isinstance(frame, dict) else None
        name = socket.who
        if kind == "chat_typing":
            self.broadcast({"userId": self.users[name], "channelId": frame.get("channelId", 0), "threadId": None,
                            "sentAt": frame.get("sentAt", 0), "type": "chat_typing"})
        elif kind in ("chat_written", "chat_reaction"):
            done = self.write(name, frame.get("channelId"), frame.get("content"), frame.get("sentAt", 0)) \
                if kind == "chat_written" else \
                self.react(name, frame.get("chatId"), frame.get("reaction"), bool(frame.get("adding")))
            if done is None:
                tell("session ends", why=f"{kind} about what does not exist")
                socket.writer.close()
                socket.closed = True

    # ---- what is said ----

    def find(self, number):
        return next((chat for chat in self.chats if chat["id"] == number), None)

    def find_channel(self, number):
        return next((one for one in self.channels if one["id"] == number), None)

    def write(self, name, channel_id, content, sent_at):
        """The thread is dropped, as there. None: no such channel."""
        if not self.find_channel(channel_id):
            return None
        chat = {"id": self.next_chat, "createdAt": sent_at, "authorId": self.user_id(name), "channelId": channel_id,
                "threadId": None, "content": content, "edited": False, "reactions": {}}
        self.next_chat += 1
        self.chats.append(chat)
        self.keep()
        tell("chat", id=chat["id"], name=name, content=content, channel=channel_id)
        if not self.cut():
            self.broadcast({"chat": chat, "type": "chat_sent"})
        return chat

    def edit(self, chat, content):
        chat.update(content=content, edited=True)
        self.keep()
        self.broadcast({**self.place(chat), "content": content, "type": "chat_edited"})
        return chat

    def delete(self, chat):
        self.chats.remove(chat)
        self.keep()
        tell("deleted", id=chat["id"])
        self.broadcast({**self.place(chat), "type": "chat_deleted"})

    def react(self, name, number, reaction, adding):
        chat = self.find(number)
        if not chat:
            return None
        names = self.reactors.setdefault(number, {}).setdefault(reaction, [])
        if adding and name not in names:
            names.append(name)
        elif not adding and name in names:
            names.remove(name)
        chat["reactions"] = {emoji: len(who) for emoji, who in self.reactors[number].items() if who}
        self.keep()
        self.broadcast({**self.place(chat), "reactions": chat["reactions"], "type": "chat_reactions_updated"})
        return chat

    @staticmethod
    def place(chat):
        return {"chatId": chat["id"], "channelId": chat["channelId"], "threadId": chat["threadId"]}

    def tree(self, parent=None):
        return [{**one, "children": self.tree(one["id"])} for one in self.channels if one["parentChannelId"] == parent]

    # ---- HTTP ----

    async def answer(self, request):
        parts = request.parts()
        if parts[:1] != ["api"]:
            return 404, {"status": 404, "error": "Not Found", "path": request.path}
        if parts == ["api", "tokens"] and request.method == "POST":
            return self.log_in(request)
        if parts == ["api", "users", "register"] and request.method == "POST":
            name = (request.object() or {}).get("username")
            return (200, {"id": self.user_id(name), "username": name}) if name else (400, {"status": 400})
        name = self.name_of(request.bearer())
        if name is None:
            return 401, b""
        return self.answer_user(name, request, parts[1:])

    def log_in(self, request):
        wanted = request.object() or {}
        name = wanted.get("username")
        if isinstance(self.refusing, int):
            return self.refusing, b""
        if not isinstance(name, str) or wanted.get("password") != f"secret of {name}" or self.refusing:
            return 400, {"timestamp": "2022-01-01T00:00:00.000+00:00", "path": request.path, "status": 400,
                         "error": "Bad Request", "message": "Invalid credentials."}
        return 200, {"token": self.make_token(name)}

    def answer_user(self, name, request, parts):
        what = (request.method, parts[0] if parts else "", len(parts))
        if what == ("GET", "users", 1):
            return 200, [self.user(one) for one in self.users]
        if what == ("GET", "users", 2):
            found = [one for one in self.users if str(self.users[one]) == parts[1]]
            return (200, self.user(found[0])) if found else (404, b"")
        if what == ("GET", "self", 1):
            return 200, self.user(name)
        if what == ("GET", "tokens", 2):
            return 200, {"token": self.make_token(name)}
        if what == ("GET", "server", 1):
            return 200, {"name": "Far", "description": "", "iconId": None, "defaultChannelId": GENERAL}
        if what == ("GET", "channels", 1):
            return 200, self.tree()
        if parts and parts[0] == "channels" and len(parts) >= 3:
            return self.answer_channel(name, request, parts)
        if parts and parts[0] == "chats":
            return self.answer_chats(name, request, parts)
        return 404, {"status": 404, "error": "Not Found", "path": request.path}

    def answer_channel(self, name, request, parts):
        number = int(parts[1]) if parts[1].isdigit() else 0
        if not self.find_channel(number):
            return 404, {"status": 404, "error": "Not Found", "message": "Channel not found."}
        here = [chat for chat in self.chats if chat["channelId"] == number]
        if parts[2:] == ["chats", "latest"] and request.method == "GET":
            return 200, here[::-1][:int(request.query.get("size", 50))]
        if parts[2:] == ["chats"] and request.method == "POST":
            wanted = request.object()
            if wanted is None or not isinstance(wanted.get("content"), str):
                return 400, {"status": 400, "error": "Bad Request"}
            cuts = self.cuts
            chat = self.write(name, number, wanted["content"], wanted.get("sentAt") or int(time.time() * 1000))
            return (200, chat) if self.cuts == cuts else (0, b"")
        return 405, b""

    def answer_chats(self, name, request, parts):
        if len(parts) == 1 and request.method == "GET":
            found = [chat for chat in self.chats
                     if str(chat["channelId"]) == request.query.get("channelId", str(chat["channelId"]))
                     and chat["createdAt"] < int(request.query.get("before", 1 << 62))
                     and chat["createdAt"] > int(request.query.get("after", -1))]
            size, page = int(request.query.get("size", 50)), int(request.query.get("page", 0))
            return 200, found[::-1][page * size:(page + 1) * size]
        chat = self.find(int(parts[1])) if len(parts) > 1 and parts[1].isdigit() else None
        if not chat:
            tell("no such chat", asked=parts[1:])
            return 404, {"status": 404, "error": "Not Found", "message": "Chat not found."}
        if request.method == "GET" and len(parts) == 2:
            return 200, chat
        if request.method == "PATCH":
            if chat["authorId"] != self.users[name]:
                return 403, {"status": 403, "error": "Forbidden", "message": "Only the author can edit a chat message."}
            return 200, self.edit(chat, (request.object() or {}).get("content"))
        if request.method == "DELETE":
            self.delete(chat)
            return 200, b""
        if request.method == "POST" and parts[2:] == ["reactions"]:
            wanted = request.object() or {}
            self.react(name, chat["id"], wanted.get("reaction"), bool(wanted.get("adding")))
            return 200, b""
        if request.method == "GET" and parts[2:] == ["reactions"]:
            kinds = self.reactors.get(chat["id"], {})
            return 200, {"reactingUsers": {emoji: [self.users[one] for one in who] for emoji, who in kinds.items()},
                         "reactions": chat["reactions"]}
        return 405, b""

    # ---- control ----

    def orders(self):
        def found(number):
            chat = self.find(int(number))
            if not chat:
                raise KeyError(f"no chat {number}")
            return chat

        def expire():
            """All tokens, and those that are made from now on after so many seconds."""
            self.tokens = {token: (name, 0) for token, (name, _) in self.tokens.items()}

        return {
            "say": lambda name, text, channel=GENERAL: self.write(name, channel, text, int(time.time() * 1000)),
            "edit": lambda id, text: self.edit(found(id), text) and None,
            "delete": lambda id: self.delete(found(id)),
            "react": lambda name, id, reaction, adding=True: {"reactions": self.react(name, int(id), reaction, adding)
                                                              ["reactions"]},
            "type": lambda name: self.broadcast({"userId": self.user_id(name), "channelId": GENERAL, "threadId": None,
                                                 "sentAt": 1, "type": "chat_typing"}),
            "know": lambda name: {"id": self.user_id(name)},
            "chats": lambda: {"chats": self.chats},
            "token_seconds": lambda seconds: setattr(self, "token_seconds", seconds),
            "expire": expire,
        }


if __name__ == "__main__":
    main(Concord)
