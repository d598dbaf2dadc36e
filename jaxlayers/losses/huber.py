"""Huber's loss. Derivation: crosscheck/catalog/losses/huber.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import arrays, positive
from jaxlayers.paired import paired
from jaxlayers.reductions import reducing


def huber(x: Array, y: Array, delta: float = 1.0, reduction: str = "mean") -> Array:
    """Huber's loss of each entry, and then the mean of all: squares that go on as lines.

        d² / 2 where |d| <= delta, else delta (|d| - delta / 2)        d = x - y

    Nothing is broadcast. Of no entries at all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape
        delta: a positive number, where the lines begin.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or a setting is
            not of its type.
        ValueError: the shapes differ, delta is not positive and finite, or there is no such
            reduction.

    Reference: Huber 1964, Robust estimation of a location parameter.
    """
    x, y = arrays("huber", x=(x, "..."), y=(y, "..."))
    delta = positive("huber", "delta", delta)
    return _huber(x, y, reducing("huber", "reduction", reduction), delta)


def _entries(x: Array, y: Array, delta: float) -> Array:
    c = _slope_x(x, y, delta)
    return c * (x - y - c / 2)


def _slope_x(x: Array, y: Array, delta: float) -> Array:
    d = x - y
    return jnp.where(abs(d) > delta, delta * jnp.sign(d), d)


def _slope_y(x: Array, y: Array, delta: float) -> Array:
    return -_slope_x(x, y, delta)


_huber = paired(_entries, _slope_x, _slope_y)
