"""Exponential linear unit. Derivation: crosscheck/catalog/activations/elu.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise


def _negative_part(x: Tensor) -> Tensor:
    return x.clamp(max=0)  # slope 1 at 0, which is on the side x <= 0


def _expm1(m: Tensor) -> Tensor:
    # torch.compile makes exp(m) - 1 of torch.expm1, which is 0 for small m (pytorch#189803).
    return torch.tanh(m / 2) * (torch.exp(m) + 1)


# Masks and clamps in place of torch.where, which is several times slower in eager mode.


def _first(x: Tensor, alpha: float) -> Tensor:
    return (x > 0) + (x > 0).logical_not() * (alpha * torch.exp(_negative_part(x)))


def _second(x: Tensor, alpha: float) -> Tensor:
    return (x > 0).logical_not() * (alpha * torch.exp(_negative_part(x)))


@elementwise(_first, _second)
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
    return x.clamp(min=0) + alpha * _expm1(_negative_part(x))
