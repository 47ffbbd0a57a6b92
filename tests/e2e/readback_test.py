"""What workers with several threads really had: pinned threads, and OpenMP set against us."""

import os

import support

MLP = ("--workload", "mlp", "--workers", 1, "--chunk", 16, "--items", 32, "--threads", 2)


class Readback(support.TestCase):
    def setUp(self):
        super().setUp()
        self.cpus = sorted(os.sched_getaffinity(0))
        if len(self.cpus) < 2:
            self.skipTest("needs two CPUs")
        self.extra = {}

    def sweep(self, *arguments, **options):
        return super().sweep(*arguments, common=support.QUICK, **options)

    def environment(self):
        clean = {name: value for name, value in super().environment().items()
                 if not name.startswith(("OMP_", "GOMP_", "KMP_"))}
        return {**clean, **self.extra}

    def workers_of(self, report, cell_id):
        return self.cell(report, cell_id)["workers_detail"]

    def test_threads_of_a_worker_are_pinned_inside_its_set(self):
        report = self.sweep(*MLP, "--placement", "compact,none", "--width", "pu,object")
        pinned = self.workers_of(report, "processes/w1/t2/compact/c16/shm")[0]
        each = pinned["at_end"]["thread_cpus"]
        self.assertEqual(each, pinned["thread_cpus_requested"])
        self.assertEqual([len(support.cpus_of(cpus)) for cpus in each], [1, 1])
        self.assertNotEqual(each[0], each[1])
        self.assertTrue(pinned["placement_held"])
        everything = set(self.cpus)
        for cell_id in ("processes/w1/t2/compact.object/c16/shm", "processes/w1/t2/none/c16/shm"):
            free = self.workers_of(report, cell_id)[0]
            self.assertIsNone(free["thread_cpus_requested"])
            self.assertTrue(free["placement_held"])
            for cpus in free["at_end"]["thread_cpus"]:
                self.assertEqual(support.cpus_of(cpus), support.cpus_of(free["cpus_requested"]))
            if cell_id.find("none") >= 0:
                self.assertEqual(support.cpus_of(free["cpus_requested"]), everything)

    def test_threads_mode_pins_each_instance(self):
        report = self.sweep("--workload", "mlp", "--workers", 2, "--modes", "threads", "--chunk", 16, "--items", 32,
                            "--placement", "compact")
        workers = self.workers_of(report, "threads/w2/t1/compact/c16")
        self.assertEqual([worker["placement_held"] for worker in workers], [True, True])
        self.assertNotEqual(workers[0]["at_end"]["thread_cpus"], workers[1]["at_end"]["thread_cpus"])

    def test_openmp_binding_against_the_placement_is_reported_as_it_was(self):
        self.extra = {"OMP_PROC_BIND": "true", "OMP_PLACES": "threads"}
        report = self.sweep(*MLP, "--placement", "none")
        cell = self.cell(report, "processes/w1/t2/none/c16/shm")
        worker = cell["workers_detail"][0]
        self.assertFalse(worker["placement_held"])
        self.assertTrue([cpus for cpus in worker["at_end"]["thread_cpus"] if len(support.cpus_of(cpus)) == 1])
        self.assertEqual(cell["verdict"], "displaced")
        self.assertIn("OMP_PROC_BIND=true", cell["reason"])
        self.assertIn("OMP_PLACES=threads", cell["reason"])
        self.assertTrue([warning for warning in cell["warnings"] if "instead of" in warning], cell["warnings"])
        self.assertEqual(report["host"]["system"]["environment"]["OMP_PROC_BIND"], "true")

    def test_thread_counts_stand_beside_what_was_asked_for(self):
        self.extra = {"OMP_NUM_THREADS": "7"}
        report = self.sweep(*MLP, "--placement", "compact")
        worker = self.workers_of(report, "processes/w1/t2/compact/c16/shm")[0]
        for name in ("threads_requested", "threads_effective", "threads_at_end"):
            self.assertEqual(worker[name], 2, name)
        self.assertEqual(worker["inter_op_threads"], 1)


if __name__ == "__main__":
    support.main()
