"""--worker-start zygote: the same answers from workers that are forked, and nothing left of any of it."""

import hashlib
import json
import os
import signal
import subprocess

import support

WORK = ("--workload", "sum_squares", "--option", "cost=2000", "--items", 50)
ZYGOTE = ("--worker-start", "zygote")
LONG = ("run", *support.IMPATIENT, *WORK, "--workers", "1,2", "--chunk", 3, "--transport", "pipe,shm", *ZYGOTE, "-o",
        "report.json")
MANY = ("--repetitions", 30)  # more than is measured before the end comes


class Zygote(support.TestCase):
    def zygotes(self):
        return [pid for pid in self.marked()
                if support._read(f"/proc/{pid}/cmdline").split(b"\0")[1:2] == [b"zygote"]]

    def begin(self, *options):
        """A long sweep in which some trials were measured."""
        report = self.folder / "report.json"
        sweep = self.start(*LONG, *(options or MANY), stdout=subprocess.DEVNULL)
        self.assertTrue(support.wait_until(
            lambda: report.exists() and len(support.read_report(report)["trials"]) >= 2))
        return sweep

    def outputs(self, folder):
        """Digest of every file of `--save-outputs`, by name."""
        return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(folder.rglob("*")) if path.is_file()}

    def test_both_starts_give_the_same_answers_and_the_report_says_which(self):
        outputs = {}
        for start in ("spawn", "zygote"):
            report = self.sweep(*WORK, "--workers", 2, "--modes", "processes,threads", "--chunk", "1,7", "--transport",
                                "pipe,shm,shm_loan", "--worker-start", start, "--save-outputs", start)
            self.assertEqual(report["config"]["effective"]["worker_start"], start)
            for cell in report["cells"]:
                self.assert_measured(cell)
                self.assertEqual("--worker-start zygote" in report["repro"][cell["id"]], start == "zygote")
            for trial in report["trials"]:
                self.assertFalse([text for text in trial["warnings"] if "zygote" in text])
            outputs[start] = self.outputs(self.folder / start)
        self.assertTrue(outputs["spawn"])
        self.assertEqual(outputs["spawn"], outputs["zygote"])

    def test_every_dispatch_and_replacement_works(self):
        for dispatch in ("dynamic", "static", "guided", "pull"):
            with self.subTest(dispatch):
                report = self.sweep("--workload", "null", "--workers", 2, "--chunk", 1, "--dispatch", dispatch,
                                    "--on-worker-death", "replace", "--fault", "kill:5", *ZYGOTE)
                trial = next(trial for trial in report["trials"] if trial["cell"].startswith("processes/"))
                self.assertEqual(trial["outcome"], "ok", trial["message"])
                self.assertEqual(len(trial["replacements"]), 1)

    def test_the_default_starts_no_zygote(self):
        sweep = self.start(*[word for word in LONG if word not in ZYGOTE], *MANY, stdout=subprocess.DEVNULL)
        self.assertTrue(support.wait_until(self.workers))
        self.assertEqual(self.zygotes(), [])
        sweep.send_signal(signal.SIGINT)
        self.end(sweep)

    def test_a_dead_zygote_ends_no_trial_and_is_told(self):
        sweep = self.begin("--repetitions", 4)
        killed = self.zygotes()
        self.assertTrue(killed)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.end(sweep).code, 0)
        report = self.report()
        self.assertEqual({trial["outcome"] for trial in report["trials"]}, {"ok"})
        told = [text for trial in report["trials"] for text in trial["warnings"] if "zygote" in text]
        for pid in killed:
            self.assertEqual(sum(f"their zygote (pid {pid}) was killed by signal 9" in text for text in told), 1, told)

    def test_nothing_outlives_a_killed_program(self):
        for _ in range(5):
            (self.folder / "report.json").unlink(missing_ok=True)
            sweep = self.begin()
            self.assertTrue(self.zygotes())
            sweep.kill()
            self.end(sweep)
            self.assert_nothing_runs()

    def test_a_stop_signal_ends_everything(self):
        sweep = self.begin()
        sweep.send_signal(signal.SIGINT)
        self.assertEqual(self.end(sweep).code, 130)
        self.assert_nothing_runs()
        self.assertTrue(self.report()["interrupted"])

    def test_one_launch_is_always_spawned(self):
        for command in (("launch",), ("gate", "--base-program", support.PROGRAM)):
            done = self.run_program(*command, "--workload", "null", *ZYGOTE)
            self.assertEqual(done.code, 2, done)
            self.assertIn("worker_start zygote: a program that ends after one launch", done.out + done.err)

    def test_the_arms_of_a_gate_have_zygotes_of_their_own(self):
        done = self.run_program("gate", "--workload", "null", "--workers", "1", "--window-s", "0.02", "--blocks", "6", "--alpha", "20",
                                "--candidate-set", "worker_start=zygote", "-o", "gate.json", seconds=120)
        self.assertIn(done.code, (0, 1, 3), done)
        gate = json.loads((self.folder / "gate.json").read_text())
        starts = {"A": [], "B": []}
        for launch in (launch for block in gate["blocks"] for launch in block["launches"]):
            self.assertEqual(launch["warnings"], [])
            starts[launch["arm"]].append(launch["metrics"]["cold_start"])
        self.assertEqual(len(starts["A"]), len(starts["B"]))
        self.assert_nothing_runs()


if __name__ == "__main__":
    support.main()
