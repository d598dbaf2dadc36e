"""Rotary position embedding. Derivation: crosscheck/catalog/attention/rope.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import array, number
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.indices import whole
from torchlayers.turns import turned


def rope(x: Tensor, positions: Tensor, base: float = 10000.0) -> Tensor:
    """Rotary position embedding: pairs of features, turned by angles that grow with the position.

        x[i] cos a - x[i + d/2] sin a,  x[i + d/2] cos a + x[i] sin a;  a = position · base^(-2i/d)

    A pair has one feature from each half of the last axis, as in GPT-NeoX and Llama, not two
    neighbours as in the original paper. Angles are exact to the last bits up to position 2²³
    (with a base below 10¹²); beyond, and below -2²³, the result is NaN.

    Args:
        x: (..., d), d even.
        positions: whole numbers of a shape that broadcasts to x's without its last axis, as in (t)
            for x (..., t, d).
        base: a number, at least 1.

    Raises:
        TypeError: x is not a floating-point tensor, positions not one of whole numbers, or base not
            a Python number.
        ValueError: d is odd, positions do not broadcast, or base is below 1.

    Reference: Su et al. 2021, https://arxiv.org/abs/2104.09864
    """
    x, positions = array("rope", "x", x), whole("rope", "positions", positions)
    base = number("rope", "base", base)
    if base < 1:
        raise ValueError(
            f"rope: expected the setting base to be at least 1, got {base}; pass 10000"
        )
    _fit(tuple(x.shape), tuple(positions.shape))
    return _Rope.call(x, positions, base)


def _fit(x: tuple[int, ...], positions: tuple[int, ...]) -> None:
    if not x or x[-1] % 2:
        raise ValueError(
            f"rope: expected x (..., d) with d even, got x {x}; features are turned in pairs"
        )
    pairs = zip(positions[::-1], x[-2::-1], strict=False)
    if len(positions) >= len(x) or any(n not in (1, length) for n, length in pairs):
        raise ValueError(
            f"rope: expected positions that broadcast to x without its last axis, got positions "
            f"{positions}, x {x}; reshape them so that lengths, counted from the last, are equal "
            "or 1"
        )


def _rotated(x: Tensor, positions: Tensor, base: float, way: int) -> Tensor:
    """x turned forward (1) or back (-1)."""
    a, b = widen(x).chunk(2, -1)
    cos, sin = turned(positions, base, a.shape[-1], a.dtype)
    return torch.cat([a * cos - b * (way * sin), b * cos + a * (way * sin)], -1).to(x.dtype)


class _Rope(Function):
    @staticmethod
    def forward(x: Tensor, positions: Tensor, base: float) -> Tensor:
        return _rotated(x, positions, base, 1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _, positions, ctx.base = inputs
        keep(ctx, positions)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (positions,) = ctx.saved_tensors
        dx = _rotated(g, positions, ctx.base, -1)
        return dx, None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        (positions,) = ctx.saved_tensors
        return _rotated(tx, positions, ctx.base, 1)
