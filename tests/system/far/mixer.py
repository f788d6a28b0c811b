#!/usr/bin/python3
"""A scripted Mixer server, after the captures of the real one: HTTP first, a WelcomeEvent, auth, the reply
before its event, errors as texts or objects, events with members that nobody asked for.

Who: any NAME with the token "token of NAME". Steered as serving.py says; its own words are orders()."""

import asyncio
import json
import os
import random
import re
import time
import uuid

from serving import Service, main, tell

CHANNEL, CHANNEL_NAME = 12345, "far"
FIRST_USER = 54321
LIMIT = 360  # UTF-16 units
SERVER = str(uuid.uuid4())
RIGHTS = ["chat", "connect", "poll_vote", "poll_start", "whisper", "timeout", "purge", "remove_message",
          "clear_messages"]
MODERATES = ("Owner", "Mod")
PART = re.compile(r"(?P<emoticon>:\)|:D)|(?P<link>https?://\S+)|(?P<tag>@\w+)")


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def error_of(code, message):
    return {"code": code, "message": message, "stacktrace": ""}


class Refused(Exception):
    """What a reply has as its error."""

    def __init__(self, error):
        super().__init__(error)
        self.error = error


class Mixer(Service):
    def __init__(self, options):
        super().__init__()
        self.path = options.state
        self.users = {}          # name -> id
        self.roles = {}          # name -> roles, of those who have others than User
        self.keys = {}           # authkey -> (name, when it expires)
        self.key_seconds, self.key_once = 30.0, True
        self.banned = set()
        self.history, self.history_most = [], 100
        self.polls = {}
        self.event_first = False
        self.reply_delay, self.lose_replies = 0.0, 0
        self.rate, self.sent_at = 0.0, {}   # messages a second of each, 0: any
        self.next_error = []     # for the next msg
        if self.path and os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                kept = json.load(file)
            self.users, self.history = kept["users"], kept["history"]

    def keep(self):
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump({"users": self.users, "history": self.history}, file)
            os.replace(self.path + ".new", self.path)

    def user_id(self, name):
        if name not in self.users:
            self.users[name] = FIRST_USER + 7 * len(self.users)
        return self.users[name]

    def roles_of(self, name):
        return self.roles.get(name, ["User"])

    def name_of(self, token):
        found = re.fullmatch(r"token of (\w[\w -]*)", token or "")
        return found[1] if found and not self.refusing else None

    # ---- HTTP ----

    async def answer(self, request):
        parts = request.parts()
        if parts[:1] != ["api"] or parts[1:2] not in (["v1"], ["v2"]):
            return 404, {"statusCode": 404, "error": "Not Found"}
        what, name = parts[2:], self.name_of(request.bearer())
        if what == ["users", "current"]:
            return (200, self.user(name)) if name else (401, {"errorCode": 24317, "errorMessage": "Unauthorized"})
        if request.bearer() and not name:
            return 401, {"errorCode": 24317, "errorMessage": "Unauthorized"}
        if len(what) == 2 and what[0] == "channels":
            return self.channel(what[1])
        if what[:2] == ["chats", str(CHANNEL)]:
            return self.chat(name, request, what[2:])
        return 404, {"statusCode": 404, "error": "Not Found", "message": "Channel not found."}

    def user(self, name):
        number = self.user_id(name)
        return {"level": 42, "social": {}, "id": number, "username": name, "verified": True, "bio": None,
                "avatarUrl": None, "channel": {"id": CHANNEL if name == CHANNEL_NAME else number + 1, "userId": number,
                                               "token": name, "partnered": False}}

    def channel(self, which):
        if which.lower() not in (CHANNEL_NAME, str(CHANNEL)):
            return 404, {"statusCode": 404, "error": "Not Found", "message": "Channel not found."}
        return 200, {"id": CHANNEL, "userId": self.user_id(CHANNEL_NAME), "token": CHANNEL_NAME, "online": True}

    def chat(self, name, request, rest):
        if rest and rest[0] == "users":
            people = {socket.who: socket for socket in self.sockets if socket.who}
            return 200, [{"userId": self.users[one], "userName": one, "username": one,
                          "userRoles": self.roles_of(one)} for one in people]
        if rest == ["message"]:
            return 200, self.history[-int(request.query.get("limit", 50)):]
        if rest and rest != ["anonymous"]:
            return 404, {"statusCode": 404, "error": "Not Found"}
        scheme = "wss" if self.secure else "ws"
        answer = {"roles": self.roles_of(name) if name else [], "permissions": RIGHTS if name else ["connect"],
                  "endpoints": [f"{scheme}://127.0.0.1:{self.port}"], "isLoadShed": False}
        if name and not rest:
            key = uuid.uuid4().hex[:16]
            self.keys[key] = (name, time.monotonic() + self.key_seconds)
            answer = {"roles": answer.pop("roles"), "authkey": key, **answer}
        return 200, answer

    # ---- the socket ----

    def admit(self, request):
        if isinstance(self.refusing, int):
            return self.refusing
        return ""  # nobody yet

    async def greet(self, socket):
        socket.state = {"readable": False, "out": set()}
        self.event("WelcomeEvent", {"server": SERVER}, lambda other: other is socket)

    async def left(self, socket):
        if socket.who and not any(other.who == socket.who for other in self.sockets):
            self.event("UserLeave", self.presence(socket.who))

    def event(self, name, data, to=None):
        to = to or (lambda socket: socket.state.get("readable"))
        self.broadcast({"type": "event", "event": name, "data": data},
                       lambda socket: to(socket) and name not in socket.state.get("out", ()))

    def presence(self, name):
        return {"originatingChannel": CHANNEL, "username": name, "roles": self.roles_of(name), "id": self.user_id(name)}

    async def hear(self, socket, data):
        try:
            frame = json.loads(data)
        except ValueError:
            socket.send({"type": "reply", "error": "UNOTJSON", "id": None})
            return
        if not isinstance(frame, dict) or frame.get("type") != "method":
            return
        reply = {"type": "reply", "error": None, "id": frame.get("id")}
        method, arguments = frame.get("method"), frame.get("arguments") or []
        after = []  # what happens, as a function
        try:
            result = self.carry_out(socket, method, arguments, after)
            if result is not None:
                reply["data"] = result
        except Refused as refused:
            reply["error"] = refused.error
        except (IndexError, TypeError, ValueError):
            reply["error"] = error_of(4004, "Bad request.")
        if self.event_first:
            self.happen(after)
        if method != "auth" and self.lose_replies:
            self.lose_replies -= 1
        elif method != "auth" and self.reply_delay:
            asyncio.get_running_loop().call_later(self.reply_delay, socket.send, reply)
        else:
            socket.send(reply)
        if not self.event_first:
            self.happen(after)

    @staticmethod
    def happen(after):
        for one in after:
            one()

    def carry_out(self, socket, method, arguments, after):
        if method == "auth":
            return self.auth(socket, arguments)
        if method == "ping":
            return None
        if method == "optOutEvents":
            socket.state["out"] = set(arguments)
            return {}
        if not socket.state["readable"]:
            raise Refused("UACCESS")
        if method == "history":
            if not 1 <= int(arguments[0]) <= 100:
                raise Refused(error_of(4004, "Count must be from 1 to 100."))
            return self.history[-int(arguments[0]):]
        if not socket.who:
            raise Refused("UACCESS")
        deed = {"msg": self.msg, "whisper": self.whisper, "deleteMessage": self.delete_message, "timeout": self.timeout,
                "purge": self.purge, "clearMessages": self.clear, "vote:start": self.start_vote,
                "vote:choose": self.choose}.get(method)
        if not deed:
            raise Refused(error_of(4004, f"Unknown method {method}."))
        return deed(socket, arguments, after)

    def auth(self, socket, arguments):
        """One's own UserJoin comes before the reply."""
        if socket.state["readable"]:
            raise Refused("Already authenticated, please reconnect.")
        channel, user, key = (list(arguments) + [None] * 3)[:3]
        if self.refusing == "server":
            raise Refused(error_of(4006, "Authentication server error."))
        if int(channel) != CHANNEL or isinstance(self.refusing, str):
            raise Refused(self.refusing or "UNOTFOUND")
        if user is None:
            socket.state["readable"] = True
            return {"authenticated": False, "roles": []}
        name, expires = self.keys.get(key, (None, 0))
        if not name or time.monotonic() > expires or self.users.get(name) != int(user):
            raise Refused("UNOTFOUND")
        if name in self.banned:
            raise Refused("UACCESS")
        if self.key_once:
            del self.keys[key]
        socket.who, socket.state["readable"] = name, True
        tell("login", name=name)
        self.event("UserJoin", self.presence(name))
        return {"authenticated": True, "roles": self.roles_of(name)}

    # ---- what is said ----

    def parts_of(self, text):
        """As the real one: what is no text is a part of its own, with texts around it, empty if need be."""
        parts, at = [], 0
        for found in PART.finditer(text):
            plain = text[at:found.start()]
            parts.append({"type": "text", "data": plain, "text": plain})
            what = found[0]
            if found.lastgroup == "emoticon":
                parts.append({"type": "emoticon", "source": "builtin", "pack": "default",
                              "coords": {"x": 96, "y": 0, "width": 24, "height": 24}, "text": what})
            elif found.lastgroup == "link":
                parts.append({"type": "link", "url": what, "text": what})
            else:
                name = what[1:]
                parts.append({"text": what, "type": "tag", "username": name.lower(), "id": self.user_id(name)})
            at = found.end()
        parts.append({"type": "text", "data": text[at:], "text": text[at:]})
        return parts

    def message(self, name, text, **meta):
        if text.startswith("/me "):
            text, meta = text[4:], {**meta, "me": True}
        return {"channel": CHANNEL, "id": str(uuid.uuid4()), "user_name": name, "user_id": self.user_id(name),
                "user_roles": self.roles_of(name), "user_level": 28,
                "user_avatar": f"https://uploads.example/avatar/{name}.jpg", "user_ascension_level": 3,
                "message": {"message": self.parts_of(text), "meta": meta}}

    def say(self, name, text):
        """The message, and what is to happen."""
        data = self.message(name, text)
        self.history = (self.history + [data])[-self.history_most:] if self.history_most else []
        self.keep()
        tell("chat", id=data["id"], name=name, content=text)
        return data, lambda: self.event("ChatMessage", data)

    def pace_of(self, name):
        now = time.monotonic()
        if self.rate and now - self.sent_at.get(name, 0) < 1 / self.rate:
            raise Refused(error_of(4005, "You are sending messages too fast."))
        self.sent_at[name] = now

    def msg(self, socket, arguments, after):
        text = arguments[0]
        if not isinstance(text, str) or not text or units(text) > LIMIT:
            raise Refused(error_of(4004, f"The message must have 1 to {LIMIT} characters."))
        if self.next_error:
            raise Refused(self.next_error.pop(0))
        self.pace_of(socket.who)
        data, happens = self.say(socket.who, text)
        if not self.cut():
            after.append(happens)
        return data

    def whisper(self, socket, arguments, after):
        target, text = arguments[:2]
        there = [other for other in self.sockets if other.who and other.who.lower() == target.lower()]
        if not there:
            raise Refused(error_of(4001, "User not found."))
        if units(text) > LIMIT:
            raise Refused(error_of(4004, f"The message must have 1 to {LIMIT} characters."))
        self.pace_of(socket.who)
        data = {**self.message(socket.who, text, whisper=True), "target": there[0].who}
        tell("whisper", name=socket.who, target=there[0].who, content=text)
        after.append(lambda: self.event("ChatMessage", data, lambda other: other in there))
        return data

    def moderates(self, socket):
        if not set(MODERATES) & set(self.roles_of(socket.who)):
            raise Refused("UACCESS")

    def person(self, name):
        return {"user_name": name, "user_id": self.user_id(name), "user_roles": self.roles_of(name), "user_level": 28}

    def remove(self, number, moderator):
        """False: there is none."""
        known = [one for one in self.history if one["id"] == number]
        if not known:
            return False
        self.history.remove(known[0])
        self.keep()
        tell("deleted", id=number)
        self.event("DeleteMessage", {"id": number, "moderator": self.person(moderator)})
        return True

    def delete_message(self, socket, arguments, after):
        self.moderates(socket)
        if not any(one["id"] == arguments[0] for one in self.history):
            raise Refused(error_of(4003, "Message not found."))
        after.append(lambda: self.remove(arguments[0], socket.who))
        return "Message deleted."

    def known(self, name):
        found = [one for one in self.users if one.lower() == name.lower()]
        if not found:
            raise Refused(error_of(4001, "User not found."))
        return found[0]

    def timeout(self, socket, arguments, after):
        self.moderates(socket)
        name, duration = self.known(arguments[0]), str(arguments[1])
        tell("timeout", name=name, duration=duration)
        after.append(lambda: self.event("PurgeMessage", {
            "user_id": self.users[name], "moderator": self.person(socket.who),
            "cause": {"type": "timeout", "durationString": duration}}))
        after.append(lambda: self.event("UserTimeout", {"user": self.person(name), "duration": 30000},
                                        lambda other: other.who == name))
        return f"{name} has been timed out for {duration}."

    def purge(self, socket, arguments, after):
        """No data in the reply; and the event is the bare one of the captures."""
        self.moderates(socket)
        name = self.known(arguments[0])
        self.history = [one for one in self.history if one["user_name"] != name]
        tell("purged", name=name)
        after.append(lambda: self.event("PurgeMessage", {"user_id": self.users[name]}))

    def clear(self, socket, _, after):
        self.moderates(socket)
        self.history = []
        tell("cleared")
        after.append(lambda: self.event("ClearMessages", {"clearer": self.person(socket.who)}))
        return "Messages cleared."

    # ---- polls ----

    def start_vote(self, socket, arguments, after):
        self.moderates(socket)
        question, answers, seconds = arguments[:3]
        self.polls = {"q": question, "answers": answers, "author": self.person(socket.who), "who": {},
                      "duration": int(seconds) * 1000, "ends": int(time.time() * 1000) + int(seconds) * 1000}
        asyncio.get_running_loop().call_later(float(seconds), lambda: self.show_poll("PollEnd"))
        after.append(lambda: self.show_poll("PollStart"))
        return "Poll started."

    def choose(self, socket, arguments, after):
        self.polls["answers"][int(arguments[0])]
        self.polls["who"][socket.who] = int(arguments[0])
        after.append(lambda: self.show_poll("PollStart"))
        return True

    def show_poll(self, event):
        poll, votes = self.polls, list(self.polls["who"].values())
        counts = [votes.count(index) for index in range(len(poll["answers"]))]
        self.event(event, {"originatingChannel": CHANNEL, "q": poll["q"], "answers": poll["answers"],
                           "author": poll["author"], "duration": poll["duration"], "endsAt": poll["ends"],
                           "voters": len(votes), "responses": dict(zip(poll["answers"], counts)),
                           "responsesByIndex": counts})

    # ---- control ----

    def skill(self, name):
        self.event("SkillAttribution", {
            "id": str(uuid.uuid4()), "user_name": name, "user_id": self.user_id(name), "user_roles": ["User"],
            "user_level": 12, "user_avatar": None, "skill": {
                "skill_id": "b5ee1e9f-8d7a-4ad6-b7a0-5d2b8d0b3f7c", "skill_name": "An Eye Opener",
                "execution_id": str(uuid.UUID(int=random.getrandbits(128))), "icon_url": "https://uploads.example/i.png",
                "cost": 250, "currency": "Sparks"}, "triggers": None})

    def orders(self):
        def say(name, text):
            data, happens = self.say(name, text)
            happens()
            return {"id": data["id"]}

        def tell_one(name, target, text):
            data = {**self.message(name, text, whisper=True), "target": target}
            self.event("ChatMessage", data, lambda socket: socket.who == target)

        return {
            "say": say,
            "whisper": tell_one,
            "delete": lambda id, name=CHANNEL_NAME: {"found": self.remove(id, name)},
            "purge": lambda name: self.event("PurgeMessage", {"user_id": self.user_id(name)}),
            "clear": lambda: self.event("ClearMessages", {"clearer": self.person(CHANNEL_NAME)}),
            "enter": lambda name: self.event("UserJoin", self.presence(name)),
            "exit": lambda name: self.event("UserLeave", self.presence(name)),
            "skill": self.skill,
            "ban": lambda name: self.banned.add(name),
            "roles": lambda name, roles: self.roles.update({name: roles}),
            "history": lambda most: setattr(self, "history_most", most),
            "chats": lambda: {"chats": self.history},
            "event_first": lambda on=True: setattr(self, "event_first", on),
            "reply_delay": lambda seconds: setattr(self, "reply_delay", seconds),
            "lose_replies": lambda count: setattr(self, "lose_replies", count),
            "rate": lambda per_second: setattr(self, "rate", per_second),
            "error": lambda error: self.next_error.append(error),
            "keys": lambda seconds, once=True: (setattr(self, "key_seconds", seconds), setattr(self, "key_once", once))
                    and None,
        }


if __name__ == "__main__":
    main(Mixer)
