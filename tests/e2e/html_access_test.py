"""The page of a report for whoever has no mouse, no screen or no scripts: keys, the accessibility tree, scripts off."""

import copy
import json

import support
from browser import NAMED, AccessCase

CONTROLS = "a[href], button, select, input, summary, [tabindex='0']"
MOST_TABS = 200
LONG = 250  # rows: such a table is laid out when it is looked at


class PageCase(AccessCase):
    def small_sweep(self):
        return self.sweep("--workload", "sum_squares", "--workers", "1,2", "--chunk", "1", "--transport", "shm,pipe")

    def long_sweep(self):
        report = self.small_sweep()
        cell = report["cells"][-1]
        for number in range(LONG):
            report["cells"].append(dict(copy.deepcopy(cell), id=f"{cell['id']}/{number}"))
        return report

    def open_page_of(self, report, **options):
        (self.folder / "report.json").write_text(json.dumps(report))
        done = self.run_program("report", "report.json", "--format", "html", "-o", "page.html")
        self.assertEqual((done.code, done.out, done.err), (0, "", ""), done)
        return self.open(**options)

    def focus(self, browser, selector):
        browser.value(f"document.querySelector({json.dumps(selector)}).focus()")

    def shown_keys(self, browser, column):
        return browser.value("Array.from(document.querySelectorAll('#cells tbody tr:not([hidden])'), "
                             f"row => row.cells[{column}].dataset.v ?? null)")


class ByKeyboard(PageCase):
    def test_tab_reaches_every_control_in_order_and_shows_where_it_is(self):
        browser = self.open_page_of(self.small_sweep())
        wanted = browser.value(f"""(() => {{
            const all = [...document.querySelectorAll("{CONTROLS}")].filter(found => found.checkVisibility());
            all.forEach((found, at) => found.dataset.at = at);
            return all.length; }})()""")
        reached = []
        while len(reached) < MOST_TABS:
            browser.press("Tab")
            at, ring, width = browser.value("""(() => {
                const look = getComputedStyle(document.activeElement);
                return [document.activeElement.dataset.at ?? "", look.outlineStyle, parseFloat(look.outlineWidth)]; })()""")
            if at == "":
                break
            self.assertNotEqual(ring, "none", at)
            self.assertGreaterEqual(width, 2, at)
            reached.append(int(at))
        self.assertGreater(wanted, 30)
        self.assertEqual(reached, list(range(wanted)))
        browser.press("Tab")
        browser.press("Enter")
        self.assertEqual(browser.value("location.hash"), "#answer")

    def test_enter_and_space_sort_a_table_and_arrows_choose_what_a_chart_shows(self):
        browser = self.open_page_of(self.small_sweep())
        heading = "document.querySelectorAll('#cells thead th')[1]"
        browser.value(heading + ".querySelector('button').focus()")
        for key, order, descending in (("Enter", "descending", True), (" ", "ascending", False)):
            browser.press(key)
            self.assertEqual(browser.value(heading + ".getAttribute('aria-sort')"), order)
            keys = [float(value) for value in self.shown_keys(browser, 1) if value is not None]
            self.assertGreater(len(keys), 4)
            self.assertEqual(keys, sorted(keys, reverse=descending))
        table = "document.querySelector('#fig-heat .plot-table').textContent"
        before = browser.value(table)
        self.focus(browser, "#fig-heat select")
        browser.press("ArrowDown")
        self.assertNotEqual(browser.value(table), before)

    def test_a_long_table_is_filtered_by_typing(self):
        browser = self.open_page_of(self.long_sweep())
        self.focus(browser, ".filter input")
        browser.ask("Input.insertText", text=f"/{LONG - 1}")
        self.assertEqual(len(self.shown_keys(browser, 1)), 1)
        told = [name for role, name, _ in browser.accessible() if role == "StaticText" and name.startswith("1 of ")]
        self.assertEqual(len(told), 1)
        self.assertEqual(browser.value("document.querySelector('.filter-line [role=status]').textContent"), told[0])


class ToldAloud(PageCase):
    def test_everything_has_a_name_pictures_are_described_and_tables_are_tables(self):
        browser = self.open_page_of(self.small_sweep())
        told = browser.accessible()
        self.assert_told(told, NAMED - {"searchbox"} | {"banner"})
        levels = browser.value("Array.from(document.querySelectorAll('h1, h2, h3, h4'), found => Number(found.tagName[1]))")
        self.assertEqual(levels.count(1), 1)
        for before, level in zip([0] + levels, levels):
            self.assertLessEqual(level, before + 1)
        captions = browser.value("Array.from(document.querySelectorAll('#tables caption'), found => found.textContent)")
        self.assertGreaterEqual(len(captions), 3)
        regions = [name for role, name, _ in told if role == "region"]
        self.assertEqual([caption for caption in captions if caption not in regions], [])
        rows = browser.value("Array.from(document.querySelectorAll('#cells tbody th'), found => found.textContent)")
        names = [name for role, name, _ in told if role == "rowheader"]
        self.assertEqual([row for row in rows if row not in names], [])

    def test_a_long_table_is_told_under_its_name_and_whole_once_it_has_the_focus(self):
        browser = self.open_page_of(self.long_sweep())
        caption = browser.value("document.querySelector('#cells caption').textContent")
        self.assertIn(("region", caption), [(role, name) for role, name, _ in browser.accessible()])
        browser.value("document.querySelector('#cells').parentElement.focus()")
        # It is laid out with the next frame.
        browser.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.assertGreater([role for role, _, _ in browser.accessible()].count("rowheader"), LONG)


class WithoutScripts(PageCase):
    def test_figures_of_every_cell_are_told(self):
        report = self.small_sweep()
        told = self.open_page_of(report, scripts=False).accessible()
        names = [name for _, name, _ in told]
        for cell in report["cells"]:
            self.assertIn(cell["id"], names)
            self.assertTrue([name for name in names if cell["verdict"] in name], cell["verdict"])
        self.assertEqual([role for role, _, _ in told if role in ("button", "combobox")], [])
        self.assertTrue([name for name in names if "charts need scripts" in name])
        self.assert_told(told)


if __name__ == "__main__":
    support.main()
