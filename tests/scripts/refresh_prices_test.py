"""scripts/refresh_prices on an answer made by hand: what is renewed, what stays, what is refused."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/refresh_prices"
ANSWER = ROOT / "tests/fixtures/prices/azure_retail.json"
RENEWED = {"aci-standard-eastus", "aci-standard-swedencentral", "aci-spot-eastus"}


class RefreshPrices(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.books = self.folder / "prices"
        shutil.copytree(ROOT / "reports/prices", self.books)
        self.answer = json.loads(ANSWER.read_text(encoding="utf-8"))

    def refresh(self, *options, code=0):
        path = self.folder / "answer.json"
        path.write_text(json.dumps(self.answer), encoding="utf-8")
        done = subprocess.run([sys.executable, "-B", SCRIPT, "--answer", path, "--folder", self.books,
                               "--day", "2026-12-24", *options], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done)
        return done

    def read(self):
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in self.books.glob("*.json")}

    def item(self, meter, region="eastus"):
        found = [item for page in self.answer["pages"] for item in page["Items"]
                 if item["meterName"] == meter and item["armRegionName"] == region]
        self.assertEqual(len(found), 1)
        return found[0]

    def assert_refused(self, *words):
        before = self.read()
        done = self.refresh(code=2)
        self.assertEqual(done.stderr.count("\n"), 1, done)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.read(), before)

    def test_same_figures_change_the_day_and_no_price(self):
        before = self.read()
        done = self.refresh()
        self.assertEqual(done.stdout.count("as before"), 3, done)
        for name, book in self.read().items():
            if name not in RENEWED:
                self.assertEqual(book, before[name])
                continue
            self.assertEqual(book["as_of"], "2026-12-24")
            self.assertIn("read 2026-12-24", book["source"])
            for key in ("as_of", "source"):
                book.pop(key), before[name].pop(key)
            self.assertEqual(book, before[name])

    def test_new_price_is_divided_by_the_seconds_of_an_hour(self):
        self.item("Standard vCPU Duration")["retailPrice"] = 0.072
        self.item("Standard Memory Duration")["retailPrice"] = 0.0036
        self.assertIn("aci-standard-eastus: changed", self.refresh().stdout)
        books = self.read()
        self.assertEqual(books["aci-standard-eastus"]["price"], {"per_vcpu_s": 2e-05, "per_memory_s": 1e-06})
        self.assertEqual(books["aci-standard-eastus"]["notes"][0],
                         "Meters: 0.072 USD per vCPU-hour, 0.0036 USD per GB-hour.")
        self.assertEqual(books["aci-spot-eastus"]["price"]["per_vcpu_s"], 3.375e-06)

    def test_check_writes_nothing(self):
        before = self.read()
        self.refresh("--check")
        self.item("Standard Spot vCPU Duration")["retailPrice"] = 0.013
        self.refresh("--check", code=1)
        self.assertEqual(self.read(), before)

    def test_a_missing_or_double_meter_is_refused(self):
        items = self.answer["pages"][0]["Items"]
        items.append(dict(self.item("Standard vCPU Duration")))
        self.assert_refused("aci-standard-eastus", "Standard vCPU Duration", "2 in the answer")
        items.pop()
        items.remove(self.item("Standard Memory Duration"))
        self.assert_refused("Standard Memory Duration", "0 in the answer")

    def test_other_units_currencies_and_no_price_are_refused(self):
        item = self.item("Standard Memory Duration")
        for key, value, words in (("unitOfMeasure", "1 GiB Hour", "1 GiB Hour"), ("currencyCode", "EUR", "EUR"),
                                  ("retailPrice", 0, "its price is 0"), ("retailPrice", "1", "its price is '1'")):
            with self.subTest(words):
                before = item[key]
                item[key] = value
                self.assert_refused("Standard Memory Duration", words)
                item[key] = before

    def test_damaged_answers_are_refused(self):
        self.answer = {"pages": [{"Error": "busy"}]}
        self.assert_refused("no list of Items")
        self.answer = {}
        self.assert_refused("no list of pages")
        shutil.rmtree(self.books)
        self.books.mkdir()
        self.assertIn("no price book", self.refresh(code=2).stderr)

    def test_help_says_that_the_fixture_is_made_by_hand(self):
        done = subprocess.run([sys.executable, "-B", SCRIPT, "--help"], capture_output=True, text=True, check=True)
        self.assertIn("made by hand", done.stdout)


if __name__ == "__main__":
    unittest.main()
