"""Tests of scripts/summarize_tests.py."""

import pathlib
import tempfile
import unittest

import support

PASSED = '<testcase name="A.Passes" status="run"/>'
FAILED = '<testcase name="A.Fails" status="fail"><failure message=""/></testcase>'
DISABLED = '<testcase name="A.Off" status="disabled"/>'
SKIPPED = """<testcase name="A.Skips" status="notrun">
<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
<system-out>[ RUN      ] A.Skips
a_test.cc:3: Skipped
no counters here
[  SKIPPED ] A.Skips (0 ms)
</system-out></testcase>"""
NOT_BUILT = """<testcase name="b_NOT_BUILT" status="notrun">
<skipped message="Unable to find executable"/></testcase>"""


class Summary(unittest.TestCase):
    def summarize(self, *texts, options=()):
        """Exit code and lines of the script over files with these test cases."""
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, text in enumerate(texts):
                files.append(pathlib.Path(folder, f"{number}.xml"))
                files[-1].write_text(f"<testsuite>{text}</testsuite>")
            done = support.run([support.SCRIPTS / "summarize_tests.py", *options, *files])
        return done.returncode, done.stdout.splitlines()

    def test_passes_when_all_pass(self):
        self.assertEqual(self.summarize(PASSED + PASSED), (0, ["2 passed, 0 failed, 0 skipped"]))

    def test_counts_failures_and_exits_with_1(self):
        code, lines = self.summarize(PASSED + FAILED)
        self.assertEqual((code, lines), (1, ["failed: A.Fails", "1 passed, 1 failed, 0 skipped"]))

    def test_names_skipped_tests_with_their_reason(self):
        code, lines = self.summarize(PASSED + SKIPPED)
        self.assertEqual(code, 0)
        self.assertEqual(lines,
                         ["skipped: A.Skips: no counters here", "1 passed, 0 failed, 1 skipped"])

    def test_a_program_that_was_not_built_is_a_failure(self):
        code, lines = self.summarize(PASSED + NOT_BUILT)
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_a_run_without_tests_fails(self):
        for texts in ((), ("",), (DISABLED,), (SKIPPED,)):
            code, _ = self.summarize(*texts)
            self.assertEqual(code, 1, texts)

    def test_sums_over_files_and_extra_checks(self):
        code, lines = self.summarize(PASSED, PASSED + SKIPPED, options=["--passed", "3"])
        self.assertEqual((code, lines[-1]), (0, "5 passed, 0 failed, 1 skipped"))
        code, lines = self.summarize(PASSED, options=["--failed", "1"])
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_of_several_files_the_folder_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder, preset, "tests.xml") for preset in ("asan", "tsan")]
            for file in files:
                file.parent.mkdir()
                file.write_text(f"<testsuite>{FAILED}</testsuite>")
            done = support.run([support.SCRIPTS / "summarize_tests.py", *files])
        self.assertEqual(done.stdout.splitlines()[:2],
                         ["failed: asan: A.Fails", "failed: tsan: A.Fails"])

    def test_a_missing_or_broken_file_is_a_failure(self):
        done = support.run([support.SCRIPTS / "summarize_tests.py", "/nonexistent.xml"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1], "0 passed, 1 failed, 0 skipped")
        code, lines = self.summarize(PASSED, "<testcase")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
