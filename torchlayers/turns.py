"""Angles that are whole multiples of given ones: their cosines and sines, right to the last bits.

At position 10⁶ the product of position and frequency has 20 bits before the point, and float32 is
left with 4 behind it. Here an angle is a fraction of a turn in whole numbers, whose product with a
position is exact, and whole turns drop out of it.
"""

import math
from decimal import Decimal, localcontext
from functools import cache

import torch
from torch import Tensor

TURN = Decimal("6.2831853071795864769252867665590057683943387987502116419498891846156")
LARGEST = 2**23  # position, as in `jaxlayers`, which has but 32 bits to compute in
BITS = 32  # a digit


def turned(positions: Tensor, base: float, count: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """cos and sin of position · base^(-i / count) for each i < count, along a new last axis.

    NaN where a position is beyond 2²³.
    """
    p = positions.to(torch.int64).unsqueeze(-1)
    product, carry = [], torch.zeros_like(p)
    for digits in _frequencies(base, count, 4 if dtype == torch.float64 else 2):
        value = p * torch.tensor(digits, dtype=p.dtype, device=p.device) + carry
        carry = (value + 2 ** (BITS - 1)) >> BITS
        product.append(value - (carry << BITS))
    quarters = (product[-1] + 2 ** (BITS - 3)) >> (BITS - 2)
    product[-1] = product[-1] - (quarters << (BITS - 2))
    # Digits of both signs: a sum of them is as good as its first one that is not 0.
    part = torch.zeros_like(p, dtype=dtype)  # of a turn, an eighth at most
    for digit in product:
        part = (part + digit.to(dtype)) * 2.0**-BITS
    cos, sin = _by_quarters(part * (2 * math.pi), quarters)
    beyond = (p < -LARGEST) | (p > LARGEST)  # the smallest number has no absolute value
    return cos.masked_fill(beyond, math.nan), sin.masked_fill(beyond, math.nan)


def _by_quarters(angle: Tensor, quarters: Tensor) -> tuple[Tensor, Tensor]:
    cos, sin = angle.cos(), angle.sin()
    odd, sign = quarters & 1 != 0, (1 - (quarters & 2)).to(angle.dtype)
    return sign * torch.where(odd, -sin, cos), sign * torch.where(odd, cos, sin)


def _frequencies(base: float, count: int, length: int) -> tuple[list[int], ...]:
    """Fractions of a turn, in digits from -2³¹ to 2³¹ - 1, the lowest first."""
    return _digits(base, count, length)  # a cache itself would be traced through


# A constant to torch.compile; its public decorator imports the whole compiler.
_frequencies._dynamo_marked_constant = True  # type: ignore[attr-defined]


@cache
def _digits(base: float, count: int, length: int) -> tuple[list[int], ...]:
    with localcontext(prec=80):
        log = Decimal(base).ln()
        fractions = [(-log * i / count).exp() / TURN for i in range(count)]
        whole = [int((f * 2 ** (BITS * length)).to_integral_value()) for f in fractions]
    rows = []
    for _ in range(length):
        digits = [(n + 2 ** (BITS - 1)) % 2**BITS - 2 ** (BITS - 1) for n in whole]
        whole = [(n - digit) >> BITS for n, digit in zip(whole, digits, strict=True)]
        rows.append(digits)
    return tuple(rows)
