"""Sparsemax along an axis: the nearest point to x of those that are at least 0 and add up to 1.

    y = max(x - τ, 0)     τ = (Σ_S x - 1) / |S|
    S = {i: Σ max(x[j] - x[i], 0) < 1}, the entries whose y is not 0

    dx[i] = g[i] - Σ_S g / |S|  in S, else 0        and in forward mode the same
    second derivatives are 0

Sorted from the largest down, S is x[1] to x[k], with the last k for which k x[k] + 1 > x[1] + …
+ x[k]. y does not depend on max x, which is taken off first. Where Σ max(x[j] - x[i], 0) = 1, y[i]
is 0, and its slope that of an entry outside of S.

Entries of -inf count as masked. What is masked has no part and value and gradient 0, and so has all
of a row in which nothing is left. Where NaN takes part the row is NaN, and at +inf
that entry is.

Kept for the backward pass: output, whose zeros are what is not in S.
Reference: Martins and Astudillo, "From softmax to sparsemax: a sparse model of attention and
multi-label classification", 2016.
"""

import numpy as np

from crosscheck.catalog.softmax.softmax import MASK
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, mask: np.ndarray | None = None, axis: int = -1) -> np.ndarray:
    part = np.ones(x.shape, bool) if mask is None else np.broadcast_to(mask, x.shape)
    x, part = np.swapaxes(x, axis, -1), np.swapaxes(part, axis, -1)
    x, others = np.where(part, x, 0), ~np.eye(x.shape[-1], dtype=bool)
    above = np.where(others, x[..., None, :] - x[..., None], -1)
    above = np.where(part[..., None, :] & (above > 0), above, 0)
    chosen = part & (np.sum(above, -1) < 1)
    count = np.maximum(np.sum(chosen, -1, keepdims=True), 1)
    tau = (np.sum(np.where(chosen, x, 0), -1, keepdims=True) - 1) / count
    return np.swapaxes(np.where(chosen, x - tau, 0), axis, -1)


def _twin(name: str, x: str, **mask: np.ndarray) -> Twin:
    """Of a few entries: of a million some are so near to leaving S that roundings decide."""
    return Twin(
        name,
        jax="jaxlayers:sparsemax",
        torch="torchlayers:sparsemax",
        definition=definition,
        inputs={"x": real(x), **mask},
        settings=[{}, {"axis": 0}],
        standard="strict",
        keeps=["output"],
    )


twins = [_twin("sparsemax", "3 4"), _twin("sparsemax-masked", "4 4", mask=MASK)]
