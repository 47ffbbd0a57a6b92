"""Control groups for tests, where this machine lets one make them: as root, of version 1 or 2."""

import os
import pathlib
import time
import unittest
import uuid

ROOT = pathlib.Path("/sys/fs/cgroup")


def _v1(controller):
    """The folder of a version 1 hierarchy; None where there is none."""
    for name in (controller, "cpu,cpuacct" if controller == "cpu" else controller):
        if (ROOT / name / "cgroup.procs").exists():
            return ROOT / name
    return None


def _v2(controller):
    """The root of version 2, which hands `controller` on to its groups, now if not before."""
    for folder in (ROOT, ROOT / "unified"):
        try:
            if controller in (folder / "cgroup.controllers").read_text().split():
                (folder / "cgroup.subtree_control").write_text(f"+{controller}")
                return folder
        except OSError:
            pass
    return None


def mount_points():
    """Where this process sees control groups, the innermost first."""
    lines = [line.split() for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return [fields[4] for fields in reversed(lines) if fields[fields.index("-") + 1] in ("cgroup", "cgroup2")]


class Group:
    """One control group of the controller "cpu" or "cpuset"; goes with `remove`."""

    def __init__(self, controller, parent=None):
        self.controller = controller
        base = parent.path if parent else _v1(controller) or _v2(controller)
        if base is None:
            raise unittest.SkipTest(f"no cgroup hierarchy with the controller {controller} is visible here")
        self.version = 1 if _v1(controller) else 2
        self.path = base / f"coresweep-test-{uuid.uuid4().hex[:12]}"
        try:
            self.path.mkdir()
            if parent and self.version == 2:
                (base / "cgroup.subtree_control").write_text(f"+{controller}")
        except OSError as error:
            raise unittest.SkipTest(f"cannot make a cgroup: {error}") from error

    def write(self, name, text):
        try:
            (self.path / name).write_text(str(text))
        except OSError as error:
            raise unittest.SkipTest(f"cannot write {self.path / name}: {error}") from error

    def set_quota(self, cpus, period_us=100_000):
        if self.version == 1:
            self.write("cpu.cfs_period_us", period_us)
            self.write("cpu.cfs_quota_us", int(cpus * period_us))
        else:
            self.write("cpu.max", f"{int(cpus * period_us)} {period_us}")

    def set_cpus(self, cpus):
        if self.version == 1:
            self.write("cpuset.mems", (self.path.parent / "cpuset.mems").read_text())
        self.write("cpuset.cpus", cpus)

    @property
    def limit_file(self):
        """What a report names as the source of the quota."""
        return str(self.path / ("cpu.cfs_quota_us" if self.version == 1 else "cpu.max"))

    def enter(self):
        """Puts the calling process in; for `preexec_fn`."""
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for _ in range(100):  # a process that has just ended may still be counted
            try:
                self.path.rmdir()
                return
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.05)
