"""scripts/limits on groups of files and a systemd of shell: where it puts limits, and that it sees when one is not there."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import unittest
import unittest.mock

import support


def _load():
    loader = importlib.machinery.SourceFileLoader("limits", str(support.SCRIPTS / "limits"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("limits", loader))
    with unittest.mock.patch.object(sys, "dont_write_bytecode", True):
        loader.exec_module(module)
    return module


limits = _load()


def write(path, value):
    """What the kernel does: controllers add up; CPUs are cut to those of the group above, or all of them where none is left."""
    if path.name == "cgroup.subtree_control":
        path.write_text(" ".join([*path.read_text().split(), *value.replace("+", "").split()]))
        return
    path.write_text(str(value))
    if path.name == "cpuset.cpus":
        above = (path.parent.parent / "cpuset.cpus.effective").read_text()
        kept = limits._cpus_of(str(value)) & limits._cpus_of(above)
        (path.parent / "cpuset.cpus.effective").write_text(",".join(map(str, sorted(kept))) or above)


class Limits(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.patch(limits, "_write", write)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.addCleanup(signal.signal, number, signal.getsignal(number))

    def patch(self, *arguments):
        patch = unittest.mock.patch.object(*arguments)
        self.addCleanup(patch.stop)
        return patch.start()

    def tree(self, **groups):
        """Version 2: each group below the one before it, (controllers, handed on, processes); the
        first is the root, the last the caller's."""
        folder = self.folder
        for name, (controllers, handed_on, processes) in groups.items():
            folder /= name
            folder.mkdir()
            for file, text in (("cgroup.controllers", controllers), ("cgroup.subtree_control", handed_on),
                               ("cgroup.procs", processes), ("cpuset.cpus.effective", "0-1")):
                (folder / file).write_text(text)
            if name != next(iter(groups)):
                (folder / "cgroup.type").write_text("domain")
        self.patch(limits, "_own_group", lambda *_: (2, folder))
        return folder

    def make(self, *options):
        group = limits.Group(limits.parse_arguments([*options, "--", "true"]))
        group.make()
        return group

    def test_all_limits_of_version_2_are_in_one_group(self):
        own = self.tree(root=("cpuset cpu memory pids", "memory pids", "1"), slice=("memory pids", "memory pids", ""),
                        service=("memory pids", "", "7"))
        group = self.make("--cpus", "1.5", "--memory", "512M", "--cpuset", "0")
        folder, = group.folders
        self.assertEqual(folder.parent, own.parents[1])
        self.assertEqual((folder / "cpu.max").read_text(), "150000 100000")
        self.assertEqual((folder / "memory.max").read_text(), str(512 << 20))
        self.assertEqual((folder / "cpuset.cpus").read_text(), "0")

    def test_a_free_group_above_hands_on_what_it_has(self):
        own = self.tree(root=("cpu memory", "cpu memory", ""), above=("cpu memory", "memory", ""),
                        leaf=("memory", "", "7"))
        folder, = self.make("--cpus", "1", "--memory", "512M").folders
        self.assertEqual(folder.parent, own.parent)
        self.assertEqual((own.parent / "cgroup.subtree_control").read_text(), "memory cpu")

    def test_a_group_with_processes_hands_on_nothing(self):
        self.tree(only=("cpu memory", "memory", "7"))
        (self.folder / "only/cgroup.type").write_text("domain")
        with self.assertRaisesRegex(limits.NotPossible, "free of processes hands on cpu and memory"):
            self.make("--cpus", "1", "--memory", "512M")

    def test_cpus_that_the_group_above_has_not_are_refused(self):
        root = self.tree(root=("cpuset", "cpuset", ""))
        (root / "cpuset.cpus.effective").write_text("0")
        for cpuset in ("1", "0-1"):
            with self.subTest(cpuset), self.assertRaisesRegex(limits.NotPossible, "cpuset.cpus.effective became 0"):
                self.make("--cpuset", cpuset)

    # A systemd that puts what it starts into the folder `scope`.

    def systemd(self, **files):
        programs = self.folder / "programs"
        support.write_program(programs / "systemd-run",
                              'while [ "${1#--}" != "$1" ] && [ "$1" != -- ]; do shift; done; [ "$1" = -- ] && shift; exec "$@"\n')
        support.write_program(programs / "systemctl", f'echo "$@" >> {self.folder}/systemctl\n')
        scope = self.folder / "scope"
        scope.mkdir()
        for name, text in files.items():
            (scope / name.replace("_", ".")).write_text(text)
        self.patch(limits, "_own_group", lambda *_: (2, scope))
        self.patch(limits, "_systemd_runs", lambda: True)
        self.patch(limits, "_ways", lambda: (limits.Scope,))
        environment = unittest.mock.patch.dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")
        environment.start()
        self.addCleanup(environment.stop)

    def main(self, *words):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            return limits.main(list(words)), errors.getvalue()

    def test_root_leaves_groups_of_version_2_to_systemd(self):
        unified = self.patch(limits, "ONLY_VERSION_2", self.folder / "cgroup.controllers")
        systemd = self.patch(limits, "_systemd_runs")
        user = self.patch(os, "getuid")
        for version_2, runs, uid, ways in ((True, True, 0, "Scope"), (True, True, 1000, "Scope Group"),
                                           (True, False, 0, "Group Scope"), (False, True, 0, "Group Scope")):
            with self.subTest(version_2=version_2, runs=runs, uid=uid):
                unified.unlink(missing_ok=True)
                if version_2:
                    unified.touch()
                systemd.return_value, user.return_value = runs, uid
                self.assertEqual(" ".join(way.__name__ for way in limits._ways()), ways)

    def test_a_limit_that_systemd_leaves_out_is_refused(self):
        self.systemd(cpu_max="100000 100000")
        self.assertEqual(self.main("--cpus", "1", "--", "true")[0], 0)
        for options, reason in ((("--cpuset", "0"), "has no cpuset.cpus.effective: the controller cpuset does not work there"),
                                (("--memory", "512M"), "has no memory.max: the controller memory does not work there"), (("--cpus", "2"), "cpu.max became 100000 100000")):
            with self.subTest(options):
                code, errors = self.main(*options, "--", "true")
                self.assertEqual(code, 77)
                self.assertRegex(errors, rf"\Alimits: not possible here: [^\n]+{reason}\n\Z")

    def test_a_scope_ends_with_the_command(self):
        self.systemd(cpu_max="100000 100000")
        self.assertEqual(self.main("--cpus", "1", "--", "sh", "-c", "exit 7")[0], 7)
        self.assertRegex((self.folder / "systemctl").read_text(), r"\A(--user )?stop coresweep-[0-9a-f]{12}\.scope\n\Z")

    def test_no_such_command_is_127_in_a_scope_too(self):
        self.systemd(cpu_max="100000 100000")
        self.assertEqual(self.main("--cpus", "1", "--", "no-such-command"),
                         (127, "limits: no-such-command: no such command\n"))

    def test_the_second_way_leaves_signals_to_the_command(self):
        self.systemd(cpu_max="100000 100000")
        with unittest.mock.patch.object(limits.Group, "make", side_effect=limits.NotPossible("no")):
            self.patch(limits, "_ways", lambda: (limits.Group, limits.Scope))
            code, _ = self.main("--cpus", "1", "--", sys.executable, "-c",
                                "import signal; exit(signal.getsignal(signal.SIGTERM) is signal.SIG_IGN)")
        self.assertEqual(code, 0)


if __name__ == "__main__":
    unittest.main()
