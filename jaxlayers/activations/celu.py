"""Continuously differentiable ELU. Derivation: crosscheck/catalog/activations/celu.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.activations.elu import _negative_part
from jaxlayers.checks import positive
from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, expm1


def _first(x: Array, alpha: float) -> Array:
    return jnp.exp(_negative_part(x) / alpha)


def _second(x: Array, alpha: float) -> Array:
    e, far = decay(-_negative_part(x) / alpha)
    return jnp.where(x > 0, 0, e / alpha * far)


@elementwise(_first, _second, alpha=positive)
def celu(x: Array, alpha: float = 1.0) -> Array:
    """Continuously differentiable exponential linear unit.

        x if x > 0, alpha (exp(x / alpha) - 1) if x <= 0

    At 0 all derivatives are those of the side x <= 0: 1, 1 / alpha, and so on.

    Args:
        x: (...)
        alpha: a positive number; the value falls to -alpha as x falls.

    Raises:
        TypeError: x is not a floating-point array, or alpha not a Python number.
        ValueError: alpha is not positive and finite.

    Reference: Barron 2017, https://arxiv.org/abs/1704.07483
    """
    # Where x / alpha may be flushed to 0, the value is x to the last bit.
    small = -(2.0**-54) * alpha
    return jnp.where(x > small, x, alpha * expm1(_negative_part(x) / alpha))
