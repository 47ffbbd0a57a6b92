"""`coresweep cost`: figures recomputed here, names and files of price books, and what is refused."""

import json
import os
import pathlib
import resource
import shutil
import subprocess

import support
from support import PROGRAM, TestCase, read_json

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests/fixtures/reports/full_sweep.json"
REPORT = "report.json"
BOOKS = ROOT / "reports/prices"


class CostTest(TestCase):
    def setUp(self):
        """The fixture, whose places for the host and the call are filled from a real run, as REPORT."""
        super().setUp()
        real = self.sweep("--workload", "null", "--items", 8, "--modes", "processes", "--chunk", 1)
        report = json.loads(FIXTURE.read_text(encoding="utf-8"))
        for key in ("host", "repro"):
            report[key] = real[key]
        report["config"]["effective"] = real["config"]["effective"]
        (self.folder / REPORT).write_text(json.dumps(report), encoding="utf-8")

    def cost(self, *options):
        done = self.run_program("cost", REPORT, *options)
        self.assertEqual(done.code, 0, done)
        return done.out

    def cost_json(self, *options):
        return read_json(self.cost(*options, "--json"))

    def assert_refused(self, done, *words):
        self.assertEqual(done.code, 2, done)
        self.assertEqual(done.err.count("\n"), 1, done)
        for word in words:
            self.assertIn(word, done.err)

    def book(self, name="aci-standard-eastus"):
        return json.loads((BOOKS / f"{name}.json").read_text(encoding="utf-8"))

    def write_book(self, book, name="my.json"):
        (self.folder / name).write_text(json.dumps(book), encoding="utf-8")
        return name

    def test_figures_by_hand(self):
        # The fixture recommends processes/w2/t1 with 186 items/s, workers of 120 MB, ready after
        # 0.5 s. 240e6 · 1.25 + 2^28 = 568,435,456 bytes: 1 GB, the least of ACI.
        report = self.cost_json("--price-book", "aci-standard-eastus", "--run-s", "300.5", "--pull-s", "20")
        self.assertEqual(report["cell"]["id"], "processes/w2/t1/compact/c8/shm")
        self.assertTrue(report["cell"]["recommended"])
        self.assertEqual(report["cell"]["memory_bytes"], 568435456)
        first = report["sizes"][0]
        self.assertEqual((first["vcpus"], first["memory"], first["memory_unit"]), (2, 1, "GB"))
        per_s = (2 * 0.0405 + 1 * 0.00445) / 3600
        self.assertAlmostEqual(first["cost_per_hour"], 0.08545, places=8)
        self.assertAlmostEqual(first["cost_per_million_steady"]["value"], per_s / 186 * 1e6, places=8)
        self.assertEqual(first["billed_s"], 321)  # 20 + 300.5, whole seconds
        self.assertAlmostEqual(first["cost_per_million_as_billed"]["value"],
                               321 * per_s / (186 * 300) * 1e6, places=8)
        self.assertEqual([(size["vcpus"], size["memory"]) for size in report["sizes"]], [(2, 1), (3, 1), (4, 1)])

    def test_short_lives_cost_the_minimum(self):
        size = self.cost_json("--price-book", "fargate-x86-us-east-1", "--run-s", "10", "--pull-s", "5")["sizes"][0]
        self.assertEqual(size["billed_s"], 60)

    def test_every_book_by_default(self):
        report = self.cost_json()
        names = sorted(path.stem for path in BOOKS.glob("*.json"))
        self.assertEqual(sorted(size["prices"] for size in report["sizes"]), names)
        billed = [size["cost_per_million_as_billed"] for size in report["sizes"]]
        self.assertIsNone(billed[-1])  # confidential, without a price, is last
        values = [cost["value"] for cost in billed[:-1]]
        self.assertEqual(values, sorted(values))
        self.assertTrue(report["estimate"])
        self.assertEqual(report["try_next"]["prices"], "aci-spot-eastus")

    def test_page(self):
        page = self.cost()
        for words in ("Estimate from", "processes/w2/t1/compact/c8/shm, which the report recommends",
                      "USD/million", "No public price: aci-confidential.", "Try next: 2 vCPU / 1 GB of aci-spot-eastus"):
            self.assertIn(words, page)
        self.assertIn("Source: https://aws.amazon.com", self.cost("--price-book", "fargate-arm-us-east-1"))

    def test_size_asked_for(self):
        report = self.cost_json("--size", "4x8")
        self.assertEqual({(size["vcpus"], size["memory"]) for size in report["sizes"]}, {(4, 8)})
        small = self.cost_json("--size", "1x2", "--price-book", "fargate-x86-us-east-1")
        self.assertFalse(small["sizes"][0]["holds"])
        self.assertIsNone(small["sizes"][0]["cost_per_million_steady"])
        self.assertEqual(small["sizes"][0]["why_null"], "does not hold the cell")
        self.assertIn("Does not hold it", self.cost("--size", "1x2"))
        self.assert_refused(self.run_program("cost", REPORT, "--size", "64x9"), "--size 64x9", "4x16")

    def test_own_book(self):
        book = self.book()
        book["price"] = {"per_vcpu_s": 1e-5, "per_memory_s": 0}
        name = self.write_book(book)
        size = self.cost_json("--price-book", name)["sizes"][0]
        self.assertAlmostEqual(size["cost_per_hour"], 0.072)  # 2 · 1e-5 · 3600

    def test_bad_books_are_named(self):
        changes = {"currency": ("my.json: the whole file: lacks \"currency\"", lambda book: book.pop("currency")),
                   "negative": ("my.json: /price/per_vcpu_s: is -1, expected 0 or more",
                                lambda book: book["price"].update(per_vcpu_s=-1)),
                   "kind": ("my.json: /grid/kind: is \"any\" (a string), expected one of \"free\", ",
                            lambda book: book["grid"].update(kind="any")),
                   "range": ("my.json: grid.vcpu.most: 0.5 is below least", lambda book: book["grid"].update(
                       kind="free", vcpu={"least": 1, "most": 0.5, "step": 1}, memory={"least": 1, "most": 2, "step": 1})),
                   "major": ("my.json: /schema_version/major: schema version 2, this program reads 1",
                             lambda book: book["schema_version"].update(major=2))}
        for words, change in changes.values():
            with self.subTest(words):
                book = self.book()
                change(book)
                self.assert_refused(self.run_program("cost", REPORT, "--price-book", self.write_book(book)), words)
        (self.folder / "cut.json").write_text('{"schema"', encoding="utf-8")
        self.assert_refused(self.run_program("cost", REPORT, "--price-book", "cut.json"), "cut.json", "not JSON")
        self.assert_refused(self.run_program("cost", REPORT, "--price-book", "none.json"), "none.json")
        self.assert_refused(self.run_program("cost", REPORT, "--price-book", "gone"), "gone", "aci-standard-eastus")

    def test_mixed_currencies(self):
        book = self.book()
        book["currency"] = "EUR"
        self.assert_refused(self.run_program("cost", REPORT, "--price-book", self.write_book(book),
                                             "--price-book", "aci-spot-eastus"), "EUR", "USD")

    def test_bad_reports_and_cells(self):
        self.assert_refused(self.run_program("cost"), "--list")
        self.assert_refused(self.run_program("cost", "none.json"), "none.json")
        (self.folder / "gate.json").write_text('{"schema": "coresweep.gate"}', encoding="utf-8")
        self.assert_refused(self.run_program("cost", "gate.json"), "gate.json: /schema", "coresweep analyze")
        report = json.loads((self.folder / REPORT).read_text(encoding="utf-8"))
        report["cells"][0]["throughput"] = "fast"
        (self.folder / "edited.json").write_text(json.dumps(report), encoding="utf-8")
        self.assert_refused(self.run_program("cost", "edited.json"), "edited.json", "/cells/0/throughput")
        self.assert_refused(self.run_program("cost", REPORT, "--cell", "x"), "--cell x")
        serial = self.run_program("cost", REPORT, "--cell", "serial/w1/t1/compact/c8")
        self.assert_refused(serial, "--memory-mib")
        self.assertEqual(self.run_program("cost", REPORT, "--cell", "serial/w1/t1/compact/c8",
                                          "--memory-mib", "100").code, 0)
        self.assert_refused(self.run_program("cost", REPORT, "--run-s", "0.25"), "--run-s 0.25")

    def test_memory_that_is_refused_ends_it_with_one_line(self):
        (self.folder / "large.json").write_text('{"pad": [' + "0," * 30_000_000 + "0]}", encoding="utf-8")
        limit = 400 << 20
        done = self.run_program("cost", "large.json",
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.err, r"\Acoresweep: out of memory; [^\n]*\n\Z")

    def test_list(self):
        books = read_json(self.run_program("cost", "--list", "--json").out)["prices"]
        self.assertEqual([book["name"] for book in books], sorted(path.stem for path in BOOKS.glob("*.json")))
        page = self.run_program("cost", "--list").out
        for book in books:
            self.assertTrue(book["as_of"] and book["source"])
            self.assertIn(book["name"], page)
            self.assertIn(book["as_of"], page)
            self.assertEqual(book["origin"], "built in")

    def test_installed_folder_comes_first(self):
        program = self.folder / "usr/bin/coresweep"
        prices = self.folder / "usr/share/coresweep/prices"
        program.parent.mkdir(parents=True)
        prices.mkdir(parents=True)
        shutil.copy(os.path.realpath(PROGRAM), program)
        book = self.book()
        book["price"]["per_vcpu_s"] = 0.5
        (prices / "aci-standard-eastus.json").write_text(json.dumps(book), encoding="utf-8")
        listed = subprocess.run([program, "cost", "--list", "--json"], env=self.environment(), check=True,
                                capture_output=True, text=True).stdout
        books = {book["name"]: book for book in read_json(listed)["prices"]}
        self.assertEqual(books["aci-standard-eastus"]["price_per_vcpu_s"], 0.5)
        self.assertIn("usr/share/coresweep/prices", books["aci-standard-eastus"]["origin"])
        self.assertEqual(books["aci-spot-eastus"]["origin"], "built in")


if __name__ == "__main__":
    support.main()
