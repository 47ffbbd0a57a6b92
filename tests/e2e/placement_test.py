"""Placement: the command, the axes width and dispatcher, and what workers read back."""

import os

import support

SPIN = ("--workload", "spin", "--option", "busy_us=200", "--chunk", 1, "--items", 8)
TWO_BY_TWO = "package:1 l3:2 core:4 pu:2"  # 16 PUs


class PlacementCommand(support.TestCase):
    def plan(self, *arguments):
        done = self.run_program("placement", *arguments, "--json")
        self.assertEqual(done.code, 0, done)
        return support.read_json(done.out)

    def test_plans_for_a_machine_that_one_does_not_have(self):
        plan = self.plan("--topology", TWO_BY_TWO, "--policy", "l3", "--workers", 2, "--threads", 2)
        self.assertEqual([worker["cpus"] for worker in plan["workers"]], ["0,2", "8,10"])
        self.assertEqual([worker["index"] for worker in plan["workers"]], [0, 1])
        self.assertFalse(plan["oversubscribed"])
        self.assertTrue(plan["topology"]["foreign"])
        shown = self.run_program("placement", "--topology", TWO_BY_TWO, "--policy", "l3", "--workers", 2)
        self.assertIn("nothing is bound", shown.out)

    def test_allowed_restricts_the_plan(self):
        plan = self.plan("--topology", TWO_BY_TWO, "--allowed", "3,8-9", "--policy", "compact", "--workers", 3)
        self.assertEqual(sorted(worker["cpus"] for worker in plan["workers"]), ["3", "8", "9"])

    def test_width_and_dispatcher_change_the_plan(self):
        base = ("--topology", TWO_BY_TWO, "--policy", "compact", "--workers", 1)
        self.assertEqual(self.plan(*base)["workers"][0]["cpus"], "0")
        self.assertEqual(self.plan(*base, "--width", "core")["workers"][0]["cpus"], "0-1")
        self.assertEqual(self.plan(*base, "--width", "object")["workers"][0]["cpus"], "0-7")
        self.assertIsNone(self.plan(*base)["dispatcher"])
        self.assertEqual(self.plan(*base, "--dispatcher", "beside")["dispatcher"], "1")
        own = support.cpus_of(self.plan(*base, "--dispatcher", "own")["dispatcher"])
        self.assertFalse(own & {0, 1})

    def test_this_machine_without_a_topology(self):
        plan = self.plan("--policy", "close", "--workers", 1)
        self.assertEqual(plan["policy"], "compact")
        self.assertFalse(plan["topology"]["foreign"])
        self.assertLessEqual(support.cpus_of(plan["workers"][0]["cpus"]), os.sched_getaffinity(0))

    def test_bad_input_is_one_line(self):
        for arguments, words in (
                (("--policy", "diagonal"), ("--policy", "compact")),
                (("--policy", "ppr:0:l3"), ("--policy", "ppr")),
                (("--policy", "list:99999"), ("99999",)),
                (("--policy", "mask:xyz"), ("--policy", "mask")),
                (("--policy", "ecore", "--topology", TWO_BY_TWO), ("efficiency",)),
                (("--workers", "0"), ("--workers",)),
                (("--threads", "x"), ("--threads",)),
                (("--width", "wide"), ("--width",)),
                (("--dispatcher", "there"), ("--dispatcher",)),
                (("--topology", "no-such-file.xml"), ("no-such-file.xml",)),
                (("--topology", TWO_BY_TWO, "--allowed", "16"), ("16",)),
                (("--topology", TWO_BY_TWO, "--allowed", "a-b"), ("--allowed",))):
            with self.subTest(arguments):
                self.assert_usage_error(self.run_program("placement", *arguments), *words)

    def test_plan_takes_another_machine_and_a_quota(self):
        arguments = ("plan", "--workload", "null", "--topology", TWO_BY_TWO, "--allowed", "0-7", "--cpu-quota", 3.5,
                     "--placement", "compact", "--workers", "auto", "--chunk", 1)
        plan = support.read_json(self.run_program(*arguments, "--json").out)
        self.assertEqual(plan["config"]["workers"], [1, 2, 3, 4])
        self.assertIn("nothing is bound", self.run_program(*arguments).out)

    def test_a_policy_that_cannot_be_followed_is_a_skipped_cell(self):
        done = self.run_program("plan", "--workload", "null", "--topology", TWO_BY_TWO, "--placement", "ppr:1:l3,compact",
                                "--workers", "2,3", "--chunk", 1, "--json")
        plan = support.read_json(done.out)
        skipped = [cell for cell in plan["skipped"] if cell["placement"] == "ppr:1:l3"]
        self.assertEqual({cell["workers"] for cell in skipped}, {3})
        self.assertIn("room for 2 workers", skipped[0]["reason"])


class PlacementAxes(support.TestCase):
    def sweep(self, *arguments, **options):
        return super().sweep(*arguments, common=support.QUICK, **options)

    def test_what_was_asked_for_is_read_back(self):
        report = self.sweep(*SPIN, "--workers", 2, "--placement", "compact,none,modulo")
        for cell in report["cells"]:
            for worker in cell["workers_detail"]:
                with self.subTest(cell["id"], worker=worker["index"]):
                    self.assertTrue(worker["placement_held"])
                    self.assertEqual(worker["at_end"]["thread_cpus"], [worker["cpus_requested"]])
                    self.assertEqual(worker["after_binding"]["masks"][0]["cpus"], worker["cpus_requested"])
                    if cell["placement"] == "compact":
                        self.assertRegex(worker["memory_requested"], r"^(bind:|first touch: )")
                        self.assertEqual(worker["at_end"]["memory_policy"] == worker["memory_requested"],
                                         worker["memory_requested"].startswith("bind:"))
                    else:
                        self.assertIsNone(worker["memory_requested"])

    def test_the_dispatcher_sits_where_it_was_asked_to(self):
        report = self.sweep(*SPIN, "--workers", 1, "--placement", "compact", "--dispatcher", "unpinned,own,beside")
        allowed = os.sched_getaffinity(0)
        seen = {}
        for trial in report["trials"]:
            if trial["dispatcher"]:
                cell = self.cell(report, trial["cell"])
                seen[cell["dispatcher"]] = support.cpus_of(trial["dispatcher"]["cpus_effective"])
                asked = cell["dispatcher_cpus"]
                self.assertEqual(seen[cell["dispatcher"]], support.cpus_of(asked) if asked else allowed)
        self.assertEqual(seen["unpinned"], allowed)
        self.assertEqual(len(seen), 3)
        if len(allowed) > 1:
            worker = self.cell(report, "processes/w1/t1/compact/c1/shm/own")["workers_detail"][0]
            self.assertFalse(seen["own"] & support.cpus_of(worker["cpus_effective"]))

    def test_controls_have_no_dispatcher_and_are_shared(self):
        report = self.sweep(*SPIN, "--workers", 1, "--placement", "compact", "--dispatcher", "unpinned,own")
        self.assertEqual(len(self.cells_of(report, "independent")), 1)
        for cell in self.cells_of(report, "processes"):
            self.assertIsNotNone(cell["dispatch_efficiency"]["median"])

    def test_an_explicit_list_keeps_its_order(self):
        cpus = sorted(os.sched_getaffinity(0))[:2]
        if len(cpus) < 2:
            self.skipTest("needs two CPUs")
        policy = f"list:{cpus[1]},{cpus[0]}"
        report = self.sweep(*SPIN, "--workers", 2, "--placement", policy)
        cell = next(cell for cell in self.cells_of(report, "processes"))
        self.assertEqual(cell["placement"], policy)
        self.assertEqual([worker["cpus_effective"] for worker in cell["workers_detail"]], [str(cpus[1]), str(cpus[0])])

    def test_what_was_used_is_counted_over_the_window(self):
        report = self.sweep(*SPIN, "--workers", 1, "--placement", "none", "--window-s", 0.2)
        for trial in report["trials"]:
            for worker in trial["workers"]:
                with self.subTest(trial["cell"]):
                    use = worker["use"]
                    self.assertGreaterEqual(use["interval_ms"], 190)
                    self.assertGreater(use["cpu_ms"], 0)
                    self.assertLessEqual(use["cpu_ms"], 1.05 * use["interval_ms"])
                    self.assertGreater(worker["pss_bytes"] or 1, 0)
            self.assertGreaterEqual(trial["system"]["interval_ms"], 190)


if __name__ == "__main__":
    support.main()
