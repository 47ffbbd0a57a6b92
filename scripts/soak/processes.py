"""Looking at processes through /proc, and at what they leave behind."""

import ctypes
import os
import pathlib
import signal
import time
from collections.abc import Iterator

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LEFT_IN = ("/dev/shm", "/dev/mqueue")
OF_PYTHON = ("sem.mp-", "sem.loky-")  # semaphores of its pools, which others may be running
GRACE_S = 2.0  # for processes whose parent has gone


def become_subreaper() -> None:
    """From now on orphans of what this process starts become its children, dead or alive."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _stat_fields(pid: int) -> list[str]:
    """State, parent and the rest of /proc/PID/stat; empty when there is no such process."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text[text.rindex(")") + 2:].split()


def state_of(pid: int) -> str:
    """One letter as in proc(5), "Z" for a zombie; empty when there is no such process."""
    return next(iter(_stat_fields(pid)), "")


def _scan_for_children(pid: int) -> Iterator[int]:
    for child in map(int, filter(str.isdigit, os.listdir("/proc"))):
        fields = _stat_fields(child)
        if len(fields) > 1 and int(fields[1]) == pid:
            yield child


def children_of(pid: int) -> list[int]:
    """The children of `pid`, zombies among them."""
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:  # the kernel has no such file, or the process has just gone
        return list(_scan_for_children(pid))
    except OSError:
        return []
    return [int(word) for word in text.split()]


def is_worker(pid: int) -> bool:
    """Whether `pid` runs `coresweep worker`; before its exec a child still has its parent's words."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:2] == [b"worker"]
    except OSError:
        return False


def open_descriptors(pid: int) -> int | None:
    """How many descriptors `pid` has open; None when it cannot be seen (any more)."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return None


def named_objects() -> set[str]:
    """Shared memory and message queues that have a name now, of any program but Python's pools."""
    return {f"{folder}/{name}" for folder in LEFT_IN if os.path.isdir(folder) for name in os.listdir(folder)
            if not name.startswith(OF_PYTHON)}


def left_processes(seconds: float = GRACE_S) -> list[str]:
    """Kills and reaps every child of this process; tells which there were after `seconds`.

    For a subreaper with no child of its own: orphans that the program should have reaped itself.
    """
    end = time.monotonic() + seconds
    while (left := children_of(os.getpid())) and time.monotonic() < end:
        if all(state_of(pid) == "Z" for pid in left):
            break  # nobody will reap it but us
        time.sleep(0.01)
    told = [f"process {pid} (state {state_of(pid) or '?'})" for pid in left]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return told
