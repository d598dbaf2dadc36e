"""Affine function of two variables: f = w1 x + w2 y + w3, entry by entry.

    dx = g w1        dy = g w2        dw1 = g x        dw2 = g y        dw3 = g

each summed over the axes along which its input was broadcast. Second derivatives mix a weight and
its variable only: ∂²⟨g, f⟩/∂x∂w1 = ∂²⟨g, f⟩/∂y∂w2 = g; all other blocks are 0.

Kept for the backward pass: x, y, w1, w2, and of w3 the shape.
Reference: document 001 in the project's origin, section 2: the small graph that it calls backward()
on, once and again.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(
    x: np.ndarray, y: np.ndarray, w1: np.ndarray, w2: np.ndarray, w3: np.ndarray
) -> np.ndarray:
    return w1 * x + w2 * y + w3


twin = Twin(
    "affine",
    jax="jaxlayers:affine",
    torch="torchlayers:affine",
    definition=definition,
    inputs={
        "x": real("n 1"),
        "y": real("d"),
        "w1": real("1"),
        "w2": real("n d"),
        "w3": real("1"),
    },
    keeps=["x", "y", "w1", "w2"],
)
