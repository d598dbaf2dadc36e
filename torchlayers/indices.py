"""Whole numbers as arguments: positions, and places in a table.

The same words as in `jaxlayers`; only types, dtypes and shapes are looked at, never values.
"""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import _kind, _name

WHOLE = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)


def whole(layer: str, name: str, value: Any) -> Tensor:
    """An argument: a tensor of whole numbers.

    Raises:
        TypeError: not a tensor, or not of an integer type.
    """
    wanted = f"{layer}: expected {name} to be a tensor of whole numbers, got"
    if not isinstance(value, Tensor):
        raise TypeError(f"{wanted} {_kind(value)}; convert it with torch.as_tensor({name})")
    if value.dtype not in WHOLE:
        raise TypeError(
            f"{wanted} {_name(value.dtype)}; convert it, for example with {name}.to(torch.int32)"
        )
    return value


def wide(x: Tensor) -> Tensor:
    """`x` in 32 bits at least, so that it can be compared with any number."""
    return x.to(torch.int32) if x.dtype.itemsize < 4 else x
