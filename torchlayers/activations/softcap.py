"""Soft cap. Derivation: crosscheck/catalog/activations/softcap.py."""

import torch
from torch import Tensor

from torchlayers.checks import positive
from torchlayers.elementwise import elementwise


def _first(x: Tensor, cap: float) -> Tensor:
    e = torch.exp((x / cap).abs() * -2)
    return 4 * e / (1 + e).square()


def _second(x: Tensor, cap: float) -> Tensor:
    return -2 * torch.tanh(x / cap) * _first(x, cap) / cap


@elementwise(_first, _second, cap=positive)
def softcap(x: Tensor, cap: float) -> Tensor:
    """Identity that saturates smoothly.

        cap tanh(x / cap)

    Args:
        x: (...)
        cap: a positive number, which the value stays within.

    Raises:
        TypeError: x is not a floating-point tensor, or cap not a Python number.
        ValueError: cap is not positive and finite.

    Reference: Gemma Team 2024, https://arxiv.org/abs/2408.00118
    """
    return cap * torch.tanh(x / cap)
