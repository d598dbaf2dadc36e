"""Einstein summation: products of entries of the operands, summed over the axes the output lacks.

    y[out] = Σ over all other letters of Π_k x_k[axes of k]

    dx_k = the einsum of g and the other operands, with the axes of k as its output

which is right as it stands where each axis of k occurs once in it, and elsewhere: `ik,kj->ij` gives
dx = einsum("ij,kj->ik", g, y). Otherwise
- along an axis that only k has, as in `ij->i`, all entries of dx_k are equal;
- of an axis that k has twice, as in `ii->`, dx_k is on the diagonal, and 0 beside it;
- along an axis of length 1 that was broadcast, dx_k is the sum.

The function is linear in each operand. Second derivatives of ⟨g, y⟩ mix two different operands: the
einsum of g and all others, with the axes of both as its output.

Reading the spec: spaces do not count; `...` stands for any axes that have no letter, aligned from
the last and broadcast; if the output lacks them, they are summed, as both frameworks do and NumPy
does not. Without `->` the output is the dots, then the letters that occur once, in the order of
ASCII. Within one operand, axes of one letter have one length.

Kept for the backward pass: the operands.
Reference: document 004 in the project's origin, "Einstein summation".
"""

from typing import Any

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Layer, Twin


def _in_jax(spec: str) -> Layer:
    def einsum(*operands: Any) -> Any:
        from jaxlayers import einsum  # only where it is asked for

        return einsum(spec, *operands)

    return einsum


def _in_torch(spec: str) -> Layer:
    def einsum(*operands: Any) -> Any:
        from torchlayers import einsum

        return einsum(spec, *operands)

    return einsum


def _twin(name: str, spec: str, **shapes: str) -> Twin:
    def definition(*operands: np.ndarray) -> np.ndarray:
        return np.asarray(np.einsum(spec, *operands))

    return Twin(
        name,
        jax=_in_jax(spec),
        torch=_in_torch(spec),
        definition=definition,
        inputs={operand: real(axes) for operand, axes in shapes.items()},
        keeps=list(shapes),
    )


twins = [
    _twin("einsum", "ik,kj->ij", x="i k", y="k j"),
    _twin("einsum-bilinear", "bi,ij,bj->b", x="b i", y="i j", z="b j"),
    _twin("einsum-batched", "bik,bkj->bij", x="b i k", y="b k j"),
    _twin("einsum-transpose", "ij->ji", x="i j"),
    _twin("einsum-trace", "ii->", x="i i"),
    _twin("einsum-dots", "...i, j...", x="2 1 i", y="j 3"),
    _twin("einsum-mixed", "iij,kj,kl->ji", x="i i j", y="1 j", z="k 1"),
]
