"""The pools behind one interface: chunks in, answers out in order.

An adapter is a context manager around fresh workers whose `answers(tasks)` yields one answer a
chunk. `tasks` may be endless until the clock ends it, so it is read no further ahead than the pool
itself does it.
"""

import collections
import concurrent.futures
import functools
import itertools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol

from pools.window import Answer
from pools.worker import Task, compute, warm

ROUND_S = 0.25  # of work for each worker in one call of Executor.map; two calls are under way
ROUND_CHUNKS = range(4, 257)  # for each worker


class Adapter(Protocol):
    """What is measured."""

    def __enter__(self) -> "Adapter": ...

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """The answers to `tasks`, in their order."""


class Spec:
    """What every adapter needs to know."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.workers: int = settings["workers"]
        self.start_method: str = settings["start_method"]
        self.model: str = settings["model"]
        chunks = int(ROUND_S / settings["chunk_s"])
        self.round_chunks = self.workers * min(max(chunks, ROUND_CHUNKS.start), ROUND_CHUNKS.stop - 1)
        self.initargs: tuple[Any, ...] = (settings["model"], settings["inputs"], settings["chunk"])

    @property
    def compute(self) -> Callable[[Task], Answer]:
        """What a worker does with a chunk."""
        return functools.partial(compute, self.model)


class Serial:
    """No pool: a loop in this process."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def __enter__(self) -> "Serial":
        warm(*self._spec.initargs)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        return map(self._spec.compute, tasks)


class Pool:
    """multiprocessing.Pool, imap with chunksize 1."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._pool = multiprocessing.get_context(spec.start_method).Pool(spec.workers, warm, spec.initargs)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        return self._pool.imap(self._spec.compute, tasks, chunksize=1)


class Executor:
    """concurrent.futures.ProcessPoolExecutor, map with chunksize 1.

    map takes all its tasks before it yields the first answer, so there are always two calls of it
    under way, a quarter of a second long each: the workers never wait for a call to begin.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        context = multiprocessing.get_context(spec.start_method)
        self._executor = concurrent.futures.ProcessPoolExecutor(spec.workers, context, warm, spec.initargs)

    def __enter__(self) -> "Executor":
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        tasks, calls = iter(tasks), collections.deque()
        while True:
            while len(calls) < 2 and (some := list(itertools.islice(tasks, self._spec.round_chunks))):
                calls.append(self._executor.map(self._spec.compute, some, chunksize=1))
            if not calls:
                return
            yield from calls.popleft()


class Joblib:
    """joblib.Parallel with loky, batches of one chunk. A generator from joblib 1.3 on; before, all
    answers come at the end."""

    def __init__(self, spec: Spec) -> None:
        import joblib  # pylint: disable=import-outside-toplevel; may be absent

        self._spec = spec
        self._delayed = joblib.delayed
        settings: dict[str, Any] = {"n_jobs": spec.workers, "backend": "loky", "batch_size": 1, "max_nbytes": None}
        try:
            self._parallel = joblib.Parallel(return_as="generator", **settings)
        except TypeError:
            self._parallel = joblib.Parallel(**settings)

    def __enter__(self) -> "Joblib":
        self._parallel.__enter__()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._parallel.__exit__(kind, error, trace)
        from joblib.externals.loky import get_reusable_executor  # pylint: disable=import-outside-toplevel

        get_reusable_executor().shutdown(wait=True)

    def answers(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        call = self._delayed(self._spec.compute)
        return iter(self._parallel(call(task) for task in tasks))


ADAPTERS: dict[str, Callable[[Spec], Adapter]] = {
    "serial": Serial, "multiprocessing.Pool": Pool, "ProcessPoolExecutor": Executor, "joblib": Joblib}
