"""Normalisation of image channels. Derivation: the catalog's channel_normalize.py."""

import jax
from jax import Array

from jaxlayers.axes import reduce_to
from jaxlayers.checks import arrays
from jaxlayers.dtypes import widen
from jaxlayers.quotient import quotient


def channel_normalize(x: Array, mean: Array, std: Array) -> Array:
    """Normalisation of image channels, each by a given mean and standard deviation.

        (x - mean) / std

    Values are not looked at: a std of 0, infinite or NaN gives what the formula gives.

    Args:
        x: (..., c, h, w)
        mean: (c)
        std: (c)

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/normalization/channel_normalize.py
    """
    x, mean, std = arrays("channel_normalize", x=(x, "... c h w"), mean=(mean, "c"), std=(std, "c"))
    return _channel_normalize(x, mean, std)


def _per_channel(a: Array) -> Array:
    return widen(a)[:, None, None]


def _value(x: Array, mean: Array, std: Array) -> Array:
    return quotient(widen(x) - _per_channel(mean), _per_channel(std))


@jax.custom_vjp
def _channel_normalize(x: Array, mean: Array, std: Array) -> Array:
    return _value(x, mean, std).astype(x.dtype)


def _forward(x: Array, mean: Array, std: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    return _value(x, mean, std).astype(x.dtype), (x, mean, std)


def _backward(kept: tuple[Array, Array, Array], g: Array) -> tuple[Array, Array, Array]:
    x, mean, std = jax.lax.optimization_barrier(kept)  # else XLA keeps y from the forward pass
    dx = quotient(widen(g), _per_channel(std))
    dmean = -_sums(dx)
    dstd = -_sums(dx * _value(x, mean, std))
    return dx.astype(x.dtype), dmean.astype(x.dtype), dstd.astype(x.dtype)


def _sums(a: Array) -> Array:
    """One sum for each channel."""
    return reduce_to(a, (a.shape[-3], 1, 1)).reshape(a.shape[-3])


_channel_normalize.defvjp(_forward, _backward)
