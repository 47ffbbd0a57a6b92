"""What is compared: the contestants, and what they are run with."""

import dataclasses
import pathlib
import random

POOLS = ("multiprocessing.Pool", "ProcessPoolExecutor", "joblib")
CONTROLS = ("serial", "independent")
PACKAGES = {"torch": "python3-torch", "numpy": "python3-numpy", "joblib": "python3-joblib"}  # module -> Debian's
STEPS = (*CONTROLS, *POOLS, "coresweep")


class UsageError(Exception):
    """What the user can mend, in one line."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Everything that a comparison depends on."""
    make: str | None  # a model made here; else `model` is given
    model: pathlib.Path
    shapes: tuple[tuple[int, ...], ...]  # of one item, one for each input
    dtypes: tuple[str, ...]
    items: int
    chunk: int
    workers: int
    seconds: float  # of one window
    warmup_s: float
    repetitions: int
    seed: int
    transports: tuple[str, ...]
    start_method: str
    payload: str  # what travels to Python's workers: "array" or "tensor"
    keep_memory: bool  # Python's workers keep freed memory, as coresweep's do
    program: pathlib.Path
    python: str

    def order(self, repetition: int) -> list[str]:
        """The steps of one repetition, shuffled by the seed."""
        steps = list(STEPS)
        random.Random(self.seed * 1000 + repetition).shuffle(steps)
        return steps


def parse_shapes(text: str, option: str = "--input-shape") -> tuple[tuple[int, ...], ...]:
    """"3,224,224" or "128;128", one part for each input."""
    try:
        shapes = tuple(tuple(int(size) for size in part.split(",")) for part in text.split(";"))
    except ValueError as error:
        raise UsageError(f"{option} {text}: numbers separated by commas, inputs by semicolons; as 3,224,224") from error
    if any(size < 1 for shape in shapes for size in shape):
        raise UsageError(f"{option} {text}: sizes are at least 1")
    return shapes
