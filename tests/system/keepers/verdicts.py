#!/usr/bin/python3
"""A filter that gives the verdict which the text names."""
import dragoman


def judge(event):
    if event.text == "whole":
        event["text"] = "WHOLE"
        return event
    if event.text == "no":
        raise dragoman.Refuse("because")
    if event.text == "boom":
        raise KeyError("boom")
    return {"empty": "", "action": {"flags": ["action"]}, "false": False}.get(event.text)


dragoman.Backend("moderation", ask=judge).run()
