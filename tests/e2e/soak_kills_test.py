"""scripts/soak_kills: ten kills, and that its rules notice what they are for."""

import dataclasses
import json
import pathlib
import subprocess
import sys

import support

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))
from soak import rules  # noqa: E402  pylint: disable=wrong-import-position
from soak.descriptors import DescriptorGaps  # noqa: E402  pylint: disable=wrong-import-position
from soak.plan import plan_kill  # noqa: E402  pylint: disable=wrong-import-position
from soak.run import Ended  # noqa: E402  pylint: disable=wrong-import-position

PID = 4711
SEED_OF_KILL = next(seed for seed in range(100) if plan_kill(seed, ("shm",), (None,)).signal == "KILL")


def trial(outcome="ok", message=None, **more):
    return {"cell": "processes/w2/t1/none/c1/shm", "started": "2026-01-01T00:00:00.000Z", "outcome": outcome,
            "message": message, "ordering": {"verdict": "ok"}, "output_check": {"verdict": "ok"}, **more}


def ended(code, *trials, **more):
    """A run whose worker 4711 was killed by SIGKILL."""
    report = json.dumps({"finished": True, "trials": trials}) if trials else None
    return Ended(kill=plan_kill(SEED_OF_KILL, ("shm",), (None,)), code=code, victim=PID, report=report, **more)


KILLED = trial("failed", f"worker 0 (pid {PID}) was killed by signal 9 (SIGKILL)")


class Soak(support.TestCase):
    def soak(self, *arguments, program=support.PROGRAM):
        return subprocess.run([sys.executable, "-B", SCRIPTS / "soak_kills", "--program", program, *arguments],
                              env=self.environment(), cwd=self.folder, capture_output=True, text=True,
                              timeout=3 * support.PATIENCE_S, check=False)

    def test_ten_kills(self):
        done = self.soak("--count", "10", "--spare-newborn", "--keep-going")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("\n10 runs; ", done.stdout)
        for row in ("signal", "moment", "hit", "transport"):
            self.assertRegex(done.stdout, rf"(?m)^{row} ")

    def test_a_program_that_is_not_there(self):
        done = self.soak(program="nowhere/coresweep")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Asoak_kills: --program nowhere/coresweep: [^\n]+\n\Z")


class Rules(support.TestCase):
    def assert_broken(self, run, words):
        problems = rules.problems_of(run)
        self.assertTrue(any(words in problem for problem in problems), problems)

    def test_a_run_as_it_should_be_breaks_none(self):
        for run in (ended(3, trial(), KILLED), ended(0, trial()),
                    ended(1, errors=f"coresweep: worker 0 (pid {PID}) was killed by signal 9 (SIGKILL)\n")):
            self.assertEqual(rules.problems_of(run), [])

    def test_every_fault_breaks_one(self):
        other = trial("failed", "worker 1 (pid 1) was killed by signal 9 (SIGKILL)")
        for run, words in ((ended(None, seconds=30), "did not end"), (ended(-11), "exit code -11"),
                           (ended(3, KILLED, other), "2 trials"), (ended(3, other), f"pid {PID}"),
                           (ended(0, KILLED), "exit code 0"), (ended(3, trial()), "0 trials"),
                           (ended(3, trial("failed", f"worker 0 (pid {PID}) went away")), "signal 9"),
                           (ended(0, trial(ordering={"verdict": "disordered"})), "disordered"),
                           (ended(0, trial(output_check={"verdict": "incorrect"})), "incorrect"),
                           (ended(0), "no report"), (ended(1, errors="Aborted\n"), "not one clear line"),
                           (dataclasses.replace(ended(0), report='{"a": NaN}'), "damaged report"),
                           (ended(0, trial(), left=("process 1 (state Z)",)), "process 1"),
                           (ended(0, trial(), descriptor_growth=2), "2 more open descriptors")):
            with self.subTest(words):
                self.assert_broken(run, words)

    def test_descriptors_that_grow_are_seen(self):
        for leak, growth in ((0, 0), (1, 3)):
            gaps = DescriptorGaps()
            gaps.add(0, 3)  # before the first child: not all is open yet
            for number in range(6):
                gaps.add(2, 20)
                journal = number > 0  # opened behind the reference process, the first child
                gaps.add(0, 9 + journal + leak * number)
                gaps.add(0, 8 + journal + leak * number)
            self.assertEqual(gaps.growth(), growth)


if __name__ == "__main__":
    support.main()
