"""Gated SiLU. Derivation: crosscheck/catalog/activations/swiglu.py."""

from torch import Tensor

from torchlayers.activations.silu import silu
from torchlayers.checks import arrays
from torchlayers.elementwise import formulas
from torchlayers.gated import gated

_product = gated(*formulas(silu))


def swiglu(a: Tensor, b: Tensor) -> Tensor:
    """Sigmoid linear unit of one tensor times another.

        silu(a) b

    Args:
        a: (...), the gate.
        b: (...), the same shape.

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes differ.

    Reference: Shazeer 2020, https://arxiv.org/abs/2002.05202
    """
    return _product(*arrays("swiglu", a=(a, "..."), b=(b, "...")))
