"""Sigmoid. Derivation: crosscheck/catalog/activations/sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise


def _first(x: Tensor) -> Tensor:
    e = torch.exp(-x.abs())
    w = e / (1 + e)
    return w * (1 - w)


def _second(x: Tensor) -> Tensor:
    return -_first(x) * torch.tanh(x / 2)


@elementwise(_first, _second)
def sigmoid(x: Tensor) -> Tensor:
    """Logistic sigmoid, right to the last bits in both tails.

        1 / (1 + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Verhulst 1845, Recherches mathématiques sur la loi d'accroissement de la population.
    """
    r = 1 / (1 + torch.exp(-x.abs()))
    return torch.exp(x.clamp(max=0)) * r  # exp(x) r below 0, r above; eager torch.where is slow
