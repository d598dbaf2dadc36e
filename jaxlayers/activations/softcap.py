"""Soft cap. Derivation: crosscheck/catalog/activations/softcap.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import positive
from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, magnitude


def _parts(x: Array, cap: float) -> tuple[Array, Array, Array]:
    """sigmoid(-2 |m|) as a product of two numbers that are not flushed, and tanh(|m|)."""
    a = magnitude(x / cap)
    e, far = decay(2 * a)
    w = e / (1 + e)
    # XLA's tanh is 5 units in the last place off for large arguments, the other form for small.
    return w, far, jnp.where(a < 0.35, jnp.tanh(a), 1 - 2 * w)


def _first(x: Array, cap: float) -> Array:
    e, far = decay(2 * magnitude(x / cap))
    s = 1 + e
    return 4 * e / (s * s) * far


def _second(x: Array, cap: float) -> Array:
    w, far, t = _parts(x, cap)
    return jnp.where(x < 0, t, -t) * (8 / cap) * (w - w * w) * far


@elementwise(_first, _second, cap=positive)
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
    *_, t = _parts(x, cap)
    # Where x / cap may be flushed to 0, the value is x to the last bit.
    return jnp.where(jnp.abs(x) < cap * 2.0**-27, x, jnp.where(x < 0, -cap, cap) * t)
