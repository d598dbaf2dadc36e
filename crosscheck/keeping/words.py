"""The words of a promise: what a layer may keep for its backward pass, beside inputs by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

OUTPUT = "output"
NUMBER = 4  # bytes: narrower types compute in float32


def _byte_an_entry(x: np.ndarray, axis: Any) -> int:
    return x.size


def _number_a_row(x: np.ndarray, axis: Any) -> int:
    lengths = np.atleast_1d(np.take(x.shape, range(x.ndim) if axis is None else axis))
    return max(NUMBER, x.itemsize) * (x.size // math.prod(lengths.tolist()))


# Bytes beyond inputs and outputs. `x` is the first differentiable input, `axis` the setting of that
# name, or the last. A word may stand twice: two numbers a row.
EXTRAS: Mapping[str, Callable[[np.ndarray, Any], int]] = {
    "byte an entry": _byte_an_entry,
    "number a row": _number_a_row,
}


def problem(keeps: Any, inputs: Mapping[str, Any]) -> str:
    """What is wrong with a promise; empty if nothing is, or if there is none."""
    known = [*inputs, OUTPUT, *EXTRAS]
    if keeps is None:
        return ""
    if not isinstance(keeps, (list, tuple)):
        return f"expected keeps as a list of names, got {keeps!r}; write keeps=[{keeps!r}]"
    unknown = [word for word in keeps if word not in known]
    return f"keeps names {unknown[0]!r}; choose from: {', '.join(known)}" if unknown else ""
