"""Under GitHub Actions: what `run` and `gate` write into the job summary, and their annotations."""

import json

import support


class Github(support.TestCase):
    def setUp(self):
        super().setUp()
        self.summary = self.folder / "summary.md"
        self.variables = {"CORESWEEP_GITHUB": "on", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(self.summary)}

    def environment(self):
        return {**super().environment(), **self.variables}

    def annotations(self, done):
        return [line for line in done.out.splitlines() if line.startswith("::")]

    def test_a_run_appends_its_markdown(self):
        self.summary.write_text("what others wrote\n")
        done = self.run_program("run", *support.ONE_TRIAL)
        self.assertEqual((done.code, done.err), (0, ""), done)
        markdown = self.run_program("report", "report.json", "--format", "markdown").out
        self.assertEqual(self.summary.read_text(), "what others wrote\n" + markdown)
        self.assertEqual(self.annotations(done), [])

    def test_a_cell_that_fails_is_an_error(self):
        done = self.run_program("run", *support.ONE_TRIAL, "--fault", "kill:3", "--fault-cell", "processes")
        self.assertEqual(done.code, 3, done)
        (line,) = self.annotations(done)
        self.assertTrue(line.startswith("::error title=coresweep%3A failed::processes/w1/"), line)
        self.assertIn("**Failed**", self.summary.read_text())

    def test_it_can_be_switched_off(self):
        for arguments, variables in ((("--no-github",), {}), ((), {"CORESWEEP_GITHUB": "off"})):
            self.variables.update(variables)
            self.assertEqual(self.run_program("run", *support.ONE_TRIAL, *arguments).code, 0)
            self.assertFalse(self.summary.exists())
            (self.folder / "report.json").unlink()

    def test_a_long_summary_is_cut_and_one_that_is_full_is_told(self):
        self.summary.write_text("x" * ((1 << 20) - 400) + "\n")
        self.assertEqual(self.run_program("run", *support.ONE_TRIAL).code, 0)
        text = self.summary.read_text()
        self.assertLess(len(text.encode()), 1 << 20)
        self.assertTrue(text.endswith("cut off here: the rest is in the report.\n"))
        self.summary.write_text("x" * (1 << 20))
        done = self.run_program("run", *support.ONE_TRIAL)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.err, r"\Acoresweep: GITHUB_STEP_SUMMARY: [^\n]*as long as GitHub allows\n\Z")
        self.variables["GITHUB_STEP_SUMMARY"] = str(self.folder / "nowhere/summary.md")
        done = self.run_program("run", *support.ONE_TRIAL)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.err, r"\Acoresweep: GITHUB_STEP_SUMMARY: [^\n]*nowhere/summary.md[^\n]*\n\Z")

    def test_a_gate_says_its_verdict(self):
        done = self.run_program("gate", "--baseline", "none.json", "--candidate-report", "report.json")
        self.assertEqual(done.code, 2, done)
        (line,) = self.annotations(done)
        self.assertTrue(line.startswith("::error title=coresweep gate%3A USAGE::USAGE: "), line)
        self.assertIn("report.json", line)
        self.assertIn("### coresweep gate: USAGE\n\n    USAGE: ", self.summary.read_text())

    def test_a_stored_run_says_its_verdict(self):
        self.run_program("run", *support.ONE_TRIAL, "--no-github")
        report = json.loads((self.folder / "report.json").read_text())
        report["created"] = "2026-01-01T00:00:00.000Z"
        (self.folder / "old.json").write_text(json.dumps(report))
        done = self.run_program("gate", "--baseline", "old.json", "--candidate-report", "report.json", "-o", "gate.json")
        self.assertEqual(done.code, 3, done)
        (line,) = self.annotations(done)
        self.assertTrue(line.startswith("::warning title=coresweep gate%3A INCONCLUSIVE::INCONCLUSIVE: advice only"), line)
        self.assertIn("### coresweep gate: INCONCLUSIVE\n\n    INCONCLUSIVE: advice only", self.summary.read_text())


if __name__ == "__main__":
    support.main()
