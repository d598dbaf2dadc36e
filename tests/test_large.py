"""Large arrays: layers and definitions that do not fit together, and ties."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck import Twin, check, real
from crosscheck.authority import authority
from crosscheck.errors import TwinError
from crosscheck.jobs import in_order, judged
from crosscheck.options import Options
from crosscheck.run import connect, plan

TABLE = np.random.default_rng(0).normal(size=(16, 8))
ASKED: dict[str, Any] = {"questions": ["value", "vjp"], "dtypes": ["float32"]}


def doubled(x: Any) -> Any:
    return 2 * x


def with_table(x: Any) -> Any:
    return x + (torch.tensor(TABLE).to(x) if isinstance(x, torch.Tensor) else TABLE)


def test_rows_that_a_definition_does_not_take_alone():
    twin = Twin("placed", torch=with_table, definition=with_table, inputs={"x": real("16 8")})
    report = check(twin, **ASKED)
    assert report.ok, str(report)


RETURNS = {  # what torch's layer returns instead, and what is said of it
    "one more output": (lambda x: (2 * x, x), "returned y[0], y[1]"),
    "another shape": (lambda x: 2 * x[:, :1], "y has shape (10, 1)"),
    "another type": (lambda x: (2 * x).half(), "y has dtype float16"),
}


@pytest.mark.parametrize("defined", [True, False])
@pytest.mark.parametrize("name", RETURNS)
def test_outputs_that_differ_are_a_verdict(name, defined):
    layer, said = RETURNS[name]
    twin = Twin(
        "odd", jax=doubled, torch=layer, definition=doubled if defined else None,
        inputs={"x": real("10 10")},
    )  # fmt: skip
    failures = check(twin, **ASKED).failures
    assert {v.culprit for v in failures} <= {"torch"} | (set() if defined else {"unknown"})
    assert any(said in v.messages.get("torch", "") for v in failures)


def test_a_layer_that_raises_is_a_verdict():
    def raises(x):
        raise RuntimeError("no memory left")

    twin = Twin("raises", torch=raises, definition=doubled, inputs={"x": real("10 10")})
    report = check(twin, **ASKED)
    assert {v.culprit for v in report.failures} == {"torch"}
    assert len(report.failures) == len(report.verdicts) > 0


def test_a_layer_that_is_true_or_false_is_judged():
    twin = Twin(
        "positive", jax=lambda x: x > 0, torch=lambda x: x > 0, definition=lambda x: x > 0,
        inputs={"x": real("10 10")},
    )  # fmt: skip
    assert check(twin, questions=["value"], dtypes=["float32"]).ok


def test_a_definition_that_jets_cannot_evaluate_is_refused():
    def spectrum(x):
        return abs(np.fft.rfft(x))

    def layer(x):
        return torch.fft.rfft(x, dim=0).abs()

    twin = Twin("spectrum", torch=layer, definition=spectrum, inputs={"x": real("100")})
    with pytest.raises(TwinError, match="spectrum: the definition uses"):
        check(twin, **ASKED)


@pytest.mark.parametrize("entries", [60, 100])
def test_a_tie_of_unstated_slope_is_not_judged_at_any_size(entries):
    zeros = np.zeros(entries)
    twin = Twin(
        "relu", jax=lambda x: jnp.maximum(x, 0), torch=torch.relu,
        definition=lambda x: np.maximum(x, 0), inputs={"x": zeros},
    )  # fmt: skip
    report = check(twin, **ASKED)
    assert report.ok, str(report)
    assert {v.question for v in report.verdicts} == {"value"}
    assert any("tie of unstated slope" in u.reason for u in report.unsupported)


def test_what_nobody_foresaw_leaves_the_rest_alone(monkeypatch):
    twin = Twin("twice", torch=doubled, definition=doubled, inputs={"x": real("3")})
    options = Options(dtypes=("float32", "float64"))
    tasks, asked = plan([("", twin)], options), []

    def once(*given):
        asked.append(given)
        return authority(*given) if len(asked) > 1 else 1 / 0

    monkeypatch.setattr("crosscheck.run.authority", once)
    results = dict(judged(tasks, connect([twin], options), options, 1))
    first, *others = in_order(tasks, results)
    assert "twice ordinary-0 float32: crosscheck could not judge it" in first.refused
    assert "ZeroDivisionError" in first.refused
    assert len(others) == len(tasks) - 1
    assert all(outcome.verdicts and not outcome.refused for outcome in others)
