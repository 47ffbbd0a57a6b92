#!/usr/bin/env python3
"""Counts the tests of JUnit files written by `ctest --output-junit`.

usage: summarize_tests.py [--passed N] [--failed WHAT]... FILE...

Names the tests that were skipped, by reason, then those that failed, each with the first line of
its output that says why (of several files also the folder of the file, which is the preset), and
closes with the line "N passed, N failed, N skipped". --passed N adds N checks that are no CTest
tests, --failed WHAT one that failed, named as given ("check: tidy"). Exits with 1 when anything
failed or nothing ran.
"""

import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

WHY_LENGTH = 200  # characters of one failure's reason
FAILURES_LENGTH = 10_000  # of all failures; beyond that, names alone

# What says why a test failed, the most telling first; the first match in the output counts.
TELLING = [re.compile(pattern, re.MULTILINE) for pattern in (
    r"^.*(?:ERROR|WARNING): \w+Sanitizer:.*$",
    r"^.*: runtime error: .*$",
    r"^terminate called .*(?:\n  what\(\): .*)?$",
    r"^\S+:\d+: Failure\n(?:(?!\[|\S+:\d+: Failure).+\n?)*",
    r"^(?:\w+\.)*\w*(?:Error|Exception|Timeout\w*)(?::.*)?$",
)]


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


def name_of(case):
    """The name without GoogleTest's dump of the parameter."""
    return re.sub(r"\s+# GetParam\(\) = .*", "", case.get("name"), flags=re.DOTALL)


def skip_reason(case):
    """What a GoogleTest or Python test said when it skipped itself."""
    lines = (case.findtext("system-out") or "").splitlines()
    for number, line in enumerate(lines):
        if line.endswith(": Skipped"):
            reason = []
            for following in lines[number + 1:]:
                if following.startswith("["):
                    break
                reason.append(following.strip())
            return " ".join(reason).strip() or "no reason given"
    return "no reason given"


def failure_reason(case):
    """Why a test failed, on one line: what its output or else CTest says."""
    output = case.findtext("system-out") or ""
    why = ""
    for pattern in TELLING:
        found = pattern.search(output)
        if found:
            why = re.sub(r"^\S*/(\S+:\d+: )Failure\n", r"\1", found.group())
            break
    if not why:
        of_ctest = [found.get("message", "") for found in case.iter()
                    if found.tag in ("failure", "skipped")]
        last = [line for line in output.splitlines() if line.strip()][-1:]
        # CTest names neither signal nor time-out here: both end a test in the midst of its output.
        why = "; ".join([text for text in of_ctest if text] or
                        [f"ended after {float(case.get('time') or 0):.1f} s"] +
                        [f"last line: {line}" for line in last])
    why = " ".join(why.split())
    return why if len(why) <= WHY_LENGTH else why[:WHY_LENGTH - 1] + "…"


def print_skips(skips):
    """`skips`: (name, reason). Those of one reason share a line."""
    names_of = {}
    for name, reason in skips:
        names_of.setdefault(reason, []).append(name)
    for reason, names in names_of.items():
        print(f"skipped: {names[0]}: {reason}" if len(names) == 1 else
              f"skipped: {reason}: {', '.join(names)}")


def print_failures(failures):
    """`failures`: (name, reason or ''). So many that they would not fit go without reasons."""
    lines = [f"failed: {name}: {why}" if why else f"failed: {name}" for name, why in failures]
    if sum(map(len, lines)) > FAILURES_LENGTH:
        lines = [f"failed: {name}" for name, _ in failures]
    for line in lines:
        print(line)


def main(arguments):
    parser = argparse.ArgumentParser(add_help=True, description=__doc__.splitlines()[0])
    parser.add_argument("--passed", type=int, default=0, metavar="N")
    parser.add_argument("--failed", action="append", default=[], metavar="WHAT")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args(arguments)

    passed = options.passed
    skips, failures = [], []
    for path in options.files:
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except (OSError, ElementTree.ParseError) as error:
            failures.append((str(path), f"no test results: {error}"))
            continue
        where = f"{pathlib.Path(path).parent.name}: " if len(options.files) > 1 else ""
        for case in cases:
            result = outcome(case)
            if result == "passed":
                passed += 1
            elif result == "skipped":
                skips.append((where + name_of(case), skip_reason(case)))
            elif result == "failed":
                failures.append((where + name_of(case), failure_reason(case)))
    failures += [(what, "") for what in options.failed]
    print_skips(skips)
    print_failures(failures)
    print(f"{passed} passed, {len(failures)} failed, {len(skips)} skipped")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
