// What all charts share: figures as text, colours from the page's style, selects, and the table
// that says the same as the chart.

const page = JSON.parse(document.getElementById("data").textContent);
const cells = page.cells;
const drawn = [];  // names of the charts on the page
const live = [];   // of each chart how it is drawn anew

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// The page's colours, read once: reading makes the browser lay the page out.
let knownColours = null;

function colours() {
  if (knownColours) return knownColours;
  knownColours = {};
  for (const name of ["ink", "muted", "line", "paper", "blue", "orange", "violet", "green", "grey"])
    knownColours[name] = style("--" + name);
  return knownColours;
}

// The sizes of the charts' places, read together before the charts change the page. Chart.js would
// read each anew, and watch the whole page for each chart.
const places = new Map();

function measurePlaces() {
  for (const plot of document.querySelectorAll(".plot"))
    places.set(plot, {width: plot.clientWidth, height: plot.clientHeight});
}

// A place of another height, in pixels.
function makePlace(figure, height) {
  const plot = figure.querySelector(".plot");
  plot.style.height = `${height}px`;
  places.set(plot, {...places.get(plot), height});
}

// Fits each chart to its place whenever that has another size.
const resizing = new ResizeObserver((entries) => {
  for (const {target} of entries) {
    const {width, height} = places.get(target);
    if (target.clientWidth === width && target.clientHeight === height) continue;
    places.set(target, {width: target.clientWidth, height: target.clientHeight});
    Chart.getChart(target.querySelector("canvas"))?.resize(target.clientWidth, target.clientHeight);
  }
});

// Three significant digits; all digits of what is greater.
function quantity(value) {
  if (value === null || value === undefined) return "\u2013";
  const size = Math.abs(value);
  if (size >= 999.5) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
  return size === 0 ? "0" : String(Number(value.toPrecision(3)));
}

// Axes: 12k, 3.4M.
function brief(value) {
  if (Math.abs(value) >= 1e6) return quantity(value / 1e6) + "M";
  if (Math.abs(value) >= 1e4) return quantity(value / 1e3) + "k";
  return quantity(value);
}

// The unit in which latencies up to `us` are read best.
function timeUnit(us) {
  if (us >= 1e6) return {name: "s", us: 1e6};
  if (us >= 1e3) return {name: "ms", us: 1e3};
  return {name: "\u00b5s", us: 1};
}

function element(name, options = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, options);
  made.append(...children);
  return made;
}

// A labelled select in the controls of a figure; `changed` gets the index of the choice.
function addSelect(figure, label, names, changed, first = 0) {
  const select = element("select");
  names.forEach((name, at) => select.add(new Option(name, at)));
  select.value = first;
  select.addEventListener("change", () => changed(Number(select.value)));
  const controls = figure.querySelector(".controls");
  controls.append(element("label", {}, element("span", {textContent: label}), select));
  controls.hidden = false;
  return select;
}

// The chart's figures as a table, folded; replaces the one before.
function tell(figure, headings, rows) {
  const place = figure.querySelector(".figures");
  const table = element("table");
  const head = element("tr");
  headings.forEach((text, at) =>
    head.append(element("th", {scope: "col", textContent: text, className: at ? "n" : ""})));
  table.append(element("thead", {}, head));
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr");
    row.forEach((text, at) => line.append(at ? element("td", {className: "n", textContent: text})
      : element("th", {scope: "row", textContent: text})));
    body.append(line);
  }
  table.append(body);
  const open = place.querySelector("details")?.open || false;
  place.querySelector("details")?.remove();
  place.append(element("details", {open}, element("summary", {textContent: "Figures of this chart"}),
    element("div", {className: "table"}, table)));
}

function describe(figure, text) {
  figure.querySelector("canvas").setAttribute("aria-label", text);
}

// A title and grid lines for one axis.
function scale(title, palette, more = {}) {
  const {ticks = {}, grid = {}, ...rest} = more;
  return {
    title: {display: true, text: title, color: palette.muted, font: {size: 12}},
    ticks: {color: palette.muted, maxRotation: 0, autoSkipPadding: 16, callback: quantity, ...ticks},
    grid: {color: palette.line, drawBorder: false, tickLength: 4, ...grid},
    ...rest,
  };
}

// Whiskers of points that have `low` and `high`.
const whiskers = {
  id: "whiskers",
  afterDatasetDraw(chart, {index, meta}) {
    const set = chart.data.datasets[index];
    if (!set.whiskers) return;
    const context = chart.ctx;
    context.save();
    context.strokeStyle = set.borderColor;
    context.lineWidth = 1.5;
    meta.data.forEach((point, at) => {
      const {low, high} = set.data[at];
      if (low === null || high === null || low === high) return;
      const top = chart.scales.y.getPixelForValue(high);
      const bottom = chart.scales.y.getPixelForValue(low);
      context.beginPath();
      for (const y of [top, bottom]) {
        context.moveTo(point.x - 5, y);
        context.lineTo(point.x + 5, y);
      }
      context.moveTo(point.x, top);
      context.lineTo(point.x, bottom);
      context.stroke();
    });
    context.restore();
  },
};

// Whiskers of points that have `low`, `high` (y) or `left`, `right` (x).
const crosses = {
  id: "crosses",
  afterDatasetDraw({ctx, data, scales}, {index, meta}) {
    const set = data.datasets[index];
    if (!set.crosses) return;
    ctx.save();
    ctx.strokeStyle = set.borderColor;
    ctx.lineWidth = 1.5;
    const line = (x0, y0, x1, y1) => {
      ctx.beginPath();
      ctx.moveTo(x0, y0);
      ctx.lineTo(x1, y1);
      ctx.stroke();
    };
    meta.data.forEach(({x, y}, at) => {
      const {low, high, left, right} = set.data[at];
      if (Number.isFinite(low) && Number.isFinite(high) && low !== high) {
        const [bottom, top] = [scales.y.getPixelForValue(low), scales.y.getPixelForValue(high)];
        line(x, bottom, x, top);
        line(x - 5, bottom, x + 5, bottom);
        line(x - 5, top, x + 5, top);
      }
      if (Number.isFinite(left) && Number.isFinite(right) && left !== right) {
        const [begin, end] = [scales.x.getPixelForValue(left), scales.x.getPixelForValue(right)];
        line(begin, y, end, y);
        line(begin, y - 5, begin, y + 5);
        line(end, y - 5, end, y + 5);
      }
    });
    ctx.restore();
  },
};

// Draws `make(palette)` on the canvas of the figure now and whenever the colours change; returns
// what draws it anew.
function keepDrawn(name, make) {
  const canvas = document.getElementById("plot-" + name);
  const plot = canvas.parentElement;
  let chart = null;
  const draw = () => {
    chart?.destroy();
    const palette = colours();
    const config = make(palette);
    config.options = {
      animation: false, responsive: false, maintainAspectRatio: false, locale: "en-US",
      font: {size: 12}, color: palette.ink, ...config.options,
    };
    const {legend = {}, tooltip = {}} = config.options.plugins || {};
    config.options.plugins = {
      legend: {
        position: "bottom", align: "start", ...legend,
        labels: {usePointStyle: true, boxWidth: 28, boxHeight: 7, padding: 14, color: palette.ink,
          ...legend.labels},
      },
      tooltip: {
        backgroundColor: palette.ink, titleColor: palette.paper, bodyColor: palette.paper,
        footerColor: palette.paper, usePointStyle: true, padding: 10, ...tooltip,
      },
    };
    config.plugins = [whiskers, ...(config.plugins || [])];
    Object.assign(canvas, places.get(plot));
    chart = new Chart(canvas, config);
  };
  draw();
  resizing.observe(plot);
  live.push(draw);
  drawn.push(name);
  return draw;
}

function figureOf(name) {
  const canvas = document.getElementById("plot-" + name);
  return canvas ? canvas.closest("figure") : null;
}
