"""Softmax and its relatives as modules, with torch's class names."""

from __future__ import annotations

import torch
from torch import Tensor

from torchlayers.softmax.log_softmax import log_softmax
from torchlayers.softmax.softmax import softmax


def _named(module: str, dim: int | None) -> int:
    if dim is None:
        raise ValueError(f"{module}: expected dim to be an int, got None; name the axis, as dim=-1")
    return dim


class Softmax(torch.nn.Softmax):
    """`torch.nn.Softmax` on `softmax`; dim must be named.

    Raises:
        ValueError: dim is None.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(_named("Softmax", dim))

    def forward(self, input: Tensor) -> Tensor:
        return softmax(input, axis=_named("Softmax", self.dim))


class LogSoftmax(torch.nn.LogSoftmax):
    """`torch.nn.LogSoftmax` on `log_softmax`; dim must be named.

    Raises:
        ValueError: dim is None.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(_named("LogSoftmax", dim))

    def forward(self, input: Tensor) -> Tensor:
        return log_softmax(input, axis=_named("LogSoftmax", self.dim))
