"""Programs that stand on the libraries of contrib/clients/."""

import os

import npm

PYTHON = "/usr/bin/python3"
LIBRARIES = os.path.join("contrib", "clients")


def library_environment():
    """What they need; those in JavaScript also npm.install()."""
    return {"PYTHONPATH": LIBRARIES, "PYTHONDONTWRITEBYTECODE": "1",
            "NODE_PATH": os.pathsep.join((LIBRARIES, os.path.join(npm.FOLDER, "node_modules")))}
