#!/usr/bin/python3
"""Tests what tests/run is made of: programs and scenarios that pass, fail, die, hang or leave something
behind, and an npm that cannot install."""
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "system")]

import npm
import run
from results import Results
from server import Failure, check


def said_by(action):
    """What action(results) prints, without the times, and the results."""
    results, stream = Results(), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(stream):
        action(results)
        stream.flush()
    text = stream.buffer.getvalue().decode()
    return re.sub(r"\d+\.\d s", "T", text).splitlines(), results


def program_says(script, within=20):
    lines, results = said_by(lambda results: results.program(["sh", "-c", script], "it", within))
    return lines[-1], results.passed, results.failed


# ---- programs ----

def programs_are_counted():
    check(program_says("echo '[  PASSED  ] 12 test(s).'") == ("  PASS    it (12, T)", 12, 0), "cmocka's")
    check(program_says("echo '3 passed, 0 failed'") == ("  PASS    it (3, T)", 3, 0), "ours")
    for line in ("[  FAILED  ] 2 test(s), listed below:", "[  FAILED  ] tests: 2 test(s), listed below:"):
        wanted = "  FAIL    it (T): 5 passed, 2 failed, exit status 2"
        found = program_says(f"echo '[  PASSED  ] 5 test(s).'; echo '{line}'; exit 2")
        check(found == (wanted, 5, 2), f"{line}: {found}")


def programs_fail_whatever_they_print():
    good = "echo '[  PASSED  ] 12 test(s).'"
    for script, why in ((f"{good}; exit 1", "12 passed, 0 failed, exit status 1"), ("true", "it ran nothing"),
                        (f"{good}; kill -SEGV $$", "ended by SIGSEGV")):
        line, _, failed = program_says(script)
        check((line, failed) == (f"  FAIL    it (T): {why}", 1), f"{script}: {line}")
    began = time.monotonic()
    line, _, failed = program_says(f"{good}; sleep 60 & wait", 1)
    check((line, failed) == ("  FAIL    it (T): not done after 1 s", 1), line)
    check(time.monotonic() - began < 20, "what it started is waited for")


def the_output_of_a_failure_is_shown():
    lines, _ = said_by(lambda results: results.program(["sh", "-c", "echo one; echo two >&2; exit 1"], "it"))
    check(lines[:2] == ["one", "two"], f"{lines}")


def what_is_skipped_is_told():
    script = """echo 'SKIPPED one: no clang'; echo '1 passed, 0 failed'
        echo '[  SKIPPED ] two'; echo '[  SKIPPED ] tests: 1 test(s), listed below:'; echo '[  SKIPPED ] two'"""
    lines, results = said_by(lambda results: results.program(["sh", "-c", script], "it"))
    check(lines == ["  PASS    it (T)", "  SKIP    it: one: no clang", "  SKIP    it: two"], f"{lines}")
    check(said_by(lambda _: results.end())[0][-2:] == ["2 skipped", "1 passed, 0 failed"], "the sum")


def the_end():
    def several(results):
        for number in range(12):
            results.add(f"test {number}", number, 1)
        results.add("wrong", 0.5, 0, 1, "why")
        check(results.end() == 1, "the exit status")
    lines, _ = said_by(several)
    check(lines[12] == "  FAIL    wrong (T): why", lines[12])
    check([line.split("T")[1].strip() for line in lines[14:-1]] == [f"test {n}" for n in range(11, 1, -1)],
          f"the slowest ten: {lines}")
    check(lines[-1] == "12 passed, 1 failed", lines[-1])
    for count, status in ((0, 1), (1, 0)):
        def few(results, count=count, status=status):
            if count:
                results.add("one", 1, 1)
            check(results.end() == status, f"the exit status with {count} tests")
        check(said_by(few)[0][-1] == f"{count} passed, 0 failed", f"{count} tests")


# ---- scenarios ----

def fine():
    print("not shown")


def wrong():
    print("its output")
    raise Failure("as planned")


def broken():
    raise KeyError("key")


def dies():
    os._exit(3)


def hangs():
    time.sleep(60)


def slow():
    time.sleep(0.6)


def scenarios_end_each_in_a_line():
    lines, results = said_by(lambda results: run.run([fine, wrong, broken, dies], results))
    check([line for line in lines if re.match("  (PASS|FAIL) ", line)] ==
          ["  PASS    fine (T)", "  FAIL    wrong (T): as planned", "  FAIL    broken (T): KeyError: 'key'",
           "  FAIL    dies (T): it ended with 3"], f"{lines}")
    check("its output" in lines and "not shown" not in lines, f"{lines}")
    check("Traceback (most recent call last):" in lines, f"{lines}")
    check((results.passed, results.failed) == (1, 3), f"{results.passed}, {results.failed}")


def hanging_scenarios_are_ended():
    before, run.WITHIN = run.WITHIN, 1
    try:
        lines, _ = said_by(lambda results: run.run([hangs, fine], results, 2))
    finally:
        run.WITHIN = before
    check(lines == ["  PASS    fine (T)", "  FAIL    hangs (T): not done after 1 s"], f"{lines}")


def some_run_at_once():
    began = time.monotonic()
    lines, results = said_by(lambda results: run.run([slow, slow, slow, fine], results, 4))
    check(time.monotonic() - began < 1.5 and results.passed == 4, f"not at once: {lines}")
    check(lines[0] == "  PASS    fine (T)", f"not as they end: {lines}")


def what_a_scenario_leaves_is_ended():
    with tempfile.TemporaryFile() as file:
        def leaves():
            process = subprocess.Popen(["sleep", "60"])
            os.write(file.fileno(), str(process.pid).encode())
        said_by(lambda results: run.run([leaves], results))
        file.seek(0)
        left = int(file.read())
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{left}") and time.monotonic() < end:
        with open(f"/proc/{left}/stat", encoding="ascii") as file:
            if file.read().rpartition(")")[2].split()[0] == "Z":
                return
        time.sleep(0.05)
    check(not os.path.exists(f"/proc/{left}"), "it is still there")


def every_scenario_is_chosen_once():
    waiting, others = run.scenarios()
    names = [scenario.__name__ for scenario in waiting + others]
    check(len(names) == len(set(names)), "two scenarios have one name")
    check(waiting and not set(waiting) & set(others), "nothing waits")
    check(len(run.scenarios({"ends"})[0]) == 1 and run.scenarios({"ends"})[1] == [], "by name")
    modules = [sys.modules[name] for name in run.FILES]
    check(sorted(names) == sorted(s.__name__ for module in modules for s in module.SCENARIOS), "one is lost")
    strays = [s for module in modules for s in getattr(module, "WAITING", ()) if s not in module.SCENARIOS]
    check(not strays, f"these wait, but are no scenarios: {strays}")


# ---- npm ----

@contextlib.contextmanager
def npm_that(script):
    """In place of npm; yields what tells how it has been called so far."""
    before = npm.FOLDER, npm.WITHIN, npm.ASK_WITHIN, dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="dragoman-test-") as folder:
        path, calls = os.path.join(folder, "npm"), os.path.join(folder, "calls")
        if script is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\necho \"$*\" >>{calls}\n{script}\n")
            os.chmod(path, 0o700)
        npm.FOLDER, npm.WITHIN, npm.ASK_WITHIN = os.path.join(folder, "installed"), 1, 1
        os.environ["PATH"] = folder + (":" + os.environ["PATH"] if script is not None else "")
        os.environ.pop(npm.MISSING, None)
        try:
            yield lambda: lines_of(calls)
        finally:
            npm.FOLDER, npm.WITHIN, npm.ASK_WITHIN = before[:3]
            os.environ.clear()
            os.environ.update(before[3])


def lines_of(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def needs_npm():
    npm.install()


def npm_fails_once_and_first():
    told = "\n".join(("npm warn something", "npm error code ENOTFOUND", "npm error network no registry",
                      "npm error A complete log of this run can be found in: /root/x.log"))
    unreached, reason = "npm does not reach its registry: ", "code ENOTFOUND; network no registry. "
    asked = 'test "$1" = view && exit 0'
    for script, why, called in (
            (f"echo '{told}'; exit 1", unreached + reason, 2),
            (f"echo '{told}' | sed 's/error/ERR!/'; exit 1", unreached + reason, 2),
            ("exit 5", unreached + "it ended with 5. ", 2),
            ('test "$1" = ci && exit 1; sleep 60', unreached + "not done after 1 s. ", 2),
            (f"{asked}; echo '{told}'; exit 1", "npm ci: " + reason, 2),
            (f"{asked}; echo odd; exit 2", "npm ci: odd. ", 2),
            (f"{asked}; sleep 60", "npm ci: not done after 1 s. ", 2),
            (None, "npm cannot be started: No such file or directory. ", 0)):
        with npm_that(script) as calls:
            lines, results = said_by(lambda results: (npm.prepare(results),
                                                      run.run([needs_npm, fine, needs_npm], results)))
            first = f"  FAIL    npm packages (T): {why}The scenarios that need them will fail."
            needs = "  FAIL    needs_npm (T): the npm packages are missing, as was said at the beginning"
            check(lines == [first, needs, "  PASS    fine (T)", needs], f"{lines}")
            check(len(calls()) == called and results.failed == 3, f"{calls()}, {results.failed} failed")


def npm_installs_once():
    """Where the registry is not reached, from what npm has kept."""
    for script, last in (("", "--prefer-offline"), ('test "$1" = ci', "--offline")):
        with npm_that(script) as calls:
            for _ in range(2):
                lines, _ = said_by(lambda results: (npm.prepare(results), run.run([needs_npm], results)))
                check(lines == ["  PASS    npm packages (T)", "  PASS    needs_npm (T)"], f"{lines}")
            check(len(calls()) == 2 and calls()[1].endswith(last), f"{calls()}")


CASES = [programs_are_counted, programs_fail_whatever_they_print, the_output_of_a_failure_is_shown,
         what_is_skipped_is_told, the_end,
         scenarios_end_each_in_a_line, hanging_scenarios_are_ended, some_run_at_once,
         what_a_scenario_leaves_is_ended, every_scenario_is_chosen_once, npm_fails_once_and_first,
         npm_installs_once]


def main():
    os.chdir(os.path.join(HERE, ".."))
    failed = 0
    for case in CASES:
        try:
            case()
            print(f"ok {case.__name__}", flush=True)
        except Failure as failure:
            failed += 1
            print(f"FAILED {case.__name__}: {failure}", flush=True)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
