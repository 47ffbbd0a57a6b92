"""Tests of scripts/check_report.py."""

import copy
import pathlib
import tempfile
import unittest

import support

checker = support.load("check_report")


def cell(mode):
    values = dict.fromkeys(checker.CELL_KEYS)
    return {**values, "id": f"{mode}/w1", "mode": mode, "verdict": "ok", "throughput": {"median": 2.5}}


def report():
    cells = [cell("serial"), cell("independent"), cell("processes")]
    return {**dict.fromkeys(checker.KEYS), "finished": True, "cells": cells, "trials": [{}],
            "repro": {c["id"]: "coresweep run" for c in cells}}


class Report(unittest.TestCase):
    def assert_problem(self, change, words):
        changed = copy.deepcopy(report())
        change(changed)
        problems = checker.problems_of(changed)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(words, problems[0])

    def test_a_right_report_has_no_problem(self):
        self.assertEqual(checker.problems_of(report()), [])

    def test_a_search_needs_no_independent_control(self):
        self.assert_problem(lambda r: r["cells"].pop(1), "lacks the control independent")
        searched = report()
        searched["cells"].pop(1)
        searched["search"] = {}
        self.assertEqual(checker.problems_of(searched), [])

    def test_noise_is_no_problem(self):
        noisy = report()
        noisy["cells"][2]["verdict"] = "unstable"
        self.assertEqual(checker.problems_of(noisy), [])

    def test_every_fault_is_a_problem(self):
        for verdict in checker.FAULTS:
            self.assert_problem(lambda r: r["cells"][2].update(verdict=verdict), f"is {verdict}")

    def test_every_missing_key_is_a_problem(self):
        for key in checker.KEYS:
            self.assert_problem(lambda r: r.pop(key), f"has no key {key}")
        for key in set(checker.CELL_KEYS) - {"id", "mode", "throughput"}:
            self.assert_problem(lambda r: r["cells"][2].pop(key), f"processes/w1 has no key {key}")

    def test_a_cell_without_throughput_is_a_problem(self):
        for throughput in (None, {"median": None}, {"median": 0}):
            self.assert_problem(lambda r: r["cells"][2].update(throughput=throughput), "no throughput")

    def test_an_unfinished_report_is_a_problem(self):
        self.assert_problem(lambda r: r.update(finished=False), "not finished")

    def test_a_missing_control_is_a_problem(self):
        self.assert_problem(lambda r: r["cells"].pop(0), "lacks the control serial")
        self.assert_problem(lambda r: r["cells"].pop(1), "lacks the control independent")

    def test_a_cell_without_repro_is_a_problem(self):
        self.assert_problem(lambda r: r["repro"].pop("processes/w1"), "under repro")

    def test_files_that_are_no_reports_exit_with_1(self):
        for text in ("", "{", "[]", "{}", '{"cells": NaN}'):
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder, "report.json")
                file.write_text(text)
                done = support.run([support.SCRIPTS / "check_report.py", file])
            self.assertEqual(done.returncode, 1, text)
            self.assertIn(str(file), done.stdout)
        self.assertEqual(support.run([support.SCRIPTS / "check_report.py"]).returncode, 2)


if __name__ == "__main__":
    unittest.main()
