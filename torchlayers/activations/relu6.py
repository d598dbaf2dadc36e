"""ReLU6. Derivation: crosscheck/catalog/activations/relu6.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise, kernel, pulled


@pulled
def _first(g: Tensor, x: Tensor) -> Tensor:
    return torch.ops.aten.hardtanh_backward(g, x, 0, 6)


def _second(x: Tensor) -> Tensor:
    return torch.zeros_like(x)


@elementwise(_first, _second)
@kernel
def relu6(x: Tensor) -> Tensor:
    """Rectified linear unit that saturates at 6.

        min(max(x, 0), 6)

    The slope at 0 and at 6 is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10.
    """
    return x.clamp(0, 6)
