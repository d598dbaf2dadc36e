"""Gated GELU. Derivation: crosscheck/catalog/activations/geglu.py."""

from inspect import unwrap

from jax import Array

from jaxlayers.activations.gelu import _first_exact, _second_exact, gelu
from jaxlayers.checks import arrays
from jaxlayers.gated import gated


def _exact(a: Array) -> Array:
    return unwrap(gelu)(a, "none")


_product = gated(_exact, _first_exact, _second_exact)


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
