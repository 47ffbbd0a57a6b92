"""What the tests of the scripts share."""

import importlib.util
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


def load(name):
    """The Python script scripts/<name>.py as a module."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_program(path, text):
    """Writes a shell program, executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def run(command, path_first=None, cwd=None):
    """Runs `command`; programs in `path_first` hide those of the same name."""
    environment = dict(os.environ)
    if path_first:
        environment["PATH"] = f"{path_first}:{environment['PATH']}"
    return subprocess.run([str(word) for word in command], env=environment, cwd=cwd, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=50, check=False)
