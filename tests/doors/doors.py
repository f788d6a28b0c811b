#!/usr/bin/python3
"""Real proxies before the real server: nginx and HAProxy, with the files of contrib/proxy/ and more;
its page in a real browser, chromium; and those who watch it: promtool, and HAProxy again.

    OUT=build /usr/bin/python3 tests/doors/doors.py

Through each door somebody of another address than the proxy's logs in and is heard, somebody is
refused, and the log has the client's address, whatever the client says of itself. Prints a line for
each door; ends with "N passed, N failed"."""

import os
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
TOP = os.path.dirname(TESTS)
sys.path[:0] = [os.path.join(TESTS, "system"), TESTS]

import browser
import watching
from results import Results, end_when_told
from server import LOBBY, MOUNTS, SLOW, Failure, Server, check, port_of_ours
from tls import make_pair, trusting
from wire import Wire, door

CLIENT = "127.0.0.9"    # not the proxy's address; still this machine's
FORGED = "6.6.6.6"
STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
PATH = os.environ["PATH"] + ":/usr/sbin"

# The listeners: what each of them has beside its port and mounts.
TRUST = 'trusted_proxies = "127.0.0.1"; hosts = "chat.example"; '
SECURE = 'tls_certificate = "cert.pem"; tls_key = "key.pem"; '
LISTENERS = {
    "plain": TRUST,
    "standard": TRUST + 'proxy_header = "Forwarded"; ',
    "announced": TRUST + "proxy_protocol = true; ",
    "secure": TRUST + SECURE,
    "announced_secure": TRUST + SECURE + "proxy_protocol = true; ",
}

# Header lines that readers have stumbled over: the beginnings of names that they know, names that
# begin with those, nothing in a value, much in it.
ODD = {"X-Auth": "token abc", "Sec-Web": "x", "Aut": "Basic Zm9v", "Upgrad": "h2c", "Hos": "evil.example",
       "Host2": "evil.example", "Content": "7", "Connection2": "close", "X-Real-IP": FORGED,
       "X-Forwarded-For2": FORGED, "X-Forwarded": FORGED, "X-Forwarded-Proto": "https",
       "X-Long": "y" * 3000, "Origin2": "http://evil.example", "Via": "1.1 nginx", "Cookie": "a=b; c=d",
       "X-Quoted": "a, b; c=d", "Accept-Encoding2": "gzip", "Sec-WebSocket-Version2": "7"}


def port_of(server, name):
    """Of a listener: the urls of its mounts come in the order of the file."""
    mounts = server.info["mounts"]
    each = len(mounts) // len(LISTENERS)
    url = mounts[list(LISTENERS).index(name) * each]["url"]
    return int(re.search(r":(\d+)/", url)[1])


class Dragoman(Server):
    """Its log leaves no line out."""

    def __init__(self, pair):
        listeners = ", ".join(f"{{ port = 0; {more} mounts = {MOUNTS}; }}" for more in LISTENERS.values())
        super().__init__(f'workers = 2; log_level = "trace"; limits = {{ messages_per_second = 0; }};\n'
                         f"listeners = ( {listeners} );\n"
                         f'rooms = ( {{ name = "lobby"; mixer = 1; concord = 1; rooms = "{LOBBY}"; }} );',
                         files={"cert.pem": pair[0], "key.pem": pair[1]})


class Proxy:
    """A proxy's process in a folder of its own; doors: name -> its port in front."""

    def __init__(self, name, command, config, doors):
        self.name, self.doors = name, doors
        self.folder = tempfile.TemporaryDirectory(prefix=f"dragoman-{name}-")
        self.command = [word.replace("FOLDER", self.folder.name) for word in command]
        self.files = {name: config}
        self.process = None

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text.replace("FOLDER", self.folder.name))
        return path

    def __enter__(self):
        for name, text in self.files.items():
            self.write(name, text)
        with open(os.path.join(self.folder.name, "said"), "wb") as said:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                            env={**os.environ, "PATH": PATH})
        for one in self.doors.values():
            self.wait_for(one)
        return self

    def wait_for(self, port):
        for _ in range(200 * SLOW):
            if self.process.poll() is not None:
                break
            try:
                Wire(port).socket.close()
                return
            except OSError:
                time.sleep(0.02)
        with open(os.path.join(self.folder.name, "said"), encoding="utf-8", errors="replace") as said:
            raise Failure(f"{self.name} does not listen: {said.read()[-2000:]}")

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(15)
        self.folder.cleanup()


def contrib(name):
    with open(os.path.join(TOP, "contrib", "proxy", name), encoding="ascii") as file:
        return file.read()


def replaced(text, *pairs):
    """The file as it is documented, with the ports and paths of this run."""
    for old, new in pairs:
        check(old in text, f"the file has no {old!r} any more")
        text = text.replace(old, new)
    return text


def nginx(server):
    doors = {f"nginx, {name}": port_of_ours() for name in (
        "wss: contrib/proxy/nginx.conf", "ws", "ws, Forwarded", "ws, odd headers", "wss to wss",
        "ws, kept alive", "PROXY 1 and TLS: contrib/proxy/nginx-stream.conf", "PROXY 1")}
    front = iter(doors.values())
    documented = contrib("nginx.conf")
    site = replaced(documented, ("listen 443 ssl", f"listen 127.0.0.1:{next(front)} ssl"),
                    ("/etc/ssl/chat.pem", "FOLDER/cert.pem"),
                    ("/etc/ssl/private/chat.key", "FOLDER/key.pem"),
                    ("127.0.0.1:7000", f"127.0.0.1:{port_of(server, 'plain')}"))
    usual = re.search(r"proxy_http_version.*?(?=\t}\n)", documented, re.S)[0]

    def place(target, extra="", headers=usual):
        return (f"server {{ listen 127.0.0.1:{next(front)}; location / {{ proxy_pass {target};\n"
                f"{headers}{extra} }} }}\n")

    def at(name, scheme="http"):
        return f"{scheme}://127.0.0.1:{port_of(server, name)}"

    forwarded = 'proxy_set_header Forwarded "for=$remote_addr;proto=http";'
    odd = "".join(f'proxy_set_header {name} "{value}";\n' for name, value in ODD.items())
    kept = usual.replace("$dragoman_connection", "$kept")
    http = site + place(at("plain")) + place(at("standard"), forwarded) + place(at("plain"), odd) + \
        place(at("secure", "https")) + place("http://kept", headers=kept) + \
        f"upstream kept {{ server 127.0.0.1:{port_of(server, 'plain')}; keepalive 4; }}\n" + \
        'map $http_upgrade $kept { default upgrade; "" ""; }\n'
    stream = replaced(contrib("nginx-stream.conf"), ("listen 443", f"listen 127.0.0.1:{next(front)}"),
                      ("127.0.0.1:7443", f"127.0.0.1:{port_of(server, 'announced_secure')}"))
    stream += stream[stream.index("stream {"):]
    first = list(doors.values())
    stream = stream[:stream.rindex("stream {")].rstrip()[:-1] + \
        f"server {{ listen 127.0.0.1:{next(front)}; proxy_pass 127.0.0.1:{port_of(server, 'announced')};" \
        " proxy_protocol on; }\n}\n"
    check(first == list(doors.values()), "the doors")
    temporary = "".join(f"{kind}_temp_path FOLDER/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.getuid() == 0 else ""
    config = (f"load_module {STREAM_MODULE};\n{user}daemon off; pid FOLDER/pid; error_log stderr warn;\n"
              "worker_processes 1;\nevents { }\n"
              f"http {{ access_log off; {temporary}{http} }}\n{stream}")
    command = ["nginx", "-p", "FOLDER", "-e", "stderr", "-c", "FOLDER/nginx"]
    return Proxy("nginx", command, config, doors)


def haproxy(server):
    doors = {f"haproxy, {name}": port_of_ours() for name in (
        "wss: contrib/proxy/haproxy.cfg", "PROXY 2 and TLS: contrib/proxy/haproxy.cfg", "ws", "ws, Forwarded",
        "ws, odd headers", "wss to wss", "PROXY 1", "PROXY 2", "PROXY 1 and TLS", "PROXY 2 to wss")}
    front = iter(doors.values())
    config = replaced(contrib("haproxy.cfg"),
                      ("bind :443 ssl crt /etc/ssl/private/chat-with-key.pem",
                       f"bind 127.0.0.1:{next(front)} ssl crt FOLDER/both.pem"),
                      ("127.0.0.1:7000", f"127.0.0.1:{port_of(server, 'plain')}"),
                      ("bind :8443", f"bind 127.0.0.1:{next(front)}"),
                      ("127.0.0.1:7443", f"127.0.0.1:{port_of(server, 'announced_secure')}"))

    def listen(mode, target, more="", lines=()):
        number = next(front)
        return "".join(f"{line}\n" for line in (
            f"listen door{number}", f"\tmode {mode}", f"\tbind 127.0.0.1:{number}",
            *[f"\t{line}" for line in lines],
            f"\tserver dragoman 127.0.0.1:{port_of(server, target)} {more}"))

    odd = [f'http-request set-header {name} "{value}"' for name, value in ODD.items() if len(value) < 500]
    config += listen("http", "plain", lines=("option forwardfor",))
    config += listen("http", "standard", lines=('http-request set-header Forwarded for=%[src];proto=http',))
    config += listen("http", "plain", lines=("option forwardfor", *odd))
    config += listen("http", "secure", "ssl verify none", ("option forwardfor",))
    config += listen("tcp", "announced", "send-proxy")
    config += listen("tcp", "announced", "send-proxy-v2")
    config += listen("tcp", "announced_secure", "send-proxy")
    config += listen("http", "announced_secure", "ssl verify none send-proxy-v2-ssl check check-send-proxy inter 200")
    return Proxy("haproxy", ["haproxy", "-db", "-f", "FOLDER/haproxy"], config, doors)


def go_through(server, name, port, trust, number):
    tls = trust if "wss:" in name or "TLS" in name else None

    def wire(client=CLIENT):
        return Wire(port, tls=tls, source=client)

    def header(client):
        return ("Host: chat.example", f"X-Forwarded-For: {FORGED}", f"X-Real-IP: {FORGED}",
                *((f"Forwarded: for={FORGED}",) if "Forwarded" in name else ()))

    user = f"u{number}"
    path, login = door("simple", user)
    with wire() as inside, wire() as other:
        for one, who in ((inside, path), (other, f"/rooms?key=o{number}")):
            found = one.request(who, login, *header(CLIENT))
            check(found.status == 101, f"upgrade at {who}: {found.raw[:300]}")
        for size in (5, 60000):
            text = f"{number} " + "x" * size
            inside.frame(1, f'{{"type":"send_message","message":"{text}","payload_id":"1"}}'.encode())
            other.read(lambda data, text=text: text.encode() in data, 5)
            check(text.encode() in other.bytes, f"{size} bytes were not heard: {other.bytes[-200:]}")
        for one in (inside, other):
            one.frame(8, b"\x03\xe8")
    # Each refusal by an address of its own, so that it is known which line is whose.
    for client, request, wanted, line in (
            (f"127.0.1.{number}", ("/nothing",), 404, "refused upgrade from {} at \"/nothing\""),
            (f"127.0.2.{number}", ("/simple", "Authorization: Basic !!!"), 401, "refused login from {} at"),
            (f"127.0.3.{number}", ("/mixer", "Origin: https://evil.example"), 403, "refused upgrade from {} at")):
        with wire(client) as refused:
            found = refused.request(*request, *header(client))
            check(found.status == wanted, f"{request}: {found.raw[:300]}")
        server.logged(line.format(client))
    with wire(f"127.0.4.{number}") as plain:
        for _ in range(2):
            plain.send(b"GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n")
            plain.read(lambda data: b"protocols\n" in data)
            check(plain.bytes.startswith(b"HTTP/1.1 200 ") and not plain.ended, f"{plain.bytes}")
            plain.bytes = b""
        plain.send(b"GET /x HTTP/1.1\r\nHost: chat.example\r\n\r\n")
        plain.read(lambda data: b"\r\n\r\n" in data)
    log = server.logged(f"refused upgrade from 127.0.4.{number} at \"/x\"")
    check(FORGED not in log, f"somebody is believed to be {FORGED}")


def main():
    os.chdir(TOP)
    end_when_told()
    results, number = Results(), 0
    pair = make_pair()
    trust = trusting(pair[0])
    with Dragoman(pair) as server:
        for made in (nginx, haproxy):
            proxy = made(server)
            proxy.files.update({"cert.pem": pair[0], "key.pem": pair[1], "both.pem": "".join(pair)})
            with proxy:
                for name, port in proxy.doors.items():
                    number, began, why = number + 1, time.monotonic(), ""
                    try:
                        go_through(server, name, port, trust, number)
                    except (Failure, OSError) as failure:
                        why = str(failure)
                    results.add(name, time.monotonic() - began, not why, bool(why), why)
        counters = server.settled(lambda counters: counters["connections"]["open"] == 0)
        # Whether a proxy listens is looked at with connections that say nothing.
        print("    connections:", {key: value for key, value in counters["connections"].items() if value})
    began, why = time.monotonic(), browser.play()
    results.add("chromium: contrib/console/", time.monotonic() - began, not why, bool(why), why)
    watching.run(results, sys.modules[__name__])
    return results.end()


if __name__ == "__main__":
    sys.exit(main())
