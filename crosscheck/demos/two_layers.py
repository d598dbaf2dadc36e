"""Document 004's two-layer network: by hand, through both frameworks, and in truth.

l1 = x w1 + b1    l2 = relu(l1)    out = l2 w2 + b2    loss = mean((out - y)²)
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from crosscheck import random
from crosscheck.backends import load
from crosscheck.case import Case
from crosscheck.demos.proof import in_roundings, truth_at
from crosscheck.errors import UsageError
from crosscheck.precision import PRECISIONS
from crosscheck.twin import Twin

Arrays = dict[str, np.ndarray]
FLOAT32 = PRECISIONS["float32"]
GRADIENTS = ("dx", "dw1", "db1", "dw2", "db2")
ATTEMPTS = 100
SMALL = (5, 5, 4)  # batch, width, hidden: with few enough numbers for the truth of each gradient


def by_hand(
    x: Any, w1: Any, b1: Any, w2: Any, b2: Any, y: Any, on: np.ndarray | None = None
) -> Arrays:
    """Forward, then backward, a line a rule. `on`: the hidden units that relu lets through."""
    l1 = x @ w1 + b1
    on = l1 > 0 if on is None else on
    l2 = np.where(on, l1, 0)
    out = l2 @ w2 + b2
    difference = out[:, 0] - y
    loss = (difference**2).mean()

    dout = 2 * difference[:, None] / len(x)
    dl2, dw2, db2 = dout @ w2.T, l2.T @ dout, dout.sum(0)
    dl1 = np.where(on, dl2, 0)
    dx, dw1, db1 = dl1 @ w1.T, x.T @ dl1, dl1.sum(0)
    found = {"l1": l1, "l2": l2, "loss": loss, "dx": dx}
    return found | {"dw1": dw1, "db1": db1, "dw2": dw2, "db2": db2}


def definition(x: Any, w1: Any, b1: Any, w2: Any, b2: Any, y: Any) -> np.ndarray:
    """The loss, for the truth."""
    l1 = x @ w1 + b1
    out = np.where(l1 <= 0, 0, l1) @ w2 + b2
    return np.asarray(np.mean((out[:, 0] - y) ** 2))


def network(package: str, x: Any, w1: Any, b1: Any, w2: Any, b2: Any, y: Any) -> Any:
    """The loss, from the layers of `jaxlayers` or of `torchlayers`."""
    layers = importlib.import_module(package)
    l2 = layers.relu(layers.linear(x, w1, b1))
    return layers.mse(layers.linear(l2, w2, b2)[:, 0], y)


TWIN = Twin(
    "network",
    jax=partial(network, "jaxlayers"),
    torch=partial(network, "torchlayers"),
    definition=definition,
    inputs=dict.fromkeys(("x", "w1", "b1", "w2", "b2", "y"), np.ones(1)),
)


@dataclass(frozen=True)
class Compared:
    """Gradients by whoever worked them out, and the errors of each gradient, in some unit."""

    gradients: Mapping[str, Arrays]
    errors: Mapping[str, Mapping[str, float]]
    allowed: float

    @property
    def ok(self) -> bool:
        """Every error is within what is allowed."""
        return all(e <= self.allowed for errors in self.errors.values() for e in errors.values())


def draw(seed: int, batch: int, width: int, hidden: int) -> Arrays:
    """The document's draws; anew while a unit is so near its kink that rounding may switch it."""
    for attempt in range(ATTEMPTS):
        inputs = _draw(random.fold_in(random.key(seed), attempt), batch, width, hidden)
        x, w1 = (inputs[name].astype(np.float64) for name in ("x", "w1"))
        if np.all(np.abs(x @ w1) > (width + 1) * FLOAT32.u * (np.abs(x) @ np.abs(w1))):
            return inputs
    raise UsageError(
        f"in each of {ATTEMPTS} draws some of {batch} × {hidden} hidden units is so near its kink "
        "that rounding may switch it; choose a smaller --batch or --hidden"
    )


def _draw(key: np.ndarray, batch: int, width: int, hidden: int) -> Arrays:
    """With Kaiming's scale, in float32; the biases are 0, as in the document."""
    keys = random.split(key, 4)
    shapes = {"x": (batch, width), "w1": (width, hidden), "w2": (hidden, 1), "y": (batch,)}
    scales = {"w1": np.sqrt(2 / width), "w2": np.sqrt(2 / hidden)}
    drawn = {
        name: (random.normal(key, shape) * scales.get(name, 1)).astype(np.float32)
        for key, (name, shape) in zip(keys, shapes.items(), strict=True)
    }
    drawn |= {"b1": np.zeros(hidden, np.float32), "b2": np.zeros(1, np.float32)}
    return {name: drawn[name] for name in TWIN.inputs}


def ask(inputs: Arrays) -> dict[str, Arrays]:
    """The gradients from each framework."""
    case = truth_at(TWIN, "float32", inputs).case
    return {name: _gradients(name, case) for name in TWIN.backends}


def _gradients(name: str, case: Case) -> Arrays:
    backend = load(name)
    way = backend.variants["vjp"][0]
    answer = backend.ask(TWIN.layer(name), case, "vjp", way, [np.ones((), np.float32)])
    if answer.failed:
        raise UsageError(f"{name} gave no gradients: {answer.failed}; see crosscheck doctor")
    return dict(answer.blocks)


def against_truth(seed: int) -> Compared:
    """A small network, all in float32: errors in roundings from the truth."""
    inputs = draw(seed, *SMALL)
    truth = truth_at(TWIN, "float32", inputs)
    said = {"by hand": by_hand(**inputs), **ask(inputs)}
    blocks = {b.label: b for b in truth.blocks("vjp", "", [np.ones((), np.float32)])}
    errors = {
        d: {who: float(in_roundings(s[d], blocks[d], FLOAT32).max()) for who, s in said.items()}
        for d in GRADIENTS
    }
    return Compared(said, errors, TWIN.allowed)


def against_hand(seed: int, batch: int, width: int, hidden: int) -> Compared:
    """A network of any size, frameworks in float32: errors from the gradients by hand in float64.

    An entry is made of terms by so many operations; each may round by u times the sum of the terms'
    sizes, which is the same derivation with every term made positive. Errors are counted in that.
    """
    inputs = draw(seed, batch, width, hidden)
    exact = {name: array.astype(np.float64) for name, array in inputs.items()}
    right = by_hand(**exact)
    sizes = {name: np.abs(array) for name, array in exact.items()} | {"y": -np.abs(exact["y"])}
    terms = by_hand(**sizes, on=right["l1"] > 0)
    said = ask(inputs)
    errors = {
        d: {who: _largest(s[d] - right[d], FLOAT32.u * terms[d]) for who, s in said.items()}
        for d in GRADIENTS
    }
    steps = (width + 1) + (hidden + 1) + 1 + 2 + 1 + batch
    return Compared({"by hand": right, **said}, errors, steps)


def _largest(difference: np.ndarray, unit: np.ndarray) -> float:
    """The largest difference in its unit; where that is 0, nothing but 0 is right."""
    ratio = np.where(difference == 0, 0.0, np.inf)
    np.divide(np.abs(difference), unit, out=ratio, where=unit > 0)
    return float(ratio.max())
