// The page of a gate against stored runs: the values over time, and how much worse each is.

const comparisons = page.comparisons;
const MOST_CHANGES = 40;  // in the chart; the table has all
const STATES = ["regressed", "open", "clean"];

// The worst first: regressed, open, clean, and of these the greatest ratio.
const worstFirst = [...comparisons].sort((a, b) =>
  STATES.indexOf(a.state) - STATES.indexOf(b.state) || (b.worse ?? 0) - (a.worse ?? 0));

// "2026-06-17"; "" where it is not known.
function dayOf(run) {
  return run === null ? "" : page.runs[run][1].slice(0, 10);
}

function nameOfRun(run) {
  return run === null ? "a stored run" : `${page.runs[run][0]}, ${page.runs[run][1]}`;
}

function storedPoints({history, runs}) {
  return history.map((y, at) => ({x: (runs[at] ?? at) + 1, y, name: nameOfRun(runs[at])}));
}

// A horizontal line over the whole chart.
function levelAt(label, y, last, look) {
  return {type: "line", label, data: [{x: 0.5, y}, {x: last + 0.5, y}], pointRadius: 0,
    pointStyle: "line", borderWidth: 1.5, fill: false, ...look};
}

function expectedSets(expected, first, last, palette) {
  const edge = (y) => levelAt("", y, last, {borderWidth: 0, backgroundColor: palette.blue + "2e"});
  return [
    {...edge(expected.low)},
    {...edge(expected.high), fill: first, label: "expected of one more run", pointStyle: "rect"},
    levelAt("mean (dotted)", expected.center, last, {borderColor: palette.grey, borderDash: [2, 4]}),
    levelAt("tolerated (dashed)", expected.tolerated, last,
      {borderColor: palette.orange, borderDash: [8, 4]}),
    levelAt("must be caught", expected.mustCatch, last, {borderColor: palette.orange}),
  ];
}

function runsConfig(comparison, palette) {
  const {expected, value} = comparison;
  const unit = page.metrics[comparison.metric].unit;
  const last = Math.max(page.runs.length, comparison.history.length) + 1;
  const sets = [{label: "stored runs", data: storedPoints(comparison), pointRadius: 4, borderWidth: 1.5,
    borderColor: palette.blue, backgroundColor: palette.blue}];
  if (value !== null) {
    sets.push({label: "new run", crosses: true, pointStyle: "rectRot", pointRadius: 7, borderWidth: 2,
      borderColor: palette.ink, backgroundColor: palette.paper, data: [{x: last, y: value,
        low: expected ? expected.valueLow : NaN, high: expected ? expected.valueHigh : NaN,
        name: page.candidate}]});
  }
  if (expected) sets.push(...expectedSets(expected, sets.length, last, palette));
  return {
    type: "scatter",
    data: {datasets: sets},
    options: {
      parsing: false,
      plugins: {
        legend: {labels: {filter: ({text}) => Boolean(text)}},
        tooltip: {filter: ({raw}) => Boolean(raw.name), callbacks: {
          label: ({raw}) => `${quantity(raw.y)} ${unit}`,
          afterLabel: ({raw}) => raw.name,
        }},
      },
      scales: {
        x: scale("run by time, the new one last", palette, {type: "linear", min: 0.5, max: last + 0.5,
          grid: {display: false}, afterBuildTicks: (axis) => {
            const step = Math.max(1, Math.ceil(last / 12));
            axis.ticks = [{value: last}];
            for (let at = last - step; at >= 1; at -= step) axis.ticks.unshift({value: at});
          }, ticks: {callback: (at) => at === last ? "new" : String(at)}}),
        y: scale(unit, palette, {grace: "5%", ticks: {callback: brief}}),
      },
    },
    plugins: [crosses],
  };
}

function tellRuns(figure, comparison) {
  const {name, unit} = page.metrics[comparison.metric];
  const {expected, value} = comparison;
  const rows = comparison.history.map((stored, at) =>
    [nameOfRun(comparison.runs[at]), quantity(stored)]);
  rows.push([`new: ${page.candidate}`, quantity(value)]);
  tell(figure, ["Run", `${name}, ${unit}`], rows);
  const around = expected ? `; expected of one more run, ${Number(page.confidence.toFixed(4))} % interval, `
    + `${quantity(expected.low)} to ${quantity(expected.high)}` : "";
  describe(figure, `${name} of ${comparison.cell}: ${comparison.history.length} stored runs from `
    + `${dayOf(comparison.runs[0] ?? null)} on, the new one ${quantity(value)} ${unit}${around}: `
    + `${comparison.state}. The figures are in the table after the chart.`);
}

function startRuns(metric) {
  const figure = figureOf(`runs-${metric}`);
  if (!figure) return;
  const known = worstFirst.filter((one) => one.metric === metric && one.history.length);
  let chosen = known[0];
  const draw = keepDrawn(`runs-${metric}`, (palette) => runsConfig(chosen, palette));
  addSelect(figure, "Cell", known.map(({cell, state}) => `${cell}: ${state}`), (at) => {
    chosen = known[at];
    draw();
    tellRuns(figure, chosen);
  });
  tellRuns(figure, chosen);
}

const asPercent = (ratio) => ratio === null ? null : 100 * (ratio - 1);

function startChanges() {
  const figure = figureOf("changes");
  if (!figure) return;
  const shown = worstFirst.filter(({worseLow}) => worseLow !== null).slice(0, MOST_CHANGES);
  const several = page.metrics.length > 1;
  const label = ({cell, metric}) => several ? `${cell} ${page.metrics[metric].name}` : cell;
  makePlace(figure, Math.max(220, 110 + 26 * shown.length));
  const looks = {regressed: ["orange", "rectRot"], clean: ["blue", "circle"], open: ["grey", "triangle"]};
  const bottom = 0.4 - shown.length;
  const upright = (name, x, look) => ({type: "line", label: name, data: [{x, y: 0.6}, {x, y: bottom}],
    pointRadius: 0, pointStyle: "line", borderWidth: 1.5, ...look});
  keepDrawn("changes", (palette) => ({
    type: "scatter",
    data: {datasets: [
      ...STATES.filter((state) => shown.some((one) => one.state === state)).map((state) => ({
        label: state, crosses: true, pointRadius: 6, borderWidth: 2, pointStyle: looks[state][1],
        borderColor: palette[looks[state][0]], backgroundColor: palette[looks[state][0]],
        data: shown.map((one, at) => ({x: asPercent(one.worse), y: -at, left: asPercent(one.worseLow),
          right: asPercent(one.worseHigh), at})).filter(({at}) => shown[at].state === state)})),
      upright("no change (dotted)", 0, {borderColor: palette.grey, borderDash: [2, 4]}),
      upright("tolerated (dashed)", page.tolerated, {borderColor: palette.orange, borderDash: [8, 4]}),
      upright("must be caught", page.mustCatch, {borderColor: palette.orange}),
    ]},
    options: {
      parsing: false,
      plugins: {tooltip: {filter: ({dataset}) => dataset.crosses, callbacks: {
        label: ({raw}) => `${label(shown[raw.at])}: ${quantity(raw.x)} % worse `
          + `[${quantity(raw.left)}, ${quantity(raw.right)}]`}}},
      scales: {
        x: scale("worse by, %", palette, {
          suggestedMin: Math.min(0, ...shown.map(({worseLow}) => asPercent(worseLow))),
          suggestedMax: 1.2 * Math.max(page.mustCatch, ...shown.map(({worseHigh}) => asPercent(worseHigh)))}),
        y: scale("", palette, {min: bottom, max: 0.6, grid: {display: false},
          afterBuildTicks: (axis) => {
            axis.ticks = shown.map((_, at) => ({value: -at}));
          }, ticks: {autoSkip: false, callback(value) {  // the end tells cells apart
            const text = shown[-value] ? label(shown[-value]) : "";
            const room = Math.max(14, Math.floor(this.chart.width / 14));
            return text.length <= room ? text : "\u2026" + text.slice(1 - room);
          }}}),
      },
    },
    plugins: [crosses],
  }));
  tell(figure, ["Metric of a cell", "Worse by, %", "Low", "High", "State"], shown.map((one) =>
    [`${one.cell} ${page.metrics[one.metric].name}`, quantity(asPercent(one.worse)),
      quantity(asPercent(one.worseLow)), quantity(asPercent(one.worseHigh)), one.state]));
  describe(figure, `How much worse each of ${comparisons.length} metrics of cells is, ${shown.length} shown; the `
    + `worst, ${label(shown[0])}, by ${quantity(asPercent(shown[0].worse))} %, `
    + `${shown[0].state}. The figures are in the table after the chart.`);
}

startPage([...page.metrics.map((_, metric) => function runsOf() { startRuns(metric); }), startChanges]);
