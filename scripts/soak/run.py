"""One run of coresweep during which one of its workers gets a signal."""

import dataclasses
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Sequence

from soak import processes
from soak.descriptors import DescriptorGaps
from soak.plan import Kill

LOOK_EVERY_S = 0.001


@dataclasses.dataclass(frozen=True)
class Program:
    """What is run, and how long that may take."""
    path: pathlib.Path
    arguments: tuple[str, ...]  # of `coresweep run`, the same in every run
    bound_s: float
    spare_newborn: bool = False  # no signal to a child that is not a worker yet

    def command(self, kill: Kill, report: pathlib.Path) -> list[str]:
        """The command line of the run that `kill` disturbs."""
        policy = ("--on-worker-death", kill.policy) if kill.policy else ()
        return [str(self.path), "run", *self.arguments, "--transport", kill.transport,
                "--seed", str(kill.seed), *policy, "--quiet", "-o", str(report)]


@dataclasses.dataclass
class Ended:
    """How a run went. Times are those of the Unix epoch."""
    kill: Kill
    code: int | None  # None: it had to be killed
    seconds: float = 0
    victim: int | None = None  # None: there was no worker any more
    victim_was_dead: bool = False  # a zombie already, not reaped yet
    killed_at: float | None = None
    errors: str = ""  # what it wrote to stderr
    report: str | None = None  # its text
    left: tuple[str, ...] = ()  # processes
    new_names: frozenset[str] = frozenset()  # in /dev/shm and /dev/mqueue; perhaps of other programs
    descriptor_growth: int | None = None


class _Disturbance:
    """The signal of a plan, sent when its time has come."""

    def __init__(self, kill: Kill, usual_s: float, spare_newborn: bool) -> None:
        self._kill, self._at_s, self._spare_newborn = kill, kill.moment * usual_s, spare_newborn
        self._continue_at_s: float | None = None
        self.victim: int | None = None
        self.victim_was_dead = False
        self.killed_at: float | None = None

    def step(self, elapsed_s: float, workers: Sequence[int]) -> None:
        """Sends what is due. Between two trials there is no worker for a moment: the next look has one."""
        if self.victim is None:
            if elapsed_s >= self._at_s and workers:
                self._strike(elapsed_s, workers[int(self._kill.choice * len(workers))])
        elif self._continue_at_s is not None and elapsed_s >= self._continue_at_s:
            self._continue_at_s = None
            if self.victim in workers:
                os.kill(self.victim, signal.SIGCONT)

    def _strike(self, elapsed_s: float, worker: int) -> None:
        if self._spare_newborn and not processes.is_worker(worker):
            return
        was_dead = processes.state_of(worker) in ("Z", "X", "")
        try:
            os.kill(worker, getattr(signal, f"SIG{self._kill.signal}"))
        except ProcessLookupError:
            return
        self.victim, self.victim_was_dead, self.killed_at = worker, was_dead, time.time()
        if self._kill.continue_after_s is not None:
            self._continue_at_s = elapsed_s + self._kill.continue_after_s


def _watch(process: subprocess.Popen, disturbance: _Disturbance, bound_s: float) -> tuple[float, DescriptorGaps]:
    """Looks at the program until it ends, or kills it when time is up; the seconds it took."""
    begin, gaps = time.monotonic(), DescriptorGaps()
    while True:
        elapsed_s = time.monotonic() - begin
        if process.poll() is not None:
            return elapsed_s, gaps
        if elapsed_s > bound_s:
            process.kill()
            process.wait()
            return elapsed_s, gaps
        workers = processes.children_of(process.pid)
        gaps.add(len(workers), processes.open_descriptors(process.pid))
        disturbance.step(elapsed_s, workers)
        time.sleep(LOOK_EVERY_S)


def run_disturbed(program: Program, kill: Kill, usual_s: float, folder: pathlib.Path) -> Ended:
    """Runs the program in `folder` and sends the signal at its share of `usual_s` seconds."""
    report, errors = folder / "report.json", folder / "stderr"
    report.unlink(missing_ok=True)
    before = processes.named_objects()
    disturbance = _Disturbance(kill, usual_s, program.spare_newborn)
    with open(errors, "wb") as stderr, subprocess.Popen(
            program.command(kill, report), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
            cwd=folder, start_new_session=True) as process:
        try:
            seconds, gaps = _watch(process, disturbance, program.bound_s)
        except BaseException:  # Ctrl-C too: the workers die with it
            process.kill()
            raise
    left = tuple(processes.left_processes())
    return Ended(kill=kill, code=None if seconds > program.bound_s else process.returncode, seconds=seconds,
                 victim=disturbance.victim, victim_was_dead=disturbance.victim_was_dead,
                 killed_at=disturbance.killed_at, errors=errors.read_text(encoding="utf-8", errors="replace"),
                 report=report.read_text(encoding="utf-8") if report.exists() else None, left=left,
                 new_names=frozenset(processes.named_objects() - before),
                 descriptor_growth=gaps.growth())
