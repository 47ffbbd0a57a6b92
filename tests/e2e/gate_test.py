"""`coresweep gate`, `analyze` and `launch`: verdicts, exit codes, and what stays when one is cut off."""

import json
import os
import signal
import statistics
import time

import support

CELL = ("--workload", "spin", "--option", "busy_us=100", "--workers", 1, "--window-s", "0.05", "--warmup-s", "0.02")
# Margins far above what a noisy machine does, so that few blocks decide.
WIDE = ("--tolerated", 30, "--must-catch", 90)
# Few blocks: the fewest that this alpha allows.
SHORT = ("--alpha", 20, "--blocks", 6)
MORE = ("--alpha", 20, "--blocks", 40)  # as few where they decide, more on a busy machine
LONG = ("--same-arms", "--tolerated", "0.001", "--must-catch", "0.01", "--blocks", 1000)  # never proven soon
SLOW_B = ("--candidate-set", "options.busy_us=200")
PATIENCE_S = 120
SOON_S = 20


class GateCase(support.TestCase):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "tmp"
        self.scratch.mkdir()

    def environment(self):
        return {**super().environment(), "TMPDIR": str(self.scratch)}

    @staticmethod
    def briefly(*arguments):
        """These, and what makes a gate short where they do not say otherwise; programs cannot fork their workers."""
        brief = {"--burn-in": "off", "--work-items": 0, "--worker-start": "zygote"}
        if any(str(word).endswith("-program") for word in arguments):
            del brief["--worker-start"]
        return [word for option in brief.items() if option[0] not in arguments for word in option] + list(arguments)

    def gate(self, *arguments, code):
        """A gate that must end with `code`; its report."""
        done = self.run_program("gate", *CELL, "-q", "-o", "gate.json", *self.briefly(*arguments), seconds=PATIENCE_S)
        self.assertEqual((done.code, done.err), (code, ""), done)
        self.assertEqual(os.listdir(self.scratch), [], "left in the temporary folder")
        self.done = done
        report = self.read()
        self.assertEqual(report["schema"], "coresweep.gate")
        self.assertEqual(report["outcome"]["exit_code"], code)
        self.assertTrue(done.out.startswith(report["outcome"]["verdict"] + ": "), done)
        return report

    def read(self, name="gate.json"):
        return support.read_report(self.folder / name)

    def analyze(self, name="gate.json"):
        return self.run_program("analyze", name)

    def assert_analyze_agrees(self):
        """`analyze` says the same as the gate that has just run."""
        again = self.analyze()
        self.assertEqual((again.code, again.err), (self.done.code, ""), again)
        self.assertEqual(again.out, self.done.out.replace("report: gate.json\n", ""))

    def launches(self, report):
        return [launch for block in report["blocks"] for launch in block["launches"]]

    def script(self, name, *lines):
        path = self.folder / name
        path.write_text("\n".join(("#!/bin/sh", *lines, "")))
        path.chmod(0o755)
        return path

    def begin_long(self, *arguments, blocks=2):
        """A gate that takes long, as soon as its report has some blocks."""
        gate = self.start("gate", *CELL, *self.briefly(*LONG, *arguments), "-q", "-o", "gate.json")
        report = self.folder / "gate.json"
        self.assertTrue(support.wait_until(lambda: report.exists() and len(self.read()["blocks"]) >= blocks),
                        "no block came")
        return gate


class Verdicts(GateCase):
    def test_a_planted_slowdown_fails_confirmed_and_against_a_control(self):
        report = self.gate(*SLOW_B, *WIDE, code=1)
        phases = [block["phase"] for block in report["blocks"]]
        for phase in ("main", "confirmation", "null_control"):
            self.assertGreaterEqual(phases.count(phase), 6)
        self.assertEqual(report["outcome"]["failed"], ["throughput"])
        self.assertIn("null control clean", report["outcome"]["sentence"])
        self.assertEqual(report["arms"]["A"]["config"]["options"]["busy_us"], "100")
        self.assertEqual(report["arms"]["B"]["config"]["options"]["busy_us"], "200")
        for launch in self.launches(report):
            self.assertEqual(launch["outcome"], "ok")
            self.assertGreater(launch["items"], 0)
        self.assert_analyze_agrees()

    def test_a_candidate_twice_as_fast_passes(self):
        report = self.gate("--base-set", "options.busy_us=200", *WIDE, code=0)
        self.assertLess(report["outcome"]["phases"]["main"]["metrics"]["throughput"]["worse_ratio"], 1)
        self.assert_analyze_agrees()

    def test_a_against_a_never_fails(self):
        for seed in (1, 2):
            done = self.run_program("gate", *CELL, *self.briefly(*WIDE, "--same-arms", "--gate-seed", seed, "--blocks", 20), "-q",
                                    "-o", "gate.json", seconds=PATIENCE_S)
            self.assertIn(done.code, (0, 3), done)

    def test_identical_arms_are_refused(self):
        report = self.gate(code=2)
        self.assertEqual(report["blocks"], [])
        self.assertIn("A and B are the same", self.done.out)
        self.assert_analyze_agrees()

    def test_several_metrics_at_once(self):
        metrics = ["throughput", "latency_p50", "peak_memory", "cold_start", "cpu_per_item"]
        report = self.gate(*SLOW_B, *WIDE, *MORE, "--window-s", 0.15, "--metric", ",".join(metrics), code=1)
        self.assertEqual(list(report["outcome"]["phases"]["main"]["metrics"]), metrics)
        # Those that were proven at the look that ended the batch: at least one that the work shows in.
        self.assertNotEqual(report["outcome"]["failed"], [])
        self.assertLessEqual(set(report["outcome"]["failed"]), {"throughput", "latency_p50", "cpu_per_item"})
        for metric in metrics:
            values = [launch["metrics"][metric] for launch in self.launches(report)]
            measured = [value for value in values if not isinstance(value, dict)]
            self.assertTrue(measured and min(measured) > 0, (metric, values))
            # On a busy machine a window may hold too few chunks for a percentile.
            self.assertTrue(metric == "latency_p50" or measured == values, (metric, values))
        self.assert_analyze_agrees()

    def test_a_metric_that_is_never_measured_never_passes(self):
        report = self.gate("--same-arms", *SHORT, "--metric", "latency_p99", code=3)
        self.assertIn("needs 1000 chunks", self.done.out)
        for launch in self.launches(report):
            self.assertIn("needs 1000 chunks", launch["metrics"]["latency_p99"]["why_null"])
        self.assert_analyze_agrees()

    def test_the_budget_ends_it_and_keeps_the_blocks(self):
        report = self.gate(*LONG, "--budget", "1s", code=3)
        self.assertEqual(report["stopped"], "the time budget ended")
        self.assertIn("the time budget ended", report["outcome"]["sentence"])
        self.assertEqual(report["outcome"]["phases"]["main"]["blocks"], len(report["blocks"]))
        self.assert_analyze_agrees()

    def test_blocks_have_two_launches_of_each_arm_in_the_order_of_their_coin(self):
        report = self.gate("--same-arms", *WIDE, *SHORT, code=0)
        for block in report["blocks"]:
            self.assertEqual("".join(launch["arm"] for launch in block["launches"]), block["order"])
            self.assertIn(block["order"], ("ABBA", "BAAB"))


class Machine(GateCase):
    """The gate's own process looks at its machine: burn-in, sentinel, edges of the blocks."""

    def sentinel_s(self):
        """How long the sentinel takes here and now."""
        self.run_program("gate", *CELL, *SLOW_B, "-q", "-o", "now.json", "--burn-in", "0.2", "--budget", "3s",
                         seconds=PATIENCE_S)
        return statistics.median(self.read("now.json")["burn_in"]["wall_ns"]) / 1e9

    def test_burn_in_and_sentinel_are_stored_raw_and_told(self):
        report = self.gate("--same-arms", *WIDE, *MORE, "--burn-in", "0.2", code=0)
        burn_in = report["burn_in"]
        self.assertEqual(burn_in["asked_s"], 0.2)
        self.assertGreaterEqual(len(burn_in["wall_ns"]), 5)
        self.assertEqual(len(burn_in["wall_ns"]), len(burn_in["cpu_ns"]))
        self.assertEqual(burn_in["bounds"], {"spread": 13.5, "worst": 50, "waited": 0.95})  # 15 times 90 %
        for block in report["blocks"]:
            machine = block["machine"]
            self.assertGreater(machine["sentinel_cpu_ns"], 1e6)
            self.assertGreater(machine["length_ns"], 4 * 50e6)
            self.assertGreater(machine["since_last"]["interval_ns"], machine["sentinel_wall_ns"])
            self.assertEqual(block["invalid"], None)
        told = " ".join(self.done.out.split())
        self.assertIn(f"burn-in: {len(burn_in['wall_ns'])} times ", told)
        self.assertIn("of fixed work on one core before each block: spread ", told)
        self.assert_analyze_agrees()

    def test_a_machine_that_stands_still_in_the_burn_in_is_unfit_before_any_launch(self):
        stopped_s = 150 * self.sentinel_s()
        gate = self.start("gate", *CELL, *SLOW_B, "-q", "-o", "gate.json", "--burn-in", "5")
        time.sleep(2.5)  # arms are made ready, the burn-in has begun
        gate.send_signal(signal.SIGSTOP)
        time.sleep(stopped_s)
        gate.send_signal(signal.SIGCONT)
        self.done = self.end(gate, PATIENCE_S)
        self.assertEqual((self.done.code, self.done.err), (4, ""), self.done)
        first = " ".join(self.done.out.split(".\n")[0].split())
        self.assertRegex(first, r"\AUNFIT: before the first block, fixed work of \d+ ms on one core (once took \d+ times "
                                r"its median \(bound 50\)|had no CPU for 9\d\.\d % of its time \(bound 95 %\)): close other "
                                r"programs, pick a quieter runner, or give --burn-in off\Z")
        self.assertEqual(self.read()["blocks"], [])
        self.assert_analyze_agrees()

    def test_a_report_from_before_all_this_is_read(self):
        report = self.gate("--same-arms", *WIDE, *MORE, code=0)
        self.assertEqual(report["burn_in"], None)
        report.pop("burn_in")
        for block in report["blocks"]:
            block.pop("machine")
        (self.folder / "old.json").write_text(json.dumps(report))
        old = self.analyze("old.json")
        self.assertEqual((old.code, old.err), (0, ""), old)
        self.assertNotIn("sentinel", old.out)

    def test_a_burn_in_that_was_changed_to_unfit_is_found_out(self):
        report = self.gate("--same-arms", *WIDE, *MORE, "--burn-in", "0.1", code=0)
        report["burn_in"]["bounds"]["worst"] = 0.5
        (self.folder / "gate.json").write_text(json.dumps(report))
        done = self.analyze()
        self.assertEqual(done.code, 2, done)
        self.assertIn("gate.json: damaged: block 0 is not the one", done.err)

    def test_bad_burn_ins(self):
        for seconds in ("5.1", "-1", "nan", "soon", "", "1s"):
            done = self.run_program("gate", *CELL, "-q", "-o", "gate.json", "--burn-in", seconds)
            self.assertEqual((done.code, done.err), (2, ""), done)
            self.assertEqual(done.out, f"USAGE: --burn-in {seconds}: expected seconds from 0 to 5, or off\n")


class Faults(GateCase):
    def test_a_wrong_or_lost_answer_in_either_arm(self):
        for arm in ("--base-set", "--candidate-set"):
            for fault in ("wrong:3", "drop:3", "repeat:3", "swap:3", "flip:3"):
                with self.subTest(arm=arm, fault=fault):
                    report = self.gate(arm, f"fault={fault}", code=5)
                    self.assertEqual(report["outcome"]["verdict"], "INTEGRITY")
                    self.assertEqual(len(report["blocks"]), 1)
                    last = report["blocks"][0]["launches"][-1]
                    self.assertEqual(last["arm"], "A" if arm == "--base-set" else "B")
                    self.assertIn(last["outcome"], ("incorrect", "disordered"))
                    self.assert_analyze_agrees()

    def test_a_worker_that_crashes_in_either_arm(self):
        for arm, letter in (("--base-set", "A"), ("--candidate-set", "B")):
            with self.subTest(arm):
                report = self.gate(arm, "fault=crash:3", code=6)
                last = report["blocks"][0]["launches"][-1]
                self.assertEqual((last["arm"], last["outcome"]), (letter, "failed"))
                self.assertIn(last["message"].split("\n")[0][:40], report["outcome"]["sentence"])
                self.assert_analyze_agrees()

    def test_a_worker_that_hangs(self):
        report = self.gate("--candidate-set", "fault=hang:3", "--chunk-timeout-s", 1, code=6)
        self.assertEqual(report["blocks"][0]["launches"][-1]["outcome"], "timed_out")

    def test_an_output_that_cannot_be_written_is_refused_before_any_launch(self):
        program = self.script("arm", f"touch {self.folder}/launched")
        done = self.run_program("gate", *CELL, "--base-program", program, "-o", "no/such/gate.json")
        self.assert_usage_error(done, "-o", "no/such")
        self.assertFalse((self.folder / "launched").exists())

    def test_bad_options(self):
        for words, named in ((("--metric", "speed"), "--metric speed"), (("--tolerated", 9), "--tolerated 9"),
                             (("--budget", "soon"), "--budget: expected"), (("--candidate-set", "chunk"), "--candidate-set"),
                             (("--candidate-set", "chunk=1,2"), "arm B: 2 configurations"),
                             (("--base-set", "workers=100000"), "--base-set workers"),
                             (("--base-set", "workload=torch9"), "torch9")):
            with self.subTest(words):
                done = self.run_program("gate", *CELL, "-q", "-o", "gate.json", *words)
                self.assertEqual((done.code, done.err), (2, ""), done)
                self.assertRegex(done.out, r"\AUSAGE: [^\n]+\n\Z")
                self.assertIn(named, done.out)
                self.assertFalse((self.folder / "gate.json").exists())


class Programs(GateCase):
    BOTH = ("--base-program", support.PROGRAM, "--candidate-program", support.PROGRAM)

    def test_two_programs_are_launched_and_their_answers_counted(self):
        report = self.gate(*self.BOTH, "--same-arms", *WIDE, *SHORT, code=0)
        self.assertEqual(len(report["blocks"]), 6)
        for launch in self.launches(report):
            self.assertEqual(launch["outcome"], "ok")
            self.assertGreater(launch["items"], 0)
        self.assertEqual(report["arms"]["A"]["program"], support.PROGRAM)
        self.assertEqual(report["arms"]["A"]["program_digest"], report["arms"]["B"]["program_digest"])
        self.assert_analyze_agrees()

    def test_the_same_program_and_configuration_twice_is_refused(self):
        self.assertEqual(self.gate(*self.BOTH, code=2)["blocks"], [])

    def test_a_slower_program_fails(self):
        self.gate(*self.BOTH, *SLOW_B, *WIDE, "--alpha", 20, "--blocks", 20, code=1)
        self.assert_analyze_agrees()

    def test_a_wrong_answer_of_a_program(self):
        report = self.gate(*self.BOTH, "--candidate-set", "fault=wrong:3", code=5)
        self.assertEqual(report["blocks"][0]["launches"][-1]["outcome"], "incorrect")

    def test_programs_that_do_not_answer_as_launch_does(self):
        ok = json.dumps({"outcome": "ok", "items": 5, "metrics": {"throughput": 5}})
        answer = f"for last; do :; done; echo '{ok}' >\"$last\""
        for program, said in (("/bin/true", "wrote no launch and exited with code 0"),
                              (self.script("fails", answer, "exit 1"), "says ok, but it exited with code 1"),
                              (self.script("dies", answer, "kill -SEGV $$"), "SIGSEGV"),
                              (self.script("idle", answer.replace('"items": 5', '"items": 0')), "not one item"),
                              (self.script("zero", answer.replace('"throughput": 5', '"throughput": 0')), "throughput"),
                              (self.script("talks", "for last; do :; done; echo hello >\"$last\""), "not JSON")):
            with self.subTest(program):
                self.gate("--candidate-program", program, code=6)
                self.assertIn(said, " ".join(self.done.out.split()))
                self.assert_analyze_agrees()

    def test_a_program_that_does_not_end(self):
        self.gate("--candidate-program", self.script("hangs", "sleep 600"), "--launch-timeout-s", "0.3", code=6)
        self.assertIn("--launch-timeout-s", self.done.out)
        self.assert_nothing_runs()

    def test_a_program_that_is_not_there_or_none(self):
        for program in ("/no/such/program", "/etc/passwd", "/tmp"):
            done = self.run_program("gate", *CELL, "-q", "-o", "gate.json", "--candidate-program", program)
            self.assertEqual(done.code, 2, done)
            self.assertIn(f"USAGE: {program}: not a program that may be run", done.out)
            self.assertEqual(os.listdir(self.scratch), [])


class Builds(GateCase):
    """Several builds of an arm; scripts that differ in a comment stand for salted relinks."""

    def builds(self, name, count):
        return [self.script(f"{name}{i}", f"# salt {name}{i}", f'exec {support.PROGRAM} "$@"') for i in range(count)]

    def options(self, base, candidate):
        return [word for option, programs in (("--base-program", base), ("--candidate-program", candidate))
                for program in programs for word in (option, program)]

    def test_each_block_draws_a_build_of_each_arm_and_says_which(self):
        base, candidate = self.builds("a", 2), self.builds("b", 3)
        report = self.gate(*self.options(base, candidate), *WIDE, *MORE, code=0)
        self.assertEqual(report["setup"]["builds"], {"A": 2, "B": 3})
        for arm, programs in (("A", base), ("B", candidate)):
            built = report["arms"][arm]["builds"]
            self.assertEqual([build["program"] for build in built], [str(program) for program in programs])
            self.assertEqual(len({build["program_digest"] for build in built}), len(programs))
            self.assertEqual(report["arms"][arm]["program"], str(programs[0]))
        drawn = [block["builds"] for block in report["blocks"]]
        self.assertGreater(len({(pair["A"], pair["B"]) for pair in drawn}), 1)
        self.assertIn("layout: 2 builds of A and 3 of B, drawn anew for each block", " ".join(self.done.out.split()))
        self.assert_analyze_agrees()

        report["blocks"][0]["builds"]["A"] = 1 - report["blocks"][0]["builds"]["A"]
        (self.folder / "gate.json").write_text(json.dumps(report))
        again = self.analyze()
        self.assertEqual(again.code, 2, again)
        self.assertIn("block 0 is not the one", again.err)

    def test_single_builds_leave_layout_open_and_one_program_does_not(self):
        self.gate(*self.options(self.builds("a", 1), self.builds("b", 1)), *WIDE, *MORE, code=0)
        self.assertIn("layout: 1 build of A and 1 build of B: ", " ".join(self.done.out.split()))
        self.assert_analyze_agrees()
        report = self.gate("--base-program", support.PROGRAM, "--base-set", "options.busy_us=200", *WIDE, *MORE, code=0)
        self.assertNotIn("layout", self.done.out)
        self.assertEqual(report["setup"]["builds"], {"A": 0, "B": 0})
        self.assertNotIn("builds", report["blocks"][0])

    def test_the_same_builds_on_both_sides_are_an_a_a_gate(self):
        both = self.builds("a", 2)
        self.assertEqual(self.gate(*self.options(both, both[::-1]), code=2)["blocks"], [])
        report = self.gate(*self.options(both, both), "--same-arms", *WIDE, *MORE, code=0)
        self.assertTrue(report["setup"]["identical_arms"])
        self.assertEqual(report["setup"]["builds"], {"A": 2, "B": 2})

    def test_a_build_that_is_given_twice_is_refused(self):
        first, second = self.builds("b", 2)
        copy = self.folder / "copy"
        copy.write_bytes(first.read_bytes())
        copy.chmod(0o755)
        done = self.run_program("gate", *CELL, "-q", "-o", "gate.json",
                                *self.options(self.builds("a", 1), (first, second, copy)))
        self.assertEqual((done.code, done.err), (2, ""), done)
        self.assertEqual(done.out, f"USAGE: --candidate-program {copy}: the same bytes as {first}: builds of an arm "
                                   "must differ, leave one of the two out\n")
        self.assertFalse((self.folder / "gate.json").exists())

    def test_a_build_that_fails_is_named(self):
        broken = self.script("broken", "exit 1")
        self.gate(*self.options(self.builds("a", 1), (*self.builds("b", 1), broken)), *WIDE, code=6)
        self.assertIn("broken: wrote no launch", " ".join(self.done.out.split()))
        self.assert_analyze_agrees()


class CutOff(GateCase):
    def check_interrupted(self, gate, number):
        gate.send_signal(number)
        done = self.end(gate, SOON_S)
        self.assertEqual((done.code, done.err), (128 + number, ""), done)
        self.assertIn("interrupted by a signal", done.out)
        report = self.read()
        self.assertEqual(report["stopped"], "interrupted by a signal")
        self.assertGreaterEqual(len(report["blocks"]), 2)
        for block in report["blocks"]:
            self.assertEqual(len(block["launches"]), 4)
        self.assert_nothing_runs()
        self.assertEqual(os.listdir(self.scratch), [])
        again = self.analyze()
        self.assertEqual((again.code, again.err), (3, ""), again)
        self.assertEqual(again.out, done.out.replace("report: gate.json\n", ""))

    def test_ctrl_c_and_sigterm(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                (self.folder / "gate.json").unlink(missing_ok=True)
                self.check_interrupted(self.begin_long(), number)

    def test_ctrl_c_while_programs_run(self):
        self.check_interrupted(self.begin_long(*Programs.BOTH), signal.SIGINT)

    def test_kill_leaves_a_report_of_the_blocks_so_far(self):
        gate = self.begin_long(blocks=3)
        gate.kill()
        gate.communicate()
        self.assert_nothing_runs()
        report = self.read()
        self.assertGreaterEqual(len(report["blocks"]), 3)
        self.assertFalse(report["outcome"]["over"])
        again = self.analyze()
        self.assertEqual((again.code, again.err), (3, ""), again)
        self.assertIn(f"{len(report['blocks'])} blocks: the gate is not over", " ".join(again.out.split()))


class Analyze(GateCase):
    def change(self, change):
        report = json.loads((self.folder / "gate.json").read_text())
        change(report)
        (self.folder / "changed.json").write_text(json.dumps(report))
        return self.analyze("changed.json")

    def assert_refused(self, done, *words):
        self.assertEqual(done.code, 2, done)
        self.assertRegex(done.err, r"\Acoresweep: [^\n]+\n\Z", done)
        for word in words:
            self.assertIn(word, done.err)

    def test_a_report_that_was_changed_is_refused(self):
        self.gate("--same-arms", *WIDE, *SHORT, code=0)
        same = self.change(lambda report: report.update(argv="something else"))
        self.assertEqual((same.code, same.err), (0, ""), same)

        def value(report):
            report["blocks"][2]["launches"][1]["metrics"]["throughput"] *= 2
        self.assert_refused(self.change(value), "changed.json", "not what its launches give")

        def verdict(report):
            report["outcome"].update(verdict="FAIL", exit_code=1)
        self.assert_refused(self.change(verdict), "not what its launches give")

        def wrong(report):
            report["blocks"][0]["launches"][0]["outcome"] = "incorrect"
        self.assert_refused(self.change(wrong))
        self.assert_refused(self.change(lambda report: report["blocks"].pop()), "not what its launches give")
        self.assert_refused(self.change(lambda report: report["blocks"].pop(0)), "block 0 is not the one")
        self.assert_refused(self.change(lambda report: report.pop("outcome")), "changed.json")
        self.assert_refused(self.change(lambda report: report["setup"]["rule"].update(alpha=7)), "changed.json", "alpha")
        self.assert_refused(self.change(lambda report: report["setup"].update(metrics="all")), "/setup/metrics: is \"all\"")
        self.assert_refused(self.change(lambda report: report["schema_version"].update(major=2)), "schema version 2")

    def test_what_is_no_report_is_refused(self):
        for text in ("", "{", "hello", "[]", "5", "null", '{"schema": 5}', '{"schema": "coresweep.gate"}', "\0\xff"):
            with self.subTest(text):
                (self.folder / "bad.json").write_text(text)
                self.assert_refused(self.analyze("bad.json"), "bad.json")
        self.assert_refused(self.analyze("missing.json"), "missing.json")
        self.assert_refused(self.analyze("."), ".")


class Calibration(GateCase):
    """The work of every launch, found before the blocks."""

    def decided_or_not(self, *arguments):
        """The report of six blocks, whatever a noisy machine makes of them."""
        self.done = self.run_program("gate", *CELL, *SHORT, *WIDE, "-q", "-o", "gate.json", *arguments, seconds=PATIENCE_S)
        self.assertIn(self.done.code, (0, 1, 3), self.done)
        return self.read()

    def configs(self, report):
        return [report["arms"][arm]["config"] for arm in "AB"]

    def test_both_arms_do_the_work_that_the_faster_one_does_in_a_window(self):
        report = self.decided_or_not(*SLOW_B, "--items", 16)
        found = report["calibration"]
        self.assertIsNone(found["why_not"])
        self.assertEqual([launch["arm"] for launch in found["launches"]], ["A", "B"] * 3)
        work = found["settings"]["work_items"]
        # At most 100 us an item for 0.05 s; in passes of 16.
        self.assertLessEqual(16, work)
        self.assertLessEqual(work, 512)
        self.assertEqual(work % 16, 0)
        self.assertEqual([config["work_items"] for config in self.configs(report)], [work, work])
        for launch in self.launches(report):
            self.assertGreaterEqual(launch["items"], work)
            self.assertEqual(len(launch["curve"]["items"]), 40)
        self.assertIn(f"each launch: {work} items", " ".join(self.done.out.split()))
        self.assert_analyze_agrees()

    def test_work_that_is_given_is_not_looked_for(self):
        report = self.decided_or_not("--same-arms", "--work-items", 320)
        self.assertIsNone(report["calibration"])
        self.assertEqual([config["work_items"] for config in self.configs(report)], [320, 320])
        report = self.decided_or_not("--same-arms", "--work-items", 0)
        self.assertIsNone(report["calibration"])
        self.assertNotIn("work_items", report["arms"]["A"]["config"])

    def test_a_rate_sets_the_work_and_a_scenario_does_not(self):
        report = self.decided_or_not("--same-arms", "--load", "open", "--rate", 500)
        self.assertIsNone(report["calibration"])
        report = self.decided_or_not("--same-arms", "--scenario", "offline")
        self.assertGreater(report["calibration"]["settings"]["work_items"], 0)

    def test_programs_are_told_of_it_too(self):
        report = self.decided_or_not("--same-arms", "--base-program", support.PROGRAM)
        work = report["calibration"]["settings"]["work_items"]
        self.assertGreater(work, 0)
        self.assertEqual([config["work_items"] for config in self.configs(report)], [work, work])

    def test_a_program_that_does_not_know_it_goes_by_time(self):
        old = self.script("old", 'if grep -q work_items "$2"; then echo "work_items: unknown key" >&2; exit 2; fi',
                          f'exec {support.PROGRAM} "$@"')
        report = self.decided_or_not("--base-program", old)
        self.assertIn("a program was asked for fixed work and ended failed", report["calibration"]["why_not"])
        for config in self.configs(report):
            self.assertNotIn("work_items", config)
        self.assertIn("the work is not the same for both arms", " ".join(self.done.out.split()))


class Selftest(GateCase):
    def selftest(self, *arguments):
        return self.run_program("selftest", "--window-s", "0.02", "-q", "-o", "selftest.json", *arguments,
                                seconds=PATIENCE_S)

    def test_counts_the_gates_of_each_planted_slowdown(self):
        done = self.selftest("--minutes", "0.3")
        self.assertIn(done.code, (0, 3), done)
        result = self.read("selftest.json")
        self.assertEqual([row["planted"] for row in result["rows"]], [0, 0.05, 0.1])
        for row in result["rows"]:
            self.assertEqual(row["gates"], row["pass"] + row["fail"] + row["inconclusive"] + row["other"])
            self.assertEqual(row["other"], 0)
        self.assertEqual(result["rows"][0]["fail"], 0)
        self.assertIn("10 % more work", done.out)

    def test_plants_what_it_is_told(self):
        done = self.selftest("--minutes", "0.2", "--planted", "50,0")
        self.assertIn(done.code, (0, 3), done)
        caught, null = self.read("selftest.json")["rows"]
        self.assertEqual((caught["planted"], null["planted"]), (0.5, 0))
        self.assertEqual((caught["pass"], null["fail"]), (0, 0))

    def test_bad_options(self):
        for arguments in (("--minutes", "0"), ("--planted", "-1"), ("--planted", "5,5"), ("--workers", "0"), ("--window-s", "x"), ("--blocks", "2")):
            done = self.selftest(*arguments)
            self.assertEqual(done.code, 2, done)
            self.assertIn(arguments[0], done.err)


class Launches(GateCase):
    def launch(self, *arguments, code):
        done = self.run_program("launch", *CELL, *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def test_prints_one_line_of_json(self):
        done = self.launch(code=0)
        self.assertEqual(done.err, "")
        self.assertEqual(done.out.count("\n"), 1)
        launch = support.read_json(done.out)
        self.assertEqual((launch["outcome"], launch["message"]), ("ok", ""))
        self.assertGreater(launch["items"], 0)
        self.assertEqual(list(launch["metrics"]), ["throughput", "latency_p50", "latency_p99", "peak_memory",
                                                   "cold_start", "cpu_per_item"])
        self.assertGreater(launch["metrics"]["throughput"], 0)

    def test_writes_it_to_a_file(self):
        self.assertEqual(self.launch("-o", "launch.json", code=0).out, "")
        self.assertEqual(self.read("launch.json")["outcome"], "ok")

    def test_exit_codes_of_faults(self):
        for fault, code, outcome in (("wrong:3", 5, "incorrect"), ("drop:3", 5, "disordered"),
                                     ("crash:3", 3, "failed")):
            launch = support.read_json(self.launch("--fault", fault, code=code).out)
            self.assertEqual(launch["outcome"], outcome)
            self.assertNotEqual(launch["message"], "")

    def test_more_than_one_cell_is_refused(self):
        self.assert_usage_error(self.launch("--chunk", "1,2", code=2), "launch: 2 configurations")
        self.assert_usage_error(self.launch("--transport", "pigeon", code=2), "--transport")

    def test_a_signal_ends_it_while_the_reference_is_made(self):
        launch = self.start("launch", *CELL, "--option", "busy_us=100000")
        self.assertTrue(support.wait_until(self.workers))
        launch.send_signal(signal.SIGTERM)
        done = self.end(launch, SOON_S)
        self.assertEqual((done.code, done.err), (143, ""), done)
        self.assertEqual(support.read_json(done.out)["outcome"], "interrupted")
        self.assert_nothing_runs()

    def test_a_signal_ends_it_while_it_measures(self):
        launch = self.start("launch", *CELL, "--window-s", 60)
        first = support.wait_until(self.workers)
        self.assertTrue(support.wait_until(lambda: self.workers() and self.workers() != first))
        launch.send_signal(signal.SIGINT)
        done = self.end(launch, SOON_S)
        self.assertEqual((done.code, done.err), (130, ""), done)
        self.assertEqual(support.read_json(done.out)["outcome"], "interrupted")
        self.assert_nothing_runs()


if __name__ == "__main__":
    support.main()
