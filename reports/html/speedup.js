// Speedup over workers: measured points with whiskers, the ideal line and the fitted laws.

// Universal Scalability Law; Amdahl's has kappa 0.
function law([lambda, sigma, kappa], workers) {
  return lambda * workers / (1 + sigma * (workers - 1) + kappa * workers * (workers - 1));
}

function curve(parameters, most) {
  const points = [];
  for (let at = 0; at <= 60; ++at) {
    const workers = 1 + (most - 1) * at / 60;
    points.push({x: workers, y: law(parameters, workers)});
  }
  return points;
}

function measuredPoints(group) {
  return group.cells
    .map((cell) => ({x: cells.workers[cell], y: cells.speedup[cell], low: cells.low[cell],
      high: cells.high[cell], cell}))
    .sort((a, b) => a.x - b.x);
}

// The same workers without a dispatcher: what the dispatch costs is the gap to it.
function controlOf(group) {
  const shape = group.name.replace(/^[a-z]+\//, "").split("/").slice(0, 3).join("/");
  return page.groups.find((other) => other.name === "independent/" + shape && other !== group);
}

function lawSets(group, palette, most) {
  const line = {type: "line", pointRadius: 0, pointStyle: "line", borderWidth: 2, fill: false};
  const sets = [{...line, label: "ideal", data: [{x: 1, y: 1}, {x: most, y: most}],
    borderColor: palette.grey, borderDash: [2, 4], borderWidth: 1.5}];
  if (group.amdahl) {
    sets.push({...line, label: "Amdahl\u2019s law", data: curve(group.amdahl, most),
      borderColor: palette.orange, borderDash: [8, 4]});
  }
  if (group.universal) {
    sets.push({...line, label: "Universal Scalability Law", data: curve(group.universal, most),
      borderColor: palette.violet});
  }
  return sets;
}

function speedupConfig(group, palette) {
  const points = measuredPoints(group);
  const control = controlOf(group);
  const most = Math.max(...points.map((point) => point.x), 2);
  const sets = [{label: "measured", data: points, borderColor: palette.blue, whiskers: true,
    backgroundColor: palette.blue, pointRadius: 5, pointHoverRadius: 7, showLine: false}];
  if (control) {
    sets.push({label: "without dispatcher", data: measuredPoints(control), whiskers: true,
      borderColor: palette.green, backgroundColor: palette.paper, pointStyle: "rectRot",
      pointRadius: 6, borderWidth: 2, showLine: false});
  }
  const top = Math.max(...sets.flatMap((set) => set.data.map((point) => point.high ?? point.y)));
  return {
    type: "scatter",
    data: {datasets: [...sets, ...lawSets(group, palette, most)]},
    options: {
      plugins: {tooltip: {filter: (item) => item.dataset.whiskers, callbacks: {
        label: (item) => `${item.dataset.label}: ${quantity(item.raw.y)} \u00d7 `
          + `(${quantity(item.raw.low)}\u2013${quantity(item.raw.high)})`,
        title: (items) => items.length ? `${items[0].raw.x} workers` : "",
      }}},
      scales: {
        x: scale("workers", palette, {type: "linear", min: 1 - (most - 1) * 0.04,
          max: most + (most - 1) * 0.04, grid: {display: false},
          afterBuildTicks: (axis) => {
            const step = Math.max(1, Math.ceil(most / 12));
            axis.ticks = [];
            for (let value = 1; value <= most; value += step) axis.ticks.push({value});
          }}),
        y: scale("speedup over one process, \u00d7", palette, {type: "linear", min: 0,
          suggestedMax: Math.max(top * 1.03, 1.5)}),
      },
    },
  };
}

function startSpeedup() {
  const figure = figureOf("speedup");
  if (!figure) return;
  const best = page.groups.findIndex((group) => group.cells.includes(page.best));
  const first = page.groups.findIndex((group) => !cells.control[group.cells[0]]);
  let chosen = Math.max(best >= 0 ? best : first, 0);
  const words = () => {
    const points = measuredPoints(page.groups[chosen]);
    tell(figure, ["Workers", "Speedup, \u00d7", "Low", "High", "Low to high is"],
      points.map((point) => [String(point.x), quantity(point.y), quantity(point.low),
        quantity(point.high), cells.confidence[point.cell] === null ? "least to greatest"
          : `${quantity(cells.confidence[point.cell] * 100)} % interval`]));
    describe(figure, `Speedup over workers of ${page.groups[chosen].name}: `
      + points.map((point) => `${point.x} workers ${quantity(point.y)}`).join(", ")
      + ". The figures are in the table after the chart.");
  };
  const draw = keepDrawn("speedup", (palette) => speedupConfig(page.groups[chosen], palette));
  addSelect(figure, "Cells", page.groups.map((group) => group.name), (choice) => {
    chosen = choice;
    draw();
    words();
  }, chosen);
  words();
}
