"""Models as TorchScript files and inputs for them. Weights and inputs follow from a seed.

The same architectures as in workloads/torch/models.cc; the weights are others.
"""

import math

import torch
from torch import Tensor, nn

VOCABULARY, TOKENS, WIDTH, HEADS = 30522, 128, 256, 4


class _ResidualBlock(nn.Module):
    """He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016, figure 2."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(),
            nn.Conv2d(outside, outside, 3, 1, 1, bias=False), nn.BatchNorm2d(outside))
        self.shortcut = nn.Identity() if stride == 1 and inside == outside else nn.Sequential(
            nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class _EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each normalised first and added to its input."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.queries_keys_values, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.feed_forward = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))
        self.heads: int = HEADS
        self.scale: float = 1 / math.sqrt(WIDTH / HEADS)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        parts = self.queries_keys_values(self.norm1(x)).view(batch, tokens, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(torch.matmul(queries * self.scale, keys.transpose(-2, -1)), -1)
        attended = x + self.mix(torch.matmul(weights, values).transpose(1, 2).reshape(batch, tokens, width))
        return attended + self.feed_forward(self.norm2(attended))


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Parameter(torch.randn(TOKENS, WIDTH))
        self.layers = nn.Sequential(*(_EncoderLayer() for _ in range(4)), nn.LayerNorm(WIDTH))

    def forward(self, ids: Tensor) -> Tensor:
        return self.layers(self.words(ids) + self.positions).mean(1)


def _mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def _resnet18() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
                               nn.MaxPool2d(3, 2, 1)]
    inside = 64
    for outside in (64, 128, 256, 512):
        layers += [_ResidualBlock(inside, outside, 1 if outside == 64 else 2), _ResidualBlock(outside, outside, 1)]
        inside = outside
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


# Name -> how it is made, shape of one item, type of its elements.
MADE = {"mlp": (_mlp, (784,), "float32"), "encoder": (_Encoder, (TOKENS,), "int64"),
        "resnet18": (_resnet18, (3, 224, 224), "float32")}


def make_model(name: str, seed: int, path: str) -> None:
    """Writes the model `name` of MADE as a TorchScript file."""
    torch.manual_seed(seed)
    torch.jit.script(MADE[name][0]().eval()).save(path)


def make_inputs(shapes: list[tuple[int, ...]], dtypes: list[str], items: int, seed: int) -> list[Tensor]:
    """One tensor an input of the model, with the items in the first dimension. Integers are below 100,
    small enough for most vocabularies."""
    generator = torch.Generator().manual_seed(seed)

    def make(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        if dtype.is_floating_point:
            return torch.randn(items, *shape, generator=generator).to(dtype)
        return torch.randint(0, 100, (items, *shape), generator=generator).to(dtype)

    return [make(shape, getattr(torch, dtype)) for shape, dtype in zip(shapes, dtypes, strict=True)]
