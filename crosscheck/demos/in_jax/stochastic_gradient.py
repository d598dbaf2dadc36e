"""Document 000's layer, which draws its mask in backward, and this project's, which has a key.

JAX has no generator of its own that such a layer could draw from, so here it uses NumPy's.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jaxlayers


def drawn_in_backward(rate: float, generator: np.random.Generator) -> Callable[[Array], Array]:
    """ReLU whose backward pass drops rows by a mask from the generator."""

    @jax.custom_vjp
    def layer(x: Array) -> Array:
        return jnp.maximum(x, 0)

    def forward(x: Array) -> tuple[Array, Array]:
        return jnp.maximum(x, 0), x

    def backward(x: Array, g: Array) -> tuple[Array]:
        dx = jnp.where(x <= 0, 0, g)
        mask = generator.random(len(g)) < 1 - rate
        return (jnp.diag(mask).astype(g.dtype) @ dx,)

    layer.defvjp(forward, backward)
    return layer


def without_key(
    x: np.ndarray, g: np.ndarray, rate: float, seed: int, calls: int
) -> dict[str, list[np.ndarray]]:
    """One forward pass and several backward passes: way of running → the gradients."""
    layer = drawn_in_backward(rate, np.random.default_rng(seed))
    return _both_ways(layer, x, g, calls)


def with_key(
    x: np.ndarray, g: np.ndarray, key: np.ndarray, rate: float, axis: int, calls: int
) -> dict[str, list[np.ndarray]]:
    """The same with this project's layer."""
    return _both_ways(lambda x: jaxlayers.row_drop_relu(x, jnp.array(key), rate, axis), x, g, calls)


def _both_ways(
    layer: Callable[[Array], Array], x: np.ndarray, g: np.ndarray, calls: int
) -> dict[str, list[np.ndarray]]:
    _, pull = jax.vjp(layer, jnp.array(x))
    return {"jax": _gradients(pull, g, calls), "jax, jit": _gradients(jax.jit(pull), g, calls)}


def _gradients(pull: Callable[[Any], Any], g: np.ndarray, calls: int) -> list[np.ndarray]:
    return [np.asarray(pull(jnp.array(g))[0]) for _ in range(calls)]
