"""`run --resume` after kill -9, Ctrl-C and the end of a time budget: nothing is measured twice, nothing
is lost, and what does not belong together is refused."""

import collections
import fcntl
import json
import os
import random
import resource
import signal
import subprocess
import time

import support

# 7 cells of 2 repetitions, some 1.5 s in all.
SWEEP = ("run", *support.FAST, "--workload", "null", "--workers", "1,2", "--chunk", 1, "--transport", "pipe,shm",
         "--repetitions", 2, "-q", "-o", "report.json")
CELLS, TRIALS = 7, 14
# What a machine that is busy with other things may do to so short a window: a result as any other.
STARVED = "no work fell into the window"
RESUME = ("run", "-q", "--resume", "report.json")


class Resume(support.TestCase):
    @property
    def journal(self):
        return self.folder / "report.json.journal"

    def lines(self):
        return self.journal.read_text(encoding="utf-8").split("\n")[:-1] if self.journal.exists() else []

    def journalled(self):
        """How many trials the journal has."""
        return sum(line.startswith('{"call_ns"') for line in self.lines())

    def begin(self, *arguments):
        return self.start(*arguments, stdout=subprocess.DEVNULL)

    def kill_after(self, trials, *arguments):
        """Runs until the journal has at least `trials`, then kills with signal 9. Returns how it ended."""
        run = self.begin(*arguments)
        self.assertTrue(support.wait_until(lambda: self.journalled() >= trials or run.poll() is not None))
        run.kill()
        done = self.end(run)
        self.assert_nothing_runs()
        return done

    def check_complete(self, resumed=None):
        """The report has every trial once; the journal has gone. Returns the report."""
        report = self.report()
        self.assertTrue(report["finished"])
        counts = collections.Counter((trial["cell"], trial["repetition"]) for trial in report["trials"])
        self.assertEqual(counts, {(cell["id"], i): 1 for cell in report["cells"] for i in range(2)})
        self.assertEqual([trial["order"] for trial in report["trials"]], list(range(TRIALS)))
        for trial in report["trials"]:
            self.assertTrue(trial["outcome"] == "ok" or trial["message"].startswith(STARVED), trial["message"])
        if resumed is not None:
            self.assertEqual(report["resumed"], resumed)
        calls = report["calls"]
        self.assertEqual(len(calls), report["resumed"] + 1)
        self.assertEqual(sum(call["trials"] for call in calls), TRIALS)
        self.assertEqual([call["trials_before"] for call in calls],
                         [sum(call["trials"] for call in calls[:i]) for i in range(len(calls))])
        measuring = sum(trial["window_ms"] for trial in report["trials"] if trial["throughput"] is not None) / 1e3
        self.assertAlmostEqual(report["time"]["measuring_s"], measuring)
        self.assertAlmostEqual(report["time"]["total_s"], sum(call["total_s"] for call in calls))
        self.assertAlmostEqual(report["time"]["not_measuring_share"], 1 - measuring / report["time"]["total_s"])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["report.json"])
        return report

    def run_to_the_end(self, *arguments):
        done = self.run_program(*arguments)
        self.assertIn(done.code, (0, 3) if STARVED in done.out else (0,), done)
        return done

    def resume(self, *options):
        return self.run_to_the_end(*RESUME, *options)

    # Kill and go on

    def test_kill_9_at_random_moments(self):
        dice = random.Random(7)
        arguments = SWEEP
        kills = 0
        earlier = []
        while True:
            run = self.begin(*arguments)
            time.sleep(dice.uniform(0.1, 0.8))
            run.kill()
            code = self.end(run).code
            self.assert_nothing_runs()
            if code in (0, 3):
                break  # it had come to its end
            self.assertEqual(code, -signal.SIGKILL)
            kills += self.journal.exists()
            arguments = RESUME if self.journal.exists() else SWEEP
            if (self.folder / "report.json").exists():
                report = self.report()
                self.assertEqual(report["trials"][:len(earlier)], earlier)
                earlier = report["trials"]
                if report["finished"] and not self.journal.exists():
                    break  # killed when all was done
            if kills >= 6:
                self.resume()
                break
        self.assertGreater(kills, 1)
        report = self.check_complete()
        self.assertEqual(report["trials"][:len(earlier)], earlier)
        self.assertGreaterEqual(report["resumed"], 1)

    def test_a_trial_that_the_report_does_not_have_yet_is_not_lost(self):
        self.kill_after(3, *SWEEP)
        before = self.journalled()
        (self.folder / "report.json").unlink()  # as if killed between journal and report
        self.resume()
        report = self.check_complete(resumed=1)
        self.assertEqual(report["calls"][0]["trials"], before)

    def test_a_line_that_was_being_written_is_dropped_and_its_trial_run_again(self):
        self.kill_after(4, *SWEEP)
        before = self.journalled()
        text = self.journal.read_bytes()
        whole = text[:text.rindex(b"\n") + 1]  # the kill may have torn a line itself
        self.journal.write_bytes(whole[:-200])
        done = self.kill_after(before, *RESUME)  # it must not have gone on in the middle of that line
        self.assertRegex(done.err, r"\Acoresweep: report.json.journal: its last line was cut off \(\d+ bytes\)[^\n]+\n\Z")
        self.resume()
        report = self.check_complete(resumed=2)
        self.assertEqual(report["calls"][1]["trials_before"], before - 1)

    def test_killed_before_the_first_trial_and_after_the_last(self):
        run = self.begin(*SWEEP)
        self.assertTrue(support.wait_until(self.lines))
        kept = self.folder / "kept"
        os.link(self.journal, kept)  # stays when the journal is removed
        self.assertIn(self.end(run).code, (0, 3))
        text = kept.read_bytes()
        kept.unlink()
        report = self.check_complete(resumed=0)
        header, call, *_ = text.splitlines(keepends=True)
        self.journal.write_bytes(text)  # as if killed between the last report and the removal
        self.resume()
        again = self.check_complete(resumed=1)
        self.assertEqual(again["trials"], report["trials"])
        self.assertEqual(again["calls"][1]["trials"], 0)
        self.journal.write_bytes(header + call)
        self.resume()
        self.assertEqual(self.check_complete(resumed=1)["calls"][0]["trials"], 0)
        self.journal.write_bytes(header + call[:9])  # torn in the line of its first call
        self.assertIn("its last line was cut off (9 bytes)", self.resume().err)
        self.check_complete(resumed=0)

    def test_ctrl_c_keeps_the_journal_and_the_interrupted_trial_is_run_again(self):
        run = self.begin(*SWEEP)
        self.assertTrue(support.wait_until(lambda: self.journalled() >= 3))
        run.send_signal(signal.SIGINT)
        self.assertEqual(self.end(run).code, 130)
        call = self.report()["calls"][0]
        done = self.resume()
        self.assertIn("Resumed once: ", " ".join(done.out.split()))
        report = self.check_complete(resumed=1)
        self.assertEqual(report["calls"][0]["total_s"], call["total_s"])  # the trial that was cut short counts

    def test_a_full_disk_ends_it_and_it_goes_on_when_there_is_room(self):
        def full():  # nor are shared regions larger, which are files too
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

        # Python ignores SIGXFSZ; so the program is refused with EFBIG, amid a line.
        done = self.end(self.start(*SWEEP, restore_signals=False, preexec_fn=full))
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.err, r"\Acoresweep: [^\n]*report.json.journal[^\n]*EFBIG[^\n]*\n\Z")
        self.assertIn("\nto go on: coresweep run --resume report.json\n", done.out)
        self.assertEqual(self.journal.stat().st_size, 2_000_000)
        before = self.journalled()
        self.assertGreater(before, 0)
        done = self.resume()
        self.assertIn("its last line was cut off", done.err)
        report = self.check_complete(resumed=1)
        self.assertEqual(report["calls"][0]["trials"], before)

    def test_by_the_name_of_the_journal_into_another_report(self):
        self.kill_after(2, *SWEEP)
        first = (self.folder / "report.json").read_bytes()
        self.run_to_the_end("run", "-q", "--resume", "report.json.journal", "-o", "other.json")
        self.assertEqual((self.folder / "report.json").read_bytes(), first)
        self.assertFalse(self.journal.exists())
        self.assertTrue(support.read_report(self.folder / "other.json")["finished"])

    def test_a_new_sweep_replaces_a_journal_only_where_it_was_sent_there(self):
        self.kill_after(2, *SWEEP)
        (self.folder / "report.json").unlink()
        before = self.lines()
        done = self.run_program(*SWEEP[:-2])  # report.json by default, but that has a journal
        self.assertIn("report: report-2.json\n", done.out)
        self.assertEqual(self.lines(), before)
        self.assertEqual(self.run_to_the_end(*SWEEP).err, "")
        self.assertFalse(self.journal.exists())

    def test_without_interruption_no_journal_is_left_and_special_files_have_none(self):
        self.run_to_the_end(*SWEEP)
        self.check_complete(resumed=0)
        self.run_to_the_end(*SWEEP[:-1], "/dev/null")
        self.check_complete(resumed=0)

    # Refusals

    def refuse(self, *words, arguments=RESUME):
        before = self.journal.read_bytes()
        self.assert_usage_error(self.run_program(*arguments), *words)
        self.assertEqual(self.journal.read_bytes(), before)

    def edit_header(self, **changes):
        lines = self.lines()
        lines[0] = json.dumps({**json.loads(lines[0]), **changes}, separators=(",", ":"))
        self.journal.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def test_refuses_what_does_not_belong_together(self):
        self.kill_after(2, *SWEEP)
        good = self.journal.read_bytes()[:self.journal.read_bytes().rindex(b"\n") + 1]
        header = json.loads(self.lines()[0])
        for changes, words in (
                ({"tool": {**header["tool"], "version": "0.0.1"}}, "another build of the program (version"),
                ({"tool": {**header["tool"], "program_digest": "0"}}, "another build of the program (program_digest"),
                ({"machine": "0"}, "another machine"), ({"fingerprint": "0"}, "other libraries"),
                ({"workload": "0"}, "another workload"), ({"items": 5}, "other items"),
                ({"reference_digest": "0"}, "other serial reference"),
                ({"cells": [*header["cells"], "x"]}, f"other cells: {CELLS}, the journal {CELLS + 1}"),
                ({"requested": {**header["requested"], "workers": [1]}}, "other cells"),
                ({"requested": {**header["requested"], "seed": 9}}, "other items"),
                ({"version": 2}, "line 1: version 2"), ({"schema": "x"}, "line 1: this is no journal")):
            with self.subTest(words=words):
                self.journal.write_bytes(good)
                self.edit_header(**changes)
                self.refuse("report.json.journal", words)
        self.journal.write_bytes(good)
        self.resume()
        self.check_complete(resumed=1)

    def test_refuses_damage_with_its_line(self):
        self.kill_after(3, *SWEEP)
        lines = self.journal.read_bytes().split(b"\n")
        trials = [i for i, line in enumerate(lines) if line.startswith(b'{"call_ns"') and line.endswith(b"}")]
        first, second = trials[0], trials[1]
        for change, words in (
                (lambda new: new.__setitem__(first, lines[first][:300]), "line 3: not JSON"),
                (lambda new: new.__setitem__(first, lines[second]), "trial 1 is of cell"),
                (lambda new: new.pop(first), "trial 1 is of cell")):
            new = list(lines)
            change(new)
            self.journal.write_bytes(b"\n".join(new[:second + 1]) + b"\n")
            self.refuse("report.json.journal", words)

    def test_refuses_other_options_and_reports_without_a_journal(self):
        self.kill_after(1, *SWEEP)
        self.refuse("--workers: not with --resume", arguments=(*RESUME, "--workers", 2))
        self.refuse("--seed: not with --resume", arguments=(*RESUME, "--seed", 2))
        (self.folder / "suite.json").write_text('{"workload": "null"}', encoding="utf-8")
        self.refuse("suite.json: workload: not with --resume", arguments=(*RESUME, "suite.json"))
        (self.folder / "suite.json").unlink()
        self.refuse("--budget: expected", arguments=(*RESUME, "--budget", "soon"))
        self.assert_usage_error(self.run_program("run", "--resume", "other.json"), "other.json.journal",
                                "no such journal")
        other = self.folder / "other.json.journal"
        other.touch()
        with open(other, encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # a sweep that writes other.json
            self.refuse("other.json.journal: another coresweep", arguments=(*RESUME, "-o", "other.json"))
        other.unlink()
        self.resume("-o", "./report.json")  # its own
        self.check_complete(resumed=1)

    def test_refuses_a_journal_that_another_process_writes(self):
        self.kill_after(1, *SWEEP)
        with open(self.journal, encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.refuse("another coresweep writes this journal")
            self.refuse("another coresweep writes this journal", arguments=SWEEP)
        self.resume()
        self.check_complete(resumed=1)

    def test_two_at_once_do_not_both_write(self):
        self.kill_after(1, *SWEEP)
        runs = [self.begin(*RESUME) for _ in range(3)]
        codes = sorted(self.end(run).code for run in runs)
        self.assertEqual(codes.count(2), 2, codes)
        self.check_complete(resumed=1)

    # The time budget

    def check_budget(self, asked_s, ended):
        report = self.report()
        self.assertEqual((report["budget"]["asked_s"], report["budget"]["ended_sweep"]), (asked_s, ended))
        self.assertEqual(report["budget"]["used_s"], report["calls"][-1]["total_s"])
        trials = [json.loads(line) for line in self.lines() if line.startswith('{"call_ns"')]
        if trials:
            self.assertLessEqual((trials[-1]["call_ns"] - trials[-1]["trial"]["took_ns"]) / 1e9, asked_s)
        return report

    def test_a_budget_is_kept_and_a_resumed_sweep_gets_a_new_one(self):
        done = self.run_program(*SWEEP, "--window-s", 0.2, "--budget", "2.5s")  # windows alone: 2.8 s
        report = self.check_budget(2.5, True)
        tried = {trial["cell"] for trial in report["trials"]}
        if STARVED not in done.out:
            self.assertEqual(done.code, 0 if len(tried) == CELLS else 4, done)
        self.assertIn("Ended by the time budget of 2.5 s after ", done.out)
        self.assertIn("\nto go on: coresweep run --resume report.json\n", done.out)
        self.assertEqual((report["finished"], report["interrupted"]), (False, False))
        trials = report["trials"]
        self.resume("--budget", "10m")
        self.check_budget(600, False)
        self.assertEqual(self.check_complete(resumed=1)["trials"][:len(trials)], trials)

    def test_a_budget_that_leaves_cells_unmeasured_names_itself_and_the_remedy(self):
        # Four cells, whose windows alone take 3.2 s.
        done = self.run_program("run", *support.FAST, "--workload", "null", "--workers", 1, "--chunk", 1, "--transport",
                                "pipe,shm", "--window-s", 0.8, "--budget", "2s", "-o", "report.json")
        report = self.check_budget(2, True)
        self.assertEqual((done.code, done.err), (3 if STARVED in done.out else 4, ""), done)
        pending = [cell for cell in report["cells"] if cell["verdict"] == "pending"]
        self.assertGreater(len(pending), 0)
        for cell in pending:
            self.assertEqual(cell["reason"], "the time budget of 2 s ended before it: go on with "
                             "`coresweep run --resume REPORT`")
        self.resume()
        report = self.report()
        self.assertIsNone(report["budget"])  # it was of the call that gave it
        self.assertEqual(sorted(trial["cell"] for trial in report["trials"]),
                         sorted(cell["id"] for cell in report["cells"]))

    def test_a_budget_of_a_suite_that_is_enough_ends_nothing(self):
        (self.folder / "suite.json").write_text('{"budget": "1h30m"}', encoding="utf-8")
        self.run_to_the_end(*SWEEP, "suite.json")
        self.check_budget(5400, False)
        (self.folder / "suite.json").unlink()
        self.check_complete(resumed=0)

    def test_a_budget_that_the_reference_uses_up(self):
        done = self.run_program("run", "-q", "--workload", "spin", "--option", "busy_us=100000", "--budget", "1s")
        self.assertEqual((done.code, done.out), (4, ""))
        self.assertRegex(done.err, r"\Acoresweep: the time budget of 1 s ended at item \d+ of \d+ of the serial "
                         r"reference: give more time, or fewer --items\n\Z")

    def test_plan_says_that_a_budget_is_too_small(self):
        done = self.run_program("plan", *SWEEP[1:-3], "--budget", "2s")
        self.assertIn("more than the budget of 2 s", done.out)
        self.assertNotIn("budget", self.run_program("plan", *SWEEP[1:-3], "--budget", "1h").out)

    def test_launch_has_no_budget(self):
        self.assert_usage_error(self.run_program("launch", "-w", "null", "--budget", "1s"), "budget: is of `run`")


if __name__ == "__main__":
    support.main()
