"""`coresweep analyze` on reports of real sweeps: what they say is made again from their trials."""

import copy
import json

import support

SPIN = ("--workload", "spin", "--items", 8, "--option", "busy_us=300", "--chunk", 1, "--workers", "1,2", "--transport",
        "shm")


class Analyze(support.TestCase):
    def analyze(self, path="report.json", code=0):
        done = self.run_program("analyze", path)
        self.assertEqual(done.code, code, done)
        return done

    def agrees(self, report):
        """The report in report.json is as its trials give it, all of it."""
        done = self.analyze()
        self.assertEqual(done.err, "", done)
        self.assertIn(f" of {len(report['cells'])} cells, made again from {len(report['trials'])} trials, are in the "
                      "report bit for bit\n", done.out)
        self.assertNotIn("not made again", done.out)
        self.assertIn("taken as given: host, container, workload, ", done.out)

    def write(self, report):
        (self.folder / "changed.json").write_text(json.dumps(report))

    def test_a_grid_agrees_and_each_kind_of_tampering_is_found(self):
        report = self.sweep(*SPIN, "--repetitions", 6, "--reference-every", 2)
        self.agrees(report)

        def trial(report):
            report["trials"][2]["throughput"] *= 1.01
            return "/trials/2/throughput"

        def counted(report):
            report["trials"][2]["items_in_window"] += 1
            return "/trials/2/log_ratio_to_reference"

        def verdict(report):
            report["cells"][-1].update(verdict="unstable", reason="it varied")
            return "/cells/4/reason"

        def speedup(report):
            report["cells"][-1]["speedup"]["interval"]["high"] += 0.5
            return "/cells/4/speedup/interval/high"

        def recommendation(report):
            report["recommended"] = "independent/w1/t1/none/c1"
            return "/recommended"

        for change in (trial, counted, verdict, speedup, recommendation):
            changed = copy.deepcopy(report)
            pointer = change(changed)
            self.write(changed)
            done = self.analyze("changed.json", code=2)
            self.assertRegex(done.out, r"^changed\.json: \d+ values of 5 cells, made again from \d+ trials: ")
            self.assertIn(f"  {pointer}: ", done.out)
            self.assertIn("the file was changed, or another version of coresweep wrote it", done.err)

    def test_a_search_that_a_budget_ended_agrees_and_so_it_does_once_it_was_resumed(self):
        begin = (*support.FAST, *SPIN, "--search", "quick", "--reference-every", 4, "-o", "report.json")
        for resumed, arguments in enumerate((begin, ("--resume", "report.json"))):
            done = self.run_program("run", *arguments, "--budget", "1.5s", "-q")
            self.assertIn(done.code, (0, 4), done)
            report = support.read_report(self.folder / "report.json")
            self.assertEqual((report["resumed"], report["budget"]["ended_sweep"]), (resumed, True))
            self.assertTrue(report["trials"])
            self.agrees(report)
        report["search"]["choice"] = "another"
        self.write(report)
        self.assertIn("  /search/choice: \"another\" in the report, ", self.analyze("changed.json", code=2).out)

    def test_failures_and_wrong_answers_agree(self):
        for fault, code in (("exit:3", 3), ("wrong:2", 5)):
            report = self.sweep(*SPIN, "--repetitions", 2, "--fault", fault, "--fault-cell", "processes", code=code)
            self.agrees(report)
            (self.folder / "report.json").unlink()

    def test_open_load_agrees_with_its_knees(self):
        report = self.sweep(*SPIN, "--load", "open", "--rate", "20%,60%")
        self.assertTrue(report["knees"])
        self.agrees(report)

    def test_figures_of_samples_that_the_report_thinned_are_named(self):
        report = self.sweep("--workload", "null", "--chunk", 1, "--workers", 1, "--window-s", "0.3")
        done = self.analyze()
        thinned = any(trial["samples"]["kept"] < trial["samples"]["recorded"] for trial in report["trials"])
        self.assertEqual("not made again: latency and chunk_times of " in done.out, thinned, done)
        self.assertTrue(thinned, "the window holds too few chunks of the null workload")

    def test_what_cannot_be_analyzed_is_refused_in_one_line(self):
        old = support.SOURCE / "tests/fixtures/reports/schema_2.2.json"
        report = self.sweep(*SPIN)
        del report["cells"][0]["placement_notes"]
        self.write(report)
        done = self.run_program("report", "report.json", "--format", "json", "--deterministic", "-o", "plain.json")
        self.assertEqual(done.code, 0, done)
        for path, word in ((old, ""), ("changed.json", "cells 0: placement_notes is missing"),
                           ("plain.json", "deterministic"), ("nothing.json", "nothing.json")):
            done = self.analyze(path, code=2)
            self.assertEqual((done.out, done.err.count("\n")), ("", 1), done)
            self.assertIn(word, done.err)


if __name__ == "__main__":
    support.main()
