"""Batch normalisation. Derivation: crosscheck/catalog/normalization/batch_norm.py."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.checks import arrays, number, positive, switch
from jaxlayers.dtypes import widen
from jaxlayers.moments import Rows, less_mean, normalise, per_channel


def batch_norm(
    x: Array,
    mean: Array,
    var: Array,
    w: Array | None = None,
    b: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Array, Array]:
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
        TypeError: an argument is not a floating-point array, they differ in dtype, training is not
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
    rows = Rows(eps, x.shape, axes, (x.shape[1], *(1,) * (x.ndim - 2)))
    if not training:
        return _fixed(x, mean, var, w, b, rows, b is not None), mean, var
    if rows.length == 1:
        raise ValueError(
            f"batch_norm: expected several entries a channel in training, got x {x.shape}; pass "
            "more of them, or training=False"
        )
    mean, var = _moved(x, mean, var, rows, momentum)
    return normalise(x, w, b, rows), mean, var


def _moved(x: Array, mean: Array, var: Array, rows: Rows, momentum: float) -> list[Array]:
    """The running statistics, moved towards the batch's."""
    if not rows.length:
        return [*jax.lax.stop_gradient((mean, var))]
    z = jax.lax.stop_gradient(widen(x))
    c = less_mean(z, rows)
    batch = jnp.mean(z - c, rows.axes), jnp.sum(c * c, rows.axes) / (rows.length - 1)
    running = map(widen, jax.lax.stop_gradient((mean, var)))
    pairs = zip(running, batch, strict=True)
    return [((1 - momentum) * a + momentum * new).astype(x.dtype) for a, new in pairs]


def _wide(a: Array, rows: Rows) -> Array:
    return widen(a).reshape(rows.per)


def _scaled(x: Array, mean: Array, var: Array, rows: Rows) -> tuple[Array, Array]:
    sigma = jnp.sqrt(_wide(var, rows) + rows.eps)
    return (widen(x) - _wide(mean, rows)) / sigma, sigma


@partial(jax.custom_vjp, nondiff_argnums=(5, 6))
def _fixed(
    x: Array, mean: Array, var: Array, w: Array | None, b: Array | None, rows: Rows, biased: bool
) -> Array:
    v, _ = _scaled(x, mean, var, rows)
    y = v if w is None else v * _wide(w, rows)
    return (y if b is None else y + _wide(b, rows)).astype(x.dtype)


def _forward(
    x: Array, mean: Array, var: Array, w: Array | None, b: Array | None, rows: Rows, biased: bool
) -> Any:
    return _fixed.fun(x, mean, var, w, b, rows, biased), (x, mean, var, w)


def _backward(rows: Rows, biased: bool, kept: Any, g: Array) -> Any:
    x, mean, var, w = kept
    v, sigma = _scaled(again(x, g), mean, var, rows)
    g = widen(g)
    dx = (g if w is None else g * _wide(w, rows)) / sigma
    sums = [-dx, -dx * v / (2 * sigma), *([] if w is None else [g * v]), *([g] if biased else [])]
    per = [per_channel(a, rows).astype(x.dtype) for a in sums]
    dw = None if w is None else per[2]
    return dx.astype(x.dtype), per[0], per[1], dw, per[-1] if biased else None


_fixed.defvjp(_forward, _backward)
