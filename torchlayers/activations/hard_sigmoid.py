"""Hard sigmoid. Derivation: crosscheck/catalog/activations/hard_sigmoid.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise, kernel, pulled


@pulled
def _first(g: Tensor, x: Tensor) -> Tensor:
    if x.dtype == torch.float64:  # in which ATen's own hardsigmoid_backward has a 1/6 of float32
        return torch.ops.aten.hardtanh_backward(g, x, -3, 3) / 6
    return torch.ops.aten.hardsigmoid_backward(g, x)


def _second(x: Tensor) -> Tensor:
    return torch.zeros_like(x)


@elementwise(_first, _second)
@kernel
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
