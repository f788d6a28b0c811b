"""Behind a proxy: whom the server takes for the client, in its limits and its log. The proxy is this
program; tests/doors/ has real ones."""

import socket
import struct
import time

from server import SLOW, Server, check, configuration
from tls import SECURE, Secure, two_listeners
from wire import Wire, door

TRUST = 'trusted_proxies = [ "127.0.0.1", "10.0.0.0/8", "fd00::/8" ]; '
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_1(client, port=40000):
    family = "TCP6" if ":" in client else "TCP4"
    own = "::1" if ":" in client else "127.0.0.1"
    return f"PROXY {family} {client} {own} {port} 7000\r\n".encode()


def version_2(client, more=b""):
    family = socket.AF_INET6 if ":" in client else socket.AF_INET
    own = "::1" if ":" in client else "127.0.0.1"
    body = socket.inet_pton(family, client) + socket.inet_pton(family, own) + struct.pack("!HH", 40000, 7000)
    body += more
    return SIGNATURE + struct.pack("!BBH", 0x21, 0x21 if ":" in client else 0x11, len(body)) + body


LOCAL = SIGNATURE + struct.pack("!BBH", 0x20, 0, 0)


def pieces(header):
    """Byte by byte."""
    return [header[i:i + 1] for i in range(len(header))]


def told(server, client, word="refused upgrade from"):
    """Waits until the log has a line about that address."""
    server.logged(f"{word} {client} at ")


def refuse(server, *headers, **more):
    """A refused upgrade, for the log."""
    with Wire(server.port, **more) as wire:
        found = wire.request("/nothing", *headers).status
        check(found == 404, f"{headers}: {found}")


def headers():
    """X-Forwarded-For of trusted proxies: the first address from behind that is not one of them."""
    with Server(configuration(listener=TRUST)) as server:
        for line, client in (("203.0.113.1", "203.0.113.1"), ("6.6.6.6, 203.0.113.2", "203.0.113.2"),
                             ("203.0.113.3, 10.1.2.3", "203.0.113.3"), ("2001:db8::4", "2001:db8::4"),
                             ("garbage, 203.0.113.5:1234", "203.0.113.5"),
                             ('[2001:db8::6]:99, fd00::1', "2001:db8::6")):
            refuse(server, f"X-Forwarded-For: {line}")
            told(server, client)
        check("6.6.6.6" not in server.log_text(), "the client's own word was believed")
        refuse(server, "Forwarded: for=203.0.113.7")
        refuse(server)
        told(server, "127.0.0.1", "refused upgrade of the proxy")
        check("203.0.113.7" not in server.log_text(), "the other header was believed")
        # Requests of three clients on one connection of the proxy.
        with Wire(server.port) as wire:
            for client in ("203.0.113.8", "203.0.113.12"):
                wire.send(f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\r\n".encode())
                wire.read(lambda data: b"protocols\n" in data)
                wire.bytes = b""
            check(wire.request("/nothing", "X-Forwarded-For: 203.0.113.9").status == 404, "the third")
        told(server, "203.0.113.9")
        path, *login = door("simple", "dan")
        with Wire(server.port) as wire:
            found = wire.request(path, "Authorization: Basic !!!", "X-Forwarded-For: 203.0.113.10").status
            check(found == 401, f"{found}")
        told(server, "203.0.113.10", "refused login from")
        with Wire(server.port) as wire:
            check(wire.request(path, *login, "X-Forwarded-For: 203.0.113.11").status == 101, "dan")
    with Server(configuration(listener=TRUST + 'proxy_header = "Forwarded"; ')) as server:
        refuse(server, 'Forwarded: for=203.0.113.1;proto=https, For="[2001:db8::2]:4711"',
               "X-Forwarded-For: 203.0.113.3")
        told(server, "2001:db8::2")
        check("203.0.113" not in server.log_text(), "the wrong one was believed")
    with Server(configuration(listener='trusted_proxies = [ "10.0.0.0/8" ]; ')) as server:
        refuse(server, "X-Forwarded-For: 203.0.113.1")
        told(server, "127.0.0.1")


def limit():
    """connections_per_address counts clients, not the proxy; who leaves makes room."""
    def enter(server, name, client):
        wire = Wire(server.port)
        return wire, wire.request(f"/rooms?key={name}", f"X-Forwarded-For: {client}").status

    with Server(configuration("connections_per_address = 2;", listener=TRUST)) as server:
        inside = [enter(server, f"a{number}", f"203.0.113.{number // 2}") for number in range(8)]
        check([status for _, status in inside] == [101] * 8, f"{inside}")
        wire, status = enter(server, "b", "203.0.113.0")
        check(status == 503, f"a third of one address: {status}")
        wire.socket.close()
        told(server, "203.0.113.0")
        check('"/rooms": crowded' in server.log_text(), server.log_text()[-300:])
        inside[0][0].socket.close()
        server.settled(lambda counters: counters["connections"]["open"] == 7)
        time.sleep(0.1)
        wire, status = enter(server, "c", "203.0.113.0")
        check(status == 101, f"after one left: {status}")
        wire.socket.close()
        # Refused upgrades do not count.
        for _ in range(5):
            refuse(server, "X-Forwarded-For: 203.0.113.77")
        for name in ("d", "e"):
            inside.append(enter(server, name, "203.0.113.77"))
            check(inside[-1][1] == 101, f"{name}: {inside[-1][1]}")
        refused = server.counters()["connections"]["upgrades_refused_for"]
        check(refused["crowded"] == 1, f"{refused}")
        for wire, _ in inside:
            wire.socket.close()


def announced():
    """The PROXY protocol, both versions, before TLS and without, whole and byte by byte."""
    first = SECURE + TRUST + "proxy_protocol = true;"
    config = two_listeners("connections_per_address = 2;", first).replace(
        "}, { port = 0; mounts", "}, { port = 0; " + TRUST + "proxy_protocol = true; mounts")
    with Secure(config) as server:
        clients = iter(f"203.0.113.{number}" for number in range(1, 250))
        sixes = iter(f"2001:db8::{number:x}" for number in range(1, 250))
        for tls, port in ((server.trust, server.port), (None, server.plain.port)):
            for cut in (lambda header: [header], pieces):
                for header, client in ((version_1, next(clients)), (version_2, next(clients)),
                                       (version_1, next(sixes)), (version_2, next(sixes)),
                                       (lambda client: version_2(client, b"\x04\0\x05hello"), next(clients))):
                    with Wire(port, tls=tls, before=cut(header(client))) as wire:
                        check(wire.request("/nothing").status == 404, f"{client}, TLS: {tls is not None}")
                    told(server, client)
            for header in (LOCAL, b"PROXY UNKNOWN\r\n"):
                with Wire(port, tls=tls, before=[header]) as wire:
                    check(wire.request("/nothing").status == 404, f"{header}")
            told(server, "127.0.0.1", "refused upgrade of the proxy")
            # The client of a proxy before this one.
            with Wire(port, tls=tls, before=[version_1("10.1.1.1")]) as wire:
                client = next(clients)
                wire.request("/nothing", f"X-Forwarded-For: {client}")
                told(server, client)
        # The header and the request in one piece.
        client = next(clients)
        with Wire(server.plain.port) as wire:
            wire.send(version_1(client) + b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wire.read(lambda data: b"Dragoman" in data)
            check(wire.bytes.startswith(b"HTTP/1.1 200 "), f"{wire.bytes}")
        check(server.counters()["connections"]["proxy_failed"] == 0, "something failed")
        crowd = []
        for _ in range(3):
            crowd.append(Wire(server.plain.port, before=[version_2("203.0.113.250")]))
            if len(crowd) < 3:
                check(crowd[-1].request("/mixer").status == 101, "below the limit")
        crowd[2].read(lambda _: False, 1)
        check(crowd[2].ended, "a third of one address")
        turned_away = server.settled()["connections"]["turned_away"]
        check(turned_away == 1, f"{turned_away} turned away")
        crowd[0].socket.close()
        server.settled(lambda counters: counters["connections"]["open"] == 1)
        time.sleep(0.1)
        with Wire(server.plain.port, before=[version_2("203.0.113.250")]) as wire:
            check(wire.request("/mixer").status == 101, "after one left")
        crowd[1].socket.close()


def unannounced():
    """Whoever has no header, a bad one, or only a part of it within five seconds, is closed."""
    listener = TRUST + "proxy_protocol = true;"
    with Server(configuration(listener=listener)) as server:
        bad = [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 x\r\n",
               b"PROXY " + b"x" * 200, SIGNATURE + b"\x31\x11\0\x0c" + b"\0" * 12, b"\x16\x03\x01\x02\0"]
        for data in bad:
            with Wire(server.port) as wire:
                wire.send(data)
                wire.read(lambda _: False, 2)
                check(wire.ended and not wire.bytes, f"{data}: {wire.bytes}")
        with Wire(server.port) as wire:
            wire.socket.shutdown(socket.SHUT_WR)
            wire.read(lambda _: False, 2)
            check(wire.ended, "without a byte")
        began = time.monotonic()
        with Wire(server.port) as mute, Wire(server.port, before=[b"PROXY TCP4 "]) as half:
            half.read(lambda _: False, 7)
            mute.read(lambda _: False, 1)
            check(mute.ended and half.ended, "still there")
        check(4 < time.monotonic() - began < 7 * SLOW, f"{time.monotonic() - began:.1f} s")
        waiting = [Wire(server.port, before=[b"PROXY"]) for _ in range(5)]
        failed = server.settled()["connections"]["proxy_failed"]
        check(failed == len(bad) + 3, f"{failed} failed")
        server.stop()  # while some wait
        server.process = None
        for wire in waiting:
            wire.socket.close()
    with Server(configuration(listener='trusted_proxies = "10.0.0.1"; proxy_protocol = true;')) as server:
        with Wire(server.port, before=[version_1("203.0.113.1")]) as wire:
            wire.read(lambda _: False, 2)
            check(wire.ended and not wire.bytes, "an address that is not trusted")
        check('refused connection from 127.0.0.1: proxy_protocol "it is not among trusted_proxies"'
              in server.log_text(), server.log_text())


SCENARIOS = (headers, limit, announced, unannounced)
WAITING = (unannounced,)
