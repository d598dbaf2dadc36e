"""Mean squared error. Derivation: crosscheck/catalog/losses/mse.py."""

import jax
from jax import Array

from jaxlayers.checks import arrays
from jaxlayers.dtypes import widen


def mse(x: Array, y: Array) -> Array:
    """Mean squared error over all entries.

        mean((x - y)²)

    Nothing is broadcast: (n, 1) against (n,) would quietly average over n² pairs. Of no entries at
    all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes differ.
    """
    x, y = arrays("mse", x=(x, "..."), y=(y, "..."))
    return _mse(x, y)


@jax.custom_vjp
def _mse(x: Array, y: Array) -> Array:
    z = widen(x) - widen(y)
    return (z * z).mean().astype(x.dtype)


def _forward(x: Array, y: Array) -> tuple[Array, tuple[Array, Array]]:
    z = widen(x) - widen(y)
    return (z * z).mean().astype(x.dtype), (x, y)


def _backward(kept: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, y = jax.lax.optimization_barrier(kept)  # else XLA keeps x - y from the forward pass
    dx = (2 * widen(g) / x.size * (widen(x) - widen(y))).astype(x.dtype)
    return dx, -dx


_mse.defvjp(_forward, _backward)
