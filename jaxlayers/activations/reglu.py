"""Gated ReLU. Derivation: crosscheck/catalog/activations/reglu.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import arrays
from jaxlayers.gated import gated


def _relu(a: Array) -> Array:
    return jnp.where(a <= 0, 0, a)


def _first(a: Array) -> Array:
    return jnp.where(a <= 0, 0, jnp.ones_like(a))


_product = gated(_relu, _first, jnp.zeros_like)


def reglu(a: Array, b: Array) -> Array:
    """Rectified linear unit of one array times another.

        relu(a) b

    At a = 0 all derivatives are those of the side a <= 0: 0.

    Args:
        a: (...), the gate.
        b: (...), the same shape.

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes differ.

    Reference: Shazeer 2020, https://arxiv.org/abs/2002.05202
    """
    return _product(*arrays("reglu", a=(a, "..."), b=(b, "...")))
