"""The floating types that questions are asked in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np


@dataclass(frozen=True)
class Precision:
    """A floating type.

    u: unit roundoff. smallest: the smallest normal number. tiny: what may be flushed to zero.
    largest: the largest finite number.
    """

    name: str
    u: float
    smallest: float
    tiny: float
    largest: float

    @property
    def flushes(self) -> bool:
        """Whether XLA flushes subnormal numbers of this type to zero on a CPU."""
        return self.tiny == self.smallest

    def round(self, values: np.ndarray) -> np.ndarray:
        """The nearest numbers of this type."""
        with np.errstate(over="ignore"):
            return np.asarray(values, dtype=self.name)


def _precision(name: str, tiny: float | None = None) -> Precision:
    info = ml_dtypes.finfo(name)  # numpy's own does not know bfloat16
    smallest = float(info.smallest_normal)
    return Precision(name, float(info.eps) / 2, smallest, tiny or smallest, float(info.max))


PRECISIONS = {
    "float64": _precision("float64"),
    "float32": _precision("float32"),
    "bfloat16": _precision("bfloat16"),
    "float16": _precision("float16", tiny=2.0**-25),  # nothing flushes its subnormals: half of one
}


def is_floating(dtype: Any) -> bool:
    """Whether a NumPy dtype is one of floating point; bfloat16 does not say so by its kind.

    >>> is_floating(np.dtype("bfloat16"))
    True
    """
    return np.dtype(dtype).kind == "f" or np.dtype(dtype).name == "bfloat16"
