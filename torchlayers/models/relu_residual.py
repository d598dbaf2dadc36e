"""One ReLU layer with a squared loss. Derivation: crosscheck/catalog/models/relu_residual.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def relu_residual(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    """Sum of the squared residuals of one ReLU layer.

        tr(zᵀz),  z = relu(h) - y,  h = x w

    The slope of relu is 0 where an entry of h is exactly 0. The backward pass computes h again.

    Args:
        x: (n, k)
        w: (k, m)
        y: (n, m)

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/models/relu_residual.py
    """
    x, w, y = arrays("relu_residual", x=(x, "n k"), w=(w, "k m"), y=(y, "n m"))
    return _ReluResidual.call(x, w, y)


def _residual(x: Tensor, w: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """h and z, in the type to compute in."""
    h = widen(x) @ widen(w)
    return h, torch.where(h <= 0, 0, h) - widen(y)


class _ReluResidual(Function):
    @staticmethod
    def forward(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
        _, z = _residual(x, w, y)
        return (z * z).sum().to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor], output: Tensor) -> None:
        x, w, y = inputs
        keep(ctx, x, w, y)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, w, y = ctx.saved_tensors
        need_x, need_w, need_y = ctx.needs_input_grad
        h, z = _residual(x, w, y)
        dz = 2 * widen(g) * z
        dh = torch.where(h <= 0, 0, dz)
        dx = (dh @ widen(w).T).to(x.dtype) if need_x else None
        dw = (widen(x).T @ dh).to(w.dtype) if need_w else None
        dy = -dz.to(y.dtype) if need_y else None
        return dx, dw, dy

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tw: Tensor, ty: Tensor) -> Tensor:
        x, w, y = ctx.saved_tensors
        h, z = _residual(x, w, y)
        th = widen(tx) @ widen(w) + widen(x) @ widen(tw)
        tz = torch.where(h <= 0, 0, th) - widen(ty)
        return (2 * z * tz).sum().to(x.dtype)
