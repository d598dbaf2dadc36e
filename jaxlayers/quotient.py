"""Quotients whose second derivatives hold for small divisors.

JAX takes the derivative of a / b along b as -a times b⁻², which is infinite for b below 1e-19 in
float32, and NaN where it meets a 0. PyTorch divides twice.
"""

from typing import Any

import jax
from jax import Array


@jax.custom_jvp
def quotient(a: Array, b: Array) -> Array:
    """a / b, for arrays that broadcast against each other."""
    return a / b


@quotient.defjvp
def _(ab: Any, tangents: Any) -> tuple[Array, Array]:
    (a, b), (ta, tb) = ab, tangents
    return quotient(a, b), quotient(ta - a * quotient(tb, b), b)
