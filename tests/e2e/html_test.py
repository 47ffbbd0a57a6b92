"""coresweep report --format html: the page in a real browser, in the dark, with scripts off, and hostile."""

import base64
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import support

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Nothing but the page: no network, no profile, no updates.
CHROMIUM_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--enable-logging=stderr")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u2028&'"


class Page(html.parser.HTMLParser):
    """Elements of a page with their attributes, and the text of each."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        self.open.append(self.elements[-1])

    def handle_data(self, data):
        for _, _, texts in self.open:
            texts.append(data)

    def handle_endtag(self, tag):
        while any(element[0] == tag for element in self.open):
            if self.open.pop()[0] == tag:
                break

    def all(self, tag, **attributes):
        return [("".join(texts), found) for name, found, texts in self.elements
                if name == tag and all(found.get(key.rstrip("_")) == value for key, value in attributes.items())]


class HtmlTestCase(support.TestCase):
    def render(self, report=None):
        if report is not None:
            (self.folder / "report.json").write_text(json.dumps(report))
        done = self.run_program("report", "report.json", "--format", "html", "-o", "page.html")
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
        page = Page(self.render())
        for tag, attributes, _ in page.elements:
            for name in ("src", "srcset", "data", "action", "poster", "style"):
                self.assertNotIn(name, attributes, tag)
            self.assertFalse([name for name in attributes if name.startswith("on")], tag)
            self.assertRegex(attributes.get("href", "#"), "^#")

    def test_its_policy_allows_its_own_scripts_and_style_alone(self):
        self.small_sweep()
        text = self.render()
        policy = re.search(r'Content-Security-Policy content="([^"]+)"', text)[1]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        inside = re.findall(r"<script>(.*?)</script>", text, re.S) + re.findall(r"<style>(.*?)</style>", text, re.S)
        self.assertEqual(len(inside), 3)
        for part in inside:
            digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
            self.assertIn(f"'sha256-{digest}'", policy)

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

    def test_a_hostile_report_stays_text(self):
        page = Page(self.render(self.hostile_report()))
        self.assertEqual(len(page.all("script")), 3)
        self.assertEqual(page.all("img"), [])
        self.assertIn(HOSTILE.replace("\u2028", ""), page.all("h1")[0][0].replace("\u2028", ""))


@unittest.skipUnless(CHROMIUM, "no chromium here (scripts/setup --test installs it)")
class HtmlInBrowser(HtmlTestCase):
    def setUp(self):
        if not CHROMIUM:
            self.skipTest("no chromium here (scripts/setup --test installs it)")
        super().setUp()

    def browse(self, *options):
        """The page as the browser made it, and what its console said."""
        with tempfile.TemporaryDirectory() as profile:
            done = subprocess.run(
                [CHROMIUM, *CHROMIUM_OPTIONS, f"--user-data-dir={profile}", *options, "--dump-dom",
                 f"file://{self.folder}/page.html"],
                capture_output=True, text=True, check=False, timeout=90, env={**os.environ, "HOME": profile})
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return Page(done.stdout), done.stdout, console

    def root(self, page):
        return page.all("html")[0][1]

    def test_all_charts_are_drawn(self):
        self.small_sweep()
        self.render()
        page, text, console = self.browse()
        self.assertEqual(console, [])
        self.assertEqual(set(self.root(page)["data-drawn"].split()),
                         {"speedup", "pareto", "parts", "latency", "heat", "machine", "strain"})
        self.assertNotIn("data-faults", self.root(page))
        for label, canvas in page.all("canvas"):
            self.assertGreater(int(canvas["width"]), 200, canvas)
            self.assertGreater(len(canvas["aria-label"]), 40, canvas)
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
