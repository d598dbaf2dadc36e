"""Cosine similarity. Derivation: crosscheck/catalog/similarity/cosine_similarity.py."""

from collections.abc import Callable
from functools import partial
from string import ascii_letters

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.axes import broadcast, from_end, reduce_to
from jaxlayers.contraction import contract, pull
from jaxlayers.dtypes import divisor, widen


def cosine_similarity(x: Array, y: Array, axis: int = -1) -> Array:
    """Cosine of the angle between vectors along an axis; the other axes broadcast.

        Σ x y / (|x| |y|)

    All pairs of m vectors with n others, (m, d) and (n, d), without ever holding m n d numbers:

        cosine_similarity(x[:, None], y[None])

    With a vector of zeros the similarity is 0, and so are its derivatives.

    Args:
        x: (..., d)
        y: (..., d)
        axis: the vectors' axis, of one length in both; where they differ in their number of axes,
            it counts in the longer one.

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or axis is no
            int.
        ValueError: the shapes do not broadcast together, or axis is not an axis of both.

    Reference: crosscheck/catalog/similarity/cosine_similarity.py
    """
    x, y = broadcast("cosine_similarity", x=x, y=y)
    axis = from_end("cosine_similarity", axis, max(x.ndim, y.ndim))
    return _cosine(x, y, axis, _spec(x.shape, y.shape, axis))


def _spec(x: tuple[int, ...], y: tuple[int, ...], axis: int) -> str:
    """The sum along the axis in the words of einsum."""
    if -axis > min(len(x), len(y)) or x[axis] != y[axis]:
        raise ValueError(
            f"cosine_similarity: expected x and y of one length along axis {axis}, got x {x}, "
            f"y {y}; reshape or transpose one of them"
        )
    names = ascii_letters[: max(len(x), len(y))]
    output = names.replace(names[axis], "")
    return f"{names[len(names) - len(x) :]},{names[len(names) - len(y) :]}->{output}"


def _direction(x: Array, axis: int) -> tuple[Array, Callable[[Array], Array]]:
    """x over its length, and the division by that length; both give 0 where x is 0."""
    # A direction does not change with its scale s, so s has no derivative.
    s = jax.lax.stop_gradient(jnp.max(jnp.abs(x), axis, keepdims=True, initial=0))
    null = s == 0
    s = jnp.where(null, 1, divisor(s))
    v = x / s
    n = jnp.sqrt(jnp.where(null, 1, jnp.sum(v * v, axis, keepdims=True)))
    return jnp.where(null, 0, v / n), lambda t: jnp.where(null, 0, t / n / s)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _cosine(x: Array, y: Array, axis: int, spec: str) -> Array:
    u, _ = _direction(widen(x), axis)
    v, _ = _direction(widen(y), axis)
    return contract(spec, u, v).astype(x.dtype)


def _forward(x: Array, y: Array, axis: int, spec: str) -> tuple[Array, tuple[Array, Array]]:
    u, _ = _direction(widen(x), axis)
    v, _ = _direction(widen(y), axis)
    return contract(spec, u, v).astype(x.dtype), (x, y)


def _backward(axis: int, spec: str, kept: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, y = jax.lax.optimization_barrier(kept)  # else XLA keeps u and v from the forward pass
    u, over_x = _direction(widen(x), axis)
    v, over_y = _direction(widen(y), axis)
    g = widen(g)
    gc = jnp.expand_dims(g * contract(spec, u, v), axis)
    dx = over_x(pull(spec, 0, g, u, v) - _along(gc, u, axis))
    dy = over_y(pull(spec, 1, g, u, v) - _along(gc, v, axis))
    return dx.astype(x.dtype), dy.astype(y.dtype)


def _along(gc: Array, u: Array, axis: int) -> Array:
    """The part of a gradient that u is multiplied by, along u."""
    shape = list(u.shape)
    shape[axis] = 1
    return reduce_to(gc, tuple(shape)) * u


_cosine.defvjp(_forward, _backward)
