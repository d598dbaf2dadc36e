"""Sixteen-bit tensors are computed with in float32, and the result is rounded once."""

import torch
from torch import Tensor


def widen(x: Tensor) -> Tensor:
    """`x` in the type to compute in: float32 for float16 and bfloat16, else its own."""
    return x.to(torch.float32) if x.dtype.itemsize == 2 else x
