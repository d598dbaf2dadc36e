"""The tables of document 000, through `row_drop_relu` in both frameworks, to the last digit.

The document's generator is unknown. Among our keys are some that draw the masks it drew; with them
the whole layer, not only its masking, has to give what the document prints.
"""

import itertools
from typing import NamedTuple

import numpy as np

import document_000 as doc
from crosscheck.random import bernoulli
from keyed import pull
from sides import Array, Side, each_side


class Dropped(NamedTuple):
    """The gradient that comes in, the kept places along the axis, the printed gradient."""

    g: Array
    axis: int
    kept: list[int]
    printed: Array


DIAGONAL = np.flatnonzero(doc.MASK).tolist()
DROPPED = {
    "000-backward": Dropped(doc.G, 0, [0, 2, 4, 5, 7], doc.DX),
    "000-backward-again": Dropped(doc.G, 0, [4, 5, 6], doc.DX_AGAIN),
    "000-rows": Dropped(doc.MASKED, 0, DIAGONAL, doc.ROWS),
    "000-columns": Dropped(doc.ROWS, 1, DIAGONAL, doc.COLUMNS),
}


def key_that_keeps(kept: list[int]) -> Array:
    """The first seed whose key keeps these of eight places."""
    for seed in itertools.count():
        key = np.array([0, seed], np.uint32)
        if np.flatnonzero(bernoulli(key, 0.5, (8,))).tolist() == kept:
            return key
    raise AssertionError


@each_side(*DROPPED)
def test_printed(name: str, side: Side, dtype: np.dtype) -> None:
    case = DROPPED[name]
    x, g = np.full((8, 8), 0.5, dtype), case.g.astype(dtype)
    key = key_that_keeps(case.kept)
    for _ in range(2):  # the document's puzzle: another call gave another gradient
        _, dx = pull(side.layers, "row_drop_relu", x, g, key, rate=0.5, axis=case.axis)
        assert np.array_equal(dx, case.printed.astype(dtype))


@each_side("000-negative-inputs")
def test_both_masks(name: str, side: Side, dtype: np.dtype) -> None:
    x = np.random.default_rng(0).normal(size=(8, 8)).astype(dtype)
    g = doc.G.astype(dtype)
    key = key_that_keeps([0, 2, 4, 5, 7])
    _, dx = pull(side.layers, "row_drop_relu", x, g, key, rate=0.5)
    assert np.array_equal(dx, np.where(x <= 0, 0, doc.DX).astype(dtype))
