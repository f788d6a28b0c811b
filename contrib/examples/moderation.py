#!/usr/bin/python3
"""A moderation filter: refuses rude words, and turns shouting into lower case.

    PYTHONPATH=contrib/clients /usr/bin/python3 contrib/examples/moderation.py ipc://contrib/examples/moderation.sock [RUDE-WORD...]

Any number of these may run side by side: they share the load. Needs Debian's python3-zmq.
"""
import sys
import dragoman

RUDE = set(sys.argv[2:]) or {"damn", "stupid"}


def check(event):
    if RUDE & set(event.text.lower().split()):
        raise dragoman.Refuse("Please stay polite")
    letters = [c for c in event.text if c.isalpha()]
    if len(letters) > 8 and all(c.isupper() for c in letters):
        return event.text.capitalize()


dragoman.Backend("moderation", ask=check, credits=500).run()
