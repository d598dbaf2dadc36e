"""Rectified linear unit. Derivation: crosscheck/catalog/activations/relu.py."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import array


def relu(x: Array) -> Array:
    """Rectified linear unit.

        x if x > 0, 0 if x <= 0

    The slope at 0 and at -0 is 0, the value at -0 is 0. NaN passes through, with slope 1.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    """
    return _relu(array("relu", "x", x))


@jax.custom_vjp
def _relu(x: Array) -> Array:
    return jnp.where(x <= 0, 0, x)


def _forward(x: Array) -> tuple[Array, Array]:
    return jnp.where(x <= 0, 0, x), x


def _backward(x: Array, g: Array) -> tuple[Array]:
    dx = jnp.where(x <= 0, 0, g)  # chosen, not multiplied: an infinite g times 0 would be NaN
    return (dx,)


_relu.defvjp(_forward, _backward)
