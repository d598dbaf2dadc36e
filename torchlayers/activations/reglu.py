"""Gated ReLU. Derivation: crosscheck/catalog/activations/reglu.py."""

import torch
from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.elementwise import constant
from torchlayers.gated import gated


def _relu(a: Tensor) -> Tensor:
    return a.clamp(min=0)


def _first(a: Tensor) -> Tensor:
    return torch.ops.aten.threshold_backward(constant(a), a, 0)


_product = gated(_relu, _first, torch.zeros_like)


def reglu(a: Tensor, b: Tensor) -> Tensor:
    """Rectified linear unit of one tensor times another.

        relu(a) b

    At a = 0 all derivatives are those of the side a <= 0: 0.

    Args:
        a: (...), the gate.
        b: (...), the same shape.

    Raises:
        TypeError: an argument is not a floating-point tensor, or they differ in dtype.
        ValueError: the shapes differ.

    Reference: Shazeer 2020, https://arxiv.org/abs/2002.05202
    """
    return _product(*arrays("reglu", a=(a, "..."), b=(b, "...")))
