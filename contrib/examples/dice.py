#!/usr/bin/python3
"""A bot: "!roll" and "!roll 20" throw dice, "!poll Tea or coffee? | tea | coffee" holds a poll.

    PYTHONPATH=contrib/clients /usr/bin/python3 contrib/examples/dice.py ipc://contrib/examples/dice.sock

What it says goes to the room the command came from, under the name that the configuration gives it.
Needs Debian's python3-zmq.
"""
import random
import dragoman

POLL_MS = 30000


def hear(event):
    words, who = event.text.split(), event.author.name
    if event.kind != "message" or event.meta.cause != "route":
        return None
    if words[:1] == ["!roll"]:
        sides = int(words[1]) if len(words) > 1 and words[1].isdigit() and 1 < int(words[1]) < 10**6 else 6
        return f"{who} rolls {random.randint(1, sides)} of {sides}"
    question, *options = [part.strip() for part in event.text[len("!poll"):].split("|")]
    if words[:1] != ["!poll"] or not question or len(options) < 2:
        return f"{who}: I know !roll [SIDES] and !poll QUESTION | A | B"
    bot.publish(event.room, {"kind": "poll_start", "duration_ms": POLL_MS,
                             "poll": {"question": question, "duration_ms": POLL_MS,
                                      "options": [{"text": option} for option in options]}})


bot = dragoman.Backend("dice", event=hear)
bot.run()
