"""Tests of .ci/run in a tree whose steps are stand-ins."""

import pathlib
import shutil
import tempfile
import unittest

import support

CHECKS = ("setup", "format", "check_layers.py", "tidy", "smoke")
RESULTS = '<testsuite><testcase name="A.B" status="%s"/></testsuite>'


class ContinuousIntegration(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / ".ci").mkdir()
        (self.root / "scripts").mkdir()
        shutil.copy(support.ROOT / ".ci/run", self.root / ".ci/run")
        shutil.copy(support.SCRIPTS / "summarize_tests.py", self.root / "scripts")
        for check in CHECKS:
            self.stand_in(check, "exit 0\n")
        self.stand_in_tests("run")

    def stand_in(self, name, text):
        support.write_program(self.root / "scripts" / name, text)

    def stand_in_tests(self, status, code=0):
        results = RESULTS % status
        self.stand_in("test",
                      f"mkdir -p build/$2; echo '{results}' >build/$2/tests.xml; exit {code}\n")

    def run_all(self):
        """Exit code and the last lines, from the total time on."""
        done = support.run([self.root / ".ci/run"])
        lines = done.stdout.splitlines()
        total = [number for number, line in enumerate(lines) if line.startswith("=== total")]
        self.assertEqual(len(total), 1, done.stdout)
        return done.returncode, lines[total[0] + 1:]

    def test_counts_tests_and_checks(self):
        self.assertEqual(self.run_all(), (0, ["8 passed, 0 failed, 0 skipped"]))

    def test_names_every_check_that_failed_and_goes_on(self):
        for name in ("format", "tidy"):
            self.stand_in(name, "exit 3\n")
        self.assertEqual(self.run_all(), (1, ["failed: check: format", "failed: check: tidy",
                                              "6 passed, 2 failed, 0 skipped"]))

    def test_names_a_build_that_failed(self):
        self.stand_in("test", "exit 1\n")
        self.assertEqual(self.run_all(), (1, [f"failed: build: {preset}" for preset in
                                              ("release", "asan", "tsan")] +
                                          ["5 passed, 3 failed, 0 skipped"]))

    def test_names_a_test_that_failed_with_its_preset(self):
        self.stand_in_tests("fail", code=1)
        code, lines = self.run_all()
        self.assertEqual(code, 1)
        self.assertEqual(lines[0], "failed: release: A.B: ended after 0.0 s")
        self.assertEqual(lines[-1], "5 passed, 3 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main()
