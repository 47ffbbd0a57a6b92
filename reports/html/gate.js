// The page of a gate: of each metric its blocks in the order run, and the evidence as it came in.

const blocks = page.blocks;
const LOOKS = {"main batch": ["blue", "circle"], "confirmation": ["violet", "rectRot"],
  "null control": ["green", "triangle"]};
const LEAST_EVIDENCE = -2;  // logarithm of what is drawn at the bottom

// The batches, each from its first block to its last.
function batches() {
  const found = [];
  blocks.phase.forEach((title, at) => {
    const last = found[found.length - 1];
    if (last && last.title === title) last.to = at;
    else found.push({title, from: at, to: at});
  });
  return found;
}

function columnOf(values, {from, to}, more = () => ({})) {
  const points = [];
  for (let at = from; at <= to; ++at)
    points.push({x: at + 1, y: values[at] === null ? NaN : values[at], at, ...more(at)});
  return points;
}

function level(label, y, colour, dash) {
  return {type: "line", label, data: [{x: 0.5, y}, {x: blocks.phase.length + 0.5, y}], pointRadius: 0,
    pointStyle: "line", borderWidth: 1.5, borderColor: colour, borderDash: dash, fill: false};
}

// Lines between the batches with their names above, and a cross for each block without a value.
function batchMarks(values, palette) {
  return {
    id: "batchMarks",
    beforeDatasetsDraw({ctx, chartArea, scales}) {
      ctx.save();
      ctx.font = `12px ${style("--text-font")}`;
      ctx.fillStyle = palette.muted;
      ctx.strokeStyle = palette.grey;
      batches().forEach(({title, from}, at) => {
        const x = scales.x.getPixelForValue(from + 0.5);
        ctx.fillText(title, x + 6, chartArea.top - 6);
        if (at === 0) return;
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top - 16);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
      });
      ctx.strokeStyle = palette.ink;
      values.forEach((value, at) => {
        if (value !== null) return;
        const x = scales.x.getPixelForValue(at + 1);
        const y = chartArea.bottom - 8;
        ctx.beginPath();
        ctx.moveTo(x - 4, y - 4);
        ctx.lineTo(x + 4, y + 4);
        ctx.moveTo(x - 4, y + 4);
        ctx.lineTo(x + 4, y - 4);
        ctx.stroke();
      });
      ctx.restore();
    },
  };
}

function blockAxis(palette) {
  return scale("block, in the order run", palette, {type: "linear", min: 0.5,
    max: blocks.phase.length + 0.5, grid: {display: false},
    afterBuildTicks: (axis) => {
      const step = Math.max(1, Math.ceil(blocks.phase.length / 12));
      axis.ticks = [];
      for (let value = 1; value <= blocks.phase.length; value += step) axis.ticks.push({value});
    }});
}

function blockName(at) {
  return `${blocks.phase[at]}, block ${blocks.attempt[at]} (${blocks.order[at]})`;
}

function percent(value) {
  return value === null ? "unbounded" : `${quantity(value)} %`;
}

// Median, interval and points of one batch; those with a label are in the legend.
function batchSets(metric, batch, palette, first) {
  const [name, pointStyle] = LOOKS[batch.title];
  const colour = palette[name];
  const line = {type: "line", pointRadius: 0, tension: 0, fill: false, borderColor: colour};
  return [
    {label: batch.title, batch: true, data: columnOf(metric.change, batch), showLine: false, pointStyle,
      pointRadius: 4, pointHoverRadius: 6, borderColor: colour, borderWidth: 1.5,
      backgroundColor: batch.title === "main batch" ? colour : palette.paper},
    {...line, data: columnOf(metric.median, batch), borderWidth: 2},
    {...line, data: columnOf(metric.low, batch), borderWidth: 0},
    {...line, data: columnOf(metric.high, batch), borderWidth: 0, fill: first + 2,
      backgroundColor: colour + "2e"},
  ];
}

function blocksConfig(metric, palette) {
  const sets = [];
  for (const batch of batches()) sets.push(...batchSets(metric, batch, palette, sets.length));
  const {tolerated, mustCatch} = metric;
  sets.push(level("no change (dotted)", 0, palette.grey, [2, 4]),
    level("tolerated (dashed)", tolerated, palette.orange, [8, 4]),
    level("must be caught", mustCatch, palette.orange, []));
  return {
    type: "scatter",
    data: {datasets: sets},
    options: {
      parsing: false, layout: {padding: {top: 22}},
      plugins: {
        legend: {labels: {filter: ({text}) => Boolean(text)}},
        tooltip: {filter: ({dataset}) => dataset.batch, callbacks: {
          title: (items) => items.length ? blockName(items[0].raw.at) : "",
          label: ({raw}) => `B over A ${percent(raw.y)}`,
          afterLabel: ({raw}) => `so far ${percent(metric.median[raw.at])} `
            + `[${percent(metric.low[raw.at])}, ${percent(metric.high[raw.at])}]`,
        }},
      },
      scales: {
        x: blockAxis(palette),
        y: scale("B over A, %", palette, {ticks: {callback: quantity},
          suggestedMin: Math.min(0, 1.2 * mustCatch), suggestedMax: Math.max(0, 1.2 * mustCatch)}),
      },
    },
    plugins: [batchMarks(metric.change, palette)],
  };
}

function startBlocks(metric, number) {
  const figure = figureOf(`blocks-${number}`);
  if (!figure) return;
  keepDrawn(`blocks-${number}`, (palette) => blocksConfig(metric, palette));
  const rows = batches().map(({title, from, to}) => [title, String(to - from + 1),
    percent(metric.median[to]), percent(metric.low[to]), percent(metric.high[to])]);
  tell(figure, ["Batch", "Blocks", "Median", `Low, ${quantity(page.confidence)} %`, "High"], rows);
  describe(figure, `B over A of ${metric.name} in ${blocks.phase.length} blocks: `
    + rows.map(([title, count, median]) => `${title} ${median} after ${count} blocks`).join(", ")
    + ". The figures are in the table after the chart.");
}

const asEvidence = (log) => log > 6 ? `10^${quantity(log)}` : brief(10 ** log);

function evidenceSets(metric, palette) {
  const claims = [["worse than tolerated", "regressed", "orange", "rect"],
    ["not worse by what must be caught", "clean", "blue", "circle"]];
  const sets = [];
  for (const [label, key, name, pointStyle] of claims) {
    batches().forEach((batch, at) => sets.push({type: "line", label: at ? "" : label, claim: label,
      data: columnOf(metric[key].map((log) => Math.max(log, LEAST_EVIDENCE)), batch,
        (block) => ({log: metric[key][block]})),
      borderColor: palette[name], backgroundColor: palette[name], pointStyle, borderWidth: 2, tension: 0,
      fill: false, pointRadius: ({dataIndex}) => blocks.look[batch.from + dataIndex] ? 4.5 : 1.5}));
    sets.push(level("", page.needed[key], palette[name], [8, 4]));
  }
  return sets;
}

function evidenceConfig(metric, palette) {
  const all = [...metric.regressed, ...metric.clean, page.needed.regressed];
  return {
    type: "scatter",
    data: {datasets: evidenceSets(metric, palette)},
    options: {
      parsing: false, layout: {padding: {top: 22}},
      plugins: {
        legend: {labels: {filter: ({text}) => Boolean(text)}},
        tooltip: {filter: ({dataset}) => dataset.claim, callbacks: {
          title: (items) => items.length ? blockName(items[0].raw.at) : "",
          label: ({raw, dataset}) => `${dataset.claim}: ${asEvidence(raw.log)}`,
        }},
      },
      scales: {
        x: blockAxis(palette),
        y: scale("evidence (e-value)", palette, {min: LEAST_EVIDENCE,
          suggestedMax: Math.max(...all) + 0.3,
          ticks: {precision: 0, callback: (log) => Number.isInteger(log) ? asEvidence(log) : null}}),
      },
    },
    plugins: [batchMarks([], palette)],
  };
}

function startEvidence(metric, number) {
  const figure = figureOf(`evidence-${number}`);
  if (!figure) return;
  keepDrawn(`evidence-${number}`, (palette) => evidenceConfig(metric, palette));
  const rows = batches().map(({title, to}) => [title, asEvidence(metric.regressed[to]),
    asEvidence(page.needed.regressed), asEvidence(metric.clean[to]), asEvidence(page.needed.clean)]);
  tell(figure, ["Batch", "Worse than tolerated", "needed", "Not worse by what must be caught",
    "needed"], rows);
  describe(figure, `Evidence on ${metric.name} over ${blocks.phase.length} blocks: `
    + rows.map(([title, worse, , clean]) => `${title} ends with ${worse} for worse, ${clean} for clean`)
      .join("; ") + ". The figures are in the table after the chart.");
}

startPage(page.metrics.flatMap((metric, number) => [
  function blocksOf() { startBlocks(metric, number); },
  function evidenceOf() { startEvidence(metric, number); },
]));
