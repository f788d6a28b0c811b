#!/usr/bin/python3
"""Judges logins: users and their passwords come from a JSON file, which may change at any time.

    PYTHONPATH=contrib/clients /usr/bin/python3 contrib/examples/auth.py ipc://auth.sock people.json

people.json: {"ann": {"password": "secret", "number": 7, "roles": ["mod"]}}. In Dragoman's
configuration, a mount says  auth = "backend:auth";  and a backend has the name "auth".
"""
import json
import pathlib
import sys
import dragoman


def judge(login):
    people = json.loads(pathlib.Path(sys.argv[2]).read_text("utf-8"))
    found = [one for one in people if one == login.name or
             login.number and people[one].get("number") == login.number]
    if not found or not login.secret or people[found[0]]["password"] != login.secret:
        raise dragoman.Refuse("Unknown name or wrong password")
    return {**people[found[0]], "name": found[0]}


dragoman.Backend("auth", login=judge).run()
