"""Normalisation of image channels: y = (x - mean) / std, for x (..., c, h, w), mean (c), std (c).

    dx = g / std        dmean = -Σ g / std        dstd = -Σ g y / std

with sums over all axes but the channel's. Second derivatives of ⟨g, y⟩, in one channel:

    ∂²/∂x∂std = -g / std²        ∂²/∂mean∂std = Σ g / std²        ∂²/∂std² = 2 Σ g y / std²

and all others 0. A std of 0 gives infinities of the sign of x - mean, and NaN where x = mean; an
infinite std gives 0; NaN gives NaN. Nothing is added to std: there is no eps.

Kept for the backward pass: x, mean, std.
Reference: document 001 in the project's origin, section 1.1: an image normalised by the statistics
of ImageNet.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    return (x - mean[:, None, None]) / std[:, None, None]


twin = Twin(
    "channel_normalize",
    jax="jaxlayers:channel_normalize",
    torch="torchlayers:channel_normalize",
    definition=definition,
    inputs={"x": real("... c h w"), "mean": real("c"), "std": real("c", low=0.1)},
    keeps=["x", "mean", "std"],
)
