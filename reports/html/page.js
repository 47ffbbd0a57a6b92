// Starts the charts of a page; says in attributes of the page what was drawn and how long it took.

let faults = 0;
window.addEventListener("error", () => {
  document.documentElement.dataset.faults = String(++faults);
});

function startPage(starters) {
  const begin = performance.now();
  const times = [];
  Chart.defaults.font.family = style("--text-font");
  measurePlaces();
  for (const start of starters) {
    const from = performance.now();
    try {
      start();
    } catch (fault) {  // the others are still of use
      document.documentElement.dataset.faults = String(++faults);
      console.error(start.name, fault);
    }
    times.push(`${start.name}:${(performance.now() - from).toFixed(0)}`);
  }
  const root = document.documentElement.dataset;
  root.drawn = drawn.join(" ");
  root.scriptMs = (performance.now() - begin).toFixed(0);
  root.times = times.join(" ");
  root.drawnMs = performance.now().toFixed(0);  // since the page was asked for
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    knownColours = null;
    live.forEach((draw) => draw());
  });
}

document.addEventListener("DOMContentLoaded", () => {
  startTables();
  document.documentElement.dataset.openMs = performance.now().toFixed(0);
});
