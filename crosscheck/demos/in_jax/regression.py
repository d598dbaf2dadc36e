"""Document 001's training loop in JAX: one compiled program, gradients from our layers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers import mse, quadratic
from jaxlayers.random import normal

Parameters = tuple[Array, Array, Array]


def start(seed: int) -> np.ndarray:
    """The first a, b, c, normal numbers from the key of the seed."""
    with jax.enable_x64(True):
        parameters, _ = jax.random.split(jax.random.key(seed))
        return np.asarray(normal(parameters, (3,), "float64"))


def orders(seed: int, epochs: int, examples: int) -> np.ndarray:
    """For each epoch, the examples in the order of random bits."""
    _, visits = jax.random.split(jax.random.key(seed))
    keys = jax.vmap(partial(jax.random.fold_in, visits))(jnp.arange(epochs))
    bits = jax.vmap(lambda key: jax.random.bits(key, (examples,)))(keys)
    return np.asarray(bits.argsort(axis=1, stable=True))


def train(
    first: np.ndarray,
    orders: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    rate: float,
    advance: Callable[[], None],
) -> np.ndarray:
    """Mean loss, a, b and c of each epoch."""
    cpu = jax.devices("cpu")[0]  # a step is too small for anything else
    with jax.enable_x64(True), jax.default_device(cpu):
        a, b, c = (jnp.array([value]) for value in first)
        losses, parameters = _epochs((a, b, c), *map(jnp.array, (orders, xs, ys)), rate)
    for _ in orders:
        advance()  # all at once: nothing can be told from inside a compiled loop
    return np.column_stack([losses, *parameters])


@jax.jit
def _epochs(
    first: Parameters, orders: Array, xs: Array, ys: Array, rate: float
) -> tuple[Array, Parameters]:
    def loss(p: Parameters, i: Array) -> Array:
        return mse(quadratic(xs[i][None], *p), ys[i][None])

    def step(p: Parameters, i: Array) -> tuple[Parameters, Array]:
        value, gradients = jax.value_and_grad(loss)(p, i)
        return jax.tree.map(lambda p, dp: p - rate * dp, p, gradients), value

    def epoch(p: Parameters, order: Array) -> tuple[Parameters, Any]:
        p, losses = jax.lax.scan(step, p, order)
        return p, (losses.mean(), p)

    return jax.lax.scan(epoch, first, orders)[1]
