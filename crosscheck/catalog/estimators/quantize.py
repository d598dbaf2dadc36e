"""Quantization to whole multiples of a scale s, with a straight-through gradient.

    y = s clip(round(x / s), l, h)       l = -2^(bits - 1),  h = 2^(bits - 1) - 1

rounding to the even one of two equally near.
The true derivatives are 0, or do not exist. The backward pass promises those of the surrogate
clip(x, l s, h s), with slope 1 for x at its ends:

    dx = g  where l s <= x <= h s, else 0
    ds = Σ g l  where x < l s,  + Σ g h  where x > h s
    second derivatives are 0

Kept for the backward pass: x, scale.
Reference: Choi et al., "PACT: parameterized clipping activation for quantized neural networks",
2018.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, scale: np.ndarray, bits: int = 8) -> np.ndarray:
    below = np.arange(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)  # each multiple but the last
    x, half_way = x[..., None], (below + 0.5) * scale[..., None]  # products are exact, x / s is not
    passed = np.where(below % 2 == 0, x > half_way, x >= half_way)
    return (below[0] + np.sum(passed, -1)) * scale


def surrogate(x: np.ndarray, scale: np.ndarray, bits: int = 8) -> np.ndarray:
    low, high = -(2 ** (bits - 1)) * scale, (2 ** (bits - 1) - 1) * scale
    return np.where(x < low, low, np.where(x > high, high, x))


# Of a few entries: of a million some are so near to a step that roundings decide.
twin = Twin(
    "quantize",
    jax="jaxlayers:quantize",
    torch="torchlayers:quantize",
    definition=definition,
    surrogate=surrogate,
    inputs={"x": real("4 3"), "scale": real("3", low=0.1, high=2)},
    settings=[{}, {"bits": 2}],
    standard="strict",
    keeps=["x", "scale"],
)
