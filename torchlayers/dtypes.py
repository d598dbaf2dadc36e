"""Sixteen bits are computed with in float32 and rounded once; scales are divided by exactly."""

import torch
from torch import Tensor


def widen(x: Tensor) -> Tensor:
    """`x` in the type to compute in: float32 for float16 and bfloat16, else its own."""
    return x.to(torch.float32) if x.dtype.itemsize == 2 else x


def divisor(s: Tensor) -> Tensor:
    """The power of two next below a scale, which to divide by rounds nothing."""
    return s / (2 * torch.frexp(s).mantissa)
