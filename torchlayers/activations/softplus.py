"""Softplus. Derivation: crosscheck/catalog/activations/softplus.py."""

import torch
from torch import Tensor

from torchlayers.checks import positive
from torchlayers.elementwise import constant, elementwise, kernel

FAR = 44.0  # beyond, y = x to the last bit, in float64 too; torch's own 20 is too near for that


def _first(x: Tensor, beta: float) -> Tensor:
    # Not of the cotangent itself: it multiplies that by exp(beta x) first, which may overflow.
    return torch.ops.aten.softplus_backward(constant(x), x, beta, FAR)


def _second(x: Tensor, beta: float) -> Tensor:
    e = torch.exp(-(beta * x).abs())
    w = e / (1 + e)
    return beta * w * (1 - w)


@elementwise(_first, _second, beta=positive)
@kernel
def softplus(x: Tensor, beta: float = 1.0) -> Tensor:
    """Softplus, a smooth maximum of x and 0, right to the last bits in both tails.

        log(1 + exp(beta x)) / beta

    Args:
        x: (...)
        beta: a positive number, the sharpness of the bend at 0.

    Raises:
        TypeError: x is not a floating-point tensor, or beta not a Python number.
        ValueError: beta is not positive and finite.

    Reference: Dugas et al. 2000, Incorporating second-order functional knowledge for better option
    pricing.
    """
    return torch.nn.functional.softplus(x, beta, FAR)
