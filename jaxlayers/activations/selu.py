"""Scaled exponential linear unit. Derivation: crosscheck/catalog/activations/selu.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.activations.elu import _fall, _negative_part
from jaxlayers.elementwise import elementwise
from jaxlayers.tails import expm1

_SCALE = 1.0507009873554804934193349852946
_FALL = 1.7580993408473768599402175208123  # λ α, rounded once


def _first(x: Array) -> Array:
    return jnp.where(x > 0, _SCALE, _fall(x, _FALL))


def _second(x: Array) -> Array:
    return jnp.where(x > 0, 0, _fall(x, _FALL))


@elementwise(_first, _second)
def selu(x: Array) -> Array:
    """Scaled exponential linear unit, which keeps mean 0 and variance 1 from layer to layer.

        λ x if x > 0, λ α (exp(x) - 1) if x <= 0,  λ = 1.0507…, α = 1.6732…

    At 0 all derivatives are those of the side x <= 0: λ α.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
    """
    return jnp.where(x > 0, _SCALE * x, _FALL * expm1(_negative_part(x)))
