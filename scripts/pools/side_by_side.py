"""Runs a comparison: the steps of each repetition in shuffled order, each in fresh processes."""

import json
import os
import pathlib
import subprocess
from collections.abc import Callable
from typing import Any

from pools import children
from pools.plan import CONTROLS, PACKAGES, POOLS, Comparison, UsageError
from pools.ratios import Figures

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
OVERHEAD_S = 300  # start-up, checks and controls of one step, on a slow machine
# As coresweep's workers do by mallopt, so that the pools differ in dispatch alone.
KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000"}
Progress = Callable[[str], None]


class SideBySide:
    """One comparison in one folder: figures by repetition, and why rows are missing."""

    def __init__(self, comparison: Comparison, folder: pathlib.Path, progress: Progress) -> None:
        self._comparison, self._folder, self._progress = comparison, folder, progress
        self._inputs, self._chunk_s = folder / "inputs.pt", 0.0
        self.repetitions: list[Figures] = []
        self.skipped: dict[str, str] = {}
        self.versions: dict[str, str] = {}

    # Steps in Python

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, (str(SCRIPTS), os.environ.get("PYTHONPATH"))))
        return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
                **(KEEP_MEMORY if self._comparison.keep_memory else {})}

    def _settings(self) -> dict[str, Any]:
        c = self._comparison
        return {"make": c.make, "model": str(c.model), "inputs": str(self._inputs),
                "expected": str(self._folder / "expected.pickle"), "shapes": c.shapes, "dtypes": c.dtypes,
                "items": c.items, "chunk": c.chunk, "workers": c.workers, "window_s": self.window_s,
                "warmup_s": c.warmup_s, "seed": c.seed, "start_method": c.start_method, "payload": c.payload,
                "chunk_s": self._chunk_s}

    @property
    def window_s(self) -> float:
        """What was asked for, or four chunks of one process where that is longer: coresweep's rule too."""
        return max(self._comparison.seconds, 4 * self._chunk_s)

    def _limit_s(self) -> float:
        return OVERHEAD_S + 20 * (self.window_s + self._comparison.warmup_s)

    def _python(self, step: str) -> dict[str, Any]:
        """The result of one step of pools.measure; raises RuntimeError where there is none."""
        command = [self._comparison.python, "-m", "pools.measure", step, json.dumps(self._settings())]
        try:
            done = children.run(command, self._environment(), self._limit_s())
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"did not end within {error.timeout:.0f} s") from error
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            raise RuntimeError(f"exit code {done.returncode}: {lines[-1] if lines else 'no message'}")
        result = json.loads(done.stdout.splitlines()[-1])
        if "refused" in result:
            raise UsageError(result["refused"])
        return result

    def _look_for(self, module: str) -> str | None:
        """Notes the version of `module`; why it is not to be had otherwise."""
        command = [self._comparison.python, "-c", f"import {module}; print({module}.__version__)"]
        done = children.run(command, self._environment(), OVERHEAD_S)
        if done.returncode == 0:
            self.versions[module] = done.stdout.strip()
            return None
        lines = done.stderr.strip().splitlines()
        return (f"{self._comparison.python} has no {module}; Debian's package is {PACKAGES[module]} "
                f"({lines[-1] if lines else 'no message'})")

    def _look_around(self) -> None:
        version = children.run([self._comparison.python, "--version"], os.environ, OVERHEAD_S)
        self.versions["python"] = version.stdout.split()[-1]
        rows = ("python serial", "python independent", *POOLS)
        for module, needed_by in (("torch", rows), ("numpy", rows), ("joblib", ("joblib",))):
            why = self._look_for(module)
            if why:
                self.skipped.update({row: why for row in needed_by if row not in self.skipped})

    # coresweep

    def coresweep_command(self, repetition: int, report: str) -> list[str]:
        """The sweep of one repetition: both controls and all transports, in an order of its own."""
        c = self._comparison
        if self._inputs.exists():
            inputs = ["--inputs", str(self._inputs)]
        else:  # no torch for Python: coresweep makes them
            inputs = ["--input-shape", ";".join(",".join(map(str, shape)) for shape in c.shapes),
                      "--input-dtype", ",".join(c.dtypes), "--items", str(c.items)]
        return [str(c.program), "run", "--workload", "torchscript", "--model", str(c.model), *inputs,
                "--workers", str(c.workers), "--threads", "1", "--placement", "none", "--chunk", str(c.chunk),
                "--transport", ",".join(c.transports), "--repetitions", "1", "--seed", str(c.seed + repetition),
                "--window-s", str(self.window_s), "--warmup-s", str(c.warmup_s), "--measure-cpus-s", "0",
                "--quiet", "-o", report]

    def _rows_of_coresweep(self) -> list[str]:
        return [f"coresweep {name}" for name in (*CONTROLS, *self._comparison.transports)]

    def _coresweep(self, repetition: int) -> Figures:
        report = self._folder / f"coresweep-{repetition}.json"
        command = self.coresweep_command(repetition, str(report))
        limit_s = OVERHEAD_S + len(self._comparison.transports) * self._limit_s()
        done = children.run(command, os.environ, limit_s, str(self._folder))
        if done.returncode == 2:
            raise UsageError(done.stderr.strip())
        if not report.exists():
            raise RuntimeError(done.stderr.strip() or f"exit code {done.returncode}")
        read = json.loads(report.read_text(encoding="utf-8"))
        self.versions["coresweep"] = read["tool"]["version"]
        for cell in read["skipped"]:
            self.skipped.setdefault(f"coresweep {cell['transport']}", cell["reason"])
        return figures_of_report(read)

    # All

    def _step(self, step: str, repetition: int) -> Figures:
        if step == "coresweep":
            return self._coresweep(repetition)
        return {f"python {step}" if step in CONTROLS else step: self._python(step)}

    def _rows_of(self, step: str) -> list[str]:
        if step == "coresweep":
            return self._rows_of_coresweep()
        return [f"python {step}" if step in CONTROLS else step]

    def _try_step(self, step: str, repetition: int, figures: Figures) -> None:
        rows = self._rows_of(step)
        if all(row in self.skipped for row in rows):
            return
        self._progress(f"repetition {repetition + 1} of {self._comparison.repetitions}: {step}")
        try:
            figures.update(self._step(step, repetition))
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            self.skipped.update({row: str(error) for row in rows if row not in self.skipped})

    def run(self) -> None:
        """Everything. Raises UsageError for what the user can mend."""
        self._progress("looking for packages")
        self._look_around()
        if not self._comparison.program.exists():
            why = f"--program {self._comparison.program}: there is none; build it: scripts/build release"
            self.skipped.update({row: why for row in self._rows_of_coresweep()})
        if "python serial" not in self.skipped:
            self._progress("serial answers")
            self._chunk_s = 1.0
            self._chunk_s = self._python("prepare")["chunk_s"]
        elif self._comparison.make:
            raise UsageError(f"--make {self._comparison.make} needs torch: {self.skipped['python serial']}")
        for repetition in range(self._comparison.repetitions):
            self.repetitions.append({})
            for step in self._comparison.order(repetition):
                self._try_step(step, repetition, self.repetitions[-1])

    def rows(self) -> list[str]:
        """The names of all rows, in the order of the table."""
        return ["python serial", "python independent", *POOLS, *self._rows_of_coresweep()]


def figures_of_report(report: dict[str, Any]) -> Figures:
    """The figures of a sweep of one repetition with one cell of each kind."""
    figures: Figures = {}
    for cell in report["cells"]:
        if not cell["throughput"] or not cell["throughput"]["median"]:
            continue
        name = cell["mode"] if cell["mode"] in CONTROLS else cell["transport"]
        order, check = cell["ordering"], cell["output_check"]
        equal = check["compared"] > 0 and check["bitwise_equal"] == check["compared"] == order["answers"]
        figures[f"coresweep {name}"] = {
            "items_per_s": cell["throughput"]["median"], "answers": order["answers"],
            "right": equal and order["verdict"] == "ok" and check["verdict"] == "ok",
            "verdict": cell["verdict"], "latency": cell["latency"]}
    return figures
