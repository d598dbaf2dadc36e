"""Softsign. Derivation: crosscheck/catalog/activations/softsign.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise


def _inverse(x: Tensor) -> Tensor:
    return 1 / (1 + x.abs())


def _first(x: Tensor) -> Tensor:
    return _inverse(x).square()


def _second(x: Tensor) -> Tensor:
    r = _inverse(x)
    return -2 * x.sign() * r * (r * r)


@elementwise(_first, _second)
def softsign(x: Tensor) -> Tensor:
    """Sign that is smooth but for its second derivative at 0.

        x / (1 + |x|)

    At 0 the second derivative is 0; beside it, it is 2 and -2.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Bergstra et al. 2009, Quadratic polynomials learn better image features.
    """
    largest = torch.finfo(x.dtype).max
    x = x.clamp(-largest, largest)  # inf / inf would be NaN
    return x / (1 + x.abs())
