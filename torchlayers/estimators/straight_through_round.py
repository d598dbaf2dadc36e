"""Round with a straight-through gradient. Derivation: the catalog's straight_through_round.py."""

from typing import Any

from torch import Tensor

from torchlayers.checks import array
from torchlayers.function import Function


def straight_through_round(x: Tensor) -> Tensor:
    """Rounding to whole numbers with a straight-through gradient.

        the nearest whole number; of two equally near, the even one

    The gradient is that of the identity, everywhere: what comes in passes through.
    Infinities and NaN stay as they are.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Bengio, Léonard and Courville 2013, https://arxiv.org/abs/1308.3432
    """
    return _StraightThroughRound.call(array("straight_through_round", "x", x))


class _StraightThroughRound(Function):
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return g

    @staticmethod
    def jvp(ctx: Any, tx: Tensor) -> Tensor:
        return tx.clone()  # PyTorch wants a tangent of its own
