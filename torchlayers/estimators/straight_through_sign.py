"""Sign with a straight-through gradient. Derivation: the catalog's straight_through_sign.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import array
from torchlayers.function import Function


def straight_through_sign(x: Tensor) -> Tensor:
    """Sign with a straight-through gradient.

        -1 if x < 0, 0 if x = 0, 1 if x > 0

    The gradient is that of the identity, everywhere: what comes in passes through.
    The sign of NaN is NaN.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Bengio, Léonard and Courville 2013, https://arxiv.org/abs/1308.3432
    """
    return _StraightThroughSign.call(array("straight_through_sign", "x", x))


class _StraightThroughSign(Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.where(x.isnan(), x, x.sign())  # torch.sign makes 0 of NaN

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g

    @staticmethod
    def jvp(ctx: Any, tx: Tensor) -> Tensor:
        return tx.clone()  # PyTorch wants a tangent of its own
