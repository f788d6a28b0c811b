#!/usr/bin/python3
"""Times what somebody new goes through: from `make demo`, on a tree that is built, to the first message seen
in four dialects, with one click: on the address that is printed first. Prints it; `make newcomer` runs it."""

import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from chromium import Browser
from page import PANES, shows
from server import Failure, port_of_ours


def main():
    os.chdir(os.path.join(HERE, "..", ".."))
    with Browser() as browser:  # somebody new has one open
        began = time.monotonic()
        demo = subprocess.Popen(["make", "--no-print-directory", "demo", f"PORT={port_of_ours()}"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            found = next(filter(None, (re.match(r"open (\S+) in a browser", line) for line in demo.stdout)), None)
            if not found:
                raise Failure("`make demo` prints no address")
            printed = time.monotonic()
            browser.open(found[1])
            for pane in PANES:
                shows(browser, pane, "I speak mixer", ".talk .text")
            ended = time.monotonic()
        finally:
            demo.terminate()  # the demo itself: make has become it, or tells it
            demo.wait()
    print(f"one command, one click: {ended - began:.1f} s, of which {printed - began:.1f} s to the address")


if __name__ == "__main__":
    main()
