"""`coresweep gate --baseline`: a run against stored ones."""

import copy
import json

import support

SWEEP = ("--workload", "spin", "--option", "busy_us=100", "--workers", 1, "--chunk", 8, "--transport", "shm", "--placement",
         "none", "--repetitions", 1, "--window-s", "0.05", "--warmup-s", "0.02")
CELL = "processes/w1/t1/none/c8/shm"


class Stored(support.TestCase):
    measured = None  # one sweep for all tests

    def setUp(self):
        super().setUp()
        if Stored.measured is None:
            done = self.run_program("run", *SWEEP, "-q", "-o", "run.json")
            self.assertEqual(done.code, 0, done)
            Stored.measured = support.read_report(self.folder / "run.json")
        (self.folder / "history").mkdir()

    def write(self, name, factor=1.0, change=lambda report: None):
        """A report like the measured one, with `factor` times its throughput."""
        report = copy.deepcopy(Stored.measured)
        report["created"] = name
        for trial in report["trials"]:
            trial["throughput"] *= factor
        change(report)
        (self.folder / name).write_text(json.dumps(report))

    def history(self, count):
        for number in range(count):
            self.write(f"history/{number:02}.json", 1.005 if number % 2 else 0.995)

    def gate(self, *arguments, code):
        done = self.run_program("gate", "--baseline", "history", "--candidate-report", "new.json", "-o", "gate.json",
                                *arguments)
        self.assertEqual((done.code, done.err), (code, ""), done)
        return done

    def test_verdicts_from_twelve_runs_and_the_same_again_from_the_report(self):
        self.history(12)
        for factor, code, verdict in ((1.0, 0, "PASS"), (0.8, 1, "FAIL"), (0.965, 3, "INCONCLUSIVE")):
            self.write("new.json", factor)
            done = self.gate(code=code)
            self.assertTrue(done.out.startswith(f"{verdict}: throughput of {CELL} is "), done)
            self.assertIn("12 stored runs", " ".join(done.out.split()))
            again = self.run_program("analyze", "gate.json")
            self.assertEqual((again.code, again.err, again.out), (code, "", done.out.replace("report: gate.json\n", "")))

    def test_two_runs_are_advice_only(self):
        self.history(2)
        self.write("new.json", 0.5)
        done = self.gate(code=3)
        self.assertTrue(done.out.startswith("INCONCLUSIVE: advice only: "), done)

    def test_what_cannot_be_compared_is_refused(self):
        self.history(12)
        self.write("new.json")

        def other_machine(report):
            report["host"]["fingerprint"] = "0"

        self.write("history/99.json", change=other_machine)
        done = self.gate(code=4)
        self.assertIn("new.json cannot be compared with history/99.json: another machine (fingerprint ",
                      " ".join(done.out.split()))
        again = self.run_program("analyze", "gate.json")
        self.assertEqual(again.code, 4)

    def test_wrong_answers_outrank_speed(self):
        self.history(12)

        def wrong(report):
            for cell in report["cells"]:
                if cell["id"] == CELL:
                    cell["verdict"] = "incorrect"
                    cell["reason"] = "1 answer differs"

        self.write("new.json", 2.0, change=wrong)
        done = self.gate(code=5)
        self.assertTrue(done.out.startswith(f"INTEGRITY: {CELL} is incorrect: 1 answer differs."), done)

    def test_a_changed_report_is_found_out(self):
        self.history(12)
        self.write("new.json", 0.8)
        self.gate(code=1)
        report = support.read_report(self.folder / "gate.json")
        report["comparisons"][0]["value"] = report["comparisons"][0]["history"][0]
        (self.folder / "gate.json").write_text(json.dumps(report))
        done = self.run_program("analyze", "gate.json")
        self.assertEqual(done.code, 2)
        self.assertIn("its outcome is not what its stored values give", done.err)

    def test_bad_options_are_refused_in_a_line(self):
        self.history(1)
        self.write("new.json")
        for arguments, text in (
            (("--candidate-report", "new.json"), "--candidate-report: needs --baseline"),
            (("--baseline", "new.json"), "--baseline: needs --candidate-report"),
            (("--cell", "w1", "--workload", "null"), "--cell: only with --baseline"),
            (("--baseline", "new.json", "--candidate-report", "new.json"), "are the same run"),
            (("--baseline", "history", "--candidate-report", "new.json", "--workers", 2), "leave out suite and sweep"),
            (("--baseline", "history", "--candidate-report", "new.json", "--same-arms"), "leave out the arms"),
            (("--baseline", "history", "--candidate-report", "new.json", "--budget", "9s"), "nothing is launched"),
            (("--baseline", "history", "--candidate-report", "new.json", "--metric", "cpu_per_item"), "not in the reports"),
            (("--baseline", "history", "--candidate-report", "new.json", "--cell", "/w9/"), "no cell to compare"),
            (("--baseline", "history", "--candidate-report", "absent.json"), "absent.json"),
        ):
            done = self.run_program("gate", *arguments, "-o", "gate.json")
            self.assertEqual(done.code, 2, done)
            self.assertTrue(done.out.startswith("USAGE: ") and done.out.count("\n") == 1, done)
            self.assertIn(text, done.out)
        self.assertFalse((self.folder / "gate.json").exists())


if __name__ == "__main__":
    support.main()
