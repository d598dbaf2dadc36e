"""Layer normalisation along the last axis: y = v w + b, of n entries a row, with

    v = c / σ        σ² = Σ c² / n + eps        c = x - mean x

With h = g w, with C t = t - mean t, and P t = C t - v Σ v t / n, which is its own transpose:

    dx = P h / σ        dw = Σ g v        db = Σ g        (the last two over all rows)
    tv = P t / σ        ty = w tv + tw v + tb

Second derivatives: tσ = Σ v t / n, so that along t

    d(dx) = P(dg w + g dw) / σ - (dx Σ v t + tv Σ v h + v Σ dx t) / (n σ)

and those of ⟨g, y⟩ in x and w are what P(g dw) / σ says. The last bracket is symmetric in h and t:
the rule's backward pass is the rule again, to any order.

c is x less its mean m, less the mean of that: m is off by a rounding of m, which is a large part of
c where all x lie far from 0. σ = s r with r² = Σ (c / s)² / n + eps / s², where s is the power of
two next to max(max |c|, √eps): squares neither overflow nor vanish, and to divide by s rounds
nothing; v does not change with s, which counts as a constant. P v = e v with e = eps / σ², which is
not made by subtraction.

Where one c[k] makes up most of c, by v[k]² > n / 2, P maps v and entry k nearly to 0, and h[k] as
it comes would drown what is left. Let d = (x - m') / σ, m' the mean of all x but x[k]; then
v = C d. With

    α = (h[k] - mean' h) / d[k]        z = h - mean' h - α d, which is 0 at k, and of mean 0
    P h = z + v (e α - Σ d z / n)

where h[k] comes in multiplied by d and by e alone, as it should. With no such k it is the same with
α = 0, m' = m. Of n = 2 entries each is such a k; one is chosen. Of n = 1, v = 0 and dx = 0.

Kept for the backward pass: x, w.
Reference: Ba, Kiros and Hinton, "Layer normalization", 2016.
"""

from dataclasses import replace

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(
    x: np.ndarray, w: np.ndarray | None = None, b: np.ndarray | None = None, eps: float = 1e-5
) -> np.ndarray:
    c = x - np.mean(x, -1, keepdims=True)
    v = c / np.sqrt(np.mean(c * c, -1, keepdims=True) + eps)
    return v * (1 if w is None else w) + (0 if b is None else b)


twin = Twin(
    "layer_norm",
    jax="jaxlayers:layer_norm",
    torch="torchlayers:layer_norm",
    definition=definition,
    inputs={"x": real("n d"), "w": real("d"), "b": real("d")},
    # At smaller eps second derivatives of equal rows are lost in the rounding of x; values are not.
    settings=[{"eps": 0.01}],
    standard="strict",
    sound=["hessian"],
    budget_reason="the three parts of a second derivative cancel where one entry is far from all",
    keeps=["x", "w"],
)

twins = [twin, replace(twin, name="layer_norm-plain", inputs={"x": real("n d")}, keeps=["x"])]
