"""Exponential linear unit. Derivation: crosscheck/catalog/activations/elu.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, expm1


def _negative_part(x: Array) -> Array:
    # Not a minimum, whose slope at a tie differs between frameworks.
    return jnp.where(x > 0, 0, x)


def _fall(x: Array, alpha: float) -> Array:
    e, far = decay(-_negative_part(x))
    return alpha * e * far


def _first(x: Array, alpha: float) -> Array:
    return jnp.where(x > 0, 1, _fall(x, alpha))


def _second(x: Array, alpha: float) -> Array:
    return jnp.where(x > 0, 0, _fall(x, alpha))


@elementwise(_first, _second)
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Exponential linear unit.

        x if x > 0, alpha (exp(x) - 1) if x <= 0

    At 0 all derivatives are those of the side x <= 0: alpha, alpha, and so on.

    Args:
        x: (...)
        alpha: a finite number; the value falls to -alpha as x falls.

    Raises:
        TypeError: x is not a floating-point array, or alpha not a Python number.
        ValueError: alpha is not finite.

    Reference: Clevert et al. 2016, https://arxiv.org/abs/1511.07289
    """
    return jnp.where(x > 0, x, alpha * expm1(_negative_part(x)))
