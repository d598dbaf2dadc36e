"""Smooth activations: near the zeros of their derivatives, in their tails, and coefficients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import jaxlayers.normal_tail
from crosscheck import check
from crosscheck.catalog import catalog
from crosscheck.fitting import normal_tail
from sides import Side, each_side

NONE: Mapping[str, Any] = {}
TANH = {"approximate": "tanh"}
# Zeros of y', y'' and y''': where one is 0, the rounding of x excuses nothing in the one before it.
ZEROS = {
    "silu": (NONE, [-1.2785, 2.3994, -2.3994, 3.4358, -3.4358]),
    "gelu": (NONE, [-0.7518, 1.4142, -1.4142, 2.0, -2.0]),
    "gelu-tanh": (TANH, [-0.7525, 1.4143, -1.4143, 2.0174, -2.0174]),
    "mish": (NONE, [-1.1924, -2.2564, 1.4906, -3.4, 2.5, -0.054]),
    "tanh": (NONE, [0.6585, -0.6585]),
    "sigmoid": (NONE, [1.317, -1.317]),
    "softplus": (NONE, [0.0, -1.0]),
    "log_sigmoid": (NONE, [0.0, 1.0]),
    "elu": (NONE, [-0.3, -0.6, -2.0]),
}
BUDGETS = {"value": 4.0, "jacobian": 4.0, "hessian": 6.0}


@pytest.mark.parametrize("name", ZEROS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("question", BUDGETS)
def test_within_a_few_roundings(name: str, dtype: str, question: str) -> None:
    settings, zeros = ZEROS[name]
    twin = catalog()[name.partition("-")[0]]
    near = np.random.default_rng(0).normal(size=(60 // len(zeros), 1)) * 0.02
    report = check(
        name=name, jax=twin.jax, torch=twin.torch, definition=twin.definition,
        inputs={"x": (np.array(zeros) + near).ravel()}, settings=[settings], kinks=twin.kinks,
        standard="strict", budget=BUDGETS[question], budget_reason="what these layers promise",
        questions=[question], dtypes=[dtype],
    )  # fmt: skip
    assert report.ok, str(report)


# Where exp(x), or what stands for it, is no normal number any more, and the gradient still is.
TAILS = {
    "silu": (NONE, {"float32": -90.0, "float64": -712.0}),
    "gelu": (NONE, {"float32": -13.25, "float64": -37.66}),
    "gelu-tanh": (TANH, {"float32": -10.07, "float64": -21.17}),
    "mish": (NONE, {"float32": -90.0, "float64": -712.0}),
}


@each_side(*TAILS)
def test_gradient_in_the_tail_is_not_zero(name: str, side: Side, dtype: np.dtype) -> None:
    settings, places = TAILS[name]
    x = np.array([places[dtype.name]], dtype)

    def layer(x: Any) -> Any:
        return getattr(side.layers, name.partition("-")[0])(x, **settings)

    _, dx = side.pull(layer, np.ones(1, dtype), x)
    smallest = np.finfo(dtype).smallest_normal
    assert smallest < -dx[0] < 5000 * smallest


@each_side("silu", "gelu-tanh", "mish")
def test_value_in_the_tail_is_not_zero(name: str, side: Side, dtype: np.dtype) -> None:
    settings, places = TAILS[name]
    x = np.array([places[dtype.name]], dtype)
    y = side.value(lambda x: getattr(side.layers, name.partition("-")[0])(x, **settings), x)
    smallest = np.finfo(dtype).smallest_normal
    assert smallest < -y[0] < 100 * smallest


@pytest.mark.parametrize("name", normal_tail.DEGREES)
def test_coefficients_are_those_of_the_fit(name: str) -> None:
    assert list(getattr(jaxlayers.normal_tail, name)) == normal_tail.coefficients(name)


@each_side("softplus")
def test_a_gradient_far_out_of_a_huge_cotangent(name: str, side: Side, dtype: np.dtype) -> None:
    x, g = np.full(3, 43, dtype), np.full(3, np.finfo(dtype).max / 4, dtype)
    _, dx = side.pull(side.layers.softplus, g, x)
    np.testing.assert_array_equal(dx, g)
