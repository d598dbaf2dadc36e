"""Root-mean-square normalisation along the last axis: y = v w, of n entries a row, with

    v = x / σ        σ² = Σ x² / n + eps

With h = g w, and P t = t - v Σ v t / n, which is its own transpose:

    dx = P h / σ        dw = Σ g v, over all rows        tv = P t / σ        ty = w tv + tw v

Second derivatives: tσ = Σ v t / n, so that along t

    d(dx) = P(dg w + g dw) / σ - (dx Σ v t + tv Σ v h + v Σ dx t) / (n σ)

σ = s r with s = max(max |x|, √eps), which has no derivative, as in layer_norm. P v = e v with
e = eps / σ². Where one x[k] makes up most of its row, P maps entry k nearly to 0; then with

    α = h[k] / v[k]        z = h - α v, which is 0 at k        P h = z + v (e α - Σ v z / n)

h[k] comes in multiplied by the other v and by e alone, as it should. With no such k, α = 0.

Kept for the backward pass: x, w.
Reference: Zhang and Sennrich, "Root mean square layer normalization", 2019.
"""

from dataclasses import replace

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, w: np.ndarray | None = None, eps: float = 1e-6) -> np.ndarray:
    return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + eps) * (1 if w is None else w)


twin = Twin(
    "rms_norm",
    jax="jaxlayers:rms_norm",
    torch="torchlayers:rms_norm",
    definition=definition,
    inputs={"x": real("n d"), "w": real("d")},
    standard="strict",
    sound=["hessian"],
    budget_reason="the three parts of a second derivative cancel where one entry is far from all",
    keeps=["x", "w"],
)

twins = [twin, replace(twin, name="rms_norm-plain", inputs={"x": real("n d")}, keeps=["x"])]
