"""What JAX offers beside each layer, and how its users take a mean."""

import jax
import jax.numpy as jnp
from jax import Array

from crosscheck.twin import Layer


def _dropout(x: Array, key: Array, rate: float) -> Array:
    keep = jax.random.bernoulli(jax.random.wrap_key_data(key), 1 - rate, x.shape)
    return jnp.where(keep, x / (1 - rate), 0)


def _cosine_similarity(x: Array, y: Array, axis: int = -1) -> Array:
    lengths = jnp.linalg.norm(x, axis=axis) * jnp.linalg.norm(y, axis=axis)
    return (x * y).sum(axis) / lengths


# What JAX offers, or what its users write, under the names and settings of the catalog.
BUILT_IN: dict[str, Layer] = {
    "affine": lambda x, y, w1, w2, w3: w1 * x + w2 * y + w3,
    "bessel_j0": lambda x: jax.scipy.special.bessel_jn(x, v=0)[0],
    "channel_normalize": lambda x, mean, std: (x - mean[:, None, None]) / std[:, None, None],
    "cosine_similarity": _cosine_similarity,
    "dropout": _dropout,
    "einsum": lambda x, y: jnp.einsum("ik,kj->ij", x, y),
    "matmul": jnp.matmul,
    "quadratic": lambda x, a, b, c: a * x**2 + b * x + c,
    "straight_through_round": lambda x: x + jax.lax.stop_gradient(jnp.round(x) - x),
    "straight_through_sign": lambda x: x + jax.lax.stop_gradient(jnp.sign(x) - x),
}


def mean(layer: Layer) -> Layer:
    """The layer's mean: one number, behind which the layer's own output is hidden."""
    return lambda *inputs: layer(*inputs).mean()
