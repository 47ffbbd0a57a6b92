"""Bad input: one clear line that names the option, file or key, exit code 2, and nothing is run."""

import os

import support

GOOD = {"--workload": "null", "--workers": "1", "--chunk": "1"}


class BadInput(support.TestCase):
    def refuse(self, *arguments, words):
        """`run` and `plan` both refuse `arguments` and name `words`."""
        for command in ("run", "plan"):
            with self.subTest(command=command, arguments=arguments):
                self.assert_usage_error(self.run_program(command, *arguments), *words)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("report")], [])

    def refuse_each(self, option, values):
        """`values`: value -> words of the message besides the option itself."""
        for value, words in values.items():
            good = {key: text for key, text in GOOD.items() if key != option}
            self.refuse(*(word for pair in good.items() for word in pair), f"{option}={value}", words=(option, *words))

    def refuse_suite(self, text, *words):
        (self.folder / "bad.json").write_text(text)
        self.refuse("bad.json", words=("bad.json", *words))

    def test_counts(self):
        for option in ("--workers", "--threads"):
            self.refuse_each(option, {"0": ("found 0",), "-1": ("found -1",), "abc": ("abc", "auto"), "1.5": ("1.5",),
                                      "1,0": ("found 0",), "auto,2": ("auto",), "1000000": ("1000000",),
                                      "1,,2": ("found \"\"",)})

    def test_text_that_is_not_utf8(self):
        self.refuse_each("--model", {"m\udcff.pt": ("UTF-8",)})

    def test_chunk(self):
        self.refuse_each("--chunk", {"0": ("found 0",), "-3": ("found -3",), "x": ("x",), "1e99": (), "2.5": ("2.5",)})

    def test_names(self):
        self.refuse_each("--placement", {"everywhere": ("everywhere", "none", "compact", "scatter")})
        self.refuse_each("--transport", {"pigeon": ("pigeon", "pipe", "unix", "seqpacket", "tcp", "mq", "zeromq", "shm",
                                                    "shm_loan")})
        self.refuse_each("--modes", {"fast": ("fast", "threads", "processes")})
        self.refuse_each("--workload", {"nothing": ("nothing", "sum_squares", "torchscript"), "": ()})

    def test_empty_lists(self):
        for option in ("--placement", "--transport", "--modes", "--workers", "--chunk"):
            self.refuse_each(option, {"": ()})

    def test_numbers_of_trials(self):
        for option, values in {"--repetitions": ("0", "-1", "x", "1.5"), "--seed": ("-1", "x", "1.5"),
                               "--credit": ("0", "x", "100000"), "--items": ("0", "-5", "x"),
                               "--window-s": ("0", "-1", "x"), "--warmup-s": ("-1", "x"),
                               "--startup-timeout-s": ("0", "x"), "--chunk-timeout-s": ("0", "x")}.items():
            self.refuse_each(option, {value: (value,) for value in values})

    def test_options_of_the_workload(self):
        null = ("--workload", "null", "--option")
        self.refuse(*null, "costs=3", words=("--option costs=3", "item_bytes"))
        self.refuse(*null, "item_bytes=x", words=("--option item_bytes=x",))
        self.refuse(*null, "item_bytes=-8", words=("--option item_bytes=-8",))
        self.refuse(*null, "item_bytes", words=("--option item_bytes", "KEY=VALUE"))
        self.refuse("--workload", "null", "--model", "m.pt", words=("--model m.pt",))
        self.refuse("--workload", "null", "--input-shape", "3", words=("--input-shape",))
        self.refuse("--workload", "null", "--inputs", "x.pt", words=("--inputs x.pt",))

    def test_no_workload(self):
        self.refuse("--workers", "1", words=("--workload",))

    def test_faults(self):
        for fault in ("drop", "drop:x", "melt:3", "delay:3", "drop:3:4", "delay:1:-4"):
            self.refuse("--workload", "null", "--fault", fault, words=("--fault " + fault,))

    def test_unknown_options_and_commands(self):
        for arguments in ((), ("runn",), ("--bogus",), ("run", "--bogus", "3"), ("run", "--workload"),
                          ("run", "a.json", "b.json"), ("host", "--bogus"), ("plan", "-o", "x.json")):
            with self.subTest(arguments):
                done = self.run_program(*arguments)
                self.assert_usage_error(done, "--help")
                if arguments:
                    self.assertTrue(any(word in done.err for word in arguments), done)

    def test_suites_that_are_no_suites(self):
        self.refuse("missing.json", words=("missing.json", "No such file"))
        self.refuse(".", words=("directory",))
        self.refuse_suite("", "not JSON")
        self.refuse_suite("{", "not JSON")
        self.refuse_suite('{"workload": "null",}', "not JSON", "line 1")
        self.refuse_suite("[1]", "object")
        self.refuse_suite("\x00\x01", "not JSON")
        (self.folder / "binary.json").write_bytes(bytes(range(256)))
        self.refuse("binary.json", words=("binary.json",))

    def test_keys_of_a_suite(self):
        for key, value, words in (
                ("wokers", "[1]", ("unknown key", "workers")), ("workers", '"two"', ("auto",)),
                ("workers", "[]", ("at least one",)), ("workers", "[0]", ("found 0",)),
                ("workers", "{}", ("found {}",)), ("workers", "null", ("found null",)),
                ("chunk", "[]", ("at least one",)), ("chunk", "[-2]", ("found -2",)), ("chunk", '"8"', ('found "8"',)),
                ("chunk", "99999999999999999999", ()), ("placement", "[]", ()), ("placement", "[3]", ("found 3",)),
                ("transport", '["shm", "pigeon"]', ("pigeon",)), ("modes", "7", ("found 7",)),
                ("repetitions", "1.5", ("found 1.5",)), ("seed", "-1", ("found -1",)), ("name", "5", ("found 5",)),
                ("window_s", '"long"', ("seconds",)), ("options", "[1]", ("object",)),
                ("options", '{"item_bytes": [1]}', ("item_bytes",)), ("items", "true", ("found true",))):
            self.refuse_suite(f'{{"workload": "null", "{key}": {value}}}', key, *words)
        self.refuse_suite('{"workload": 5}', "workload", "found 5")

    def test_messages_stay_on_one_line(self):
        self.refuse("--workload", "two\nlines", words=("two",))
        self.refuse("two\nlines.json", words=("lines.json",))
        self.refuse_suite('{"workload": "null", "a\\nb": 1}', "unknown key")
        self.refuse_suite('{"workload": "null",\n\n "chunk": [1,,]}', "not JSON", "line 3")

    def test_reports_that_cannot_be_written(self):
        (self.folder / "folder").mkdir()
        (self.folder / "file").write_text("here")
        for path in ("missing/report.json", "folder", "file/report.json", "/sys/report.json", "/dev/full/x"):
            with self.subTest(path):
                done = self.run_program("run", *support.FAST, "--workload", "null", "--workers", 1, "-o", path)
                self.assert_usage_error(done, "-o", path)
        self.assertEqual(sorted(os.listdir(self.folder)), ["file", "folder"])
        self.assertEqual((self.folder / "file").read_text(), "here")

    def test_a_folder_of_outputs_that_cannot_be_written(self):
        (self.folder / "file").write_text("here")
        for path in ("file", "file/out", "/sys/out"):
            done = self.run_program("run", *support.FAST, "--workload", "null", "--workers", 1, "--save-outputs", path)
            self.assert_usage_error(done, "--save-outputs", path)

    def test_a_full_disk_is_an_error_of_one_line(self):
        done = self.run_program("run", *support.FAST, "--workload", "null", "--workers", 1, "-o", "/dev/full")
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.err, r"\Acoresweep: [^\n]*/dev/full[^\n]*No space left[^\n]*\n\Z")

    def test_items_that_do_not_fit_into_memory(self):
        done = self.run_program("run", "--workload", "null", "--items", 4000000000, "--option", "item_bytes=1000000",
                                "--workers", 1, "-o", "report.json")
        self.assert_usage_error(done, "--items")


class ChunkTooLarge(support.TestCase):
    def test_only_its_cells_are_skipped(self):
        report = self.sweep("--workload", "null", "--items", 5, "--workers", 1, "--chunk", "2,6")
        self.assertEqual({cell["chunk"] for cell in report["cells"]}, {2})
        self.assertEqual({cell["chunk"] for cell in report["skipped"]}, {6})
        for skipped in report["skipped"]:
            self.assertIn("a chunk of 6 is more than the 5 items", skipped["reason"])
        for cell in report["cells"]:
            self.assert_measured(cell)

    def test_it_is_bad_input_when_no_cell_is_left(self):
        done = self.run_program("run", "--workload", "null", "--items", 5, "--workers", 1, "--chunk", "6,7")
        self.assert_usage_error(done, "a chunk of 6 is more than the 5 items")
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    support.main()
