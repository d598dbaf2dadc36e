"""Hard tanh. Derivation: crosscheck/catalog/activations/hard_tanh.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise, kernel, pulled


@pulled
def _first(g: Tensor, x: Tensor) -> Tensor:
    return torch.ops.aten.hardtanh_backward(g, x, -1, 1)


def _second(x: Tensor) -> Tensor:
    return torch.zeros_like(x)


@elementwise(_first, _second)
@kernel
def hard_tanh(x: Tensor) -> Tensor:
    """Identity that saturates at -1 and 1.

        min(max(x, -1), 1)

    The slope at -1 and at 1 is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Collobert 2004, Large scale machine learning.
    """
    return x.clamp(-1, 1)
