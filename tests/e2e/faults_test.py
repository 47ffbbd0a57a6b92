"""Planted faults: each is seen, named and survived; the other cells are measured all the same."""

import re

import support

CHUNK = 4
AT = 5  # the faulty chunk: a full one, in the warm-up


class Faults(support.TestCase):
    def sweep_with(self, fault, transport, code, *options):
        """A sweep over two transports with the fault in one. Returns the faulty cell and its trial,
        after checking that all others came out right."""
        other = "pipe" if transport == "shm" else "shm"
        report = self.sweep("--workload", "null", "--workers", 2, "--chunk", CHUNK, "--transport",
                            f"{transport},{other}", "--modes", "processes,threads", "--fault", fault,
                            "--fault-cell", f"/{transport}", *options, common=support.IMPATIENT, code=code)
        faulty = self.cell(report, f"processes/w2/t1/none/c{CHUNK}/{transport}")
        for cell in report["cells"]:
            if cell is not faulty:
                self.assert_measured(cell)
        self.assert_nothing_runs()
        return faulty, next(trial for trial in report["trials"] if trial["cell"] == faulty["id"])

    def each_transport(self, fault, code, check, *options):
        """Calls `check(cell, trial)` with what `fault` made of each transport."""
        for transport in support.TRANSPORTS:
            with self.subTest(fault=fault, transport=transport):
                check(*self.sweep_with(fault, transport, code, *options))

    def assert_only(self, cell, **counts):
        """Exactly these counts of the ordering are not zero."""
        found = {name: cell["ordering"][name] for name in ("missing", "duplicated", "misplaced", "corrupted")}
        self.assertEqual({name: count for name, count in found.items() if count}, counts)

    def test_a_dropped_answer_is_missing(self):
        def check(cell, trial):
            self.assert_only(cell, missing=CHUNK)
            self.assertEqual((cell["verdict"], trial["outcome"]), ("disordered", "disordered"))
            self.assertEqual(cell["ordering"]["verdict"], "disordered")
            self.assertIn(f"{CHUNK} answers missing", trial["message"])

        self.each_transport(f"drop:{AT}", 5, check)

    def test_a_repeated_answer_is_duplicated(self):
        def check(cell, trial):
            self.assert_only(cell, duplicated=CHUNK)
            self.assertEqual((cell["verdict"], trial["outcome"]), ("disordered", "disordered"))

        self.each_transport(f"repeat:{AT}", 5, check)

    def test_swapped_answers_are_misplaced(self):
        def check(cell, trial):
            self.assertGreaterEqual(cell["ordering"]["misplaced"], 2 * CHUNK)
            self.assertEqual(cell["ordering"]["verdict"], "disordered")
            self.assertIn(trial["outcome"], ("disordered", "incorrect"))

        self.each_transport(f"swap:{AT}", 5, check)

    def test_a_flipped_bit_is_corruption(self):
        def check(cell, trial):
            self.assertGreater(cell["ordering"]["corrupted"], 0)
            self.assertEqual((cell["verdict"], trial["outcome"]), ("incorrect", "incorrect"))

        self.each_transport(f"flip:{AT}", 5, check)

    def test_an_answer_that_is_cut_is_malformed(self):
        def check(cell, trial):
            self.assertEqual((cell["verdict"], trial["outcome"]), ("failed", "failed"))
            self.assertIn(f"sent a malformed answer to chunk {AT}", trial["message"])

        self.each_transport(f"cut:{AT}", 3, check)

    def test_a_wrong_computation_is_incorrect(self):
        def check(cell, trial):
            self.assertEqual(cell["output_check"]["verdict"], "incorrect")
            self.assertEqual(cell["output_check"]["outside_tolerance"], CHUNK)
            self.assertEqual((cell["verdict"], trial["outcome"]), ("incorrect", "incorrect"))

        self.each_transport(f"wrong:{AT}", 5, check)

    def test_a_delayed_answer_holds_up_the_others_and_is_right(self):
        def check(cell, trial):
            self.assertEqual((cell["ordering"]["verdict"], cell["output_check"]["verdict"]), ("ok", "ok"))
            self.assertGreater(cell["ordering"]["completion_inversions"], 0)
            self.assertGreater(cell["ordering"]["max_reorder_depth"], 0)
            self.assertGreater(cell["ordering"]["head_of_line_ms"], 0)
            self.assertEqual(trial["outcome"], "ok")

        self.each_transport(f"delay:{AT}:30", 0, check)

    def assert_death(self, fault, how):
        def check(cell, trial):
            self.assertEqual((cell["verdict"], trial["outcome"]), ("failed", "failed"))
            self.assertRegex(trial["message"], rf"^worker [01] \(pid \d+\) {how}.* held chunks? .*\b{AT}\b")

        self.each_transport(fault, 3, check)

    def test_a_crash_is_named_with_worker_and_chunk(self):
        self.assert_death(f"crash:{AT}", r"was killed by signal 11 \(SIGSEGV")

    def test_a_killed_worker_is_named_with_its_chunk(self):
        self.assert_death(f"kill:{AT}", r"was killed by signal 9 \(SIGKILL, perhaps out of memory")

    def test_a_worker_that_exits_is_named_with_its_chunk(self):
        self.assert_death(f"exit:{AT}", "exited with code 7")

    def test_a_hanging_worker_is_timed_out(self):
        def check(cell, trial):
            self.assertEqual((cell["verdict"], trial["outcome"]), ("timed_out", "timed_out"))
            self.assertRegex(trial["message"], rf"^worker [01] \(pid \d+\) .* held chunks? .*\b{AT}\b")
            self.assertIn("--chunk-timeout-s", trial["message"])

        self.each_transport(f"hang:{AT}", 3, check)

    def test_a_crash_at_the_start_is_named_with_its_worker(self):
        def check(cell, trial):
            self.assertEqual((cell["verdict"], trial["outcome"]), ("failed", "failed"))
            self.assertRegex(trial["message"], r"^worker 1 \(pid \d+\) was killed by signal 11 .* start-up$")

        self.each_transport("start_crash:1", 3, check)

    def test_a_hang_at_the_start_is_timed_out(self):
        for transport in support.TRANSPORTS:
            with self.subTest(transport):
                cell, trial = self.sweep_with("start_hang:1", transport, 3, "--startup-timeout-s", 3)
                self.assertEqual((cell["verdict"], trial["outcome"]), ("timed_out", "timed_out"))
                self.assertRegex(trial["message"], r"^worker 1 \(pid \d+\) did not finish its start-up")


class Losses(support.TestCase):
    def test_every_chunk_without_an_answer_is_named(self):
        """Also where the kernel (tcp) or libzmq forgets what the worker had answered last."""
        report = self.sweep("--workload", "null", "--workers", 1, "--chunk", 1, "--credit", 4, "--transport",
                            ",".join(support.TRANSPORTS), "--modes", "processes", "--fault", "kill:50",
                            common=support.IMPATIENT, code=3)
        trials = [trial for trial in report["trials"] if trial["cell"].startswith("processes")]
        self.assertEqual(len(trials), len(support.TRANSPORTS))
        for trial in trials:
            with self.subTest(trial["cell"]):
                named = re.search(r" while it held chunks? ([\d, ]+)\Z", trial["message"])
                self.assertTrue(named, trial["message"])
                held = [int(number) for number in named[1].split(", ")]
                self.assertEqual(held, list(range(trial["chunks"], trial["chunks"] + len(held))))
                self.assertIn(50, held)


class FaultsWithoutDispatcher(support.TestCase):
    def sweep_with(self, fault, cell_text, code, outcome):
        report = self.sweep("--workload", "null", "--workers", 2, "--chunk", CHUNK, "--modes", "processes,threads",
                            "--fault", fault, "--fault-cell", cell_text, common=support.IMPATIENT, code=code)
        for trial in report["trials"]:
            self.assertEqual(trial["outcome"], outcome if cell_text in trial["cell"] else "ok")
        self.assert_nothing_runs()
        cell = next(cell for cell in report["cells"] if cell_text in cell["id"])
        self.assertEqual(cell["verdict"], outcome)
        return cell

    def each_mode(self, fault, code, outcome, check):
        for mode in ("serial/", "independent/", "threads/"):
            with self.subTest(fault=fault, mode=mode):
                check(self.sweep_with(fault, mode, code, outcome))

    def test_a_wrong_computation_is_incorrect(self):
        def check(cell):
            self.assertEqual(cell["output_check"]["outside_tolerance"], CHUNK)

        self.each_mode(f"wrong:{AT}", 5, "incorrect", check)

    def test_death_is_failure(self):
        for fault, how in (("crash", "SIGSEGV"), ("kill", "SIGKILL"), ("exit", "code 7")):
            def check(cell):
                self.assertRegex(cell["reason"], rf"worker \d+ \(pid \d+\) .*{how}")

            self.each_mode(f"{fault}:{AT}", 3, "failed", check)

    def test_a_hang_is_timed_out(self):
        def check(cell):
            self.assertRegex(cell["reason"], r"worker \d+ \(pid \d+\) ")

        self.each_mode(f"hang:{AT}", 3, "timed_out", check)

    def test_a_ratio_to_a_failed_control_is_null(self):
        report = self.sweep("--workload", "null", "--workers", 1, "--chunk", 1, "--fault", "kill:0", "--fault-cell",
                            "serial", common=support.IMPATIENT, code=3)
        processes = self.cells_of(report, "processes")[0]
        self.assertIsNone(processes["speedup"]["median"])
        self.assertGreater(processes["dispatch_efficiency"]["median"], 0)


if __name__ == "__main__":
    support.main()
