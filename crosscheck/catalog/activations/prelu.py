"""PReLU: leaky ReLU whose slope s is learned, one number for all or one a channel.

    y  = x  where x > 0, else s x
    dx = g  where x > 0, else s g
    ds = Σ (0 where x > 0, else g x)        summed over all entries that share s

Second derivatives mix x and s only: ∂²⟨g, y⟩/∂x∂s = 0 where x > 0, else g; all other blocks are 0.

At 0 the branch x <= 0 holds, as PyTorch has it: the slope is s. What is left out
is chosen, not multiplied by 0. Channels lie along axis 1, as PyTorch has it: x (n, c, ...), s (c).

Kept for the backward pass: x, slope.
Reference: He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    s = slope.reshape((-1,) + (1,) * (x.ndim - 2)) if slope.size > 1 else slope.reshape(())
    return np.where(x > 0, x, s * x)


def _twin(name: str, x: str, slope: str) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:prelu",
        torch="torchlayers:prelu",
        definition=definition,
        inputs={"x": real(x), "slope": real(slope)},
        kinks={"x": {0.0: "slope s, second derivative g in x and s: the branch x <= 0 holds"}},
        keeps=["x", "slope"],
    )


twins = [_twin("prelu", "n 3 d", "3"), _twin("prelu-shared", "...", "1")]
