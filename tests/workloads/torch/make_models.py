#!/usr/bin/env python3
"""Makes TorchScript models, their inputs and the answers that Python's torch gives to them.

make_models.py FOLDER: for each case NAME.pt (model), NAME.inputs.pt (tensor or tuple, by torch.save) and
NAME.expected.K (bytes of output K, all items in order). Exits with 77 when torch is not installed.
"""
import sys
from pathlib import Path
from typing import Dict, List, Tuple

try:
    import torch
    from torch import Tensor, nn
except ImportError:
    print("make_models.py: Python has no torch; tests against it are skipped")
    sys.exit(77)

ITEMS = 12


class Plain(nn.Module):
    """Conv, dropout and batch norm: differs between training and evaluation."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.drop = nn.Dropout(0.5)
        self.classes = nn.Linear(8, 5)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        return self.classes(self.drop(x.mean([2, 3])))


class Linear(nn.Module):
    def __init__(self, dtype=torch.float32):
        super().__init__()
        self.layer = nn.Linear(6, 4).to(dtype)

    def forward(self, x):
        return self.layer(x)


class HalfProduct(nn.Module):
    """float16 with operations that the CPU has in every version."""

    def forward(self, x):
        return (x.float() * 3 + 1).half()


class InPlace(nn.Module):
    def forward(self, x):
        x.mul_(2.0)
        x.add_(1.0)
        return x


class TupleOutput(nn.Module):
    def forward(self, x) -> Tuple[Tensor, Tensor]:
        return x.sum(1), (x * 100).to(torch.int64)[:, :3]


class ListOutput(nn.Module):
    def forward(self, x) -> List[Tensor]:
        return [x[:, :1], x.t()[1:3].t()]


class DictOutput(nn.Module):
    def forward(self, x) -> Dict[str, Tensor]:
        return {"zeta": x * 2, "alpha": x > 0}


class TwoInputs(nn.Module):
    def forward(self, x, ids):
        return x.view(x.size(0), -1) * ids.to(torch.float32)


class Embedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 7)

    def forward(self, ids):
        return self.words(ids).mean(1)


class FixedBatch(nn.Module):
    def forward(self, x):
        return x.view(4, 6) * torch.arange(4).view(4, 1)


class Batchless(nn.Module):
    def forward(self, x):
        return x.sum()


class Complex(nn.Module):
    def forward(self, x):
        return torch.complex(x, x)


class Text(nn.Module):
    def forward(self, x) -> Tuple[Tensor, str]:
        return x, "text"


class Transposed(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), 2, 3).transpose(1, 2)


class Picky(nn.Module):
    """Accepts whole batches of at least two only."""

    def forward(self, x):
        if x.size(0) < 2:
            raise ValueError("too few")
        return x + 1


def outputs_of(value):
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return list(value)


def raw(tensor):
    """Bytes of a tensor without numpy, which need not be installed."""
    tensor = tensor.detach().contiguous()
    if tensor.numel() == 0:
        return b""
    return bytes(tensor.view(torch.uint8).reshape(-1).tolist())


def write(folder, name, module, inputs, chunk=ITEMS, traced=False, frozen=False):
    arguments = inputs if isinstance(inputs, tuple) else (inputs,)
    script = torch.jit.trace(module.eval(), tuple(a[:chunk].clone() for a in arguments)) if traced \
        else torch.jit.script(module)
    if frozen:
        script = torch.jit.freeze(script.eval())
    script.save(str(folder / f"{name}.pt"))
    torch.save(inputs, str(folder / f"{name}.inputs.pt"))
    module.eval()
    parts = []
    with torch.no_grad():
        for first in range(0, ITEMS, chunk):
            batch = [a[first:first + chunk].clone() for a in arguments]
            parts.append(outputs_of(module(*batch)))
    if any(part.dim() == 0 for part in parts[0]):
        return
    for k in range(len(parts[0])):
        expected = b"".join(raw(part[k]) for part in parts)
        (folder / f"{name}.expected.{k}").write_bytes(expected)


def write_bad_inputs(folder):
    torch.save({"a": torch.ones(3)}, str(folder / "dict_of_one.inputs.pt"))
    torch.save({"a": torch.ones(3), "b": torch.ones(3)}, str(folder / "dict_of_two.inputs.pt"))
    torch.save((torch.ones(3, 2), torch.ones(4, 2)), str(folder / "unequal.inputs.pt"))
    torch.save((torch.ones(3, 2), 5), str(folder / "mixed.inputs.pt"))
    torch.save(torch.tensor(3.0), str(folder / "scalar.inputs.pt"))
    torch.save(torch.ones(3, 2, dtype=torch.complex64), str(folder / "complex.inputs.pt"))
    torch.save(torch.ones(3), str(folder / "legacy.inputs.pt"), _use_new_zipfile_serialization=False)
    whole = (folder / "plain.inputs.pt").read_bytes()
    (folder / "damaged.inputs.pt").write_bytes(whole[: len(whole) // 2])
    whole = (folder / "plain.pt").read_bytes()
    (folder / "damaged.pt").write_bytes(whole[: len(whole) // 2])
    torch.save(Linear().state_dict(), str(folder / "state_dict.pt"))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    images = torch.randn(ITEMS, 3, 9, 9)
    rows = torch.randn(ITEMS, 6)
    ids = torch.randint(0, 50, (ITEMS, 5))
    write(folder, "plain", Plain(), images)
    write(folder, "traced", Plain(), images, traced=True)
    write(folder, "frozen", Plain(), images, frozen=True)
    write(folder, "linear", Linear(), rows)
    write(folder, "float64", Linear(torch.float64), rows.double())
    write(folder, "float16", HalfProduct(), rows.half())
    write(folder, "bfloat16", Linear(torch.bfloat16), rows.bfloat16())
    write(folder, "in_place", InPlace(), rows)
    write(folder, "tuple", TupleOutput(), rows)
    write(folder, "list", ListOutput(), rows)
    write(folder, "dict", DictOutput(), rows)
    write(folder, "two_inputs", TwoInputs(), (rows.view(ITEMS, 2, 3), ids[:, :1]))
    write(folder, "embedding", Embedding(), ids)
    write(folder, "strided_inputs", Linear(), torch.randn(6, ITEMS).t())
    write(folder, "transposed", Transposed(), rows)
    write(folder, "picky", Picky(), rows)
    write(folder, "fixed_batch", FixedBatch(), rows, chunk=4, traced=True)
    write(folder, "batchless", Batchless(), rows)
    write(folder, "complex", Complex(), rows)
    torch.jit.script(Text()).save(str(folder / "text.pt"))
    torch.save([rows], str(folder / "list_of_one.inputs.pt"))
    torch.save([rows.view(ITEMS, 2, 3), ids[:, :1]], str(folder / "list_of_two.inputs.pt"))
    torch.save(nn.Parameter(rows), str(folder / "parameter.inputs.pt"))
    write_bad_inputs(folder)


if __name__ == "__main__":
    main()
