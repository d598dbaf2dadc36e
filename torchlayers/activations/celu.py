"""Continuously differentiable ELU. Derivation: crosscheck/catalog/activations/celu.py."""

import torch
from torch import Tensor

from torchlayers.activations.elu import _negative_part
from torchlayers.checks import positive
from torchlayers.elementwise import elementwise, kernel, pulled
from torchlayers.tails import expm1


@pulled
def _first(g: Tensor, x: Tensor, alpha: float) -> Tensor:
    return torch.ops.aten.elu_backward(g, alpha, 1, 1 / alpha, False, x)


def _second(x: Tensor, alpha: float) -> Tensor:
    return (x > 0).logical_not() * (torch.exp(_negative_part(x) / alpha) / alpha)


@elementwise(_first, _second, alpha=positive)
@kernel
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
    if torch.compiler.is_compiling():
        return x.clamp(min=0) + alpha * expm1(_negative_part(x) / alpha)
    return torch.nn.functional.celu(x, alpha)
