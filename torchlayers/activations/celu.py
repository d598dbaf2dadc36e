"""Continuously differentiable ELU. Derivation: crosscheck/catalog/activations/celu.py."""

import torch
from torch import Tensor

from torchlayers.activations.elu import _expm1, _negative_part
from torchlayers.checks import positive
from torchlayers.elementwise import elementwise


def _first(x: Tensor, alpha: float) -> Tensor:
    return torch.exp(_negative_part(x) / alpha)


def _second(x: Tensor, alpha: float) -> Tensor:
    return (x > 0).logical_not() * (_first(x, alpha) / alpha)


@elementwise(_first, _second, alpha=positive)
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Continuously differentiable exponential linear unit.

        x if x > 0, alpha (exp(x / alpha) - 1) if x <= 0

    At 0 all derivatives are those of the side x <= 0: 1, 1 / alpha, and so on.

    Args:
        x: (...)
        alpha: a positive number; the value falls to -alpha as x falls.

    Raises:
        TypeError: x is not a floating-point tensor, or alpha not a Python number.
        ValueError: alpha is not positive and finite.

    Reference: Barron 2017, https://arxiv.org/abs/1704.07483
    """
    return x.clamp(min=0) + alpha * _expm1(_negative_part(x) / alpha)
