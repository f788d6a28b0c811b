"""Installs the published packages, once, from package-lock.json."""

import filecmp
import os
import shutil
import subprocess

from server import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "..", "build", "npm")


def install():
    """The folder with node_modules."""
    lock, copy = os.path.join(HERE, "package-lock.json"), os.path.join(FOLDER, "installed.json")
    if os.path.exists(copy) and filecmp.cmp(lock, copy, shallow=False):
        return FOLDER
    os.makedirs(FOLDER, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), FOLDER)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    if done.returncode != 0:
        raise Failure("npm ci: " + done.stdout.decode("utf-8", "replace")[-2000:])
    shutil.copy(lock, copy)
    return FOLDER
