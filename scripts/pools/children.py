"""Processes that measure: each in a session of its own, which ends with it or with us."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

GRACE_S = 3.0


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def _end_group(group: int) -> None:
    """Ends what is left of a group: with TERM, so that resource trackers can clean up, then with KILL."""
    # Most often nothing is; a resource tracker needs a moment to end by itself.
    for number in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + GRACE_S
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        while _group_lives(group) and time.monotonic() < end:
            time.sleep(0.01)


def run(command: Sequence[str], environment: Mapping[str, str], limit_s: float,
        folder: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end. Whatever happens, Ctrl-C too, nothing of its group is left.

    Raises subprocess.TimeoutExpired after `limit_s` seconds.
    """
    process = subprocess.Popen(command, env=dict(environment), cwd=folder, text=True, start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, errors = process.communicate(timeout=limit_s)
        return subprocess.CompletedProcess(list(command), process.returncode, out, errors)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _end_group(process.pid)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
