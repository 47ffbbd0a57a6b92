// Where the time of a chunk goes, as stacked bars; the heat map of two axes.

const kBars = 14;

// Stripes in a colour, so that neighbours differ by more than colour.
function stripes(colour, paper, step) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = step;
  const context = tile.getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, step, step);
  context.strokeStyle = paper;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(0, step);
  context.lineTo(step, 0);
  context.stroke();
  return context.createPattern(tile, "repeat");
}

function barChoices() {
  const known = page.details.filter((detail) => detail.parts);
  const choices = [["the fastest cells", known.slice(0, kBars)]];
  const group = page.groups.find(({cells: members}) => members.includes(page.best));
  const scaling = group ? known.filter(({cell}) => group.cells.includes(cell)) : [];
  if (scaling.length > 1) {
    scaling.sort((a, b) => cells.workers[a.cell] - cells.workers[b.cell]);
    choices.push(["the recommended over its workers", scaling.slice(0, kBars)]);
  }
  if (known.length > kBars) choices.push(["the slowest of these", known.slice(-kBars)]);
  const controls = known.filter(({cell}) => cells.control[cell]);
  if (controls.length) choices.push(["controls", controls.slice(0, kBars)]);
  return choices;
}

function startParts() {
  const figure = figureOf("parts");
  if (!figure) return;
  const names = ["queue", "transport", "compute", "merge"];
  const choices = barChoices();
  let chosen = 0;
  const unitOf = (bars) => timeUnit(Math.max(...bars.map(({parts}) =>
    parts.slice(0, 4).reduce((sum, part) => sum + part, 0))));
  const label = ({cell, parts}) => cells.id[cell] + (parts[4] ? "" : " *");
  const words = () => {
    const bars = choices[chosen][1];
    const unit = unitOf(bars);
    tell(figure, ["Cell", ...names.map((name) => `${name}, ${unit.name}`)], bars.map((bar) =>
      [label(bar), ...bar.parts.slice(0, 4).map((part) => quantity(part / unit.us))]));
    const mixed = bars.some(({parts}) => !parts[4]);
    figure.querySelector(".mark").textContent = mixed
      ? "* Not every chunk was sampled: transport there is in queue, transport back in merge." : "";
    describe(figure, `Where the time of a chunk goes, ${choices[chosen][0]}: `
      + "the figures are in the table after the chart.");
  };
  figure.querySelector(".figures").before(element("p", {className: "mark"}));
  const draw = keepDrawn("parts", (palette) => {
    const bars = choices[chosen][1];
    const unit = unitOf(bars);
    const fills = [stripes(palette.orange, palette.paper, 7), palette.violet, palette.blue,
      stripes(palette.green, palette.paper, 4)];
    return {
      type: "bar",
      data: {labels: bars.map(label), datasets: names.map((name, at) => ({
        label: name, data: bars.map(({parts}) => parts[at] / unit.us), backgroundColor: fills[at],
        borderColor: palette.paper, borderWidth: {right: 1}, barPercentage: 0.9,
        categoryPercentage: 0.86, maxBarThickness: 26,
      }))},
      options: {
        indexAxis: "y",
        interaction: {mode: "index", axis: "y"},
        plugins: {legend: {labels: {usePointStyle: false, boxWidth: 14, boxHeight: 12}},
          tooltip: {callbacks: {label: ({dataset, raw}) =>
            `${dataset.label} ${quantity(raw)} ${unit.name}`}}},
        scales: {
          x: scale(`mean time of a chunk, ${unit.name}`, palette, {stacked: true,
            ticks: {callback: brief}}),
          y: {stacked: true, grid: {display: false, drawBorder: false},
            ticks: {color: palette.ink, font: {size: 11}, autoSkip: false,
              callback(value) {  // the end tells cells apart
                const text = this.getLabelForValue(value);
                const room = Math.max(14, Math.floor(this.chart.width / 14));
                return text.length <= room ? text : "\u2026" + text.slice(1 - room);
              }}},
        },
      },
    };
  });
  if (choices.length > 1) {
    addSelect(figure, "Show", choices.map(([name]) => name), (choice) => {
      chosen = choice;
      draw();
      words();
    });
  }
  words();
}

const kMeasures = [
  {name: "throughput, items/s", of: "throughput", low: false, show: quantity},
  {name: "speedup, \u00d7", of: "speedup", low: false, show: (value) => value.toFixed(2)},
  {name: "parallel efficiency, %", of: "efficiency", low: false,
    show: (value) => String(Math.round(value * 100))},
  {name: "median latency, ms", of: "p50", low: true, show: (value) => quantity(value / 1e3)},
  {name: "99th percentile of latency, ms", of: "p99", low: true,
    show: (value) => quantity(value / 1e3)},
];

// For each pair of values the best cell that has both; controls are none of the choices.
function bestCells(rows, columns, measure) {
  const best = rows.values.map(() => columns.values.map(() => -1));
  cells[measure.of].forEach((value, at) => {
    const row = rows.of[at];
    const column = columns.of[at];
    if (value === null || row < 0 || column < 0 || cells.control[at]) return;
    const other = best[row][column];
    const better = other < 0 || (measure.low ? value < cells[measure.of][other]
      : value > cells[measure.of][other]);
    if (better) best[row][column] = at;
  });
  return best;
}

function heatTable(rows, columns, measure) {
  const best = bestCells(rows, columns, measure);
  const values = best.flat().filter((at) => at >= 0).map((at) => cells[measure.of][at]);
  const least = Math.min(...values);
  const span = Math.max(...values) - least || 1;
  const head = element("tr", {}, element("th", {scope: "col",
    textContent: `${rows.name} \u2193  ${columns.name} \u2192`}));
  columns.values.forEach((value) =>
    head.append(element("th", {scope: "col", className: "n", textContent: value})));
  const body = element("tbody");
  best.forEach((line, row) => {
    const made = element("tr", {}, element("th", {scope: "row", textContent: rows.values[row]}));
    line.forEach((at) => {
      const field = element("td", {className: "n heat", textContent: "\u2013"});
      if (at >= 0) {
        const share = (cells[measure.of][at] - least) / span;
        const warm = Math.round((measure.low ? 1 - share : share) * 10);
        field.className += " heat-" + warm;
        field.textContent = measure.show(cells[measure.of][at]) + (at === page.best ? " \u2605" : "");
        field.title = cells.id[at];
      }
      made.append(field);
    });
    body.append(made);
  });
  return element("table", {}, element("caption", {textContent: measure.name
    + (measure.low ? ", least" : ", greatest") + "; \u2605 recommended"}),
  element("thead", {}, head), body);
}

function startHeat() {
  const figure = document.getElementById("fig-heat");
  const place = figure.querySelector(".plot-table");
  if (!place) return;
  const names = page.axes.map((axis) => axis.name);
  const prefer = (wanted, otherwise) => names.indexOf(wanted) < 0 ? otherwise : names.indexOf(wanted);
  const rows = prefer("workers", 0);
  const other = prefer("chunk", prefer("transport", -1));
  const chosen = {rows, columns: other >= 0 && other !== rows ? other : (rows ? 0 : 1), measure: 0};
  const measures = kMeasures.filter(({of}) => cells[of].some((value) => value !== null));
  const draw = () => place.replaceChildren(heatTable(page.axes[chosen.rows],
    page.axes[chosen.columns], measures[chosen.measure]));
  const choose = (part) => (choice) => {
    chosen[part] = choice;
    draw();
  };
  addSelect(figure, "Down", names, choose("rows"), chosen.rows);
  addSelect(figure, "Across", names, choose("columns"), chosen.columns);
  addSelect(figure, "Show", measures.map((measure) => measure.name), choose("measure"));
  draw();
  drawn.push("heat");
}
