"""How chunks reach the workers and answers come back: dispatch, credit, wait, order, replacement."""

import subprocess
import time

import support

DISPATCHES = ("dynamic", "static", "guided", "pull")
SPIN = ("--workload", "spin", "--option", "busy_us=100", "--items", 12, "--chunk", 1, "--transport", "shm")


class Delivery(support.TestCase):
    def trial(self, *options, **keywords):
        """The trial of the only cell that is no control, and its report."""
        report = self.sweep(*options, **keywords)
        return next(trial for trial in report["trials"] if trial["cell"].startswith("processes/")), report

    def test_static_gives_each_worker_its_contiguous_part(self):
        trial, _ = self.trial(*SPIN, "--workers", 2, "--dispatch", "static")
        samples = trial["samples"]
        self.assertEqual({worker for worker in samples["worker"]}, {0, 1})
        for sequence, worker in zip(samples["sequence"], samples["worker"]):
            self.assertEqual(worker, 0 if sequence % 12 < 6 else 1)

    def test_guided_hands_out_runs_that_shrink(self):
        trial, _ = self.trial(*SPIN, "--workers", 1, "--dispatch", "guided", "--placement", "none")
        samples = trial["samples"]
        issued = dict(zip(samples["sequence"], samples["issued_us"]))
        self.assertEqual([issued[i] for i in range(6)], [issued[0]] * 6, "six of twelve travel together")
        self.assertNotEqual(issued[6], issued[5])
        self.assertEqual([issued[i] for i in range(6, 9)], [issued[6]] * 3)

    def test_dynamic_hands_out_one_chunk_at_a_time(self):
        trial, _ = self.trial(*SPIN, "--workers", 1, "--dispatch", "dynamic")
        issued = trial["samples"]["issued_us"]
        self.assertEqual(len(set(issued)), len(issued))

    def test_credit_bounds_what_is_in_flight(self):
        for credit in (1, 3):
            trial, _ = self.trial(*SPIN, "--workers", 1, "--credit", credit)
            self.assertEqual(trial["credit"], credit)
            samples = trial["samples"]
            merged = dict(zip(samples["sequence"], samples["merged_us"]))
            for sequence, issued in zip(samples["sequence"], samples["issued_us"]):
                if sequence >= credit:
                    self.assertGreaterEqual(issued, merged[sequence - credit])

    def test_auto_credit_grows_as_chunks_get_shorter(self):
        short, _ = self.trial("--workload", "null", "--chunk", 1, "--workers", 1)
        long, _ = self.trial("--workload", "spin", "--option", "busy_us=10000", "--items", 4, "--chunk", 1,
                             "--workers", 1)
        self.assertGreater(short["credit"], long["credit"])

    def test_pull_shares_a_board_and_has_no_credit(self):
        for transport in ("shm", "shm_loan"):
            sweep = self.start("run", *support.FAST, "--workload", "null", "--chunk", 1, "--workers", 2, "--dispatch",
                               "pull", "--transport", transport, "--window-s", 0.3, "-o", "report.json",
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seen = set()
            while sweep.poll() is None:
                for worker in self.workers():
                    seen.update(self.links(worker))
                time.sleep(0.01)
            self.assertEqual(self.end(sweep).code, 0)
            self.assertTrue(any("coresweep.board" in link for link in seen), seen)
            self.assertFalse(any("coresweep.arena" in link for link in seen), seen)
            trial = next(trial for trial in self.report()["trials"] if "/pull" in trial["cell"])
            self.assertIsNone(trial["credit"])
            self.assertEqual(set(trial["samples"]["worker"]), {0, 1})

    def test_wait_decides_how_both_ends_wait(self):
        trials = {}
        for wait in ("block", "spin"):
            trials[wait], _ = self.trial(*SPIN, "--workers", 1, "--wait", wait)
        self.assertEqual(trials["block"]["waiting"], "sleep")
        self.assertTrue(trials["spin"]["waiting"].startswith("spin"))
        self.assertGreater(trials["block"]["dispatcher"]["wakeups"], 0)
        self.assertEqual(trials["spin"]["dispatcher"]["wakeups"], 0)

    def test_every_transport_waits_in_every_way(self):
        report = self.sweep("--workload", "null", "--workers", 1, "--chunk", 1, "--transport",
                            ",".join(support.TRANSPORTS), "--wait", "block,spin,adaptive")
        for cell in report["cells"]:
            self.assert_measured(cell)

    def test_order_of_completion_waits_for_nobody(self):
        ordering = {}
        for order in ("input", "completion"):
            trial, _ = self.trial("--workload", "null", "--workers", 2, "--chunk", 1, "--order", order, "--fault",
                                  "delay:5:30")
            ordering[order] = trial["ordering"]
            self.assertEqual(trial["outcome"], "ok")
        self.assertGreater(ordering["input"]["head_of_line_ms"], 0)
        self.assertGreater(ordering["input"]["max_reorder_depth"], 0)
        self.assertEqual(ordering["completion"]["head_of_line_ms"], 0)
        self.assertEqual(ordering["completion"]["max_reorder_depth"], 0)
        self.assertGreater(ordering["completion"]["completion_inversions"], 0)

    def test_all_answers_are_in_their_place_whatever_the_dispatch(self):
        for order in ("input", "completion"):
            report = self.sweep("--workload", "sum_squares", "--items", 50, "--workers", 3, "--chunk", 7, "--transport",
                                "shm,shm_loan", "--dispatch", ",".join(DISPATCHES), "--order", order)
            for cell in report["cells"]:
                self.assert_measured(cell)
            self.assertEqual(sum(cell["mode"] == "processes" for cell in report["cells"]), 8)

    def test_a_dead_worker_ends_the_trial_and_its_chunk_is_named(self):
        for dispatch in DISPATCHES:
            with self.subTest(dispatch):
                trial, _ = self.trial("--workload", "null", "--workers", 2, "--chunk", 1, "--dispatch", dispatch,
                                      "--fault", "kill:5", code=3)
                self.assertEqual(trial["outcome"], "failed")
                self.assertRegex(trial["message"], r"worker \d \(pid \d+\) was killed by signal 9 .*chunks? .*\b5\b")

    def test_a_replaced_worker_loses_nothing(self):
        for transport in support.TRANSPORTS:
            with self.subTest(transport):
                self.check_replacement("--transport", transport)

    def test_every_dispatch_replaces(self):
        for dispatch in DISPATCHES:
            for order in ("input", "completion"):
                with self.subTest(dispatch=dispatch, order=order):
                    self.check_replacement("--dispatch", dispatch, "--order", order)

    def check_replacement(self, *options):
        trial, report = self.trial("--workload", "null", "--workers", 2, "--chunk", 1, "--on-worker-death", "replace",
                                   "--fault", "kill:5", *options)
        self.assertEqual(trial["outcome"], "ok", trial["message"])
        self.assertEqual(len(trial["replacements"]), 1)
        replacement = trial["replacements"][0]
        self.assertIn(5, replacement["resent"])
        self.assertIn("signal 9", replacement["how"])
        self.assertEqual({name: trial["ordering"][name] for name in
                          ("missing", "duplicated", "misplaced", "corrupted")},
                         {"missing": 0, "duplicated": 0, "misplaced": 0, "corrupted": 0})
        cell = self.cell(report, trial["cell"])
        self.assertTrue(any("was replaced" in warning for warning in cell["warnings"]), cell["warnings"])

    def test_a_lonely_worker_is_replaced_too(self):
        for dispatch in ("dynamic", "pull"):
            trial, _ = self.trial("--workload", "null", "--workers", 1, "--chunk", 1, "--dispatch", dispatch,
                                  "--on-worker-death", "replace", "--fault", "exit:3", "--window-s", 0.5)
            self.assertEqual(trial["outcome"], "ok", trial["message"])
            self.assertEqual(trial["replacements"][0]["resent"][0], 3)

    def test_faults_on_the_way_cannot_be_planted_where_nothing_travels(self):
        trial, _ = self.trial("--workload", "null", "--workers", 1, "--chunk", 1, "--dispatch", "pull", "--fault", "drop:3",
                              code=3)
        self.assertIn("do not travel with dispatch pull", trial["message"])


if __name__ == "__main__":
    support.main()
