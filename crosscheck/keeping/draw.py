"""Arrays to measure a layer at, of any length: larger than those that questions are asked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from crosscheck.inputs import Boolean, Integer, Key, Real
from crosscheck.precision import is_floating
from crosscheck.twin import Twin

ROWS = ("n", "...")  # axes as long as there are rows; all others are as long as there are columns
CHANNELS = {"c": 3}  # an axis of channels is short, as in a picture


def draw(twin: Twin, rows: int, columns: int, dtype: str = "float32") -> list[np.ndarray]:
    """An array for each input; axes of a batch are as long as there are rows."""
    rng, kinds = np.random.default_rng(0), list(twin.inputs.values())
    axes = {axis for kind in kinds for axis in getattr(kind, "dims", "").split()}
    longer = {axis: rows if axis in ROWS else columns for axis in axes} | CHANNELS
    lengths = {axis: int(axis) if axis.isdigit() else n for axis, n in longer.items()}
    shapes = [[lengths[a] for a in getattr(kind, "dims", "").split()] for kind in kinds]
    if twin.is_elementwise:
        shapes = [[rows, columns]]
    drawn = [_array(k, s, lengths, rng) for k, s in zip(kinds, shapes, strict=True)]
    return [a.astype(dtype) if is_floating(a.dtype) else a for a in drawn]


def _array(
    kind: Any, shape: list[int], lengths: dict[str, int], rng: np.random.Generator
) -> np.ndarray:
    if isinstance(kind, Real):
        return rng.normal(size=shape).clip(kind.low, kind.high)
    if isinstance(kind, Key):
        return rng.integers(0, 2**32, 2, np.uint32)
    if isinstance(kind, Integer):
        high = lengths[kind.high] if isinstance(kind.high, str) else kind.high
        return rng.integers(kind.low, high, shape, np.int32)
    return rng.random(shape) < 0.5 if isinstance(kind, Boolean) else np.asarray(kind)
