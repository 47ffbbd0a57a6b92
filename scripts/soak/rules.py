"""What must hold after a run in which a worker got a signal. Pure: from how the run ended to texts."""

import datetime
import json
import re
import signal
from typing import Any

from soak.run import Ended

DIED = "failed"
SILENT = "timed_out"
STALLED = "no work fell into the window"  # of a stopped worker, and of any where others need the CPUs
NO_REFERENCE = "the serial reference made no progress in time"  # there is but one that it can be


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def read_report(text: str | None) -> dict[str, Any] | None:
    """The report as strict JSON; None when there is none. Raises ValueError when it is damaged."""
    return None if text is None else json.loads(text, parse_constant=_refuse_constant)


def why_not(ended: Ended) -> str | None:
    """Why a run that nobody disturbed did not measure its transport; None when it did."""
    report = read_report(ended.report)
    if report is None:
        return ended.errors.strip() or f"exit code {ended.code}"
    failed = [trial["message"] for trial in report["trials"] if trial["outcome"] != "ok"]
    skipped = [cell["reason"] for cell in report["skipped"] if cell["transport"] == ended.kill.transport]
    return next(iter(failed + skipped), None)


def _started(trial: dict[str, Any]) -> float:
    return datetime.datetime.fromisoformat(trial["started"].replace("Z", "+00:00")).timestamp()


def trial_hit(report: dict[str, Any] | None, killed_at: float | None) -> dict[str, Any] | None:
    """The trial during which the signal came; None when it was the reference that got it, or nobody."""
    if report is None or killed_at is None:
        return None
    begun = [trial for trial in report["trials"] if _started(trial) <= killed_at]
    return max(begun, key=_started, default=None)


def phase_of(ended: Ended, report: dict[str, Any] | None) -> str:
    """Which part of the sweep was hit: a mode, "reference", or "nobody"."""
    if ended.victim is None:
        return "nobody"
    trial = trial_hit(report, ended.killed_at)
    return "reference" if trial is None else trial["cell"].split("/")[0]


def outcome_of(ended: Ended, report: dict[str, Any] | None) -> str:
    """One word for the summary."""
    if ended.code is None:
        return "hung"
    if report is None:
        return "no sweep" if ended.code == 1 else f"code {ended.code}"
    bad = sorted({trial["outcome"] for trial in report["trials"] if trial["outcome"] != "ok"})
    if bad:
        return ", ".join(bad)
    return "replaced" if any(trial.get("replacements") for trial in report["trials"]) else "ok"


def _blames(message: str, ended: Ended) -> list[str]:
    """What is wrong with a message that must say who died of what."""
    problems = []
    if f"(pid {ended.victim})" not in message:
        problems.append(f"the message does not name the victim, pid {ended.victim}: {message!r}")
    number = getattr(signal, f"SIG{ended.kill.signal}")
    # A worker that was stopped is killed by the dispatcher once it has been silent for too long.
    if ended.kill.signal != "STOP" and not re.search(rf"signal {number:d}\b", message):
        problems.append(f"the message does not name signal {number:d}: {message!r}")
    return problems


def _check_no_sweep(ended: Ended, report: dict[str, Any] | None) -> list[str]:
    """Code 1: the reference process was hit, so there is nothing to measure against."""
    problems = ["there is a report although the sweep could not begin"] if report else []
    if not re.fullmatch(r"coresweep: [^\n]+\n", ended.errors):
        problems.append(f"not one clear line on stderr: {ended.errors!r}")
    if ended.kill.signal == "STOP" and NO_REFERENCE in ended.errors:
        return problems
    return problems + _blames(ended.errors, ended)


def _check_trial(trial: dict[str, Any], ended: Ended) -> list[str]:
    if trial["outcome"] == "ok":
        return [f"{trial['cell']}: {part} is {trial[part]['verdict']}" for part in ("ordering", "output_check")
                if trial[part]["verdict"] != "ok"]
    if STALLED in trial["message"]:
        return []
    expected = (SILENT, DIED) if ended.kill.signal == "STOP" else (DIED,)
    problems = [] if trial["outcome"] in expected else [f"{trial['cell']} is {trial['outcome']}"]
    return problems + _blames(trial["message"], ended)


def _check_sweep(ended: Ended, report: dict[str, Any] | None) -> list[str]:
    """Code 0 or 3: all trials are there, and those that failed are the one that was hit."""
    if report is None:
        return [f"no report, exit code {ended.code}"]
    problems = [] if report["finished"] else ["the report is not finished"]
    if ended.errors:
        problems.append(f"on stderr: {ended.errors!r}")
    bad = [trial for trial in report["trials"] if trial["outcome"] != "ok"]
    if sum(STALLED not in trial["message"] for trial in bad) > 1 or bool(bad) != (ended.code == 3):
        problems.append(f"{len(bad)} trials are not ok, exit code {ended.code}")
    return problems + [text for trial in report["trials"] for text in _check_trial(trial, ended)]


def problems_of(ended: Ended) -> list[str]:
    """Every rule that the run broke, one text each."""
    problems = [f"left over: {what}" for what in ended.left]
    if ended.descriptor_growth:
        problems.append(f"{ended.descriptor_growth} more open descriptors than in the beginning")
    if ended.code is None:
        return [f"did not end within {ended.seconds:.0f} s", *problems]
    try:
        report = read_report(ended.report)
    except ValueError as error:
        return [f"damaged report: {error}", *problems]
    if ended.code in (0, 3):
        return problems + _check_sweep(ended, report)
    if ended.code == 1:
        return problems + _check_no_sweep(ended, report)
    return [f"exit code {ended.code}: {ended.errors!r}", *problems]
