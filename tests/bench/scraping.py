"""CPU of a server that is scraped each second, beside the same one that is not: 1,000 rooms and 10,000
connections that say nothing."""

import http.client
import os
import re
import socket
import threading
import time

ROOMS, MEMBERS = 1000, 10
# No load tool works meanwhile that could be disturbed.
NO_LOAD = {"stolen": 0, "load_waited": 0}
READY_S = 60      # at most, until all are there


class Scraper:
    """What Prometheus does: one connection, a scrape each second."""

    def __init__(self, path):
        self.connection = http.client.HTTPConnection("localhost", timeout=10)
        self.connection.sock = socket.socket(socket.AF_UNIX)
        self.connection.sock.connect(path)
        self.seconds, self.bytes = [], 0

    def scrape(self):
        began = time.monotonic()
        self.connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        text = self.connection.getresponse().read().decode()
        self.seconds.append(time.monotonic() - began)
        self.bytes = len(text)
        return text

    def connections(self):
        return sum(int(number) for number in
                   re.findall(r"^dragoman_connections_open\{.*\} (\d+)$", self.scrape(), re.MULTILINE))


def spent(server, seconds, each=lambda: None):
    """The part of a core that the server takes in that time, doing something each second."""
    began, before = time.monotonic(), server.cpu_ns()
    for second in range(seconds):
        each()
        time.sleep(max(0, began + second + 1 - time.monotonic()))
    return (server.cpu_ns() - before) / 1e9 / (time.monotonic() - began)


def crowd(server, hold):
    """The members, by a thread that runs the load tool."""
    group = dict(name="idle", rooms=ROOMS, members=MEMBERS)
    thread = threading.Thread(target=server.load, args=([group],), kwargs={"hold": hold}, daemon=True)
    thread.start()
    return thread


def measure(server, seconds):
    """Before, while and after it is scraped, for so many seconds each. What it costs to be scraped is
    the difference to the mean of before and after: other work of the server's is in all of them."""
    hold = 3 * seconds + 8
    path = os.path.join(server.folder, server.row.admin)
    thread = crowd(server, hold)
    scraper, end = Scraper(path), time.monotonic() + READY_S
    while scraper.connections() < ROOMS * MEMBERS:
        if time.monotonic() > end:
            return {"fault": f"{scraper.connections()} of {ROOMS * MEMBERS} connections", **NO_LOAD}
        time.sleep(0.1)
    server.wait_idle()
    scraper.seconds.clear()
    before = spent(server, seconds)
    beside = spent(server, seconds, scraper.scrape)
    after = spent(server, seconds)
    fault = "" if scraper.connections() == ROOMS * MEMBERS else "some connections ended meanwhile"
    thread.join()
    times = sorted(scraper.seconds[:-1])
    return {"alone": (before + after) / 2, "scraped": beside, "core_each": beside - (before + after) / 2,
            "p50_us": times[len(times) // 2] * 1e6, "bytes": scraper.bytes, "fault": fault, **NO_LOAD}
