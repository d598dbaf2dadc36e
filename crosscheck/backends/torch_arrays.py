"""Arrays on their way to PyTorch and back: as copies, laid out in memory as a case wants them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def tensor(array: np.ndarray) -> Tensor:
    """A copy: a layer may write into it."""
    if array.dtype.name == "bfloat16":  # which the two exchange only as bits
        return torch.tensor(array.view(np.int16)).view(torch.bfloat16)
    return torch.tensor(array)


def array(tensor: Tensor) -> np.ndarray:
    """The numbers of a tensor, wherever it is."""
    if tensor._is_zerotensor():  # has no storage: torch 2.13 crashes on one at an offset
        tensor = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if tensor.dtype is torch.bfloat16:
        return tensor.detach().contiguous().view(torch.int16).numpy(force=True).view("bfloat16")
    return tensor.numpy(force=True)


def laid_out(t: Tensor, layout: str) -> Tensor:
    """The same numbers, otherwise in memory: strided, transposed or expanded."""
    if not t.ndim or not t.numel():
        return t
    if layout == "strided":
        return torch.stack([torch.zeros_like(t), t], -1).flatten(-2)[..., 1::2]
    if layout == "transposed" and t.ndim > 1:
        return t.transpose(-1, -2).contiguous().transpose(-1, -2)
    return _expanded(t) if layout == "expanded" else t


def _expanded(t: Tensor) -> Tensor:
    """Stride 0 along each axis where nothing changes."""
    for axis in range(t.ndim):
        first = t.narrow(axis, 0, 1)
        if torch.equal(first.expand_as(t), t):
            t = first.expand_as(t)
    return t
