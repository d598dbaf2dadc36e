"""ReLU whose gradient loses whole rows, the examples of a batch, at random.

With m = bernoulli(key, 1 - rate), one truth value for each place along `axis`:

    y  = 0  where x <= 0, else x
    dx = 0  where x <= 0, or where m is false at the entry's place along the axis; else g

The value is that of relu, whatever the key. dx is not its derivative but that of the surrogate,
relu with the dropped rows of x held at 0. What is kept is not scaled: the mean gradient shrinks by
1 - rate. All second derivatives are 0.

axis = 0 zeroes rows, the document's diag(m) g; axis = 1 zeroes columns, its g diag(m).

The document draws m inside backward, and two backward passes of one forward pass then disagree.
Here the key decides: the same one gives the same gradient, however often it is asked for.

At 0, and at -0, the branch x <= 0 holds, as in relu; NaN has slope 1 where it is not dropped.

Kept for the backward pass: x, key.
Reference: document 000 in the project's origin, CustomReLUFunction.
"""

import numpy as np

from crosscheck.inputs import key, real
from crosscheck.random import bernoulli
from crosscheck.twin import Twin


def definition(x: np.ndarray, key: np.ndarray, rate: float, axis: int = 0) -> np.ndarray:
    return np.where(x <= 0, 0, x)


def surrogate(x: np.ndarray, key: np.ndarray, rate: float, axis: int = 0) -> np.ndarray:
    kept = bernoulli(key, 1 - rate, (x.shape[axis],))
    rows = kept.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
    return np.where((x <= 0) | ~rows, 0, x)


twin = Twin(
    "row_drop_relu",
    jax="jaxlayers:row_drop_relu",
    torch="torchlayers:row_drop_relu",
    definition=definition,
    surrogate=surrogate,
    inputs={"x": real("n d"), "key": key()},
    settings=[
        {"rate": 0.5},
        {"rate": 0.3, "axis": -1},
        {"rate": 0.0, "axis": 1},
        {"rate": 1.0},
    ],
    kinks={"x": {0.0: "slope 0: the branch x <= 0 holds"}},
    standard="strict",
    keeps=["x", "key"],
)
