"""Tests of scripts/run in a tree whose set-up, build and program are stand-ins."""

import pathlib
import shutil
import tempfile
import unittest

import support


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "scripts").mkdir()
        for name in ("run", "lib.sh"):
            shutil.copy(support.SCRIPTS / name, self.root / "scripts" / name)
        support.write_program(self.root / "scripts/setup", 'echo "setup $*"\n')
        support.write_program(self.root / "scripts/build", 'echo "build $*"\n')
        support.write_program(self.root / "build/release/coresweep",
                              'printf "coresweep"; printf " <%s>" "$@"; echo; pwd; exit 5\n')

    def run_script(self, *arguments):
        return support.run([self.root / "scripts/run", *arguments], cwd=self.root / "build")

    def test_without_arguments_runs_the_quick_suite(self):
        lines = self.run_script().stdout.splitlines()
        self.assertEqual(lines[0], "setup --run")
        self.assertTrue(lines[1].startswith("build release"), lines)
        self.assertEqual(lines[2], f"coresweep <run> <{self.root}/bench/suites/quick.json>")

    def test_hands_arguments_over_as_they_are_from_where_it_was_called(self):
        lines = self.run_script("my suite.json", "--chunk", "1,8").stdout.splitlines()
        self.assertEqual(lines[2:], ["coresweep <run> <my suite.json> <--chunk> <1,8>",
                                     str(self.root / "build")])

    def test_options_alone_bring_no_suite_with_them(self):
        lines = self.run_script("--workload", "null").stdout.splitlines()
        self.assertEqual(lines[2], "coresweep <run> <--workload> <null>")

    def test_ends_with_the_exit_code_of_the_program(self):
        self.assertEqual(self.run_script("--quiet").returncode, 5)

    def test_stops_when_the_set_up_fails(self):
        support.write_program(self.root / "scripts/setup", "exit 1\n")
        done = self.run_script()
        self.assertEqual((done.returncode, done.stdout), (1, ""))

    def test_stops_when_the_build_fails(self):
        support.write_program(self.root / "scripts/build", "exit 1\n")
        done = self.run_script()
        self.assertEqual((done.returncode, done.stdout), (1, "setup --run\n"))


if __name__ == "__main__":
    unittest.main()
