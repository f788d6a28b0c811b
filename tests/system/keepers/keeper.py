#!/usr/bin/python3
"""A backend that keeps in a file what it acknowledged, and what was acknowledged of it, a line for each:
`heard TEXT`, `said TEXT`, `refused CODE TEXT`. Usage: keeper ENDPOINT FILE MARK; it says MARK 1, MARK 2 ..."""
import os
import sys
import dragoman

endpoint, path, mark = sys.argv[1:]
file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def keep(*words):
    os.write(file, (" ".join(words) + "\n").encode())


keeper = dragoman.Backend("keeper", event=lambda event: keep("heard", event.text))
number = 0
while True:
    keeper.serve(0.01)
    if not keeper.joined:
        continue
    number += 1
    try:
        keeper.say("lobby", f"{mark} {number}")
        keep("said", f"{mark} {number}")
    except dragoman.Error as error:
        keep("refused", error.code, f"{mark} {number}")
