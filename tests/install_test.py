#!/usr/bin/python3
"""Tests how Dragoman is handed on: make install, uninstall and dist, the files of the Debian package, and
the completion, as bash and zsh do it when somebody types.

Usage: OUT=build tests/install_test.py, from anywhere; OUT has the program that was built. What needs a
fresh Debian is in tests/packages/try.sh."""
import filecmp
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
BINARY = os.path.join(TOP, os.environ.get("OUT", "build"), "dragoman")
DOC = "share/doc/dragoman"
SAMPLES = ("dragoman.cfg", "routing.cfg", "upstream-front.cfg", "upstream-join.cfg", "upstream-chain-a.cfg",
           "upstream-chain-b.cfg", "upstream-migration.cfg", "dice.py", "moderation.py", "moderator.py", "auth.js", "auth.py",
           "filter.c", "filter.js", "filter.py", "roll.js", "roll.py", "logger.c",
           "fail2ban/dragoman.conf", "fail2ban/jail.conf", "prometheus/prometheus.yml",
           "prometheus/dragoman.rules.yml", "proxy/haproxy.cfg", "proxy/nginx.conf", "proxy/nginx-stream.conf")
INSTALLED = ("bin/dragoman", "share/man/man1/dragoman.1", "share/man/man5/dragoman.cfg.5",
             "share/man/man7/dragoman-backend.7", "lib/systemd/system/dragoman.service",
             "lib/systemd/system/dragoman.socket", "share/bash-completion/completions/dragoman",
             "share/zsh/site-functions/_dragoman", "share/dragoman/schema/envelope.schema.json",
             *(f"share/dragoman/clients/dragoman.{ending}" for ending in ("py", "js", "d.ts", "c", "h")),
             *(f"{DOC}/{page}.md" for page in ("CHANGELOG", "SECURITY", "dialects", "metrics", "operators")),
             *(f"{DOC}/{picture}.png" for picture in ("page", "operator")),
             *(f"{DOC}/examples/{sample}" for sample in SAMPLES))
OTHERS = ("fail2ban", "prometheus", "proxy")  # programs that samples are for
WITHIN = 60  # seconds, for a shell to answer


class Failure(Exception):
    pass


class Skipped(Exception):
    """Cannot be tried here, and why."""


def check(condition, why):
    if not condition:
        raise Failure(why)


def said_by(*command, cwd=TOP, status=0, **environment):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    check(done.returncode == status, f"{command} ends with {done.returncode}: {done.stdout}")
    return done.stdout


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def files_of(folder):
    """Relative paths, also of links."""
    return sorted(os.path.relpath(os.path.join(where, name), folder)
                  for where, _, names in os.walk(folder) for name in names)


# ---- install, uninstall ----

def make(target, folder, prefix="/opt/chat"):
    return said_by("make", "-s", "-o", "build/dragoman", target, f"DESTDIR={folder}", f"PREFIX={prefix}")


def everything_is_installed(folder):
    make("install", folder)
    root = os.path.join(folder, "opt/chat")
    there = files_of(root)
    missing = sorted(set(INSTALLED) - set(there))
    check(not missing, f"{missing} of {there}")
    check(os.stat(os.path.join(root, "bin/dragoman")).st_mode & 0o777 == 0o755, "the mode of the program")
    modes = {path: os.stat(os.path.join(root, path)).st_mode & 0o777 for path in there if not path.startswith("bin/")}
    check(set(modes.values()) == {0o644}, f"{modes}")
    said = said_by(os.path.join(root, "bin/dragoman"), "version")
    check(said.startswith("dragoman "), said)


def pictures_are_where_pages_show_them(folder):
    make("install", folder)
    root = os.path.join(folder, "opt/chat", DOC)
    shown = [picture for page in files_of(root) if page.endswith(".md")
             for picture in re.findall(r"!\[[^\]]*\]\((.*?)\)", read(root, page))]
    check(len(shown) >= 2, f"{shown}")
    for picture in shown:
        with open(os.path.join(root, picture), "rb") as file:
            check(file.read(8) == b"\x89PNG\r\n\x1a\n", picture)


def what_names_the_prefix(folder):
    """Pages, units and samples for other programs name files where they are."""
    make("install", folder)
    root, every = os.path.join(folder, "opt/chat"), {}
    for path in files_of(root):
        if path.startswith(("share/man/", "lib/systemd/", *(f"{DOC}/examples/{of}/" for of in OTHERS))):
            every[path] = read(root, path)
            wrong = re.findall(r".*(?:/usr/local/|/usr/bin/dragoman|contrib/).*", every[path])
            check(not wrong, f"{path} names {wrong}")
            for named in re.findall(r"/opt/chat/([\w./-]*\w)", every[path]):
                check(os.path.exists(os.path.join(root, named)), f"{path} names {named}")
    unit = every["lib/systemd/system/dragoman.service"]
    started = re.findall(r"^Exec(?:Start|Reload)=(\S+)", unit, re.M)
    check(started == ["/opt/chat/bin/dragoman"] * 2, f"{started}")
    named = "/opt/chat/share/doc/dragoman/examples/fail2ban/dragoman.conf"
    check(named in every["share/man/man1/dragoman.1"], "the manual page and the filter")


def uninstall_removes_what_install_put_there(folder):
    others = [os.path.join(folder, "opt/chat", path) for path in
              ("share/doc/dragoman/examples/mine.cfg", "share/man/man1/other.1", "bin/other")]
    for path in others:
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write("mine\n")
    make("install", folder)
    check(len(files_of(folder)) > 50, f"{files_of(folder)}")
    make("uninstall", folder)
    check(files_of(folder) == sorted(os.path.relpath(path, folder) for path in others), f"left: {files_of(folder)}")
    for path in others:
        os.unlink(path)
    os.makedirs(os.path.join(folder, "opt/chat/share/man"), exist_ok=True)
    make("install", folder)
    make("uninstall", folder)
    named = [where for where, _, _ in os.walk(folder) if os.path.basename(where) == "dragoman"]
    # A folder that a file of somebody's kept stays when it has gone; the others went with their last file.
    check(named == [] and files_of(folder) == [], f"left: {named} {files_of(folder)}")
    check(os.path.isdir(os.path.join(folder, "opt/chat/share/man")), "a folder that is not ours is gone")


# ---- dist ----

def unpack(tar, folder):
    with tarfile.open(tar) as archive:
        members = archive.getmembers()
        check(all(member.uid == 0 and member.name.startswith("dragoman-") for member in members), "who it belongs to")
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    return os.path.join(folder, os.listdir(folder)[0])


def dist_is_the_same_again(folder):
    """The tar of what came out of the tar has the same bytes, and what was built or left there is not in it."""
    copy = os.path.join(folder, "copy")
    shutil.copytree(TOP, copy, ignore=shutil.ignore_patterns("build", ".git", "node_modules"))
    version = re.search(r"^VERSION := (\S+)", read("Makefile"), re.M)[1]
    tars = []
    for number in range(2):
        said_by("make", "-s", "dist", cwd=copy)
        tars.append(os.path.join(copy, "build", f"dragoman-{version}.tar.gz"))
        out = os.path.join(folder, f"out{number}")
        os.mkdir(out)
        copy = unpack(tars[-1], out)
        os.makedirs(os.path.join(copy, "build/o"))
        for path in ("build/o/x.o", "contrib/examples/dice.sock", "dragoman.pid"):
            with open(os.path.join(copy, path), "w", encoding="utf-8") as file:
                file.write("left\n")
    check(filecmp.cmp(*tars, shallow=False), "other bytes of the same files")


def dist_has_what_git_has(folder):
    if not os.path.exists(os.path.join(TOP, ".git")):
        raise Skipped("there is no .git here, this tree came out of such a tar")
    out = os.path.join(folder, "tree")
    said_by("git", "clone", "-q", TOP, out)
    said_by("make", "-s", "dist", cwd=out)
    tar = next(os.path.join(out, "build", name) for name in os.listdir(os.path.join(out, "build"))
               if name.endswith(".tar.gz"))
    os.mkdir(os.path.join(folder, "out"))
    root = unpack(tar, os.path.join(folder, "out"))
    wanted = said_by("git", "ls-files", cwd=out).split("\n")[:-1]
    check(files_of(root) == sorted(wanted), f"{set(files_of(root)) ^ set(wanted)}")
    differ = [path for path in wanted if not filecmp.cmp(os.path.join(out, path), os.path.join(root, path), False)]
    check(not differ, f"{differ}")


# ---- the Debian package: what can be looked at without making it ----

def the_package_knows_what_is_needed(folder):
    """Each library that packages.sh installs to build, and the version of the Makefile."""
    del folder
    headers = re.search(r'^headers="(.*?)"', read("contrib/packages.sh"), re.M | re.S)[1]
    needed = {line.split()[1] for line in headers.splitlines()} - {"libc6-dev"}
    control = read("contrib/debian/control")
    wanted = re.search(r"^Build-Depends: (.*?)^\S", control, re.M | re.S)[1]
    named = {word.strip() for word in wanted.split(",")} - {"debhelper-compat (= 13)"}
    check(named == needed, f"Build-Depends and contrib/packages.sh differ in {named ^ needed}")
    check("libwebsockets-evlib-uv" in control.split("Package:")[1], "what libwebsockets loads is no dependency")
    version = re.search(r"^VERSION := (\S+)", read("Makefile"), re.M)[1]
    check(read("contrib/debian/changelog").startswith(f"dragoman ({version}-"), "contrib/debian/changelog")
    check(f"\n## {version}" in read("contrib/CHANGELOG.md"), "contrib/CHANGELOG.md has no such version")


def make_deb_is_a_target(folder):
    del folder
    said = said_by("make", "-n", "-W", "contrib/packages.sh", "deb")
    check(re.search(r"contrib/packages\.sh deb$", said, re.M) and "contrib/deb.sh" in said, said)
    said = said_by("sh", "contrib/packages.sh", "look", "deb", status=1, CC="no-such-compiler")
    check("made a Debian package" in said and "`make deb`" in said, said)


# ---- completion ----

def commands():
    """Commands as `dragoman help` lists them, each with its options as its own help names them."""
    overview = said_by(BINARY, "help")
    names = re.findall(r"^  ([a-z][a-z-]*)", overview[:overview.index("\nExamples:")], re.M)
    check(len(names) >= 10 and "run" in names, f"{names}")
    found = {}
    for name in names:
        text = said_by(BINARY, "help", name)
        usage = re.split(r"\n\S*\n|\nExample", text, maxsplit=1)[0]
        options = re.search(r"\nOptions:\n((?:  .*\n)+)", text)
        found[name] = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", usage + (options[1] if options else "")))
    return found


class Shell:
    """An interactive shell on a terminal of its own, in a folder where `dragoman` prints what it was given."""

    def __init__(self, folder, *command, setup):
        stub = os.path.join(folder, "dragoman")
        with open(stub, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nprintf '<%s>' \"$@\" END\necho\n")
        os.chmod(stub, 0o755)
        with open(os.path.join(folder, "my file.cfg"), "w", encoding="utf-8"):
            pass
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {"PATH": f"{folder}:{os.environ['PATH']}", "TERM": "dumb", "HOME": folder,
                                             "LC_ALL": "C.UTF-8", "PS1": "$ ", "INPUTRC": "/dev/null"})
        self.type(setup + "\n")
        self.until("ready\r?\n")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def until(self, pattern):
        text, end = "", time.monotonic() + WITHIN
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.5)[0]:
                text += os.read(self.terminal, 65536).decode("utf-8", "replace")
            found = re.search(pattern, text)
            if found:
                return found
        raise Failure(f"no {pattern} within {WITHIN} s: {text[-2000:]!r}")

    def completed(self, line):
        """The words of a command line, which is typed with a tab at its end and entered."""
        self.type(line + "\t")
        time.sleep(0.02)
        self.type("\n")
        words = self.until(r"((?:<[^<>]*>)*)<END>").group(1)
        return re.findall(r"<([^<>]*)>", words)

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.child, 0)


def prefix_of(word, others):
    """The shortest beginning that only this word has."""
    for length in range(1, len(word)):
        if not any(other != word and other.startswith(word[:length]) for other in others):
            return word[:length]
    return word


def completes(shell):
    known = commands()
    for name, options in known.items():
        words = shell.completed("dragoman " + prefix_of(name, [*known, "--help", "--version"]))
        check(words == [name], f"{name}: {words}")
        every = options | {"--help", "--version"}
        for option in sorted(every):
            beginning = prefix_of(option, every)
            words = shell.completed(f"dragoman {name} {beginning}")
            check([word.rstrip("=") for word in words] == [name, option], f"{name} {beginning}: {words}")
    for line, wanted in (("run -c my", ["run", "-c", "my file.cfg"]),
                         ("run --config my", ["run", "--config", "my file.cfg"]),
                         ("run --config=my", ["run", "--config=my file.cfg"]),
                         ("routes --dialect mi", ["routes", "--dialect", "mixer"]),
                         ("routes --dialect=mi", ["routes", "--dialect=mixer"]),
                         ("routes --kind mess", ["routes", "--kind", "message"]),
                         ("routes --role found", ["routes", "--role", "founder"]),
                         ("help relo", ["help", "reload"]),
                         ("accounts pass", ["accounts", "passwd"]),
                         ("room a", ["room", "add"]),
                         ("upstreams paus", ["upstreams", "pause"]),
                         ("upstreams pause --js", ["upstreams", "pause", "--json"]),
                         ("upstreams --prob", ["upstreams", "--probe"]),
                         ("accounts list --js", ["accounts", "list", "--json"]),
                         ("accounts add ann --role found", ["accounts", "add", "ann", "--role", "founder"]),
                         ("accounts list -c my", ["accounts", "list", "-c", "my file.cfg"]),
                         ("completion z", ["completion", "zsh"]),
                         ("passwd my", ["passwd", "my file.cfg"]),
                         ("demo --port 7", ["demo", "--port", "7"])):
        words = shell.completed("dragoman " + line)
        check(words == wanted, f"{line}: {words}")


def bash_completes(folder):
    script = os.path.join(folder, "script")
    with open(script, "w", encoding="utf-8") as file:
        file.write(said_by(BINARY, "completion", "bash"))
    said = said_by("bash", "-c", f". {script}; complete -p dragoman")
    check(said == "complete -F _dragoman dragoman\n", said)
    shell = Shell(folder, "bash", "--norc", "--noprofile", "-i",
                  setup=f"bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; . {script}; echo rea''dy")
    try:
        completes(shell)
    finally:
        shell.close()


def zsh_completes(folder):
    functions = os.path.join(folder, "functions")
    os.mkdir(functions)
    with open(os.path.join(functions, "_dragoman"), "w", encoding="utf-8") as file:
        file.write(said_by(BINARY, "completion", "zsh"))
    shell = Shell(folder, "zsh", "-f", "-i",
                  setup=f"fpath=({functions} $fpath); unsetopt beep zle_bracketed_paste 2>/dev/null; "
                        "autoload -U compinit; compinit -u -D; setopt no_auto_remove_slash; echo rea''dy")
    try:
        completes(shell)
    finally:
        shell.close()


TESTS = (everything_is_installed, pictures_are_where_pages_show_them, what_names_the_prefix, uninstall_removes_what_install_put_there,
         dist_is_the_same_again, dist_has_what_git_has, the_package_knows_what_is_needed, make_deb_is_a_target,
         bash_completes, zsh_completes)


def main():
    failed, skipped, wanted = 0, 0, sys.argv[1:]
    tests = [test for test in TESTS if not wanted or test.__name__ in wanted]
    for test in tests:
        with tempfile.TemporaryDirectory(prefix="dragoman-install-") as folder:
            try:
                test(folder)
            except Failure as failure:
                print(f"FAILED {test.__name__}: {failure}")
                failed += 1
            except Skipped as why:
                print(f"SKIPPED {test.__name__}: {why}")
                skipped += 1
    print(f"{len(tests) - failed - skipped} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
