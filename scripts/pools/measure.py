"""One measurement in a process of its own: python -m pools.measure STEP SETTINGS, both ends JSON.

Steps: `prepare` makes model and inputs and computes the serial answers; `independent` and the names
of `adapters.ADAPTERS` measure. The last line of stdout is the result, an object; {"refused": text}
when there is something that the user can mend.
"""

import itertools
import json
import multiprocessing
import pathlib
import pickle
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy
import torch

from pools import models
from pools.adapters import ADAPTERS, Adapter, Spec
from pools.window import Checker, Verdict, Window
from pools.worker import Task, compute, load_inputs, loaded_model, warm

STARTUP_S = 120
Settings = dict[str, Any]
Expected = list[tuple[bytes, ...]]


class Refused(Exception):
    """What the user can mend, in one line."""


def one_line(error: BaseException) -> str:
    """The first line that says something; libtorch adds a trace."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if "Traceback of TorchScript" in str(error) else lines[0]) if lines else type(error).__name__


def chunks_of(settings: Settings) -> list[tuple[Any, ...]]:
    """The chunks of the inputs, each a tuple with one array (or tensor) for each input."""
    inputs = load_inputs(settings["inputs"])
    items, chunk = len(inputs[0]), settings["chunk"]
    cut = [tuple(tensor[i:i + chunk].clone() for tensor in inputs) for i in range(0, items - chunk + 1, chunk)]
    return cut if settings["payload"] == "tensor" else [tuple(t.numpy() for t in tensors) for tensors in cut]


def bytes_of(chunks: list[tuple[Any, ...]]) -> list[bytes]:
    """The elements of all arrays or tensors."""
    return [numpy.asarray(part).tobytes() for chunk in chunks for part in chunk]


def expected_of(settings: Settings) -> Expected:
    """What `prepare` left."""
    return pickle.loads(pathlib.Path(settings["expected"]).read_bytes())


def prepare(settings: Settings) -> Settings:
    """Model, inputs and serial answers, and what one chunk takes."""
    if settings["make"]:
        models.make_model(settings["make"], settings["seed"], settings["model"])
    try:
        loaded_model(settings["model"])
    except (RuntimeError, ValueError) as error:
        raise Refused(f"--model {settings['model']}: not a TorchScript file that loads here: "
                      f"{one_line(error)}") from error
    torch.save(tuple(models.make_inputs(settings["shapes"], settings["dtypes"], settings["items"], settings["seed"])),
               settings["inputs"])
    try:
        warm(settings["model"], settings["inputs"], settings["chunk"])
    except RuntimeError as error:
        raise Refused(f"--model {settings['model']} refused a chunk of its inputs; see --input-shape, --input-dtype: "
                      f"{one_line(error)}") from error
    chunks = chunks_of(settings)
    answers = [compute(settings["model"], task) for task in enumerate(chunks)]
    if bytes_of(chunks) != bytes_of(chunks_of(settings)):
        raise Refused(f"--model {settings['model']} writes on its input: its second answer to a chunk would differ")
    pathlib.Path(settings["expected"]).write_bytes(pickle.dumps([answer.outputs for answer in answers]))
    return {"chunk_s": statistics.median(answer.end_ns - answer.begin_ns for answer in answers) / 1e9,
            "distinct": len({answer.outputs for answer in answers}), "chunks": len(answers)}


class Stream:
    """Chunks, one after the other and from the front again, until the clock says stop."""

    def __init__(self, chunks: list[tuple[Any, ...]], end_ns: int) -> None:
        self._chunks, self._end_ns = chunks, end_ns
        self.sent = 0

    def __iter__(self) -> Iterator[Task]:
        while time.monotonic_ns() < self._end_ns:
            self.sent += 1
            yield self.sent - 1, self._chunks[(self.sent - 1) % len(self._chunks)]


def window_from(begin_ns: int, settings: Settings) -> Window:
    """The window of a stream that begins at `begin_ns`: after the warm-up, `window_s` long."""
    first = begin_ns + int(settings["warmup_s"] * 1e9)
    return Window(first, first + int(settings["window_s"] * 1e9))


def wake_all(pool: Adapter, chunks: list[tuple[Any, ...]], workers: int) -> None:
    """Gives work until every worker has answered."""
    end, seen = time.monotonic() + STARTUP_S, set()
    while len(seen) < workers:
        if time.monotonic() > end:
            raise RuntimeError(f"only {len(seen)} of {workers} workers answered within {STARTUP_S} s")
        some = list(itertools.islice(enumerate(itertools.cycle(chunks)), 8 * workers))
        seen |= {answer.pid for answer in pool.answers(some)}


def measure_pool(name: str, settings: Settings) -> Settings:
    """Fresh workers, a stream of chunks through them, what they computed in the window."""
    chunks, checker, items = chunks_of(settings), Checker(expected_of(settings)), 0.0
    with ADAPTERS[name](Spec(settings)) as pool:
        wake_all(pool, chunks, 1 if name == "serial" else settings["workers"])
        window = window_from(time.monotonic_ns(), settings)
        # Beyond the window's end, so that no worker is short of work in it.
        stream = Stream(chunks, window.end_ns + int(settings["warmup_s"] * 1e9))
        for answer in pool.answers(stream):
            checker.add(answer)
            items += settings["chunk"] * window.share_of(answer.begin_ns, answer.end_ns)
        verdict = checker.finish(stream.sent)
    return result_of(items, window, verdict)


def work_alone(settings: Settings, gate: Any, begin_ns: Any, results: Any) -> None:
    """A worker of `independent`: inputs made inside it, the same window as its siblings."""
    chunks, checker, items = chunks_of(settings), Checker(expected_of(settings)), 0.0
    warm(settings["model"], settings["inputs"], settings["chunk"])
    if gate.wait(STARTUP_S) == 0:
        begin_ns.value = time.monotonic_ns()
    gate.wait(STARTUP_S)
    window = window_from(begin_ns.value, settings)
    stream = Stream(chunks, window.end_ns + int(settings["warmup_s"] * 1e9))
    for task in stream:
        answer = compute(settings["model"], task)
        checker.add(answer)
        items += settings["chunk"] * window.share_of(answer.begin_ns, answer.end_ns)
    results.put((items, vars(checker.finish(stream.sent))))


def measure_independent(settings: Settings) -> Settings:
    """What the same number of processes reach without any dispatcher."""
    context = multiprocessing.get_context(settings["start_method"])
    gate, begin_ns, results = context.Barrier(settings["workers"]), context.Value("q", 0), context.Queue()
    workers = [context.Process(target=work_alone, args=(settings, gate, begin_ns, results), daemon=True)
               for _ in range(settings["workers"])]
    for worker in workers:
        worker.start()
    limit_s = STARTUP_S + settings["window_s"] + 2 * settings["warmup_s"]
    parts = [results.get(timeout=limit_s) for _ in workers]
    for worker in workers:
        worker.join()
    total = Verdict(**{field: sum(verdict[field] for _, verdict in parts) for field in vars(Verdict())})
    return result_of(sum(items for items, _ in parts), window_from(0, settings), total)


def result_of(items: float, window: Window, verdict: Verdict) -> Settings:
    """The result of a measurement."""
    return {"items_per_s": items / window.seconds, "right": verdict.right, **vars(verdict)}


def main(step: str, settings: Settings) -> Settings:
    """One step; its result."""
    torch.set_num_threads(1)
    try:
        if step == "prepare":
            return prepare(settings)
        if step == "independent":
            return measure_independent(settings)
        return measure_pool(step, settings)
    except Refused as error:
        return {"refused": str(error)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
