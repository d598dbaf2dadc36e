"""Sigmoid. Derivation: crosscheck/catalog/activations/sigmoid.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _magnitude(x: Array) -> Array:
    return jnp.where(x < 0, -x, x)  # Not abs: autodiff of these formulas must be right at 0 too.


def _first(x: Array) -> Array:
    e = jnp.exp(-_magnitude(x))
    r = 1 / (1 + e)
    return e * r * r


def _second(x: Array) -> Array:
    return -_first(x) * jnp.tanh(x / 2)


@elementwise(_first, _second)
def sigmoid(x: Array) -> Array:
    """Logistic sigmoid, right to the last bits in both tails.

        1 / (1 + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Verhulst 1845, Recherches mathématiques sur la loi d'accroissement de la population.
    """
    e = jnp.exp(-_magnitude(x))
    r = 1 / (1 + e)
    return jnp.where(x < 0, e * r, r)
