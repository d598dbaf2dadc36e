"""Softplus. Derivation: crosscheck/catalog/activations/softplus.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import positive
from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, magnitude


def _first(x: Array, beta: float) -> Array:
    e = jnp.exp(-magnitude(beta * x))
    return jnp.where(x < 0, e, 1) / (1 + e)


def _second(x: Array, beta: float) -> Array:
    e, far = decay(magnitude(beta * x))
    w = e / (1 + e)
    return beta * w * (1 - w) * far


@elementwise(_first, _second, beta=positive)
def softplus(x: Array, beta: float = 1.0) -> Array:
    """Softplus, a smooth maximum of x and 0, right to the last bits in both tails.

        log(1 + exp(beta x)) / beta

    Args:
        x: (...)
        beta: a positive number, the sharpness of the bend at 0.

    Raises:
        TypeError: x is not a floating-point array, or beta not a Python number.
        ValueError: beta is not positive and finite.

    Reference: Dugas et al. 2000, Incorporating second-order functional knowledge for better option
    pricing.
    """
    e, far = decay(magnitude(beta * x))
    return jnp.maximum(x, 0) + jnp.log1p(e) / beta * far
