"""Sweeps as a user runs them: every mode, transport and chunk size comes out right and complete."""

import os
import shlex

import support

ITEMS = 50  # no multiple of 8: the last chunk of each pass is shorter


class Sweep(support.TestCase):
    def check_all_cells(self, report):
        allowed = os.sched_getaffinity(0)
        ids = {cell["id"] for cell in report["cells"]}
        for cell in report["cells"]:
            with self.subTest(cell["id"]):
                self.assert_measured(cell)
                for worker in cell["workers_detail"]:
                    self.assertLessEqual(support.cpus_of(worker["cpus_effective"]), allowed)
                    self.assertEqual(worker["cpus_effective"], worker["cpus_requested"])
                self.assertEqual(cell["repetitions"], 1)
                self.assertIn(cell["speedup"]["over"], ids)
                self.assert_controls(cell, ids)

    def assert_controls(self, cell, ids):
        shape = f"t{cell['threads']}/{cell['placement']}/c{cell['chunk']}"
        self.assertIn(f"serial/w1/{shape}", ids)
        if cell["mode"] != "serial":
            self.assertIn(f"independent/w{cell['workers']}/{shape}", ids)

    def sweep_all(self, workload, *options):
        # In windows this long something is done in every one of 48 trials on a busy machine too.
        report = self.sweep("--workload", workload, "--items", ITEMS, "--window-s", 0.15, "--modes", "processes,threads",
                            "--transport", "pipe,unix,shm", "--workers", "1,2,3", "--chunk", f"1,8,{ITEMS}",
                            *options)
        self.assertEqual(len(self.cells_of(report, "processes")), 27)
        self.assertEqual(len(self.cells_of(report, "threads")), 9)
        self.assertEqual(len(self.cells_of(report, "independent")), 9)
        self.assertEqual(len(self.cells_of(report, "serial")), 3)
        self.assertEqual(len(report["trials"]), 48)
        self.assertEqual((report["skipped"], report["interrupted"]), ([], False))
        self.check_all_cells(report)
        return report

    def test_null_in_every_mode_transport_and_chunk_size(self):
        self.sweep_all("null")

    def test_spin_in_every_mode_transport_and_chunk_size(self):
        self.sweep_all("spin", "--option", "busy_us=20")

    def test_sum_squares_in_every_mode_transport_and_chunk_size(self):
        self.sweep_all("sum_squares", "--option", "cost=1000")

    def test_large_items_pass_through_every_transport(self):
        report = self.sweep("--workload", "null", "--items", 7, "--option", "item_bytes=1500000", "--option",
                            "answer_bytes=700000", "--workers", 2, "--chunk", "1,3", "--transport",
                            "pipe,unix,shm", "--warmup-s", 0.1, "--window-s", 0.2)
        self.check_all_cells(report)

    def test_every_trial_tells_what_was_requested_and_what_was_got(self):
        report = self.sweep("--workload", "null", "--workers", 2, "--chunk", 4, "--repetitions", 3)
        self.assertEqual(report["config"]["requested"]["workers"], [2])
        self.assertEqual(report["config"]["effective"]["repetitions"], 3)
        self.assertEqual(len(report["trials"]), 9)
        for trial in report["trials"]:
            with self.subTest(trial["cell"], repetition=trial["repetition"]):
                self.assertEqual(trial["outcome"], "ok")
                self.assertGreater(trial["chunks"], 0)
                samples = trial["samples"]
                times = zip(*(samples[f"{name}_us"] for name in ("issued", "started", "computed", "merged")))
                for issued, started, computed, merged in times:
                    self.assertTrue(issued <= started <= computed <= merged)
                for worker in trial["workers"]:
                    self.assertGreater(worker["startup_ms"]["ready"], 0)
        pids = [worker["pid"] for trial in report["trials"] for worker in trial["workers"]]
        self.assertEqual(len(set(pids)), len(pids), "workers are fresh in every trial")

    def test_the_console_says_what_to_use(self):
        self.sweep("--workload", "sum_squares", "--workers", "1,2")
        self.assertIn("All answers in order and equal to the serial reference", " ".join(self.done.out.split()))
        self.assertIn("report: report.json\n", self.done.out)
        self.assertNotIn("\x1b", self.done.out)

    def test_a_suite_is_overridden_by_options(self):
        (self.folder / "suite.json").write_text(
            '{"workload": "null", "workers": [1], "chunk": [2, 5], "transport": ["pipe"]} // comment\n')
        report = self.sweep("suite.json", "--chunk", 3, report="own.json")
        self.assertEqual([cell["id"] for cell in self.cells_of(report, "processes")],
                         ["processes/w1/t1/none/c3/pipe"])

    def test_a_report_that_exists_is_replaced_only_when_named(self):
        command = ("run", *support.FAST, "--workload", "null", "--workers", 1, "--chunk", 1)
        for name in ("report.json", "report-2.json"):
            done = self.run_program(*command)
            self.assertEqual(done.code, 0, done)
            self.assertIn(f"report: {name}\n", done.out)
            self.report(name)
        before = (self.folder / "report.json").read_text()
        self.sweep("--workload", "null", "--workers", 1, "--chunk", 1)
        self.assertNotEqual((self.folder / "report.json").read_text(), before)


class Repro(support.TestCase):
    def test_the_command_of_a_cell_measures_that_cell(self):
        report = self.sweep("--workload", "sum_squares", "--option", "cost=100", "--items", 11, "--workers", 2,
                            "--chunk", 4, "--modes", "processes,threads", "--transport", "pipe,shm", "--seed", 9,
                            "--credit", 3)
        self.assertEqual(set(report["repro"]), {cell["id"] for cell in report["cells"]})
        for cell_id, command in report["repro"].items():
            with self.subTest(cell_id):
                words = shlex.split(command)
                self.assertEqual(words[0], "coresweep")
                done = self.run_program(*words[1:], "-o", "again.json")
                self.assertEqual(done.code, 0, done)
                again = self.report("again.json")
                self.assert_measured(self.cell(again, cell_id))
                for key in ("seed", "options", "items"):
                    self.assertEqual(again["config"]["effective"][key], report["config"]["effective"][key])
                self.assertEqual(again["workload"]["digest"], report["workload"]["digest"])


if __name__ == "__main__":
    support.main()
