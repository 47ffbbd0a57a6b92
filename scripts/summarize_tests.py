#!/usr/bin/env python3
"""Counts the tests of JUnit files written by `ctest --output-junit`.

usage: summarize_tests.py [--passed N] [--failed N] FILE...

Names the tests that failed and those that were skipped, with the reason (of several files also the
folder of the file, which is the preset), and closes with the line
"N passed, N failed, N skipped". --passed and --failed add checks that are no CTest tests. Exits
with 1 when anything failed or nothing ran.
"""

import argparse
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    """'passed', 'failed', 'skipped' or None for a disabled test."""
    status = case.get("status")
    if status == "run":
        return "passed"
    if status == "disabled":
        return None
    skipped = case.find("skipped")
    # CTest also calls a test "skipped" whose program is missing: that is a failure.
    if status == "notrun" and skipped is not None:
        if skipped.get("message", "").startswith("SKIP_"):
            return "skipped"
    return "failed"


def skip_reason(case):
    """What a GoogleTest or Python test said when it skipped itself; '' when it said nothing."""
    lines = (case.findtext("system-out") or "").splitlines()
    for number, line in enumerate(lines):
        if line.endswith(": Skipped"):
            reason = []
            for following in lines[number + 1:]:
                if following.startswith("["):
                    break
                reason.append(following.strip())
            return " ".join(reason).strip()
    return ""


def main(arguments):
    parser = argparse.ArgumentParser(add_help=True, description=__doc__.splitlines()[0])
    parser.add_argument("--passed", type=int, default=0)
    parser.add_argument("--failed", type=int, default=0)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args(arguments)

    counts = {"passed": options.passed, "failed": options.failed, "skipped": 0}
    for path in options.files:
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except (OSError, ElementTree.ParseError) as error:
            print(f"{path}: no test results: {error}")
            counts["failed"] += 1
            continue
        where = f"{pathlib.Path(path).parent.name}: " if len(options.files) > 1 else ""
        for case in cases:
            result = outcome(case)
            if result is None:
                continue
            counts[result] += 1
            if result == "failed":
                print(f"failed: {where}{case.get('name')}")
            elif result == "skipped":
                reason = skip_reason(case) or "no reason given"
                print(f"skipped: {where}{case.get('name')}: {reason}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
