// Scatter of throughput against latency, latency by percentile, and strain over the run.

// Of `points` those that no other beats in both: y high, x low.
function paretoFront(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || b.y - a.y);
  const front = [];
  for (const point of sorted)
    if (!front.length || point.y > front[front.length - 1].y) front.push(point);
  return front;
}

// The highest percentile that at least half of the cells have: a tail needs many chunks.
function latencyColumn() {
  const known = (name) => cells[name].filter((value) => value !== null).length;
  const half = known("p50") / 2;
  return ["p99", "p90", "p50"].find((name) => known(name) >= half) || "p50";
}

function paretoPoints(column) {
  const points = [];
  cells.id.forEach((id, at) => {
    if (cells.throughput[at] === null || cells[column][at] === null) return;
    points.push({x: cells[column][at], y: cells.throughput[at], cell: at});
  });
  return points;
}

// Of thousands of points those that can be told apart on the screen.
function apart(points) {
  if (points.length < 2000) return points;
  const [left, right] = [Math.min(...points.map(({x}) => x)), Math.max(...points.map(({x}) => x))];
  const top = Math.max(...points.map(({y}) => y));
  const seen = new Set();
  return points.filter(({x, y}) => {
    const column = Math.round(120 * Math.log(x / left) / Math.log(right / left || 2));
    const key = column * 1000 + Math.round(80 * y / top);
    return !seen.has(key) && seen.add(key);
  });
}

function startPareto() {
  const figure = figureOf("pareto");
  if (!figure) return;
  const column = latencyColumn();
  const words = {p50: "median", p90: "90th percentile", p99: "99th percentile"}[column];
  const all = paretoPoints(column);
  const front = paretoFront(all.filter(({cell}) => !cells.control[cell]
    && !["incorrect", "disordered", "failed", "timed_out"].includes(cells.verdict[cell])));
  const onFront = new Set(front.map((point) => point.cell));
  const typical = all.map((point) => point.x).sort((a, b) => a - b)[all.length >> 1];
  const unit = timeUnit(typical);
  const inUnit = (points) => points.map((point) => ({...point, x: point.x / unit.us}));
  const most = Math.max(...all.map((point) => point.x));
  const least = Math.min(...all.map((point) => point.x));
  keepDrawn("pareto", (palette) => {
    const dot = (label, points, look) => ({label, data: inUnit(points), ...look});
    return {
      type: "scatter",
      data: {datasets: [
        dot("recommended", all.filter((point) => point.cell === page.best), {pointRadius: 11,
          borderWidth: 2.5, borderColor: palette.orange, backgroundColor: "transparent"}),
        dot("Pareto front", front, {pointStyle: "rectRot", pointRadius: 6, showLine: true,
          stepped: "before", borderWidth: 1.5, borderColor: palette.blue,
          backgroundColor: palette.blue}),
        dot("other cells", apart(all.filter(({cell}) => !onFront.has(cell) && !cells.control[cell])),
          {pointRadius: all.length > 2000 ? 2 : 3.5, borderColor: palette.muted, borderWidth: 1.2,
            backgroundColor: "transparent"}),
        dot("controls", apart(all.filter(({cell}) => cells.control[cell])), {pointStyle: "crossRot",
          pointRadius: 5, borderColor: palette.green, borderWidth: 1.8}),
      ]},
      options: {
        parsing: false, normalized: true,
        plugins: {tooltip: {callbacks: {
          label: ({raw}) => cells.id[raw.cell],
          afterLabel: ({raw}) =>
            `${quantity(raw.y)} items/s, ${words} ${quantity(raw.x)} ${unit.name}`,
        }}},
        scales: {
          x: scale(`latency of a chunk, ${words}, ${unit.name}`, palette,
            {type: most > 20 * least ? "logarithmic" : "linear", grid: {display: false},
              max: most / unit.us * (most > 20 * least ? 1.25 : 1.05),
              ticks: {callback: (value) => /^[125]/.test(String(value).replace(/^0\.0*/, "")) ||
                most <= 20 * least ? brief(value) : null}}),
          y: scale("throughput, items/s", palette, {beginAtZero: true, ticks: {callback: brief}}),
        },
      },
    };
  });
  tell(figure, ["On the Pareto front", `Latency, ${words}, ${unit.name}`, "Throughput, items/s"],
    front.map((point) => [cells.id[point.cell], quantity(point.x / unit.us), quantity(point.y)]));
  describe(figure, `Throughput against latency (${words}) of ${all.length} cells; `
    + `${front.length} are on the Pareto front, listed in the table after the chart.`);
}

// A percentile by the number of chunks of which one is slower: 50 %, 90 %, 99 % at even distances.
const rarity = (share) => Math.log10(1 / (1 - share));

function startLatency() {
  const figure = figureOf("latency");
  if (!figure) return;
  const known = page.details.filter((detail) => detail.curve.length > 1);
  let chosen = [0, known.length > 1 ? 1 : 0];
  const words = () => {
    const pair = chosen.map((at) => known[at]);
    const unit = timeUnit(Math.max(...pair.flatMap(({curve}) => curve.map(([, us]) => us))));
    const shares = [...new Set(pair.flatMap(({curve}) => curve.map(([share]) => share)))];
    const of = ({curve}, share) => curve.find(([other]) => other === share)?.[1];
    tell(figure, ["Percentile", ...pair.map(({cell}) => `${cells.id[cell]}, ${unit.name}`)],
      shares.sort((a, b) => a - b).map((share) => [`${quantity(share * 100)} %`,
        ...pair.map((detail) => quantity(of(detail, share) === undefined ? null
          : of(detail, share) / unit.us))]));
    describe(figure, `Latency by percentile of ${pair.map(({cell}) => cells.id[cell]).join(" and ")}`
      + ". The figures are in the table after the chart.");
  };
  const draw = keepDrawn("latency", (palette) => {
    const pair = [...new Set(chosen)].map((at) => known[at]);
    const unit = timeUnit(Math.max(...pair.flatMap(({curve}) => curve.map(([, us]) => us))));
    return {
      type: "scatter",
      data: {datasets: pair.map(({cell, curve}, at) => ({
        label: cells.id[cell], showLine: true, tension: 0, borderWidth: 2, pointRadius: 3,
        borderColor: at ? palette.orange : palette.blue, borderDash: at ? [7, 4] : [],
        backgroundColor: at ? palette.paper : palette.blue, pointStyle: at ? "rectRot" : "circle",
        data: curve.map(([share, us]) => ({x: rarity(share), y: us / unit.us, share})),
      }))},
      options: {
        plugins: {tooltip: {callbacks: {label: (item) =>
          `${quantity(item.raw.share * 100)} % within ${quantity(item.raw.y)} ${unit.name}`}}},
        scales: {
          x: scale("share of the chunks that are no slower", palette, {type: "linear", min: 0,
            grid: {display: false}, afterBuildTicks: (axis) => {
              axis.ticks = [0.5, 0.9, 0.99, 0.999, 0.9999].map((share) => ({value: rarity(share)}))
                .filter(({value}) => value <= axis.max);
            }, ticks: {callback: (value) => `${quantity(100 - 100 / 10 ** value)} %`}}),
          y: scale(`latency, ${unit.name}`, palette, {beginAtZero: true, ticks: {callback: brief}}),
        },
      },
    };
  });
  ["Cell", "beside"].forEach((label, slot) =>
    addSelect(figure, label, known.map(({cell}) => cells.id[cell]), (choice) => {
      chosen[slot] = choice;
      draw();
      words();
    }, chosen[slot]));
  words();
}

function startStrain() {
  const figure = figureOf("strain");
  if (!figure) return;
  const launches = page.launches;
  const timed = launches.at_s.every((at) => at !== null);
  const last = Math.max(...launches.at_s);
  const unit = last > 7200 ? {name: "h", s: 3600} : last > 120 ? {name: "min", s: 60}
    : {name: "s", s: 1};
  const series = [["throttled", "throttled", "orange", "rect"], ["stolen", "stolen", "violet",
    "triangle"], ["pressure", "CPU pressure", "blue", "circle"]]
    .filter(([key]) => launches[key].some((value) => value !== null));
  const worst = (key) => Math.max(...launches[key].map((value) => value ?? 0)) * 100;
  const most = Math.max(...series.map(([key]) => worst(key)));
  keepDrawn("strain", (palette) => ({
    type: "scatter",
    data: {datasets: series.map(([key, label, colour, pointStyle], at) => ({
      label, pointStyle, clip: false, borderWidth: 1.2, pointRadius: launches.number.length > 400 ? 2 : 3.5,
      borderColor: palette[colour], backgroundColor: at ? "transparent" : palette[colour],
      data: launches[key].map((share, launch) => ({
        x: timed ? launches.at_s[launch] / unit.s : launches.number[launch],
        y: share === null ? NaN : share * 100, number: launches.number[launch]})),
    }))},
    options: {
      parsing: false, normalized: true,
      plugins: {tooltip: {callbacks: {label: ({raw, dataset}) =>
        `launch ${raw.number}: ${dataset.label} ${quantity(raw.y)} %`}}},
      scales: {
        x: scale(timed ? `time since the first launch, ${unit.name}` : "launch", palette,
          {type: "linear", grid: {display: false}, ticks: {callback: quantity}}),
        y: scale("share, %", palette, {beginAtZero: true,
          ...(most > 60 ? {max: 100} : {suggestedMax: 5})}),
      },
    },
  }));
  tell(figure, ["Of all launches", "Worst, %"],
    series.map(([key, label]) => [label, quantity(worst(key))]));
  describe(figure, `Strain of ${launches.number.length} launches over the run; worst: `
    + series.map(([key, label]) => `${label} ${quantity(worst(key))} %`).join(", ") + ".");
}
