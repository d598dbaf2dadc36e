"""Fewer digits than the type has."""

from __future__ import annotations

import numpy as np

from crosscheck.cause.evidence import Evidence
from crosscheck.precision import PRECISIONS

NEAR = 8  # roundings of the coarser type


def passed_through(dtype: str) -> str:
    return f"computed in {dtype}, or passed through it: there are no more digits"


def coarse(e: Evidence) -> str:
    """Every wrong entry is a number of a coarser type, and about right in that type."""
    if e.said.shape != e.truth.shape or not np.isfinite(e.said[e.wrong]).all():
        return ""
    said, truth = e.said[e.wrong], e.truth[e.wrong]
    for precision in sorted(PRECISIONS.values(), key=lambda p: -p.u):
        near = np.abs(said - truth) <= NEAR * precision.u * np.max(np.abs(truth), initial=0.0)
        same = said == precision.round(said).astype(float)
        if precision.u > e.case.precision.u and near.all() and same.all():
            return passed_through(precision.name)
    return ""
