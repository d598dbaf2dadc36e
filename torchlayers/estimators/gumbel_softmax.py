"""Gumbel softmax. Derivation: crosscheck/catalog/estimators/gumbel_softmax.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.axes import from_end
from torchlayers.checks import array, positive, switch
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.random import as_key, uniform
from torchlayers.simplex import Probabilities, spread


def gumbel_softmax(logits: Tensor, key: Tensor, tau: float = 1.0, hard: bool = False) -> Tensor:
    """Probabilities along the last axis that are drawn at random, and differentiable.

        softmax((logits + noise) / tau),  noise = -log(-log(u)),  u evenly from (0, 1)

    The key alone decides the noise: the same one gives the same, here and in `jaxlayers`. With
    `hard` the value is 1 for the largest entry, the first of several, and 0 for the others: a draw
    from softmax(logits). Its gradient is that of the soft one. A row of -inf alone is 0, one with a
    NaN is NaN.

    Args:
        logits: (..., c)
        key: (2,), a random key.
        tau: the temperature, a number above 0.
        hard: whether the value is one-hot.

    Raises:
        TypeError: logits are not a floating-point tensor, key not a random key, or a setting not of
            its type.
        ValueError: logits have no axis, key has another shape, or tau is not above 0.

    Reference: Jang, Gu and Poole 2017, https://arxiv.org/abs/1611.01144
    """
    x, key = array("gumbel_softmax", "logits", logits), as_key("gumbel_softmax", key)
    from_end("gumbel_softmax", -1, x.ndim)
    tau, hard = positive("gumbel_softmax", "tau", tau), switch("gumbel_softmax", "hard", hard)
    return _GumbelSoftmax.call(x, key, tau, hard)


def _noisy(x: Tensor, key: Tensor, tau: float) -> Tensor:
    x = widen(x)
    u = uniform(key, x.shape).to(x.dtype) + 2.0**-24
    return (x - (-u.log()).log()) / tau


class _GumbelSoftmax(Function):
    @staticmethod
    def forward(x: Tensor, key: Tensor, tau: float, hard: bool) -> Tensor:
        z = _noisy(x, key, tau)
        if not hard or not z.shape[-1]:
            return Probabilities.forward(z, None, -1).to(x.dtype)
        top = z.amax(-1, keepdim=True)
        classes = torch.arange(z.shape[-1], device=z.device)
        drawn = (classes == z.argmax(-1, keepdim=True)) & (top > -torch.inf)
        return torch.where(top.isnan(), top, drawn.to(z.dtype)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, key, ctx.tau, _ = inputs
        keep(ctx, x, key)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        return _GumbelSoftmax.jvp(ctx, g), None, None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        x, key = ctx.saved_tensors
        p = Probabilities.call(_noisy(x, key, ctx.tau), None, -1)
        return spread(p, widen(tx) / ctx.tau, -1).to(x.dtype)
