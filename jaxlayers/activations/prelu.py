"""ReLU with a learned slope. Derivation: crosscheck/catalog/activations/prelu.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.axes import reduce_to, same_dtype
from jaxlayers.dtypes import widen


def prelu(x: Array, slope: Array) -> Array:
    """Rectified linear unit with a learned slope below 0.

        x if x > 0, slope x if x <= 0

    At 0 the derivatives are those of the side x <= 0.

    Args:
        x: (...), or (n, c, ...) where each channel has a slope of its own.
        slope: () or (1), one for all, or (c), one for each index of axis 1.

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: slope has another shape.

    Reference: He et al. 2015, https://arxiv.org/abs/1502.01852
    """
    x, slope = same_dtype("prelu", x=x, slope=slope)
    return _prelu(x, slope, _shape(x.shape, slope.shape))


def _shape(x: tuple[int, ...], slope: tuple[int, ...]) -> tuple[int, ...]:
    """The shape in which slope broadcasts along axis 1 of x."""
    if slope in ((), (1,)):
        return ()
    if len(slope) == 1 and x[1:2] == slope:
        return (*slope, *(1 for _ in x[2:]))
    raise ValueError(
        f"prelu: expected slope of shape () or (1), or (c) with x (n, c, ...), got slope {slope}, "
        f"x {x}; give one slope for all, or one for each index of axis 1"
    )


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _prelu(x: Array, slope: Array, shape: tuple[int, ...]) -> Array:
    s = widen(slope).reshape(shape)
    return jnp.where(x > 0, widen(x), s * widen(x)).astype(x.dtype)


def _forward(x: Array, slope: Array, shape: tuple[int, ...]) -> tuple[Array, tuple[Array, Array]]:
    s = widen(slope).reshape(shape)
    return jnp.where(x > 0, widen(x), s * widen(x)).astype(x.dtype), (x, slope)


def _backward(shape: tuple[int, ...], kept: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, slope = kept
    dx = jnp.where(x > 0, widen(g), widen(slope).reshape(shape) * widen(g))
    ds = jnp.where(x > 0, 0, widen(g) * widen(x))
    return dx.astype(x.dtype), reduce_to(ds, shape).reshape(slope.shape).astype(slope.dtype)


_prelu.defvjp(_forward, _backward)
