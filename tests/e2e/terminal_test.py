"""What a person sees on a terminal, and what a file or a pipe gets."""

import support

SWEEP = ("run", *support.FAST, "--workload", "null", "--workers", "1,2", "--chunk", 1, "-o", "report.json")


class Terminal(support.TestCase):
    def test_progress_on_a_terminal(self):
        done = self.run_on_terminal(*SWEEP, stdout_too=False)
        self.assertEqual(done.code, 0, done)
        for trial in range(1, 6):
            self.assertRegex(done.err, rf"\r\x1b\[K\[{trial}/5\] \d+:\d\d left +(serial|independent|processes)/w\d")
        self.assertTrue(done.err.endswith("\r\x1b[K"), "the line is wiped away in the end")
        self.assertNotIn("\n", done.err)

    def test_quiet_is_silent_on_a_terminal(self):
        for option in ("--quiet", "-q"):
            done = self.run_on_terminal(*SWEEP, option, stdout_too=False)
            self.assertEqual((done.code, done.err), (0, ""))

    def test_a_failed_trial_is_told_at_once_on_a_terminal(self):
        done = self.run_on_terminal(*SWEEP, "--fault", "exit:0", stdout_too=False)
        self.assertEqual(done.code, 3)
        self.assertRegex(done.err, r"processes/w1/t1/none/c1/shm: failed: worker 0 \(pid \d+\) exited with code 7")

    def test_stderr_is_empty_in_a_pipe(self):
        for options in ((), ("--fault", "exit:0")):
            done = self.run_program(*SWEEP, *options)
            self.assertEqual(done.err, "")
            self.assertNotIn("\r", done.out)
            self.assertNotIn("\x1b", done.out)

    def test_the_table_is_there_in_a_pipe_and_on_a_terminal(self):
        piped = self.run_program(*SWEEP, "--quiet").out
        shown = self.run_on_terminal(*SWEEP, "--quiet").err
        for text in (piped, shown):
            self.assertRegex(text, r"cell +items/s")
            self.assertIn("report: report.json", text)

    def test_help_and_version(self):
        for arguments in (("--help",), ("run", "--help"), ("plan", "--help"), ("host", "--help")):
            done = self.run_program(*arguments)
            self.assertEqual((done.code, done.err), (0, ""), arguments)
            self.assertIn("Examples:\n  coresweep ", done.out)
        self.assertRegex(self.run_program("--version").out, r"\Acoresweep \d+\.\d+\.\d+\n\Z")


if __name__ == "__main__":
    support.main()
