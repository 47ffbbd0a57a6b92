"""coresweep compare --format html: the page in a real browser, with and without prices, and hostile."""

import copy
import json

import support
from browser import AccessCase
from pages import HOSTILE, Page, PageCase

PRICES = ("--price-book", "aci-standard-eastus", "--size", "small=1x2", "--size", "large=4x8")


class CompareCase(PageCase):
    def reports(self, instances=5, names=("small", "large")):
        """Reports of containers made from a measured one; the second SKU is three times as fast."""
        base = self.sweep("--workload", "sum_squares", "--workers", 1, "--chunk", 1, "--transport", "shm", "--items", 8,
                          "--window-s", "0.1", report="base.json")
        files = []
        for k, name in enumerate(names):
            for i in range(instances):
                report = copy.deepcopy(base)
                report["container"] = {"sku": name, "instance": f"{k}-{i}", "boot": f"boot {k}-{i}"}
                report["created"] = f"2026-01-01T00:00:00.{k * 10 + i:03}Z"
                for cell in report["cells"]:
                    figure = (50 if cell["mode"] == "serial" else 100) * (1 + 2 * k) * (1 + i / 100)
                    cell["verdict"] = "ok"
                    cell["throughput"].update(median=figure, low=figure, high=figure)
                    cell["latency"].update(p50=1000.0, p99=2000.0 + 100 * k + i, why_null=None)
                    for trial in report["trials"]:
                        if trial["cell"] == cell["id"]:
                            trial["throughput"] = figure
                files.append(f"{k}-{i}.json")
                (self.folder / files[-1]).write_text(json.dumps(report))
        return files

    def render(self, *arguments):
        done = self.run_program("compare", *arguments, "--format", "html", "-o", "page.html")
        self.assertEqual((done.code, done.out, done.err), (0, "", ""), done)
        return (self.folder / "page.html").read_text()


class ComparePage(CompareCase):
    def test_it_says_the_console_s_answer_and_needs_nothing_beside_it(self):
        files = self.reports()
        text = self.render(*files, *PRICES)
        page = Page(text)
        console = self.run_program("compare", *files, *PRICES, "-o", "console.txt")
        self.assertEqual(console.code, 0, console)
        lines = " ".join((self.folder / "console.txt").read_text().split())
        self.assertIn(page.all("p", class_="lead sentence")[0][0], lines)
        for table in ("skus-table", "pairs-table", "fronts-table"):
            for sku in ("small", "large"):
                self.assertIn(sku, page.all("table", id=table)[0][0])
        self.assertIn("real", page.all("table", id="pairs-table")[0][0])
        self.assert_needs_nothing_beside_it(page)
        self.assert_policy_allows_its_own_alone(text)

    def test_json_is_a_format_too_and_no_two_formats_at_once(self):
        files = self.reports(1)
        by_format = self.run_program("compare", *files, "--format", "json")
        by_flag = self.run_program("compare", *files, "--json")
        self.assertEqual((by_format.code, by_format.out), (0, by_flag.out))
        self.assertEqual(support.read_json(by_flag.out)["schema"], "coresweep.comparison")
        self.assert_usage_error(self.run_program("compare", "none.json", "--json", "--format", "html"), "--json",
                                "--format html")


class ComparePageInBrowser(CompareCase, AccessCase):
    def test_all_charts_are_drawn_light_and_dark(self):
        self.render(*self.reports(), *PRICES)
        for options in ((), ("--blink-settings=preferredColorScheme=0",)):
            page, _, console = self.browse(*options)
            self.assertEqual(console, [])
            self.assertEqual(set(self.root(page)["data-drawn"].split()),
                             {"skus", "latency", "cost", "cost-latency", "pairs"})
            self.assertNotIn("data-faults", self.root(page))
            self.assert_canvases_are_described(page)
        self.assert_told(self.open().accessible(), {"image", "region", "button"})

    def test_hostile_reports_without_prices_run_nothing(self):
        text = self.render(*self.reports(3, (HOSTILE, HOSTILE + "2")))
        self.assertEqual(text.count("Not drawn."), 2)
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertEqual(page.all("title")[0][0], "coresweep compare")
        self.assertEqual((page.all("img"), len(page.all("script"))), ([], 3))
        self.assertEqual(set(self.root(page)["data-drawn"].split()), {"skus", "latency", "pairs"})


if __name__ == "__main__":
    support.main()
