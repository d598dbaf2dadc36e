"""Quadratic polynomial: f = a x² + b x + c, entry by entry.

    dx = g (2 a x + b)        da = g x²        db = g x        dc = g

each summed over the axes along which its input was broadcast. Second derivatives of ⟨g, f⟩:

    ∂²/∂x² = 2 g a        ∂²/∂x∂a = 2 g x        ∂²/∂x∂b = g        all others 0

The value is computed as (a x + b) x + c, which does not overflow where a x² alone would.

Kept for the backward pass: x, a, b, and of c the shape.
Reference: document 001 in the project's origin, section 3: its regression model.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    return a * x**2 + b * x + c


twin = Twin(
    "quadratic",
    jax="jaxlayers:quadratic",
    torch="torchlayers:quadratic",
    definition=definition,
    inputs={"x": real("n d"), "a": real("1"), "b": real("n 1"), "c": real("n d")},
    keeps=["x", "a", "b"],
)
