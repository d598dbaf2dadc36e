"""Axes that broadcast, that are summed away again, and that a setting names.

The same words as in `jaxlayers`; only types, dtypes and shapes are looked at, never values.
"""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import _kind, _name, _one_dtype, array, integer


def same_dtype(layer: str, **named: Any) -> tuple[Tensor, ...]:
    """The arguments: tensors of one floating-point dtype, of any shapes.

    Raises:
        TypeError: not a tensor, not floating point, or several dtypes.
    """
    values = {k: array(layer, k, v) for k, v in named.items()}
    _one_dtype(layer, values)
    return tuple(values.values())


def broadcast(layer: str, **named: Any) -> tuple[Tensor, ...]:
    """The same for shapes that broadcast together by NumPy's rules; the shapes stay as they are.

    Raises:
        TypeError: not a tensor, not floating point, or several dtypes.
        ValueError: shapes that do not broadcast.
    """
    values = same_dtype(layer, **named)
    try:
        torch.broadcast_shapes(*(x.shape for x in values))
    except RuntimeError:
        got = ", ".join(f"{k} {tuple(x.shape)}" for k, x in zip(named, values, strict=True))
        raise ValueError(
            f"{layer}: expected shapes that broadcast together, got {got}; reshape them so that "
            "lengths, counted from the last axis, are equal or 1"
        ) from None
    return values


def reduce_to(a: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`a` summed over the axes along which a tensor of that shape was broadcast."""
    return a.sum_to_size(shape)


def from_end(layer: str, axis: Any, ndim: int) -> int:
    """An axis of a tensor of `ndim` axes, counted from the end: -1 is the last.

    Raises:
        TypeError: not an int.
        ValueError: out of range.
    """
    axis = integer(layer, "axis", axis, "name one axis")
    if not -ndim <= axis < ndim:
        wanted = f"an axis from {-ndim} to {ndim - 1}" if ndim else "tensors with axes"
        raise ValueError(
            f"{layer}: expected {wanted}, got axis {axis}; the tensors have {ndim} axes"
        )
    return axis - ndim if axis >= 0 else axis


def masking(layer: str, mask: Any, shape: tuple[int, ...], what: str = "x") -> Tensor | None:
    """A mask for what has that shape: None, or truth values that broadcast to it.

    Raises:
        TypeError: not a tensor of truth values.
        ValueError: another shape.
    """
    if mask is None:
        return None
    known = isinstance(mask, Tensor)
    if not known or mask.dtype != torch.bool:
        raise TypeError(
            f"{layer}: expected mask to be a tensor of truth values, got "
            f"{_name(mask.dtype) if known else _kind(mask)}; compare, as in mask != 0"
        )
    _broadcasts_to(layer, tuple(mask.shape), shape, what)
    return mask


def _broadcasts_to(layer: str, mask: tuple[int, ...], shape: tuple[int, ...], what: str) -> None:
    pairs = zip(mask[::-1], shape[::-1], strict=False)
    if len(mask) > len(shape) or any(n not in (1, length) for n, length in pairs):
        raise ValueError(
            f"{layer}: expected a mask that broadcasts to {what}, got mask {mask}, {what} {shape}; "
            f"reshape it so that its lengths, counted from the last axis, are those of {what} or 1"
        )
