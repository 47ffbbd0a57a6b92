"""Under Azure Pipelines: what `run` and `gate` attach as summary, and their issues."""

import re

import support


class Azure(support.TestCase):
    def setUp(self):
        super().setUp()
        (self.folder / "agent 100%").mkdir()
        self.variables = {"CORESWEEP_AZURE": "on", "TF_BUILD": "True", "AGENT_TEMPDIRECTORY": str(self.folder / "agent 100%")}

    def environment(self):
        return {**super().environment(), **self.variables}

    def commands(self, done):
        return [line for line in done.out.splitlines() if line.startswith("##vso[")]

    def summary(self, line):
        """The text that a command attaches."""
        path = re.fullmatch(r"##vso\[task\.uploadsummary\](/.*\.md)", line)[1]
        self.assertIn("/agent 100%AZP25/", path)
        with open(path.replace("%AZP25", "%"), encoding="utf-8") as file:
            return file.read()

    def test_a_run_attaches_its_markdown(self):
        done = self.run_program("run", *support.ONE_TRIAL)
        self.assertEqual((done.code, done.err), (0, ""), done)
        (line,) = self.commands(done)
        self.assertEqual(self.summary(line), self.run_program("report", "report.json", "--format", "markdown").out)

    def test_a_cell_that_fails_is_an_error(self):
        done = self.run_program("run", *support.ONE_TRIAL, "--fault", "kill:3", "--fault-cell", "processes")
        self.assertEqual(done.code, 3, done)
        issue, summary = self.commands(done)
        self.assertTrue(issue.startswith("##vso[task.logissue type=error]coresweep: failed: processes/w1/"), issue)
        self.assertIn("**Failed**", self.summary(summary))

    def test_it_can_be_switched_off_and_is_off_elsewhere(self):
        for variables in ({"CORESWEEP_AZURE": "off"}, {"CORESWEEP_AZURE": "on", "TF_BUILD": "False"}):
            self.variables.update(variables)
            done = self.run_program("run", *support.ONE_TRIAL)
            self.assertEqual((done.code, self.commands(done)), (0, []), done)
            self.assertEqual(list((self.folder / "agent 100%").iterdir()), [])
            (self.folder / "report.json").unlink()

    def test_a_gate_says_its_verdict_also_where_nothing_can_be_attached(self):
        for folder, told in ((str(self.folder / "nowhere"), r"\Acoresweep: AGENT_TEMPDIRECTORY: [^\n]*nowhere[^\n]*\n\Z"),
                             ("here", r"\Acoresweep: AGENT_TEMPDIRECTORY: here is no absolute path\n\Z"), ("", r"\A\Z")):
            self.variables["AGENT_TEMPDIRECTORY"] = folder
            done = self.run_program("gate", "--baseline", "none.json", "--candidate-report", "report.json")
            self.assertEqual(done.code, 2, done)
            (line,) = self.commands(done)
            self.assertTrue(line.startswith("##vso[task.logissue type=error]coresweep gate: USAGE: USAGE: "), line)
            self.assertRegex(done.err, told)


if __name__ == "__main__":
    support.main()
