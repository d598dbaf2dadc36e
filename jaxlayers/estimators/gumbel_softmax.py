"""Gumbel softmax. Derivation: crosscheck/catalog/estimators/gumbel_softmax.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import from_end
from jaxlayers.checks import array, positive, switch
from jaxlayers.dtypes import widen
from jaxlayers.random import as_key, uniform
from jaxlayers.simplex import probabilities, spread


def gumbel_softmax(logits: Array, key: Array, tau: float = 1.0, hard: bool = False) -> Array:
    """Probabilities along the last axis that are drawn at random, and differentiable.

        softmax((logits + noise) / tau),  noise = -log(-log(u)),  u evenly from (0, 1)

    The key alone decides the noise: the same one gives the same, here and in `torchlayers`. With
    `hard` the value is 1 for the largest entry, the first of several, and 0 for the others: a draw
    from softmax(logits). Its gradient is that of the soft one. A row of -inf alone is 0, one with a
    NaN is NaN.

    Args:
        logits: (..., c)
        key: (2,), a random key.
        tau: the temperature, a number above 0.
        hard: whether the value is one-hot.

    Raises:
        TypeError: logits are not a floating-point array, key not a random key, or a setting not of
            its type.
        ValueError: logits have no axis, key has another shape, or tau is not above 0.

    Reference: Jang, Gu and Poole 2017, https://arxiv.org/abs/1611.01144
    """
    x, key = array("gumbel_softmax", "logits", logits), as_key("gumbel_softmax", key)
    from_end("gumbel_softmax", -1, x.ndim)
    tau, hard = positive("gumbel_softmax", "tau", tau), switch("gumbel_softmax", "hard", hard)
    return _gumbel_softmax(x, key, tau, hard)


def _noisy(x: Array, key: Array, tau: float) -> Array:
    x = widen(x)
    u = uniform(key, x.shape).astype(x.dtype) + 2.0**-24
    return (x - jnp.log(-jnp.log(u))) / tau


def _value(x: Array, key: Array, tau: float, hard: bool) -> Array:
    z = _noisy(x, key, tau)
    if not hard or not z.shape[-1]:
        return probabilities(z, -1).astype(x.dtype)
    top = z.max(-1, keepdims=True)
    drawn = jax.nn.one_hot(jnp.argmax(z, -1), z.shape[-1], dtype=z.dtype)
    return jnp.where(jnp.isnan(top), top, jnp.where(top > -jnp.inf, drawn, 0)).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _gumbel_softmax(x: Array, key: Array, tau: float, hard: bool) -> Array:
    return _value(x, key, tau, hard)


def _forward(x: Array, key: Array, tau: float, hard: bool) -> tuple[Array, tuple[Array, Array]]:
    return _value(x, key, tau, hard), (x, key)


def _backward(tau: float, hard: bool, kept: tuple[Array, Array], g: Array) -> tuple[Array, None]:
    x, key = again(kept[0], g), kept[1]
    p = probabilities(_noisy(x, key, tau), -1)
    dx = spread(p, widen(g) / tau, -1)
    return dx.astype(x.dtype), None


_gumbel_softmax.defvjp(_forward, _backward)
