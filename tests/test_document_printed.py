"""What 003 prints of its dropout and 004 of its elementwise arithmetic, in both frameworks.

Test ids name the document: `003-dropout-jax-float32`.
"""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from crosscheck.random import bernoulli
from keyed import pull
from sides import Array, Side, assert_within, each_side

# ---- 004: elementwise arithmetic and broadcasting, as it prints them

M = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
ROW, COLUMN, ONE, ZERO = np.array([10.0, 20, 30]), np.array([[10.0], [20]]), np.ones(1), np.zeros(1)
PRINTED = {
    "004-sum": (
        "affine", [np.array([10.0, 6, -4]), np.array([2.0, 8, 7]), ONE, ONE, ZERO], [12, 14, 3]),
    "004-square": ("quadratic", [M, ONE, ZERO, ZERO], [[1, 4, 9], [16, 25, 36], [49, 64, 81]]),
    "004-row": (
        "affine", [M, ROW, ONE, ONE, ZERO], [[11, 22, 33], [14, 25, 36], [17, 28, 39]]),
    "004-column": ("affine", [M[:2], COLUMN, ONE, ONE, ZERO], [[11, 12, 13], [24, 25, 26]]),
    "004-normalised": (
        "channel_normalize", [M[None], 5 * ONE, 2.73 * ONE],
        [[[-1.4652, -1.0989, -0.7326], [-0.3663, 0, 0.3663], [0.7326, 1.0989, 1.4652]]]),
}  # fmt: skip


@each_side(*PRINTED)
def test_broadcasting(name: str, side: Side, dtype: np.dtype) -> None:
    layer, arrays, printed = PRINTED[name]
    y, *gradients = side.pull(getattr(side.layers, layer), None, *(a.astype(dtype) for a in arrays))
    assert_within(y, np.array(printed), np.full(y.shape, 0.5e-4), dtype)
    assert [d.shape for d in gradients] == [a.shape for a in arrays]


def test_004_shapes_that_do_not_broadcast() -> None:
    """Its c of (2,) and m of (2, 3), which raise there too."""
    for layers, array in ((jaxlayers, jnp.ones), (torchlayers, torch.ones)):
        with pytest.raises(ValueError, match="affine: expected shapes that broadcast together"):
            layers.affine(array((2, 3)), array(2), array(1), array(1), array(1))


# ---- 003: dropout of 0, 1, …, 8 at p = 0.5, and its backward_manual for the loss 0.5 y²

DROPPED = np.array([[0.0, 0, 4], [0, 8, 10], [0, 14, 0]])


def key_that_drops(dropped: Array) -> Array:
    """The first seed whose key drops these of nine places; the first is 0 either way."""
    for seed in itertools.count():
        key = np.array([0, seed], np.uint32)
        if np.array_equal(bernoulli(key, 0.5, (3, 3)).ravel()[1:], dropped.ravel()[1:] != 0):
            return key
    raise AssertionError


@each_side("003-dropout")
def test_dropout(name: str, side: Side, dtype: np.dtype) -> None:
    x, g = np.arange(9, dtype=dtype).reshape(3, 3), DROPPED.astype(dtype)  # g = y
    y, dx = pull(side.layers, "dropout", x, g, key_that_drops(DROPPED), rate=0.5)
    assert y.tolist() == DROPPED.tolist()
    assert dx.tolist() == [[0, 0, 8], [0, 16, 20], [0, 28, 0]]
