"""The passes that are measured, in the order in which they need more."""

from __future__ import annotations

from collections.abc import Mapping

FORWARD, BACKWARD, PRODUCT = "forward", "forward + backward", "Hessian-vector product"
PASSES = (FORWARD, BACKWARD, PRODUCT)
PEAKS, TIMES = (tuple(f"{what}: {name}" for name in PASSES) for what in ("peak", "time"))
FIGURES = ("kept", *PEAKS, *TIMES)  # of each form at each size
Peaks = Mapping[str, int]  # pass → bytes; a pass that raises is left out
