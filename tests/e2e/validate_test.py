"""`coresweep validate`: are these files what they say they are?"""

import json

import support

SWEEP = ("--workload", "null", "--workers", "1,2", "--chunk", 8, "--transport", "shm,pipe", *support.FAST, "-q")


class Validate(support.TestCase):
    def validate(self, *files, code):
        done = self.run_program("validate", *files)
        self.assertEqual((done.code, done.err), (code, ""), done)
        return done.out.splitlines()

    def write(self, name, text):
        (self.folder / name).write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return name

    def measured(self):
        done = self.run_program("run", *SWEEP, "-o", "run.json")
        self.assertEqual(done.code, 0, done)
        return support.read_report(self.folder / "run.json")

    def test_a_report_of_run_is_valid_and_a_changed_one_is_not(self):
        report = self.measured()
        self.assertEqual(self.validate("run.json", code=0), ["run.json: valid coresweep.report 2.3"])
        report["new"] = 5
        report["schema_version"]["minor"] = 7
        self.write("later.json", report)
        report["cells"][1]["workers"] = "two"
        del report["trials"]
        self.write("broken.json", report)
        self.assertEqual(self.validate("run.json", "broken.json", "later.json", code=2), [
            "run.json: valid coresweep.report 2.3",
            "broken.json: /cells/1/workers: is \"two\" (a string), expected an integer",
            "broken.json: the whole file: lacks \"trials\", expected an array: "
            "Every trial in the order in which they ran.",
            "later.json: valid coresweep.report 2.7 (this program knows 2.3: what is newer was not checked)"])

    def test_one_that_is_nested_too_deep_is_refused_by_every_reader(self):
        text = json.dumps(self.measured())
        self.write("deep.json", text[:-1] + ', "x": ' + "[" * 300_000 + "]" * 300_000 + "}")
        words = "deep.json: nested in more than 200 levels: no report is\n"
        for arguments in (("report", "deep.json", "--format", "json"), ("history", "add", "deep.json", "--db", "h.db"),
                          ("cost", "deep.json"), ("analyze", "deep.json")):
            done = self.run_program(*arguments)
            self.assertEqual((done.code, done.out, done.err), (2, "", "coresweep: " + words))
        self.assertEqual(self.run_program("validate", "deep.json").out, words)
        done = self.run_program("gate", "--baseline", "run.json", "--candidate-report", "deep.json")
        self.assertEqual((done.code, done.out), (2, "USAGE: " + words))
        brackets = json.dumps("[" * 300 + "\\\"[")  # of a text: no levels
        self.write("text.json", text[:-1] + f', "x": {brackets}' + "}")
        self.validate("text.json", code=0)

    def test_every_key_of_a_report_is_in_the_schema(self):
        schema = support.read_json((support.SOURCE / "reports/schema/coresweep.report.2.json").read_text())

        def parts(part):
            found = [part]
            if "$ref" in part:
                found += parts(schema["definitions"][part["$ref"].rsplit("/", 1)[1]])
            for other in part.get("allOf", ()):
                found += parts(other)
            return found

        def walk(value, parts_of_it, path):
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                here = [part["properties"][key] for part in parts_of_it if key in part.get("properties", ())] or \
                    [part[rest] for part in parts_of_it for rest in ("items", "additionalProperties") if rest in part]
                # what was requested, and the options of a workload, are free
                if not here and not path.startswith(("/config/requested", "/config/effective/options")):
                    self.fail(f"{path}/{key} is not in the schema")
                if isinstance(inner, (dict, list)):
                    walk(inner, [part for found in here for part in parts(found)], f"{path}/{key}")

        walk(self.measured(), parts(schema), "")

    def test_what_is_no_report_is_told_in_a_line(self):
        self.write("other.json", {"schema": "coresweep.selftest"})
        self.write("major.json", {"schema": "coresweep.report", "schema_version": {"major": 3, "minor": 0}})
        self.write("cut.json", "{\n \"schema\": \"coresweep.rep")
        self.write("list.json", "[]")
        self.write("empty.json", "")
        for name, words in (("other.json", "/schema: is \"coresweep.selftest\", expected one of coresweep.report, "),
                            ("major.json", "/schema_version/major: schema version 3, this program reads 2"),
                            ("cut.json", "not JSON, or cut off: parse error at line 2, column "),
                            ("list.json", "the whole file: is JSON of type array, expected an object"),
                            ("empty.json", "not JSON, or cut off: parse error at line 1, column 1"),
                            ("absent.json", "No such file")):
            lines = self.validate(name, code=2)
            self.assertEqual(len(lines), 1, lines)
            self.assertIn(name, lines[0])
            self.assertIn(words, lines[0])

    def test_what_gate_and_compare_write_and_the_price_books_are_valid(self):
        self.measured()
        done = self.run_program("gate", "--workload", "null", "--workers", 1, "--window-s", "0.02", "--warmup-s", "0",
                                "--blocks", 9, "--same-arms", "-o", "gate.json", "-q")
        self.assertIn(done.code, (0, 1, 3, 4), done)
        report = support.read_json((self.folder / "run.json").read_text())
        report["created"] = "2026-01-01T00:00:00.000Z"
        self.write("new.json", report)
        done = self.run_program("gate", "--baseline", "run.json", "--candidate-report", "new.json", "-o", "stored.json")
        self.assertEqual(done.code, 3, done)
        done = self.run_program("compare", "run.json", "--json")
        self.assertEqual(done.code, 0, done)
        self.write("compare.json", done.out)
        books = sorted((support.SOURCE / "reports/prices").glob("*.json"))
        lines = self.validate("gate.json", "stored.json", "compare.json", *books, code=0)
        self.assertEqual(lines[:3], ["gate.json: valid coresweep.gate 1.1",
                                     "stored.json: valid coresweep.history_gate 1.1",
                                     "compare.json: valid coresweep.comparison 1.0"])
        self.assertEqual(lines[3:], [f"{book}: valid coresweep.prices 1.0" for book in books])

    def test_each_kind_is_held_against_its_own_schema(self):
        self.write("gate.json", {"schema": "coresweep.gate", "schema_version": {"major": 2, "minor": 0}})
        book = support.read_json((support.SOURCE / "reports/prices/aci-standard-eastus.json").read_text())
        book["schema_version"]["minor"] = 3
        book["new"] = 5
        self.write("later.json", book)
        book["memory_unit"] = "MB"
        book["as_of"] = "soon"
        book["billing"]["granularity_s"] = 0
        self.write("book.json", book)
        self.assertEqual(self.validate("gate.json", "later.json", "book.json", code=2), [
            "gate.json: /schema_version/major: schema version 2, this program reads 1",
            "later.json: valid coresweep.prices 1.3 (this program knows 1.0: what is newer was not checked)",
            "book.json: /as_of: is \"soon\" (a string), expected this: Day on which the prices were read, YYYY-MM-DD.",
            "book.json: /billing/granularity_s: is 0, expected more than 0",
            "book.json: /memory_unit: is \"MB\" (a string), expected one of \"GB\", \"GiB\""])

    def test_at_most_twenty_faults_of_a_file_are_printed(self):
        report = self.measured()
        report["trials"][0]["warnings"] = list(range(30))
        self.write("many.json", report)
        lines = self.validate("many.json", code=2)
        self.assertEqual(len(lines), 21)
        self.assertEqual(lines[-1], "many.json: and 10 more")

    def test_texts_of_a_file_send_nothing_to_the_terminal(self):
        report = self.measured()
        report["created"] = ["\x1b[31m"]
        report["finished"] = "\x1b[31m\n"
        report["repro"]["\x1b[2J"] = 5
        self.write("hostile.json", report)
        lines = self.validate("hostile.json", code=2)
        self.assertEqual(len(lines), 3, lines)
        self.assertNotIn("\x1b", "".join(lines))

    def test_gate_refuses_an_invalid_report_where_it_is_wrong(self):
        report = self.measured()
        del report["trials"][0]["workers"]
        report["cells"][0]["latency"] = 5
        self.write("new.json", report)
        done = self.run_program("gate", "--baseline", "run.json", "--candidate-report", "new.json")
        self.assertEqual((done.code, done.err), (2, ""), done)
        self.assertRegex(done.out, r"\AUSAGE: new.json: /cells/0/latency: is 5, expected an object "
                                   r"\(and 1 more fault: coresweep validate new.json\)\n\Z")


if __name__ == "__main__":
    support.main()
