"""Squared ReLU. Derivation: crosscheck/catalog/activations/relu_squared.py."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import array
from jaxlayers.dtypes import widen


def relu_squared(x: Array) -> Array:
    """Square of the rectified linear unit.

        x² if x > 0, 0 if x <= 0

    At 0 the second derivative is that of the side x <= 0: 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: So et al. 2021, https://arxiv.org/abs/2109.08668
    """
    return _relu_squared(array("relu_squared", "x", x))


def _positive_part(x: Array) -> Array:
    return jnp.where(x <= 0, 0, widen(x))


@jax.custom_vjp
def _relu_squared(x: Array) -> Array:
    r = _positive_part(x)
    return (r * r).astype(x.dtype)


def _forward(x: Array) -> tuple[Array, Array]:
    r = _positive_part(x)
    return (r * r).astype(x.dtype), x


def _backward(x: Array, g: Array) -> tuple[Array]:
    dx = 2 * (widen(g) * _positive_part(x))  # 2 x alone may overflow
    return (dx.astype(x.dtype),)


_relu_squared.defvjp(_forward, _backward)
