"""From outside: the functions and inputs that torch ships for testing autograd, put to crosscheck.

All are read from the installed torch. Where one of its sample functions is wrong, FAULTS says why.
"""

from dataclasses import replace
from functools import partial
from itertools import cycle

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from crosscheck import Twin, check, real
from crosscheck.catalog import layer as catalog_layer
from crosscheck.question import QUESTIONS
from outside import FUNCTIONS, OPERATIONS, inputs, layer, lettered, samples

# torch.compile turns torch.tensor(array) in a NumPy-based forward into torch.tensor(tensor).
pytestmark = pytest.mark.filterwarnings("ignore:To copy construct from a tensor:UserWarning")


def failing(report):
    return {f"{v.question} {v.variant}" for v in report.failures}


def listed(report):
    return {f"{u.question} {u.variant}" for u in report.unsupported}


# sample functions ---------------------------------------------------------------------------------


def cube(x):
    return x**3, 3 * x**2


def product(x, y):
    return x * y


def ordered(x):
    order = np.argsort(x, axis=1)
    return np.take_along_axis(x, order, 1), order, np.argsort(order, axis=1)


def third(x):
    return x[2]


DEFINITIONS = {
    "NumpyCube": cube,
    "NumpyExpMarkDirty": np.exp,
    "NumpyMul": product,
    "NumpyCubeNotComposable": lambda x: x**3,
    "NumpySort": ordered,
    "NumpyTake": lambda x, at, back: np.take_along_axis(x, at, 1),
    "Select": third,
    "CubeGenVmap": cube,
    "MulGenVmap": product,
    "SortGenVmap": ordered,
    "SelectGenVmap": third,
    "ScaleGradGenVmap": lambda x: 1 * x,
    "ZeroGradientsGenVmap": lambda x, y: (1 * x, 1 * y),
    "ForwardHasDefaultArgs": third,
}
SURROGATES = {
    "ScaleGradGenVmap": lambda x: 3.14 * x,
    "ZeroGradientsGenVmap": lambda x, y: (0 * x, 0 * y),
}
# What autograd would quietly sum to shape is wrong here; the functional ways see it summed.
UNSUMMED = {"vjp autograd", "jacobian autograd", "hessian autograd"}
FAULTS = {
    "NumpyMul": UNSUMMED,
    "MulGenVmap": UNSUMMED,
    "ZeroGradientsGenVmap": UNSUMMED,  # on purpose, its comments say
    "NumpySort": {  # forward returns its input as it came, beside the order it should be in
        "value eager", "value autograd", "value through-vjp"},
    "NumpyCubeNotComposable": {  # backward returns 3 x², and not g times that
        "vjp functional", "vjp autograd", "jvp transposed", "hessian reverse-over-reverse"},
    "CubeGenVmap": {  # backward adds 6 · 3 x² in place of 6 x times the second output's cotangent
        "vjp functional", "vjp autograd", "jvp transposed", "jacobian reverse",
        "jacobian autograd", "hessian reverse-over-reverse", "hessian forward-over-reverse",
        "hessian autograd"},
}  # fmt: skip
LACKING = {  # it has no jvp and no vmap rule, and is differentiable once
    "NumpyCubeNotComposable": {
        "jvp forward", "jacobian forward", "hessian forward-over-reverse", "hessian autograd"},
}  # fmt: skip
THROUGH_NUMPY = {"vjp compile", "hessian reverse-over-forward"}
LACKING_DEEP = {  # of the rest "vjp compile": torch.compile takes no Function with a jvp
    "NumpyCube": THROUGH_NUMPY,
    "NumpyTake": THROUGH_NUMPY,
    "ForwardHasDefaultArgs": {"value compile", "vjp compile"},
}
DRAWN = {
    "NumpyCube": {"x": real("n d")},
    "NumpyExpMarkDirty": {"x": real("n d")},
    "NumpyMul": {"x": real("n d"), "y": real("n d")},
    "MulGenVmap": {"x": real("n d"), "y": real("n d")},
    "Select": {"x": real("4 d")},
    "SelectGenVmap": {"x": real("3 d e")},
    "SortGenVmap": {"x": real("3 5")},
    "ScaleGradGenVmap": {"x": real("n d")},
    "ForwardHasDefaultArgs": {"x": real("3 d")},
}


def function_twin(name, **declared):
    """The Twin of a sample function, at its own sample or at drawn inputs."""
    (sample,) = samples(FUNCTIONS[name])
    return Twin(
        name,
        torch=layer(FUNCTIONS[name].op, sample),
        definition=DEFINITIONS[name],
        surrogate=SURROGATES.get(name),
        inputs=declared or inputs(sample),
    )


def test_every_sample_function_has_a_definition():
    assert set(FUNCTIONS) == set(DEFINITIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sample_functions_at_their_samples(name):
    report = check(function_twin(name), dtypes=["float64", "float32"])
    assert failing(report) == FAULTS.get(name, set()), str(report)
    assert listed(report) == LACKING.get(name, set())
    assert {v.question for v in report.verdicts} == set(QUESTIONS)
    assert all(v.culprit == "torch" for v in report.failures)
    if FAULTS.get(name) is UNSUMMED:
        said = {message.split(" (")[0] for v in report.failures for message in v.messages.values()}
        assert said == {"Fault: backward returns a gradient of shape"}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in FAULTS])
def test_right_sample_functions_in_all_ways(name):
    report = check(function_twin(name), dtypes=["float64"], deep=True)
    assert report.ok, str(report)
    assert listed(report) == LACKING_DEEP.get(name, {"vjp compile"})


@pytest.mark.parametrize("name", DRAWN)
def test_sample_functions_at_drawn_inputs(name):
    report = check(function_twin(name, **DRAWN[name]), dtypes=["float64"])
    assert report.ok, str(report)
    assert not report.unsupported


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if hasattr(FUNCTIONS[n].op, "__self__")])
def test_a_fault_planted_in_a_sample_function_is_caught(name, monkeypatch):
    function = FUNCTIONS[name].op.__self__
    right = function.backward

    def backward(ctx, *g):
        said = right(ctx, *g)
        grads = said if isinstance(said, tuple) else (said,)
        return tuple(None if dx is None else dx * 1.0005 + 1e-5 for dx in grads)

    monkeypatch.setattr(function, "backward", staticmethod(backward))
    report = check(function_twin(name), dtypes=["float64"], questions=["vjp"])
    assert failing(report) == {"vjp functional", "vjp autograd"}


# samples of operations ----------------------------------------------------------------------------

FEW = 6  # entries; beyond, value and VJP alone are asked for, to save time
KEY = np.array([0, 42], np.uint32)


def elementwise(name):
    return lambda x: replace(catalog_layer(name), inputs={"x": x}, limits=None)


def elu(x, alpha=1.0):
    return replace(elementwise("elu")(x), settings=[{"alpha": alpha}])


def matmul(x, y):
    return replace(catalog_layer("matmul"), inputs={"x": x, "y": y})


def linear(x, weight, bias=None):
    """Our weight is (in, out)."""
    twin = replace(catalog_layer("linear"), inputs={"x": x, "w": weight.T})
    if bias is None:
        return replace(twin, definition=lambda x, w: x @ w)
    return replace(twin, inputs=twin.inputs | {"b": bias})


def mse(x, y, reduction="mean"):
    """Ours has no other reduction."""
    return replace(catalog_layer("mse"), inputs={"x": x, "y": y}) if reduction == "mean" else None


def cosine(x, y, dim=1, eps=0.0):
    """Ours needs no eps; the vectors lie along axes of one length, of which a number has none."""
    twin = replace(catalog_layer("cosine_similarity"), settings=[{"axis": dim}])
    paired = x.ndim and x.shape[dim] == y.shape[dim]
    return replace(twin, inputs={"x": x, "y": y}) if paired else None


def dropout(x, p=0.5, training=True):
    settings = [{"rate": p, "training": training}]
    return replace(catalog_layer("dropout"), inputs={"x": x, "key": KEY}, settings=settings)


def einsum(operands, spec):
    return replace(
        catalog_layer("einsum"),
        jax=partial(jaxlayers.einsum, spec),
        torch=partial(torchlayers.einsum, spec),
        definition=partial(np.einsum, lettered(spec, operands)),
        inputs=dict(zip("xyz", operands, strict=False)),
        keeps=None,
    )


TWINS = {  # twin of a sample's arguments, None where ours has no such setting; how many at least
    "nn.functional.relu": (elementwise("relu"), 4),
    "nn.functional.elu": (elu, 3),
    "sigmoid": (elementwise("sigmoid"), 3),
    "special.bessel_j0": (elementwise("bessel_j0"), 3),
    "sign": (elementwise("straight_through_sign"), 1),
    "round": (elementwise("straight_through_round"), 1),
    "matmul": (matmul, 15),
    "mm": (matmul, 3),
    "mv": (matmul, 1),
    "dot": (matmul, 1),
    "nn.functional.linear": (linear, 18),
    "nn.functional.mse_loss": (mse, 4),
    "nn.functional.cosine_similarity": (cosine, 7),
    "nn.functional.dropout": (dropout, 19),
    "einsum": (einsum, 11),
}


def twins(name):
    """A twin for each sample that ours has the settings of."""
    made = [TWINS[name][0](*s.arguments, **s.settings) for s in samples(OPERATIONS[name])]
    return [replace(t, name=f"{name}-{k}", lacks=None) for k, t in enumerate(made) if t is not None]


def entries(twin):
    return sum(np.size(twin.inputs[name]) for name in twin.differentiable)


@pytest.mark.parametrize("name", TWINS)
def test_samples_of_operations(name):
    """Every sample in one of two types, in turn."""
    given = twins(name)
    assert len(given) >= TWINS[name][1]
    for twin, dtype in zip(given, cycle(["float64", "float32"]), strict=False):
        questions = QUESTIONS if entries(twin) <= FEW else ("value", "vjp")
        report = check(twin, dtypes=[dtype], questions=questions)
        assert report.ok, str(report)
        assert {v.question for v in report.verdicts} == set(questions)
        assert {b for v in report.verdicts for b in v.errors} == {"jax", "torch"}


@pytest.mark.parametrize("name", TWINS)
def test_a_fault_planted_in_an_operation_is_caught(name):
    twin = max((t for t in twins(name) if entries(t) <= 500), key=entries)
    right = twin.layer("torch")

    def spoiled(*x, **settings):
        y = right(*x, **settings)
        return y.detach() + 1.0005 * (y - y.detach())

    report = check(replace(twin, torch=spoiled), dtypes=["float64"], questions=["value", "vjp"])
    assert {(v.question, v.culprit) for v in report.failures} == {("vjp", "torch")}


def test_what_ours_refuse_both_refuse():
    """Cosines of numbers, and of vectors of unequal length, which torch broadcasts."""
    drawn = samples(OPERATIONS["nn.functional.cosine_similarity"])
    refused = [s for s in drawn if cosine(*s.arguments, **s.settings) is None]
    assert refused
    for (x, y), settings in refused:
        axis = settings["dim"]
        with pytest.raises(ValueError, match="expected"):
            jaxlayers.cosine_similarity(jnp.asarray(x), jnp.asarray(y), axis)
        with pytest.raises(ValueError, match="expected"):
            torchlayers.cosine_similarity(torch.tensor(x), torch.tensor(y), axis)
