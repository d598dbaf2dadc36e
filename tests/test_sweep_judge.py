"""The judge of a sweep: each fault in a block of two or three numbers, and what is none."""

import numpy as np
import pytest

from crosscheck.precision import PRECISIONS
from crosscheck.sweep.judge import Right
from crosscheck.sweep.tally import Fault, Tally, Worst


def judged(said, y, x=None, order=0, dtype="float32", at_zero=None, slope=0.0):
    """The tally of answers of which the last is not counted."""
    x = np.arange(1.0, len(y) + 1) if x is None else np.array(x)
    y = np.array(y, dtype=float)
    right = Right(x, y, np.full_like(y, slope), order, PRECISIONS[dtype])
    return right.tally(np.array(said), at_zero)


def faults(tally):
    return {name: fault.count for name, fault in tally.faults.items() if fault.count}


def test_a_step_against_the_truth_is_a_break():
    up = [1.0, 2.0, 3.0]
    assert faults(judged(up, up)) == {}
    broken = [1.0, 1 - 5 * 2.0**-24, 3.0]  # the last is too far off to be a break as well
    assert faults(judged(broken, [1.0, 1 + 2.0**-30, 3.0])) == {"breaks": 1}
    assert faults(judged([1.0, 1 - 2.0**-24, 3.0], [1.0, 1 + 2.0**-30, 3.0])) == {}


def test_a_step_is_a_break_though_float64_cannot_show_that_the_truth_rises():
    down = [1.0, 1 - 5 * 2.0**-24, 1.0]
    said = {
        slope: faults(judged(down, [1.0, 1.0, 1.0], slope=slope)) for slope in (1e-18, -1e-18, 0)
    }
    assert said == {1e-18: {"breaks": 1}, -1e-18: {"breaks": 1}, 0: {}}
    assert faults(judged(down, [1.0, 1.0, 1.0], [3.0, 2.0, 1.0], slope=1e-18)) == {"breaks": 1}


def test_the_last_number_belongs_to_the_next_block():
    last = judged([1.0, np.nan], [1.0, 1.0])
    assert last == Tally(values=1)
    assert judged([1.0, -5.0], [1.0, 1.0]) == Tally(values=1)


def test_nan_at_nan_and_infinities():
    nan, inf = np.nan, np.inf
    assert faults(judged([nan, 1.0], [nan, 1.0], [nan, 2.0])) == {}
    assert faults(judged([1.0, 1.0], [nan, 1.0], [nan, 2.0])) == {"lost": 1}
    assert faults(judged([1.0, 1.0], [nan, 1.0])) == {"unknown": 1}
    assert judged([inf, 1.0], [1e39, 1.0]) == Tally(values=1)
    assert judged([inf, 1.0], [1.0, 1.0]).roundings.error == inf
    assert judged([-inf, 1.0], [inf, 1.0]).roundings.error == inf
    assert judged([inf, 1.0], [inf, 1.0]) == Tally(values=1)


def test_zero_where_the_truth_is_just_normal():
    smallest = PRECISIONS["float32"].smallest
    assert faults(judged([0.0, 1.0], [1.1 * smallest, 1.0])) == {"zeros": 1}
    assert judged([0.0, 1.0], [1.1 * smallest, 1.0]).roundings.error == pytest.approx(1.1)
    assert faults(judged([0.0, 1.0], [0.9 * smallest, 1.0])) == {}


def test_a_subnormal_number_may_be_flushed():
    flushed = judged([0.5, 1.0], [1.0, 1.0], [1e-40, 2.0], at_zero=0.5)
    assert (flushed.flushed, flushed.roundings) == (Fault(1, 1e-40), Worst())
    assert judged([0.5, 1.0], [1.0, 1.0], [1e-40, 2.0]).roundings.error > 1e6
    assert judged([0.5, 1.0], [1.0, 1.0], [1e-30, 2.0], at_zero=0.5).roundings.error > 1e6


def test_ulp_are_those_of_the_truth_and_of_normal_numbers():
    assert judged([1.5, 1.0], [1.5 + 2.0**-23, 1.0]).ulp.error == pytest.approx(1)
    assert judged([3.0, 1.0], [3.0 + 2.0**-22, 1.0]).ulp.error == pytest.approx(1)
    assert judged([0.3, 1.0], [0.3 + 2.0**-25, 1.0]).ulp.error == pytest.approx(1)
    assert judged([0.0, 1.0], [1e-39, 1.0]).ulp == Worst()
