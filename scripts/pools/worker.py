"""What runs inside the workers of a pool."""

import functools
import os
import time
from typing import Any

import numpy
import torch

from pools.window import Answer

Task = tuple[int, tuple[Any, ...]]  # number of the chunk, one array (or tensor) for each input


def flatten(outputs: Any) -> list[torch.Tensor]:
    """The tensors in what a model returned; dictionaries by key."""
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    parts = [outputs[key] for key in sorted(outputs)] if isinstance(outputs, dict) else outputs
    return [tensor for part in parts for tensor in flatten(part)]


@functools.lru_cache(maxsize=1)
def loaded_model(path: str) -> torch.jit.ScriptModule:
    """The model, loaded at the first call in this process, with one intra-op thread."""
    torch.set_num_threads(1)
    return torch.jit.load(path).eval()


def warm(path: str, inputs_path: str, chunk: int) -> None:
    """Initializer of a worker: loads the model and runs it until its optimising is over."""
    model = loaded_model(path)
    inputs = [tensor[:chunk] for tensor in load_inputs(inputs_path)]
    with torch.inference_mode():
        for _ in range(3):
            model(*inputs)


def load_inputs(path: str) -> list[torch.Tensor]:
    """The tensors of a file by torch.save: one, or a tuple of them."""
    inputs = torch.load(path)
    return [inputs] if isinstance(inputs, torch.Tensor) else list(inputs)


def compute(path: str, task: Task) -> Answer:
    """The answer to one chunk. The stamps stand around the model, as in coresweep's workers."""
    number, arrays = task
    model = loaded_model(path)
    begin_ns = time.monotonic_ns()
    with torch.inference_mode():
        tensors = [torch.from_numpy(a) if isinstance(a, numpy.ndarray) else a for a in arrays]
        outputs = flatten(model(*tensors))
    end_ns = time.monotonic_ns()
    return Answer(number, os.getpid(), begin_ns, end_ns, tuple(tensor.numpy().tobytes() for tensor in outputs))
