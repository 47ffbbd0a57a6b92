"""kill -9 and SIGSTOP at random moments: nothing hangs, nothing is left, nothing measured is lost."""

import os
import random
import signal
import subprocess
import time

import support

SWEEP = ("run", *support.IMPATIENT, "--workload", "sum_squares", "--option", "cost=2000", "--workers", "1,2",
         "--chunk", 3, "--transport", "pipe,unix,shm", "--modes", "processes,threads", "-o", "report.json")
LONGEST_S = 1.5  # a little more than the sweep takes on a quiet machine


class Kill(support.TestCase):
    def begin(self):
        """Starts the sweep with files for its output, so that nobody has to read it."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        with open(self.folder / "err", "w", encoding="utf-8") as err:
            return self.start(*SWEEP, stdout=subprocess.DEVNULL, stderr=err)

    def check_report(self):
        """The report, when there is one, is valid and holds only whole trials."""
        if not (self.folder / "report.json").exists():
            return None
        report = self.report()
        for trial in report["trials"]:
            if trial["outcome"] == "ok":
                self.assertGreater(trial["chunks"], 0)
                self.assertEqual(trial["ordering"]["verdict"], "ok")
            else:
                self.assertTrue(trial["message"])
        return report

    def signal_a_worker(self, dice, number):
        """Sends `number` to a random worker, if there is one at the moment; True when done."""
        workers = self.workers()
        if not workers:
            return False
        try:
            os.kill(dice.choice(workers), number)
        except ProcessLookupError:
            return False
        return True

    def kill_worker_at(self, dice):
        sweep = self.begin()
        time.sleep(dice.uniform(0, LONGEST_S))
        # Between trials there is none for a moment.
        hit = support.wait_until(lambda: sweep.poll() is not None or self.signal_a_worker(dice, signal.SIGKILL))
        self.assertTrue(hit)
        done = self.end(sweep)
        self.assert_nothing_runs()
        report = self.check_report()
        err = (self.folder / "err").read_text()
        if done.code == 1:  # the one that makes the reference
            self.assertRegex(err, r"\Acoresweep: worker 0 \(pid \d+\) was killed by signal 9 .*\n\Z")
            self.assertIsNone(report)
            return
        self.assertIn(done.code, (0, 3), err)  # 0: it had reported already
        self.assertEqual(err, "")
        self.assertTrue(report["finished"])
        bad = [trial for trial in report["trials"] if trial["outcome"] != "ok"]
        self.assertEqual(len(bad), 1 if done.code == 3 else 0)
        for trial in bad:
            self.assertEqual(trial["outcome"], "failed")
            self.assertRegex(trial["message"], r"^worker \d+ \(pid \d+\) was killed by signal 9 \(SIGKILL")

    def kill_parent_at(self, dice):
        sweep = self.begin()
        time.sleep(dice.uniform(0, LONGEST_S))
        sweep.kill()
        self.end(sweep)
        self.assert_nothing_runs(support.GRACE_S)
        report = self.check_report()
        if report is not None and sweep.returncode == -signal.SIGKILL:
            self.assertFalse(report["finished"] and len(report["trials"]) < len(report["cells"]))

    def many(self, times, seed, one):
        for i in range(times):
            with self.subTest(seed=seed, iteration=i):
                one(random.Random(seed * 1000 + i))

    def test_a_worker_at_random_moments(self):
        self.many(12, 1, self.kill_worker_at)

    def test_the_parent_at_random_moments(self):
        self.many(13, 2, self.kill_parent_at)

    def test_the_parent_while_it_starts(self):
        for i in range(10):
            with self.subTest(iteration=i):
                sweep = self.begin()
                support.wait_until(lambda: self.workers() or sweep.poll() is not None)
                sweep.kill()
                self.end(sweep)
                self.assert_nothing_runs(support.GRACE_S)

    def test_finished_trials_survive_the_parent(self):
        sweep = self.begin()
        report = self.folder / "report.json"
        support.wait_until(lambda: report.exists() and len(support.read_report(report)["trials"]) >= 2)
        sweep.kill()
        self.end(sweep)
        self.assert_nothing_runs(support.GRACE_S)
        read = self.check_report()
        self.assertGreaterEqual(len(read["trials"]), 2)
        self.assertEqual((read["finished"], read["interrupted"]), (False, False))

    def test_stopped_workers_are_timed_out(self):
        for mode, transport in (*(("processes", transport) for transport in support.TRANSPORTS),
                                ("threads", "shm"), ("independent", "shm"), ("serial", "shm")):
            with self.subTest(mode=mode, transport=transport):
                self.stop_worker_of(mode, transport)

    def stop_worker_of(self, mode, transport):
        """A worker that is stopped (SIGSTOP): its trial is timed out, and it is killed all the same.
        Whichever trial comes first: the modes have their controls beside them."""
        for _ in range(5):
            (self.folder / "report.json").unlink(missing_ok=True)
            sweep = self.start("run", *support.IMPATIENT, "--workload", "null", "--workers", 2, "--chunk", 1, "--modes",
                               mode, "--transport", transport, "--window-s", 0.4, "-o", "report.json",
                               stdout=subprocess.DEVNULL)
            self.assertTrue(support.wait_until((self.folder / "report.json").exists))
            self.assertTrue(support.wait_until(self.workers))
            time.sleep(0.15)  # most often until it is at work
            self.assertTrue(support.wait_until(lambda: self.signal_a_worker(random.Random(3), signal.SIGSTOP)))
            done = self.end(sweep)
            self.assert_nothing_runs()
            if done.code != 0:
                break  # 0: it had finished already
        self.assertEqual((done.code, done.err), (3, ""))
        bad = [trial for trial in self.check_report()["trials"] if trial["outcome"] != "ok"]
        self.assertEqual([trial["outcome"] for trial in bad], ["timed_out"])
        self.assertRegex(bad[0]["message"], r"^worker \d+ \(pid \d+\) ")


if __name__ == "__main__":
    support.main()
