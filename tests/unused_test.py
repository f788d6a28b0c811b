#!/usr/bin/python3
"""Tests tests/unused: what is planted in a tree of a few files is told, in the right file and line."""
import os
import subprocess
import sys
import tempfile

UNUSED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unused")
HEADER = "int planted(int number);\n"
SOURCE = '#include "codecs/planted.h"\n\nint planted(int number)\n{\n\treturn number;\n}\n'
CALL = "static int other(void)\n{\n\treturn planted(1);\n}\n"


# What is tested: name -> (files beside planted's own, what is told of it, its folder if not codecs).
CASES = {
    "called by another file": ({"bridge/other.c": CALL}, None),
    "named in a table": ({"bridge/other.c": "const struct ops ops = { .plant = planted };\n"}, None),
    "called in a header": ({"routes/other.h": "static inline " + CALL, "routes/other.c":
                            "static int x(void)\n{\n\treturn other();\n}\n"}, None),
    "called by a macro": ({"codecs/other.h": "#define PLANT() planted(1)\n"}, None),
    "called by nobody": ({}, "nobody calls it"),
    "called by tests": ({"tests/other.c": CALL}, "only tests call it"),
    "named in a comment and a text": (
        {"bridge/other.c": '/* planted(1) */\nstatic const char x[] = "planted(2)";\n// planted(3)\n'},
        "nobody calls it"),
    "declared again": ({"bridge/other.h": HEADER}, "nobody calls it"),
    "called by its own file only": (
        {"codecs/planted.c": SOURCE + CALL}, "only its own file uses it: make it static"),
    "called by its own file and tests": (
        {"codecs/planted.c": SOURCE + CALL, "tests/other.c": CALL}, None),
    "in a header alone": (
        {"codecs/planted.c": "", "codecs/planted.h":
         "static inline int planted(int number)\n{\n\treturn number;\n}\n"}, "nobody calls it"),
}


def told_of(files, folder="codecs"):
    own = {f"{folder}/planted.h": HEADER, f"{folder}/planted.c": SOURCE.replace("codecs", folder)}
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**own, **files}.items():
            path = os.path.join(root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([UNUSED, root], stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(f"{folder}/planted.h:1: planted: ")]
    return lines[0].split(": ", 2)[2] if lines else None, done


def main():
    failed = 0
    for name, (files, expected, *folder) in CASES.items():
        found, done = told_of(files, *folder)
        if found != expected or (expected and done.returncode != 1):
            print(f"FAILED {name}: {found!r}, not {expected!r}: {done.stdout}")
            failed += 1
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
