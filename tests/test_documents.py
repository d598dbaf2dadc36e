"""The numbers of documents 001, 002 and 003, through the layers of both frameworks.

Test ids name the document, the thing and the framework: `003-elu-forward-jax-float32`. Nothing here
uses the harness, so that a fault in it cannot hide one in the layers.

Printed numbers are compared at half a unit of their last digit, plus what the layer's own type
rounds away: next to nothing in float64. Derived numbers are compared within a few roundings.
"""

from typing import Any, NamedTuple

import jax
import jax.test_util
import numpy as np
import pytest
import torch
from flint import arb, ctx

import documents as doc
from documents import Printed
from sides import SIDES, Array, Side, assert_within, each_side, rounding, strict


def ask(
    side: Side, layer: str, inputs: Any, dtype: np.dtype, g: Any = None, **settings: Any
) -> Any:
    """[value, *gradients] of a layer for the cotangent g (default: ones)."""

    def function(*arrays: Any) -> Any:
        return getattr(side.layers, layer)(*arrays, **settings)

    return side.pull(function, g, *(x.astype(dtype) for x in inputs))


# ---- What 002 and 003 print


X, W, Y = doc.TRACE_X, doc.TRACE_W, doc.TRACE_Y
TRACE_BY_HAND = doc.trace_by_hand(X, W, Y, doc.TRACE_MASK)
TRACE_MAGNITUDES = doc.trace_by_hand(abs(X), abs(W), -abs(Y), doc.TRACE_MASK)
TRACE_STEPS = 4 + 1 + 1 + 40  # xW, the subtraction, the square (or 2z), the trace (dW: 10 terms)

# 003 says that its loss is 0.5 (y - 1)², hence dloss/dy = y - 1. But what it prints as the loss's
# gradient is y itself, and its dx is that of 0.5 y²: -0.0180 at x = -4, where y - 1 gives -0.0363.
ELU_G = np.where(doc.ELU_X > 0, doc.ELU_X, np.expm1(doc.ELU_X))


class Case(NamedTuple):
    """What a document prints: the layer, its inputs, which answer (0: the value, i: the gradient
    of input i), the numbers, the roundings on the way to them, and the cotangent (None: ones)."""

    layer: str
    inputs: list[Array]
    part: int
    printed: Printed
    steps: int
    magnitude: Array
    g: Array | None = None


def trace_case(part: int, numbers: Printed) -> Case:
    magnitude = np.ravel(TRACE_MAGNITUDES[part])[: numbers.values.size]
    magnitude = magnitude.reshape(numbers.values.shape)
    return Case("relu_residual", [X, W, Y], part, numbers, TRACE_STEPS, magnitude)


CASES = {
    "002-trace": trace_case(0, doc.TRACE),
    "002-dx": trace_case(1, doc.TRACE_DX),
    "002-dW": trace_case(2, doc.TRACE_DW),
    "002-dy": trace_case(3, doc.TRACE_DY_START),
    "003-elu-forward": Case("elu", [doc.ELU_X], 0, doc.ELU_Y, 4, doc.ELU_Y.values),
    "003-elu-backward": Case("elu", [doc.ELU_X], 1, doc.ELU_DX, 4, doc.ELU_DX.values, ELU_G),
}


@each_side(*CASES)
def test_printed(name: str, side: Side, dtype: np.dtype) -> None:
    case = CASES[name]
    got = ask(side, case.layer, case.inputs, dtype, case.g)[case.part]
    want, half_unit = case.printed
    got = np.ravel(got)[: want.size].reshape(want.shape)  # one printout breaks off
    assert_within(got, want, half_unit + rounding(case.steps, dtype, case.magnitude), dtype)


@each_side("002-dy-breaks-off")
def test_digit_before_the_break(name: str, side: Side, dtype: np.dtype) -> None:
    dy = ask(side, "relu_residual", [X, W, Y], dtype)[3]
    assert f"{dy[4, 3]:.4e}".startswith("-4")


@each_side("002-d_relu")
def test_relu_mask(name: str, side: Side, dtype: np.dtype) -> None:
    mask = ask(side, "relu", [X @ W], dtype)[1]
    assert_within(mask, doc.TRACE_MASK, np.zeros(()), dtype)


def test_torch_seed_draws_what_002_drew() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for rows, want in ((10, X), (4, W), (10, Y)):
            # The logarithm and cosine inside differ between processors by a few last bits.
            assert np.allclose(torch.randn(rows, 4).numpy(), want, rtol=1e-6, atol=1e-6)


def test_003_prints_another_loss_than_it_states() -> None:
    def distance(g: Array) -> float:
        dx = doc.elu_backward_manual(doc.ELU_X, g, alpha=1.0)
        return np.max(abs(dx - doc.ELU_DX.values) / doc.ELU_DX.half_unit)

    assert distance(ELU_G) <= 1  # 0.5 y²
    assert distance(ELU_G - 1) > 300  # 0.5 (y - 1)²


# ---- What 002 and 003 derive by hand


@each_side("002-by-hand")
def test_trace_by_hand(name: str, side: Side, dtype: np.dtype) -> None:
    got = ask(side, "relu_residual", [X, W, Y], dtype)
    for part, want, magnitude in zip(got, TRACE_BY_HAND, TRACE_MAGNITUDES, strict=True):
        assert_within(part, want, rounding(TRACE_STEPS, dtype, magnitude), dtype)


@pytest.mark.parametrize("alpha", [1.0, 0.7])
@each_side("003-elu-manual")
def test_elu_manual_backward(name: str, side: Side, dtype: np.dtype, alpha: float) -> None:
    g = np.random.default_rng(3).normal(size=(3, 3)).astype(dtype)
    dx = ask(side, "elu", [doc.ELU_X], dtype, g, alpha=alpha)[1]
    want = doc.elu_backward_manual(doc.ELU_X, g.astype(np.float64), alpha)
    # dx moves by itself when g or alpha moves by one rounding, and by |x| dx when x does.
    assert_within(dx, want, strict(dtype, want, (2 + abs(doc.ELU_X)) * want), dtype)


# ---- 001: the sigmoid by its formulas, in ball arithmetic


def sigmoid_levels(number: float) -> list[float]:
    """σ, σ' = σ(1-σ), σ'' = σ'(1-2σ) and σ''' = σ''(1-2σ) - 2σ'², right to the last bit."""
    with ctx.workprec(160):
        s = 1 / (1 + (-arb(number)).exp())
        first = s * (1 - s)
        second = first * (1 - 2 * s)
        return [float(y) for y in (s, first, second, second * (1 - 2 * s) - 2 * first**2)]


SIGMOID = np.array([sigmoid_levels(number) for number in doc.SIGMOID_X]).T


def test_001_known_numbers() -> None:
    assert np.array_equal(SIGMOID[:3], doc.SIGMOID_LEVELS)


def total(side: Side) -> Any:
    """001's sum_sigmoid."""
    return lambda x: side.layers.sigmoid(x).sum()


SIGMOID_QUESTIONS = {
    "001-sigmoid-outputs": (0, lambda side, x: side.value(side.layers.sigmoid, x)),
    "001-sigmoid-gradients": (1, lambda side, x: side.pull(side.layers.sigmoid, None, x)[1]),
    "001-sigmoid-jacobian": (1, lambda side, x: side.jacobian(side.layers.sigmoid, x)),
    "001-sigmoid-hessian": (2, lambda side, x: side.hessian(total(side), x)),
}


@each_side(*SIGMOID_QUESTIONS)
def test_sigmoid(name: str, side: Side, dtype: np.dtype) -> None:
    level, question = SIGMOID_QUESTIONS[name]
    got = question(side, doc.SIGMOID_X.astype(dtype))
    want, tolerance = (
        SIGMOID[level],
        strict(dtype, SIGMOID[level], doc.SIGMOID_X * SIGMOID[level + 1]),
    )
    if got.ndim == 2:  # off the diagonal both are exactly zero
        want, tolerance = np.diag(want), np.diag(tolerance)
    assert_within(got, want, tolerance, dtype)


def test_001_gradcheck_torch() -> None:
    x = torch.tensor(doc.SIGMOID_X, requires_grad=True)
    assert torch.autograd.gradcheck(SIDES["torch"].layers.sigmoid, x, eps=1e-6, atol=1e-4)


def test_001_gradcheck_jax() -> None:
    with jax.enable_x64(True):
        jax.test_util.check_grads(
            SIDES["jax"].layers.sigmoid,
            (doc.SIGMOID_X,),
            order=1,
            modes=["rev"],
            eps=1e-6,
            atol=1e-4,
        )
