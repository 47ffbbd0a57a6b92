"""TorchScript models that Python made: the program's answers are Python's, in order, however they travel."""

import pathlib
import unittest

import support

try:
    import torch
except ImportError:
    torch = None

ITEMS = 10
CHUNKS = (1, 3, ITEMS)
TRANSPORTS = ("pipe", "unix", "shm")
SWEEP = ("--workload", "torchscript", "--model", "m.pt", "--workers", 2, "--chunk", ",".join(map(str, CHUNKS)),
         "--modes", "processes,threads", "--transport", ",".join(TRANSPORTS), "--window-s", 0.01, "--save-outputs",
         "out", "--worker-start", "zygote")  # libtorch is loaded once; torch_test has spawned workers
TYPES = {"<f4": "float32", "<f8": "float64", "<i8": "int64", "|b1": "bool"}


def models():
    """name -> (module, arguments). Random weights from a seed; needs torch."""
    from typing import Dict, Tuple
    from torch import Tensor, nn

    class Embedding(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.classes = nn.Embedding(100, 16), nn.Linear(16, 3)

        def forward(self, ids):
            return torch.softmax(self.classes(self.words(ids).mean(1)), 1)

    class TwoInputs(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(6, 4)

        def forward(self, x, ids):
            return self.layer(x) * ids.to(torch.float32).sum(1, keepdim=True)

    class TupleAndDict(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(6, 4)

        def forward(self, x) -> Tuple[Tensor, Dict[str, Tensor]]:
            y = self.layer(x)
            return y, {"sign": y > 0, "best": y.argmax(1)}

    class InPlace(nn.Module):
        def forward(self, x):
            x.mul_(3.0).add_(1.0)
            return x.cumsum(1)

    torch.manual_seed(11)
    mlp = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 5))
    conv = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
                         nn.Flatten(), nn.Linear(32, 7))
    rows, ids = torch.randn(ITEMS, 6), torch.randint(0, 100, (ITEMS, 9))
    return {"mlp": (mlp, (torch.randn(ITEMS, 20),)), "conv": (conv, (torch.randn(ITEMS, 3, 16, 16),)),
            "embedding": (Embedding(), (ids,)), "two_inputs": (TwoInputs(), (rows, ids)),
            "tuple_and_dict": (TupleAndDict(), (rows,)), "in_place": (InPlace(), (rows,)),
            "float64": (nn.Linear(6, 4).double(), (rows.double(),))}


def tensors_in(value):
    """The tensors of a model's output in the order of the program: dictionaries by key."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, (tuple, list)):
        return [tensor for part in value for tensor in tensors_in(part)]
    return [value]


def read_tensor(path):
    dtype, shape, data = support.read_npy(path)
    return torch.frombuffer(bytearray(data), dtype=getattr(torch, TYPES[dtype])).reshape(shape)


@unittest.skipIf(torch is None, "python3-torch is not installed")
class TorchScript(support.TestCase):
    def save(self, module, arguments):
        """Writes m.pt and x.pt; the outputs of Python for all items."""
        module.eval()
        torch.jit.script(module).save(str(self.folder / "m.pt"))
        torch.save(arguments if len(arguments) > 1 else arguments[0], str(self.folder / "x.pt"))
        with torch.no_grad():
            return [tensor.detach() for tensor in tensors_in(module(*(a.clone() for a in arguments)))]

    def assert_saved(self, stem, wanted):
        for number, tensor in enumerate(wanted):
            name = f"{stem}.npy" if len(wanted) == 1 else f"{stem}.{number}.npy"
            found = read_tensor(self.folder / "out" / name)
            self.assertEqual((found.dtype, found.shape), (tensor.dtype, tensor.shape), name)
            if tensor.dtype.is_floating_point:
                self.assertTrue(torch.allclose(found, tensor, rtol=1e-5, atol=1e-5), name)
            else:
                self.assertTrue(torch.equal(found, tensor), name)

    def check(self, name):
        module, arguments = models()[name]
        wanted = self.save(module, arguments)
        report = self.sweep(*SWEEP, "--inputs", "x.pt", seconds=240)
        for cell in report["cells"]:
            self.assertEqual(cell["output_check"]["verdict"], "ok", cell["id"])
            self.assertEqual(cell["ordering"]["verdict"], "ok", cell["id"])
            self.assertEqual([worker["threads_effective"] for worker in cell["workers_detail"]],
                             [1] * cell["workers"], cell["id"])
        self.assertEqual(report["workload"]["items"], ITEMS)
        self.assert_saved("inputs", arguments)
        self.assert_saved("reference", wanted)
        for chunk in CHUNKS:
            for transport in TRANSPORTS:
                self.assert_saved(f"processes_w2_t1_none_c{chunk}_{transport}", wanted)
        self.assertEqual(len(list(pathlib.Path(self.folder, "out").iterdir())),
                         len(arguments) + len(wanted) * (1 + len(CHUNKS) * len(TRANSPORTS)))

    def test_mlp(self):
        self.check("mlp")

    def test_conv_net(self):
        self.check("conv")

    def test_embedding_of_integers(self):
        self.check("embedding")

    def test_two_inputs(self):
        self.check("two_inputs")

    def test_outputs_in_tuple_and_dictionary(self):
        self.check("tuple_and_dict")

    def test_model_that_writes_on_its_input(self):
        self.check("in_place")

    def test_float64(self):
        self.check("float64")

    def test_inputs_made_from_shape_and_seed(self):
        module, _ = models()["two_inputs"]
        self.save(module, (torch.zeros(2, 6), torch.zeros(2, 9, dtype=torch.int64)))
        self.sweep(*SWEEP, "--input-shape", "6;9", "--input-dtype", "float32,int64", "--items", 7, "--chunk", "3",
                   "--modes", "processes")
        made = [read_tensor(self.folder / f"out/inputs.{number}.npy") for number in range(2)]
        with torch.no_grad():
            wanted = [module(*made)]
        self.assertEqual(len({tuple(row) for row in made[0].tolist()}), 7, "items differ")
        self.assert_saved("reference", wanted)
        for transport in TRANSPORTS:
            self.assert_saved(f"processes_w2_t1_none_c3_{transport}", wanted)


@unittest.skipIf(torch is None, "python3-torch is not installed")
class RefusedByTheModel(support.TestCase):
    def setUp(self):
        super().setUp()
        torch.jit.script(torch.nn.Linear(6, 4)).save(str(self.folder / "m.pt"))

    def refuse(self, *arguments, words):
        done = self.run_program("run", *support.FAST, "--workload", "torchscript", "--model", "m.pt", "--workers", 1,
                                *arguments)
        self.assert_usage_error(done, *words)
        self.assertNotIn("worker 0", done.err)
        self.assertFalse((self.folder / "report.json").exists())

    def test_a_wrong_shape(self):
        self.refuse("--input-shape", "5", words=("--model m.pt", "refused", "float32[5]", "--input-shape"))

    def test_a_wrong_type(self):
        self.refuse("--input-shape", "6", "--input-dtype", "int64", words=("--model m.pt", "refused", "int64[6]"))

    def test_the_wrong_number_of_inputs(self):
        self.refuse("--input-shape", "6;6", words=("--model m.pt", "refused"))

    def test_a_damaged_model(self):
        whole = (self.folder / "m.pt").read_bytes()
        (self.folder / "m.pt").write_bytes(whole[:len(whole) // 2])
        self.refuse("--input-shape", "6", words=("--model m.pt", "not a TorchScript file"))

    def test_weights_without_a_model(self):
        torch.save(torch.nn.Linear(6, 4).state_dict(), str(self.folder / "m.pt"))
        self.refuse("--input-shape", "6", words=("--model m.pt", "not a TorchScript file"))

    def test_damaged_inputs(self):
        torch.save(torch.ones(50, 6), str(self.folder / "x.pt"))
        whole = (self.folder / "x.pt").read_bytes()
        (self.folder / "x.pt").write_bytes(whole[:len(whole) // 2])
        self.refuse("--inputs", "x.pt", words=("--inputs x.pt",))

    def test_inputs_that_are_no_tensors(self):
        torch.save({"a": 5}, str(self.folder / "x.pt"))
        self.refuse("--inputs", "x.pt", words=("--inputs x.pt",))

    def test_a_model_that_answers_at_random(self):
        class Noise(torch.nn.Module):
            def forward(self, x):
                return x + torch.rand_like(x)

        torch.jit.script(Noise()).save(str(self.folder / "m.pt"))
        self.refuse("--input-shape", "6", words=("different answers to the same input",))

    def test_a_chunk_beyond_the_inputs_skips_only_its_cells(self):
        torch.save(torch.randn(5, 6), str(self.folder / "x.pt"))
        report = self.sweep("--workload", "torchscript", "--model", "m.pt", "--inputs", "x.pt", "--workers", 1,
                            "--chunk", "2,6")
        self.assertEqual({cell["chunk"] for cell in report["cells"]}, {2})
        self.assertEqual({cell["chunk"] for cell in report["skipped"]}, {6})
        for skipped in report["skipped"]:
            self.assertIn("a chunk of 6 is more than the 5 items", skipped["reason"])


if __name__ == "__main__":
    support.main()
