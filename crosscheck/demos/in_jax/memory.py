"""What JAX keeps for the backward pass of a layer, counted as it is kept."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from crosscheck.demos.kept import Kept
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


def kept(layer: Layer, arrays: list[np.ndarray], recording: bool) -> Kept:
    """What is kept for the backward pass.

    Each buffer is counted once. With recording, what is kept is what the function that `jax.vjp`
    returns holds; without, whatever is alive after the call that was not before.
    """
    inputs = [jnp.array(array) for array in arrays]
    layer(*inputs)  # constants made by a first call stay for later ones
    before = _places(jax.live_arrays())
    if recording:
        y, pull = _recorded(layer, inputs)
        saved = _places(jax.tree.leaves(pull))
    else:
        y = layer(*inputs)
        saved = {k: n for k, n in _places(jax.live_arrays()).items() if k not in before}
        saved.pop(y.unsafe_buffer_pointer(), None)
    return Kept.of(saved, _places(inputs).keys(), _places([y]).keys())


def mean(layer: Layer) -> Layer:
    """The layer's mean: one number, behind which the layer's own output is hidden."""
    return lambda *inputs: layer(*inputs).mean()


def _recorded(layer: Layer, inputs: list[Array]) -> tuple[Array, Any]:
    """The value, and the function from its cotangent to those of the floating-point inputs."""
    places = [k for k, x in enumerate(inputs) if jnp.issubdtype(x.dtype, jnp.floating)]

    def at(*moving: Array) -> Array:
        given = dict(enumerate(inputs)) | dict(zip(places, moving, strict=True))
        return layer(*given.values())

    y, pull = jax.vjp(at, *(inputs[k] for k in places))
    return y, pull


def _places(arrays: list[Array]) -> dict[int, int]:
    """Where each array lies, and its bytes."""
    return {x.unsafe_buffer_pointer(): x.nbytes for x in arrays}
