"""Hard sigmoid. Derivation: crosscheck/catalog/activations/hard_sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import constant, elementwise


def _first(x: Tensor) -> Tensor:
    # ATen's own hardsigmoid_backward has 1/6 in float32 alone.
    return torch.ops.aten.hardtanh_backward(constant(x, 1 / 6), x, -3, 3)


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
