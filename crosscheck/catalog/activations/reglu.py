"""ReGLU, a gated pair: y = relu(a) b.

    y  = 0 where a <= 0, else a b
    da = 0 where a <= 0, else g b        db = 0 where a <= 0, else g a

Second derivatives mix a and b only: ∂²⟨g, y⟩/∂a∂b = 0 where a <= 0, else g; all other blocks are 0.
At 0 the branch a <= 0 holds, as in relu. Of an infinite b, 0 times it is NaN. Both inputs have one
shape; nothing is split inside.

Kept for the backward pass: a, b.
Reference: Shazeer, "GLU variants improve transformer", 2020.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(a <= 0, 0, a * b)


twin = Twin(
    "reglu",
    jax="jaxlayers:reglu",
    torch="torchlayers:reglu",
    definition=definition,
    inputs={"a": real("n d"), "b": real("n d")},
    kinks={"a": {0.0: "all derivatives 0: the branch a <= 0 holds"}},
    keeps=["a", "b"],
)
