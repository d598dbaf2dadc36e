"""Gradient reversal. Derivation: crosscheck/catalog/estimators/gradient_reversal.py."""

from functools import partial

import jax
from jax import Array

from jaxlayers.checks import array, number
from jaxlayers.dtypes import widen


def gradient_reversal(x: Array, strength: float = 1.0) -> Array:
    """The identity, whose gradient comes back with its sign reversed.

        x

    The gradient is -strength times what comes in: what lies before it learns to do the opposite of
    what lies behind it.

    Args:
        x: (...)
        strength: a number; 0 lets no gradient through.

    Raises:
        TypeError: x is not a floating-point array, or strength not a Python number.
        ValueError: strength is not finite.

    Reference: Ganin and Lempitsky 2015, https://arxiv.org/abs/1409.7495
    """
    x = array("gradient_reversal", "x", x)
    return _gradient_reversal(x, number("gradient_reversal", "strength", strength))


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _gradient_reversal(x: Array, strength: float) -> Array:
    return x


def _forward(x: Array, strength: float) -> tuple[Array, None]:
    return x, None


def _backward(strength: float, _: None, g: Array) -> tuple[Array]:
    dx = -strength * widen(g)
    return (dx.astype(g.dtype),)


_gradient_reversal.defvjp(_forward, _backward)
