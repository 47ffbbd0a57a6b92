"""coresweep report GATE.json: the page of a gate in a real browser, and the other formats that a gate has."""

import re

import support
from browser import AccessCase
from pages import HOSTILE, GatePageCase, Page

GATE = ("--workload", "spin", "--option", "busy_us=100", "--workers", 1, "--window-s", "0.05", "--warmup-s", "0.02",
        "--burn-in", "off", "--worker-start", "zygote")
# Margins far above what a noisy machine does, so that few blocks decide.
WIDE = ("--tolerated", 30, "--must-catch", 90)
SHORT = ("--same-arms", *WIDE, "--alpha", 20, "--blocks", 6, "--work-items", 0)
FAIL = ("--candidate-set", "options.busy_us=200", *WIDE, "--alpha", 20, "--blocks", 40)


class GateCase(GatePageCase):
    def gate(self, *arguments, codes=(0, 3)):
        """The report of a gate that must end with one of `codes`: on a busy machine few blocks may prove nothing."""
        for _ in range(3):  # the page is tested, not the gate: a machine so busy that windows are empty gets a second go
            done = self.run_program("gate", *GATE, "-q", "-o", "gate.json", *arguments, seconds=120)
            if done.code in codes:
                break
        self.assertIn(done.code, codes, done)
        return support.read_report(self.folder / "gate.json")

    @staticmethod
    def rows(text, table):
        """Rows of a table, without its heading."""
        return re.search(rf'<table id="{table}".*?</table>', text, re.S)[0].count("<tr") - 1

    def hostile(self, report):
        for arm in report["arms"].values():
            arm.update(program=HOSTILE, program_digest=HOSTILE, config={HOSTILE: HOSTILE, "workload": HOSTILE})
        report["arms"]["B"]["program"] = HOSTILE + "b"
        report["host"].update(cpu_model=HOSTILE, warnings=[HOSTILE])
        report.update(argv=HOSTILE, created=HOSTILE, tool={"version": HOSTILE})
        report["setup"]["metrics"][0]["unit"] = HOSTILE
        for block in report["blocks"]:
            for launch in block["launches"]:
                launch["message"] = HOSTILE
        self.write(report)


class GatePage(GateCase):
    def test_a_fail_says_so_first_and_has_every_block_and_launch(self):
        report = self.gate(*FAIL, codes=(1,))
        text = self.render()
        page = Page(text)
        self.assert_says_the_verdict_first(page, report)
        self.assertEqual(self.rows(text, "judgements"), 3)
        self.assertEqual(self.rows(text, "blocks"), len(report["blocks"]))
        self.assertEqual(self.rows(text, "launches"), sum(len(block["launches"]) for block in report["blocks"]))
        for name in ("judgements", "blocks", "launches"):
            for batch in ("main batch", "confirmation", "null control"):
                self.assertIn(batch, page.all("table", id=name)[0][0])
        self.assertIn("options.busy_us", page.all("table", id="arms")[0][0])
        self.assertTrue(page.all("noscript"))
        for part in ("answer", "warnings", "compared", "charts", "tables", "how"):
            self.assertEqual(len(page.all("section", id=part)), 1, part)
        self.assert_needs_nothing_beside_it(page)
        self.assert_policy_allows_its_own_alone(text)

    def test_console_and_json_are_the_gate_s_own_and_markdown_is_its_summary(self):
        report = self.gate(*SHORT)
        self.assert_other_formats(report, self.run_program("analyze", "gate.json").out, "throughput of B")

    def test_a_report_that_says_another_verdict_than_its_launches_is_refused_in_every_format(self):
        report = self.gate(*SHORT)
        report["outcome"]["verdict"] = "FAIL"
        self.assert_refused_in_every_format(report, "launches")

    def test_what_a_gate_has_not_is_said_in_a_line(self):
        report = self.gate(codes=(2,))  # identical arms: no blocks
        done = self.run_program("report", "gate.json", "--format", "csv")
        self.assert_usage_error(done, "`coresweep gate` has no --format csv; it has console, html, json, markdown")
        done = self.run_program("report", "gate.json", "--format", "json", "--deterministic")
        self.assert_usage_error(done, "--deterministic: only for reports of `coresweep run`")
        report["blocks"] = 3
        self.write(report)
        self.assert_usage_error(self.run_program("report", "gate.json", "--format", "html"), "gate.json: /blocks: is 3, expected an array")

    def test_a_hostile_report_stays_text(self):
        self.hostile(self.gate(*SHORT))
        page = Page(self.render())
        self.assertEqual(len(page.all("script")), 3)
        self.assertEqual(page.all("img"), [])
        self.assertIn("<img src=x", page.all("table", id="launches")[0][0])


class GatePageInBrowser(GateCase, AccessCase):
    def test_the_charts_of_every_metric_are_drawn_light_and_dark(self):
        self.gate(*FAIL, "--metric", "throughput,cold_start", codes=(1,))
        self.render()
        for options in ((), ("--blink-settings=preferredColorScheme=0",)):
            page, _, console = self.browse(*options)
            self.assertEqual(console, [])
            self.assertEqual(self.root(page)["data-drawn"], "blocks-0 evidence-0 blocks-1 evidence-1")
            self.assertNotIn("data-faults", self.root(page))
            self.assertEqual(len(page.all("canvas")), 4)
            self.assert_canvases_are_described(page)
        labels = [canvas["aria-label"] for _, canvas in page.all("canvas")]
        self.assertIn("null control", labels[0])
        self.assert_told(self.open().accessible(), {"image", "region", "button"})

    def test_a_hostile_report_runs_nothing(self):
        self.hostile(self.gate(*SHORT))
        self.render()
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertTrue(page.all("title")[0][0].startswith("coresweep gate: "))
        self.assertNotIn("owned", page.all("title")[0][0])
        self.assertEqual(page.all("img"), [])
        self.assertEqual(self.root(page)["data-drawn"], "blocks-0 evidence-0")

    def test_a_gate_without_a_block_says_so(self):
        self.gate(codes=(2,))
        text = self.render()
        self.assertIn("USAGE", text)
        self.assertEqual(text.count("Not drawn."), 2)
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertNotIn("data-faults", self.root(page))


if __name__ == "__main__":
    support.main()
