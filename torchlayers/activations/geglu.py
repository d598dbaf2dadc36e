"""Gated GELU. Derivation: crosscheck/catalog/activations/geglu.py."""

from torch import Tensor

from torchlayers.activations.gelu import gelu
from torchlayers.checks import arrays
from torchlayers.elementwise import formulas
from torchlayers.gated import gated

_product = gated(*formulas(gelu, "none"))


def geglu(a: Tensor, b: Tensor) -> Tensor:
    """Gaussian error linear unit of one tensor times another.

        a Φ(a) b

    Args:
        a: (...), the gate.
        b: (...), the same shape.

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes differ.

    Reference: Shazeer 2020, https://arxiv.org/abs/2002.05202
    """
    return _product(*arrays("geglu", a=(a, "..."), b=(b, "...")))
