"""Cosine similarity along an axis: c = Σ x y / (|x| |y|), with |x| = √Σ x².

With the directions u = x / |x| and v = y / |y|:

    c = Σ u v        du = (tx - u Σ u tx) / |x|
    dx = g (v - c u) / |x|        dy = g (u - c v) / |y|

each summed over the axes along which its input was broadcast. Second derivatives of one entry c:

    ∂²/∂x∂x = (3 c u uᵀ - u vᵀ - v uᵀ - c I) / |x|²
    ∂²/∂x∂y = (I - u uᵀ - v vᵀ + c u vᵀ) / (|x| |y|)

Where x is 0, c = 0 for every y and the derivative in x does not exist. The convention: with a
vector of zeros, in x or in y, the value is 0 and so are all its derivatives.

|x| is computed as s |x / s|, s the power of two next to max |x|, so that squares neither overflow
nor vanish and x / s rounds nothing; u does not depend on s, so s counts as a constant in all
derivatives. 1 / |x| is divided by s last.

The product Σ u v is taken of u and v as they come, broadcast within the product only: m vectors
against n others are one matrix product.

Kept for the backward pass: x, y.
Reference: document 001 in the project's origin, section 1.1: all pairs of two sets of vectors.
"""

from typing import Any

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    xx, yy = np.sum(x * x, axis), np.sum(y * y, axis)
    c = np.sum(x * y, axis) / np.sqrt(xx) / np.sqrt(yy)
    return np.where((xx == 0) | (yy == 0), 0, c)


def _twin(name: str, x: str, y: str, kinks: Any = None, **settings: int) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:cosine_similarity",
        torch="torchlayers:cosine_similarity",
        definition=definition,
        inputs={"x": real(x), "y": real(y)},
        settings=[settings],
        kinks=kinks or {},
        keeps=["x", "y"],
    )


ZEROS = {"x": {0.0: "with a vector of zeros the value is 0, and so are all derivatives"}}

# Vectors of one entry, or parallel ones, have derivatives of 0: nothing to count roundings against.
# In a (2, 2), all that a kink draws is zeros; beside 0, at 1e-154, Hessians would overflow.
twins = [
    _twin("cosine_similarity", "n 3", "n 3"),
    _twin("cosine_similarity-pairwise", "3 1 2", "2 2"),
    _twin("cosine_similarity-axis", "2 2", "2 1", ZEROS, axis=0),
]
