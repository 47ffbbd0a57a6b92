"""coresweep report: a real report in every format, read by others' parsers."""

import collections
import csv
import io
import json
import re
import xml.etree.ElementTree

import support


class Report(support.TestCase):
    def setUp(self):
        super().setUp()
        self.read = self.sweep("--workload", "null", "--workers", "1,2", "--chunk", 4, "--transport", "shm,pipe")

    def render(self, format_, *arguments):
        done = self.run_program("report", "report.json", "--format", format_, *arguments)
        self.assertEqual((done.code, done.err), (0, ""), done)
        return done.out

    def test_csv_has_the_figures_of_every_cell(self):
        rows = list(csv.DictReader(io.StringIO(self.render("csv"))))
        self.assertEqual([row["cell"] for row in rows], [cell["id"] for cell in self.read["cells"]])
        for row, cell in zip(rows, self.read["cells"]):
            self.assertEqual(float(row["throughput_items_per_s"]), cell["throughput"]["median"])
            self.assertEqual((row["mode"], row["workers"]), (cell["mode"], str(cell["workers"])))
        self.assertLessEqual(sum(row["recommended"] == "true" for row in rows), 1)

    def test_junit_is_xml_that_counts(self):
        suites = xml.etree.ElementTree.fromstring(self.render("junit"))
        cases = suites.findall("./testsuite/testcase")
        self.assertEqual(len(cases), len(self.read["cells"]) + len(self.read["skipped"]))
        self.assertEqual((int(suites.get("tests")), int(suites.get("failures"))), (len(cases), 0))
        self.assertGreater(float(suites.get("time")), 0)

    def test_openmetrics_has_only_lines_of_its_grammar(self):
        lines = self.render("openmetrics").splitlines()
        self.assertEqual(lines[-1], "# EOF")
        for line in lines[:-1]:
            self.assertRegex(line, r'^(# (TYPE|UNIT|HELP) coresweep_\w+ .+'
                                   r'|coresweep_\w+\{(\w+="([^"\\]|\\.)*",?)+\} [-+0-9.e]+)$')
        found = [line for line in lines if line.startswith("coresweep_throughput_items_per_second{")]
        self.assertEqual(len(found), len(self.read["cells"]))

    def test_console_names_every_cell_and_keeps_to_the_terminal(self):
        text = self.render("console")
        self.assertRegex(text, r"\A(Use|One process is as good as any|No cell|Only the controls) ?")
        for cell in self.read["cells"]:
            self.assertIn(cell["id"], text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_markdown_names_every_cell(self):
        text = self.render("markdown")
        self.assertTrue(text.startswith("### coresweep: null\n"))
        for cell in self.read["cells"]:
            row = rf"(?m)^\| (\*\*)?{re.escape(cell['id'])}(\*\* \(recommended\))? \|"
            self.assertRegex(text, row)

    def test_trace_shows_the_chunks_that_the_report_has(self):
        trial = next(trial for trial in self.read["trials"] if trial["cell"].startswith("processes/w2"))
        trace = json.loads(self.render("trace", "--cell", trial["cell"]))
        events = trace["traceEvents"]
        self.assertEqual({event["pid"] for event in events}, {1})
        compute = [event for event in events if (event["ph"], event["name"]) == ("X", "compute")]
        self.assertEqual(len(compute), trial["samples"]["kept"])
        for track in {event["tid"] for event in compute}:  # a worker computes one chunk at a time
            slices = sorted((event["ts"], event["ts"] + event["dur"]) for event in compute if event["tid"] == track)
            self.assertTrue(all(one[1] <= other[0] + 1e-3 for one, other in zip(slices, slices[1:])))
        ends = collections.Counter(event["id"] for event in events if event["ph"] in "stf")
        self.assertEqual(set(ends.values()), {3})
        self.assertEqual(len(ends), len(compute))
        every = json.loads(self.render("trace"))["traceEvents"]
        self.assertEqual(sum(event["name"] == "process_name" for event in every), len(self.read["cells"]))

    def test_json_is_the_report_in_lines(self):
        self.assertEqual(json.loads(self.render("json")), self.read)
        self.assertEqual(list(json.loads(self.render("json"))), list(self.read))

    def test_deterministic_json_says_the_same_of_the_same_sweep_made_again(self):
        text = self.render("json", "--deterministic")
        (self.folder / "plain.json").write_text(text)
        plain = support.read_report(self.folder / "plain.json")  # valid by the schema
        first = json.dumps(self.read)
        self.sweep("--workload", "null", "--workers", "1,2", "--chunk", 4, "--transport", "shm,pipe", report="again.json")
        done = self.run_program("report", "again.json", "--format", "json", "--deterministic")
        again = json.loads(done.out)
        for when in (self.read["created"], self.read["trials"][0]["started"], self.read["host"]["kernel"]):
            self.assertIn(when, first)
            self.assertNotIn(when, text)
        self.assertTrue(plain["deterministic"])
        for key in ("config", "host", "workload", "tool", "repro", "schema_version", "skipped", "created", "time"):
            self.assertEqual(plain[key], again[key], key)
        self.assertEqual([sorted(cell) for cell in plain["cells"]], [sorted(cell) for cell in again["cells"]])
        self.assertEqual(plain["cells"][0]["throughput"], self.read["cells"][0]["throughput"])
        self.assertEqual(text, self.render("json", "--deterministic"))

        def keys(value):
            return all(list(part) == sorted(part) and all(map(keys, part.values())) if isinstance(part, dict) else
                       all(map(keys, part)) if isinstance(part, list) else True for part in (value,))

        self.assertTrue(keys(plain))
        self.assert_usage_error(self.run_program("report", "report.json", "--format", "csv", "--deterministic"),
                                "--deterministic", "json")
        done = self.run_program("history", "add", "plain.json", "--db", "h.db")
        self.assertEqual(done.code, 2, done)
        self.assertIn("plain.json", done.err)

    def test_bencher_and_github_action_benchmark_have_the_figures(self):
        bencher = json.loads(self.render("bencher"))
        entries = {entry["name"]: entry for entry in json.loads(self.render("github-action-benchmark"))}
        self.assertEqual(len(bencher), len(self.read["cells"]))
        for cell in self.read["cells"]:
            spread = cell["throughput"]
            measures = bencher["null " + cell["id"]]
            self.assertEqual(measures["throughput"], {"value": spread["median"], "lower_value": spread["low"],
                                                      "upper_value": spread["high"]})
            if cell["latency"]["p50"] is not None:
                self.assertAlmostEqual(measures["latency"]["value"], cell["latency"]["p50"] * 1000)
            entry = entries[f"null {cell['id']} throughput"]
            self.assertEqual((entry["unit"], entry["value"]), ("items/s", spread["median"]))
            self.assertIn(f"verdict: {cell['verdict']}", entry["extra"])

    def test_otava_csv_has_a_row_of_numbers(self):
        (row,) = csv.DictReader(io.StringIO(self.render("otava")))
        self.assertEqual(row["time"], self.read["created"])
        for cell in self.read["cells"]:
            self.assertEqual(float(row["throughput_items_per_s " + cell["id"]]), cell["throughput"]["median"])

    def test_an_output_file_is_written_whole_or_not_at_all(self):
        printed = self.render("csv")
        self.assertEqual(self.render("csv", "-o", "out.csv"), "")
        written = (self.folder / "out.csv").read_bytes().decode()
        self.assertTrue(written.endswith("\r\n"))
        self.assertEqual(written.replace("\r\n", "\n"), printed)
        done = self.run_program("report", "report.json", "--format", "csv", "-o", "nowhere/out.csv")
        self.assertEqual((done.code, done.out), (1, ""), done)
        self.assertIn("nowhere/out.csv", done.err)

    def test_what_is_no_report_is_refused(self):
        (self.folder / "other.json").write_text('{"schema": "other"}')
        (self.folder / "cut.json").write_text(self.report_text()[:-200])
        for arguments, words in ((("other.json", "--format", "csv"), ("other.json",)),
                                 (("cut.json", "--format", "csv"), ("cut.json", "line")),
                                 (("missing.json", "--format", "csv"), ("missing.json",)),
                                 (("report.json", "--format", "pdf"), ("--format",)),
                                 (("report.json", "--format", "trace", "--cell", "x"), ("no cell x",)),
                                 (("report.json", "--format", "csv", "--cell", "x"), ("--cell", "trace")),
                                 (("report.json",), ("--format",))):
            with self.subTest(arguments=arguments):
                self.assert_usage_error(self.run_program("report", *arguments), *words)

    def report_text(self):
        return (self.folder / "report.json").read_text()


if __name__ == "__main__":
    support.main()
