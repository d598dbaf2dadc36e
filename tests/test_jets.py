"""Jets against closed forms, and against NumPy and its exact differences."""

import flint
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from closed_forms import FORMS
from crosscheck.evaluation import Evaluation
from crosscheck.jet import Jet
from crosscheck.jet_array import UNARY
from truths import derivatives, jets

# one variable -------------------------------------------------------------------------------------


def test_every_function_has_a_closed_form():
    assert set(UNARY) - {"conjugate"} <= set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_closed_form(name):
    form = FORMS[name]
    for point in form.points:
        with flint.ctx.workprec(160):
            [jet], _ = jets(form.function, point)
            found = [jet.derivative((0,) * k) for k in range(4)]
        with flint.ctx.workprec(1000):
            for k, (ball, true) in enumerate(zip(found, form.derivatives(arb(point)), strict=True)):
                assert ball.contains(true), f"derivative {k} at {point}: {ball} misses {true}"
                assert ball.rad() <= arb(2) ** -90 * max(abs(true), arb(1)), f"{k}: {ball}"


@given(
    st.lists(st.sampled_from(["exp", "expit", "tanh", "sin", "arctan", "erf", "square", "log1p²"]),
             min_size=1, max_size=4),
    st.floats(-3, 3),
)  # fmt: skip
def test_balls_of_compositions_contain_the_truth(names, point):
    def chain(x):
        for name in names:
            x = np.log1p(x * x) if name == "log1p²" else FORMS[name].function(x)
        return x

    found = {}
    for bits in (100, 1000):
        with flint.ctx.workprec(bits):
            [jet], _ = jets(chain, point)
            found[bits] = [jet.derivative((0,) * k) for k in range(4)]
    with flint.ctx.workprec(1000):
        for wide, narrow in zip(found[100], found[1000], strict=True):
            assert wide.contains(narrow) or (
                wide.overlaps(narrow) and not wide.rad() > narrow.rad()
            )
            assert wide.contains(narrow.mid())


# many variables -----------------------------------------------------------------------------------

A = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5]])  # dyadic, so that differences below are exact
V = np.array([2.0, -1.0, 0.5])
M = np.array([[True, False, True], [False, True, True]])
LIKE_NUMPY = {
    "einsum": (lambda a, v: np.einsum("ij,j,kj->ik", a, v, np.ones((2, 3))), A, V),
    "matmul": (lambda a: a @ a.T, A),
    "matmul batched": (lambda a: np.stack([a, 2 * a]) @ np.ones((2, 3, 2)), A),
    "matmul const": (lambda v: A @ v, V),
    "dot": (np.dot, A, V),
    "outer": (np.outer, V, V),
    "trace": (lambda a: np.trace(a.T @ a), A),
    "sum": (lambda a: a.sum(axis=0, keepdims=True), A),
    "mean": (lambda a: a.mean(axis=0) ** 2, A),
    "np.mean": (lambda a: np.mean(a, axis=0), A),
    "var": (lambda a: a.var(axis=0), A),
    "var ddof": (lambda a: np.var(a, axis=1, ddof=1), A),
    "sort": (lambda a: np.sort(a, axis=1) * V, A),
    "argsort": (lambda v: v[np.argsort(v)] * V, V),
    "argmax": (lambda v: v[np.argmax(v)] ** 2, V),
    "cumsum": (lambda a: np.cumsum(a, axis=1) ** 2, A),
    "diff": (lambda v: np.diff(v) ** 2, V),
    "cumprod": (lambda v: np.cumprod(v[:2]), V),
    "where": (lambda a: np.where(a > 0, a * a, -a), A),
    "where mask": (lambda a: np.where(M, a * a, 7.0).sum(axis=1), A),
    "where and": (lambda a: np.where((a > -1) & (a <= 1.25), a, a * a), A),
    "take_along_axis": (
        lambda a: np.take_along_axis(a, np.array([[2], [0]]), axis=1) ** 2, A),
    "clip": (lambda a: np.clip(a, -1.25, 0.75) ** 2, A),
    "max": (lambda a: a.max(axis=1) * a[:, 0], A),
    "amin": (lambda a: np.min(a, axis=0), A),
    "maximum": (lambda a: np.maximum(a, 0.125) * np.minimum(0.75, a), A),
    "abs": (lambda a: abs(a) * np.abs(a), A),
    "sign": (lambda a: np.sign(a) * a, A),
    "floor": (lambda a: (a + 0.125 - np.floor(a + 0.125)) ** 2, A),
    "round": (lambda a: (a + 0.125 - np.round(a + 0.125)) ** 2, A),
    "concatenate": (lambda a, v: np.concatenate([a, v[None]]) ** 2, A, V),
    "stack": (lambda v: np.stack([v, v * v]), V),
    "reshape": (lambda a: a.reshape(3, 2).T ** 2, A),
    "pad": (lambda v: np.pad(v, 1) ** 2, V),
    "roll": (lambda v: np.roll(v, 1) * v, V),
    "broadcast": (lambda a, v: (a - v) * (a[:, :1] + v), A, V),
    "ones_like": (lambda v: v * np.ones_like(v) + np.zeros_like(v), V),
    "index": (lambda a: a[[1, 0], [2, 2]] * a[0, 0], A),
    "iadd": (lambda a: (a * 1).__iadd__(A) ** 2, A),
    "square": (np.square, V),
}  # fmt: skip


@pytest.mark.parametrize("name", LIKE_NUMPY)
def test_like_numpy_and_its_differences(name):
    """At most quadratic, of dyadic numbers: central differences are exact in float64."""
    function, *arrays = LIKE_NUMPY[name]
    x = np.concatenate([a.ravel() for a in arrays])
    h = 2.0**-4

    def at(flat):
        cuts = np.split(flat, np.cumsum([a.size for a in arrays])[:-1])
        return np.asarray(
            function(*(c.reshape(a.shape) for c, a in zip(cuts, arrays, strict=True)))
        )

    steps = h * np.eye(x.size)
    gradient = np.stack([(at(x + e) - at(x - e)) / (2 * h) for e in steps])
    hessian = np.stack([
        [(at(x + e + f) - at(x + e - f) - at(x - e + f) + at(x - e - f)) / (2 * h) ** 2
         for e in steps]
        for f in steps
    ])  # fmt: skip
    with flint.ctx.workprec(160):
        found, evaluation = jets(function, *arrays, order=2)
        values, gradients, hessians = zip(*(derivatives(j, x.size) for j in found), strict=True)
    assert not evaluation.ties
    np.testing.assert_allclose(values, at(x).ravel(), rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(gradients, gradient.reshape(x.size, -1).T, rtol=1e-12, atol=1e-12)
    want = hessian.reshape(x.size, x.size, -1).transpose(2, 0, 1)
    np.testing.assert_allclose(hessians, want, rtol=1e-11, atol=1e-11)


def test_masked_logsumexp():
    """Plain numbers among the jets, in front as well, keep no derivative from those behind."""
    x = np.array([5.0, 0.5, -1.0])
    mask = np.array([False, True, True])
    with flint.ctx.workprec(160):
        [jet], _ = jets(lambda x: np.log(np.exp(np.where(mask, x, -1e9)).sum()), x, order=2)
        value, gradient, hessian = derivatives(jet, 3)
    p = np.where(mask, np.exp(x), 0) / np.exp(x)[mask].sum()
    assert value == pytest.approx(np.log(np.exp(x)[mask].sum()), rel=1e-15)
    np.testing.assert_allclose(gradient, p, rtol=1e-14)
    np.testing.assert_allclose(hessian, np.diag(p) - np.outer(p, p), rtol=1e-13, atol=1e-300)


def test_rounding_is_half_to_even():
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.25])
    with flint.ctx.workprec(160):
        found, _ = jets(np.round, halves)
    assert [float(jet.value) for jet in found] == np.round(halves).tolist()


@pytest.mark.parametrize("noise", [None, 1])
def test_a_reciprocal_is_worked_out_once_unless_operations_have_noise_of_their_own(noise):
    evaluation = Evaluation(2, noise=noise)
    x = Jet({(): arb(3), (0,): arb(1)}, evaluation)
    assert (x.reciprocal is x.reciprocal) == (noise is None)
    quotient = 2 / x
    assert abs(quotient.value - arb(2) / 3) < 1e-15
    assert abs(quotient.derivative((0, 0)) - arb(4) / 27) < 1e-15
