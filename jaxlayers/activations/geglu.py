"""Gated GELU. Derivation: crosscheck/catalog/activations/geglu.py."""

from jax import Array

from jaxlayers.activations.gelu import gelu
from jaxlayers.checks import arrays
from jaxlayers.elementwise import formulas
from jaxlayers.gated import gated

_product = gated(*formulas(gelu, "none"))


def geglu(a: Array, b: Array) -> Array:
    """Gaussian error linear unit of one array times another.

        a Φ(a) b

    Args:
        a: (...), the gate.
        b: (...), the same shape.

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes differ.

    Reference: Shazeer 2020, https://arxiv.org/abs/2002.05202
    """
    return _product(*arrays("geglu", a=(a, "..."), b=(b, "...")))
