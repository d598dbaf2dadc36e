"""The strict unit of a large answer: what all entries explain together, whatever cancels."""

from collections.abc import Callable

import numpy as np
import pytest

from crosscheck import large_units
from crosscheck.case import Case
from crosscheck.precision import PRECISIONS

DTYPES = ["float64", "float32", "bfloat16"]


def units(layer: Callable[[np.ndarray], np.ndarray], x: np.ndarray, dtype: str) -> np.ndarray:
    """The units of y = layer(x), in roundings of its type."""
    precision, draws = PRECISIONS[dtype], large_units.DRAWS
    case = Case("large-0", {"x": precision.round(x)}, ("x",), {}, precision, (0, 0))
    doubles = large_units.in_float64(case)
    y = {"y": layer(doubles.inputs["x"])}
    moves = large_units.moves(case, "strict", "value", [], draws)
    moved = [{"y": layer(moved.inputs["x"])} for moved, _ in moves]
    (block,) = large_units.blocks(case, "strict", y, y, moved, 0.0, draws)
    return block.unit / (precision.u + 2.0**-53)  # the float64 answer counts for one more


@pytest.mark.parametrize("dtype", DTYPES)
def test_it_is_the_sum_of_all_that_entries_explain(dtype: str) -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(2000, 50))
    x = PRECISIONS[dtype].round(rng.normal(size=a.shape)).astype(float)
    true = np.abs(np.sum(a * x, 1)) + np.sum(np.abs(a * x), 1)
    ratio = units(lambda x: np.sum(a * x, 1), x, dtype) / true
    assert 0.2 < ratio.min() < 1 < ratio.max() < 5
    assert np.median(ratio) == pytest.approx(1, rel=0.1)


def test_two_entries_that_cancel_explain_as_much_as_others() -> None:
    """Moved by whole roundings of random sign, one pair in 128 does not move at all in 8 draws."""
    x = np.ones((20_000, 2))
    assert units(lambda x: x[:, 0] - x[:, 1], x, "float32").min() > 0.2 * 2
