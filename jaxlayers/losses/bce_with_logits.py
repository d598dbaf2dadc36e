"""Binary cross entropy. Derivation: crosscheck/catalog/losses/bce_with_logits.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.activations.sigmoid import sigmoid
from jaxlayers.checks import arrays
from jaxlayers.elementwise import formulas, level
from jaxlayers.paired import paired
from jaxlayers.reductions import reducing


def bce_with_logits(logits: Array, targets: Array, reduction: str = "mean") -> Array:
    """Cross entropy of targets t and sigmoid(x) of logits x, right to the last bits in both tails.

        t log(1 + exp(-x)) + (1 - t) log(1 + exp(x))

    Of no entries at all the mean is NaN.

    Args:
        logits: (...)
        targets: (...), the same shape: numbers from 0 to 1.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or reduction is
            not a string.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Good 1952, Rational decisions.
    """
    x, t = arrays("bce_with_logits", logits=(logits, "..."), targets=(targets, "..."))
    return _bce(x, t, reducing("bce_with_logits", "reduction", reduction))


_value, _first, _second = formulas(sigmoid)
_sigmoid = level(_value, level(_first, _second))


def _entries(x: Array, t: Array) -> Array:
    wrong = jnp.where(x > 0, 1 - t, t)
    size = jnp.where(wrong == 0, 0, wrong * abs(x))  # x may be infinite
    return size + jnp.log1p(jnp.exp(-abs(x)))


def _slope_x(x: Array, t: Array) -> Array:
    return (1 - t) * _sigmoid(x) - t * _sigmoid(-x)


def _slope_t(x: Array, t: Array) -> Array:
    return -x


_bce = paired(_entries, _slope_x, _slope_t)
