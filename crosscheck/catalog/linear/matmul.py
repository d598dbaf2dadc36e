"""Matrix product: c = x y, that is c[..., i, j] = Σ_k x[..., i, k] y[..., k, j].

    dx = g yᵀ        dy = xᵀ g

each summed over the leading axes along which its input was broadcast. A vector counts as one row on
the left and as one column on the right; its other axis is missing from the result, and from g.

The function is linear in x and in y. Second derivatives mix the two: ∂²⟨g, c⟩/∂x[i, k]∂y[k, j] =
g[i, j]; all other blocks are 0.

It is einsum's `...ik,...kj->...ij`, and shares its rule: the sum over leading axes is part of the
product, so a gradient's intermediate results are no larger than the gradient.

Kept for the backward pass: x, y.
Reference: document 004 in the project's origin, "Matrix multiplication from scratch", and its
lin_grad.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(x @ y)


def _twin(name: str, x: str, y: str) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:matmul",
        torch="torchlayers:matmul",
        definition=definition,
        inputs={"x": real(x), "y": real(y)},
        keeps=["x", "y"],
    )


twins = [
    _twin("matmul", "i k", "k j"),
    _twin("matmul-broadcast", "2 1 i k", "3 k j"),
    _twin("matmul-vector", "k", "b k j"),
]
