"""`coresweep plan` and `coresweep host`: what a sweep would do, and what this container is."""

import os
import subprocess
import time

import support

AXES = ("--workers", "1,2,3", "--placement", "none,compact,scatter", "--chunk", "1,8", "--transport", "pipe,unix,shm")


class Completion(support.TestCase):
    def complete(self, *words):
        script = self.run_program("completion")
        self.assertEqual((script.code, script.err), (0, ""), script)
        asking = (script.out + f"\nCOMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}\n"
                  "_coresweep; echo \"${COMPREPLY[@]}\"\n")
        return subprocess.run(["bash", "-c", asking], capture_output=True, text=True, check=True).stdout.split()

    def test_knows_commands_options_and_values(self):
        self.assertEqual(self.complete("coresweep", "pla"), ["plan", "placement"])
        self.assertEqual(self.complete("coresweep", "run", "--tr"), ["--transport"])
        self.assertEqual(self.complete("coresweep", "run", "--transport", "sh"), ["shm", "shm_loan"])


class Plan(support.TestCase):
    def plan(self, *arguments, **options):
        done = self.run_program("plan", "--measure-cpus-s", 0, *arguments, "--json", **options)
        self.assertEqual((done.code, done.err), (0, ""), done)
        return support.read_json(done.out)

    def test_plans_what_run_measures(self):
        sweep = ("--workload", "null", "--workers", "1,2", "--chunk", "1,3", "--modes", "processes,threads",
                 "--placement", "none")
        plan = self.plan(*sweep)
        report = self.sweep(*sweep)
        self.assertEqual([cell["id"] for cell in plan["cells"]], [cell["id"] for cell in report["cells"]])
        cells = 3 * len(plan["cells"])
        self.assertEqual(plan["trials"], cells + (cells + 3) // 4 + 1)  # a reference every 4, and at the end
        by_id = {cell["id"]: cell for cell in report["cells"]}
        for cell in plan["cells"]:
            for key in ("mode", "workers", "threads", "placement", "chunk", "transport"):
                self.assertEqual(cell[key], by_id[cell["id"]][key])
            requested = [worker["cpus_requested"] for worker in by_id[cell["id"]]["workers_detail"]]
            self.assertEqual(cell["cpus"], requested, cell["id"])

    def test_runs_nothing(self):
        # One item alone would take eleven days.
        plan = self.start("plan", "--workload", "spin", "--option", "busy_us=1000000", "--items", 1000000, *AXES)
        most = 0
        while plan.poll() is None:
            most = max(most, len(self.marked()))
            time.sleep(0.001)
        done = self.end(plan)
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertLessEqual(most, 1)
        self.assertEqual(os.listdir(self.folder), [])

    def test_is_readable(self):
        done = self.run_program("plan", "--workload", "null", *AXES, "--repetitions", 4)
        cells = 6 + 18 + 54  # serial, independent, processes
        self.assertIn(f"{cells} cells × 4 repetitions + 79 references = {4 * cells + 79} trials, about ", done.out)
        self.assertRegex(done.out, r"(?m)^processes/w2/t1/none/c8/unix +\[\S+\] \[\S+\]")

    def test_estimates_more_for_more(self):
        few = self.plan("--workload", "null", "--workers", "1", "--repetitions", 1)
        more = self.plan("--workload", "null", "--workers", "1", "--repetitions", 5)
        self.assertAlmostEqual(more["estimated_s"] / few["estimated_s"], more["trials"] / few["trials"])
        self.assertGreater(few["estimated_s"], 0)

    def test_tells_what_a_search_begins_with(self):
        plan = self.plan("--workload", "null", "--workers", "1,2", "--placement", "none", "--search", "quick")
        self.assertFalse([cell for cell in plan["cells"] if cell["mode"] == "independent"])
        self.assertGreater(plan["trials"], 6 * len(plan["cells"]))
        done = self.run_program("plan", "--workload", "null", *AXES, "--search", "quick")
        self.assertIn("search quick of 5 passes: ", done.out)

    def test_skips_what_auto_would_oversubscribe(self):
        usable = support.read_json(self.run_program("host", "--json", "--measure-cpus-s", 0).out)["usable_cpus"]
        plan = self.plan("--workload", "null", "--workers", "auto", "--threads", "1,1000")
        self.assertTrue(plan["skipped"])
        for skipped in plan["skipped"]:
            self.assertGreater(skipped["workers"] * skipped["threads"], usable)
            self.assertIn("usable CPUs", skipped["reason"])
        for cell in plan["cells"]:
            self.assertLessEqual(cell["workers"] * cell["threads"], usable)
        asked = self.plan("--workload", "null", "--workers", "4000", "--threads", "1", "--placement", "none")
        self.assertEqual(asked["skipped"], [])
        self.assertTrue(any(cell["oversubscribed"] for cell in asked["cells"]))


class OneCpu(support.TestCase):
    """As `taskset -c N` leaves it."""

    def setUp(self):
        super().setUp()
        self.cpu = max(os.sched_getaffinity(0))

    def bound(self):
        return {"preexec_fn": lambda: os.sched_setaffinity(0, {self.cpu})}

    def test_host_tells_one_usable_cpu(self):
        done = self.run_program("host", "--json", "--measure-cpus-s", 0, **self.bound())
        host = support.read_json(done.out)
        self.assertEqual((host["usable_cpus"], host["affinity"], host["allowed"]), (1, str(self.cpu), str(self.cpu)))

    def test_auto_is_one_worker(self):
        done = self.run_program("plan", "--workload", "null", "--workers", "auto", "--json", **self.bound())
        self.assertEqual({cell["workers"] for cell in support.read_json(done.out)["cells"]}, {1})

    def test_workers_stay_on_it(self):
        done = self.run_program("run", *support.FAST, "--workload", "null", "--workers", "1,2", "--chunk", 2, "--modes",
                                "processes,threads", "--placement", "none,compact,scatter", "-o", "report.json",
                                **self.bound())
        self.assertEqual(done.code, 0, done)
        for cell in self.report()["cells"]:
            self.assert_measured(cell)
            self.assertEqual({worker["cpus_effective"] for worker in cell["workers_detail"]}, {str(self.cpu)})
            self.assertEqual(any("share 1 usable CPUs" in text for text in cell["warnings"]), cell["workers"] > 1)


class Host(support.TestCase):
    def test_json_agrees_with_the_system(self):
        done = self.run_program("host", "--json", "--measure-cpus-s", 0)
        self.assertEqual((done.code, done.err), (0, ""), done)
        host = support.read_json(done.out)
        self.assertEqual(support.cpus_of(host["affinity"]), os.sched_getaffinity(0))
        self.assertLessEqual(support.cpus_of(host["allowed"]), os.sched_getaffinity(0))
        self.assertLessEqual(host["usable_cpus"], len(support.cpus_of(host["allowed"])))
        self.assertEqual(host["architecture"], os.uname().machine)
        self.assertEqual(host["kernel"], os.uname().release)
        with open("/proc/meminfo", encoding="ascii") as meminfo:
            self.assertEqual(host["memory_total_bytes"], int(meminfo.readline().split()[1]) * 1024)
        self.assertEqual(len(host["topology"]["pus"]), len(support.cpus_of(host["allowed"])))
        self.assertEqual(host["libraries"] is not None, host["tool"]["with_torch"])

    def test_text_names_cpus_memory_and_libraries(self):
        done = self.run_program("host")
        self.assertEqual((done.code, done.err), (0, ""), done)
        for word in ("usable CPUs", "CPU quota", "memory limit", "affinity mask", "libtorch"):
            self.assertRegex(done.out, rf"(?m)^{word} +\S")


if __name__ == "__main__":
    support.main()
