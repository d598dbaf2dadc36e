"""Linear layer: y = x w + b, for x (..., i), w (i, o), b (o).

    y[n, o]  = Σ_i x[n, i] w[i, o] + b[o]
    dx = g wᵀ        dw = xᵀ g        db = Σ_n g[n]          (n runs over all leading axes)

Second derivatives mix x and w only: ∂²⟨g, y⟩/∂x[n, i]∂w[i, o] = g[n, o]; all other blocks are 0.

Kept for the backward pass: x, w.
Reference: document 004 in the project's origin, lin and lin_grad.
"""

from dataclasses import replace

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    return x @ w + (0 if b is None else b)


twin = Twin(
    "linear",
    jax="jaxlayers:linear",
    torch="torchlayers:linear",
    definition=definition,
    inputs={"x": real("... i"), "w": real("i o"), "b": real("o")},
    keeps=["x", "w"],
)

twins = [twin, replace(twin, name="linear-unbiased", inputs={"x": real("... i"), "w": real("i o")})]
