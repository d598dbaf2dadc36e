"""Labels: whole numbers that say what is right, never floating point.

The same words as in `jaxlayers`; only types and shapes are looked at, never values.
"""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import _fit, _kind, _name, array

WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def labelled(layer: str, labels: Any, axes: str, **named: Any) -> tuple[Tensor, Tensor]:
    """One argument, a tensor of floating point with such axes, and labels for its leading ones.

    Raises:
        TypeError: not a tensor, or not of floating point or of whole numbers.
        ValueError: shapes that do not fit.
    """
    ((name, value),) = named.items()
    x, whole = array(layer, name, value), _whole(layer, labels)
    shapes = {name: tuple(x.shape), "labels": tuple(whole.shape)}
    _fit(layer, shapes, {name: axes.split(), "labels": ["..."]})
    return x, whole


def _whole(layer: str, labels: Any) -> Tensor:
    known = isinstance(labels, Tensor)
    if not known or labels.dtype not in WHOLE:
        raise TypeError(
            f"{layer}: expected labels to be a tensor of whole numbers, got "
            f"{_name(labels.dtype) if known else _kind(labels)}; pass int32 or int64"
        )
    return labels


def signed(labels: Tensor) -> Tensor:
    """Labels in a type that holds negative numbers too, to compare them with any."""
    return labels.to(torch.int32) if labels.dtype.itemsize < 4 else labels
