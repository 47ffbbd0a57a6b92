"""Tests of scripts/summarize_tests.py."""

import pathlib
import tempfile
import unittest

import support

PASSED = '<testcase name="A.Passes" status="run"/>'


def failed(output, message="", name="A.Fails"):
    """A test that failed after 1.5 s."""
    return (f'<testcase name="{name}" status="fail" time="1.5"><failure message="{message}"/>'
            f"<system-out>{output}</system-out></testcase>")


FAILED = failed("""[ RUN      ] A.Fails
/tree/tests/a_test.cc:7: Failure
Expected equality of these values:
  two
    Which is: 2
  3

/tree/tests/a_test.cc:9: Failure
[  FAILED  ] A.Fails (0 ms)
""")
WHY = "a_test.cc:7: Expected equality of these values: two Which is: 2 3"
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
        self.assertEqual((code, lines), (1, [f"failed: A.Fails: {WHY}",
                                             "1 passed, 1 failed, 0 skipped"]))

    def assert_reason(self, case, reason):
        _, lines = self.summarize(case)
        self.assertEqual(lines[0], f"failed: A.Fails: {reason}")

    def test_says_why_a_test_failed(self):
        self.assert_reason(failed("Traceback\nAssertionError: 1 != 2\n\nFAILED (failures=1)\n"),
                           "AssertionError: 1 != 2")
        self.assert_reason(failed("==7==ERROR: AddressSanitizer: heap-use-after-free on 1\n  #0\n"),
                           "==7==ERROR: AddressSanitizer: heap-use-after-free on 1")
        self.assert_reason(failed("/a.cc:3:5: runtime error: shift exponent -1\n    #0\n"),
                           "/a.cc:3:5: runtime error: shift exponent -1")
        self.assert_reason(failed("terminate called after throwing 'E'\n  what():  gone\n"),
                           "terminate called after throwing 'E' what(): gone")
        self.assert_reason(failed("bad\n", message="Error regular expression found"),
                           "Error regular expression found")
        self.assert_reason(failed("[ RUN      ] A.Fails\n"),
                           "ended after 1.5 s; last line: [ RUN ] A.Fails")

    def test_failures_fit_into_the_end_of_an_output(self):
        _, lines = self.summarize(failed("AssertionError: " + "x" * 1000))
        self.assertLess(len(lines[0]), 250)
        _, lines = self.summarize(failed("AssertionError: " + "x" * 150) * 100)
        self.assertEqual(lines, ["failed: A.Fails"] * 100 + ["0 passed, 100 failed, 0 skipped"])

    def test_failures_come_last_whatever_the_order_of_the_files(self):
        _, lines = self.summarize(FAILED + SKIPPED, options=["--failed", "check: tidy"])
        self.assertEqual(lines, ["skipped: A.Skips: no counters here", f"failed: A.Fails: {WHY}",
                                 "failed: check: tidy", "0 passed, 2 failed, 1 skipped"])

    def test_names_skipped_tests_with_their_reason(self):
        code, lines = self.summarize(PASSED + SKIPPED)
        self.assertEqual(code, 0)
        self.assertEqual(lines,
                         ["skipped: A.Skips: no counters here", "1 passed, 0 failed, 1 skipped"])

    def test_skips_of_one_reason_share_a_line(self):
        _, lines = self.summarize(SKIPPED + SKIPPED.replace("A.Skips", "B.Too") +
                                  SKIPPED.replace("A.Skips", "C.Other").replace("counters", "luck"))
        self.assertEqual(lines[:-1], ["skipped: no counters here: A.Skips, B.Too",
                                      "skipped: C.Other: no luck here"])

    def test_names_are_without_the_dump_of_their_parameter(self):
        dump = '  # GetParam() = (56-byte object &lt;03-00 00-00&gt;, 7)'
        for case, name in ((SKIPPED, "skipped: All/A.Skips/shm: no counters here"),
                           (FAILED, f"failed: All/A.Fails/shm: {WHY}")):
            case = case.replace('name="A.', 'name="All/A.')
            case = case.replace('" status', f'/shm{dump}" status')
            self.assertEqual(self.summarize(case)[1][0], name)

    def test_a_program_that_was_not_built_is_a_failure(self):
        code, lines = self.summarize(PASSED + NOT_BUILT)
        self.assertEqual(code, 1)
        self.assertEqual(lines, ["failed: b_NOT_BUILT: Unable to find executable",
                                 "1 passed, 1 failed, 0 skipped"])

    def test_a_run_without_tests_fails(self):
        for texts in ((), ("",), (DISABLED,), (SKIPPED,)):
            code, _ = self.summarize(*texts)
            self.assertEqual(code, 1, texts)

    def test_sums_over_files_and_extra_checks(self):
        code, lines = self.summarize(PASSED, PASSED + SKIPPED, options=["--passed", "3"])
        self.assertEqual((code, lines[-1]), (0, "5 passed, 0 failed, 1 skipped"))
        code, lines = self.summarize(PASSED, options=["--failed", "check: a b", "--failed", "build: c"])
        self.assertEqual((code, lines), (1, ["failed: check: a b", "failed: build: c",
                                             "1 passed, 2 failed, 0 skipped"]))

    def test_of_several_files_the_folder_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder, preset, "tests.xml") for preset in ("asan", "tsan")]
            for file in files:
                file.parent.mkdir()
                file.write_text(f"<testsuite>{FAILED}</testsuite>")
            done = support.run([support.SCRIPTS / "summarize_tests.py", *files])
        self.assertEqual(done.stdout.splitlines()[:2],
                         [f"failed: asan: A.Fails: {WHY}", f"failed: tsan: A.Fails: {WHY}"])

    def test_a_missing_or_broken_file_is_a_failure(self):
        done = support.run([support.SCRIPTS / "summarize_tests.py", "/nonexistent.xml"])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1], "0 passed, 1 failed, 0 skipped")
        self.assertIn("failed: /nonexistent.xml: no test results: ", done.stdout)
        code, lines = self.summarize(PASSED, "<testcase")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
