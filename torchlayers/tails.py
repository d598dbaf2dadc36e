"""What smooth activations share: exp(m) - 1, and a symmetry."""

import torch
from torch import Tensor


def reflect(n: Tensor, x: Tensor) -> Tensor:
    """A derivative with y'(x) = 1 - y'(-x), of which n is the value at -|x|."""
    side = torch.copysign(torch.ones_like(n), x)  # eager torch.where is slow
    return side.clamp(min=0) - side * n
