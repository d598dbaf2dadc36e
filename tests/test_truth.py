"""The truth: attention against autograd, projections, comparisons, ties, precision, refusals."""

import re

import flint
import numpy as np
import pytest
import torch
from scipy import special

from crosscheck import TwinError
from crosscheck.answer import Answer
from crosscheck.jet import Undecided
from crosscheck.jet_array import CannotDefine
from crosscheck.question import labels
from truths import cotangents, jets, truth_of


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention(q, k, v):
    return softmax(np.einsum("id,jd->ij", q, k) / np.sqrt(3.0)) @ v


def test_attention_against_autograd():
    q, k, v = np.random.default_rng(0).normal(size=(3, 4, 3))
    truth = truth_of(attention, standard="sound", q=q, k=k, v=v)
    g = cotangents(truth)
    found = {q: truth.blocks(q, "", g) for q in ("value", "jacobian", "hessian")}

    def layer(q, k, v):
        return torch.softmax(q @ k.T / 3.0**0.5, -1) @ v

    x = tuple(map(torch.tensor, truth.case.reals))
    pairing = lambda *x: (torch.tensor(g[0]) * layer(*x)).sum()  # noqa: E731
    hessian = torch.autograd.functional.hessian(pairing, x)
    want = {
        "value": [layer(*x)],
        "jacobian": torch.autograd.functional.jacobian(layer, x),
        "hessian": [block for row in hessian for block in row],
    }
    for question, blocks in found.items():
        assert [b.label for b in blocks] == labels(question, [""], list("qkv"))
        for block, true in zip(blocks, want[question], strict=True):
            said = block.truth.astype(float)
            np.testing.assert_allclose(said, true, rtol=0, atol=1e-12 * float(true.abs().max()))


def test_projections_above_64_entries():
    x = np.linspace(0.5, 2.0, 70)
    truth = truth_of(lambda x: x**3, x=x)
    case = truth.case
    [g], [t], [probe] = case.cotangents([x.shape]), case.tangents(), case.probes()
    want = {"vjp": 3 * x**2 * g, "product": 6 * x * g * t}
    assert not truth.whole
    assert "64 input entries" in truth.not_judged("jacobian")
    for question, answer in want.items():
        [block] = truth.blocks(question, "", [g])
        assert block.truth.shape == ()
        assert float(block.truth[()]) == pytest.approx(probe @ answer, rel=1e-13)
        said = truth.project(Answer("torch", question, "", "cpu", {"dx": answer}))
        assert said.blocks["projection"] == pytest.approx(probe @ answer, rel=1e-13)
    [block] = truth.blocks("jvp", "", [g])
    np.testing.assert_allclose(block.truth.astype(float), 3 * x**2 * t, rtol=1e-15)


# comparisons, ties, precision ---------------------------------------------------------------------

TIES = {
    "branch": (lambda x: np.where(x > 0, x, 0), [0.0, 1.0]),
    "branch -0": (lambda x: np.where(x >= 0, x, 0), [-0.0, 1.0]),
    "two inputs": (lambda x: np.where(x[0] == x[1], 0, x), [3.0, 3.0]),
    "sort": (np.sort, [2.0, 2.0]),
    "maximum": (lambda x: np.maximum(x, 0), [0.0, 1.0]),
    "maximum, constant first": (lambda x: np.maximum(0, x), [0.0, 1.0]),
    "minimum, constant first": (lambda x: np.minimum(1.0, x), [0.0, 1.0]),
    "max": (lambda x: x.max(), [2.0, 2.0]),
    "abs": (np.abs, [0.0, 1.0]),
    "clip": (lambda x: np.clip(x, -1, 1), [1.0, 0.0]),
    "sign": (np.sign, [0.0]),
    "floor": (np.floor, [2.0]),
    "round": (np.round, [2.5]),
}


@pytest.mark.parametrize("name", TIES)
def test_exact_tie_is_noted(name):
    function, at = TIES[name]
    with flint.ctx.workprec(160):
        assert jets(function, at)[1].ties
        assert not jets(function, np.array(at) + [0.25, 0.375][: len(at)])[1].ties


def test_a_tie_between_constants_is_none():
    with flint.ctx.workprec(160):
        assert not jets(lambda x: np.where(np.array([1.0, 2.0]) * 0 == 0, x, 0), [0.0, 1.0])[1].ties


def test_derivatives_at_ties_are_judged_only_where_stated():
    bare = truth_of(TIES["branch"][0], x=[0.0, 1.0])
    stated = truth_of(TIES["branch"][0], x=[0.0, 1.0], kinks={"x": {0.0: "slope 0"}})
    inherited = truth_of(TIES["maximum"][0], x=[0.0, 1.0], kinks={"x": {0.0: "slope 1"}})
    assert [bool(t.not_judged("vjp")) for t in (bare, stated, inherited)] == [True, False, True]
    assert not any(t.not_judged("value") for t in (bare, stated, inherited))
    [block] = stated.blocks("jacobian", "", [])
    assert [[float(d) for d in row] for row in block.truth] == [[0, 0], [0, 1]]


def test_undecided_raises_precision():
    definition = lambda x: np.where(1 + x > 1, 2 * x, x)  # noqa: E731
    with flint.ctx.workprec(160), pytest.raises(Undecided, match="cannot decide"):
        jets(definition, 2.0**-200)
    truth = truth_of(definition, x=2.0**-200)
    assert [float(b.truth[()]) for b in truth.blocks("value", "", [])] == [2.0**-199]


def test_undecidable_is_a_clear_error():
    truth = truth_of(lambda x: np.where(np.exp(np.log(x)) >= x, x, 0), x=3.0)
    with pytest.raises(
        TwinError, match=r"cannot decide how .*3\.0.* compares with 3\.0.* 2560 bits"
    ):
        truth.blocks("value", "", [])


def test_cancellation_raises_precision():
    truth = truth_of(lambda x: ((x + 2.0**200) - 2.0**200) ** 2, x=[3.0, 0.1])
    for question, want in {"value": [9.0, 0.1**2], "vjp": [6.0, 0.2]}.items():
        [block] = truth.blocks(question, "", [np.ones(2)])
        np.testing.assert_allclose(block.truth.astype(float), want, rtol=1e-15)
        assert np.all(block.unit < 1e-14)


CANNOT = {
    "hypot": lambda x: np.hypot(x, 1.0),
    "remainder": lambda x: x % 1.0,
    "psi": special.digamma,
    "heaviside": lambda x: np.heaviside(x, 0),
    "numpy.linalg.inv": lambda x: np.linalg.inv(x * np.eye(2)),
    "astype(int64)": lambda x: x.astype(np.int64),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_jets_cannot_do_is_named(name):
    with pytest.raises(CannotDefine, match=re.escape(f"the definition uses {name}, ")):
        jets(CANNOT[name], [0.5, 1.5])
    truth = truth_of(CANNOT[name], x=[0.5, 1.5])
    with pytest.raises(TwinError, match=re.escape(name)):
        truth.blocks("value", "", [])


def test_a_definition_that_raises_is_an_error_with_the_shapes():
    truth = truth_of(lambda x: x @ np.ones(3), x=[0.5, 1.5])
    with pytest.raises(TwinError, match=r"raised ValueError: .*for inputs x \(2,\)"):
        truth.blocks("value", "", [])


def test_units_are_finite_where_only_the_slope_is_beyond_the_range():
    truth = truth_of(lambda x: x * x, x=[1.7e308] * 6)
    [block] = truth.blocks("jvp", "", [])
    inside = np.abs(block.truth.astype(float)) < 1.7e308
    assert inside.any()
    assert np.isfinite(block.unit[inside]).all()
