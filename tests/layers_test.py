#!/usr/bin/python3
"""Tests tests/layers: a copy of the tree passes, and whatever is planted in it that must not be is
told, in the right file and line.

What is planted has names of its own, so that it does not matter what else is in a module."""
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
LAYERS = os.path.join(TOP, "tests", "layers")
FLOORS = ("codecs", "routes", "conf", "bridge", "tests")
MOST_UNITS, MOST_LINES = 16, 600


def include(*names):
    return "".join(f'#include "{name}"\n' for name in names)


# What is tested: name -> (files, lines that are told).
CASES = {
    "what may be": (
        {"codecs/text/planted.h": "", "codecs/model/planted.h": include("codecs/text/planted.h"),
         "routes/rules/planted.c": "#include <string.h>\n" + include("codecs/model/planted.h"),
         "bridge/core/planted.h": include("routes/rules/planted.h", "conf/conf.h"),
         "bridge/command/planted.c": include("bridge/core/planted.h"),
         "bridge/net/ws/planted.h": include("codecs/text/planted.h"),
         "bridge/net/planted.c": include("bridge/net/ws/planted.h"),
         "tests/bridge/planted.c": include("bridge/core/planted.h", "codecs/text/planted.h")},
        []),
    "upward to another floor": (
        {"codecs/text/planted.c": "\n" + include("routes/rules/planted.h"),
         "conf/read/planted.c": include("bridge/core/planted.h"),
         "routes/room/planted.c": include("bridge/setup.h")},
        ['codecs/text/planted.c:2: codecs/text may not include "routes/rules/planted.h"',
         'conf/read/planted.c:1: conf/read may not include "bridge/core/planted.h"',
         'routes/room/planted.c:1: routes/room may not include "bridge/setup.h"']),
    "upward within a floor": (
        {"codecs/text/planted.c": include("codecs/model/planted.h"),
         "codecs/model/planted.c": include("codecs/codec.h"),
         "conf/table/planted.c": include("conf/conf.h", "conf/load.h"),
         "conf/read/planted.h": include("conf/check/planted.h")},
        ['codecs/model/planted.c:1: codecs/model may not include "codecs/codec.h"',
         'codecs/text/planted.c:1: codecs/text may not include "codecs/model/planted.h"',
         'conf/read/planted.h:1: conf/read may not include "conf/check/planted.h"',
         'conf/table/planted.c:2: conf/table may not include "conf/load.h"']),
    "upward within bridge": (
        {"bridge/core/planted.c": include("bridge/client/planted.h"),
         "bridge/net/planted.h": include("bridge/setup.h"),
         "bridge/planted.c": include("bridge/core/planted.h", "bridge/command/planted.h")},
        ['bridge/core/planted.c:1: bridge/core may not include "bridge/client/planted.h"',
         'bridge/net/planted.h:1: bridge/net may not include "bridge/setup.h"',
         'bridge/planted.c:2: bridge may not include "bridge/command/planted.h"']),
    "out of what is pure in bridge": (
        {"bridge/net/ws/planted.c": "#include <zlib.h>\n" + include(
            "bridge/net/planted.h", "bridge/core/planted.h", "codecs/planted.h")},
        ["bridge/net/ws/planted.c:1: <zlib.h> may be included in bridge/net/ws/",
         'bridge/net/ws/planted.c:2: bridge/net/ws may not include "bridge/net/planted.h"',
         'bridge/net/ws/planted.c:3: bridge/net/ws may not include "bridge/core/planted.h"',
         'bridge/net/ws/planted.c:4: bridge/net/ws may not include "codecs/planted.h"']),
    "sideways": (
        {"codecs/simple/planted.c": include("codecs/mixer/planted.h"),
         "conf/table/planted.c": include("codecs/text/slice.h"),
         "routes/deliver/planted.c": include("routes/room/planted.h"),
         "bridge/order/planted.c": include("bridge/backend/planted.h")},
        ['bridge/order/planted.c:1: bridge/order may not include "bridge/backend/planted.h"',
         'codecs/simple/planted.c:1: codecs/simple may not include "codecs/mixer/planted.h"',
         'conf/table/planted.c:1: conf/table may not include "codecs/text/slice.h"',
         'routes/deliver/planted.c:1: routes/deliver may not include "routes/room/planted.h"']),
    "a folder of a module is the module": (
        {"bridge/command/tried/planted.c": include("bridge/command/planted.h"),
         "routes/rules/deep/planted.c": include("routes/rules/planted.h", "routes/room/planted.h")},
        ['routes/rules/deep/planted.c:2: routes/rules may not include "routes/room/planted.h"']),
    "tests are nobody's ground": (
        {"bridge/core/planted.c": include("tests/support/planted.h")},
        ['bridge/core/planted.c:1: bridge/core may not include "tests/support/planted.h"']),
    "a circle of two units": (
        {"routes/room/planted_a.c": include("routes/room/planted_a.h", "routes/room/planted_b.h"),
         "routes/room/planted_a.h": "",
         "routes/room/planted_b.c": include("routes/room/planted_b.h"),
         "routes/room/planted_b.h": "\n" + include("routes/room/planted_a.h")},
        ["routes/room/planted_a.c:2: a circle: routes/room/planted_a -> routes/room/planted_b -> "
         "routes/room/planted_a"]),
    "a circle of two units of bridge": (
        {"bridge/client/planted_a.c": include("bridge/client/planted_b.h"),
         "bridge/client/planted_b.c": "\n\n" + include("bridge/client/planted_a.h")},
        ["bridge/client/planted_a.c:1: a circle: bridge/client/planted_a -> "
         "bridge/client/planted_b -> bridge/client/planted_a"]),
    "a circle by way of another unit": (
        {"conf/read/planted_a.h": include("conf/read/planted_b.h"),
         "conf/read/planted_b.h": include("conf/read/planted_c.h"),
         "conf/read/planted_c.c": include("conf/read/planted_a.h")},
        ["conf/read/planted_a.h:1: a circle: conf/read/planted_a -> conf/read/planted_b -> "
         "conf/read/planted_c -> conf/read/planted_a"]),
    "a circle over three modules": (
        {"bridge/core/planted.c": include("bridge/client/planted.h"),
         "bridge/client/planted.c": include("bridge/net/planted.h"),
         "bridge/net/planted.c": include("bridge/core/planted.h")},
        ['bridge/core/planted.c:1: bridge/core may not include "bridge/client/planted.h"',
         "bridge/client/planted.c:1: a circle: bridge/client/planted -> bridge/net/planted -> "
         "bridge/core/planted -> bridge/client/planted"]),
    "a circle over three floors": (
        {"codecs/text/planted.h": include("bridge/core/planted.h"),
         "routes/rules/planted.h": include("codecs/text/planted.h"),
         "bridge/core/planted.h": include("routes/rules/planted.h")},
        ['codecs/text/planted.h:1: codecs/text may not include "bridge/core/planted.h"',
         "bridge/core/planted.h:1: a circle: bridge/core/planted -> routes/rules/planted -> "
         "codecs/text/planted -> bridge/core/planted"]),
    "a unit and its own header are no circle": (
        {"routes/room/planted.c": include("routes/room/planted.h"),
         "routes/room/planted.h": include("codecs/text/slice.h")},
        []),
    "a library outside its fence": (
        {"bridge/core/planted.c": "#include <zmq.h>\n#include <uv.h>\n",
         "routes/rules/planted.c": "\n#include <jansson.h>\n"},
        ["bridge/core/planted.c:1: <zmq.h> may be included in bridge/backend/",
         "bridge/core/planted.c:2: <uv.h> may be included in bridge/",
         "routes/rules/planted.c:2: <jansson.h> may be included in codecs/"]),
    "a library that one header has for all": (
        {"bridge/core/planted.h": "#include <uthash.h>\n", "bridge/core/planted.c": "#include <uthash.h>\n"},
        ["bridge/core/planted.c:1: <uthash.h> may be included in codecs/text/hash.h",
         "bridge/core/planted.h:1: no header may include <uthash.h>"]),
    "a library in a header": (
        {"conf/read/planted.h": "#include <libconfig.h>\n", "conf/read/planted.c":
         "#include <libconfig.h>\n"},
        ["conf/read/planted.h:1: no header may include <libconfig.h>"]),
    "includes that are not rooted": (
        {"conf/read/planted.c": include("planted.h", "../read/planted.h"),
         "bridge/core/planted.c": "#include <bridge/core/planted.h>\n#  include PLANTED\n",
         "tests/planted.c": include("planted.h")},
        ['bridge/core/planted.c:1: <bridge/core/planted.h> is ours: write '
         '"bridge/core/planted.h"',
         'bridge/core/planted.c:2: an include that is neither "..." nor <...>',
         'conf/read/planted.c:1: "planted.h" is not rooted, like "codecs/codec.h"',
         'conf/read/planted.c:2: "../read/planted.h" is not rooted, like "codecs/codec.h"',
         'tests/planted.c:1: "planted.h" is not rooted, like "codecs/codec.h"']),
    "a source that is included": (
        {"routes/room/planted.c": include("routes/room/journal.c")},
        ['routes/room/planted.c:1: "routes/room/journal.c" is not rooted, like "codecs/codec.h"']),
    "a file of the greatest length": (
        {"conf/read/planted.c": "\n" * MOST_LINES}, []),
    "a file that is longer": (
        {"conf/read/planted.c": "\n" * (MOST_LINES + 1), "tests/conf/planted.h":
         "\n" * (MOST_LINES + 2)},
        ["conf/read/planted.c:601: the file is longer than 600 lines",
         "tests/conf/planted.h:602: the file is longer than 600 lines"]),
    "a folder that is no module": (
        {"routes/planted.c": "", "bridge/planted/planted.c": "", "codecs/planted/planted.h": ""},
        ["bridge/planted/planted.c:1: its folder is no module",
         "codecs/planted/planted.h:1: its folder is no module",
         "routes/planted.c:1: its folder is no module"]),
}


def units_of(folder):
    return {name[:-2] for name in os.listdir(folder) if name.endswith((".c", ".h"))}


def units_planted(root, module, count):
    """So many files, in order before all others, that the module has that number of units."""
    missing = count - len(units_of(os.path.join(root, module)))
    return {f"{module}/0_planted_{number:02}.c": "" for number in range(missing)}


def told(root):
    """(Violations, exit status) of a run over the tree at root."""
    done = subprocess.run([sys.executable, LAYERS, root], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    lines = done.stdout.splitlines()
    return lines[:-1], done.returncode


def fault_of(root, files, expected):
    """What is wrong with how those files are judged, or None."""
    made = []
    try:
        for path, text in files.items():
            path = os.path.join(root, path)
            if not os.path.isdir(os.path.dirname(path)):
                os.mkdir(os.path.dirname(path))
                made.append(os.path.dirname(path))
            if os.path.exists(path):
                return f"{path} is there already"
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
        lines, status = told(root)
    finally:
        for path in files:
            os.unlink(os.path.join(root, path))
        for folder in made:
            os.rmdir(folder)
    right = len(lines) == len(expected) and all(map(str.startswith, lines, expected))
    if right and status == (1 if expected else 0):
        return None
    return "\n".join([f"exit {status}", *lines, "expected:", *expected])


def tree_copy(root):
    for floor in FLOORS:
        shutil.copytree(os.path.join(TOP, floor), os.path.join(root, floor), symlinks=True,
                        ignore=lambda folder, names: [
                            name for name in names if not name.endswith((".c", ".h"))
                            and not os.path.isdir(os.path.join(folder, name))])


def room_make(root):
    """In a module that is full nothing could be planted: it loses two units."""
    for folder, _, names in os.walk(os.path.join(root, "bridge")):
        units = sorted({name[:-2] for name in names if name.endswith((".c", ".h"))})
        for unit in units[MOST_UNITS - 2:]:
            for name in {unit + ".c", unit + ".h"} & set(names):
                os.unlink(os.path.join(folder, name))


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as root:
        tree_copy(root)
        room_make(root)
        cases = {"the tree as it is": ({}, []), **CASES}
        cases["a module of the greatest size"] = (
            units_planted(root, "bridge/order", MOST_UNITS), [])
        cases["a module that is larger"] = (
            units_planted(root, "bridge/order", MOST_UNITS + 1),
            [f"bridge/order/0_planted_00.c:1: bridge/order has {MOST_UNITS + 1} units, more than "
             f"{MOST_UNITS}"])
        for name, (files, expected) in cases.items():
            fault = fault_of(root, files, expected)
            failed += fault is not None
            print(f"ok {name}" if fault is None else f"FAILED {name}: {fault}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
