"""`coresweep compare`: figures recomputed here, what is said and refused, labels, and large reports."""

import copy
import json
import statistics
import subprocess

import support
from support import PROGRAM, TestCase, read_json

QUICK = ("--workload", "sum_squares", "--items", 8, "--workers", 1, "--chunk", 1, "--placement", "none",
         "--repetitions", 1, "--window-s", 0.2, "--warmup-s", 0.01, "--measure-cpus-s", 0)


class CompareTest(TestCase):
    base = None

    def write(self, name, sku, instance, factor=1.0, change=None):
        """The fixture as a report of that instance, `factor` times as fast."""
        report = copy.deepcopy(self.fixture())
        report["container"] = {"sku": sku, "instance": instance, "boot": f"boot of {instance}"}
        report["created"] = f"2026-01-01T00:00:00.{len(name):03}Z"
        for cell in report["cells"]:
            for key in ("median", "low", "high"):
                cell["throughput"][key] *= factor
        if change:
            change(report)
        (self.folder / name).write_text(json.dumps(report), encoding="utf-8")
        return name

    def fixture(self):
        """A report that was really measured, with round figures: one process 50 items/s, a worker 100."""
        if not CompareTest.base:
            done = self.run_program("run", *QUICK, "-o", "base.json")
            self.assertIn(done.code, (0, 3), done)
            base = self.report("base.json")
            base["cells"] = [cell for cell in base["cells"] if cell["mode"] != "independent"]
            for cell in base["cells"]:
                figure = 50.0 if cell["mode"] == "serial" else 100.0
                cell["verdict"] = "ok"
                cell["throughput"].update(median=figure, low=figure, high=figure)
                cell["latency"].update(p50=1000.0, p99=2000.0, why_null=None)
                for trial in base["trials"]:
                    if trial["cell"] == cell["id"]:
                        trial["throughput"] = figure
            CompareTest.base = base
        return CompareTest.base

    def skus(self, *counts):
        """`count` instances of each SKU, the k-th k·2 times as fast."""
        return [self.write(f"s{k}-{i}.json", f"s{k}", f"i{k}-{i}", (k + 1) * 2 * (1 + i / 100))
                for k, count in enumerate(counts) for i in range(count)]

    def compare(self, *arguments):
        done = self.run_program("compare", *arguments)
        self.assertEqual(done.code, 0, done)
        return done.out

    def compare_json(self, *arguments):
        return read_json(self.compare(*arguments, "--json"))

    def test_figures_by_hand(self):
        files = self.skus(5, 5)
        found = self.compare_json(*files, "--price-book", "aci-standard-eastus", "--size", "s0=1x2",
                                  "--size", "s1=2x4", "--pull-s", "20", "--run-s", "200")
        self.assertEqual([row["sku"] for row in found["skus"]], ["s1", "s0"])
        row = found["skus"][1]
        cell = row["best"]["cell"]
        base = next(one for one in self.fixture()["cells"] if one["id"] == cell)["throughput"]["median"]
        values = [base * 2 * (1 + i / 100) for i in range(5)]
        throughput = row["best"]["throughput_per_s"]
        self.assertAlmostEqual(throughput["median"], statistics.median(values))
        self.assertAlmostEqual(throughput["interval"]["low"], min(values))
        self.assertAlmostEqual(throughput["interval"]["high"], max(values))
        self.assertEqual(throughput["interval"]["confidence"], 0.9375)
        start_s = row["best"]["start_s"]["median"]
        per_s = 1.125e-5 + 2 * 1.236111111e-6
        self.assertAlmostEqual(row["cost"]["cost_per_million_steady"]["median"], per_s / values[2] * 1e6)
        self.assertAlmostEqual(row["cost"]["cost_per_million_as_billed"]["median"],
                               per_s * 220 / (values[2] * (200 - start_s)) * 1e6)
        pair, = found["differences_between_skus"]["metrics"]["throughput"]
        self.assertEqual((pair["sku"], pair["over"], pair["verdict"]), ("s0", "s1", "real"))
        self.assertAlmostEqual(pair["ratio"], 0.5, delta=0.02)
        self.assertAlmostEqual(pair["p"], 2 / 252)
        self.assertEqual(found["ranking"]["throughput"], ["s1", "s0"])

    def test_the_page_answers_first(self):
        out = self.compare(*self.skus(5, 5))
        self.assertTrue(out.startswith("Highest throughput: s1 with "), out)
        self.assertIn("Throughput, real differences: s0 is 0.50 × s1", out)
        self.assertIn("give prices with --price-book", out)

    def test_few_instances_are_said(self):
        out = self.compare(*self.skus(2, 1))
        self.assertIn("descriptive only", out)
        found = self.compare_json(*[str(path) for path in sorted(self.folder.glob("s*.json"))])
        self.assertTrue(all(row["best"]["throughput_per_s"]["descriptive_only"] for row in found["skus"]))
        self.assertEqual(found["differences_between_skus"]["metrics"]["throughput"][0]["verdict"], "descriptive only")

    def test_reports_of_one_instance_count_once(self):
        files = [self.write("a.json", "s", "one"), self.write("bb.json", "s", "one", 1.1)]
        row, = self.compare_json(*files)["skus"]
        self.assertEqual([instance["reports"] for instance in row["instances"]], [files])

    def test_what_is_not_alike_is_refused_or_flagged(self):
        def other(report):
            report["workload"]["digest"] = "0123456789abcdef"
        files = [self.write("a.json", "s", "one"), self.write("bb.json", "s", "two", change=other)]
        self.assert_usage_error(self.run_program("compare", *files), "a.json and bb.json differ in model",
                                "0123456789abcdef")
        self.assertIn("NOT ALIKE in model", self.compare(*files, "--allow-different", "model").replace("\n  ", " "))

    def test_bad_input_gives_one_line(self):
        one = self.write("a.json", "s", "one")
        (self.folder / "cut.json").write_text((self.folder / one).read_text(encoding="utf-8")[:5000], encoding="utf-8")
        (self.folder / "more.json").write_text((self.folder / one).read_text(encoding="utf-8") + "{}", encoding="utf-8")

        def damage(report):
            report["cells"][1]["throughput"]["median"] = "fast"
        self.write("wrong.json", "s", "two", change=damage)

        def later(report):
            report["schema_version"]["major"] = 3
        self.write("later.json", "s", "two", change=later)
        for files, words in (([one, one], ["same report"]), (["none.json"], ["none.json"]),
                             (["cut.json"], ["cut.json", "not JSON"]), (["more.json"], ["more.json", "not JSON"]),
                             (["wrong.json"], ["wrong.json: /cells/1/throughput", "fast"]),
                             (["later.json"], ["schema version 3"]),
                             ([one, "--rank", "cost"], ["--price-book"]),
                             ([one, "--max-p99", "50"], ["50ms"]),
                             ([one, "--price-book", "nosuch"], ["nosuch"]),
                             ([one, "--price-book", "aci-standard-eastus", "--size", "x=1x1"], ["there are s"])):
            with self.subTest(files=files):
                self.assert_usage_error(self.run_program("compare", *files), *words)

    def test_output_is_whole_or_not_there(self):
        one = self.write("a.json", "s", "one")
        self.compare(one, "--json", "-o", "out.json")
        self.assertEqual(read_json((self.folder / "out.json").read_text(encoding="utf-8"))["schema"],
                         "coresweep.comparison")
        done = self.run_program("compare", one, "-o", "nowhere/out.json")
        self.assertEqual(done.code, 1, done)
        self.assertEqual(done.err.count("\n"), 1, done)

    def test_a_run_has_its_label_and_its_instance(self):
        self.sweep(*QUICK, "--sku", "small", report="a.json", common=())
        environment = {**self.environment(), "CORESWEEP_SKU": "big", "CORESWEEP_INSTANCE": "second"}
        done = self.end(subprocess.Popen([PROGRAM, "run", *map(str, QUICK), "-o", "b.json"], cwd=self.folder, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                         env=environment))
        self.assertEqual(done.code, 0, done)
        first, second = self.report("a.json")["container"], self.report("b.json")["container"]
        self.assertEqual((first["sku"], second["sku"], second["instance"]), ("small", "big", "second"))
        self.assertRegex(first["instance"], "^[0-9a-f]{16}$")
        self.assertEqual(first["boot"], second["boot"])
        self.sweep(*QUICK, report="c.json", common=())
        third = self.report("c.json")["container"]
        self.assertEqual((third["sku"], third["instance"]), (None, first["instance"]))

    def test_a_bad_label_is_one_line(self):
        self.assert_usage_error(self.run_program("run", *QUICK, "--sku", "a b", "-o", "a.json"), "--sku", "letters")
        self.assertFalse((self.folder / "a.json").exists())

    def test_a_report_of_ten_thousand_cells_is_compared(self):
        report = copy.deepcopy(self.fixture())
        cell = next(one for one in report["cells"] if one["mode"] == "processes")
        trial = next(one for one in report["trials"] if one["cell"] == cell["id"])
        for row in (cell, trial):
            row["id" if row is cell else "cell"] = "@"
        report["cells"], report["trials"] = [], []
        text = json.dumps(report)
        for key, row in (("cells", json.dumps(cell)), ("trials", json.dumps(trial))):
            rows = ",".join(row.replace('"@"', f'"cell-{i}"') for i in range(10_000))
            text = text.replace(f'"{key}": []', f'"{key}": [{rows}]')
        (self.folder / "large.json").write_text(text, encoding="utf-8")
        row, = self.compare_json("large.json")["skus"]
        self.assertEqual(len(row["best"]["as_good"]), 9_999)


if __name__ == "__main__":
    support.main()
