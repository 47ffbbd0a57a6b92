"use strict";
// Tables that are sorted by their headings, and a filter for the long ones.

function sortTable(table, column, descending) {
  const body = table.tBodies[0];
  const keyed = Array.from(body.rows, (row) => {
    const cell = row.cells[column];
    return [cell.dataset.v === undefined ? null : Number(cell.dataset.v), cell.textContent, row];
  });
  const number = keyed.some(([value]) => value !== null);
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (!number) return sign * a[1].localeCompare(b[1], undefined, {numeric: true});
    if (a[0] === null || b[0] === null) return (a[0] === null) - (b[0] === null);  // none: last
    return sign * (a[0] - b[0]);
  });
  const rows = document.createDocumentFragment();
  for (const [, , row] of keyed) rows.append(row);
  body.append(rows);
}

function makeSortable(table) {
  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    const arrow = document.createElement("span");
    arrow.className = "arrow";
    arrow.setAttribute("aria-hidden", "true");
    button.insertBefore(arrow, button.querySelector("small"));
    heading.append(button);
    button.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      const descending = now ? now === "ascending" : heading.classList.contains("n");
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortTable(table, column, descending);
    });
  });
}

function addFilter(region, table) {
  const label = document.createElement("label");
  label.className = "filter";
  label.append("Rows that contain ");
  const input = document.createElement("input");
  input.type = "search";
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  label.append(input);
  const line = document.createElement("p");
  line.className = "filter-line";
  line.append(label, count);
  region.before(line);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = words.length ? `${shown} of ${table.tBodies[0].rows.length}` : "";
  });
}

function startTables() {
  for (const table of document.querySelectorAll("table.sortable")) {
    makeSortable(table);
    const region = table.parentElement;
    if (region.classList.contains("tall")) addFilter(region, table);
  }
}
