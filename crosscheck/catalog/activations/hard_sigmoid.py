"""Hard sigmoid: a straight line from 0 to 1, y = min(max(x + 3, 0), 6) / 6.

    y   = 0   where x <= -3, 1 where x >= 3, else (x + 3) / 6
    y'  = 1/6 where -3 < x < 3, else 0          dx = g y'
    y'' = 0

x + 3 has no rounding near its root -3, which (x / 6 + 1 / 2) has. At -3 and at 3 the flat branches
hold: y' = 0, as PyTorch and JAX both have it.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 2.0 · 1.3, y' 0.3 · 0.3,
y'' 0.0 · 0.0.

Kept for the backward pass: x.
Reference: Courbariaux, Bengio and David, "BinaryConnect: training deep neural networks with binary
weights during propagations", 2015; the slope 1/6 is that of Howard et al., "Searching for
MobileNetV3", 2019.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (x + 3) / 6))


FLAT = "slope 0, second derivative 0: the flat branch holds"

twin = Twin(
    "hard_sigmoid",
    jax="jaxlayers:hard_sigmoid",
    torch="torchlayers:hard_sigmoid",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {-3.0: FLAT, 3.0: FLAT}},
    limits={np.inf: 1.0, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
