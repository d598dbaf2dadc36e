"""Strangers' twins: what people bring is judged as far as it goes, and the report says how far."""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck import boolean, check, integer, key, real
from crosscheck.question import QUESTIONS
from planted_layers import JAX, TORCH

quick = partial(check, dtypes=["float64"], case="ordinary-0")


def culprits(report):
    return {v.culprit for v in report.failures}


# plain functions and what they take and return ----------------------------------------------------


def masked_mean(xp):
    return lambda x, m: xp.where(m, x, 0.0).sum() / (1 + m.sum())


def pick(x, i):
    return x[i]


def leaves_numpy(x, w):
    return {"b": (x * w, [w * w]), "a": x.sum()}


@dataclass
class Scale:
    """A layer that is an object, and not hashable."""

    by: float

    def __call__(self, x):
        return x * self.by


def cross_entropy_numpy(x, labels):
    picked = np.take_along_axis(x, labels[:, None], axis=1)[:, 0]
    return (np.log(np.exp(x).sum(axis=1)) - picked).mean()


def cross_entropy_jax(x, labels):
    picked = jnp.take_along_axis(x, labels[:, None], axis=1)[:, 0]
    return (jax.nn.logsumexp(x, axis=1) - picked).mean()


def with_index(xp):
    return lambda x: (xp.max(x), xp.argmax(x))


def coin(k):
    """A fair bit of a key, by arithmetic that NumPy, JAX and torch share."""
    return (k[0] % 2) * 1.0


TWINS = {
    "plain functions": {
        "jax": lambda x, w: jnp.sin(x) @ w, "torch": lambda x, w: torch.sin(x) @ w,
        "definition": lambda x, w: np.sin(x) @ w, "inputs": {"x": real("n d"), "w": real("d 2")}},
    "one framework": {
        "torch": torch.tanh, "definition": np.tanh, "inputs": {"x": real("n")}},
    "named by strings": {
        "jax": "jax.numpy:tanh", "torch": "torch:tanh", "definition": np.tanh,
        "inputs": {"x": real("n")}},
    "tuple": {
        "jax": lambda x: (x, x * x), "torch": lambda x: (x * 1, x * x),
        "definition": lambda x: (x, x * x), "inputs": {"x": real("n")}},
    "list against tuple": {
        "jax": lambda x: [x, x * x], "torch": lambda x: (x * 1, x * x),
        "definition": lambda x: [x, x * x], "inputs": {"x": real("n")}},
    "nested": {
        "jax": leaves_numpy, "torch": leaves_numpy, "definition": leaves_numpy,
        "inputs": {"x": real("n"), "w": real("n")}},
    "an index beside the value": {
        "jax": with_index(jnp), "torch": lambda x: (torch.max(x), torch.argmax(x).int()),
        "definition": lambda x: (x.max(), np.argmax(x)), "inputs": {"x": real("5")},
        "questions": QUESTIONS[:3]},
    "concrete array": {
        "torch": lambda x: x**2, "jax": lambda x: x**2, "definition": lambda x: x**2,
        "inputs": {"x": np.array([[1.0, 2.0], [3.0, 4.0]])}, "case": "given-0"},
    "concrete number": {
        "torch": torch.exp, "definition": np.exp, "inputs": {"x": 2.0}, "case": "given-0"},
    "a whole number for a real": {
        "torch": torch.relu, "definition": lambda x: np.maximum(x, 0), "inputs": {"x": -2.0},
        "case": "given-0"},
    "Python branch on a number": {
        "jax": lambda x: x**3 if x < 9 else x, "definition": lambda x: x**3, "inputs": {"x": 2.0},
        "case": "given-0"},
    "empty array beside another": {
        "torch": lambda x, w: x.sum() + w, "definition": lambda x, w: x.sum() + w,
        "inputs": {"x": np.zeros((0, 3)), "w": np.ones(2)}, "case": "given-0"},
    "object": {"jax": Scale(3.0), "torch": Scale(3.0), "definition": lambda x: 3 * x,
        "inputs": {"x": real("n")}},
    "labels": {
        "jax": cross_entropy_jax, "definition": cross_entropy_numpy,
        "torch": lambda x, y: torch.nn.functional.cross_entropy(x, y.long()),
        "inputs": {"x": real("3 c"), "labels": integer("3", high="c")}},
    "mask": {
        "jax": masked_mean(jnp), "torch": masked_mean(torch), "definition": masked_mean(np),
        "inputs": {"x": real("n"), "m": boolean("n")}},
    "key": {
        "jax": lambda x, k: x * coin(k), "torch": lambda x, k: x * coin(k.long()),
        "definition": lambda x, k: x * coin(k), "inputs": {"x": real("n"), "k": key()}},
    "bounds": {
        "torch": lambda p: torch.log(p) - torch.log1p(-p), "standard": "sound",
        "definition": lambda p: np.log(p / (1 - p)), "inputs": {"p": real("n", low=0, high=1)}},
    "limits": {
        "torch": torch.exp, "definition": np.exp, "inputs": {"x": real()},
        "limits": {np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan}, "case": "limits-0",
        "questions": ["value"]},
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_welcome(name):
    report = quick(**TWINS[name])
    assert report.ok, str(report)
    asked = TWINS[name].get("questions", QUESTIONS)
    assert {v.question for v in report.verdicts} == set(asked)


WRONG = {
    "nested": ("torch", lambda x, w: {"b": (x * w, [w * x]), "a": x.sum()}),
    "tuple": ("jax", lambda x: (x, x * x, x)),
    "labels": ("torch", lambda x, y: torch.nn.functional.cross_entropy(x, (y.long() + 1) % 2)),
    "mask": ("jax", lambda x, m: x.mean()),
    "key": ("torch", lambda x, k: x * (1 - coin(k.long()))),
    "an index beside the value": ("torch", lambda x: (torch.max(x), torch.argmin(x).int())),
    "limits": ("torch", lambda x: torch.exp(x).nan_to_num(nan=0.0)),
    "concrete array": ("jax", lambda x: x**2 + 1e-12),
}


@pytest.mark.parametrize("name", WRONG)
def test_and_caught_where_wrong(name):
    side, layer = WRONG[name]
    report = quick(**TWINS[name] | {side: layer, "questions": ["value"]})
    assert culprits(report) == {side}


def test_a_definition_that_writes_into_its_inputs_changes_nobody_elses():
    def careless(x, m):
        x += 1
        m |= True
        return np.where(m, x, 0)

    report = quick(
        torch=lambda x, m: torch.where(m, x + 1, 0), definition=careless,
        inputs={"x": real("9"), "m": boolean("9")}, questions=["value"],
    )  # fmt: skip
    assert culprits(report) == {"torch"}


@pytest.mark.parametrize("definition", [np.argmax, None])
def test_outputs_of_whole_numbers_alone_are_asked_for_their_value(definition):
    argmax = {"jax": jnp.argmax, "torch": lambda x: torch.argmax(x).int()}
    report = quick(**argmax, definition=definition, inputs={"x": real("5")})
    assert report.ok, str(report)
    assert {v.question for v in report.verdicts} == {"value"}
    assert {u.reason for u in report.unsupported} == {"no differentiable output"}


def test_every_setting_is_tried():
    slopes = [{"a": 0.5}, {"a": 2.0}]
    layer = lambda x, a: a * x  # noqa: E731
    forgetful = lambda x, a: 0.5 * x  # noqa: E731
    report = check(
        jax=layer, torch=forgetful, definition=layer, inputs={"x": real("n")}, settings=slopes,
        questions=["value"], dtypes=["float64"],
    )  # fmt: skip
    assert {v.settings["a"] for v in report.verdicts} == {0.5, 2.0}
    assert {(v.settings["a"], v.culprit) for v in report.failures} == {(2.0, "torch")}


# many entries: projections ------------------------------------------------------------------------

BIG = np.linspace(-2, 2, 100).reshape(10, 10)
SPOILED = np.ones_like(BIG)
SPOILED[7, 3] = 1.001


@pytest.mark.parametrize("side", [JAX, TORCH], ids=lambda side: side.name)
def test_big_arrays_are_judged_by_projection(side):
    def layer(s, scale):
        array = jnp.asarray if s is JAX else torch.tensor
        return s.rule(s.xp.sin, lambda g, x: (g * s.xp.cos(x) * array(scale),))

    right = {s.name: layer(s, np.ones_like(BIG)) for s in (JAX, TORCH)}
    twin = {"definition": np.sin, "inputs": {"x": BIG}, "dtypes": ["float64"]}
    report = check(**right, **twin)
    assert report.ok, str(report)
    assert {v.question for v in report.verdicts} == set(QUESTIONS) - {"jacobian"}
    assert any("over 64 input entries" in u.reason for u in report.unsupported)
    report = check(**right | {side.name: layer(side, SPOILED)}, **twin)
    assert culprits(report) == {side.name}
    assert {v.question for v in report.failures} == {"vjp", "jvp", "hessian"}
