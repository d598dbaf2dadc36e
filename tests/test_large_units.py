"""The strict unit of a large answer: what all entries explain together, whatever cancels."""

from collections.abc import Callable

import numpy as np
import pytest

from crosscheck import large_units
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.large_answers import Blocks
from crosscheck.large_doubts import MORE, Doubts
from crosscheck.precision import PRECISIONS

DTYPES = ["float64", "float32", "bfloat16"]


Function = Callable[[np.ndarray], np.ndarray]


def given(x: np.ndarray, dtype: str) -> Case:
    return Case("large-0", {"x": PRECISIONS[dtype].round(x)}, ("x",), {}, PRECISIONS[dtype], (0, 0))


def moved(layer: Function, case: Case, draws: int, first: int = 0) -> list[Blocks]:
    moves = large_units.moves(case, "strict", "value", [], draws, first)
    return [{"y": layer(moved.inputs["x"])} for moved, _ in moves]


def judged(layer: Function, case: Case) -> Block:
    """The true y = layer(x), and its units."""
    y, draws = {"y": layer(large_units.in_float64(case).inputs["x"])}, large_units.DRAWS
    of_few = moved(layer, case, draws)
    (block,) = large_units.blocks(case, "strict", y, y, of_few, 0.0, draws)
    return block


def units(layer: Function, x: np.ndarray, dtype: str) -> np.ndarray:
    """The units of y = layer(x), in roundings of its type."""
    unit = judged(layer, given(x, dtype)).unit
    return unit / (PRECISIONS[dtype].u + 2.0**-53)  # the float64 answer counts for one more


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


@pytest.mark.parametrize(("off", "blamed"), [(4, False), (14, True), (1000, True)])
def test_a_unit_told_too_small_is_told_by_more_draws(off: float, blamed: bool) -> None:
    rng = np.random.default_rng(1)
    a, case = rng.normal(size=(2000, 50)), given(rng.normal(size=(2000, 50)), "float32")
    x, budget = case.inputs["x"].astype(float), 8

    def layer(x: np.ndarray) -> np.ndarray:
        return np.sum(a * x, 1)

    block = judged(layer, case)
    y = layer(x)
    said = y + off * case.precision.u * (np.abs(y) + np.sum(np.abs(a * x), 1))
    assert block.errors(said, case.precision).max() > budget  # 4 roundings are, by some units
    more = moved(layer, case, MORE, large_units.DRAWS)
    closer = Doubts(case, {"y": y}, more, 0.0).resolved([block], [[said]], budget) or [block]
    assert (closer[0].errors(said, case.precision).max() > budget) == blamed
