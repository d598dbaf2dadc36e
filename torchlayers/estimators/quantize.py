"""Quantization. Derivation: crosscheck/catalog/estimators/quantize.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.axes import broadcast, reduce_to
from torchlayers.checks import integer
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def quantize(x: Tensor, scale: Tensor, bits: int = 8) -> Tensor:
    """Rounded to a multiple of scale that so many bits can count, with a straight-through gradient.

        scale clip(round(x / scale), -2^(bits - 1), 2^(bits - 1) - 1)

    The gradient is that of clip(x, -2^(bits - 1) scale, (2^(bits - 1) - 1) scale): within the range
    it passes to x, beyond it to the scale, times the multiple.

    Args:
        x: (...)
        scale: of a shape that broadcasts with x's, as () or (channels,); above 0.
        bits: an int from 2 to 16.

    Raises:
        TypeError: x and scale are not floating-point tensors of one dtype, or bits not an int.
        ValueError: the shapes do not broadcast, or bits is out of range.

    Reference: Choi et al. 2018, https://arxiv.org/abs/1805.06085
    """
    x, scale = broadcast("quantize", x=x, scale=scale)
    return _Quantize.call(x, scale, *_range(bits))


def _range(bits: int) -> tuple[int, int]:
    bits = integer("quantize", "bits", bits)
    if not 2 <= bits <= 16:
        raise ValueError(
            f"quantize: expected the setting bits to be from 2 to 16, got {bits}; pass 8"
        )
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


class _Quantize(Function):
    @staticmethod
    def forward(x: Tensor, scale: Tensor, low: int, high: int) -> Tensor:
        wide = widen(scale)
        return ((widen(x) / wide).round().clamp(low, high) * wide).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, scale, *ctx.ends = inputs
        keep(ctx, x, scale)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, scale = ctx.saved_tensors
        outside, ends = _beyond(x, scale, *ctx.ends)
        dx = widen(g).masked_fill(outside, 0)
        d_scale = ends * widen(g)
        dx, d_scale = reduce_to(dx, x.shape), reduce_to(d_scale, scale.shape)
        return dx.to(x.dtype), d_scale.to(x.dtype), None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, t_scale: Tensor, *_: None) -> Tensor:
        outside, ends = _beyond(*ctx.saved_tensors, *ctx.ends)
        return (widen(tx).masked_fill(outside, 0) + ends * widen(t_scale)).to(tx.dtype)


def _beyond(x: Tensor, scale: Tensor, low: int, high: int) -> tuple[Tensor, Tensor]:
    """Where x is out of range, and the end that it is beyond, 0 elsewhere."""
    x, scale = widen(x), widen(scale)
    below, above = x < low * scale, x > high * scale
    ends = torch.where(below, low, torch.where(above, high, 0)).to(x.dtype)
    return below | above, ends
