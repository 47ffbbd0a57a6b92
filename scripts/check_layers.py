#!/usr/bin/env python3
"""Checks that the `#include` lines obey the layers of harness/DESIGN.md.

usage: check_layers.py [ROOT]

A folder includes itself and the folders of its row below; libtorch and hwloc are each seen by one
folder; headers form no cycle; our own headers are named by their path from the root. Prints one
line a violation and exits with 1 when there is any.
"""

import pathlib
import re
import sys

# Folder -> folders whose headers it may include, besides its own.
MAY_INCLUDE = {
    "harness/base": (),
    "harness/core": ("harness/base",),
    "harness/host": ("harness/core", "harness/base"),
    "harness/ipc": ("harness/core", "harness/base"),
    "harness/run": ("harness/host", "harness/ipc", "harness/core", "harness/base"),
    "workloads": ("harness/core", "harness/base"),
    "reports": ("harness/core", "harness/base"),
    "bench": ("harness/run", "harness/host", "harness/ipc", "harness/core", "harness/base",
              "workloads", "reports"),
}
MAY_INCLUDE["tests"] = tuple(MAY_INCLUDE)

# Library headers (pattern) -> the folders that may see them, and their tests.
SEEN_ONLY_BY = {
    r"(torch|ATen|c10|caffe2)/": ("workloads/torch", "tests/workloads/torch"),
    r"hwloc(\.h$|/)": ("harness/host", "tests/host"),
    r"sqlite3\.h$": ("bench", "tests/bench"),
}

TOP_FOLDERS = sorted({folder.split("/")[0] for folder in MAY_INCLUDE})
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def folder_of(path):
    """The row of MAY_INCLUDE that `path` (from the root) belongs to; None when it has none."""
    return next((folder for folder in MAY_INCLUDE if path.startswith(folder + "/")), None)


def includes_of(text):
    """Yields (line number, quote or bracket, path) of every include line."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check_include(path, quote, target):
    """What is wrong with `path` including `target`; None when nothing is."""
    folder, target_folder = folder_of(path), folder_of(target)
    if target_folder is not None:
        if target_folder != folder and target_folder not in MAY_INCLUDE[folder]:
            return f"{folder} may not include {target_folder}: {target}"
        return None if quote == '"' else f"write our own header in quotes: {target}"
    if quote == '"':
        return f"not a path from the root: {target}"
    for pattern, seers in SEEN_ONLY_BY.items():
        if re.match(pattern, target) and not path.startswith(tuple(s + "/" for s in seers)):
            return f"only {seers[0]} may see {target}"
    return None


def find_cycle(graph):
    """A list of headers that include each other in a ring, first = last; None when there is none."""
    done = set()

    def visit(node, trail):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        for following in graph.get(node, ()):
            cycle = visit(following, trail + [node])
            if cycle:
                return cycle
        done.add(node)
        return None

    return next((cycle for cycle in (visit(node, []) for node in sorted(graph)) if cycle), None)


def check(root):
    """All violations in the tree `root`, one line each, and the number of files looked at."""
    violations, graph, files = [], {}, 0
    for top in TOP_FOLDERS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            files += 1
            path = file.relative_to(root).as_posix()
            if folder_of(path) is None:
                violations.append(f"{path}: lies in no folder of the layers")
                continue
            for number, quote, target in includes_of(file.read_text(encoding="utf-8")):
                problem = check_include(path, quote, target)
                if problem:
                    violations.append(f"{path}:{number}: {problem}")
                if file.suffix == ".h":
                    graph.setdefault(path, []).append(target)
    cycle = find_cycle(graph)
    if cycle:
        violations.append("headers include each other: " + " -> ".join(cycle))
    return violations, files


def main(arguments):
    default = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(arguments[0]) if arguments else default
    violations, files = check(root)
    for violation in violations:
        print(violation)
    if not files:
        print(f"{root}: no C++ file found")
        return 1
    print(f"layers: {files} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
