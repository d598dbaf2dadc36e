"""Twins judged by more or less than a definition: surrogates, budgets, no definition at all."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck import TwinError, check, real
from planted_bugs import BUGS
from planted_layers import LAYERS, SIDES, right

quick = partial(check, dtypes=["float64"], case="ordinary-0")


def test_surrogate():
    straight_through = {
        "jax": lambda x: x + jax.lax.stop_gradient(jnp.floor(x) - x),
        "torch": lambda x: x + (torch.floor(x) - x).detach(),
        "definition": np.floor, "inputs": {"x": real("n")},
    }  # fmt: skip
    asked = {"questions": ["value", "vjp", "hessian"]}
    assert quick(**straight_through, **asked, surrogate=lambda x: x).ok
    without = quick(**straight_through, **asked)
    assert {v.question for v in without.failures} == {"vjp"}
    assert {v.culprit for v in without.failures if v.variant == "functional"} == {"both"}


def test_a_budget_with_a_reason():
    sloppy = {"torch": lambda x: torch.sin(x) * (1 + 1e-14), "definition": np.sin}
    asked = {"inputs": {"x": real("n")}, "questions": ["value"]}
    assert not quick(**sloppy, **asked).ok
    report = quick(**sloppy, **asked, budget=200, budget_reason="a table lookup")
    assert report.ok
    assert {v.budget for v in report.verdicts} == {200}
    assert "a table lookup" in str(report)


# no definition ------------------------------------------------------------------------------------


def undefined(layer, wrong=(), **asked):
    """The check of a planted layer whose definition nobody gave."""
    sides = {name: right(layer, name) for name in SIDES} | dict(wrong)
    return check(**sides, inputs=LAYERS[layer]["inputs"], **{"case": "ordinary-0"} | asked)


def test_agreement_passes_and_is_called_weaker():
    report = undefined(BUGS["wrong value"].layer)
    assert report.ok, str(report)
    assert all("proves less" in v.weaker for v in report.verdicts)
    assert "weaker: no definition" in str(report)


@pytest.mark.parametrize("side", SIDES)
def test_wrong_in_float32_only(side):
    bug = BUGS["zero only in float32"]
    report = undefined(bug.layer, {side: bug.wrong(SIDES[side])}, questions=["value", "vjp"])
    assert {(v.question, v.dtype, v.culprit) for v in report.failures} == {("vjp", "float32", side)}


DISAGREE = {
    "abs(g)": ["value", "vjp"],
    "factor 1.0005": ["vjp", "jvp"],
    "detached second order": ["vjp", "hessian"],
    "transposed gradient": ["value", "jacobian"],
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", DISAGREE)
def test_central_differences_name_the_culprit(name, side):
    bug = BUGS[name]
    asked = {"questions": DISAGREE[name], "dtypes": ["float64"]}
    report = undefined(bug.layer, {side: bug.wrong(SIDES[side])}, **asked)
    assert {v.question for v in report.failures} == set(bug.fails.split()) & set(DISAGREE[name])
    assert {v.culprit for v in report.failures} == {side}


@pytest.mark.parametrize("name", ["wrong value", "output is NaN"])
@pytest.mark.parametrize("side", SIDES)
def test_disagreeing_values_blame_nobody(name, side):
    bug = BUGS[name]
    asked = {"questions": ["value"], "dtypes": ["float64", "float32"]}
    report = undefined(bug.layer, {side: bug.wrong(SIDES[side])}, **asked)
    assert {v.culprit for v in report.verdicts} == {"unknown"}
    assert not report.ok


def test_wrong_alike_passes_which_is_why_it_is_weaker():
    bug = BUGS["wrong value"]
    wrong = {name: bug.wrong(side) for name, side in SIDES.items()}
    assert undefined(bug.layer, wrong, questions=["value"]).ok
    assert not check(**wrong, **LAYERS[bug.layer], questions=["value"]).ok


def failing_backward(s):
    def backward(g, x):
        raise ValueError("no gradient today")

    return s.rule(s.xp.sin, backward)


@pytest.mark.parametrize("sides", [["jax"], ["torch"], ["jax", "torch"]], ids="+".join)
def test_a_backward_that_raises_is_blamed(sides):
    good = {"jax": jnp.sin, "torch": torch.sin}
    wrong = {name: failing_backward(SIDES[name]) for name in sides}
    report = quick(**good | wrong, inputs={"x": real("n")}, questions=["value", "vjp"])
    blamed = {v.culprit for v in report.failures if v.variant == "functional"}
    assert blamed == {"both" if len(sides) == 2 else sides[0]}
    assert {v.question for v in report.failures} == {"vjp"}


OTHERWISE = {
    "a tuple": lambda x: (x, x),
    "transposed": lambda x: x.T,
    "float32": torch.Tensor.float,
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_different_outputs_are_a_failure(what):
    report = quick(jax=lambda x: x, torch=OTHERWISE[what], inputs={"x": real("3 2")})
    assert {v.culprit for v in report.failures if v.question == "value"} == {"unknown"}


def raising(x):
    raise ValueError("no value today")


def test_nothing_to_judge_by():
    with pytest.raises(TwinError, match="expected a definition or the layer in both frameworks"):
        quick(jax=jnp.sin, inputs={"x": real("n")})
    with pytest.raises(TwinError, match="raises in both frameworks"):
        quick(jax=raising, torch=raising, inputs={"x": real("n")})


def test_limits_are_judged_without_a_definition():
    limits = {np.inf: 1.0, -np.inf: -1.0, np.nan: np.nan}
    asked = {"inputs": {"x": real()}, "limits": limits, "case": "limits-0", "questions": ["value"]}
    assert quick(jax=jnp.tanh, torch=torch.tanh, **asked).ok
    report = quick(jax=jnp.tanh, torch=lambda x: torch.tanh(x).nan_to_num(), **asked)
    assert {v.culprit for v in report.failures} == {"torch"}


MASK = np.array([True, False, True])
NOT_FINITE = {
    "masked": (
        {"jax": lambda x: jnp.where(MASK, x, -jnp.inf),
         "torch": lambda x: torch.where(torch.tensor(MASK), x, -torch.inf)},
        real("3"),
    ),
    "outside": ({"jax": jnp.log, "torch": torch.log}, np.array([-1.0, 1.0, 2.0])),
}  # fmt: skip


@pytest.mark.parametrize(("sides", "x"), NOT_FINITE.values(), ids=NOT_FINITE)
def test_what_is_not_finite_in_both_is_no_fault(sides, x):
    asked = {"inputs": {"x": x}, "questions": ["value", "vjp"], "dtypes": ["float32"]}
    report = check(**sides, **asked)
    assert report.ok, str(report)
    finite = {"torch": lambda x: sides["torch"](x).nan_to_num()}
    assert not check(**sides | finite, **asked).ok
