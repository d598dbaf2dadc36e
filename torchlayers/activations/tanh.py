"""Hyperbolic tangent. Derivation: crosscheck/catalog/activations/tanh.py."""

import torch
from torch import Tensor

from torchlayers.blocks import above, in_blocks
from torchlayers.elementwise import elementwise, kernel, pulled

FAR = -87.0  # below, torch's sigmoid loses bits, where exp(-x) is about to overflow


@pulled
@in_blocks
def _first(g: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    w = above(x.abs() * -2, FAR, torch.sigmoid, torch.exp)
    return torch.mul(torch.ops.aten.sigmoid_backward(g, w), 4, out=out)


def _second(x: Tensor) -> Tensor:
    return -2 * _first(x) * torch.tanh(x)


@elementwise(_first, _second)
@kernel
def tanh(x: Tensor) -> Tensor:
    """Hyperbolic tangent, whose derivatives are right to the last bits in both tails.

        (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: LeCun et al. 1998, Efficient BackProp, section 4.4.
    """
    return torch.tanh(x)
