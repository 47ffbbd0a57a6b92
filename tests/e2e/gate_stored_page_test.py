"""coresweep report of a gate against stored reports: its page in a real browser, and its other formats."""

import copy
import json
import re

import support
from pages import HOSTILE, BrowserCase, GatePageCase, Page

SWEEP = ("--workload", "spin", "--option", "busy_us=100", "--workers", "1,2", "--chunk", 8, "--transport", "shm", "--placement",
         "none", "--repetitions", 1, "--window-s", "0.05", "--warmup-s", "0.02")


class HistoryGateCase(GatePageCase):
    measured = None  # one sweep for all tests

    def setUp(self):
        super().setUp()
        if HistoryGateCase.measured is None:
            done = self.run_program("run", *SWEEP, "-q", "-o", "run.json")
            self.assertEqual(done.code, 0, done)
            HistoryGateCase.measured = support.read_report(self.folder / "run.json")

    def store(self, name, factor, day):
        """A report like the measured one, with `factor` times its throughput, of a day in June."""
        report = copy.deepcopy(HistoryGateCase.measured)
        report["created"] = f"2026-06-{day:02}T12:00:00.000Z"
        for trial in report["trials"]:
            trial["throughput"] *= factor
        (self.folder / name).write_text(json.dumps(report))

    def gate(self, factor=0.8, runs=12, codes=(1,), arguments=()):
        """The report of a gate; files are named against the order of their days."""
        files = [f"run-{runs - number:02}.json" for number in range(runs)]
        for number, name in enumerate(files):
            self.store(name, 1.005 if number % 2 else 0.995, number + 1)
        self.store("new.json", factor, 30)
        done = self.run_program("gate", *[word for name in sorted(files) for word in ("--baseline", name)],
                                "--candidate-report", "new.json", "-o", "gate.json", *arguments)
        self.assertIn(done.code, codes, done)
        self.told = done.out
        return support.read_report(self.folder / "gate.json")

    @staticmethod
    def data(text):
        return json.loads(re.search(r"<script type=\"application/json\" id=data>(.*?)</script>", text, re.S)[1])

    def hostile(self, report):
        for run in [report["candidate"], *report["baseline"]]:
            run.update({key: HOSTILE for key in ("file", "created", "digest", "machine", "workload", "build")})
        report.update(argv=HOSTILE, created=HOSTILE, tool={"version": HOSTILE}, method=HOSTILE)
        self.write(report)


class HistoryGatePage(HistoryGateCase):
    def test_it_says_the_verdict_first_and_has_every_value_by_time(self):
        report = self.gate()
        text = self.render()
        page = Page(text)
        self.assert_says_the_verdict_first(page, report)
        for part in ("answer", "warnings", "charts", "tables", "how"):
            self.assertEqual(len(page.all("section", id=part)), 1, part)
        days = re.findall(r"2026-06-(\d\d)T", page.all("table", id="runs")[0][0])
        self.assertEqual(days, [f"{day:02}" for day in [*range(1, 13), 30]])
        table = re.search(r'<table id="values".*?</table>', text, re.S)[0]
        self.assertEqual(table.count("<tr") - 1, sum(len(one["history"]) for one in report["comparisons"]))
        # The first day is that of the file given last.
        self.assertEqual(self.data(text)["comparisons"][0]["runs"], list(range(12)))
        self.assertEqual(self.data(text)["runs"][0][0], "run-12.json")
        for one, drawn in zip(report["comparisons"], self.data(text)["comparisons"]):
            for shown, value in zip(drawn["history"], reversed(one["history"])):
                self.assertAlmostEqual(shown / value, 1, delta=1e-4)  # of charts that alternate by 1 %
        self.assert_needs_nothing_beside_it(page)
        self.assert_policy_allows_its_own_alone(text)

    def test_console_and_json_are_the_gate_s_own_and_markdown_is_its_summary(self):
        report = self.gate()
        self.assert_other_formats(report, self.told.replace("report: gate.json\n", ""), "throughput of ")

    def test_a_report_that_says_something_else_than_its_values_is_refused_in_every_format(self):
        report = self.gate()
        changed = copy.deepcopy(report)
        changed["comparisons"][0]["history"][0] *= 1.001
        self.assert_refused_in_every_format(changed, "stored values")
        changed = copy.deepcopy(report)
        changed["comparisons"][0]["runs"][0] = 12
        self.write(changed)
        self.assert_usage_error(self.run_program("report", "gate.json", "--format", "html"),
                                "gate.json: damaged: the runs of a comparison are not those of its values")

    def test_what_it_has_not_is_said_in_a_line(self):
        self.gate()
        done = self.run_program("report", "gate.json", "--format", "csv")
        self.assert_usage_error(done, "`coresweep gate --baseline` has no --format csv; it has console, html, json, markdown")
        done = self.run_program("report", "gate.json", "--format", "json", "--deterministic")
        self.assert_usage_error(done, "--deterministic: only for reports of `coresweep run`")
        done = self.run_program("report", "gate.json", "--format", "html", "--price-book", "aci-standard-eastus")
        self.assert_usage_error(done, "--price-book: only for reports of `coresweep run`")

    def test_reports_that_do_not_name_the_runs_of_values_are_shown_as_well(self):
        report = self.gate()
        for one in report["comparisons"]:
            del one["runs"]
        self.write(report)
        self.assertEqual(self.data(self.render())["comparisons"][0]["runs"], list(range(12)))

    def test_a_hostile_report_stays_text(self):
        self.hostile(self.gate())
        page = Page(self.render())
        self.assertEqual(len(page.all("script")), 3)
        self.assertEqual(page.all("img"), [])
        self.assertIn("<img src=x", page.all("table", id="runs")[0][0])


class HistoryGatePageInBrowser(HistoryGateCase, BrowserCase):
    def test_the_charts_are_drawn_light_and_dark(self):
        self.gate(arguments=("--metric", "throughput,latency_p50"), codes=(0, 1, 3))
        self.render()
        for options in ((), ("--blink-settings=preferredColorScheme=0",)):
            page, _, console = self.browse(*options)
            self.assertEqual(console, [])
            self.assertEqual(self.root(page)["data-drawn"], "runs-0 runs-1 changes")
            self.assertNotIn("data-faults", self.root(page))
            self.assert_canvases_are_described(page)
        # The worst is shown first.
        worst = page.all("canvas", id="plot-runs-0")[0][1]["aria-label"]
        self.assertIn("12 stored runs from 2026-06-01 on", worst)
        self.assertIn(": regressed.", worst)

    def test_a_hostile_report_runs_nothing(self):
        self.hostile(self.gate())
        self.render()
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertEqual(page.all("title")[0][0], "coresweep gate: FAIL")
        self.assertEqual(page.all("img"), [])
        self.assertEqual(self.root(page)["data-drawn"], "runs-0 changes")

    def test_what_was_not_compared_or_is_advice_only_says_so(self):
        self.gate(runs=1, codes=(3,))
        text = self.render()
        self.assertIn("and a verdict needs 10: the figures are advice", text)
        self.assertEqual(text.count("Not drawn."), 1)
        page, _, console = self.browse()
        self.assertEqual((console, self.root(page)["data-drawn"]), ([], "runs-0"))
        HistoryGateCase.measured["finished"] = False
        self.gate(runs=1, codes=(4,))
        HistoryGateCase.measured["finished"] = True
        self.assertIn("nothing was compared: ", self.render())
        page, _, console = self.browse()
        self.assertEqual((console, self.root(page)["data-drawn"]), ([], ""))


if __name__ == "__main__":
    support.main()
