"""Exponential linear unit. Derivation: crosscheck/catalog/activations/elu.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise, kernel, pulled
from torchlayers.tails import expm1


def _negative_part(x: Tensor) -> Tensor:
    return x.clamp(max=0)  # slope 1 at 0, which is on the side x <= 0


@pulled
def _first(g: Tensor, x: Tensor, alpha: float) -> Tensor:
    return torch.ops.aten.elu_backward(g, alpha, 1, 1, False, x)


def _second(x: Tensor, alpha: float) -> Tensor:
    # A mask, as torch.where is several times slower in eager mode.
    return (x > 0).logical_not() * (alpha * torch.exp(_negative_part(x)))


@elementwise(_first, _second)
@kernel
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit.

        x if x > 0, alpha (exp(x) - 1) if x <= 0

    At 0 all derivatives are those of the side x <= 0: alpha, alpha, and so on.

    Args:
        x: (...)
        alpha: a finite number; the value falls to -alpha as x falls.

    Raises:
        TypeError: x is not a floating-point tensor, or alpha not a Python number.
        ValueError: alpha is not finite.

    Reference: Clevert et al. 2016, https://arxiv.org/abs/1511.07289
    """
    if torch.compiler.is_compiling():
        return x.clamp(min=0) + alpha * expm1(_negative_part(x))
    return torch.nn.functional.elu(x, alpha)
