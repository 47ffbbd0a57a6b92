"""Items and answers of variable size: every mode, transport and dispatch brings them right and in order."""

import struct

import support

DISPATCHES = ("dynamic", "static", "guided", "pull")
ITEMS = 50  # no multiple of 7: the last chunk of each pass is shorter
VARIED = ("--workload", "null", "--items", ITEMS, "--option", "item_bytes=300", "--option", "vary=0.9", "--option",
          "answer_bytes=500", "--option", "vary_answers=1")
CHUNK = 4
AT = 5  # the faulty chunk: a full one, in the warm-up


class VariableSize(support.TestCase):
    def sweep_all(self, *workload):
        report = self.sweep(*workload, "--workers", 2, "--chunk", "1,7", "--modes", "processes,threads", "--transport",
                            ",".join(support.TRANSPORTS), "--dispatch", ",".join(DISPATCHES))
        for cell in report["cells"]:
            with self.subTest(cell["id"]):
                self.assert_measured(cell)
        without_pull = sum(name not in ("shm", "shm_loan") for name in support.TRANSPORTS)
        self.assertEqual(len(report["skipped"]), 2 * without_pull)
        for cell in report["skipped"]:
            self.assertIn("pull needs shared memory", cell["reason"])
        self.assertEqual(len(self.cells_of(report, "processes")),
                         2 * (len(support.TRANSPORTS) * len(DISPATCHES) - without_pull))
        for mode in ("serial", "independent", "threads"):
            self.assertEqual(len(self.cells_of(report, mode)), 2)
        self.assertEqual(report["workload"]["warnings"], [])
        return report["workload"]

    def assert_sizes(self, what, least, most):
        self.assertEqual(what["sizing"], "variable")
        sizes = what["sizes_bytes"]
        self.assertLessEqual(least, sizes["smallest"])
        self.assertLess(sizes["smallest"], sizes["mean"])
        self.assertLess(sizes["mean"], sizes["largest"])
        self.assertLessEqual(sizes["largest"], most)
        self.assertEqual(what["bytes"], most)

    def test_null_with_items_and_answers_that_vary(self):
        workload = self.sweep_all(*VARIED)
        self.assert_sizes(workload["item"], 30, 300)
        self.assert_sizes(workload["answer"], 8, 500)

    def test_null_with_answers_alone_that_vary(self):
        workload = self.sweep_all("--workload", "null", "--items", ITEMS, "--option", "vary_answers=1")
        self.assertEqual((workload["item"]["sizing"], workload["item"]["sizes_bytes"]), ("fixed", None))
        self.assert_sizes(workload["answer"], 8, 64)

    def test_sum_squares_with_items_that_vary_and_answers_that_do_not(self):
        workload = self.sweep_all("--workload", "sum_squares", "--items", ITEMS, "--option", "cost=5", "--option",
                                  "values=40", "--option", "vary=1")
        self.assert_sizes(workload["item"], 8, 320)
        self.assertEqual((workload["answer"]["sizing"], workload["answer"]["bytes"]), ("fixed", 8))

    def test_large_ones_pass_through_every_transport(self):
        report = self.sweep("--workload", "null", "--items", 7, "--option", "item_bytes=1500000", "--option", "vary=1",
                            "--option", "answer_bytes=700000", "--option", "vary_answers=1", "--workers", 2, "--chunk",
                            "1,3", "--transport", ",".join(support.TRANSPORTS), "--warmup-s", 0.1, "--window-s", 0.2)
        for cell in report["cells"]:
            self.assert_measured(cell)

    def test_saved_outputs_are_the_reference_with_its_offsets(self):
        for order in ("input", "completion"):
            self.sweep(*VARIED, "--workers", 2, "--chunk", "1,7", "--transport", "pipe,shm_loan", "--dispatch",
                       "dynamic,static", "--order", order, "--save-outputs", "out")
            content, offsets = self.saved("reference")
            inputs, begins = self.saved("inputs")
            for item in range(ITEMS):
                answer = content[offsets[item]:offsets[item + 1]]
                given = inputs[begins[item]:begins[item + 1]]
                self.assertEqual(struct.unpack_from("<q", given), (item,))
                self.assertEqual(answer, given[:len(answer)].ljust(len(answer), b"\0"))
            files = sorted(self.folder.glob("out/processes_*.offsets.npy"))
            self.assertEqual(len(files), 8)
            for file in files:
                self.assertEqual(self.saved(file.name.removesuffix(".offsets.npy")), (content, offsets), file.name)

    def saved(self, stem):
        """The bytes of a flat array, and where each item begins."""
        dtype, shape, content = support.read_npy(self.folder / f"out/{stem}.npy")
        self.assertEqual((dtype, shape), ("|u1", (len(content),)))
        dtype, shape, offsets = support.read_npy(self.folder / f"out/{stem}.offsets.npy")
        self.assertEqual((dtype, shape), ("<i8", (ITEMS + 1,)))
        offsets = struct.unpack(f"<{ITEMS + 1}q", offsets)
        self.assertEqual((offsets[0], offsets[-1]), (0, len(content)))
        return content, offsets


class Faults(support.TestCase):
    """Planted faults are seen where sizes vary, too."""

    def faulty(self, fault, code, *options):
        """The counts of the ordering that are not zero, and the cell, of each transport and dispatch."""
        report = self.sweep(*VARIED, "--workers", 2, "--chunk", CHUNK, "--fault", fault, *options,
                            common=support.IMPATIENT, code=code)
        for cell in self.cells_of(report, "processes"):
            counts = {name: cell["ordering"][name] for name in ("missing", "duplicated", "misplaced", "corrupted")}
            with self.subTest(cell["id"], fault=fault):
                yield {name: count for name, count in counts.items() if count}, cell

    def on_every_way(self, fault, code):
        yield from self.faulty(fault, code, "--transport", ",".join(support.TRANSPORTS))
        yield from self.faulty(fault, code, "--transport", "shm,shm_loan", "--dispatch", "pull,guided")

    def test_a_flipped_bit_is_corruption(self):
        for counts, cell in self.on_every_way(f"flip:{AT}", 5):
            self.assertEqual((list(counts), cell["verdict"]), (["corrupted"], "incorrect"))

    def test_a_wrong_computation_is_incorrect(self):
        for counts, cell in self.on_every_way(f"wrong:{AT}", 5):
            self.assertEqual((counts, cell["output_check"]["outside_tolerance"]), ({}, CHUNK))

    def test_an_answer_that_is_cut_is_malformed_and_its_sender_named(self):
        for _, cell in self.on_every_way(f"cut:{AT}", 3):
            self.assertEqual(cell["verdict"], "failed")
            self.assertRegex(cell["reason"], rf"worker \d \(pid \d+\) (sent|left) a malformed answer to chunk {AT}")

    def test_swapped_answers_are_misplaced_though_their_sizes_differ(self):
        for counts, _ in self.faulty(f"swap:{AT}", 5, "--transport", ",".join(support.TRANSPORTS)):
            self.assertEqual(list(counts), ["misplaced"])
            self.assertGreaterEqual(counts["misplaced"], 2 * CHUNK)

    def test_a_dropped_answer_is_missing(self):
        for counts, _ in self.faulty(f"drop:{AT}", 5, "--transport", ",".join(support.TRANSPORTS)):
            self.assertEqual(counts, {"missing": CHUNK})

    def test_a_replaced_worker_loses_nothing(self):
        for counts, cell in self.faulty(f"kill:{AT}", 0, "--on-worker-death", "replace", "--transport", "pipe,shm_loan",
                                        "--dispatch", "dynamic,static,guided"):
            self.assertEqual(counts, {})
            self.assertEqual(cell["output_check"]["verdict"], "ok")


if __name__ == "__main__":
    support.main()
