"""Whole numbers as arguments: positions, and places in a table.

The same words as in `jaxlayers`; only types, dtypes and shapes are looked at, never values.
"""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import _kind, _name

WHOLE = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)
UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)  # torch can do little but convert them


def whole(layer: str, name: str, value: Any) -> Tensor:
    """An argument as a tensor of whole numbers, with a sign; those too large for it stay too large.

    Raises:
        TypeError: not a tensor, or not of an integer type.
    """
    wanted = f"{layer}: expected {name} to be a tensor of whole numbers, got"
    if not isinstance(value, Tensor):
        raise TypeError(f"{wanted} {_kind(value)}; convert it with torch.as_tensor({name})")
    if value.dtype not in WHOLE + UNSIGNED:
        raise TypeError(
            f"{wanted} {_name(value.dtype)}; convert it, for example with {name}.to(torch.int32)"
        )
    return _fitted(value) if value.dtype in UNSIGNED else value


def _fitted(x: Tensor) -> Tensor:
    """`x` in int64, at whose end numbers beyond it stay, which names nothing; torch wraps them."""
    x = x.to(torch.int64)
    return x.masked_fill(x < 0, torch.iinfo(torch.int64).max)


def bounded(n: int, dtype: torch.dtype) -> int:
    """The number nearest to `n` that the type holds."""
    ends = torch.iinfo(dtype)
    return max(ends.min, min(n, ends.max))


def wide(x: Tensor) -> Tensor:
    """`x` with a sign and in 32 bits at least, as what it is compared with may need."""
    return x.to(torch.int32) if x.dtype.itemsize < 4 else x
