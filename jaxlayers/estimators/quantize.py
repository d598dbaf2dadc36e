"""Quantization. Derivation: crosscheck/catalog/estimators/quantize.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.axes import broadcast, reduce_to
from jaxlayers.checks import integer
from jaxlayers.dtypes import widen


def quantize(x: Array, scale: Array, bits: int = 8) -> Array:
    """Rounded to a multiple of scale that so many bits can count, with a straight-through gradient.

        scale clip(round(x / scale), -2^(bits - 1), 2^(bits - 1) - 1)

    The gradient is that of clip(x, -2^(bits - 1) scale, (2^(bits - 1) - 1) scale): within the range
    it passes to x, beyond it to the scale, times the multiple.

    Args:
        x: (...)
        scale: of a shape that broadcasts with x's, as () or (channels,); above 0.
        bits: an int from 2 to 16.

    Raises:
        TypeError: x and scale are not floating-point arrays of one dtype, or bits not an int.
        ValueError: the shapes do not broadcast, or bits is out of range.

    Reference: Choi et al. 2018, https://arxiv.org/abs/1805.06085
    """
    x, scale = broadcast("quantize", x=x, scale=scale)
    return _quantize(x, scale, _range(bits))


def _range(bits: int) -> tuple[int, int]:
    bits = integer("quantize", "bits", bits)
    if not 2 <= bits <= 16:
        raise ValueError(
            f"quantize: expected the setting bits to be from 2 to 16, got {bits}; pass 8"
        )
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _value(x: Array, scale: Array, ends: tuple[int, int]) -> Array:
    wide = widen(scale)
    return (jnp.clip(jnp.round(_over(widen(x), wide)), *ends) * wide).astype(x.dtype)


def _over(x: Array, scale: Array) -> Array:
    """x / scale, rounded once, so that ties are ties, as 45.5 / 7 is.

    XLA divides by what it sees to be repeated by way of 1 / scale, two roundings: here it does not
    see that, also where vmap repeats it for all x.
    """
    return x / jax.lax.optimization_barrier(jnp.where(x > 0, scale, scale))


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _quantize(x: Array, scale: Array, ends: tuple[int, int]) -> Array:
    return _value(x, scale, ends)


def _forward(x: Array, scale: Array, ends: tuple[int, int]) -> tuple[Array, tuple[Array, Array]]:
    return _value(x, scale, ends), (x, scale)


def _backward(ends: tuple[int, int], kept: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, scale = kept
    low, high = ends
    below, above = widen(x) < low * widen(scale), widen(x) > high * widen(scale)
    dx = jnp.where(below | above, 0, widen(g))
    d_scale = jnp.where(below, low, jnp.where(above, high, 0)) * widen(g)
    return reduce_to(dx, x.shape).astype(x.dtype), reduce_to(d_scale, scale.shape).astype(x.dtype)


_quantize.defvjp(_forward, _backward)
