#!/usr/bin/env python3
"""Checks that files are finished, strict JSON reports of coresweep in which every cell came out right.

usage: check_report.py REPORT...

For smoke sweeps: prints one line a report and exits with 1 when one of them is wrong. A verdict
about noise (for example "unstable") is no fault; a failed trial or a wrong answer is.
"""

import json
import sys

KEYS = ("schema_version", "tool", "created", "host", "config", "cells", "trials", "skipped", "repro")
CELL_KEYS = ("id", "mode", "workers", "threads", "placement", "chunk", "transport", "dispatch", "credit", "wait",
             "repetitions", "verdict", "warnings", "throughput", "speedup", "parallel_efficiency",
             "dispatch_efficiency", "latency", "chunk_cost", "ordering", "output_check", "workers_detail")
FAULTS = ("failed", "timed_out", "incorrect", "disordered", "interrupted", "pending")


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def problems_of(report):
    """What is wrong with a parsed report, one text each."""
    if not isinstance(report, dict):
        return ["is no JSON object"]
    problems = [f"has no key {key}" for key in KEYS if key not in report]
    if problems:
        return problems
    if not report["cells"]:
        problems.append("has no cell")
    if report.get("finished") is not True:
        problems.append("is not finished")
    modes = {cell.get("mode") for cell in report["cells"]}
    searched = report.get("search") is not None  # and there is no independent
    controls = ("serial",) if searched else ("serial", "independent")
    problems += [f"lacks the control {mode}" for mode in controls if mode not in modes]
    for cell in report["cells"]:
        name = cell.get("id", "a cell")
        problems += [f"{name} has no key {key}" for key in CELL_KEYS if key not in cell]
        if cell.get("verdict") in FAULTS:
            problems.append(f"{name} is {cell['verdict']}")
        elif not ((cell.get("throughput") or {}).get("median") or 0) > 0:
            problems.append(f"{name} has no throughput")
        if cell.get("id") not in report["repro"]:
            problems.append(f"{name} has no command line under repro")
    return problems


def main(paths):
    if not paths:
        print(__doc__.splitlines()[2], file=sys.stderr)
        return 2
    wrong = False
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                report = json.load(file, parse_constant=refuse_constant)
            problems = problems_of(report)
        except (OSError, ValueError) as error:
            problems = [str(error)]
        wrong = wrong or bool(problems)
        if problems:
            print("\n".join(f"{path}: {problem}" for problem in problems))
        else:
            print(f"{path}: {len(report['cells'])} cells, {len(report['trials'])} trials, all right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
