"""What smooth activations share: a choice by sign, a symmetry, and what torch.compile gets wrong.

They call kernels that choose by sign: eager torch.where takes up to 30 times as long.
"""

import math

import torch
from torch import Tensor

from torchlayers.elementwise import constant

TERMS = {4: 10, 8: 18}  # of the series of exp, below 0.7, by the bytes of a number


def by_sign(x: Tensor, below: Tensor, above: Tensor) -> Tensor:
    """`below` where x <= 0, else `above`; both finite. With weights 0 and 1 lerp is exact."""
    return torch.lerp(below, above, _step(x))


def reflect(n: Tensor, x: Tensor, g: Tensor | None = None, out: Tensor | None = None) -> Tensor:
    """g y'(x) where y'(x) = 1 - y'(-x), given n = g y'(-|x|); g is 1 unless given."""
    above = torch.ops.aten.threshold_backward(constant(x) if g is None else g, x, 0)
    return torch.sub(above, torch.ops.aten.leaky_relu_backward(n, x, -1, False), out=out)


def _step(x: Tensor) -> Tensor:
    """0 where x <= 0, else 1."""
    return torch.ops.aten.threshold_backward(constant(x), x, 0)


def expm1(m: Tensor) -> Tensor:
    """exp(m) - 1 for m <= 0, within 1.5 roundings, where it is compiled.

    torch.compile makes exp(m) - 1 of torch.expm1, which is 0 for small m (pytorch#189803). So: its
    series above -0.7; below, where exp(m) < 1/2, the subtraction loses nothing.
    """
    near = m.clamp(min=-0.7)
    series = torch.zeros_like(m)
    for k in range(TERMS[m.dtype.itemsize], 1, -1):
        series = near * (1 / math.factorial(k) + series)
    return torch.where(m < -0.7, torch.exp(m) - 1, near + near * series)
