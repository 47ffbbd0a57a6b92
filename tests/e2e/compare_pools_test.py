"""scripts/compare_pools: a small comparison, rows that are skipped, answers that are wrong."""

import json
import pathlib
import subprocess
import sys
import unittest

import support

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))
from pools import ratios  # noqa: E402  pylint: disable=wrong-import-position
from pools.side_by_side import figures_of_report  # noqa: E402  pylint: disable=wrong-import-position
from pools.window import Answer, Checker, Window  # noqa: E402  pylint: disable=wrong-import-position

try:
    import torch
except ImportError:
    torch = None

POOLS = ("multiprocessing.Pool", "ProcessPoolExecutor", "joblib")
ROWS = ("python serial", "python independent", *POOLS, "coresweep serial", "coresweep independent",
        "coresweep pipe", "coresweep shm")


@unittest.skipIf(torch is None, "python3-torch is not installed")
class ComparePools(support.TestCase):
    def compare(self, *arguments, environment=None):
        command = [sys.executable, "-B", SCRIPTS / "compare_pools", "--program", support.PROGRAM, "--python",
                   sys.executable, "--seconds", "0.1", "--warmup-s", "0.02", "--repetitions", "1", "--workers", "2",
                   "--transports", "pipe,shm", "--json", "figures.json", *map(str, arguments)]
        return subprocess.run(command, env={**self.environment(), **(environment or {})}, cwd=self.folder,
                              capture_output=True, text=True, timeout=240, check=False)

    def plant_broken_joblib(self):
        """An environment in which joblib cannot be imported, installed or not."""
        (self.folder / "planted").mkdir()
        (self.folder / "planted/joblib.py").write_text("raise ImportError('planted')\n")
        return {"PYTHONPATH": str(self.folder / "planted")}

    def save_model(self, module):
        torch.jit.script(module.eval()).save(str(self.folder / "m.pt"))

    def test_a_small_model_without_joblib(self):
        self.save_model(torch.nn.Linear(6, 4))
        done = self.compare("--model", "m.pt", "--input-shape", "6", "--chunk", 2,
                            environment=self.plant_broken_joblib())
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        figures = support.read_json((self.folder / "figures.json").read_text())
        rows = {row["name"]: row for row in figures["rows"]}
        self.assertEqual(tuple(rows), ROWS)
        self.assertIn("python3-joblib", rows["joblib"]["skipped"])
        self.assertIn("planted", rows["joblib"]["skipped"])
        self.assertRegex(done.stdout, r"(?m)^skipped: joblib: .*python3-joblib")
        for name in set(ROWS) - {"joblib"}:
            self.assert_row(rows[name])
            self.assertRegex(done.stdout, rf"(?m)^{name} .*equal, in order$")
        self.assertGreater(figures["serial_coresweep_over_python"]["median"], 0)

    def assert_row(self, row):
        self.assertIsNone(row["skipped"], row)
        self.assertIs(row["right"], True, row)
        self.assertGreater(row["answers"], 0)
        for figure in ("items_per_s", "speedup"):
            self.assertGreater(row[figure]["median"], 0, row)
        is_control = row["name"].endswith((" serial", " independent"))
        self.assertEqual(row["dispatch_efficiency"] is None, is_control, row)

    def test_the_start_method_fork_and_tensors(self):
        done = self.compare("--make", "mlp", "--chunk", 4, "--start-method", "fork", "--payload", "tensor",
                            environment=self.plant_broken_joblib())
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertRegex(done.stdout, r"(?m)^multiprocessing.Pool .*equal, in order$")

    def refuse(self, *arguments, words):
        done = self.compare(*arguments)
        self.assertEqual(done.returncode, 2, done)
        self.assertRegex(done.stderr, r"\Acompare_pools: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, done.stderr)

    def test_an_unknown_model_file(self):
        self.refuse("--model", "nowhere.pt", "--input-shape", "6", words=("--model nowhere.pt", "no such file"))

    def test_a_file_that_is_no_model(self):
        (self.folder / "m.pt").write_bytes(b"no model")
        self.refuse("--model", "m.pt", "--input-shape", "6", words=("m.pt", "not a TorchScript file"))

    def test_inputs_that_the_model_refuses(self):
        self.save_model(torch.nn.Linear(6, 4))
        self.refuse("--model", "m.pt", "--input-shape", "5", words=("m.pt", "refused", "--input-shape"))

    def test_a_model_that_writes_on_its_input(self):
        class InPlace(torch.nn.Module):
            def forward(self, x):
                return x.mul_(3.0)

        self.save_model(InPlace())
        self.refuse("--model", "m.pt", "--input-shape", "6", words=("m.pt", "writes on its input"))

    def test_items_that_fill_no_whole_chunk(self):
        self.refuse("--make", "mlp", "--chunk", 4, "--items", 6, words=("--items 6", "chunk of 4"))


class Judging(support.TestCase):
    EXPECTED = [(b"a",), (b"b",), (b"c",)]

    def verdict(self, *answers, sent=None):
        checker = Checker(self.EXPECTED)
        for number, output in answers:
            checker.add(Answer(number, 1, 0, 1, (output,)))
        return checker.finish(len(answers) if sent is None else sent)

    def test_right_answers_pass_more_than_once_round(self):
        self.assertTrue(self.verdict((0, b"a"), (1, b"b"), (2, b"c"), (3, b"a")).right)

    def test_wrong_exchanged_missing_and_no_answers_are_seen(self):
        self.assertEqual(vars(self.verdict((0, b"a"), (1, b"x"))),
                         {"answers": 2, "wrong": 1, "misplaced": 0, "missing": 0})
        self.assertEqual(self.verdict((1, b"b"), (0, b"a")).misplaced, 2)
        self.assertEqual(self.verdict((0, b"a"), sent=3).missing, 2)
        for verdict in (self.verdict((0, b"x")), self.verdict((1, b"a")), self.verdict((0, b"a"), sent=2),
                        self.verdict()):
            self.assertFalse(verdict.right)

    def test_a_wrong_row_is_shown_as_wrong(self):
        figures = {"python serial": {"items_per_s": 10.0, "right": True, "answers": 1},
                   "joblib": {"items_per_s": 15.0, "right": False, "answers": 1}}
        row = ratios.row_of("joblib", [figures], {})
        self.assertEqual((row.right, row.speedup.median, row.dispatch_efficiency), (False, 1.5, None))
        self.assertIn("WRONG", ratios.render([row]))

    def test_a_wrong_answer_in_a_report_is_seen(self):
        cell = {"mode": "processes", "transport": "shm", "verdict": "ok", "throughput": {"median": 5.0}, "latency": {},
                "ordering": {"verdict": "ok", "answers": 9},
                "output_check": {"verdict": "ok", "compared": 9, "bitwise_equal": 9}}
        self.assertTrue(figures_of_report({"cells": [cell]})["coresweep shm"]["right"])
        for part, key, value in (("output_check", "bitwise_equal", 8), ("output_check", "compared", 8),
                                 ("ordering", "verdict", "disordered")):
            broken = json.loads(json.dumps(cell))
            broken[part][key] = value
            self.assertFalse(figures_of_report({"cells": [broken]})["coresweep shm"]["right"], key)

    def test_a_window_counts_the_part_inside(self):
        window = Window(100, 200)
        for begin, end, share in ((100, 200, 1), (50, 100, 0), (50, 150, .5), (150, 250, .5), (0, 300, 1 / 3),
                                  (200, 300, 0), (0, 50, 0), (120, 120, 1), (200, 200, 0)):
            self.assertAlmostEqual(window.share_of(begin, end), share)

    def test_ratios_are_taken_within_a_repetition(self):
        repetitions = [{"python serial": {"items_per_s": a}, "joblib": {"items_per_s": b}}
                       for a, b in ((10.0, 20.0), (100.0, 100.0), (1.0, 3.0))]
        self.assertEqual(ratios.ratios(repetitions, "joblib", "python serial"), ratios.Spread(2, 1, 3))


if __name__ == "__main__":
    support.main()
