"""Dropout. Derivation: crosscheck/catalog/stochastic/dropout.py."""

from typing import Any

from torch import Tensor

from torchlayers.checks import array, switch
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.random import as_key, bernoulli, probability


def dropout(x: Tensor, key: Tensor, rate: float, training: bool = True) -> Tensor:
    """Entries zeroed at random, the others scaled so that the mean stays.

        x / (1 - rate) where bernoulli(key, 1 - rate), else 0

    The key alone decides which: the same one gives the same mask, here and in `jaxlayers`.

    Args:
        x: (...)
        key: (2,), a random key.
        rate: the part that is zeroed, a number from 0 to 1; at 1 that is everything.
        training: where false, x is returned as it is.

    Raises:
        TypeError: x is not a floating-point tensor, key not a random key, rate not a Python number
            or training not a truth value.
        ValueError: key has another shape, or rate is not from 0 to 1.

    Reference: Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from
    overfitting.
    """
    x, key = array("dropout", "x", x), as_key("dropout", key)
    rate = probability("dropout", "rate", rate)
    if not switch("dropout", "training", training) or rate == 0:
        return x
    return _Dropout.call(x, key, rate)


def _kept(a: Tensor, key: Tensor, rate: float) -> Tensor:
    """What is kept of `a`, scaled: chosen, since an infinite entry times 0 would be NaN."""
    scale = 0 if rate == 1 else 1 / (1 - rate)
    drop = bernoulli(key, 1 - rate, a.shape).logical_not_()
    return (widen(a) * scale).masked_fill(drop, 0).to(a.dtype)


class _Dropout(Function):
    @staticmethod
    def forward(x: Tensor, key: Tensor, rate: float) -> Tensor:
        return _kept(x, key, rate)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, float], output: Tensor) -> None:
        _, key, ctx.rate = inputs
        keep(ctx, key)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (key,) = ctx.saved_tensors
        dx = _kept(g, key, ctx.rate)
        return dx, None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        (key,) = ctx.saved_tensors
        return _kept(tx, key, ctx.rate)
