"""Logarithm of the sigmoid. Derivation: crosscheck/catalog/activations/log_sigmoid.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise
from jaxlayers.tails import magnitude


def _first(x: Array) -> Array:
    e = jnp.exp(-magnitude(x))
    return jnp.where(x < 0, 1, e) / (1 + e)


def _second(x: Array) -> Array:
    e = jnp.exp(-magnitude(x))
    w = e / (1 + e)
    return -w * (1 - w)


@elementwise(_first, _second)
def log_sigmoid(x: Array) -> Array:
    """Logarithm of the logistic sigmoid, right to the last bits in both tails.

        -log(1 + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Dugas et al. 2000, Incorporating second-order functional knowledge for better option
    pricing (of -log_sigmoid(-x)).
    """
    return jnp.minimum(x, 0) - jnp.log1p(jnp.exp(-magnitude(x)))
