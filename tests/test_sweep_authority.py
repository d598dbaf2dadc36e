"""The authority of a sweep: held against balls, free where any answer is right."""

import numpy as np
import pytest

from crosscheck.precision import PRECISIONS
from crosscheck.sweep.authority import Authority
from crosscheck.sweep.balls import ALIKE, TRUSTED, check, confirmed
from crosscheck.sweep.results import Row
from crosscheck.sweep.subject import subjects
from crosscheck.sweep.tally import Tally, Worst

ALL = (0, 1, 2)
BANDED = """
import numpy as np
import torch
from crosscheck import Twin, real


def banded(x):
    return torch.where((x > 2.5) & (x < 2.75), x.sigmoid() * 0.5, x.sigmoid())


def definition(x):
    return 1 / (1 + np.exp(-x))


twin = Twin("banded", torch=banded, definition=definition, inputs={"x": real("...")})
"""


@pytest.mark.parametrize("name", ["elu", "sigmoid"])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_authority_and_units_are_those_of_the_truth(name, dtype):
    for subject in subjects(name, dtype, ALL, ("jax",)):
        found = check(subject, [-1.0, 17.0])
        assert found.sampled > 3 * 512
        assert found.error.error <= TRUSTED
        assert found.unit.error <= 1e-6 < ALIKE


def test_far_out_a_unit_is_not_the_width_of_balls():
    """There 160 bits leave a third derivative open by more than vanishes, times x."""
    subject, *_ = subjects("softplus", "bfloat16", ALL, ("torch",))
    assert check(subject, [8.0e31]).unit.error <= 1e-5 < ALIKE


def test_a_wrong_authority_is_not_trusted(monkeypatch):
    (subject,) = subjects("sigmoid", "float16", (1,), ("jax",))
    monkeypatch.setattr("crosscheck.sweep.balls.QUESTIONS", ("value", "value", "value"))
    found = check(subject, [])
    assert not found.ok
    assert found.error.error > 1
    assert found.unit.error > ALIKE


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_an_authority_that_is_wrong_between_round_numbers_is_not_trusted(dtype, tmp_path):
    """The layer is wrong in float64 as in the type that is swept, so that no sweep shows it."""
    path = tmp_path / "banded.py"
    path.write_text(BANDED)
    (subject,) = subjects(str(path), dtype, (0,), ("torch",))
    assert not check(subject, []).ok


def test_balls_confirm_an_error_and_refute_another():
    (subject,) = subjects("relu", "float16", (0,), ("jax",))
    u = PRECISIONS["float16"].u
    assert confirmed(subject, 0, Worst(2.0, 1.0, 1 + 4 * u)) == pytest.approx(2, rel=1e-3)
    row = Row(subject, "jax", 0, Tally(1, Worst(2.0, 1.0, 1.0)), confirmed=0.0)
    assert row.refuted
    assert not row.ok


def test_numbers_beyond_the_bounds_are_free():
    (subject,) = subjects("bessel_j0", "float16", (0,), ("jax",))
    x = np.float16([-1001, -999, 999, 1001, np.inf, 1])
    (right,) = Authority(subject).right(x)
    assert right.free.tolist() == [True, False, False, True, False, False]
    said = np.float16([np.nan, *right.y[1:3], np.nan, 0, 1])
    assert right.tally(said) == Tally(5, right.tally(said).roundings, right.tally(said).ulp)
    assert right.tally(said).roundings.error < 1


def test_conventions_of_built_in_layers_are_their_own():
    nowhere = [False] * 4
    x = np.array([-1, 0, 1, np.nan], "float16")
    for native, order, free in ((False, 1, nowhere), (True, 0, nowhere), (True, 1, [0, 1, 0, 1])):
        (subject,) = subjects("relu", "float16", (order,), ("jax",), native)
        (right,) = Authority(subject).right(x)
        assert (nowhere if right.free is None else right.free.tolist()) == free
