// Throughput against cost of a sweep's cells, with the Pareto front.

function startCost() {
  const figure = figureOf("cost");
  if (!figure) return;
  const {currency, size, front, at, cost, low, high} = page.costs;
  const points = at.map((cell, i) => ({cell, i, x: cost[i], y: cells.throughput[cell]}))
    .filter(({x, y}) => x !== null && y !== null);
  const onFront = points.filter(({i}) => front[i]).sort((a, b) => a.x - b.x)
    .map((point) => ({...point, left: low[point.i] ?? NaN, right: high[point.i] ?? NaN}));
  keepDrawn("cost", (palette) => ({
    type: "scatter",
    data: {datasets: [
      {label: "recommended", data: points.filter(({cell}) => cell === page.best), pointRadius: 11,
        borderWidth: 2.5, borderColor: palette.orange, backgroundColor: "transparent"},
      {label: "Pareto front", data: onFront, crosses: true, pointStyle: "rectRot", pointRadius: 6,
        showLine: true, stepped: "before", borderWidth: 1.5, borderColor: palette.blue,
        backgroundColor: palette.blue},
      {label: "other cells", data: apart(points.filter(({i}) => !front[i])),
        pointRadius: points.length > 2000 ? 2 : 3.5, borderColor: palette.muted, borderWidth: 1.2,
        backgroundColor: "transparent"},
    ]},
    options: {
      parsing: false, normalized: true,
      plugins: {tooltip: {callbacks: {
        label: ({raw}) => cells.id[raw.cell],
        afterLabel: ({raw}) => `${quantity(raw.y)} items/s, ${quantity(raw.x)} ${currency} a million `
          + `in ${size[raw.i]}`,
      }}},
      scales: {
        x: scale(`cost of a million inferences as billed, ${currency}`, palette, {beginAtZero: true,
          grid: {display: false}, ticks: {callback: brief}}),
        y: scale("throughput, items/s", palette, {beginAtZero: true, ticks: {callback: brief}}),
      },
    },
    plugins: [crosses],
  }));
  tell(figure, ["On the Pareto front", "Size", `Cost as billed, ${currency} a million`,
    "Throughput, items/s"], onFront.map(({cell, i, x, y}) => [cells.id[cell], size[i], quantity(x),
    quantity(y)]));
  describe(figure, `Throughput against cost of ${points.length} cells; ${onFront.length} are on the `
    + "Pareto front, listed in the table after the chart.");
}
