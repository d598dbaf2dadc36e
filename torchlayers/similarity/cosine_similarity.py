"""Cosine similarity. Derivation: crosscheck/catalog/similarity/cosine_similarity.py."""

from collections.abc import Callable
from string import ascii_letters
from typing import Any

import torch
from torch import Tensor

from torchlayers.axes import broadcast, from_end, reduce_to
from torchlayers.contraction import contract, pull
from torchlayers.dtypes import divisor, widen
from torchlayers.function import Function, keep


def cosine_similarity(x: Tensor, y: Tensor, axis: int = -1) -> Tensor:
    """Cosine of the angle between vectors along an axis; the other axes broadcast.

        Σ x y / (|x| |y|)

    All pairs of m vectors with n others, (m, d) and (n, d), without ever holding m n d numbers:

        cosine_similarity(x[:, None], y[None])

    With a vector of zeros the similarity is 0, and so are its derivatives.

    Args:
        x: (..., d)
        y: (..., d)
        axis: the vectors' axis, of one length in both; where they differ in their number of axes,
            it counts in the longer one.

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, or axis is no
            int.
        ValueError: the shapes do not broadcast together, or axis is not an axis of both.

    Reference: crosscheck/catalog/similarity/cosine_similarity.py
    """
    x, y = broadcast("cosine_similarity", x=x, y=y)
    axis = from_end("cosine_similarity", axis, max(x.ndim, y.ndim))
    return _Cosine.call(x, y, axis, _spec(tuple(x.shape), tuple(y.shape), axis))


def _spec(x: tuple[int, ...], y: tuple[int, ...], axis: int) -> str:
    """The sum along the axis in the words of einsum."""
    if -axis > min(len(x), len(y)) or x[axis] != y[axis]:
        raise ValueError(
            f"cosine_similarity: expected x and y of one length along axis {axis}, got x {x}, "
            f"y {y}; reshape or transpose one of them"
        )
    names = ascii_letters[: max(len(x), len(y))]
    output = names.replace(names[axis], "")
    return f"{names[len(names) - len(x) :]},{names[len(names) - len(y) :]}->{output}"


def _direction(x: Tensor, axis: int) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """x over its length, and the division by that length; both give 0 where x is 0."""
    # A direction does not change with its scale s, so s has no derivative.
    sizes = x.detach().abs()
    s = (sizes.amax if x.shape[axis] else sizes.sum)(axis, keepdim=True)
    null = s == 0
    s = torch.where(null, 1, divisor(s))
    v = x / s
    n = torch.where(null, 1, (v * v).sum(axis, keepdim=True)).sqrt()
    return torch.where(null, 0, v / n), lambda t: torch.where(null, 0, t / n / s)


def _along(gc: Tensor, u: Tensor, axis: int) -> Tensor:
    """The part of a gradient that u is multiplied by, along u."""
    shape = list(u.shape)
    shape[axis] = 1
    return reduce_to(gc, tuple(shape)) * u


class _Cosine(Function):
    @staticmethod
    def forward(x: Tensor, y: Tensor, axis: int, spec: str) -> Tensor:
        u, _ = _direction(widen(x), axis)
        v, _ = _direction(widen(y), axis)
        return contract(spec, u, v).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, y, ctx.axis, ctx.spec = inputs
        keep(ctx, x, y)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (x, y), axis, spec = ctx.saved_tensors, ctx.axis, ctx.spec
        need_x, need_y, *_ = ctx.needs_input_grad
        u, over_x = _direction(widen(x), axis)
        v, over_y = _direction(widen(y), axis)
        g = widen(g)
        gc = (g * contract(spec, u, v)).unsqueeze(axis)
        dx = over_x(pull(spec, 0, g, u, v) - _along(gc, u, axis)).to(x.dtype) if need_x else None
        dy = over_y(pull(spec, 1, g, u, v) - _along(gc, v, axis)).to(y.dtype) if need_y else None
        return dx, dy, None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, ty: Tensor, *_: None) -> Tensor:
        (x, y), axis, spec = ctx.saved_tensors, ctx.axis, ctx.spec
        u, over_x = _direction(widen(x), axis)
        v, over_y = _direction(widen(y), axis)
        tx, ty, c = over_x(widen(tx)), over_y(widen(ty)), contract(spec, u, v)
        along = (tx * u).sum(axis) + (ty * v).sum(axis)
        return (contract(spec, tx, v) + contract(spec, u, ty) - c * along).to(x.dtype)
