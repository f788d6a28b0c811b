#!/usr/bin/python3
"""Commands for moderators, in every dialect: /kick NAME [WHY], /mute NAME [MINUTES], /who.

    PYTHONPATH=contrib/clients /usr/bin/python3 contrib/examples/moderator.py ipc://moderator.sock

The rule that asks it, before those that are about other messages:

    { kind = "message"; text = "^/(kick|mute|who)\\b"; then = ( { ask = "moderator"; } ); }

The command is refused, so that nobody else sees it, and the reason is the answer: that way every dialect
tells it to who gave the command, and to nobody else.
"""
import dragoman

MODERATORS = {"mod", "staff", "founder", "owner"}


def obey(event):
    order, _, rest = event.text.partition(" ")
    if event.kind != "message" or order not in ("/kick", "/mute", "/who"):
        return
    if not MODERATORS & set(event.author.roles):
        raise dragoman.Refuse(f"{order} is for moderators")
    try:
        members = [one.name for one in backend.control("members", event.room).members]
        if order == "/who":
            raise dragoman.Refuse("Here are " + ", ".join(sorted(members)))
        # A name may have spaces in it.
        person = max((one for one in members if f"{rest} ".lower().startswith(f"{one} ".lower())), key=len, default="")
        more = rest[len(person):].strip()
        if not person:
            raise dragoman.Refuse(f"Nobody of that name is here: {rest}")
        if order == "/kick":
            backend.kick(event.room, person, text=more or None)
            raise dragoman.Refuse(f"{person} is out")
        minutes = int(more) if more.isdigit() else 10
        backend.control("timeout", event.room, person=person, duration_ms=minutes * 60000)
        raise dragoman.Refuse(f"{person} is mute for {minutes} minutes")
    except dragoman.Error as error:
        raise dragoman.Refuse(f"That cannot be done: {error.code}") from error


backend = dragoman.Backend("moderator", ask=obey)
backend.run()
