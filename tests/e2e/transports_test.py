"""The command `transports`."""

import os
import signal

import support

BRIEF = ("transports", "--transport", "pipe,shm", "--size", "64,4K", "--wait", "block", "--place",
         "same,unpinned", "--seconds", "0.006")
LONG = ("transports", "--transport", "pipe,shm", "--size", "64", "--wait", "block", "--seconds", "200")


class Transports(support.TestCase):
    def test_a_table_for_each_place_and_size(self):
        done = self.run_program(*BRIEF)
        self.assertEqual((done.code, done.err), (0, ""), done)
        for heading in (r"same CPU \(\d+\), 64 B", r"same CPU \(\d+\), 4 KiB", "unpinned, 64 B", "unpinned, 4 KiB"):
            self.assertRegex(done.out, heading + r"\ntransport +wait +round trip .*x limit")
        self.assertRegex(done.out, r"(?m)^pipe +block +[\d.]+ [µm]s")
        self.assertNotIn("\x1b", done.out)
        self.assertNotIn("\r", done.out)

    def test_json_and_file_are_the_same(self):
        done = self.run_program(*BRIEF, "--json", "-o", "transports.json")
        self.assertEqual((done.code, done.err), (0, ""), done)
        json = support.read_json(done.out)
        self.assertEqual(support.read_report(self.folder / "transports.json"), json)
        self.assertEqual((json["schema"], json["version"], json["finished"]), ("coresweep.transports", 1, True))
        self.assertIn("version", json["tool"])
        rows = json["combinations"]
        self.assertEqual(len(rows), 8)
        for row in rows:
            self.assertIsNone(row["failed"])
            self.assertGreater(row["round_trip"]["p50_ns"], 0)
            self.assertGreater(row["one_way"]["chunks_per_s"], 0)
            self.assertGreater(row["limit"]["round_trip"]["p50_ns"], 0)
            self.assertGreater(row["round_trip_times_limit"]["median"], 0)
            self.assertGreater(row["round_trip"]["worker"]["cpu_ns_per_chunk"], 0)

    def test_one_cpu_has_no_neighbour(self):
        cpu = min(os.sched_getaffinity(0))
        done = self.run_program("transports", "--transport", "shm", "--size", 64, "--wait", "block", "--place",
                                "neighbour,same", "--seconds", "0.006", "--json",
                                preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        self.assertEqual(done.code, 0, done)
        neighbour, same = support.read_json(done.out)["combinations"]
        self.assertIn("neighbour", neighbour["skipped"])
        self.assertIsNone(neighbour["round_trip"])
        self.assertIsNone(same["skipped"])

    def test_bad_options_are_one_line(self):
        for arguments, words in (
                (("--transport", "pigeon"), ("--transport", "pigeon", "pipe")),
                (("--size", "many"), ("--size", "many")),
                (("--size", "2G"), ("--size", "1 GiB")),
                (("--wait", "idle"), ("--wait", "idle", "block")),
                (("--place", "there"), ("--place", "there", "neighbour")),
                (("--seconds", "-1"), ("--seconds",)),
                (("--seconds", "x"), ("--seconds",)),
                (("-o", "no/such/folder/x.json"), ("-o", "no/such/folder"))):
            with self.subTest(arguments):
                self.assert_usage_error(self.run_program("transports", *arguments), *words)

    def test_ctrl_c_ends_it_and_leaves_nothing(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number.name):
                process = self.start(*LONG, "--json")
                self.assertTrue(support.wait_until(self.echoes))
                process.send_signal(number)
                done = self.end(process, 20)
                self.assertEqual((done.code, done.err), (code, ""))
                self.assertFalse(support.read_json(done.out)["finished"])
                self.assert_nothing_runs()

    def test_progress_on_a_terminal(self):
        done = self.run_on_terminal(*BRIEF, stdout_too=False)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.err, r"\r\x1b\[K\[1/8\] pipe 64 B block same")
        self.assertTrue(done.err.endswith("\r\x1b[K"))

    def echoes(self):
        return [pid for pid in self.marked()
                if support._read(f"/proc/{pid}/cmdline").split(b"\0")[1:2] == [b"echo"]]


if __name__ == "__main__":
    support.main()
