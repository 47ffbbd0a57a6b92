"""Each axis and option changes something that can be seen."""

import os
import subprocess
import time

import support

ONE = ("--workload", "null", "--workers", 1, "--chunk", 1)


class Axes(support.TestCase):
    def trial(self, report, cell_id):
        return next(trial for trial in report["trials"] if trial["cell"] == cell_id)

    def test_placement_decides_the_cpus_of_the_workers(self):
        allowed = os.sched_getaffinity(0)
        report = self.sweep(*ONE, "--workers", "1,2", "--placement", "none,compact,scatter")
        for cell in report["cells"]:
            with self.subTest(cell["id"]):
                of_workers = [support.cpus_of(worker["cpus_effective"]) for worker in cell["workers_detail"]]
                if cell["placement"] == "none":
                    self.assertEqual(of_workers, [allowed] * cell["workers"])
                    continue
                self.assertEqual([len(cpus) for cpus in of_workers], [1] * cell["workers"])
                if len(allowed) >= cell["workers"]:
                    self.assertEqual(len(set.union(*of_workers)), cell["workers"], "one CPU each")

    def test_workers_are_processes_and_in_mode_threads_threads(self):
        report = self.sweep(*ONE, "--workers", "1,2,3", "--modes", "processes,threads")
        for trial in report["trials"]:
            mode, workers = trial["cell"].split("/")[:2]
            with self.subTest(trial["cell"]):
                self.assertEqual(len(trial["workers"]), int(workers[1:]))
                pids = {worker["pid"] for worker in trial["workers"]}
                self.assertEqual(len(pids), 1 if mode in ("threads", "serial") else int(workers[1:]))
                self.assertEqual(trial["dispatcher"] is not None, mode == "processes")

    def test_chunk_decides_how_many_items_travel_together(self):
        # Slow enough for every chunk to be among the samples.
        report = self.sweep("--workload", "spin", "--option", "busy_us=50", "--items", 10, "--workers", 1, "--chunk",
                            "1,4,10")
        for chunk, sizes in ((1, {1}), (4, {4, 2}), (10, {10})):
            for mode, end in (("serial", ""), ("independent", ""), ("processes", "/shm")):
                samples = self.trial(report, f"{mode}/w1/t1/none/c{chunk}{end}")["samples"]
                self.assertEqual(set(samples["items"]), sizes)
                for sequence, items in zip(samples["sequence"], samples["items"]):
                    self.assertEqual(items == 2, chunk == 4 and sequence % 3 == 2)

    def test_transport_decides_what_connects_the_workers(self):
        connects = {"pipe": {"pipe:"}, "unix": {"unix stream"}, "seqpacket": {"unix seqpacket"}, "tcp": {"tcp"},
                    "mq": {"pipe:", "/coresweep."}, "zeromq": {"unix stream", "unix seqpacket"},
                    "shm": {"/memfd:coresweep.arena"}, "shm_loan": {"/memfd:coresweep.arena"}}
        for transport in support.TRANSPORTS:
            with self.subTest(transport):
                sweep = self.start("run", *support.FAST, *ONE, "--transport", transport, "--window-s", 0.2,
                                   "-o", "report.json", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                seen = set()
                while sweep.poll() is None:
                    for worker in self.workers():
                        links = self.links(worker)
                        seen.update(links, self.connections(links))
                    time.sleep(0.01)
                self.assertEqual(self.end(sweep).code, 0)
                kinds = {known for known in set.union(*connects.values())
                         if any(link.startswith(known) for link in seen)}
                self.assertEqual(kinds, connects[transport], seen)
                self.cell(self.report(), f"processes/w1/t1/none/c1/{transport}")
                if os.path.isdir("/dev/mqueue"):
                    self.assertTrue(support.wait_until(lambda: not self.queues()), "a queue kept its name")

    @staticmethod
    def queues():
        return [name for name in os.listdir("/dev/mqueue") if name.startswith("coresweep.")]

    @staticmethod
    def connections(links):
        """Of which kinds the sockets among `links` are, without the control connection."""
        inodes = {link[len("socket:["):-1] for link in links if link.startswith("socket:[")}
        of_unix = [line.split() for line in support.lines_of("/proc/net/unix")[1:]]
        types = [row[4] for row in of_unix if row[6] in inodes]
        of_tcp = [line.split()[9] for line in support.lines_of("/proc/net/tcp")[1:]]
        return {kind for kind, there in (("unix stream", "0001" in types), ("unix seqpacket", types.count("0005") > 1),
                                         ("tcp", not inodes.isdisjoint(of_tcp))) if there}

    def test_unknown_values_are_refused_with_the_accepted_ones(self):
        for option, accepted in (("--dispatch", ("dynamic", "static", "guided", "pull")),
                                 ("--wait", ("adaptive", "block", "spin")), ("--credit", ("1 to 1024", "auto")),
                                 ("--order", ("input", "completion")), ("--on-worker-death", ("fail", "replace"))):
            with self.subTest(option):
                self.assert_usage_error(self.run_program("run", *ONE, option, "pigeon"), option, "pigeon", *accepted)

    def test_plan_shows_dispatch_credit_and_wait_and_what_cannot_pull(self):
        done = self.run_program("plan", "--measure-cpus-s", 0, *ONE, "--placement", "none", "--transport", "pipe,shm",
                                "--dispatch", "dynamic,pull", "--credit", "auto,4", "--wait", "adaptive,spin", "--json")
        plan = support.read_json(done.out)
        axes = {cell["id"].removeprefix("processes/w1/t1/none/c1/"): (cell["dispatch"], cell["credit"], cell["wait"])
                for cell in plan["cells"] if cell["mode"] == "processes"}
        dynamic = {"": ("dynamic", "auto", "adaptive"), "/spin": ("dynamic", "auto", "spin"),
                   "/credit4": ("dynamic", 4, "adaptive"), "/credit4/spin": ("dynamic", 4, "spin")}
        self.assertEqual(axes, {**{f"{transport}{end}": values for transport in ("pipe", "shm")
                                   for end, values in dynamic.items()},
                                "shm/pull": ("pull", None, "adaptive"), "shm/pull/spin": ("pull", None, "spin")})
        self.assertEqual([cell["id"].split("/c1/")[1] for cell in plan["skipped"]], ["pipe/pull", "pipe/pull/spin"])
        for cell in plan["skipped"]:
            self.assertEqual(cell["reason"], "dispatch pull needs shared memory: use transport shm or shm_loan")

    def test_credit_is_the_most_chunks_in_flight(self):
        for credit in (1, 2, 5):
            report = self.sweep("--workload", "spin", "--option", "busy_us=500", "--workers", 1, "--chunk", 1,
                                "--credit", credit)
            samples = self.trial(report, f"processes/w1/t1/none/c1/shm/credit{credit}")["samples"]
            self.assertEqual(samples["stride"], 1)
            merged = samples["merged_us"]
            most = max(sum(1 for earlier in range(max(0, i - 20), i) if merged[earlier] > issued)
                       for i, issued in enumerate(samples["issued_us"])) + 1
            self.assertEqual(most, credit)

    def test_seed_decides_the_order_of_trials_and_the_items(self):
        axes = ("--workload", "sum_squares", "--items", 20, "--workers", "1,2", "--chunk", "1,2", "--repetitions",
                2, "--window-s", 0.02, "--save-outputs", "out")
        orders, inputs = [], []
        for seed in (4, 4, 5):
            report = self.sweep(*axes, "--seed", seed)
            orders.append([(trial["cell"], trial["repetition"]) for trial in report["trials"]])
            inputs.append(support.read_npy(self.folder / "out/inputs.npy"))
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])
        self.assertEqual(sorted(orders[0]), sorted(orders[2]))
        self.assertEqual(inputs[0], inputs[1])
        self.assertNotEqual(inputs[0], inputs[2])

    def test_window_warmup_and_repetitions_are_kept(self):
        report = self.sweep(*ONE, "--window-s", 0.03, "--warmup-s", 0.02, "--repetitions", 2)
        self.assertEqual(len(report["trials"]), 6)
        for trial in report["trials"]:
            self.assertAlmostEqual(trial["window_begin_ms"], 20, places=3)
            self.assertAlmostEqual(trial["window_ms"], 30, places=3)
            self.assertGreaterEqual(trial["drained_ms"], trial["window_begin_ms"])

    def test_fixed_work_ends_the_window_when_it_is_done(self):
        report = self.sweep("--workload", "spin", "--option", "busy_us=100", "--workers", "1,2", "--chunk", 2, "--modes",
                            "processes,threads", "--dispatch", "dynamic,pull", "--work-items", 300, "--window-s", 20)
        self.assertEqual(report["config"]["effective"]["work_items"], 300)
        for trial in (trial for trial in report["trials"] if trial["role"] != "probe"):
            with self.subTest(trial["cell"]):
                self.assertEqual(trial["outcome"], "ok", trial["message"])
                self.assertGreaterEqual(trial["items_in_window"], 300)
                self.assertLess(trial["window_ms"], 20_000, "less than 200 of the least window")
                self.assertFalse([text for text in trial["warnings"] if "cut off" in text])

    def test_work_that_is_too_much_is_cut_off_and_said_to_be(self):
        report = self.sweep(*ONE, "--work-items", 10 ** 12, "--window-s", "0.01", "--repetitions", 1)
        for trial in report["trials"]:
            self.assertAlmostEqual(trial["window_ms"], 100)
            self.assertIn("the work was cut off after 0.1 s", " ".join(trial["warnings"]))

    def test_fixed_work_goes_not_with_open_load(self):
        done = self.run_program("run", *ONE, "--work-items", 10, "--load", "open", "--rate", 100)
        self.assert_usage_error(done, "--work-items: under open load the rate sets the work")

    def test_items_and_options_of_the_workload_are_kept(self):
        report = self.sweep("--workload", "null", "--items", 13, "--option", "item_bytes=24", "--option",
                            "answer_bytes=16", "--workers", 1, "--chunk", 5)
        workload = report["workload"]
        self.assertEqual((workload["items"], workload["item"]["bytes"], workload["answer"]["bytes"]), (13, 24, 16))

    def test_saved_outputs_are_the_reference_in_order(self):
        self.sweep("--workload", "sum_squares", "--items", 23, "--workers", 2, "--chunk", "1,4,23", "--transport",
                   ",".join(support.TRANSPORTS), "--save-outputs", "out", "--option", "cost=5")
        reference = support.read_npy(self.folder / "out/reference.npy")
        self.assertEqual(reference[:2], ("<i8", (23,)))
        self.assertEqual(len(reference[2]), 23 * 8)
        inputs = support.read_npy(self.folder / "out/inputs.npy")
        self.assertEqual(self.sums_of_squares(inputs[2], 5), reference[2])
        for chunk in (1, 4, 23):
            for transport in support.TRANSPORTS:
                file = self.folder / f"out/processes_w2_t1_none_c{chunk}_{transport}.npy"
                self.assertEqual(support.read_npy(file), reference, file.name)

    @staticmethod
    def sums_of_squares(items, cost):
        """What workload sum_squares answers: xorshift, low halves squared and added."""
        answers, mask = b"", 2**64 - 1
        for begin in range(0, len(items), 8):
            value, total = int.from_bytes(items[begin:begin + 8], "little"), 0
            for _ in range(cost):
                value ^= value << 13 & mask
                value ^= value >> 7
                value ^= value << 17 & mask
                total += (value & 0xffffffff) ** 2
            answers += (total & mask).to_bytes(8, "little")
        return answers


if __name__ == "__main__":
    support.main()
