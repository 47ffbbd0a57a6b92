"""coresweep report --format html: the page in a real browser, in the dark, with scripts off, and hostile."""

import json
import os
import re

import support
from pages import HOSTILE, BrowserCase, Page, PageCase


class HtmlTestCase(PageCase):
    def render(self, report=None, prices=()):
        if report is not None:
            (self.folder / "report.json").write_text(json.dumps(report))
        done = self.run_program("report", "report.json", "--format", "html", "-o", "page.html", *prices)
        self.assertEqual((done.code, done.out, done.err), (0, "", ""), done)
        return (self.folder / "page.html").read_text()

    def small_sweep(self):
        return self.sweep("--workload", "sum_squares", "--workers", "1,2", "--chunk", "1,4", "--transport", "shm,pipe")

    def hostile_report(self):
        report = self.small_sweep()
        names = {}
        for cell in report["cells"]:
            names[cell["id"]] = cell["id"] + HOSTILE
            cell.update(id=names[cell["id"]], transport=HOSTILE, warnings=[HOSTILE], verdict=HOSTILE, reason=HOSTILE,
                        causes=[{"name": HOSTILE, "evidence": HOSTILE, "remedy": HOSTILE}])
            for worker in cell["workers_detail"]:
                worker["cpus_effective"] = HOSTILE
        report["cells"][0].update(verdict="ok")
        report["cells"][-1].update(verdict="ok")
        for trial in report["trials"]:
            trial.update(cell=names[trial["cell"]], message=HOSTILE)
        report["workload"].update(name=HOSTILE, model=HOSTILE, warnings=[HOSTILE])
        report["host"].update(cpu_model=HOSTILE, binding_limit=HOSTILE, warnings=[HOSTILE])
        report["repro"] = {name: HOSTILE for name in names.values()}
        report["skipped"] = [dict(report["cells"][0], reason=HOSTILE)]
        report["config"]["argv"] = HOSTILE
        for group in report["scaling"]:
            group["cells"] = HOSTILE
        return report


class Html(HtmlTestCase):
    def test_it_needs_nothing_beside_it(self):
        self.small_sweep()
        self.assert_needs_nothing_beside_it(Page(self.render()))

    def test_its_policy_allows_its_own_scripts_and_style_alone(self):
        self.small_sweep()
        self.assert_policy_allows_its_own_alone(self.render())

    def test_every_figure_of_every_cell_is_there_without_scripts(self):
        report = self.small_sweep()
        page = Page(self.render())
        rows = [text for text, _ in page.all("tr")]
        for cell in report["cells"]:
            self.assertTrue([row for row in rows if cell["id"] in row and cell["verdict"] in row], cell["id"])
        self.assertTrue(page.all("noscript"))
        self.assertTrue([text for text, found in page.all("p", class_="lead") if "Use" in text])
        for part in ("answer", "limits", "warnings", "charts", "tables", "how"):
            self.assertEqual(len(page.all("section", id=part)), 1, part)

    def test_prices_are_for_this_page_and_of_the_report_s_architecture(self):
        self.small_sweep()
        for arguments, words in ((("csv", "--price-book", "aci-standard-eastus"), ("only with --format html",)),
                                 (("html", "--price-book", "none"), ("none", "aci-standard-eastus")),
                                 (("html", "--run-s", "5"), ("--run-s", "--price-book"))):
            self.assert_usage_error(self.run_program("report", "report.json", "--format", *arguments), *words)
        other = "fargate-x86-us-east-1" if os.uname().machine == "aarch64" else "fargate-arm-us-east-1"
        self.assert_usage_error(self.run_program("report", "report.json", "--format", "html", "--price-book", other),
                                "--price-book " + other, "prices are of")

    def test_a_hostile_report_stays_text(self):
        page = Page(self.render(self.hostile_report()))
        self.assertEqual(len(page.all("script")), 3)
        self.assertEqual(page.all("img"), [])
        self.assertIn(HOSTILE.replace("\u2028", ""), page.all("h1")[0][0].replace("\u2028", ""))


class HtmlInBrowser(HtmlTestCase, BrowserCase):
    def test_all_charts_are_drawn(self):
        self.small_sweep()
        self.render()
        page, text, console = self.browse()
        self.assertEqual(console, [])
        self.assertEqual(set(self.root(page)["data-drawn"].split()),
                         {"speedup", "pareto", "parts", "latency", "heat", "machine", "strain"})
        self.assertNotIn("data-faults", self.root(page))
        self.assert_canvases_are_described(page)
        for heading in page.all("th", scope="col"):
            self.assertTrue(heading[0].strip(), text)
        for _, button in page.all("button"):
            self.assertEqual(button["type"], "button")
        self.assertGreaterEqual(len(page.all("button")), 10)

    def test_headings_sort_their_tables(self):
        self.small_sweep()
        text = self.render()
        # A page may run only its own scripts: for the test one that presses a heading goes beside them.
        press = ('<script>addEventListener("load",()=>{const b=document.querySelectorAll("#cells th button")[4];'
                 'b.click();b.click();})</script></body>')
        text = re.sub(r"<meta http-equiv=Content-Security-Policy[^>]*>", "", text).replace("</body>", press)
        (self.folder / "page.html").write_text(text)
        _, text, console = self.browse()
        self.assertEqual(console, [])
        table = re.search(r'<table id="cells".*?</table>', text, re.S)[0]
        self.assertEqual(re.findall(r'aria-sort="(\w+)"', table), ["ascending"])
        keys = [re.findall(r'<td class="n" data-v="([^"]+)"', row)[3:4] for row in table.split("<tr")[2:]]
        keys = [float(key[0]) for key in keys]
        self.assertGreater(len(keys), 4)
        self.assertEqual(keys, sorted(keys))

    def test_charts_fit_their_places_when_these_change(self):
        self.small_sweep()
        # Sizes are observed once a frame, and when there is one is the browser's business.
        narrow = ('<script>addEventListener("load",()=>{document.querySelector(".charts").style.width="480px";'
                  'setInterval(()=>{for(const canvas of document.querySelectorAll("canvas"))canvas.dataset.place='
                  'canvas.parentElement.clientWidth},50)})</script></body>')
        text = re.sub(r"<meta http-equiv=Content-Security-Policy[^>]*>", "", self.render()).replace("</body>", narrow)
        (self.folder / "page.html").write_text(text)
        page, _, console = self.browse("--virtual-time-budget=8000", "--run-all-compositor-stages-before-draw")
        self.assertEqual(console, [])
        for _, canvas in page.all("canvas"):
            self.assertLess(int(canvas["data-place"]), 480)
            self.assertEqual(canvas["width"], canvas["data-place"])

    def test_throughput_against_cost_is_drawn_with_prices(self):
        report = self.small_sweep()
        text = self.render(prices=("--price-book", "aci-standard-eastus", "--run-s", 600))
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertIn("cost", self.root(page)["data-drawn"].split())
        self.assertNotIn("data-faults", self.root(page))
        # The figures are those of `coresweep cost`.
        best = re.search(r"Use ([^\s:]+):", page.all("p", class_="inwords")[0][0])[1]
        done = self.run_program("cost", "report.json", "--price-book", "aci-standard-eastus", "--run-s", 600, "--cell", best,
                                "--json")
        size = support.read_json(done.out)["sizes"][0]
        row = [row for row in re.findall(r"<tr.*?</tr>", text.split('<table id="costs"')[1]) if best in row][0]
        for key in ("cost_per_hour", "cost_per_million_steady", "cost_per_million_as_billed"):
            value = size[key] if key == "cost_per_hour" else size[key]["value"]
            self.assertIn(f'data-v="{value:.6g}"', row, key)
        self.assertEqual({cell["id"] for cell in report["cells"] if cell["mode"] != "independent"},
                         set(re.findall(r"<th scope=row><code>([^<]+)", text.split('<table id="costs"')[1])))

    def test_it_is_drawn_in_the_dark(self):
        self.small_sweep()
        self.render()
        page, _, console = self.browse("--blink-settings=preferredColorScheme=0")
        self.assertEqual(console, [])
        self.assertIn("speedup", self.root(page)["data-drawn"])

    def test_a_hostile_report_runs_nothing(self):
        self.render(self.hostile_report())
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertNotIn("owned", page.all("title")[0][0].replace(HOSTILE, ""))
        self.assertTrue(page.all("title")[0][0].startswith("coresweep: "))
        self.assertEqual(page.all("img"), [])
        self.assertEqual(len(page.all("script")), 3)
        self.assertIn("pareto", self.root(page)["data-drawn"])

    def test_a_report_without_measurements_says_so(self):
        report = self.small_sweep()
        for cell in report["cells"]:
            cell.update(verdict="pending", speedup=dict(cell["speedup"], median=None, low=None, high=None),
                        throughput=dict(cell["throughput"], median=None, low=None, high=None),
                        latency=dict(cell["latency"], p50=None, p90=None, p99=None))
        report.update(trials=[], scaling=[], finished=False)
        text = self.render(report)
        self.assertIn("No cell can be recommended", text)
        self.assertEqual(text.count("Not drawn."), 5)
        page, _, console = self.browse()
        self.assertEqual(console, [])
        self.assertNotIn("data-faults", self.root(page))


if __name__ == "__main__":
    support.main()
