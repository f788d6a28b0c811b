#!/usr/bin/python3
"""Tests how Dragoman is built: that the program is hardened, that the user's compiler and flags are
taken beside ours, that a warning is an error for `make check` only, and that nothing is installed
but for those who ask for it. Works on a copy of the tree.

Usage: OUT=build tests/build_test.py, from anywhere; OUT has the program that was built."""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
BINARY = os.path.join(TOP, os.environ.get("OUT", "build"), "dragoman")
OBJECT = "build/o/codecs/text/json_write.o"

# Programs that would install something, or say what is installed; what they are asked is written down.
FAKES = {
    "apt-get": 'echo "apt-get $*" >>"$FAKE_LOG"; [ -z "$FAKE_CC" ] || ln -sf "$(command -v gcc)" "$FAKE_CC"',
    "sudo": 'echo "sudo $*" >>"$FAKE_LOG"; exec "$@"',
    "dpkg-query": "exit 1",
}


class Failure(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Failure(why)


class Copy:
    """A copy of the tree without what was built; make() runs in it, as a user's would."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dragoman-build-")
        self.tree = os.path.join(self.folder, "tree")
        shutil.copytree(TOP, self.tree, ignore=shutil.ignore_patterns("build", ".git"))
        self.fakes = os.path.join(self.folder, "fakes")
        os.mkdir(self.fakes)
        for name, script in FAKES.items():
            path = os.path.join(self.fakes, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n{script}\n")
            os.chmod(path, 0o755)
        self.log = os.path.join(self.folder, "log")

    def write(self, name, text):
        with open(os.path.join(self.tree, name), "w", encoding="utf-8") as file:
            file.write(text)

    def make(self, *arguments, **environment):
        """Its exit status and all it said."""
        env = {"PATH": self.fakes + ":" + os.environ["PATH"], "HOME": self.folder, "FAKE_LOG": self.log,
               **environment}
        done = subprocess.run(["make", "--no-print-directory", *arguments], cwd=self.tree, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout.replace("\\\n", " ")

    def compile_line(self, *arguments, target=OBJECT, **environment):
        """How a file would be compiled."""
        status, said = self.make("-n", *arguments, target, **environment)
        check(status == 0, f"make -n: {said}")
        return next(line for line in said.splitlines() if " -c -o " in line)

    def installed(self):
        """What was asked of apt-get and sudo, since the last time."""
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8") as file:
            asked = file.read()
        os.unlink(self.log)
        return asked


def words_in_order(line, *words):
    at = 0
    for word in words:
        found = re.compile(rf"(?<!\S){re.escape(word)}(?!\S)").search(line, at)
        check(found, f"no {word} behind what is before it: {line}")
        at = found.end()


def readelf(*flags, of=BINARY):
    return subprocess.run(["readelf", "-W", *flags, of], stdout=subprocess.PIPE, text=True, check=True).stdout


def hardened(copy):
    """The program that was built."""
    check("Type:                              DYN" in readelf("-h"), "no position independent program")
    dynamic = readelf("-d")
    check(re.search(r"FLAGS_1.*\bNOW\b.*\bPIE\b", dynamic), f"neither NOW nor PIE: {dynamic}")
    check("GNU_RELRO" in readelf("-l"), "no RELRO")
    names = readelf("--dyn-syms")
    check("__stack_chk_fail" in names, "no stack protector")
    check(len(re.findall(r"__\w+_chk@", names)) >= 5, f"not fortified: {names}")


def hardened_jumps(copy):
    """The C library's own part of a program may lack it, so an object is looked at."""
    if platform.machine() == "x86_64":
        check(copy.make(OBJECT)[0] == 0, "an object")
        notes = readelf("-n", of=os.path.join(copy.tree, OBJECT))
        check("IBT, SHSTK" in notes, f"no -fcf-protection: {notes}")


def hardened_where(copy):
    """Each object but those that are named is guarded as strongly as the compiler can."""
    line = copy.compile_line(target="build/o/codecs/text/name.o")
    words_in_order(line, "-fstack-protector-strong", "-fstack-clash-protection")
    check(re.search(r" -D_FORTIFY_SOURCE=[23] ", line), line)
    hot = copy.compile_line(target="build/o/bridge/client/fanout.o")
    words_in_order(hot, "-fstack-protector-strong", "-fstack-protector")
    check("-fstack-protector" not in line.replace("-fstack-protector-strong", ""), line)
    check("-fstack" not in copy.compile_line("HARDENING="), "HARDENING= is not heard")


def hardened_where_all_is_missing(copy):
    """On a fresh machine, too: make has been read before there was a compiler. There, the demo is built quickly."""
    name = "compiler-of-tomorrow"
    shutil.rmtree(os.path.join(copy.tree, "build"), ignore_errors=True)
    copy.write("bridge/0_planted.c", "#error stop here, the first of all\n")
    status, said = copy.make("demo", CC=name, FAKE_CC=os.path.join(copy.fakes, name))
    os.unlink(os.path.join(copy.tree, "bridge/0_planted.c"))
    check("apt-get" in copy.installed(), "nothing was installed")
    check(status != 0 and "stop here" in said, said)
    with open(os.path.join(copy.tree, "build/demo/.flags"), encoding="utf-8") as file:
        flags = file.read()
    words_in_order(flags, name, "-O1", "-fPIE", "-fstack-protector-strong")
    copy.write("build/.flags", "as if make had been here\n")
    status, said = copy.make("-n", "demo")
    check(status == 0 and "-O2" in said and "-O1" not in said, f"not what make builds: {said[-500:]}")


def own_flags(copy):
    """What the user sets stands behind ours, wherever it was set."""
    ours = ("gcc", "-std=c11", "-I.", "-O2")
    words_in_order(copy.compile_line("CFLAGS=-O3 -march=native"), *ours, "-O3", "-march=native")
    words_in_order(copy.compile_line(CFLAGS="-O3", CPPFLAGS="-DMINE=1"), *ours, "-DMINE=1", "-O3")
    words_in_order(copy.compile_line(CC="clang"), "clang", *ours[1:])
    words_in_order(copy.compile_line("CC=ccache gcc"), "ccache", *ours)
    # Two levels would be a warning, and without an optimizer there is none.
    for flags, wanted in ((dict(CPPFLAGS="-D_FORTIFY_SOURCE=2"), 1), (dict(CFLAGS="-O0 -g3"), 0)):
        line = copy.compile_line(**flags)
        check(line.count("-D_FORTIFY_SOURCE=") == wanted, f"{flags}: {line}")
    status, said = copy.make("-n", "build/dragoman", LDFLAGS="-Wl,--mine", LDLIBS="-lmine")
    link = next(line for line in said.splitlines() if " -lwebsockets" in line and " -o " in line)
    words_in_order(link, "-pie", "-Wl,--mine", "-o", "-lwebsockets", "-lmine")
    for target in ("build/bench/load", "build/tests/system/swarm"):
        status, said = copy.make("-n", target, CFLAGS="-DMINE")
        check(status == 0 and " -DMINE " in said, f"{target}: {said}")


def other_flags_build_again(copy):
    check(copy.make(OBJECT)[0] == 0, "the first")
    check("CC" not in copy.make(OBJECT)[1], "built again without a reason")
    check("CC" in copy.make(OBJECT, "CFLAGS=-O1")[1], "not built again with other flags")


def other_compiler(copy):
    if not shutil.which("clang"):
        print("SKIPPED other_compiler: there is no clang")
        return
    status, said = copy.make(OBJECT, "WERROR=-Werror", CC="clang")
    check(status == 0, said)
    comment = readelf("-p", ".comment", of=os.path.join(copy.tree, OBJECT))
    check("clang" in comment, f"made by {comment}")


def warnings(copy):
    """Said by make, and an error for make check; also when make has been there before."""
    copy.write("codecs/text/planted.c", "static int planted;\n")
    target = "build/o/codecs/text/planted.o"
    status, said = copy.make(target)
    check(status == 0 and "planted" in said and "warning" in said, f"{status} {said}")
    copy.make("warned")
    status, said = copy.make(target, "WERROR=-Werror")
    check(status != 0, f"a warning passed: {said}")
    os.unlink(os.path.join(copy.tree, "codecs/text/planted.c"))
    for target, wanted in (("all", False), ("check", True), ("asan", True), ("tsan", True)):
        status, said = copy.make("-n", target)
        lines = [line for line in said.splitlines() if " -c -o " in line]
        check(lines and all(("-Werror" in line) == wanted for line in lines), f"{target}: {lines[:1]}")


def nothing_installed(copy):
    """Who only builds is told what is missing, by the names of Debian's packages."""
    for target, more in (("all", ()), ("asan", ("cmocka.h",)), ("bench-count", ("cmocka.h",))):
        shutil.rmtree(os.path.join(copy.tree, "build"), ignore_errors=True)
        status, said = copy.make(target, CPPFLAGS="-nostdinc")
        check(status != 0, f"{target} passed with nothing there: {said}")
        for word in ("libwebsockets.h", "libwebsockets-dev", "libsodium-dev", "deps`", *more):
            check(word in said, f"{target}: no word of {word}: {said}")
        check(not copy.installed(), f"{target} asked apt-get")
    status, said = copy.make("all", CC="no-such-compiler")
    check(status != 0 and "no-such-compiler: no compiler" in said, said)


def installed_for_who_asks(copy):
    for target, package in (("deps", "libwebsockets-dev"), ("test-deps", "libcmocka-dev")):
        status, said = copy.make(target)
        check(status == 0, said)
        asked = copy.installed()
        check(re.search(rf"apt-get .*install .*{package}", asked), f"{target} asked {asked}")
    for target, package in (("demo", "libwebsockets-dev"), ("check", "libcmocka-dev")):
        status, said = copy.make("-n", "-W", "contrib/packages.sh", target)
        check(re.search(r"contrib/packages\.sh( tests)?$", said, re.M), f"{target}: {said[:500]}")


TESTS = (hardened, hardened_jumps, hardened_where, hardened_where_all_is_missing, own_flags,
         other_flags_build_again, other_compiler, warnings, nothing_installed, installed_for_who_asks)


def main():
    failed = 0
    copy = Copy()
    try:
        for test in TESTS:
            try:
                test(copy)
            except Failure as failure:
                print(f"FAILED {test.__name__}: {failure}")
                failed += 1
    finally:
        shutil.rmtree(copy.folder)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
