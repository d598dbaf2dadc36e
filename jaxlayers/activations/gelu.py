"""GELU. Derivation: crosscheck/catalog/activations/gelu.py."""

import math

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers import normal_tail
from jaxlayers.checks import one_of
from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, magnitude, reflect

LARGE = 40.0  # twice that is an exponent of every type
END = 1e3  # beyond, all is 0 or x; infinity times 0 would be NaN
# 2 √(2/π) in two parts, the first of 16 bits, and 0.044715 times it.
HIGH, LOW = 1.59576416015625, 4.96144948071176e-06
THIRD = 0.044715 * 2 * math.sqrt(2 / math.pi)


def _fall(x: Array) -> Array:
    """|x| Φ(-|x|)."""
    a = jnp.minimum(magnitude(x), END)
    e, far = decay(a * a / 2)
    return e * (normal_tail.polynomial(a) * (a / (1 + a))) * far


def _first_exact(x: Array) -> Array:
    a = jnp.minimum(magnitude(x), END)
    e, far = decay(a * a / 2)
    return reflect(e * normal_tail.slope(a) * far, x)


def _second_exact(x: Array) -> Array:
    a = jnp.minimum(magnitude(x), END)
    e, far = decay(a * a / 2)
    return e * (normal_tail.DENSITY * (2 - a * a)) * far


def _terms(x: Array) -> tuple[Array, ...]:
    """a, two terms of z(a) = HIGH a + LOW a + THIRD a³, and the last one alone.

    The first term is exact, of the leading 8 bits of a.
    """
    a = jnp.minimum(magnitude(x), END)
    lead = jax.lax.reduce_precision(a, exponent_bits=8, mantissa_bits=7)
    cube = THIRD * a * (a * a)
    return a, HIGH * lead, HIGH * (a - lead) + (LOW * a + cube), cube


def _fall_tanh(x: Array) -> Array:
    """a / (1 + exp(z)); where exp(z) is large, 1 is nothing beside it, and the rest comes after."""
    a, exact, rest, _ = _terms(x)
    first, second = jnp.minimum(exact, LARGE), jnp.minimum(rest, LARGE)
    after = jnp.exp((first - exact) + (second - rest))
    return a / (1 + jnp.exp(first) * jnp.exp(second)) * after


def _tanh_parts(x: Array) -> tuple[Array, ...]:
    """a, two factors of w = 1 / (1 + exp(z)), and two terms of z and of a z'."""
    a, exact, rest, cube = _terms(x)
    near, far = jnp.exp(-exact), jnp.exp(-rest)
    near = near / (1 + near * far)
    return a, near, far, exact, rest + 2 * cube


def _first(x: Array, approximate: str) -> Array:
    if approximate == "none":
        return _first_exact(x)
    _, near, far, exact, rest = _tanh_parts(x)
    w = near * far
    return reflect(near * ((1 - exact) - (rest - (exact + rest) * w)) * far, x)


def _second(x: Array, approximate: str) -> Array:
    if approximate == "none":
        return _second_exact(x)
    a, near, far, exact, rest = _tanh_parts(x)
    w, cubic = near * far, 3 * THIRD * (a * a)
    k = (2 - exact) - (rest - 2 * (exact + rest) * w)
    return near * (1 - w) * ((HIGH + LOW) * k + cubic * (k + 2)) * far


@elementwise(_first, _second, approximate=one_of("none", "tanh"))
def gelu(x: Array, approximate: str = "none") -> Array:
    """Gaussian error linear unit, right to the last bits in both tails.

        x Φ(x)    with Φ(x) = (1 + erf(x / √2)) / 2, the normal distribution
        x / (1 + exp(-2 √(2/π) (x + 0.044715 x³)))    its approximation, "tanh"

    At -infinity it is 0.

    Args:
        x: (...)
        approximate: "none" or "tanh".

    Raises:
        TypeError: x is not a floating-point array, or approximate not a string.
        ValueError: approximate is another string.

    Reference: Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
    """
    if approximate == "none":
        tail = jnp.maximum(x, 0) - _fall(x)
        return jnp.where(jnp.abs(x) < normal_tail.NEAR, normal_tail.times_near(x), tail)
    return jnp.maximum(x, 0) - _fall_tanh(x)
