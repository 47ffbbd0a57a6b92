"""coresweep report --format console: the page that the run printed, from its report."""

import json

import support

FAST = ("--window-s", "0.04", "--warmup-s", "0.01", "--transport", "shm", "--placement", "none")


class StoredConsole(support.TestCase):
    def measure(self, *arguments, codes=(0,)):
        """What a run printed before the name of its report."""
        done = self.run_program("run", *FAST, "-q", "-o", "report.json", *arguments, seconds=120)
        self.assertIn(done.code, codes, done)
        return done.out[:done.out.index("\nreport: report.json\n")]

    def stored(self, *arguments):
        done = self.run_program("report", "report.json", "--format", "console", *arguments)
        self.assertEqual((done.code, done.err), (0, ""), done)
        return done.out

    def change(self, change):
        report = support.read_report(self.folder / "report.json")
        change(report)
        (self.folder / "report.json").write_text(json.dumps(report))
        return report

    def test_it_is_what_the_run_printed_laws_of_scaling_and_all(self):
        printed = self.measure("--workload", "spin", "--option", "busy_us=100", "--workers", "1,2,3,4", "--chunk", 2,
                               "--repetitions", 2)
        self.assertEqual(self.stored(), printed)
        self.assertIn("Took ", printed)

    def test_it_is_what_a_search_printed(self):
        printed = self.measure("--workload", "spin", "--option", "busy_us=100", "--workers", "1,2", "--chunk", "1,8", "--search",
                               "quick", "--budget", "20s", codes=(0, 4))
        self.assertIn("Search quick: ", printed)
        self.assertEqual(self.stored(), printed)

    def test_it_is_what_open_load_printed(self):
        printed = self.measure("--workload", "spin", "--option", "busy_us=100", "--workers", 1, "--chunk", 1, "--load", "open",
                               "--rate", "100,90000", "--repetitions", 1)
        self.assertIn("Open load (", printed)
        self.assertEqual(self.stored(), printed)

    def test_it_is_what_was_printed_of_failed_and_skipped_cells(self):
        printed = self.measure("--workload", "null", "--workers", "1,2", "--chunk", "1,100000", "--items", 64, "--repetitions", 1,
                               "--dispatch", "dynamic,pull", "--transport", "pipe,shm")
        self.assertIn("\nSkipped:\n", printed)
        self.assertEqual(self.stored(), printed)

    def test_figures_whose_samples_were_left_out_are_the_report_s(self):
        printed = self.measure("--workload", "null", "--workers", "1,2", "--chunk", 1, "--repetitions", 1, "--window-s", "0.3")
        report = support.read_report(self.folder / "report.json")
        thinned = [trial for trial in report["trials"] if trial["samples"]["kept"] < trial["samples"]["recorded"]]
        self.assertTrue(thinned)
        self.assertEqual(self.stored(), printed)

    def test_a_report_that_says_something_else_is_shown_as_it_is_and_says_so(self):
        self.measure("--workload", "null", "--workers", 1, "--chunk", 1, "--repetitions", 1)

        def other(report):
            for cell in report["cells"]:
                cell["throughput"]["median"] = 12345678.0

        self.change(other)
        words = " ".join(self.stored().split())
        self.assertIn("12,345,678", words)
        self.assertIn("The trials in the report give other figures than it says, which are shown here: coresweep analyze "
                      "report.json names them.", words)

    def test_what_never_holds_its_trials_is_shown_as_far_as_it_goes(self):
        self.measure("--workload", "null", "--workers", 1, "--chunk", 1, "--repetitions", 1)
        done = self.run_program("report", "report.json", "--format", "json", "--deterministic", "-o", "plain.json")
        self.assertEqual(done.code, 0, done)
        done = self.run_program("report", "plain.json", "--format", "console")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertRegex(done.out, r"\A(Use|No cell) ")
        self.assertNotIn("analyze", done.out)


if __name__ == "__main__":
    support.main()
