"""From the figures of all repetitions to rows of ratios, and to a table. Pure."""

import dataclasses
import statistics
from typing import Any

Figures = dict[str, dict[str, Any]]  # row -> {"items_per_s", "right", …} of one repetition


@dataclasses.dataclass(frozen=True)
class Spread:
    """Median, least and greatest over the repetitions."""
    median: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Row:
    """One contestant. Ratios are taken within a repetition, between what it itself ran in."""
    name: str
    items_per_s: Spread | None
    speedup: Spread | None  # over one process of the same language
    dispatch_efficiency: Spread | None  # over the same number of workers without a dispatcher
    right: bool | None  # None: not measured
    answers: int
    skipped: str | None  # why it was not measured


def family_of(name: str) -> str:
    """Rows are compared with the controls of their family: "python" or "coresweep"."""
    return "coresweep" if name.startswith("coresweep ") else "python"


def spread(values: list[float]) -> Spread | None:
    """None of nothing."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def ratios(repetitions: list[Figures], name: str, control: str) -> Spread | None:
    """Throughput of `name` over that of `control`, repetition by repetition."""
    pairs = [(figures[name]["items_per_s"], figures[control]["items_per_s"]) for figures in repetitions
             if name in figures and control in figures]
    return spread([value / over for value, over in pairs if over > 0])


def row_of(name: str, repetitions: list[Figures], skipped: dict[str, str]) -> Row:
    """The row of one contestant."""
    mine = [figures[name] for figures in repetitions if name in figures]
    family = family_of(name)
    is_control = name in (f"{family} serial", f"{family} independent")
    efficiency = None if is_control else ratios(repetitions, name, f"{family} independent")
    return Row(name, spread([figure["items_per_s"] for figure in mine]),
               ratios(repetitions, name, f"{family} serial"), efficiency,
               all(figure["right"] for figure in mine) if mine else None,
               sum(figure["answers"] for figure in mine), None if mine else skipped.get(name, "not measured"))


def serials(repetitions: list[Figures]) -> Spread | None:
    """coresweep's serial process over Python's."""
    return ratios(repetitions, "coresweep serial", "python serial")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _cells(row: Row) -> list[str]:
    def ratio(value: Spread | None, digits: int) -> str:
        return "–" if value is None else f"{value.median:.{digits}f} ({value.low:.{digits}f}–{value.high:.{digits}f})"

    rate = row.items_per_s
    return [row.name, "–" if rate is None else f"{_number(rate.median)} ({_number(rate.low)}–{_number(rate.high)})",
            ratio(row.speedup, 2), ratio(row.dispatch_efficiency, 3),
            {True: "equal, in order", False: "WRONG", None: "–"}[row.right]]


def render(rows: list[Row]) -> str:
    """The table; rows that were not measured stand below it with the reason."""

    def line_of(cells: list[str]) -> str:
        return "  ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])])

    head = ["", "items/s", "speedup", "dispatch efficiency", "answers"]
    lines = [head, *(_cells(row) for row in rows if row.skipped is None)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = [line_of(cells) for cells in lines]
    text += [f"skipped: {row.name}: {row.skipped}" for row in rows if row.skipped is not None]
    return "\n".join(text)
