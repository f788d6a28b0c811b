#!/usr/bin/python3
"""A filter: removes a word from what people say.

    PYTHONPATH=contrib/clients /usr/bin/python3 contrib/examples/filter.py ipc://contrib/examples/moderation.sock
"""
import dragoman


def clean(event):
    return event.text.replace("darn", "****")


dragoman.Backend("moderation", ask=clean).run()
