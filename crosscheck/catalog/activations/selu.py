"""SELU, the scaled exponential linear unit. With λ = 1.0507… and α = 1.6732…, as below:

    y   = λ x  where x > 0, else λ α (exp(x) - 1)
    y'  = λ    where x > 0, else λ α exp(x)          dx = g y'
    y'' = 0    where x > 0, else λ α exp(x)          d(dx)/dx = g y''

At 0 the branch x <= 0 holds, as it does in elu: y' = y'' = λ α. (PyTorch's built-in second
derivative at 0 is 0.) λ α is one constant, rounded once.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.5 · 1.3, y' 1.0 · 0.9,
y'' 1.0 · 0.8.

Kept for the backward pass: x.
Reference: Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks", 2017.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin

SCALE = 1.0507009873554804934193349852946
FALL = 1.7580993408473768599402175208123  # λ α


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, SCALE * x, FALL * np.expm1(x))


twin = Twin(
    "selu",
    jax="jaxlayers:selu",
    torch="torchlayers:selu",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {0.0: "slope λα, second derivative λα: the branch x <= 0 holds"}},
    limits={np.inf: np.inf, -np.inf: -FALL, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
