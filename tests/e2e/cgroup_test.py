"""The program under real control groups: limits are read exactly, obeyed and named."""

import ctypes
import os
import subprocess

import cgroups
import support

SPIN = ("--workload", "spin", "--option", "busy_us=1000", "--chunk", 1, "--items", 8)


def enter(*groups):
    """For `preexec_fn`: the program starts inside all of `groups`."""
    def join():
        for group in groups:
            group.enter()
    return join


class Cgroups(support.TestCase):
    def group(self, controller, parent=None):
        group = cgroups.Group(controller, parent)
        self.addCleanup(group.remove)
        return group

    def quota(self, cpus, parent=None, **options):
        group = self.group("cpu", parent)
        group.set_quota(cpus, **options)
        return group

    def cpuset(self, cpus):
        group = self.group("cpuset")
        group.set_cpus(cpus)
        return group

    def host(self, *groups, seconds=0):
        done = self.run_program("host", "--json", "--measure-cpus-s", seconds, preexec_fn=enter(*groups))
        self.assertEqual(done.code, 0, done)
        return support.read_json(done.out)

    def test_quotas_are_read_exactly(self):
        for cpus, period_us in ((0.5, 100_000), (1, 100_000), (1.5, 100_000), (0.25, 20_000)):
            with self.subTest(cpus):
                group = self.quota(cpus, period_us=period_us)
                host = self.host(group)
                self.assertEqual(host["cpu_quota_cpus"], {"value": cpus, "source": group.limit_file})
                self.assertEqual(host["usable_cpus"], max(1, int(cpus)))
                if cpus < len(os.sched_getaffinity(0)):
                    self.assertIn(group.limit_file, host["binding_limit"])

    def test_the_tighter_of_nested_quotas_binds(self):
        parent = self.quota(1)
        free = self.group("cpu", parent)  # version 1 refuses a child with more than its parent, not one without limit
        self.assertEqual(self.host(free)["cpu_quota_cpus"], {"value": 1, "source": parent.limit_file})
        tight = self.quota(0.5, parent)
        self.assertEqual(self.host(tight)["cpu_quota_cpus"], {"value": 0.5, "source": tight.limit_file})

    def test_a_spin_test_gets_no_more_than_the_quota(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("one CPU: a quota of one would not bind")
        measured = self.host(self.quota(0.5), seconds=0.5)["cpu_limits"]["measured"]
        self.assertLess(measured["value"], 0.6)
        self.assertGreater(measured["value"], 0.05)

    def test_a_limit_that_cannot_be_read_is_measured(self):
        group = self.quota(0.5)
        libc = ctypes.CDLL(None, use_errno=True)
        clone_newns, ms_rec_private, mnt_detach = 0x20000, 0x44000, 2

        def hide():
            """Leaves no mount of any hierarchy: a second one elsewhere would be found and read."""
            group.enter()
            if libc.unshare(clone_newns) != 0 or libc.mount(b"none", b"/", None, ms_rec_private, None) != 0:
                os._exit(77)
            for mount_point in cgroups.mount_points():
                if libc.umount2(os.fsencode(mount_point), mnt_detach) != 0:
                    os._exit(77)

        done = self.run_program("host", "--json", preexec_fn=hide)
        if done.code == 77:
            self.skipTest("no mount namespace of one's own here")
        self.assertEqual(done.code, 0, done)
        host = support.read_json(done.out)
        self.assertIsNone(host["cpu_quota_cpus"])
        self.assertEqual(host["usable_cpus"], 1)
        self.assertIn("measured-below-declared", [finding["id"] for finding in host["findings"]])

    def test_a_cpuset_of_one_cpu_gives_plans_on_that_cpu_only(self):
        for cpu in sorted(os.sched_getaffinity(0))[:2]:
            group = self.cpuset(str(cpu))
            for policy in ("none", "compact", "scatter", "core", "nosmt", "smt", "l2", "l3", "numa", "package",
                           "pcore", f"list:{cpu}"):
                with self.subTest(cpu=cpu, policy=policy):
                    done = self.run_program("placement", "--policy", policy, "--workers", 3, "--json",
                                            preexec_fn=enter(group))
                    self.assertEqual(done.code, 0, done)
                    plan = support.read_json(done.out)
                    self.assertEqual([worker["cpus"] for worker in plan["workers"]], [str(cpu)] * 3)
                    self.assertTrue(plan["oversubscribed"])

    def test_workers_stay_in_a_cpuset_of_one_cpu(self):
        cpu = max(os.sched_getaffinity(0))
        report = self.sweep_in([self.cpuset(str(cpu))], *SPIN, "--workers", "1,2", "--placement", "none,compact")
        self.assertEqual(report["host"]["allowed"], str(cpu))
        for cell in report["cells"]:
            self.assert_measured(cell)
            for worker in cell["workers_detail"]:
                self.assertEqual(worker["cpus_effective"], str(cpu))

    def test_modulo_is_refused_outside_the_cpuset_and_the_cell_says_so(self):
        cpus = sorted(os.sched_getaffinity(0))
        if cpus[:2] != [0, 1]:
            self.skipTest("needs CPUs 0 and 1")
        report = self.sweep_in([self.cpuset("1")], *SPIN, "--workers", 1, "--placement", "modulo", code=3)
        cell = self.cell(report, "processes/w1/t1/modulo/c1/shm")
        self.assertEqual(cell["verdict"], "failed")
        self.assertIn("cannot bind to CPUs 0: Invalid argument (EINVAL)", cell["reason"])
        self.assertIn("allowed are 1", cell["reason"])

    def sweep_in(self, groups, *arguments, code=0, common=support.QUICK):
        done = self.run_program("run", *common, "-o", "report.json", *arguments, preexec_fn=enter(*groups))
        self.assertEqual(done.code, code, done)
        self.done = done
        return self.report()

    def test_a_sweep_under_a_quota_names_the_throttling_and_recommends(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("one CPU: a quota of one would not bind")
        report = self.sweep_in([self.quota(1)], *SPIN, "--workers", "1,2", "--placement", "none",
                               "--window-s", 0.5)
        naive = self.cell(report, "processes/w2/t1/none/c1/shm")
        self.assertEqual(naive["verdict"], "throttled")
        self.assertIn("1 thread fits the quota of 1 CPUs; use at most 1 workers × threads", naive["reason"])
        trial = next(trial for trial in report["trials"] if trial["cell"] == naive["id"])
        self.assertGreater(trial["throttle"]["throttled_share"], 0.05)
        self.assertNotIn("No cell can be recommended", self.done.out)
        self.assertRegex(self.done.out, r"one process|Use ")
        if self.done.out.startswith("Use 2 workers"):  # noise may make them faster, but not without a word
            self.assertIn("throttled all the same", self.done.out)

    def test_a_window_under_a_quota_holds_three_periods(self):
        report = self.sweep_in([self.quota(1, period_us=200_000)], *SPIN, "--workers", 1,
                               "--placement", "none")
        for trial in report["trials"]:
            self.assertGreaterEqual(trial["window_ms"], 600)

    def test_a_cpuset_that_is_rewritten_during_the_sweep_is_told(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest("needs two CPUs")
        group = self.cpuset(f"{cpus[0]},{cpus[1]}")
        sweep = self.start("run", *support.FAST, *SPIN, "--workers", 1, "--window-s", 1, "--repetitions", 3, "-o",
                           "report.json", preexec_fn=enter(group), stderr=subprocess.DEVNULL)
        self.assertTrue(support.wait_until(lambda: (self.folder / "report.json").exists()))
        group.set_cpus(str(cpus[1]))
        done = self.end(sweep)
        self.assertEqual(done.code, 0, done)
        warnings = [warning for cell in self.report()["cells"] for warning in cell["warnings"]]
        self.assertTrue([warning for warning in warnings if warning.startswith("the allowed CPUs changed")], warnings)
        self.assertIn("displaced", {cell["verdict"] for cell in self.report()["cells"]})


if __name__ == "__main__":
    support.main()
