"""Normalisation of image channels. Derivation: the catalog's channel_normalize.py."""

from typing import Any

from torch import Tensor

from torchlayers.axes import reduce_to
from torchlayers.checks import arrays
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep


def channel_normalize(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Normalisation of image channels, each by a given mean and standard deviation.

        (x - mean) / std

    Values are not looked at: a std of 0, infinite or NaN gives what the formula gives.

    Args:
        x: (..., c, h, w)
        mean: (c)
        std: (c)

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/normalization/channel_normalize.py
    """
    x, mean, std = arrays("channel_normalize", x=(x, "... c h w"), mean=(mean, "c"), std=(std, "c"))
    return _ChannelNormalize.call(x, mean, std)


def _per_channel(a: Tensor) -> Tensor:
    return widen(a)[:, None, None]


def _value(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    return (widen(x) - _per_channel(mean)) / _per_channel(std)


def _sums(a: Tensor) -> Tensor:
    """One sum for each channel."""
    return reduce_to(a, (a.shape[-3], 1, 1)).reshape(a.shape[-3])


class _ChannelNormalize(Function):
    @staticmethod
    def forward(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
        return _value(x, mean, std).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        keep(ctx, *inputs)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, mean, std = ctx.saved_tensors
        need_x, need_mean, need_std = ctx.needs_input_grad
        dx = widen(g) / _per_channel(std)
        dmean = -_sums(dx).to(x.dtype) if need_mean else None
        dstd = -_sums(dx * _value(x, mean, std)).to(x.dtype) if need_std else None
        return dx.to(x.dtype) if need_x else None, dmean, dstd

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tmean: Tensor, tstd: Tensor) -> Tensor:
        x, mean, std = ctx.saved_tensors
        t = widen(tx) - _per_channel(tmean) - _per_channel(tstd) * _value(x, mean, std)
        return (t / _per_channel(std)).to(x.dtype)
