"""Dropout. Derivation: crosscheck/catalog/stochastic/dropout.py."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import array, switch
from jaxlayers.dtypes import widen
from jaxlayers.random import as_key, bernoulli, probability


def dropout(x: Array, key: Array, rate: float, training: bool = True) -> Array:
    """Entries zeroed at random, the others scaled so that the mean stays.

        x / (1 - rate) where bernoulli(key, 1 - rate), else 0

    The key alone decides which: the same one gives the same mask, here and in `torchlayers`.

    Args:
        x: (...)
        key: (2,), a random key.
        rate: the part that is zeroed, a number from 0 to 1; at 1 that is everything.
        training: where false, x is returned as it is.

    Raises:
        TypeError: x is not a floating-point array, key not a random key, rate not a Python number
            or training not a truth value.
        ValueError: key has another shape, or rate is not from 0 to 1.

    Reference: Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from
    overfitting.
    """
    x, key = array("dropout", "x", x), as_key("dropout", key)
    rate = probability("dropout", "rate", rate)
    if not switch("dropout", "training", training) or rate == 0:
        return x
    return _dropout(x, key, rate)


def _kept(a: Array, key: Array, rate: float) -> Array:
    """What is kept of `a`, scaled: chosen, since an infinite entry times 0 would be NaN."""
    scale = 0 if rate == 1 else 1 / (1 - rate)
    keep = bernoulli(key, 1 - rate, a.shape)
    return jnp.where(keep, widen(a) * scale, 0).astype(a.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _dropout(x: Array, key: Array, rate: float) -> Array:
    return _kept(x, key, rate)


def _forward(x: Array, key: Array, rate: float) -> tuple[Array, Array]:
    return _kept(x, key, rate), key


def _backward(rate: float, key: Array, g: Array) -> tuple[Array, Any]:
    key = jax.lax.optimization_barrier(key)  # else XLA keeps the mask of the forward pass
    dx = _kept(g, key, rate)
    return dx, None


_dropout.defvjp(_forward, _backward)
