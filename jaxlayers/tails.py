"""What smooth activations share: exponentials that keep what XLA's lose, and a symmetry.

XLA flushes subnormal numbers to zero, so that x exp(x) written down is 0 below x = -87 in float32,
where it is still a normal number. Its expm1 and tanh are 5 units in the last place off near 0.
"""

import math

import jax.numpy as jnp
from jax import Array

FAR = 60.0  # exp(-60) is normal in every type; beside 1 it is nothing, in float64 too
TERMS = {4: 10, 8: 18}  # of the series of exp, below 0.7, by the bytes of a number


def magnitude(x: Array) -> Array:
    """|x|, with slope 1 at 0: autodiff of a formula must be right there too."""
    return jnp.where(x < 0, -x, x)


def decay(a: Array) -> tuple[Array, Array]:
    """exp(-a) for a >= 0 as a product of two numbers that are not flushed; the second is mostly 1.

    Multiply the first by what makes it large, then by the second.
    """
    return jnp.exp(-jnp.minimum(a, FAR)), jnp.exp(-jnp.maximum(a - FAR, 0))


def by_sign(x: Array, below: Array, above: Array) -> Array:
    """`below` where x < 0, else `above`."""
    return jnp.where(x < 0, below, above)


def reflect(n: Array, x: Array) -> Array:
    """A derivative with y'(x) = 1 - y'(-x), of which n is the value at -|x|."""
    return by_sign(x, n, 1 - n)


def expm1(m: Array) -> Array:
    """exp(m) - 1 for m <= 0, within 1.5 roundings.

    Its series above -0.7; below, where exp(m) < 1/2, the subtraction loses nothing.
    """
    near = jnp.maximum(m, -0.7)
    series = jnp.zeros_like(m)
    for k in range(TERMS[m.dtype.itemsize], 1, -1):
        series = near * (1 / math.factorial(k) + series)
    return jnp.where(m < -0.7, jnp.exp(m) - 1, near + near * series)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent, within 1.5 roundings."""
    m = expm1(-2 * magnitude(x))
    return jnp.where(x < 0, m, -m) / (2 + m)
