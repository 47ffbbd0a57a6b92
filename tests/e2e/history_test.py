"""`coresweep history`: reports kept in a database, by several writers, through crashes and a full disk."""

import copy
import csv
import io
import json
import random
import resource
import signal
import sqlite3
import time

import support

SWEEP = ("--workload", "spin", "--option", "busy_us=100", "--workers", "1,2", "--chunk", 8, "--transport", "shm",
         "--placement", "none", "--repetitions", 1, "--window-s", "0.3", "--warmup-s", "0.02", "--reference-every", 0)
CELL = "processes/w1/t1/none/c8/shm"


class History(support.TestCase):
    measured = None  # one sweep for all tests

    def setUp(self):
        super().setUp()
        if History.measured is None:
            done = self.run_program("run", *SWEEP, "-q", "-o", "run.json")
            self.assertEqual(done.code, 0, done)
            History.measured = support.read_report(self.folder / "run.json")

    def environment(self):
        return {**super().environment(), "XDG_DATA_HOME": str(self.folder / "data")}

    @property
    def database(self):
        return self.folder / "data/coresweep/history.db"

    def write(self, name, day=1, factor=1.0, change=lambda report: None):
        """A report like the measured one, of that day of January, with `factor` times its throughput."""
        report = copy.deepcopy(History.measured)
        report["created"] = f"2026-01-{day:02}T12:00:00.000Z"
        for trial in report["trials"]:
            trial["throughput"] *= factor
        change(report)
        (self.folder / name).write_text(json.dumps(report, indent=2))
        return name

    def steps(self, days=24, change_at=14):
        """Reports of so many days, 10 % slower from one day on."""
        noise = random.Random(3)
        return [self.write(f"{day:02}.json", day, (1 if day <= change_at else 0.9) * (1 + noise.gauss(0, 0.01)))
                for day in range(1, days + 1)]

    def history(self, *arguments, code=0):
        done = self.run_program("history", *arguments)
        self.assertEqual(done.code, code, done)
        if code == 0:
            self.assertEqual(done.err, "")
        return done

    def list(self, *arguments):
        return support.read_json(self.history("list", "--json", *arguments).out)["entries"]

    def assert_sound(self):
        with sqlite3.connect(self.database) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def test_what_was_added_comes_back_byte_for_byte(self):
        self.write("a.json", 2)
        self.write("b.json", 1)
        done = self.history("add", "a.json", "b.json")
        self.assertEqual(done.out, "a.json: stored as 1\nb.json: stored as 2\n")
        self.assertEqual([entry["id"] for entry in self.list()], [2, 1])  # by the time of the reports
        self.assertEqual(self.history("export", 1).out, (self.folder / "a.json").read_text())
        self.history("export", 2, "-o", "again.json")
        self.assertEqual((self.folder / "again.json").read_bytes(), (self.folder / "b.json").read_bytes())

    def test_runs_are_exported_for_otava_with_what_is_left_out(self):
        self.steps(4, 2)

        def elsewhere(report):
            report["host"]["fingerprint"] = "0"

        self.history("add", "01.json", "02.json", "03.json", "04.json", self.write("x.json", 9, change=elsewhere))
        done = self.run_program("history", "export", "4", "--format", "otava")
        self.assertEqual((done.code, done.err), (0, "coresweep: 1 run is left out: another machine, workload or way of "
                                                    "measuring than report 4\n"), done)
        rows = list(csv.DictReader(io.StringIO(done.out)))
        self.assertEqual([row["time"][:10] for row in rows], [f"2026-01-0{day}" for day in range(1, 5)])
        for number, row in enumerate(rows, 1):
            (cell,) = (cell for cell in support.read_json(self.history("show", number, "--json").out)["cells"]
                       if cell["id"] == CELL)
            self.assertEqual(float(row["throughput_items_per_s " + CELL]), cell["throughput_items_per_s"])
            self.assertTrue(all(row.values()))
        one = self.run_program("history", "export", "--format", "otava", "--cell", "/w1/", "-o", "runs.csv")  # like the latest
        self.assertEqual((one.code, one.out), (0, ""), one)
        (row,) = csv.DictReader(io.StringIO((self.folder / "runs.csv").read_text()))
        self.assertEqual(row["time"][:10], "2026-01-09")
        self.assertNotIn("/w2/", "".join(row))
        for arguments, words in ((("--format", "otava", "--since", "2027-01-01"), "no such report"),
                                 (("77", "--format", "otava"), "77"), ((), "give the number of a report"),
                                 (("1", "--cell", "w1"), "go with --format otava"),
                                 (("4", "--format", "otava", "--since", "2026-01-09"), "leave out report 4"),
                                 (("--format", "otava", "--cell", "x"), "no such report"),
                                 (("1", "--format", "xml"), "--format")):
            done = self.history("export", *arguments, code=2)
            self.assertIn(words, done.err)
            self.assertEqual((done.out, done.err.count("\n")), ("", 1), done)

    def test_the_same_report_is_stored_once_however_it_is_laid_out(self):
        self.write("a.json")
        (self.folder / "flat.json").write_text(json.dumps(json.loads((self.folder / "a.json").read_text())))
        self.history("add", "a.json")
        done = self.history("add", "flat.json", "a.json")
        self.assertEqual(done.out, "flat.json: the same report is stored already as 1\n"
                                   "a.json: the same report is stored already as 1\n")
        self.assertEqual(len(self.list()), 1)

    def test_filters(self):
        self.history("add", *self.steps(4))
        self.history("add", self.write("other.json", 9, change=lambda report: report["host"].update(fingerprint="ff00")))
        self.assertEqual(len(self.list("--fingerprint", "ff")), 1)
        self.assertEqual(len(self.list("--since", "2026-01-03")), 3)
        self.assertEqual([entry["id"] for entry in self.list("--last", 2)], [4, 5])
        self.assertEqual(len(self.list("--workload", "SPIN")), 5)
        self.assertEqual(self.list("--workload", "encoder"), [])
        self.assertEqual(len(self.list("--cell", CELL)), 5)
        self.assertEqual(self.list("--cell", "/w7/"), [])
        self.assertIn("no such report", self.history("list", "--cell", "/w7/").out)
        self.assertIn("ff00", self.history("list").out)

    def test_show_has_the_cells(self):
        self.history("add", self.write("a.json"))
        entry = support.read_json(self.history("show", 1, "--json").out)
        cells = {cell["id"]: cell for cell in History.measured["cells"] if cell["mode"] == "processes"}
        self.assertEqual({cell["id"] for cell in entry["cells"]}, set(cells))
        for cell in entry["cells"]:
            self.assertEqual(cell["throughput_items_per_s"], cells[cell["id"]]["throughput"]["median"])
            self.assertEqual(cell["latency_p50_us"], cells[cell["id"]]["latency"]["p50"])
            self.assertEqual(cell["verdict"], cells[cell["id"]]["verdict"])
        self.assertIn(CELL, self.history("show", 1).out)
        self.assertIn("holds no report 7", self.history("show", 7, code=2).err)

    def test_trend_finds_the_day_of_a_change(self):
        self.history("add", *self.steps())
        arguments = ("trend", "--cell", CELL)
        trend = support.read_json(self.history(*arguments, "--json").out)
        (series,) = trend["series"]
        self.assertEqual(len(series["points"]), 24)
        self.assertEqual([(level["first_point"], level["last_point"]) for level in series["levels"]], [(0, 13), (14, 23)])
        self.assertAlmostEqual(series["levels"][1]["ratio_to_level_before"], 0.9, delta=0.02)
        self.assertTrue(series["levels"][1]["worse"])
        page = self.history(*arguments).out
        self.assertRegex(page, r"(?m)^  15–24  2026-01-15 12:00 .* % lower, worse  0\.001")
        self.assertIn("Matteson and James", page)
        self.assertEqual(self.history(*arguments).out, page)
        self.assertEqual(len(support.read_json(self.history(*arguments, "--last", 5, "--json").out)["series"][0]["points"]), 5)
        self.assertIn("no such run", self.history("trend", "--cell", "/w9/").out)

    def test_a_gate_takes_what_can_be_compared(self):
        self.history("add", *self.steps(12, change_at=12))
        self.history("add", self.write("other.json", 20, change=lambda report: report["host"].update(fingerprint="ff")))
        self.history("add", self.write("cut.json", 21, change=lambda report: report.update(finished=False)))
        self.history("add", self.write("new.json", 22, 0.8))  # stored before it is judged: no base of itself
        gate = ("gate", "--candidate-report", "new.json", "-o", "gate.json")
        done = self.run_program(*gate, "--baseline", "history")
        self.assertEqual((done.code, done.err), (1, ""), done)
        words = " ".join(done.out.split())
        self.assertIn("12 stored runs", words)
        self.assertIn("12 of the 14 other reports in", words)
        self.assertIn("1 of another machine", words)
        self.assertIn("it was not finished", words)
        self.assertEqual(len(support.read_report(self.folder / "gate.json")["baseline"]), 12)
        self.assertEqual(self.run_program("analyze", "gate.json").code, 1)
        by_path = self.run_program(*gate, "--baseline", f"history:{self.database}")
        self.assertEqual(by_path.out.split("report:")[0], done.out.split("report:")[0])

    def test_a_gate_without_comparable_reports_is_unfit(self):
        self.history("add", self.write("other.json", 1, change=lambda report: report["host"].update(fingerprint="ff")))
        self.write("new.json")
        done = self.run_program("gate", "--baseline", "history", "--candidate-report", "new.json", "-o", "gate.json")
        self.assertEqual(done.code, 4, done)
        self.assertIn("UNFIT: 0 of the 1 other report in", " ".join(done.out.split()))
        (self.folder / "history").mkdir()  # a folder of this name is meant where there is one
        done = self.run_program("gate", "--baseline", "history", "--candidate-report", "new.json", "-o", "gate.json")
        self.assertEqual((done.code, done.out), (2, "USAGE: --baseline history: no .json file in it\n"))
        done = self.run_program("gate", "--baseline", "history:none.db", "--candidate-report", "new.json")
        self.assertEqual(done.code, 2, done)
        self.assertIn("none.db: no history", done.out)

    def test_bad_reports_are_named_and_the_others_stored(self):
        self.write("good.json")
        (self.folder / "cut.json").write_text((self.folder / "good.json").read_text()[:500])
        self.write("undated.json", change=lambda report: report.update(created=None))
        self.write("later.json", change=lambda report: report["schema_version"].update(major=9))
        done = self.history("add", "cut.json", "undated.json", "later.json", "absent.json", "good.json", code=2)
        self.assertEqual(done.out, "good.json: stored as 1\n")
        lines = done.err.splitlines()
        self.assertEqual(len(lines), 4)
        for line, name in zip(lines, ("cut.json", "undated.json", "later.json", "absent.json")):
            self.assertIn(name, line)
        self.assertEqual(len(self.list()), 1)

    def test_files_that_are_no_history_are_refused_in_a_line(self):
        self.write("a.json")
        (self.folder / "text.db").write_text("no database " * 100)
        with sqlite3.connect(self.folder / "foreign.db") as connection:
            connection.execute("CREATE TABLE report (id INTEGER)")
        self.history("add", "a.json", "--db", "later.db")
        with sqlite3.connect(self.folder / "later.db") as connection:
            connection.execute("PRAGMA user_version = 2")
        for name, words in (("text.db", "it is no SQLite file"), ("foreign.db", "another program"),
                            ("later.db", "made by a later coresweep"), ("absent.db", "no history"), (".", "")):
            for command in (("list",), ("trend",), ("export", 1)):
                done = self.history(*command, "--db", name, code=2)
                self.assertRegex(done.err, rf"\Acoresweep: {name}: [^\n]*{words}[^\n]*\n\Z")
        for name in ("text.db", "foreign.db", "later.db"):
            before = (self.folder / name).read_bytes()
            self.history("add", "a.json", "--db", name, code=2)
            self.assertEqual((self.folder / name).read_bytes(), before)

    def test_several_writers_at_once_lose_nothing(self):
        names = self.steps(24)
        writers = [self.start("history", "add", *names[first::4]) for first in range(4)]
        twice = self.start("history", "add", *names)
        for writer in (*writers, twice):
            done = self.end(writer)
            self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertEqual(len(self.list()), 24)
        self.assert_sound()
        for entry in self.list():
            self.assertEqual(self.history("export", entry["id"]).out,
                             (self.folder / f"{int(entry['created'][8:10]):02}.json").read_text())

    def test_kill_9_loses_nothing_that_was_stored(self):
        names = self.steps(28)
        stored = {}
        moments = random.Random(1)
        for _ in range(12):
            writer = self.start("history", "add", *names)
            time.sleep(moments.uniform(0.0, 0.15))
            writer.send_signal(signal.SIGKILL)
            out, _ = writer.communicate()
            for line in out.splitlines(keepends=True):
                if line.endswith("\n"):
                    name, _, rest = line.partition(": ")
                    stored[name] = int(rest.split()[-1])
        self.history("add", names[0])
        self.assert_sound()
        for name, number in stored.items():
            self.assertEqual(self.history("export", number).out, (self.folder / name).read_text())
        self.history("add", *names)
        self.assertEqual(len(self.list()), 28)

    def test_a_full_disk_loses_nothing_that_was_stored(self):
        names = self.steps(6)
        self.history("add", *names[:3])
        size = self.database.stat().st_size
        limit = size + 3 * 4096

        def full():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        self.assertGreater((self.folder / names[3]).stat().st_size, 3 * 4096)
        # Python ignores SIGXFSZ; so the program is refused with EFBIG, as it is with ENOSPC by a full disk.
        done = self.end(self.start("history", "add", *names[3:], restore_signals=False, preexec_fn=full))
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.err, r"\Acoresweep: [^\n]*history\.db: [^\n]+\n\Z")
        self.assert_sound()
        self.assertEqual(len(self.list()), 3)
        self.assertEqual(self.history("export", 3).out, (self.folder / names[2]).read_text())
        self.history("add", *names[3:])
        self.assertEqual(len(self.list()), 6)

    def test_where_it_is(self):
        self.write("a.json")
        environment = {**self.environment(), "XDG_DATA_HOME": "relative", "HOME": str(self.folder / "home")}
        for variables, code in ((environment, 0), ({**environment, "HOME": ""}, 2)):
            process = support.subprocess.Popen([support.PROGRAM, "history", "add", "a.json"], env=variables,
                                               cwd=self.folder, text=True, stdout=support.subprocess.PIPE,
                                               stderr=support.subprocess.PIPE)
            done = self.end(process)
            self.assertEqual(done.code, code, done)
        self.assertIn("--db", done.err)
        self.assertTrue((self.folder / "home/.local/share/coresweep/history.db").exists())


if __name__ == "__main__":
    support.main()
