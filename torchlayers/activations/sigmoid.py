"""Sigmoid. Derivation: crosscheck/catalog/activations/sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.blocks import in_blocks, into
from torchlayers.elementwise import elementwise, kernel, pulled


@pulled
@in_blocks
def _first(g: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    return into(out, torch.ops.aten.sigmoid_backward, g, torch.sigmoid(-x.abs()))


def _second(x: Tensor) -> Tensor:
    return -_first(x) * torch.tanh(x / 2)


@elementwise(_first, _second)
@kernel
def sigmoid(x: Tensor) -> Tensor:
    """Logistic sigmoid, right to the last bits in both tails.

        1 / (1 + exp(-x))

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Verhulst 1845, Recherches mathématiques sur la loi d'accroissement de la population.
    """
    return torch.sigmoid(x)
