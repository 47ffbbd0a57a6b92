"""References among the trials of a grid, and a search, on real processes."""

import collections

import support

SPIN = ("--workload", "spin", "--items", 8, "--option", "busy_us=500", "--chunk", 1)


class References(support.TestCase):
    def test_stand_around_every_two_cells_and_give_each_trial_its_ratio(self):
        report = self.sweep(*SPIN, "--workers", 1, "--reference-every", 2, "--repetitions", 2)
        roles = [trial["role"] for trial in report["trials"]]
        self.assertEqual(roles, ["reference", "cell", "cell"] * 3 + ["reference"])
        for trial in report["trials"]:
            if trial["role"] == "reference":
                self.assertEqual(trial["cell"], "serial/w1/t1/none/c1")
            self.assertIsInstance(trial["log_ratio_to_reference"], float)
        for cell in report["cells"]:
            self.assertEqual(cell["repetitions"], 2)
            self.assertEqual(cell["speedup"]["paired"], "through references")
            self.assertIsNone(cell["speedup"]["interval"]["low"])
            self.assertIn("2 of 6 values", cell["speedup"]["interval"]["why_null"])

    def test_give_an_interval_from_six_repetitions_on(self):
        report = self.sweep(*SPIN, "--workers", 1, "--reference-every", 4, "--repetitions", 6)
        speedup = self.cell(report, "processes/w1/t1/none/c1/shm")["speedup"]
        interval = speedup["interval"]
        self.assertEqual((interval["method"], interval["values"]), ("order statistics", 6))
        self.assertTrue(interval["low"] <= speedup["median"] <= interval["high"])
        self.assertGreaterEqual(interval["confidence"], 0.95)

    def test_that_fail_decide_the_exit_code(self):
        report = self.sweep("--workload", "null", "--workers", 1, "--chunk", 4, "--reference-every", 1, "--fault",
                            "wrong:2", "--fault-cell", "serial", code=5)
        wrong = {trial["role"] for trial in report["trials"] if trial["outcome"] == "incorrect"}
        self.assertIn("reference", wrong)
        self.assertEqual(self.cell(report, "serial/w1/t1/none/c4")["verdict"], "incorrect")


class Search(support.TestCase):
    def search(self, *options, **more):
        return self.sweep(*SPIN, "--workers", "1,2", "--reference-every", 4, *options, **more)

    def test_quick_ends_with_a_choice_and_what_it_gains(self):
        report = self.search("--search", "quick", "--repetitions", 3, "--window-s", 0.03, seconds=170)
        search = report["search"]
        self.assertTrue(report["finished"] and search["ended"])
        self.assertIn(search["end"], ("winner", "tie", "survivors"))
        self.assertIn(search["choice"], search["survivors"])
        self.assertEqual(search["reference"], "serial/w1/t1/none/c1")
        self.assertNotIn("independent", {cell["mode"] for cell in report["cells"]})
        self.assertEqual({cell["id"] for cell in search["cells"]}, {cell["id"] for cell in report["cells"]})
        roles = collections.Counter(trial["role"] for trial in report["trials"])
        self.assertEqual(roles["probe"], len(search["cells"]))
        self.assertEqual(roles["probe"] + search["launches"], len(report["trials"]))
        self.assertGreater(roles["race"], 0)
        self.assertGreater(roles["confirmation"], 0)
        words = " ".join(self.done.out.split())
        self.assertTrue(words.startswith("Search quick: "), words)
        for gain in ("gain_over_default", "gain_over_runner_up"):
            self.assertTrue((search[gain]["why_null"] is None) == (search[gain]["over"] is not None))

    def test_probes_are_short(self):
        report = self.search("--search", "all", "--repetitions", 1, "--window-s", 0.2)
        windows = collections.defaultdict(set)
        for trial in report["trials"]:
            windows[trial["role"]].add(round(trial["window_ms"]))
        self.assertEqual(windows["cell"], {200})
        self.assertLess(max(windows["probe"]), 100)

    def test_drops_a_cell_that_gives_wrong_answers_after_its_probe(self):
        report = self.search("--search", "all", "--repetitions", 2, "--transport", "pipe,shm", "--fault", "flip:2",
                             "--fault-cell", "w2/t1/none/c1/pipe", code=5)
        wrong = "processes/w2/t1/none/c1/pipe"
        self.assertEqual([trial["role"] for trial in report["trials"] if trial["cell"] == wrong], ["probe"])
        fates = {cell["id"]: cell["fate"] for cell in report["search"]["cells"]}
        self.assertEqual(fates.pop(wrong), "failed")
        self.assertEqual(set(fates.values()), {"survivor"})

    def test_needs_references(self):
        done = self.run_program("run", *support.FAST, *SPIN, "--workers", 1, "--search", "quick")
        self.assertEqual(done.code, 2)
        self.assertIn("--reference-every: 0, but --search quick", done.err)


if __name__ == "__main__":
    support.main()
