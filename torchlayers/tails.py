"""What smooth activations share: a choice by sign, and a symmetry."""

import torch
from torch import Tensor


def by_sign(x: Tensor, below: Tensor, above: Tensor) -> Tensor:
    """`below` where x < 0, else `above`; both finite. At -0 it may be either.

    In eager mode torch.where takes several times as long; with weights 0 and 1 lerp is exact.
    """
    side = torch.copysign(torch.ones_like(x), x)
    return torch.lerp(below, above, side.clamp(min=0))


def reflect(n: Tensor, x: Tensor) -> Tensor:
    """A derivative with y'(x) = 1 - y'(-x), of which n is the value at -|x|."""
    return by_sign(x, n, 1 - n)
