"""Angles that are whole multiples of given ones: their cosines and sines, right to the last bits.

At position 10⁶ the product of position and frequency has 20 bits before the point, and float32 is
left with 4 behind it. Here an angle is a fraction of a turn in whole numbers, whose product with a
position is exact, and whole turns drop out of it.
"""

import math
from decimal import Decimal, localcontext
from functools import cache

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.indices import wide, within

TURN = Decimal("6.2831853071795864769252867665590057683943387987502116419498891846156")
LARGEST = 2**23  # position, so that its product with a digit fits into 32 bits
BITS = 8  # a digit


def turned(positions: Array, base: float, count: int, dtype: np.dtype) -> tuple[Array, Array]:
    """cos and sin of position · base^(-i / count) for each i < count, along a new last axis.

    NaN where a position is beyond 2²³.
    """
    positions = wide(positions)[..., None]
    known = within(positions, -LARGEST, LARGEST + 1)
    p = jnp.where(known, positions, 0).astype(jnp.int32)
    product, carry = [], jnp.zeros_like(p)
    for digits in _frequencies(base, count, 16 if dtype == jnp.float64 else 8):
        value = p * digits + carry
        carry = (value + 2 ** (BITS - 1)) >> BITS
        product.append(value - (carry << BITS))
    quarters = (product[-1] + 2 ** (BITS - 3)) >> (BITS - 2)
    product[-1] = product[-1] - (quarters << (BITS - 2))
    # Digits of both signs: a sum of them is as good as its first one that is not 0.
    part = jnp.zeros(p.shape, dtype)  # of a turn, an eighth at most
    for digit in product:
        part = (part + digit.astype(dtype)) * 2.0**-BITS
    cos, sin = _by_quarters(part * (2 * math.pi), quarters)
    return jnp.where(known, cos, jnp.nan), jnp.where(known, sin, jnp.nan)


def _by_quarters(angle: Array, quarters: Array) -> tuple[Array, Array]:
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    odd, sign = quarters & 1 != 0, (1 - (quarters & 2)).astype(angle.dtype)
    return sign * jnp.where(odd, -sin, cos), sign * jnp.where(odd, cos, sin)


@cache
def _frequencies(base: float, count: int, length: int) -> tuple[np.ndarray, ...]:
    """Fractions of a turn, in digits from -2⁷ to 2⁷ - 1, the lowest first."""
    with localcontext(prec=80):
        log = Decimal(base).ln()
        fractions = [(-log * i / count).exp() / TURN for i in range(count)]
        whole = [int((f * 2 ** (BITS * length)).to_integral_value()) for f in fractions]
    rows = []
    for _ in range(length):
        digits = [(n + 2 ** (BITS - 1)) % 2**BITS - 2 ** (BITS - 1) for n in whole]
        whole = [(n - digit) >> BITS for n, digit in zip(whole, digits, strict=True)]
        rows.append(np.array(digits, np.int32))
    return tuple(rows)
