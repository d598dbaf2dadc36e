"""One ReLU layer with a squared loss. Derivation: crosscheck/catalog/models/relu_residual.py."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import arrays
from jaxlayers.dtypes import widen


def relu_residual(x: Array, w: Array, y: Array) -> Array:
    """Sum of the squared residuals of one ReLU layer.

        tr(zᵀz),  z = relu(h) - y,  h = x w

    The slope of relu is 0 where an entry of h is exactly 0. The backward pass computes h again.

    Args:
        x: (n, k)
        w: (k, m)
        y: (n, m)

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/models/relu_residual.py
    """
    x, w, y = arrays("relu_residual", x=(x, "n k"), w=(w, "k m"), y=(y, "n m"))
    return _relu_residual(x, w, y)


def _residual(x: Array, w: Array, y: Array) -> tuple[Array, Array]:
    """h and z, in the type to compute in."""
    h = widen(x) @ widen(w)
    return h, jnp.where(h <= 0, 0, h) - widen(y)


@jax.custom_vjp
def _relu_residual(x: Array, w: Array, y: Array) -> Array:
    _, z = _residual(x, w, y)
    return (z * z).sum().astype(x.dtype)


def _forward(x: Array, w: Array, y: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    _, z = _residual(x, w, y)
    return (z * z).sum().astype(x.dtype), (x, w, y)


def _backward(kept: tuple[Array, Array, Array], g: Array) -> tuple[Array, Array, Array]:
    x, w, y = jax.lax.optimization_barrier(kept)  # else XLA keeps h from the forward pass
    h, z = _residual(x, w, y)
    dz = 2 * widen(g) * z
    dh = jnp.where(h <= 0, 0, dz)
    dx = (dh @ widen(w).T).astype(x.dtype)
    dw = (widen(x).T @ dh).astype(w.dtype)
    dy = -dz.astype(y.dtype)
    return dx, dw, dy


_relu_residual.defvjp(_forward, _backward)
