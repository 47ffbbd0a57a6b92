// The page of a comparison: SKUs by throughput, latency and cost, with intervals and Pareto fronts.

const skus = page.skus;
const COLOURS = ["blue", "orange", "violet", "green", "grey"];
const STYLES = ["circle", "rect", "triangle", "rectRot", "star"];
const MOST_PAIRS = 40;  // in the chart; the table has all

function aroundOf({low, high, interval}, factor = 1) {
  return `${quantity(low / factor)}\u2013${quantity(high / factor)}${interval ? "" : " (range)"}`;
}

function startSkus() {
  const figure = figureOf("skus");
  if (!figure) return;
  const known = skus.filter(({throughput}) => throughput);
  keepDrawn("skus", (palette) => ({
    type: "scatter",
    data: {datasets: [
      {label: "median and interval", crosses: true, pointStyle: "rectRot", pointRadius: 7, borderWidth: 2,
        borderColor: palette.blue, backgroundColor: palette.blue,
        data: known.map(({throughput: {median, low, high}}, x) => ({x, y: median, low, high}))},
      {label: "instances", pointRadius: 3, borderWidth: 1, borderColor: palette.muted,
        backgroundColor: "transparent",
        data: known.flatMap(({throughput}, x) => throughput.values.map((y, at) =>
          ({x: x + 0.18 + 0.12 * at / throughput.values.length, y, sku: x})))},
    ]},
    options: {
      plugins: {tooltip: {callbacks: {label: ({raw}) =>
        `${known[raw.sku ?? raw.x].name}: ${quantity(raw.y)} items/s`}}},
      scales: {
        x: scale("SKU", palette, {type: "linear", min: -0.5, max: known.length - 0.5,
          grid: {display: false}, afterBuildTicks: (axis) => {
            axis.ticks = known.map((_, value) => ({value}));
          }, ticks: {callback: (value) => known[value]?.name, autoSkip: known.length > 12}}),
        y: scale("throughput, items/s", palette, {beginAtZero: true, ticks: {callback: brief}}),
      },
    },
    plugins: [crosses],
  }));
  tell(figure, ["SKU", "Throughput, items/s", "Interval"],
    known.map(({name, throughput}) => [name, quantity(throughput.median), aroundOf(throughput)]));
  describe(figure, `Throughput of ${known.length} SKUs: `
    + known.map(({name, throughput}) => `${name} ${quantity(throughput.median)}`).join(", ")
    + " items/s. The figures are in the table after the chart.");
}

// SKUs in a plane, one figure against another, with a front: points {x, y, name}.
function startPlane(name, [xOf, xTitle, xUnit], [yOf, yTitle, yUnit], front) {
  const figure = figureOf(name);
  if (!figure) return;
  const known = skus.filter((sku) => sku[xOf] && sku[yOf]);
  if (!known.length) return;
  const most = (of, unit) => 1.04 * Math.max(...known.map((sku) => sku[of].high)) / unit.us;
  keepDrawn(name, (palette) => ({
    type: "scatter",
    data: {datasets: [
      ...known.map((sku, at) => ({
        label: sku.name, crosses: true, pointRadius: 6, borderWidth: 2,
        pointStyle: STYLES[at % STYLES.length], borderColor: palette[COLOURS[at % COLOURS.length]],
        backgroundColor: palette[COLOURS[at % COLOURS.length]],
        data: [{x: sku[xOf].median / xUnit.us, y: sku[yOf].median / yUnit.us, name: `${sku.name} ${sku.cell}`,
          left: sku[xOf].low / xUnit.us, right: sku[xOf].high / xUnit.us,
          low: sku[yOf].low / yUnit.us, high: sku[yOf].high / yUnit.us}]})),
      {label: "Pareto front", showLine: true, tension: 0, pointRadius: 3, borderWidth: 1.5,
        borderColor: palette.ink, backgroundColor: palette.paper, borderDash: [6, 4],
        data: front.map((point) => ({...point, x: point.x / xUnit.us, y: point.y / yUnit.us}))},
    ]},
    options: {
      plugins: {tooltip: {callbacks: {label: ({raw}) =>
        `${raw.name}: ${quantity(raw.y)} ${yUnit.name}, ${quantity(raw.x)} ${xUnit.name}`}}},
      scales: {
        x: scale(`${xTitle}, ${xUnit.name}`, palette, {beginAtZero: true, grid: {display: false},
          suggestedMax: most(xOf, xUnit), ticks: {callback: brief}}),
        y: scale(`${yTitle}, ${yUnit.name}`, palette, {beginAtZero: true,
          suggestedMax: most(yOf, yUnit), ticks: {callback: brief}}),
      },
    },
    plugins: [crosses],
  }));
  tell(figure, ["SKU", `${xTitle}, ${xUnit.name}`, "Interval", `${yTitle}, ${yUnit.name}`, "Interval"],
    known.map((sku) => [sku.name, quantity(sku[xOf].median / xUnit.us), aroundOf(sku[xOf], xUnit.us),
      quantity(sku[yOf].median / yUnit.us), aroundOf(sku[yOf], yUnit.us)]));
  describe(figure, `${yTitle} against ${xTitle} of ${known.length} SKUs; ${front.length} points are on `
    + "the Pareto front. The figures are in the table after the chart.");
}

function startPairs() {
  const figure = figureOf("pairs");
  if (!figure) return;
  const shown = [...page.pairs].sort((a, b) => b.real - a.real).slice(0, MOST_PAIRS);
  makePlace(figure, Math.max(220, 90 + 26 * shown.length));
  const ends = shown.flatMap(({ratio, low, high}) => [low ?? ratio, high ?? ratio, 1]);
  const points = (real) => shown.map(({ratio, low, high, what, verdict}, at) =>
    ({x: ratio, y: -at, left: low ?? NaN, right: high ?? NaN, what, verdict}))
    .filter((_, at) => shown[at].real === real);
  keepDrawn("pairs", (palette) => ({
    type: "scatter",
    data: {datasets: [
      {label: "real", crosses: true, data: points(true), pointRadius: 6, borderWidth: 2,
        borderColor: palette.blue, backgroundColor: palette.blue},
      {label: "not shown to be real", crosses: true, data: points(false), pointRadius: 6, borderWidth: 1.5,
        borderColor: palette.grey, backgroundColor: palette.paper, pointStyle: "rectRot"},
      {type: "line", label: "no difference", data: [{x: 1, y: 0.6}, {x: 1, y: 0.4 - shown.length}],
        pointRadius: 0, pointStyle: "line", borderWidth: 1.5, borderDash: [2, 4],
        borderColor: palette.ink},
    ]},
    options: {
      plugins: {tooltip: {filter: ({dataset}) => dataset.crosses, callbacks: {label: ({raw}) =>
        `${raw.what}: ${quantity(raw.x)} \u00d7, ${raw.verdict}`}}},
      scales: {
        x: scale("ratio, \u00d7", palette, {ticks: {callback: quantity},
          suggestedMin: Math.min(...ends) - 0.02, suggestedMax: Math.max(...ends) + 0.02}),
        y: scale("", palette, {min: 0.4 - shown.length, max: 0.6, grid: {display: false},
          afterBuildTicks: (axis) => {
            axis.ticks = shown.map((_, at) => ({value: -at}));
          }, ticks: {autoSkip: false, callback: (value) => shown[-value]?.what}}),
      },
    },
    plugins: [crosses],
  }));
  tell(figure, ["Difference", "Ratio", "Low", "High", "Verdict"], shown.map(({what, ratio, low, high,
    verdict}) => [what, quantity(ratio), quantity(low), quantity(high), verdict]));
  describe(figure, `${page.pairs.length} ratios between SKUs, ${page.pairs.filter(({real}) => real).length}`
    + " of them real. The figures are in the table after the chart.");
}

function startCompare() {
  const rate = ["throughput", "throughput", {name: "items/s", us: 1}];
  const cost = ["cost", "cost of a million as billed", {name: page.currency, us: 1}];
  const longest = Math.max(...skus.map(({latency}) => latency?.median ?? 0));
  const latency = ["latency", "99th percentile of a chunk", timeUnit(longest)];
  const named = (points) => points.map((point) => ({...point, name: `${point.sku} ${point.cell}`}));
  const latencyFront = page.latencyFront.map((at) => ({x: skus[at].latency.median,
    y: skus[at].throughput.median, name: skus[at].name}));
  startPlane("latency", latency, rate, latencyFront);
  startPlane("cost", cost, rate, named(page.costFront));
  startPlane("cost-latency", cost, latency, named(page.costLatencyFront));
}

startPage([startSkus, startCompare, startPairs]);
