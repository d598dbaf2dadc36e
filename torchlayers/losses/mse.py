"""Mean squared error. Derivation: crosscheck/catalog/losses/mse.py."""

from typing import Any

from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def mse(x: Tensor, y: Tensor) -> Tensor:
    """Mean squared error over all entries.

        mean((x - y)²)

    Nothing is broadcast: (n, 1) against (n,) would quietly average over n² pairs. Of no entries at
    all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes differ.
    """
    x, y = arrays("mse", x=(x, "..."), y=(y, "..."))
    return _Mse.call(x, y)


class _Mse(Function):
    @staticmethod
    def forward(x: Tensor, y: Tensor) -> Tensor:
        z = widen(x) - widen(y)
        return (z * z).mean().to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        x, y = inputs
        keep(ctx, x, y)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, y = ctx.saved_tensors
        need_x, need_y = ctx.needs_input_grad
        dx = (2 * widen(g) / x.numel() * (widen(x) - widen(y))).to(x.dtype)
        return dx if need_x else None, -dx if need_y else None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, ty: Tensor) -> Tensor:
        x, y = ctx.saved_tensors
        t = 2 * (widen(x) - widen(y)) * (widen(tx) - widen(ty))
        return t.mean().to(x.dtype)
