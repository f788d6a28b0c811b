#!/usr/bin/python3
"""Renews the pictures that README shows, contrib/doc/page.png and operator.png: of a demo in which the voices
have talked, and somebody has. `make screenshots` runs it."""

import os
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from chromium import Browser
from page import opened, press, shows, write
from png import small
from server import Server, check

FOLDER = os.path.join("contrib", "doc")
MOST = 150 * 1024  # bytes of each


def picture(browser, name, of):
    """A part of the page."""
    path = os.path.join(FOLDER, name)
    browser.screenshot(path, of=of)
    with open(path, "rb") as file:
        data = small(file.read())
    with open(path, "wb") as file:
        file.write(data)
    size = len(data)
    check(size <= MOST, f"{path} has {size} bytes, more than {MOST}")
    print(f"{path}: {size} bytes")


def main():
    os.chdir(os.path.join(HERE, "..", ".."))
    with Server() as server, Browser() as browser:
        browser.screen(1120, 1200)
        opened(browser, server.info["page"])
        shows(browser, "simple", "reacted")
        write(browser, "concord", "Hello from concord!")
        press(browser, "concord", "Hello from concord!", "\u2665")
        write(browser, "simple", "I see it, in words.")
        shows(browser, "mixer", "I see it, in words.")
        time.sleep(5)  # for the curves, and what is lost
        browser.run("document.activeElement.blur()")
        picture(browser, "page.png", "#panes")
        browser.screen(1120, 1200, dark=True)
        picture(browser, "operator.png", "#operator")


if __name__ == "__main__":
    main()
