"""Sigmoid. Derivation: crosscheck/catalog/activations/sigmoid.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise
from jaxlayers.tails import magnitude, tanh


def _first(x: Array) -> Array:
    e = jnp.exp(-magnitude(x))
    w = e / (1 + e)
    return w * (1 - w)


def _second(x: Array) -> Array:
    return -_first(x) * tanh(x / 2)


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
    e = jnp.exp(-magnitude(x))
    return jnp.where(x < 0, e, 1) / (1 + e)
