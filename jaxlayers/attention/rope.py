"""Rotary position embedding. Derivation: crosscheck/catalog/attention/rope.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import array, number
from jaxlayers.dtypes import widen
from jaxlayers.indices import whole
from jaxlayers.turns import turned


def rope(x: Array, positions: Array, base: float = 10000.0) -> Array:
    """Rotary position embedding: pairs of features, turned by angles that grow with the position.

        x[i] cos a - x[i + d/2] sin a,  x[i + d/2] cos a + x[i] sin a;  a = position · base^(-2i/d)

    A pair has one feature from each half of the last axis, as in GPT-NeoX and Llama, not two
    neighbours as in the original paper. Angles are exact to the last bits up to position 2²³
    (with a base below 10¹²); beyond, and below -2²³, the result is NaN.

    Args:
        x: (..., d), d even.
        positions: whole numbers of a shape that broadcasts to x's without its last axis, as in (t)
            for x (..., t, d).
        base: a number, at least 1.

    Raises:
        TypeError: x is not a floating-point array, positions not one of whole numbers, or base not
            a Python number.
        ValueError: d is odd, positions do not broadcast, or base is below 1.

    Reference: Su et al. 2021, https://arxiv.org/abs/2104.09864
    """
    x, positions = array("rope", "x", x), whole("rope", "positions", positions)
    base = number("rope", "base", base)
    if base < 1:
        raise ValueError(
            f"rope: expected the setting base to be at least 1, got {base}; pass 10000"
        )
    _fit(x.shape, positions.shape)
    return _rope(x, positions, base)


def _fit(x: tuple[int, ...], positions: tuple[int, ...]) -> None:
    if not x or x[-1] % 2:
        raise ValueError(
            f"rope: expected x (..., d) with d even, got x {x}; features are turned in pairs"
        )
    pairs = zip(positions[::-1], x[-2::-1], strict=False)
    if len(positions) >= len(x) or any(n not in (1, length) for n, length in pairs):
        raise ValueError(
            f"rope: expected positions that broadcast to x without its last axis, got positions "
            f"{positions}, x {x}; reshape them so that lengths, counted from the last, are equal "
            "or 1"
        )


def _rotated(x: Array, positions: Array, base: float, way: int) -> Array:
    """x turned forward (1) or back (-1)."""
    a, b = jnp.split(widen(x), 2, -1)
    cos, sin = turned(positions, base, a.shape[-1], a.dtype)
    return jnp.concatenate([a * cos - b * (way * sin), b * cos + a * (way * sin)], -1).astype(
        x.dtype
    )


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _rope(x: Array, positions: Array, base: float) -> Array:
    return _rotated(x, positions, base, 1)


def _forward(x: Array, positions: Array, base: float) -> tuple[Array, Array]:
    return _rotated(x, positions, base, 1), positions


def _backward(base: float, positions: Array, g: Array) -> tuple[Array, None]:
    dx = _rotated(g, positions, base, -1)
    return dx, None


_rope.defvjp(_forward, _backward)
