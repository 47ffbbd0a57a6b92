"""scripts/soak_storm: a few deaths, and that its rules notice what they are for."""

import pathlib
import subprocess
import sys

import support

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))
from soak import storm  # noqa: E402  pylint: disable=wrong-import-position


def trial(outcome="ok", message=None, ordering="ok", output="ok"):
    return {"outcome": outcome, "message": message, "ordering": {"verdict": ordering},
            "output_check": {"verdict": output}}


class Soak(support.TestCase):
    def storm(self, *arguments, program=support.PROGRAM):
        return subprocess.run([sys.executable, "-B", SCRIPTS / "soak_storm", "--program", program, *arguments],
                              env=self.environment(), cwd=self.folder, capture_output=True, text=True,
                              timeout=3 * support.PATIENCE_S, check=False)

    def test_three_deaths(self):
        done = self.storm("--deaths", "3", "--transports", "shm,unix", "--dispatches", "dynamic,pull")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        last = done.stdout.splitlines()[-1]
        self.assertRegex(last, r"\A\d+ runs, \d+ kills, \d+ workers replaced, 0 runs broke a rule\Z")
        self.assertGreaterEqual(int(last.split()[4]), 3)

    def test_a_program_that_is_not_there(self):
        done = self.storm(program="nowhere/coresweep")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Asoak_storm: --program nowhere/coresweep: [^\n]+\n\Z")

    def test_a_dispatch_that_is_not_there(self):
        done = self.storm("--dispatches", "push")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Asoak_storm: push: [^\n]+\n\Z")


class Rules(support.TestCase):
    def test_right_or_given_up_by_name_breaks_none(self):
        for one in (trial(), trial("failed", "worker 1 (pid 7) was killed … over chunk 5, as others before")):
            self.assertEqual(storm.problems_of(one), [])

    def test_every_fault_breaks_one(self):
        for one in (trial(ordering="disordered"), trial(output="incorrect"), trial("timed_out", "worker 0 …"),
                    trial("failed", "worker 0 (pid 7) was killed by signal 9 while it held chunk 3")):
            self.assertEqual(len(storm.problems_of(one)), 1, one)

    def test_descriptors_that_grow_are_seen(self):
        self.assertEqual(storm.growth_of([20, 21, 20, 22] * 4), (20, 20))
        self.assertEqual(storm.growth_of(list(range(20, 36))), (20, 28))
        self.assertEqual(storm.growth_of([20]), (0, 0))


if __name__ == "__main__":
    support.main()
