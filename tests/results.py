"""What tests said: a line for each as it ends, the slowest and the sum at the end. tests/run and
tests/system/run.py are made of it."""

import os
import re
import signal
import subprocess
import sys
import time

SHOWN = 10  # of the slowest

# The closing lines of cmocka, and of our own programs.
CMOCKA_PASSED = re.compile(rb"^\[  PASSED  \] (\d+) test\(s\)\.", re.M)
CMOCKA_FAILED = re.compile(rb"^\[  FAILED  \] .*?(\d+) test\(s\)", re.M)
OURS = re.compile(rb"^(\d+) passed, (\d+) failed$", re.M)
SKIPPED = re.compile(r"^(?:SKIPPED|\[  SKIPPED \]) (?!.*\d+ test\(s\))(.+)$", re.M)


class Results:
    def __init__(self):
        self.passed, self.failed, self.skipped, self.times = 0, 0, 0, []

    def add(self, name, seconds, passed=0, failed=0, why="", output=b""):
        """A test, or a program of several, has ended. output: shown when something failed; of what it
        skipped, always."""
        self.passed += passed
        self.failed += failed
        self.times.append((seconds, name))
        word = "FAIL" if failed else "PASS"
        if failed and output:
            sys.stdout.flush()
            sys.stdout.buffer.write(output if output.endswith(b"\n") else output + b"\n")
        many = f"{passed}, " if passed > 1 and not failed else ""
        print(f"  {word}    {name} ({many}{seconds:.1f} s)" + (f": {why}" if why else ""), flush=True)
        for line in sorted(set(SKIPPED.findall(output.decode("utf-8", "replace")))):
            self.skipped += 1
            print(f"  SKIP    {name}: {line}", flush=True)

    def program(self, command, name=None, within=600):
        """Runs a program, which counts its tests itself."""
        began = time.monotonic()
        status, output = run(command, within)
        passed, failed = counted(output)
        why = ""
        # A program that dies, or runs nothing, has failed whatever it printed.
        if status is None:
            why = f"not done after {within} s"
        elif status < 0:
            why = f"ended by {signal.Signals(-status).name}"
        elif status != 0 or failed:
            why = f"{passed} passed, {failed} failed, exit status {status}"
        elif passed == 0:
            why = "it ran nothing"
        if why and not failed:
            failed = 1
        self.add(name or " ".join(command), time.monotonic() - began, passed, failed, why, output)

    def end(self):
        """The last lines; the exit status."""
        slowest = sorted(self.times, reverse=True)[:SHOWN]
        if len(self.times) > SHOWN:
            print(f"The slowest {SHOWN}:")
            for seconds, name in slowest:
                print(f"  {seconds:6.1f} s  {name}")
        if self.skipped:
            print(f"{self.skipped} skipped")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def counted(output):
    """How many passed and failed by a program's own closing lines."""
    ours = OURS.findall(output)
    return (sum(map(int, CMOCKA_PASSED.findall(output))) + sum(int(p) for p, _ in ours),
            sum(map(int, CMOCKA_FAILED.findall(output))) + sum(int(f) for _, f in ours))


def run(command, within, folder=None):
    """The exit status, None when it had to be ended, and all that it printed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder,
                               start_new_session=True)
    try:
        output = process.communicate(timeout=within)[0]
        return process.returncode, output
    except subprocess.TimeoutExpired:
        end_group(process.pid)
        return None, process.communicate()[0]
    except BaseException:
        end_group(process.pid)
        raise


def end_when_told():
    """TERM and HUP end what has been started, too: that is in groups of its own."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def end_group(pid):
    """Ends a process that leads a group, and all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
