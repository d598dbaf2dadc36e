"""Logarithm of the sigmoid. Derivation: crosscheck/catalog/activations/log_sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise


def _first(x: Tensor) -> Tensor:
    return torch.exp(-x.clamp(min=0)) / (1 + torch.exp(-x.abs()))


def _second(x: Tensor) -> Tensor:
    e = torch.exp(-x.abs())
    w = e / (1 + e)
    return -w * (1 - w)


@elementwise(_first, _second)
def log_sigmoid(x: Tensor) -> Tensor:
    """Logarithm of the logistic sigmoid, right to the last bits in both tails.

        -log(1 + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Dugas et al. 2000, Incorporating second-order functional knowledge for better option
    pricing (of -log_sigmoid(-x)).
    """
    return x.clamp(max=0) - torch.log1p(torch.exp(-x.abs()))
