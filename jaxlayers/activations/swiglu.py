"""Gated SiLU. Derivation: crosscheck/catalog/activations/swiglu.py."""

from jax import Array

from jaxlayers.activations.silu import silu
from jaxlayers.checks import arrays
from jaxlayers.elementwise import formulas
from jaxlayers.gated import gated

_product = gated(*formulas(silu))


def swiglu(a: Array, b: Array) -> Array:
    """Sigmoid linear unit of one array times another.

        silu(a) b

    Args:
        a: (...), the gate.
        b: (...), the same shape.

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes differ.

    Reference: Shazeer 2020, https://arxiv.org/abs/2002.05202
    """
    return _product(*arrays("swiglu", a=(a, "..."), b=(b, "...")))
