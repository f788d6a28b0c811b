#!/usr/bin/python3
"""A bot: who says "!roll" throws a die.

    PYTHONPATH=contrib/clients /usr/bin/python3 contrib/examples/roll.py ipc://contrib/examples/dice.sock
"""
import random
import dragoman


def roll(event):
    if event.text == "!roll":
        return f"{event.author.name} rolls {random.randint(1, 6)} of 6"


dragoman.Backend("dice", event=roll).run()
