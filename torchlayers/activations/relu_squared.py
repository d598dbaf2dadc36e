"""Squared ReLU. Derivation: crosscheck/catalog/activations/relu_squared.py."""

from torch import Tensor

from torchlayers.elementwise import elementwise


def _first(x: Tensor) -> Tensor:
    return 2 * x.clamp(min=0)


def _second(x: Tensor) -> Tensor:
    return 2 * (x > 0).to(x.dtype)


@elementwise(_first, _second)
def relu_squared(x: Tensor) -> Tensor:
    """Square of the rectified linear unit.

        x² if x > 0, 0 if x <= 0

    At 0 the second derivative is that of the side x <= 0: 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: So et al. 2021, https://arxiv.org/abs/2109.08668
    """
    return x.clamp(min=0).square()
