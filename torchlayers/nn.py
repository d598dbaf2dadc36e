"""Modules with torch's class names, constructors and `state_dict` keys, on these layers.

    from torchlayers import nn    # in place of: from torch import nn

Each class is torch's own with another `forward`, so that weights load strictly both ways. `inplace`
is accepted and changes nothing: these layers keep their input for the backward pass. Whatever else
a model asks of this module (`Module`, `Sequential`, `Parameter`, `functional`, …) is torch's own.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from torchlayers.activations.celu import celu
from torchlayers.activations.elu import elu
from torchlayers.activations.gelu import gelu
from torchlayers.activations.hard_sigmoid import hard_sigmoid
from torchlayers.activations.hard_swish import hard_swish
from torchlayers.activations.hard_tanh import hard_tanh
from torchlayers.activations.leaky_relu import leaky_relu
from torchlayers.activations.log_sigmoid import log_sigmoid
from torchlayers.activations.mish import mish
from torchlayers.activations.prelu import prelu
from torchlayers.activations.relu import relu
from torchlayers.activations.relu6 import relu6
from torchlayers.activations.selu import selu
from torchlayers.activations.sigmoid import sigmoid
from torchlayers.activations.silu import silu
from torchlayers.activations.softplus import softplus
from torchlayers.activations.softsign import softsign
from torchlayers.activations.tanh import tanh
from torchlayers.linear.linear import linear
from torchlayers.losses.mse import mse
from torchlayers.random import fold_in, key
from torchlayers.similarity.cosine_similarity import cosine_similarity
from torchlayers.stochastic.dropout import dropout


def __getattr__(name: str) -> Any:
    if name.startswith("__") or not hasattr(torch.nn, name):
        raise AttributeError(f"neither {__name__} nor torch.nn has {name!r}")
    return getattr(torch.nn, name)


class ReLU(torch.nn.ReLU):
    """`torch.nn.ReLU` on `relu`."""

    def forward(self, input: Tensor) -> Tensor:
        return relu(input)


class ELU(torch.nn.ELU):
    """`torch.nn.ELU` on `elu`."""

    def forward(self, input: Tensor) -> Tensor:
        return elu(input, alpha=self.alpha)


class CELU(torch.nn.CELU):
    """`torch.nn.CELU` on `celu`."""

    def forward(self, input: Tensor) -> Tensor:
        return celu(input, alpha=self.alpha)


class SELU(torch.nn.SELU):
    """`torch.nn.SELU` on `selu`."""

    def forward(self, input: Tensor) -> Tensor:
        return selu(input)


class LeakyReLU(torch.nn.LeakyReLU):
    """`torch.nn.LeakyReLU` on `leaky_relu`."""

    def forward(self, input: Tensor) -> Tensor:
        return leaky_relu(input, negative_slope=self.negative_slope)


class PReLU(torch.nn.PReLU):
    """`torch.nn.PReLU` on `prelu`."""

    def forward(self, input: Tensor) -> Tensor:
        return prelu(input, self.weight)


class ReLU6(torch.nn.ReLU6):
    """`torch.nn.ReLU6` on `relu6`."""

    def forward(self, input: Tensor) -> Tensor:
        return relu6(input)


class Hardtanh(torch.nn.Hardtanh):
    """`torch.nn.Hardtanh` on `hard_tanh`; with other bounds than -1 and 1 it is torch's own."""

    def forward(self, input: Tensor) -> Tensor:
        ours = (self.min_val, self.max_val) == (-1, 1)
        return hard_tanh(input) if ours else super().forward(input)


class Hardsigmoid(torch.nn.Hardsigmoid):
    """`torch.nn.Hardsigmoid` on `hard_sigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return hard_sigmoid(input)


class Hardswish(torch.nn.Hardswish):
    """`torch.nn.Hardswish` on `hard_swish`."""

    def forward(self, input: Tensor) -> Tensor:
        return hard_swish(input)


class Softsign(torch.nn.Softsign):
    """`torch.nn.Softsign` on `softsign`."""

    def forward(self, input: Tensor) -> Tensor:
        return softsign(input)


class Sigmoid(torch.nn.Sigmoid):
    """`torch.nn.Sigmoid` on `sigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return sigmoid(input)


class SiLU(torch.nn.SiLU):
    """`torch.nn.SiLU` on `silu`."""

    def forward(self, input: Tensor) -> Tensor:
        return silu(input)


class GELU(torch.nn.GELU):
    """`torch.nn.GELU` on `gelu`."""

    def forward(self, input: Tensor) -> Tensor:
        return gelu(input, approximate=self.approximate)


class Tanh(torch.nn.Tanh):
    """`torch.nn.Tanh` on `tanh`."""

    def forward(self, input: Tensor) -> Tensor:
        return tanh(input)


class LogSigmoid(torch.nn.LogSigmoid):
    """`torch.nn.LogSigmoid` on `log_sigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return log_sigmoid(input)


class Mish(torch.nn.Mish):
    """`torch.nn.Mish` on `mish`."""

    def forward(self, input: Tensor) -> Tensor:
        return mish(input)


class Softplus(torch.nn.Softplus):
    """`torch.nn.Softplus` on `softplus`, which needs no `threshold`."""

    def forward(self, input: Tensor) -> Tensor:
        return softplus(input, beta=self.beta)


class Linear(torch.nn.Linear):
    """`torch.nn.Linear` on `linear`; the weight stays (out, in), as torch has it."""

    def forward(self, input: Tensor) -> Tensor:
        return linear(input, self.weight.T, self.bias)


class CosineSimilarity(torch.nn.CosineSimilarity):
    """`torch.nn.CosineSimilarity` on `cosine_similarity`, which needs no `eps`."""

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return cosine_similarity(x1, x2, axis=self.dim)


class MSELoss(torch.nn.MSELoss):
    """`torch.nn.MSELoss` on `mse`, which never broadcasts; reduction "mean" or "sum".

    Raises:
        ValueError: another reduction.
    """

    def __init__(self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"):
        super().__init__(size_average, reduce, reduction)
        if self.reduction not in ("mean", "sum"):
            raise ValueError(
                f'MSELoss: expected reduction to be "mean" or "sum", got {reduction!r}; '
                "write (input - target) ** 2 for the squares alone"
            )

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        loss = mse(input, target)
        return loss * input.numel() if self.reduction == "sum" else loss


class Dropout(torch.nn.Dropout):
    """`torch.nn.Dropout` on `dropout`: the n-th mask of a seed, the same wherever it is drawn.

    The key of a call is `fold_in(key(seed), counter)`; each call in training adds 1 to `counter`.
    Both can be read and set. Without a seed one is drawn from torch's generator, so that
    `torch.manual_seed` decides it. They live in a buffer that moves with the module and is not in
    its `state_dict`.
    """

    stream: Tensor

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None):
        super().__init__(p, inplace)
        drawn = int(torch.randint(2**32, ())) if seed is None else seed
        self.register_buffer("stream", torch.tensor([0, 0]), persistent=False)
        self.seed = drawn

    @property
    def seed(self) -> int:
        """A whole number in [0, 2³²)."""
        return int(self.stream[0])

    @seed.setter
    def seed(self, seed: int) -> None:
        key(seed)  # raises where it is none
        self.stream = self.stream.new_tensor([seed, self.counter])

    @property
    def counter(self) -> int:
        """How many masks were drawn."""
        return int(self.stream[1])

    @counter.setter
    def counter(self, counter: int) -> None:
        self.stream = self.stream.new_tensor([self.seed, counter])

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return input
        seed, counter = self.stream.unbind()
        words = torch.stack([torch.zeros_like(seed), seed]).to(torch.uint32)
        self.stream = torch.stack([seed, counter + 1])
        return dropout(input, fold_in(words, counter), self.p)
