"""Mish. Derivation: crosscheck/catalog/activations/mish.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise
from jaxlayers.tails import FAR, by_sign, decay, magnitude

LOW = -1e3  # below, all is 0; infinity times 0 would be NaN
HIGH = 25.0  # above, y = x, in float64 too


def _first(x: Array) -> Array:
    m = jnp.clip(x, LOW, HIGH)
    e, far = decay(-m)
    d = 2 + e * (2 + e)
    q = (2 + 4 * m) + e * ((4 + 8 * m) + e * ((3 + 4 * m) + e * (1 + m)))
    below = e * ((1 + m) - (e / d) * (q / d)) * far
    above = 1 - (2 / d) * (1 - 2 * m * (e * ((1 + e) / d)))
    return by_sign(x + 0.2, below, above)


def _second(x: Array) -> Array:
    a = jnp.minimum(magnitude(x), -LOW)
    e, far = decay(a)
    w = e / (1 + e)
    return by_sign(x, _second_below(a, e, w), _second_above(a, e, w) * far) * far


def _second_below(a: Array, e: Array, w: Array) -> Array:
    t = e * (2 + e) / (2 + e * (2 + e))
    return w * ((1 - t) * (1 + t)) * ((2 - a) + a * w * (1 + 2 * t))


def _second_above(a: Array, e: Array, w: Array) -> Array:
    s, half = 1 - w, 2 * e / (1 + 2 * e * (1 + e))
    p = e * half
    return s * (2 - p) * ((2 - 2 * a) + a * (3 * w + 2 * p * s)) * half * e


@elementwise(_first, _second)
def mish(x: Array) -> Array:
    """Mish, right to the last bits in both tails.

        x tanh(log(1 + exp(x)))

    At -infinity it is 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Misra 2019, https://arxiv.org/abs/1908.08681
    """
    a = -jnp.clip(x, LOW, HIGH)
    e, far = jnp.exp(jnp.minimum(a, FAR)), jnp.exp(-jnp.maximum(a - FAR, 0))
    return jnp.maximum(x, LOW) / (1 + e * (e / (e + 0.5))) * far
