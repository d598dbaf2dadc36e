"""Rotary position embedding: each pair of features is turned, by an angle for each position p.

    y[i] = x[i] cos a - x[i + d/2] sin a        y[i + d/2] = x[i + d/2] cos a + x[i] sin a
    a = p base^(-2i/d),  i < d/2

    dx[i] = g[i] cos a + g[i + d/2] sin a       dx[i + d/2] = g[i + d/2] cos a - g[i] sin a

The layer is linear in x, a rotation of each pair; backward is the rotation by -a. All second
derivatives are 0. Products of two turned vectors depend on the difference of their positions alone.

A pair is one feature from each half (GPT-NeoX, Llama); the paper pairs neighbours. The one is the
other on features in another order.

a is a multiple of a frequency θ = base^(-2i/d). With θ/2π as a binary fraction of 64 bits (128 in
float64), p θ/2π is a product of whole numbers, exact but for p times half a unit in θ's last place;
whole turns are dropped, then quarters, which swap cos and sin. What is left is at most an eighth of
a turn, and is right to the last bits relative to its own size, as cos and sin are then.

Beyond |p| = 2²³, where products no longer fit in JAX's 32 bits, y is NaN and so is dx.

Kept for the backward pass: positions.
Reference: Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021.
"""

import numpy as np

from crosscheck.inputs import integer, real
from crosscheck.twin import Twin


def definition(x: np.ndarray, positions: np.ndarray, base: float = 10000.0) -> np.ndarray:
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    log = np.log(base + 0 * a)  # of numbers like x's, since 53 bits would not do for the angles
    angle = positions[..., None] * np.exp(-log * np.arange(half) / half)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


twin = Twin(
    "rope",
    jax="jaxlayers:rope",
    torch="torchlayers:rope",
    definition=definition,
    inputs={"x": real("b t 6"), "positions": integer("t", high=1_000_001)},
    settings=[{}, {"base": 500000.0}],
    standard="strict",
    keeps=["positions"],
)
