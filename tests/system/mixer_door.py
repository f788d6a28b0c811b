"""What mixer clients ask by HTTP, on the wire: as browsers, proxies and careless programs send it."""

import asyncio
import http.client
import json

import websockets

from server import Server, check, configuration

ACCOUNTS = '( { name = "boss"; number = 7; secret_file = "boss.secret"; roles = [ "owner" ]; } )'
FILES = {"boss.secret": "open sesame\n"}
BOSS = {"Authorization": "Bearer boss:open sesame"}
KEYS = ["errorCode", "errorMessage", "statusCode", "error", "message"]


class Caller:
    """One connection that stays open."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def ask(self, method, path, body=None, **headers):
        """Status, headers, text."""
        self.connection.request(method, path, body, headers={name.replace("_", "-"): value
                                                             for name, value in headers.items()})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def expect(self, status, method, path, body=None, **headers):
        """Its headers, and its JSON if it has any. An error has all keys."""
        got, heads, text = self.ask(method, path, body, **headers)
        check(got == status, f"{method} {path}: {got} {text}")
        said = json.loads(text) if text else None
        check(status < 400 or not said or list(said) == KEYS, f"{method} {path}: {text}")
        return heads, said


def answers(server, caller):
    """Each method that its paths know, and no other."""
    heads, said = caller.expect(200, "GET", "/api/v1/channels/1")
    check(said["token"] == "lobby", said)
    length = heads["Content-Length"]
    status, heads, text = caller.ask("HEAD", "/api/v1/channels/1")
    check((status, heads["Content-Length"], text) == (200, length, ""), f"HEAD: {status} {heads}")
    heads, _ = caller.expect(405, "POST", "/api/v1/channels/1", b"{}")
    check(heads["Allow"] == "GET, HEAD, OPTIONS", heads["Allow"])
    heads, _ = caller.expect(204, "OPTIONS", "/api/v1/chats/1/message")
    check(heads["Allow"] == "GET, HEAD, DELETE, OPTIONS", heads["Allow"])
    caller.expect(404, "GET", "/api/v1/nothing/here")
    caller.expect(404, "DELETE", "/api/v2/nothing")
    caller.expect(400, "GET", "/api/v1/users/%zz")
    caller.expect(413, "POST", "/api/v1/oauth/token", b"x" * 5000)
    # Of HTTP/2, and a body where none is wanted: both are sent by real programs.
    caller.expect(200, "GET", "/api/v1/users/current", b"[]", Upgrade="h2c", Connection="Upgrade, HTTP2-Settings",
                  HTTP2_Settings="AAMAAABkAAQBAAAAAAIAAAAA", **BOSS)
    # A base URL that ends with a slash.
    caller.expect(200, "GET", "//api/v1//users/current/", **BOSS)
    _, said = caller.expect(401, "GET", "/api/v1/users/current")
    check(said["errorCode"] == 24317, said)


def other_origins(server, caller):
    """Only pages that may connect may ask, and none gets credentials by itself."""
    own = f"http://127.0.0.1:{server.port}"
    asks = {"Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "authorization,client-id"}
    for origin, allowed in ((own, True), ("https://bots.example", True), ("https://evil.example", False)):
        heads, _ = caller.expect(204, "OPTIONS", "/api/v1/users/current", Origin=origin, **asks)
        check(heads["Access-Control-Allow-Origin"] == (origin if allowed else None), f"{origin}: {heads}")
        check(heads["Access-Control-Allow-Credentials"] is None, f"{origin}: {heads}")
        if allowed:
            names = heads["Access-Control-Allow-Headers"].lower()
            check("authorization" in names and "client-id" in names, names)
            check(heads["Vary"] == "Origin", f"{origin}: {heads}")
        heads, _ = caller.expect(200 if allowed else 403, "GET", "/api/v1/users/current", Origin=origin, **BOSS)
        check(heads["Access-Control-Allow-Origin"] == (origin if allowed else None), f"{origin}: {heads}")
    caller.expect(403, "GET", "/api/v1/users/current", Host="evil.example", **BOSS)


def where(server, caller):
    """The socket's URL is that by which the client came, as a trusted proxy says."""
    host = f"127.0.0.1:{server.port}"
    for headers, url in (({}, f"ws://{host}/mixer"),
                         ({"X_Forwarded_Proto": "https"}, f"wss://{host}/mixer"),
                         ({"X_Forwarded_Proto": "https", "Host": "chat.example"}, "wss://chat.example/mixer"),
                         ({"X_Forwarded_Proto": "http", "Host": "chat.example:81"}, "ws://chat.example:81/mixer")):
        _, said = caller.expect(200, "GET", "/api/v1/chats/1", **headers)
        check(said["endpoints"] == [url], f"{headers}: {said}")
        check("authkey" not in said, said)


async def comes_again(server, caller):
    """One key, any number of times, while earlier connections are there."""
    _, me = caller.expect(200, "GET", "/api/v1/users/current", **BOSS)
    _, said = caller.expect(200, "GET", f"/api/v2/chats/{me['channel']['id']}", **BOSS)
    auth = {"type": "method", "method": "auth", "arguments": [1, me["id"], said["authkey"]], "id": 0}
    sockets = []
    for _ in range(3):
        socket = await websockets.connect(said["endpoints"][0] + "?version=1.0")
        await socket.send(json.dumps(auth))
        reply = {}
        while reply.get("type") != "reply":
            reply = json.loads(await asyncio.wait_for(socket.recv(), 10))
        check(reply["data"] == {"authenticated": True, "roles": ["Owner", "User"]}, reply)
        sockets.append(socket)
    _, users = caller.expect(200, "GET", "/api/v1/chats/1/users")
    check([user["userId"] for user in users] == [7], users)
    _, found = caller.expect(200, "GET", "/api/v1/chats/1/message", **BOSS)
    check(found == [], found)
    for socket in sockets:
        await socket.close()


def by_http():
    """A program's requests, on connections that stay open."""
    config = configuration(accounts=ACCOUNTS, listener='trusted_proxies = [ "127.0.0.1" ]; '
                           'hosts = [ "chat.example" ]; origins = [ "https://bots.example" ];')
    with Server(config, files=FILES) as server:
        caller = Caller(server)
        answers(server, caller)
        other_origins(server, caller)
        where(server, caller)
        asyncio.run(comes_again(server, caller))
        server.settled(lambda counters: counters["connections"]["open"] == 0 and
                       counters["calls"]["under_way"] == 0)


def turned_off():
    """http = false: the paths are nobody's."""
    config = configuration().replace('dialect = "mixer";', 'dialect = "mixer"; http = false;')
    with Server(config) as server:
        for path in ("/api/v1/users/current", "/api/v1/nothing"):
            status, _, text = Caller(server).ask("GET", path)
            check(status == 404 and not text.startswith("{\"errorCode"), f"{path}: {status} {text}")


SCENARIOS = (by_http, turned_off)
