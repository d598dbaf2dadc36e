"""GEGLU, a gated pair: y = f(a) b with f = gelu, whose derivation is in gelu.py.

    da = b (g f'(a))        db = g f(a)

Second derivatives: ∂²⟨g, y⟩/∂a² = g b f''(a), ∂²⟨g, y⟩/∂a∂b = g f'(a), ∂²⟨g, y⟩/∂b² = 0. f, f' and
f'' are the formulas of gelu, each accurate by itself.
f is the exact GELU, a Φ(a), and not its approximation by tanh.

g f' comes before b: f' is near 1 at most, and g b may overflow where f' is 0. Both inputs have one
shape; nothing is split inside.

Kept for the backward pass: a, b.
Reference: Shazeer, "GLU variants improve transformer", 2020.
"""

import numpy as np
from scipy.special import ndtr

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a * ndtr(a) * b


twin = Twin(
    "geglu",
    jax="jaxlayers:geglu",
    torch="torchlayers:geglu",
    definition=definition,
    inputs={"a": real("n d"), "b": real("n d")},
    keeps=["a", "b"],
)
