"""What the demos of documents 000 and 001 find, and that each of their checks can fail."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import torchlayers
from crosscheck.catalog import catalog, layer
from crosscheck.demos import layer_memory, memory, regression, stochastic_gradient
from crosscheck.demos.quadratic_fit import EXAMPLES, RATE, Run, draw_data, explained
from crosscheck.demos.sides import NAMES, side
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import counter
from documents import Array

each_framework = pytest.mark.parametrize("framework", NAMES)
Page = pytest.CaptureFixture[str]


def nothing() -> None:
    """What is called after each epoch."""


# ---- 000: stochastic_gradient


def test_000_draws_in_backward_differ_and_a_key_repairs_them() -> None:
    found = stochastic_gradient.find(size=6, rate=0.5, seed=0)
    lost = {way: [tuple(~dx.any(axis=1)) for dx in dxs] for way, dxs in found.drawn.items()}
    assert len(set(lost["torch"])) > 1
    assert len(set(lost["jax"])) > 1
    assert len(set(lost["jax, jit"])) == 1  # drawn once, when it was traced
    assert found.repaired
    for (_, axis), ways in found.keyed.items():
        (dx,) = {d.tobytes(): d for ds in ways.values() for d in ds}.values()
        kept = dx.any(axis=1 - axis)
        assert np.array_equal(dx, np.where(np.expand_dims(kept, 1 - axis), found.g, 0))
    assert not np.array_equal(found.keyed["one", 0]["jax"], found.keyed["another", 0]["jax"])


def test_000_a_key_that_does_not_decide_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: Page
) -> None:
    drawing = side("torch", "stochastic_gradient").DrawnInBackward
    monkeypatch.setattr(torchlayers, "row_drop_relu", lambda x, *_: drawing.apply(x, 0.5))
    assert stochastic_gradient.main([]) == 1
    assert "NOT the same" in capsys.readouterr().out


# ---- 001: memory


@each_framework
def test_001_sigmoid_keeps_what_it_is_said_to(framework: str) -> None:
    """Ours keeps its input alone; behind mean(), the built-in's output belongs to nobody else."""
    kept, mean, twin = counter(framework).kept, side(framework, "memory").mean, layer("sigmoid")
    arrays, size = layer_memory.draw(twin, 8, 16), 4 * 8 * 16
    ours, theirs = twin.layer(framework), layer_memory.other(twin, framework)
    assert kept(ours, arrays, True) == Kept((size,), 0, 0)
    assert kept(mean(ours), arrays, True) == Kept((size,), 0, 0)
    assert kept(mean(theirs), arrays, True) == Kept((0,), 0, size)
    assert kept(theirs, arrays, False).total == 0


def test_001_a_storage_counts_once_and_as_a_whole() -> None:
    kept, x = counter("torch").kept, np.ones((4, 4), np.float32)
    assert kept(lambda x: x[0] * x[1], [x], True) == Kept((x.nbytes,), 0, 0)
    assert kept(torch.exp, [x], True) == Kept((0,), x.nbytes, 0)
    assert Kept.of({1: 5, 2: 7, 3: 11}, [1, 9], {1, 2}) == Kept((5, 0), 7, 11)


def test_001_a_layer_that_keeps_more_is_seen(monkeypatch: pytest.MonkeyPatch, capsys: Page) -> None:
    monkeypatch.setattr(layer_memory, "catalog", lambda: {"relu": catalog()["relu"]})
    monkeypatch.setattr(torchlayers, "relu", lambda x: x * (x > 0))
    assert memory.main(["--rows", "8", "--columns", "16"]) == 1
    mask = 8 * 16  # bytes: x > 0, a truth value an entry
    assert f"keep {mask} bytes at most: NOT as promised" in capsys.readouterr().out


def test_001_what_is_kept_without_recording_is_seen() -> None:
    """In torch a layer that records all the same; in JAX one that hides an array somewhere."""
    x, hidden = np.ones((4, 4), np.float32), []

    def recording(x: Any) -> Any:
        with torch.enable_grad():
            return (x.requires_grad_() * x).exp()

    def hiding(x: Any) -> Any:
        hidden.append(x + 1)
        return x * 2

    assert counter("torch").kept(recording, [x], False).total == 2 * x.nbytes
    assert counter("jax").kept(hiding, [x], False).total == x.nbytes


# ---- 001: regression


def test_001_data_are_the_document_s() -> None:
    state = np.random.get_state()
    np.random.seed(1234)
    a, b, c = (np.random.uniform(*bounds) for bounds in ((1, 5), (-3, 3), (-3, 3)))
    x = np.random.uniform(-3, 3, size=100)
    y = a * x**2 + b * x + c + np.random.normal(0, 1, size=100)
    np.random.set_state(state)
    data = draw_data()
    for got, want in zip((data.true, data.x, data.y), ([a, b, c], x, y), strict=True):
        assert np.array_equal(got, want)


def plain_descent(start: Array, orders: Array) -> Array:
    """001's loop in NumPy: loss, a, b and c of each epoch."""
    data, p, course = draw_data(), start.copy(), []
    for order in orders:
        losses = []
        for v, y in zip(data.features[order], data.y[order], strict=True):
            losses.append((v @ p - y) ** 2)
            p = p - RATE * 2 * (v @ p - y) * v
        course.append([np.mean(losses), *p])
    return np.array(course)


@each_framework
def test_001_descent_is_the_document_s(framework: str) -> None:
    part, data = side(framework, "regression"), draw_data()
    start, orders = part.start(3), part.orders(3, 2, EXAMPLES)
    assert np.array_equal(np.sort(orders), [range(EXAMPLES)] * 2)
    course = part.train(start, orders, data.x, data.y, RATE, nothing)
    one, other = (Run(start, orders, c, 0.0) for c in (course, plain_descent(start, orders)))
    bound = explained(data, one, other)
    assert np.linalg.norm(one.end - other.end) <= bound < 1e-11
    # A residual moves by up to |v| times that, a mean of squares by twice its root times as much.
    moved = 2 * np.sqrt(course[:, 0]) * np.linalg.norm(data.features, axis=1).max() * bound
    assert np.all(np.abs(course[:, 0] - other.course[:, 0]) <= moved)


def test_001_the_whole_run_recovers_the_curve() -> None:
    """After 300 epochs the loss is below that of the true a, b, c, as least squares' is."""
    part, data = side("jax", "regression"), draw_data()
    orders = part.orders(0, regression.FULL, EXAMPLES)
    course = part.train(part.start(0), orders, data.x, data.y, RATE, nothing)
    assert data.loss(data.fitted) <= data.loss(course[-1, 1:]) < data.loss(data.true)


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("mse", lambda right: lambda x, y: right(x, y) * (1 + 1e-6)),
        ("quadratic", lambda right: lambda x, a, b, c: right(x, a, b.detach(), c) + 0 * b),
        ("orders", lambda right: lambda *asked: right(*asked)[:, ::-1].copy()),
    ],
)
def test_001_a_wrong_layer_is_seen(
    planted: str,
    fault: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Page,
) -> None:
    part = side("torch", "regression")
    monkeypatch.setattr(part, planted, fault(getattr(part, planted)))
    assert regression.main(["--epochs", "2"]) == 1
    page = capsys.readouterr().out
    assert "NOT the same run" in page
    assert ("the orders are NOT the same" in page) == (planted == "orders")
