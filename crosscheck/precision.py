"""The floating types that questions are asked in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Precision:
    """u: unit roundoff. tiny: what XLA may flush to zero. largest: the largest finite number."""

    name: str
    u: float
    tiny: float
    largest: float

    def round(self, values: np.ndarray) -> np.ndarray:
        """The nearest numbers of this type."""
        with np.errstate(over="ignore"):
            return np.asarray(values, dtype=self.name)


PRECISIONS = {
    "float64": Precision("float64", 2.0**-53, 2.0**-1022, float(np.finfo(np.float64).max)),
    "float32": Precision("float32", 2.0**-24, 2.0**-126, float(np.finfo(np.float32).max)),
}
