"""Hinge loss. Derivation: crosscheck/catalog/losses/hinge.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.indices import wide
from jaxlayers.labels import labelled
from jaxlayers.paired import paired
from jaxlayers.reductions import reducing


def hinge(scores: Array, labels: Array, reduction: str = "mean") -> Array:
    """Hinge loss of each score, and then the mean of all.

        max(0, 1 - label score)

    Where label score = 1 the slope is 0. A label other than 1 and -1 makes its entry NaN, and of no
    entries at all the mean is NaN.

    Args:
        scores: (...)
        labels: (...), the same shape: whole numbers 1 and -1.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: scores are not a floating-point array, labels not one of whole numbers, or
            reduction is not a string.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Cortes and Vapnik 1995, Support-vector networks.
    """
    x, labels = labelled("hinge", labels, scores=(scores, "..."))
    return _hinge(x, labels, reducing("hinge", "reduction", reduction))


def _sign(x: Array, labels: Array) -> Array:
    k = wide(labels)
    return jnp.where((k == 1) | (k == -1), k.astype(x.dtype), jnp.nan)


def _entries(x: Array, labels: Array) -> Array:
    short = 1 - _sign(x, labels) * x
    return jnp.where(short <= 0, 0, short)


def _slope(x: Array, labels: Array) -> Array:
    sign = _sign(x, labels)
    return jnp.where(1 - sign * x <= 0, 0, -sign)


_hinge = paired(_entries, _slope)
