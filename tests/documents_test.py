#!/usr/bin/python3
"""Tests tests/documents: what names a file that is not there is told, and nothing else."""
import os
import subprocess
import sys
import tempfile

DOCUMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "documents")

# What is tested: name -> (path, text, what is told of its line; None: nothing).
CASES = {
    "a page that is there": ("codecs/a.h", "/* contrib/doc/there.md */", None),
    "a page by its own name": ("codecs/a.h", "/* there.md, section of it */", None),
    "a page that is not": ("codecs/a.h", "/* line\n * see dialogue.md. */", (2, "there is no dialogue.md")),
    "a page in another folder": ("codecs/a.c", "// other/there.md", (1, "there is no other/there.md")),
    "a page in a script": ("tests/run", "# notes.md", (1, "there is no notes.md")),
    "a file beside it": ("codecs/a.h", "/* what b.c does */", None),
    "a file that has moved": ("codecs/a.h", "/* what c.c does */", (1, "there is no c.c")),
    "a file in a text of C": ("codecs/a.c", 'static const char *x = "c.c";', None),
    "a file that a script makes": ("tests/run", 'gcc -o x c.c', None),
    "a library's header": ("codecs/a.c", "#include <stdio.h>\n/* see <stdio.h> */", None),
    "a section of an RFC": ("codecs/a.h", "/* RFC 6455 section 5.2, RFC 9112, section 3 */", None),
    "a section of nothing": ("codecs/a.h", "/* section 12 says so */", (1, '"section 1" of what?')),
    "a design": ("conf/a.h", "/* as in design section 7 */", (1, '"design section" of what?')),
    "a page's own": ("README.md", "See `contrib/doc/there.md` and [this](lost.md).", (1, "there is no lost.md")),
    "a test program": ("README.md", "`build/tests/codecs/test_b`", None),
    "a test program of nothing": ("README.md", "`make build/tests/codecs/test_c`",
                                  (1, "there is no tests/codecs/test_c.c")),
}


def told_of(path, text):
    with tempfile.TemporaryDirectory() as root:
        for name, content in (("contrib/doc/there.md", ""), ("codecs/b.c", ""), ("tests/codecs/test_b.c", ""),
                              (path, text)):
            name = os.path.join(root, name)
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "w", encoding="utf-8") as file:
                file.write(content)
        done = subprocess.run([DOCUMENTS, root], stdout=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.splitlines()[:-1]


def main():
    failed = 0
    for name, (path, text, expected) in CASES.items():
        wanted = (1, [f"{path}:{expected[0]}: {expected[1]}"]) if expected else (0, [])
        found = told_of(path, text)
        if found != wanted:
            print(f"FAILED {name}: {found}, not {wanted}")
            failed += 1
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
