"""How fast a figure grows as sizes double: the exponent of the power that fits it."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, nan

import numpy as np


def exponent(figures: Mapping[int, float]) -> float:
    """The slope of log figure over log size, by least squares; NaN with fewer than two figures."""
    known = {size: figure for size, figure in figures.items() if figure > 0}
    if len(known) < 2:
        return nan
    sizes, logs = (list(map(log, each)) for each in (known, known.values()))
    return float(np.polyfit(sizes, logs, 1)[0])
