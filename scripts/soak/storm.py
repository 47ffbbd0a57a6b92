"""One run whose workers are killed again and again while they are replaced."""

import dataclasses
import os
import pathlib
import random
import re
import signal
import subprocess
import time
from typing import Any

from soak import processes, rules

DISPATCHES = ("dynamic", "static", "guided", "pull")
SIGNALS = ("KILL", "SEGV", "BUS")
WORKERS = 3
PAUSE_S = (0.005, 0.05)  # between two looks
AFTER_KILL_S = 0.03  # so that the new one gets to work
START_S = 0.5  # a trial whose workers die before it began is not measured: at least one is to be so old
SPARE_DESCRIPTORS = 5  # connections of the dead are kept while answers in them wait for their turn
GIVEN_UP = re.compile(r"over chunk \d+, as others before|before it was ready, as others in its place|"
                      r"during its start-up$")


@dataclasses.dataclass
class Storm:
    """How it went."""
    seed: int
    transport: str
    dispatch: str
    order: str
    kills: int = 0  # signals sent, controls of the sweep included
    replaced: int = 0  # workers of the trial
    resent: int = 0  # chunks
    chunks: int = 0  # answered
    outcome: str = "hung"
    message: str = ""  # of a trial that is not ok
    least_descriptors: int = 0  # of the program while all workers were there, at first
    most_descriptors: int = 0  # least in the second half of the looks
    problems: list[str] = dataclasses.field(default_factory=list)


def command(program: pathlib.Path, storm: Storm, window_s: float, report: pathlib.Path) -> list[str]:
    """The sweep."""
    return [str(program), "run", "--modes", "processes", "-w", "sum_squares", "--option", "cost=200", "--workers",
            str(WORKERS), "--threads", "1", "--chunk", "3", "--transport", storm.transport, "--dispatch",
            storm.dispatch, "--placement", "none", "--repetitions", "1", "--window-s", str(window_s),
            "--measure-cpus-s", "0", "--on-worker-death", "replace", "--order", storm.order, "--seed",
            str(storm.seed), "-q", "-o", str(report)]


def _strike(storm: Storm, dice: random.Random, workers: list[int]) -> None:
    try:
        os.kill(dice.choice(workers), getattr(signal, f"SIG{dice.choice(SIGNALS)}"))
    except ProcessLookupError:
        return
    storm.kills += 1


def _settled_descriptors(pid: int) -> int:
    """The least number in three looks: just after a worker began its ends are still open in the program too."""
    counts = []
    for _ in range(3):
        counts.append(processes.open_descriptors(pid) or 0)
        time.sleep(PAUSE_S[0])
    return min(counts)


def _watch(process: subprocess.Popen, storm: Storm, dice: random.Random, bound_s: float) -> list[list[int]]:
    """Kills until the program ends, or kills it when time is up; its descriptors at each look, trial by trial."""
    begin, trials = time.monotonic(), [[]]
    first_seen: dict[int, float] = {}
    before: set[int] = set()
    while process.poll() is None:
        time.sleep(dice.uniform(*PAUSE_S))
        if time.monotonic() - begin > bound_s:
            process.kill()
            storm.problems.append(f"did not end within {bound_s:.0f} s")
            break
        workers = [pid for pid in processes.children_of(process.pid) if processes.is_worker(pid)]
        now = time.monotonic()
        oldest_s = max((now - first_seen.setdefault(pid, now) for pid in workers), default=0)
        if len(workers) != WORKERS or oldest_s < START_S:
            continue  # the reference, the serial control, or one is on its way
        if before.isdisjoint(workers):  # one at most was killed since the last look: another trial
            trials.append([])
        before = set(workers)
        trials[-1].append(_settled_descriptors(process.pid))
        _strike(storm, dice, workers)
        time.sleep(AFTER_KILL_S)
    return trials


def problems_of(trial: dict[str, Any]) -> list[str]:
    """What a trial must be: right and complete, or given up by the rule of three deaths."""
    if trial["outcome"] == "ok":
        return [f"{part} is {trial[part]['verdict']}" for part in ("ordering", "output_check")
                if trial[part]["verdict"] != "ok"]
    if trial["outcome"] == "failed" and GIVEN_UP.search(trial["message"]):
        return []
    return [f"{trial['outcome']}: {trial['message']}"]


def growth_of(descriptors: list[int]) -> tuple[int, int]:
    """Of one trial: the least number in each half of the looks; zeros with too few. A single look may
    fall into the start of a worker, when its ends are still open here too."""
    looks = [count for count in descriptors if count]
    half = len(looks) // 2
    return (min(looks[:half]), min(looks[half:])) if half else (0, 0)


def run_storm(program: pathlib.Path, transport: str, dispatch: str, seed: int, folder: pathlib.Path, window_s: float,
              bound_s: float) -> Storm:
    """Runs it and judges it."""
    dice = random.Random(seed)
    storm = Storm(seed, transport, dispatch, dice.choice(("input", "completion")))
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    before = processes.named_objects()
    with subprocess.Popen(command(program, storm, window_s, report), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder,
                          start_new_session=True) as process:
        try:
            trials = _watch(process, storm, dice, bound_s)
        except BaseException:  # Ctrl-C too: the workers die with it
            process.kill()
            raise
        errors = process.stderr.read().decode(errors="replace")
    storm.problems += [f"left over: {what}" for what in processes.left_processes()]
    storm.problems += [f"left over: {name}" for name in sorted(processes.named_objects() - before)]
    storm.least_descriptors, storm.most_descriptors = growth_of(max(trials, key=len))
    if storm.most_descriptors > storm.least_descriptors + SPARE_DESCRIPTORS:
        storm.problems.append(f"{storm.most_descriptors} open descriptors after {storm.least_descriptors}")
    _judge(storm, report, errors)
    return storm


def _judge(storm: Storm, report: pathlib.Path, errors: str) -> None:
    text = report.read_text(encoding="utf-8") if report.exists() else None
    parsed = rules.read_report(text)
    trials = [trial for trial in parsed["trials"] if trial["cell"].startswith("processes")] if parsed else []
    if not trials:
        storm.problems.append(f"no trial in the report; stderr: {errors.strip()!r}")
        return
    trial = trials[0]
    storm.outcome, storm.chunks, storm.message = trial["outcome"], trial["chunks"], trial["message"] or ""
    storm.replaced = len(trial["replacements"])
    storm.resent = sum(len(replacement["resent"]) for replacement in trial["replacements"])
    storm.problems += problems_of(trial)
