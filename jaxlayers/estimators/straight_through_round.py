"""Round with a straight-through gradient. Derivation: the catalog's straight_through_round.py."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import array


def straight_through_round(x: Array) -> Array:
    """Rounding to whole numbers with a straight-through gradient.

        the nearest whole number; of two equally near, the even one

    The gradient is that of the identity, everywhere: what comes in passes through.
    Infinities and NaN stay as they are.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Bengio, Léonard and Courville 2013, https://arxiv.org/abs/1308.3432
    """
    return _straight_through_round(array("straight_through_round", "x", x))


@jax.custom_vjp
def _straight_through_round(x: Array) -> Array:
    return jnp.round(x)


def _forward(x: Array) -> tuple[Array, None]:
    return jnp.round(x), None


def _backward(_: None, g: Array) -> tuple[Array]:
    return (g,)


_straight_through_round.defvjp(_forward, _backward)
