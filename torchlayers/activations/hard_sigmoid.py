"""Hard sigmoid. Derivation: crosscheck/catalog/activations/hard_sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise, ones


def _first(x: Tensor) -> Tensor:
    return torch.ops.aten.hardsigmoid_backward(ones(x), x)


def _second(x: Tensor) -> Tensor:
    return torch.zeros_like(x)


@elementwise(_first, _second)
def hard_sigmoid(x: Tensor) -> Tensor:
    """Straight line from 0 to 1 in place of a sigmoid.

        min(max(x + 3, 0), 6) / 6

    The slope at -3 and at 3 is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Howard et al. 2019, https://arxiv.org/abs/1905.02244
    """
    return torch.nn.functional.hardsigmoid(x)
