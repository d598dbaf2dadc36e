"""SwiGLU, a gated pair: y = f(a) b with f = silu, whose derivation is in silu.py.

    da = b (g f'(a))        db = g f(a)

Second derivatives: ∂²⟨g, y⟩/∂a² = g b f''(a), ∂²⟨g, y⟩/∂a∂b = g f'(a), ∂²⟨g, y⟩/∂b² = 0. f, f' and
f'' are the formulas of silu, each accurate by itself.

g f' comes before b: f' is near 1 at most, and g b may overflow where f' is 0. Both inputs have one
shape; nothing is split inside.

Kept for the backward pass: a, b.
Reference: Shazeer, "GLU variants improve transformer", 2020.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a / (1 + np.exp(-a)) * b


twin = Twin(
    "swiglu",
    jax="jaxlayers:swiglu",
    torch="torchlayers:swiglu",
    definition=definition,
    inputs={"a": real("n d"), "b": real("n d")},
    keeps=["a", "b"],
)
