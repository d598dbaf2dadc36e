"""The normal distribution: its tail divided by its fall, S(a) = exp(a²/2) Φ(-a) for a >= 0.

(1 + a) S(a) is a polynomial in v = a / (a + C): within 2.4e-9 of degree 12, for float32, and
within 1.8e-16 of degree 26, for float64 (relative). It is nearly constant, so that the rounding of
v matters little, near 0 not at all. `python -m crosscheck.fitting.normal_tail` prints them.

Near 0, Φ itself by its series: Φ(x) = 1/2 + x Σ (-x²/2)^k / (k! (2k + 1)) / √(2π).
"""

import math

import jax
import jax.numpy as jnp
from jax import Array

CENTRE = 3.5
DENSITY = 0.3989422804014327  # 1/√(2π)
# The same in two parts, the first of 24 bits: its rounding alone would cost half a rounding.
HIGH = 0.3989422917366028
LOW = -1.133517010526318e-08
NEAR = 1.25
TERMS = {4: 10, 8: 17}  # of the series of Φ up to NEAR, by the bytes of a number
# Highest power first.
SINGLE = (
    0.009201317268498432, -0.09868534229966795, 0.3645308712526014, -0.6195993881377488,
    0.47582831109498963, -0.16821730883428418, 0.28802556658450407, -0.3155459726790796,
    -0.6409378359109313, 1.7214650256729327, -1.4708246916254482, 0.3537017262867123,
    0.5000000008663333,
)  # fmt: skip
DOUBLE = (
    -0.0073757296333864875, 0.07847595770931379, -0.3761959256873073, 1.0653410068754776,
    -1.9479911143145703, 2.3000871775089053, -1.4553583802347714, -0.36895286657565424,
    2.113704553984608, -2.8361596384935033, 2.4663829159016304, -1.5951391867331755,
    0.7946575422508855, -0.313841214100724, 0.11194688183407975, -0.013276213949385536,
    -0.007527023806518316, -0.05083052355312682, -0.02755911272609804, 0.11621917213634649,
    0.1824753800496411, -0.28997241334735097, -0.6448461249698302, 1.7218160580033235,
    -1.470840916322361, 0.3537020185949848, 0.5,
)  # fmt: skip


# Compiled, they are one call also in eager mode, and a fused multiply-add spares a rounding.


@jax.jit
def polynomial(a: Array) -> Array:
    """(1 + a) S(a)."""
    v = a / (a + CENTRE)
    y = jnp.zeros_like(v)
    for c in DOUBLE if v.dtype.itemsize == 8 else SINGLE:
        y = y * v + c
    return y


@jax.jit
def slope(a: Array) -> Array:
    """exp(a²/2) times the derivative of a Φ(-a): S(a) - a/√(2π)."""
    return (polynomial(a) / (1 + a) - LOW * a) - HIGH * a


@jax.jit
def times_near(x: Array) -> Array:
    """x Φ(x), where |x| <= NEAR; within 2.1 roundings."""
    m = jnp.clip(x, -NEAR, NEAR)
    w, y = m * m, jnp.zeros_like(m)
    for k in range(TERMS[m.dtype.itemsize], 0, -1):
        y = w * (DENSITY / (math.factorial(k) * (2 * k + 1) * (-2) ** k) + y)
    return m * ((0.5 + HIGH * m) + m * (LOW + y))
