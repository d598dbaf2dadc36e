"""Hyperbolic tangent. Derivation: crosscheck/catalog/activations/tanh.py."""

from jax import Array

from jaxlayers.elementwise import elementwise
from jaxlayers.tails import decay, magnitude
from jaxlayers.tails import tanh as accurate


def _first(x: Array) -> Array:
    e, far = decay(2 * magnitude(x))
    w = e / (1 + e)
    return 4 * w * (1 - w) * far


def _second(x: Array) -> Array:
    e, far = decay(2 * magnitude(x))
    w = e / (1 + e)
    return -8 * w * (1 - w) * accurate(x) * far


@elementwise(_first, _second)
def tanh(x: Array) -> Array:
    """Hyperbolic tangent, whose derivatives are right to the last bits in both tails.

        (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: LeCun et al. 1998, Efficient BackProp, section 4.4.
    """
    return accurate(x)
