"""Mean absolute error. Derivation: crosscheck/catalog/losses/l1.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import arrays
from jaxlayers.paired import paired
from jaxlayers.reductions import reducing


def l1(x: Array, y: Array, reduction: str = "mean") -> Array:
    """Absolute error of each entry, and then the mean of all.

        |x - y|

    Where x = y the slope is 0. Nothing is broadcast. Of no entries at all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or reduction is
            not a string.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Boscovich 1757, De litteraria expeditione per pontificiam ditionem.
    """
    x, y = arrays("l1", x=(x, "..."), y=(y, "..."))
    return _l1(x, y, reducing("l1", "reduction", reduction))


def _entries(x: Array, y: Array) -> Array:
    return abs(x - y)


def _slope_x(x: Array, y: Array) -> Array:
    return jnp.sign(x - y)


def _slope_y(x: Array, y: Array) -> Array:
    return -_slope_x(x, y)


_l1 = paired(_entries, _slope_x, _slope_y)
