"""How a loss becomes one number, its mean or its sum, or stays as it is; and the way back."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import one_of
from jaxlayers.dtypes import widen

reducing = one_of("mean", "sum", "none")


def reduced(losses: Array, reduction: str, count: Array | int) -> Array:
    """Their mean over `count` of them, their sum, or themselves."""
    if reduction == "none":
        return losses
    total = jnp.sum(losses)
    return total / jnp.asarray(count, total.dtype) if reduction == "mean" else total


def shared(g: Array, reduction: str, count: Array | int) -> Array:
    """The cotangent of each loss; it broadcasts to their shape."""
    g = widen(g)
    return g / jnp.asarray(count, g.dtype) if reduction == "mean" else g
