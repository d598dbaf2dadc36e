"""Verdicts on special values, at the edge of the budget, blind ones, and misfitting answers."""

import numpy as np
import pytest

import torchlayers
from crosscheck import check, real
from crosscheck.answer import Answer
from crosscheck.judge import judge
from crosscheck.structure import inspected
from truths import judged, truth_of

E, INF, NAN = np.e, np.inf, np.nan
SAID = {  # definition, type, inputs, answer, whether it is right
    "beyond float32": (np.exp, "float32", [100, 1], [INF, E], True),
    "beyond float64": (np.exp, "float64", [1000, 1], [INF, E], True),
    "finite beyond float64": (np.exp, "float64", [1000, 1], [5.0, E], False),
    "finite beyond both": (np.exp, "float32", [1000, 1], [5.0, E], False),
    "beyond both": (np.exp, "float32", [1000, 1], [INF, E], True),
    "zero where it is steep": (np.sqrt, "float64", [0, 4], [0, 2], True),
    "wrong beside where it is steep": (np.sqrt, "float64", [0, 4], [0, 3], False),
    "wrong sign of infinity": (np.exp, "float32", [100, 1], [-INF, E], False),
    "NaN for infinity": (np.exp, "float32", [100, 1], [NAN, E], False),
    "largest for infinity": (np.exp, "float32", [100, 1], [3.4e38, E], False),
    "wrong beside infinity": (np.exp, "float32", [100, 1], [INF, E + 1], False),
    "infinity within range": (np.exp, "float32", [80, 1], [INF, E], False),
    "NaN where defined": (np.exp, "float32", [0, 1], [NAN, E], False),
    "NaN where undefined": (np.log, "float64", [-1, 1], [NAN, 0], True),
    "wrong beside undefined": (np.log, "float64", [-1, 1], [NAN, 0.1], False),
    "undefined everywhere": (np.log, "float64", [-1, -2], [NAN, NAN], False),
    "signs of zero": (lambda x: -x, "float64", [0.0, -0.0], [0.0, -0.0], True),
    "flushed to zero": (lambda x: x / 4, "float32", [2.0**-126, 1], [0, 0.25], True),
    "not small enough to flush": (lambda x: x / 4, "float32", [2.0**-100, 1], [0, 0.25], False),
}


@pytest.mark.parametrize("name", SAID)
def test_special_values(name):
    definition, dtype, x, said, right = SAID[name]
    verdict = judged(truth_of(definition, dtype, x=x), np.array(said, dtype), "strict", 8.0)
    assert verdict.ok is right


@pytest.mark.parametrize(("roundings", "ok"), [(7.9, True), (8.1, False)])
def test_the_budget_divides(roundings, ok):
    truth = truth_of(np.exp, "float32", x=[0.5, 1.0])
    [block] = truth.blocks("value", "", [])
    said = block.truth.astype(float) + np.array([0, roundings * block.unit[1]])
    verdict = judged(truth, said, "strict", 8.0)
    assert (verdict.ok, verdict.culprit) == (ok, "none" if ok else "torch")
    assert verdict.errors["torch"] == pytest.approx(roundings, rel=1e-6)
    assert verdict.worst_index == "y[1]"


@pytest.mark.parametrize(("said", "right"), [([0, 3], True), ([0, -3], False), ([0.7, 3], False)])
def test_a_slope_that_is_steep_where_an_input_is_zero(said, right):
    truth = truth_of(lambda s: s**1.5, s=[0, 4])
    blocks = truth.blocks("vjp", "", [np.ones(2)])
    answer = Answer("torch", "vjp", "eager", "cpu", {"ds": np.array(said, float)})
    verdict = judge("given", truth.case, blocks, [answer], standard="strict", budget=8.0)
    assert verdict.ok is right


def test_a_replay_that_leaves_the_domain_blames_nobody():
    truth = truth_of(lambda x: np.sqrt(1 - x), "float32", "sound", x=[1, 0.5])
    verdict = judged(truth, np.sqrt(1 - np.array([1, 0.5], "float32")))
    assert (verdict.blind, verdict.culprit) == (True, "unknown")
    assert verdict.errors == {"torch": 0}


def test_floor_by_hand():
    floor = judged(truth_of(lambda x: x * 1.0, x=[4.0, 1.0]), [4.0, 1.0], "strict", 8.0).floor
    assert floor == pytest.approx(8 * (1 + 1) * 2.0**-53, rel=1e-9)


def test_a_blind_verdict_is_never_ok():
    """Noise of u·2⁶⁰ leaves nothing of 1: even the exact answer proves nothing."""
    drowned = {"definition": lambda x: (x + 2.0**60) - 2.0**60, "inputs": {"x": np.ones(2)}}
    report = check(torch=lambda x: x * 1, **drowned, questions=["value"], dtypes=["float64"])
    assert {(v.ok, v.blind, v.culprit) for v in report.verdicts} == {(False, True, "unknown")}
    assert report.blind == len(report.verdicts) > 0
    assert "blind" in str(report)


def test_a_budget_that_lets_everything_pass_is_blind():
    loose = {"budget": 1e17, "budget_reason": "to see"}
    report = check(
        torch=lambda x: x * 1, definition=lambda x: x, inputs={"x": real("3")}, **loose,
        questions=["value"], dtypes=["float64"],
    )  # fmt: skip
    assert not report.ok
    assert report.blind


@pytest.mark.parametrize("factor", [1.0, 1.001])
def test_where_the_sound_standard_sees_nothing_the_strict_one_decides(factor):
    """Of plain rounding the smallest second derivatives here are all noise, and ours are not."""

    def layer(x):
        return torchlayers.log_softmax(x) * factor

    x = np.array([[0.0, -18.0]], "float32")
    [verdict] = check(
        torch=layer, definition=lambda x: x - np.log(np.sum(np.exp(x), -1, keepdims=True)),
        inputs={"x": x}, standard="strict", sound=["hessian"], budget_reason="to see",
        questions=["hessian"], dtypes=["float32"], variant="reverse-over-reverse",
    ).verdicts  # fmt: skip
    right = factor == 1.0
    assert (verdict.ok, verdict.blind) == (right, not right)
    assert verdict.standard == ("strict" if right else "sound")


MISFITS = {
    "dtype": ({"y": np.ones(2, np.float32)}, "y has dtype float32; expected float64"),
    "shape": ({"y": np.ones((2, 1))}, "y has shape (2, 1); expected (2,)"),
    "labels": ({"y[0]": np.ones(2)}, "returned y[0]; expected y"),
    "nothing": ({}, "returned nothing; expected y"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_misfits_are_named_before_numbers_are_compared(name):
    said, message = MISFITS[name]
    truth = truth_of(lambda x: x, x=[1.0, 1.0])
    answer = inspected(Answer("torch", "value", "eager", "cpu", said), truth.case, truth.outputs)
    assert answer.failed == message
    blocks = truth.blocks("value", "", [])
    verdict = judge("given", truth.case, blocks, [answer], standard="strict", budget=8)
    assert (verdict.ok, verdict.culprit, verdict.messages["torch"]) == (False, "torch", message)


def test_a_cell_names_both_once_and_leaves_room_for_the_standard():
    """Some variants exist in one framework only, and blame that one alone."""
    report = check(
        jax=lambda x: 2 * x, torch=lambda x: 2 * x, definition=abs, inputs={"x": np.ones(2)}
    )
    assert {v.culprit for v in report.failures} == {"jax", "torch", "both"}
    assert "✗ both " in str(report)
    assert "both, " not in str(report)
    assert "sound 16" in str(report)
