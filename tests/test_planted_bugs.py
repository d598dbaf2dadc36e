"""For every question at least one wrong layer, which must be caught, with the right culprit."""

from functools import cache

import jax
import pytest
import torch

from crosscheck import check, run
from crosscheck.catalog import layer as catalog_layer
from crosscheck.question import QUESTIONS
from planted_bugs import BUGS
from planted_layers import LAYERS, SIDES, twin


@pytest.fixture(autouse=True)
def _compile_right_layers_once(monkeypatch):
    monkeypatch.setattr(run, "load", load)


load = cache(run.load)
EACH = [(name, side) for name, bug in BUGS.items() for side in bug.sides]


def failed(report):
    """Which questions failed, and who was blamed."""
    return {v.question for v in report.failures}, {v.culprit for v in report.failures}


@pytest.mark.parametrize(("name", "side"), EACH)
def test_caught(name, side):
    bug = BUGS[name]
    planted = twin(bug.layer, {side: bug.wrong(SIDES[side])})
    report = check(planted, dtypes=bug.dtypes, case=bug.case)
    assert failed(report) == (set(bug.fails.split()), {side}), str(report)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_the_right_layers_pass(layer):
    cases = ("ordinary-0", *(["kink-0"] if "kinks" in LAYERS[layer] else []))
    for case in cases:
        report = check(twin(layer, {}), case=case)
        assert report.ok, str(report)
        assert {v.question for v in report.verdicts} == set(QUESTIONS)
        assert all(
            set(v.errors) == {"jax", "torch"} for v in report.verdicts if v.variant == "functional"
        )


def test_every_question_has_its_bug_on_either_side():
    caught = {(q, side) for name, side in EACH for q in BUGS[name].fails.split()}
    assert caught >= {(q, side) for q in QUESTIONS for side in SIDES}


@pytest.mark.parametrize("name", ["wrong value", "factor 1.0005", "detached second order"])
def test_both_wrong_alike_is_both(name):
    bug = BUGS[name]
    report = check(
        twin(bug.layer, {k: bug.wrong(s) for k, s in SIDES.items()}),
        dtypes=bug.dtypes, case=bug.case, questions=bug.fails.split(),
    )  # fmt: skip
    assert "both" in failed(report)[1]
    assert all(v.culprit == "both" for v in report.verdicts if len(v.errors) == 2)


def test_float64_is_right_where_only_float32_is_zero():
    bug = BUGS["zero only in float32"]
    report = check(twin(bug.layer, {"torch": bug.wrong(SIDES["torch"])}), questions=["vjp"])
    assert {v.dtype for v in report.failures} == {"float32"}


def test_only_the_forward_rule_is_blamed():
    bug = BUGS["forward rule differs from the primal"]
    report = check(twin(bug.layer, {"jax": bug.wrong(SIDES["jax"])}), questions=["value"])
    assert {v.variant for v in report.failures} == {"through-vjp"}


def test_a_layer_that_raises_is_reported_and_the_rest_goes_on():
    bug = BUGS["raises"]
    report = check(twin(bug.layer, {"torch": bug.wrong(SIDES["torch"])}), questions=["value"])
    assert all("ValueError: no such kernel" in v.messages["torch"] for v in report.failures)
    assert all(v.errors.get("jax", 0.0) <= v.budget for v in report.verdicts)
    assert "jit" in {v.variant for v in report.verdicts if v.ok}


BUILT_IN = {"torch": torch.sigmoid, "jax": jax.nn.sigmoid}


@pytest.mark.parametrize("side", BUILT_IN)
def test_built_in_sigmoid_fails_in_float32_tails(side):
    ours = catalog_layer("sigmoid")
    report = check(
        name="sigmoid", standard="strict", definition=ours.definition, inputs=ours.inputs,
        questions=["value", "jacobian", "hessian"], dtypes=["float32"], **{side: BUILT_IN[side]},
    )  # fmt: skip
    assert failed(report) == ({"jacobian", "hessian"}, {side})
