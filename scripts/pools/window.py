"""What is counted and what is checked in one measurement of a pool. Pure: no torch, no clock.

The same rules as coresweep's: an answer counts when, and in proportion to how much of, its
computation lies in the window; it must come in the order of the chunks and equal the serial
answer bit by bit.
"""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a worker sends back. Times are those of CLOCK_MONOTONIC, one clock for all processes."""
    number: int  # of the chunk, from 0 on
    pid: int
    begin_ns: int  # of its computation
    end_ns: int
    outputs: tuple[bytes, ...]  # one for each tensor


@dataclasses.dataclass(frozen=True)
class Window:
    """A stretch of time, begin included."""
    begin_ns: int
    end_ns: int

    def share_of(self, begin_ns: int, end_ns: int) -> float:
        """How much of the time from `begin_ns` to `end_ns` lies in it, from 0 to 1."""
        if end_ns <= begin_ns:
            return float(self.begin_ns <= begin_ns < self.end_ns)
        inside = min(end_ns, self.end_ns) - max(begin_ns, self.begin_ns)
        return max(0, inside) / (end_ns - begin_ns)

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end_ns - self.begin_ns) / 1e9


@dataclasses.dataclass
class Verdict:
    """How many answers were right, and how many were wrong in which way."""
    answers: int = 0
    wrong: int = 0  # other bits than the serial answer of the chunk that is due
    misplaced: int = 0  # not the chunk that was due
    missing: int = 0

    @property
    def right(self) -> bool:
        """Whether there were answers and all of them were right."""
        return self.answers > 0 and self.wrong + self.misplaced + self.missing == 0


class Checker:
    """Compares answers, in the order in which the pool yields them, with the serial ones."""

    def __init__(self, expected: Sequence[tuple[bytes, ...]]) -> None:
        self._expected = expected  # chunk number modulo their count
        self.verdict = Verdict()

    def add(self, answer: Answer) -> None:
        """Checks the next answer."""
        due = self.verdict.answers
        self.verdict.answers += 1
        if answer.number != due:
            self.verdict.misplaced += 1
        if answer.outputs != self._expected[due % len(self._expected)]:
            self.verdict.wrong += 1

    def finish(self, sent: int) -> Verdict:
        """The verdict, once all answers to `sent` chunks are there."""
        self.verdict.missing = max(0, sent - self.verdict.answers)
        return self.verdict
