"""Ctrl-C and SIGTERM: the program ends at once, in order, and keeps what was measured."""

import os
import signal
import subprocess

import support

SWEEP = ("run", *support.IMPATIENT, "--workload", "sum_squares", "--workers", "1,2", "--chunk", "1,3", "--transport",
         "pipe,unix,shm", "--repetitions", 20, "-o", "report.json")  # some 300 trials
SOON_S = 20  # far less than the sweep takes


class Interrupt(support.TestCase):
    def trials(self):
        report = self.folder / "report.json"
        return len(support.read_report(report)["trials"]) if report.exists() else -1

    def begin(self, *options, after_trials=3, **popen):
        sweep = self.start(*SWEEP, *options, stdout=subprocess.DEVNULL, **popen)
        self.assertTrue(support.wait_until(lambda: self.trials() >= after_trials))
        return sweep

    def check(self, code, wanted_code, least_trials=3):
        self.assertEqual(code, wanted_code)
        report = self.report()
        self.assertEqual((report["interrupted"], report["finished"]), (True, False))
        outcomes = [trial["outcome"] for trial in report["trials"]]
        self.assertGreaterEqual(outcomes.count("ok"), least_trials)
        self.assertEqual(set(outcomes[:-1]), {"ok"})
        self.assertIn(outcomes[-1], ("ok", "interrupted"))
        measured = {trial["cell"] for trial in report["trials"] if trial["outcome"] == "ok"}
        for cell in report["cells"]:
            self.assertEqual(cell["throughput"]["median"] is not None, cell["id"] in measured, cell["id"])
        self.assert_nothing_runs()

    def test_each_stop_signal_in_mid_sweep(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            with self.subTest(number.name):
                (self.folder / "report.json").unlink(missing_ok=True)
                sweep = self.begin()
                sweep.send_signal(number)
                done = self.end(sweep, SOON_S)
                self.assertEqual(done.err, "")
                self.check(done.code, code)

    def test_a_signal_to_the_whole_process_group(self):
        sweep = self.begin(start_new_session=True)
        os.killpg(sweep.pid, signal.SIGINT)
        self.check(self.end(sweep, SOON_S).code, 130)

    def test_repeated_signals_do_no_more(self):
        sweep = self.begin()
        for _ in range(5):
            sweep.send_signal(signal.SIGINT)
            sweep.send_signal(signal.SIGTERM)
        self.check(self.end(sweep, SOON_S).code, 130)

    def test_the_console_shows_what_was_measured(self):
        with open(self.folder / "out", "w", encoding="utf-8") as out:
            sweep = self.start(*SWEEP, stdout=out)
            self.assertTrue(support.wait_until(lambda: self.trials() >= 3))
        sweep.send_signal(signal.SIGINT)
        self.end(sweep, SOON_S)
        shown = (self.folder / "out").read_text()
        self.assertIn("interrupted", shown)
        self.assertIn("report: report.json\n", shown)

    def test_ctrl_c_on_a_terminal(self):
        done = self.run_on_terminal(*SWEEP, keys=b"\x03", when=lambda text: "[5/" in text)
        self.check(done.code, 130)

    def test_while_a_trial_starts(self):
        sweep = self.begin("--fault", "start_hang:0", "--fault-cell", "serial", "--startup-timeout-s", 60,
                           after_trials=0)
        hanging = support.wait_until(self.stuck)
        self.assertTrue(hanging)
        sweep.send_signal(signal.SIGINT)
        done = self.end(sweep, SOON_S)
        self.assertEqual((done.code, done.err), (130, ""))
        report = self.report()
        self.assertEqual(report["trials"][-1]["outcome"], "interrupted")
        self.assertTrue(report["interrupted"])
        self.assert_nothing_runs()

    def stuck(self):
        """True when a lone worker stays the same over half a second."""
        before = self.workers()
        return len(before) == 1 and not support.wait_until(lambda: self.workers() != before, 0.5)

    def test_while_a_worker_hangs_in_its_chunk(self):
        sweep = self.begin("--fault", "hang:0", "--fault-cell", "serial", "--chunk-timeout-s", 60, after_trials=0)
        self.assertTrue(support.wait_until(self.stuck))
        sweep.send_signal(signal.SIGTERM)
        done = self.end(sweep, SOON_S)
        self.assertEqual((done.code, done.err), (143, ""))
        self.assertEqual(self.report()["trials"][-1]["outcome"], "interrupted")
        self.assert_nothing_runs()

    def test_while_the_reference_is_made(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            sweep = self.start("run", "--workload", "spin", "--option", "busy_us=100000", "-o", "report.json")
            self.assertTrue(support.wait_until(self.workers))
            sweep.send_signal(number)
            done = self.end(sweep, SOON_S)
            self.assertEqual(done.code, code)
            self.assertEqual(done.err, "coresweep: interrupted before anything was measured\n")
            self.assertEqual(sorted(os.listdir(self.folder)), [])
            self.assert_nothing_runs()

    def test_at_once(self):
        for _ in range(10):
            sweep = self.start(*SWEEP)
            sweep.send_signal(signal.SIGINT)
            # Before main has begun, the signal itself ends the program.
            self.assertIn(self.end(sweep, SOON_S).code, (130, -signal.SIGINT))
            self.assert_nothing_runs()


if __name__ == "__main__":
    support.main()
