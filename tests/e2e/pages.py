"""What the tests of HTML pages share: reading a page, and opening it in a real browser."""

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


class PageCase(support.TestCase):
    """Of a page in `page.html`."""

    def assert_needs_nothing_beside_it(self, page):
        for tag, attributes, _ in page.elements:
            for name in ("src", "srcset", "data", "action", "poster", "style"):
                self.assertNotIn(name, attributes, tag)
            self.assertFalse([name for name in attributes if name.startswith("on")], tag)
            self.assertRegex(attributes.get("href", "#"), "^#")

    def assert_policy_allows_its_own_alone(self, text):
        policy = re.search(r'Content-Security-Policy content="([^"]+)"', text)[1]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        inside = re.findall(r"<script>(.*?)</script>", text, re.S) + re.findall(r"<style>(.*?)</style>", text, re.S)
        self.assertEqual(len(inside), 3)
        for part in inside:
            digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
            self.assertIn(f"'sha256-{digest}'", policy)


class GatePageCase(PageCase):
    """Of the page of a gate's report, `gate.json`."""

    FORMATS = ("console", "html", "json", "markdown")

    def write(self, report):
        (self.folder / "gate.json").write_text(json.dumps(report))

    def render(self):
        done = self.run_program("report", "gate.json", "--format", "html", "-o", "page.html")
        self.assertEqual((done.code, done.out, done.err), (0, "", ""), done)
        return (self.folder / "page.html").read_text()

    def assert_says_the_verdict_first(self, page, report):
        text, attributes = page.all("p")[1]
        self.assertEqual(attributes["class"], "lead sentence")
        self.assertEqual(text.split(" ", 1)[1], report["outcome"]["sentence"])
        self.assertEqual(page.all("title")[0][0], "coresweep gate: FAIL")

    def assert_other_formats(self, report, console, value):
        """`console` as the gate printed it; JSON is the report; Markdown has the verdict, on `value`."""
        done = {name: self.run_program("report", "gate.json", "--format", name) for name in self.FORMATS}
        for name in self.FORMATS:
            self.assertEqual((done[name].code, done[name].err), (0, ""), done[name])
        self.assertEqual(done["console"].out, console)
        self.assertEqual(support.read_json(done["json"].out), support.read_report(self.folder / "gate.json"))
        verdict = report["outcome"]["verdict"]
        self.assertTrue(done["markdown"].out.startswith(f"### coresweep gate: {verdict}\n\n    {verdict}: {value}"), done["markdown"])

    def assert_refused_in_every_format(self, report, why):
        self.write(report)
        for name in self.FORMATS:
            done = self.run_program("report", "gate.json", "--format", name, "-o", "page.html")
            self.assert_usage_error(done, f"gate.json: its outcome is not what its {why} give", "coresweep analyze gate.json")
            self.assertFalse((self.folder / "page.html").exists())


@unittest.skipUnless(CHROMIUM, "no chromium here (scripts/setup --test installs it)")
class BrowserCase(PageCase):
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

    def assert_canvases_are_described(self, page):
        for _, canvas in page.all("canvas"):
            self.assertGreater(int(canvas["width"]), 200, canvas)
            self.assertGreater(len(canvas["aria-label"]), 40, canvas)
