"""SiLU. Derivation: crosscheck/catalog/activations/silu.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, magnitude, reflect

END = 1e3  # beyond, all is 0 or x; infinity times 0 would be NaN


def _first(x: Array) -> Array:
    a = jnp.minimum(magnitude(x), END)
    e, far = decay(a)
    w = e / (1 + e)
    return reflect(w * ((1 - a) + a * w) * far, x)


def _second(x: Array) -> Array:
    a = jnp.minimum(magnitude(x), END)
    e, far = decay(a)
    w = e / (1 + e)
    return w * (1 - w) * ((2 - a) + 2 * a * w) * far


@elementwise(_first, _second)
def silu(x: Array) -> Array:
    """Sigmoid linear unit, also called swish; right to the last bits in both tails.

        x / (1 + exp(-x))

    At -infinity it is 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
    """
    m = jnp.maximum(x, -END)
    e, far = decay(magnitude(m))
    return jnp.where(x < 0, far, 1) * (jnp.where(x < 0, m * e, m) / (1 + e))
