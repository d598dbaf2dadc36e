"""ReLU whose gradient loses rows. Derivation: crosscheck/catalog/stochastic/row_drop_relu.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.axes import from_end
from torchlayers.checks import array
from torchlayers.function import Function, keep
from torchlayers.random import as_key, bernoulli, probability


def row_drop_relu(x: Tensor, key: Tensor, rate: float, axis: int = 0) -> Tensor:
    """Rectified linear unit whose gradient is zero in whole rows at random.

        x if x > 0, 0 if x <= 0;  dx = g where x > 0 and bernoulli(key, 1 - rate) of its row, else 0

    The value does not depend on the key. What is kept of the gradient is not scaled. The same key
    drops the same rows, however often the gradient is asked for.

    Args:
        x: (...), with at least one axis.
        key: (2,), a random key.
        rate: the part of the rows that is dropped, a number from 0 to 1.
        axis: the one that rows are counted along: 0 drops examples, -1 features.

    Raises:
        TypeError: x is not a floating-point tensor, key not a random key, rate not a Python number
            or axis not an int.
        ValueError: key has another shape, rate is not from 0 to 1, or x has no such axis.

    Reference: crosscheck/catalog/stochastic/row_drop_relu.py
    """
    x, key = array("row_drop_relu", "x", x), as_key("row_drop_relu", key)
    rate = probability("row_drop_relu", "rate", rate)
    return _RowDropRelu.call(x, key, rate, from_end("row_drop_relu", axis, x.ndim))


def _passed(x: Tensor, key: Tensor, rate: float, axis: int, g: Tensor) -> Tensor:
    """What passes of g: chosen, since an infinite entry times 0 would be NaN."""
    rows = bernoulli(key, 1 - rate, x.shape[axis:][:1])
    drop = ~rows.reshape(-1, *(1 for _ in range(-axis - 1)))
    # Unlike torch.where, threshold_backward has a second derivative: zeros.
    return torch.ops.aten.threshold_backward(g.masked_fill(drop, 0), x, 0)


class _RowDropRelu(Function):
    @staticmethod
    def forward(x: Tensor, key: Tensor, rate: float, axis: int) -> Tensor:
        return x.clamp(min=0)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, key, ctx.rate, ctx.axis = inputs
        keep(ctx, x, key)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, key = ctx.saved_tensors
        dx = _passed(x, key, ctx.rate, ctx.axis, g)
        return dx, None, None, None

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        x, key = ctx.saved_tensors
        return _passed(x, key, ctx.rate, ctx.axis, tx)
