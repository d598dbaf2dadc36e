"""The passes that are measured, in the order in which they need more."""

from __future__ import annotations

from collections.abc import Mapping

FORWARD, BACKWARD, PRODUCT = "forward", "forward + backward", "Hessian-vector product"
PASSES = (FORWARD, BACKWARD, PRODUCT)
Peaks = Mapping[str, int]  # pass → bytes; a pass that raises is left out
