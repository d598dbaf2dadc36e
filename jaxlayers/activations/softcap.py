"""Soft cap. Derivation: crosscheck/catalog/activations/softcap.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import positive
from jaxlayers.elementwise import elementwise


def _halves(m: Array) -> tuple[Array, Array]:
    """Two factors of sech²(m): exp(-2 |m|) may be flushed to 0 where 4 exp(-2 |m|) is not."""
    h = jnp.exp(-jnp.where(m < 0, -m, m))
    s = 1 + h * h
    return 4 * h / (s * s), h


def _first(x: Array, cap: float) -> Array:
    q, h = _halves(x / cap)
    return q * h


def _second(x: Array, cap: float) -> Array:
    q, h = _halves(x / cap)
    return q * (jnp.tanh(x / cap) * h * (-2 / cap))


@elementwise(_first, _second)
def softcap(x: Array, cap: float) -> Array:
    """Identity that saturates smoothly.

        cap tanh(x / cap)

    Args:
        x: (...)
        cap: a positive number, which the value stays within.

    Raises:
        TypeError: x is not a floating-point array, or cap not a Python number.
        ValueError: cap is not positive and finite.

    Reference: Gemma Team 2024, https://arxiv.org/abs/2408.00118
    """
    positive("softcap", "cap", cap)
    m = x / cap
    return jnp.where(jnp.abs(m) < 2.0**-27, x, cap * jnp.tanh(m))
