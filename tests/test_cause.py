"""Likely causes: named where the numbers show them, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from crosscheck import Twin, boolean, check, real
from crosscheck.audit.side_torch import torch_rule
from crosscheck.case import Case
from crosscheck.cause import HYPOTHESES
from crosscheck.cause.evidence import Evidence
from crosscheck.cause.place import extreme
from crosscheck.cause.siblings import with_siblings
from crosscheck.precision import PRECISIONS
from planted_bugs import BUGS
from planted_layers import LAYERS, SIDES, twin

CAUSES = {  # bug, question → what its cause says
    ("abs(g)", "vjp"): "|g| in place of g",
    ("abs(g)", "jvp"): "|g| in place of g",
    ("abs(g)", "hessian"): "|g| in place of g",
    ("g clamped", "vjp"): "g clamped to ±1",
    ("g ignored", "vjp"): "g ignored: 1 in its place",
    ("factor 1.0005", "vjp"): "off by a factor 1.0005",
    ("value wrong in float32's last digits", "value"): "off by a factor 1.00001",
    ("sign", "jacobian"): "the sign: minus the right answer",
    ("zero only in float32", "vjp"): "all zero: no gradient for x",
    ("NaN in one entry", "jacobian"): "NaN only where x >= ",
    ("output is NaN", "value"): "NaN in every entry",
    ("gradient in float32, which torch casts back", "vjp"): "computed in float32",
    ("detached second order", "hessian"): "second order is zero while the first is right",
    ("saved intermediate", "hessian"): "second order is zero while the first is right",
    ("torch jvp doubled", "jvp"): "off by a factor 2; wrong only in the variant forward",
    ("wrong at the kink only", "vjp"): "wrong only at the kink x = 0 (slope 0)",
    ("transposed gradient", "vjp"): "transposed (in dw)",
    ("output transposed", "value"): "transposed",
    ("output kept as a row", "value"): "right but for an axis of length 1 too many",
    ("batch averaged", "vjp"): "0.5 = 1/the length of axis 0 of x (a mean for a sum?) (in db)",
    ("batch not summed", "vjp"): "missing reduction over axis 0: a gradient of shape (2, 3)",
    ("first row for the batch", "vjp"): "missing reduction: only the first entry along axis 0 of y",
    ("missing 1/n", "vjp"): "off by a factor 6 = the number of entries of x (1/n missing?)",
    ("second argument forgotten", "vjp"): "all zero: no gradient for y (in dy)",
    ("second output forgotten", "vjp"): "nothing comes back from y[1]",
    ("three times too large, zero under sum", "vjp"): "off by a factor 3",
}
UNEXPLAINED = [
    ("wrong value", "value"),
    ("raises", "value"),
    ("an output too many", "value"),
    ("repeated rows overwritten, torch", "vjp"),
]


def planted(name):
    """A wrong layer alone, in torch where it exists there; the right side adds nothing here."""
    bug = BUGS[name]
    side = bug.sides[-1]
    alone = dict.fromkeys(SIDES) | {side: bug.wrong(SIDES[side])}
    return replace(twin(bug.layer, {}), **alone), bug


def causes(twin, **asked):
    """The causes of all failures, each once."""
    report = check(twin, **asked)
    assert report.failures
    return {v.cause for v in report.failures}


@pytest.mark.parametrize(("name", "question"), CAUSES, ids=map("-".join, CAUSES))
def test_the_cause_is_named(name, question):
    layer, bug = planted(name)
    first = ["vjp"] if question == "hessian" else []
    found = causes(layer, questions=[*first, question], dtypes=bug.dtypes, case=bug.case)
    assert all(CAUSES[name, question] in cause for cause in found), found


@pytest.mark.parametrize(("name", "question"), UNEXPLAINED, ids=map("-".join, UNEXPLAINED))
def test_no_cause_is_invented(name, question):
    layer, bug = planted(name)
    assert causes(layer, questions=[question], dtypes=bug.dtypes, case=bug.case) == {""}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_right_answers_have_none(layer):
    report = check(replace(twin(layer, {}), jax=None), dtypes=["float32"])
    assert {v.cause for v in report.verdicts} == {""}


def torch_twin(forward, backward, definition, **more):
    more = {"inputs": {"x": real("n 6")}} | more
    return Twin("planted", torch=torch_rule(forward, backward), definition=definition, **more)


def by_mask(backward):
    """x where m is true, else 0, and a gradient of its own."""
    inputs = {"x": real("4 6"), "m": boolean("4 6")}
    return torch_twin(
        lambda x, m: x * m, lambda g, x, m: (backward(g, m), None),
        lambda x, m: np.where(m, x, 0), inputs=inputs,
    )  # fmt: skip


def scaled(factor):
    """x / (1 - rate), with a factor in its gradient."""
    return Twin(
        "scaled", definition=lambda x, rate: x / (1 - rate), inputs={"x": real("n 3")},
        torch=lambda x, rate: torch_rule(
            lambda x: x / (1 - rate), lambda g, x: (factor(rate) * g / (1 - rate),)
        )(x),
        settings=[{"rate": 0.3}],
    )  # fmt: skip


def with_edge(g, x):
    d = 3 * g * x**2
    d[..., -2:] = 0
    return (d,)


def cube(backward):
    return torch_twin(lambda x: x**3, backward, lambda x: x**3, inputs={"x": real("1 6")})


PLANTED = {
    "a mask drawn again": (
        lambda: by_mask(lambda g, m: g * m.roll(1)), "a stale mask, or another: zero in "),
    "mask forgotten": (lambda: by_mask(lambda g, m: g + 0 * m), "nonzero in "),
    "1/(1 - p) missing": (
        lambda: scaled(lambda p: 1 - p), "a factor 0.7 = 1 - rate (1/(1 - rate) missing?)"),
    "1/(1 - p) twice": (lambda: scaled(lambda p: 1 / (1 - p)), "= 1/(1 - rate)"),
    "the last entries left out": (
        lambda: torch_twin(lambda x: x**3, with_edge, lambda x: x**3, inputs={"x": real("12")}),
        "wrong only in the last 2 entries of 12: an edge"),
    "absolute value": (
        lambda: cube(lambda g, x: ((3 * g * x**2).abs(),)), "|g| in place of g"),
    "absolute value of a signed slope": (
        lambda: torch_twin(torch.sin, lambda g, x: ((g * x.cos()).abs(),), np.sin),
        "the absolute value of the right answer"),
    "the last row left out of a sum": (
        lambda: torch_twin(
            lambda x, b: x + b, lambda g, x, b: (g, g[:-1].sum(0)), lambda x, b: x + b,
            inputs={"x": real("4 3"), "b": real("3")}),
        "the last entry along axis 0 of y is left out (in db)"),
    "wrong in one tail": (
        lambda: torch_twin(
            torch.sin, lambda g, x: (g * x.cos() * (1 - (x > 1.5) * 0.1 * x),), np.sin),
        "wrong only where x >= "),
    "overflow": (
        lambda: torch_twin(
            torch.tanh, lambda g, x: (4 * g * (2 * x).exp() / ((2 * x).exp() + 1) ** 2,),
            np.tanh, inputs={"x": np.array([0.5, -1, 2, 0.1, 60, 80, 3, -2])}),
        "NaN only where |x| >= 60"),
    "reshaped": (
        lambda: torch_twin(
            lambda x: x.T * 1, lambda g, x: (g.reshape(x.shape),), lambda x: x.T,
            inputs={"x": real("2 3")}),
        "reshaped where it should be transposed"),
    "a shape that torch refuses": (
        lambda: torch_twin(
            lambda x: x.T * 1, lambda g, x: (g * 1,), lambda x: x.T, inputs={"x": real("2 3")}),
        "transposed: a gradient of shape (3, 2) for an input of shape (2, 3)"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_more_causes(name):
    build, words = PLANTED[name]
    dtype = "float32" if name == "overflow" else "float64"
    kind = "given-0" if name == "overflow" else "ordinary-0"
    found = causes(build(), questions=["vjp"], dtypes=[dtype], case=kind)
    assert all(words in cause for cause in found), found


def test_right_in_float64_only():
    layer, _ = planted("zero only in float32")
    report = check(layer, questions=["vjp"], dtypes=["float64", "float32"])
    assert {v.cause for v in report.failures} == {
        "all zero: no gradient for x; wrong only in float32"
    }


def test_wrong_under_one_setting_only():
    def wrong(x, alpha=1.0):
        return x * alpha * (1.001 if alpha == 2 else 1)

    settings = [{}, {"alpha": 2.0}]
    report = check(
        name="scaled", torch=wrong, definition=lambda x, alpha=1.0: x * alpha,
        inputs={"x": real("n")}, settings=settings, questions=["value"], dtypes=["float64"],
    )  # fmt: skip
    found = {v.cause for v in report.failures if v.case.startswith("ordinary")}
    assert found == {"off by a factor 1.001; wrong only with alpha=2.0"}


def test_both_sides_alike_share_a_cause():
    bug = BUGS["sign"]
    both = twin(bug.layer, {name: bug.wrong(side) for name, side in SIDES.items()})
    found = causes(both, questions=["vjp"], dtypes=["float64"], case="ordinary-0")
    assert found == {"the sign: minus the right answer"}


def test_siblings_change_no_verdict_that_is_right():
    report = check(twin(next(iter(LAYERS)), {"jax": None}), questions=["value"])
    assert with_siblings(report.verdicts) == report.verdicts


def evidence(rng, shape):
    """A linear layer's wrong gradient: errors of a tenth in every entry, at random."""
    size = int(np.prod(shape))
    jacobian, g = rng.normal(size=(5, size)), rng.normal(size=5)
    truth = (g @ jacobian).reshape(shape)
    said = truth * (1 + 0.1 * rng.normal(size=shape))
    x = rng.normal(size=shape)
    case = Case("ordinary-0", {"x": x}, ("x",), {"rate": 0.3}, PRECISIONS["float32"], (0, 0))
    return Evidence(
        question="vjp", said=said, truth=truth, room=np.full(shape, 1e-6), x="x", g=None,
        wrong=np.abs(said - truth) > 1e-6, case=case, kinks={"x": {0.0: "slope 0"}},
        cotangents=[g], elsewhere=lambda other: (other[0] @ jacobian).reshape(shape),
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3, 3), (2, 5), (4, 4, 2)], ids=str)
def test_random_errors_have_no_cause(shape):
    rng = np.random.default_rng(0)
    for _ in range(300):
        e = evidence(rng, shape)
        assert [words for hypothesis in HYPOTHESES if (words := hypothesis(e))] == []


def test_random_places_are_seldom_called_extreme():
    """One to three wrong entries of twenty, called extreme only where that is no accident."""
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(1000):
        e = evidence(rng, (20,))
        wrong = np.isin(np.arange(20), rng.choice(20, size=rng.integers(1, 4), replace=False))
        found += bool(extreme(replace(e, said=np.where(wrong, e.said, e.truth), wrong=wrong)))
    assert found < 10
