"""Sign with a straight-through gradient. Derivation: the catalog's straight_through_sign.py."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import array


def straight_through_sign(x: Array) -> Array:
    """Sign with a straight-through gradient.

        -1 if x < 0, 0 if x = 0, 1 if x > 0

    The gradient is that of the identity, everywhere: what comes in passes through.
    The sign of NaN is NaN.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Bengio, Léonard and Courville 2013, https://arxiv.org/abs/1308.3432
    """
    return _straight_through_sign(array("straight_through_sign", "x", x))


@jax.custom_vjp
def _straight_through_sign(x: Array) -> Array:
    return jnp.sign(x)


def _forward(x: Array) -> tuple[Array, None]:
    return jnp.sign(x), None


def _backward(_: None, g: Array) -> tuple[Array]:
    return (g,)


_straight_through_sign.defvjp(_forward, _backward)
