"""Huber's loss: f = d² / 2 where |d| <= δ, else δ (|d| - δ/2), with d = x - y; then the mean.

    ∂f/∂x = c        ∂f/∂y = -c        dx, dy = g / n times these for the mean of n, else g
    ∂²f/∂x² = ∂²f/∂y² = -∂²f/∂x∂y = 1 where |d| <= δ, else 0

c is d, but δ or -δ beyond them: f = c (d - c/2) in either branch. At |d| = δ value and slope of
both agree; the second derivative is 1, that of the branch |d| <= δ.

Kept for the backward pass: x, y.
Reference: Huber, "Robust estimation of a location parameter", 1964.
"""

import numpy as np

from crosscheck.catalog.losses import reduced
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(
    x: np.ndarray, y: np.ndarray, delta: float = 1.0, reduction: str = "mean"
) -> np.ndarray:
    d = x - y
    size = np.where(d < 0, -d, d)
    losses = np.where(size <= delta, d**2 / 2, delta * (size - delta / 2))
    return reduced(losses, reduction)


EDGE = "second derivative 1 where |x - y| = δ: the branch |x - y| <= δ holds"

twin = Twin(
    "huber",
    jax="jaxlayers:huber",
    torch="torchlayers:huber",
    definition=definition,
    inputs={"x": real("n d"), "y": real("n d")},
    settings=[{}, {"delta": 0.5, "reduction": "none"}, {"delta": 2.0, "reduction": "sum"}],
    kinks={"x": {1.0: EDGE, -1.0: EDGE}, "y": {0.0: EDGE}},
    standard="strict",
    keeps=["x", "y"],
)
