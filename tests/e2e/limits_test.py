"""scripts/limits and scripts/sku_local, for real where this machine lets one make control groups."""

import json
import os
import pathlib
import signal
import subprocess

import support
from support import PROGRAM, TestCase, read_json

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
LIMITS = SCRIPTS / "limits"


def groups():
    """All control groups that scripts/limits made and that are still there."""
    return {str(path) for path in pathlib.Path("/sys/fs/cgroup").glob("**/coresweep-*") if "-test-" not in path.name}


class LimitsTest(TestCase):

    def setUp(self):
        super().setUp()
        self.before = groups()

    def limits(self, *words, **options):
        """A finished call; skips the test where limits are not possible."""
        done = subprocess.run([LIMITS, *map(str, words)], cwd=self.folder, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, env=self.environment(), timeout=100, check=False, **options)
        if done.returncode == 77:
            self.assertRegex(done.stderr, r"\Alimits: not possible here: [^\n]+\n\Z")
            self.skipTest(done.stderr.strip())
        return done

    def test_the_program_sees_its_limits(self):
        cpu = max(os.sched_getaffinity(0))
        done = self.limits("--cpus", 0.5, "--memory", "512M", "--cpuset", cpu, "--", PROGRAM, "host", "--json",
                           "--measure-cpus-s", 0)
        host = read_json(done.stdout)
        self.assertEqual(host["cpu_quota_cpus"]["value"], 0.5)
        self.assertEqual(host["memory_limit_bytes"]["value"], 512 << 20)
        self.assertEqual(host["allowed"], str(cpu))
        self.assertEqual(groups(), self.before)

    def test_exit_codes_are_the_commands(self):
        self.assertEqual(self.limits("--cpus", 1, "--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.limits("--cpus", 1, "--", "sh", "-c", "kill -TERM $$").returncode, 143)
        self.assertEqual(self.limits("--cpus", 1, "--", "no-such-command").returncode, 127)
        self.assertEqual(groups(), self.before)

    def test_memory_beyond_the_limit_is_not_given(self):
        done = self.limits("--memory", "32M", "--", "python3", "-S", "-c", "x = bytearray(200 << 20)")
        self.assertNotEqual(done.returncode, 0, done)

    def test_every_start_is_an_instance(self):
        names = {self.limits("--cpus", 1, "--", "sh", "-c", "echo $CORESWEEP_INSTANCE").stdout for _ in range(2)}
        self.assertEqual(len(names), 2)

    def test_what_the_command_leaves_running_ends_with_it(self):
        self.limits("--cpus", 1, "--", "sh", "-c", "setsid sleep 100 >/dev/null 2>&1 &")
        self.assert_nothing_runs()
        self.assertEqual(groups(), self.before)

    def test_groups_that_the_command_makes_go_with_it(self):
        """A group below its own, with a process in it that stays."""
        done = self.limits("--cpus", 1, "--", "sh", "-c",
                           'for group in $(find /sys/fs/cgroup -type d -name "coresweep-*" -exec grep -qx $$ {}/cgroup.procs ";"'
                           ' -print); do mkdir $group/below; setsid sleep 100 > /dev/null 2>&1 & echo $! > $group/below/cgroup.procs;'
                           ' cat $group/below/cgroup.procs; done')
        self.assertRegex(done.stdout, r"\A\d+\n")
        self.assertEqual(done.stderr, "")
        self.assert_nothing_runs()
        self.assertEqual(groups(), self.before)

    def test_signals_reach_the_command_and_nothing_is_left(self):
        self.limits("--cpus", 1, "--", "true")
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([LIMITS, "--cpus", "1", "--", "sh", "-c", "echo up; exec sleep 100"], text=True,
                                       stdout=subprocess.PIPE, env=self.environment())
            self.assertEqual(process.stdout.readline(), "up\n")
            process.send_signal(number)
            self.assertEqual(process.wait(support.PATIENCE_S), 128 + number)
            process.stdout.close()
            self.assertEqual(groups(), self.before)

    def test_bad_options_are_one_line(self):
        for words in (["--cpus", "many", "--", "true"], ["--memory", "3", "--", "true"], ["--cpuset", "a", "--", "true"],
                      ["--", "true"], ["--cpus", "1", "true"]):
            done = self.limits(*words)
            self.assertEqual(done.returncode, 2, done)
            self.assertEqual(done.stderr.count("\n"), 1, done)

    def test_a_cpu_that_is_not_there_is_refused(self):
        done = subprocess.run([LIMITS, "--cpuset", "4000", "--", "true"], text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 77, done)
        self.assertRegex(done.stderr, r"\Alimits: not possible here: [^\n]+\n\Z")
        self.assertEqual(groups(), self.before)

    def test_sizes_of_this_machine_are_compared_end_to_end(self):
        self.limits("--cpus", 1, "--memory", "1G", "--", "true")
        (self.folder / "suite.json").write_text(json.dumps({
            "workload": "sum_squares", "items": 8, "workers": 1, "placement": "none", "chunk": 1, "repetitions": 1,
            "reference_every": 0, "window_s": 0.05, "warmup_s": 0.01, "measure_cpus_s": 0}), encoding="utf-8")
        done = subprocess.run([SCRIPTS / "sku_local", "-o", "out", "--suite", "suite.json", "--instances", "1",
                               "--program", PROGRAM], cwd=self.folder, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, env=self.environment(), timeout=150, check=False)
        self.assertEqual(done.returncode, 0, done)
        found = read_json((self.folder / "out/comparison.json").read_text(encoding="utf-8"))
        rows = {row["sku"]: row for row in found["skus"]}
        self.assertEqual(sorted(rows), ["0.5x1", "1.5x3", "1x2", "2x4"])
        for sku, row in rows.items():
            cpus, gib = map(float, sku.split("x"))
            instance, = row["instances"]
            self.assertEqual(instance["quota_cpus"], cpus)
            self.assertEqual(instance["memory_limit_bytes"], gib * (1 << 30))
            self.assertEqual((row["cost"]["size"]["vcpus"], row["cost"]["size"]["from"]), (cpus, "label"))
        self.assertIn("Highest throughput: ", done.stdout)
        self.assertIn("one boot of one machine", done.stdout.replace("\n  ", " "))
        self.assertEqual(groups(), self.before)


if __name__ == "__main__":
    support.main()
