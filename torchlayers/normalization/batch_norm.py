"""Batch normalisation. Derivation: crosscheck/catalog/normalization/batch_norm.py."""

from typing import Any

from torch import Tensor

from torchlayers.checks import arrays, number, positive, switch
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.moments import Rows, less_mean, normalise, per_channel


def batch_norm(
    x: Tensor,
    mean: Tensor,
    var: Tensor,
    w: Tensor | None = None,
    b: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """Channels less their mean, over their standard deviation: of the batch, or running ones.

        (x - mean x) / √(var x + eps) w + b  in training, else  (x - mean) / √(var + eps) w + b

    Args:
        x: (n, c, ...)
        mean, var: (c), the running statistics.
        w: (c) or None, which is as good as ones.
        b: (c) or None, which is as good as zeros.
        training: whether statistics are those of the batch.
        momentum: the part of the new running statistics that is the batch's.
        eps: a number above 0.

    Returns:
        The value, then the running mean and variance to go on with: without gradients in training,
        when they move towards the batch's mean and unbiased variance, else as they were; a batch of
        no entries moves nothing.

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, training is not
            a truth value, or momentum or eps is no number.
        ValueError: the shapes do not fit, eps is not above 0, or in training a channel has but one
            entry.

    Reference: Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167
    """
    x, mean, var, w, b = arrays(
        "batch_norm", optional="w b", x=(x, "n c ..."), mean=(mean, "c"), var=(var, "c"),
        w=(w, "c"), b=(b, "c"),
    )  # fmt: skip
    training = switch("batch_norm", "training", training)
    momentum, eps = number("batch_norm", "momentum", momentum), positive("batch_norm", "eps", eps)
    axes = (0, *range(2, x.ndim))
    rows = Rows(eps, tuple(x.shape), axes, (x.shape[1], *(1,) * (x.ndim - 2)))
    if not training:
        return _Fixed.call(x, mean, var, w, b, rows), mean, var
    if rows.length == 1:
        got = tuple(x.shape)
        raise ValueError(
            f"batch_norm: expected several entries a channel in training, got x {got}; pass "
            "more of them, or training=False"
        )
    mean, var = _moved(x, mean, var, rows, momentum)
    return normalise(x, w, b, rows), mean, var


def _moved(x: Tensor, mean: Tensor, var: Tensor, rows: Rows, momentum: float) -> list[Tensor]:
    """The running statistics, moved towards the batch's."""
    if not rows.length:
        return [mean.detach(), var.detach()]
    z = widen(x.detach())
    c = less_mean(z, rows)
    batch = (z - c).mean(rows.axes), (c * c).sum(rows.axes) / (rows.length - 1)
    pairs = zip((mean, var), batch, strict=True)
    return [((1 - momentum) * widen(a.detach()) + momentum * new).to(x.dtype) for a, new in pairs]


def _wide(a: Tensor, rows: Rows) -> Tensor:
    return widen(a).reshape(rows.per)


def _scaled(x: Tensor, mean: Tensor, var: Tensor, rows: Rows) -> tuple[Tensor, Tensor]:
    sigma = (_wide(var, rows) + rows.eps).sqrt()
    return (widen(x) - _wide(mean, rows)) / sigma, sigma


def _affine(v: Tensor, w: Tensor | None, b: Tensor | None, rows: Rows) -> Tensor:
    y = v if w is None else v * _wide(w, rows)
    return y if b is None else y + _wide(b, rows)


class _Fixed(Function):
    @staticmethod
    def forward(
        x: Tensor, mean: Tensor, var: Tensor, w: Tensor | None, b: Tensor | None, rows: Rows
    ) -> Tensor:
        v, _ = _scaled(x, mean, var, rows)
        return _affine(v, w, b, rows).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, mean, var, w, _, ctx.rows = inputs
        keep(ctx, x, mean, var, *([] if w is None else [w]))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (x, mean, var, *weight), rows = ctx.saved_tensors, ctx.rows
        need_x, *needed, _ = ctx.needs_input_grad
        (v, sigma), g = _scaled(x, mean, var, rows), widen(g)
        dx = _affine(g, (weight or [None])[0], None, rows) / sigma
        moving = zip(needed, (-dx, -dx * v / (2 * sigma), g * v, g), strict=True)
        per = (per_channel(a, rows).to(x.dtype) if need else None for need, a in moving)
        return dx.to(x.dtype) if need_x else None, *per, None

    @staticmethod
    def jvp(
        ctx: Any,
        tx: Tensor,
        tmean: Tensor,
        tvar: Tensor,
        tw: Tensor | None,
        tb: Tensor | None,
        _: None,
    ) -> Tensor:
        (x, mean, var, *weight), rows = ctx.saved_tensors, ctx.rows
        v, sigma = _scaled(x, mean, var, rows)
        tv = (widen(tx) - _wide(tmean, rows) - v * _wide(tvar, rows) / (2 * sigma)) / sigma
        ty = _affine(tv, (weight or [None])[0], tb, rows)
        return (ty if tw is None else ty + v * _wide(tw, rows)).to(x.dtype)
