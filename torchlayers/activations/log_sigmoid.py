"""Logarithm of the sigmoid. Derivation: crosscheck/catalog/activations/log_sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.activations.softplus import FAR
from torchlayers.elementwise import constant, elementwise, kernel


def _first(x: Tensor) -> Tensor:
    return torch.ops.aten.softplus_backward(constant(x), -x, 1, FAR)


def _second(x: Tensor) -> Tensor:
    e = torch.exp(-x.abs())
    w = e / (1 + e)
    return -w * (1 - w)


@elementwise(_first, _second)
@kernel
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
    return torch.nn.functional.logsigmoid(x)
