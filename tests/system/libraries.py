"""Programs that stand on the libraries of contrib/clients/."""

import os

PYTHON = "/usr/bin/python3"
LIBRARIES = os.path.join("contrib", "clients")


def library_environment():
    """What they need; those in JavaScript also npm.install()."""
    import npm  # a program of commands.py's own has no path to what it needs

    return {"PYTHONPATH": LIBRARIES, "PYTHONDONTWRITEBYTECODE": "1",
            "NODE_PATH": os.pathsep.join((LIBRARIES, os.path.join(npm.FOLDER, "node_modules")))}
