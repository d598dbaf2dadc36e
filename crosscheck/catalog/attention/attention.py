"""Scaled dot-product attention: y = p v, p = softmax(s) row by row, s = c q kᵀ.

For cotangents g of y, and tangents or cotangents tq, tk, tv, tg of q, k, v and g, with the
derivative of p along t, D(t) = p ∘ (t - Σ p t), sums along the keys:

    e = g vᵀ,   ds = D(e)              u = c (tq kᵀ + q tkᵀ)
    dq = c ds k                        ty = D(u) v + p tv
    dk = c dsᵀ q
    dv = pᵀ g

Second order, with m = D((e - Σ p e) ∘ (u - Σ p u) + tg vᵀ + g tvᵀ), the tangent of ds:

    tdq = c (m k + ds tk)    tdk = c (mᵀ q + dsᵀ tq)    tdv = D(u)ᵀ g + pᵀ tg

dq, dk and dv are the gradient of ⟨g, y⟩, so that pulling cotangents tq, tk, tv back through them is
the same, for q, k and v with tg = 0, and ty for g.

All of this is computed for some rows of q at a time, and then forgotten: p of these rows is there
and no other, in value, first and second derivative. dk and dv add up over the rows.

Keys that the mask leaves out of a row, or causality (query i sees keys 0 to i), have p = 0 there. A
row to which no key is left has y = 0 and gradients 0. What is left out must be finite: 0 times NaN
is NaN.

Heads of q share heads of k and v in groups of neighbours (grouped-query attention).

Kept for the backward pass: q, k, v, mask. Not even the output.
Reference: Vaswani et al., "Attention is all you need", 2017; Rabe and Staats, "Self-attention does
not need O(n²) memory", 2021; Ainslie et al., "GQA", 2023 (groups of heads).
"""

from typing import Any

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    mask: np.ndarray | None = None,
    causal: bool = False,
    scale: float | None = None,
    block: int = 128,
) -> np.ndarray:
    t, s = q.shape[-2], k.shape[-2]
    whose = np.arange(q.shape[-3]) // (q.shape[-3] // k.shape[-3])
    k, v = k[..., whose, :, :], v[..., whose, :, :]
    c = 1 / np.sqrt(q.shape[-1]) if scale is None else scale
    seen = np.tri(t, s, dtype=bool) if causal else np.ones((t, s), bool)
    seen = seen if mask is None else seen & mask
    e = np.where(seen, np.exp(q @ np.swapaxes(k, -1, -2) * c), 0)
    total = np.sum(e, -1, keepdims=True)
    return e / np.where(total == 0, 1, total) @ v


def _twin(name: str, settings: list[dict[str, Any]], **inputs: Any) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:attention",
        torch="torchlayers:attention",
        definition=definition,
        inputs=inputs,
        settings=settings,
        standard="strict",
        sound=["vjp", "jvp", "jacobian", "hessian"],
        budget_reason="of equal keys or values, sums of rounded p leave what should be 0",
        keeps=list(inputs),
    )


# A query to which nothing is left; blocks of two rows, of which the last has but one.
MASK = np.array([[1, 0, 1, 1], [0, 0, 0, 0], [0, 1, 0, 0]], bool)
FEW = {"causal": True, "scale": 0.7, "block": 2}

twins = [
    _twin("attention", [{}, FEW], q=real("2 t 2"), k=real("1 3 2"), v=real("1 3 3")),
    _twin(
        "attention-masked", [{}, {"block": 2}],
        q=real("1 3 2"), k=real("1 4 2"), v=real("1 4 1"), mask=MASK,
    ),
    # The last block has but one row, which sees what those before it do not.
    _twin(
        "attention-causal", [{"causal": True, "block": 2, "scale": -0.7}],
        q=real("2 3 2"), k=real("1 3 2"), v=real("1 3 1"),
    ),
]  # fmt: skip
