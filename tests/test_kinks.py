"""Activations at their kinks, at infinities and NaN, at zeros that XLA would flush; and PReLU."""

from typing import Any

import numpy as np
import pytest
import torch

import torchlayers
from crosscheck.catalog import catalog
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.inputs import Real
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample
from crosscheck.truth import Truth
from sides import Array, Side, each_side, torch_pull

SELU = 1.0507009873554804934 * 1.6732632423543772848
# At a kink: its place, and value, first and second derivative there.
KINKS: dict[str, list[tuple[float, float, float, float]]] = {
    "leaky_relu": [(0, 0, 0.01, 0)],
    "celu": [(0, 0, 1, 1)],
    "selu": [(0, 0, SELU, SELU)],
    "relu6": [(0, 0, 0, 0), (6, 6, 0, 0)],
    "relu_squared": [(0, 0, 0, 0)],
    "hard_sigmoid": [(-3, 0, 0, 0), (3, 1, 0, 0)],
    "hard_swish": [(-3, 0, 0, 0), (3, 3, 1, 0)],
    "hard_tanh": [(-1, -1, 0, 0), (1, 1, 0, 0)],
    "softsign": [(0, 0, 1, 0)],
}


def derivatives(side: Side, layer: Any, x: Array) -> list[Array]:
    """Value, first and second derivative of an elementwise layer."""
    return [derivative(side, layer, x, order) for order in range(3)]


def derivative(side: Side, layer: Any, x: Array, order: int) -> Array:
    """One of them."""
    if order == 2:
        return np.diag(side.hessian(lambda x: layer(x).sum(), x))
    return side.pull(layer, None, x)[order]


@each_side(*KINKS)
def test_conventions(name: str, side: Side, dtype: np.dtype) -> None:
    x, *want = np.array([row for row in KINKS[name] for _ in range(2)], dtype).T
    x[1::2] *= np.where(x[1::2] == 0, -1, 1)  # -0 too
    for got, right in zip(derivatives(side, getattr(side.layers, name), x), want, strict=True):
        np.testing.assert_allclose(got, right, rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", KINKS)
def test_the_catalog_states_them(name: str) -> None:
    assert set(catalog()[name].kinks["x"]) == {place for place, *_ in KINKS[name]}


# Slopes at -inf and inf; second derivatives there are 0, but for the square's.
SLOPES: dict[str, tuple[float, float]] = {
    "leaky_relu": (0.01, 1),
    "celu": (0, 1),
    "selu": (0, 1.0507009873554804934),
    "relu6": (0, 0),
    "relu_squared": (0, np.inf),
    "hard_sigmoid": (0, 0),
    "hard_swish": (0, 1),
    "hard_tanh": (0, 0),
    "softsign": (0, 0),
    "softcap": (0, 0),
}


ZEROS_AND_TIES = ("zeros", "equal", "expanded", "kink")


@pytest.mark.parametrize("name", catalog())
def test_derivatives_are_judged_at_zeros_and_ties(name: str) -> None:
    """A tie of unstated slope hides what a layer does there, such as a NaN where p is 0."""
    twin = catalog()[name]
    cases = sample(twin, PRECISIONS["float64"], deep=True)
    truths = [Truth(twin, c) for c in cases if c.kind in ZEROS_AND_TIES and c.size <= LARGEST_WHOLE]
    with np.errstate(all="ignore"):
        hidden = {t.case.kind for t in truths if t.not_judged("hessian")}
    assert truths
    # To sort equal entries is a tie, though in sparsemax their order does not matter.
    assert hidden <= (set(ZEROS_AND_TIES) if name.startswith("sparsemax") else set())


@pytest.mark.parametrize("name", [name for name, twin in catalog().items() if twin.kinks])
def test_beside_a_kink_inputs_keep_to_their_bounds(name: str) -> None:
    twin = catalog()[name]
    for case in (c for c in sample(twin, PRECISIONS["float64"]) if c.kind == "kink"):
        for given, kind in twin.inputs.items():
            if isinstance(kind, Real):
                x = case.inputs[given]
                assert np.all((x >= kind.low) & (x <= kind.high) | ~np.isfinite(x))


def configured(side: Side, name: str, **settings: float) -> Any:
    """The layer under settings; where none are given, a cap of 1."""
    settings = settings or ({"cap": 1.0} if name == "softcap" else {})
    return lambda x: getattr(side.layers, name)(x, **settings)


@each_side(*SLOPES)
def test_infinities(name: str, side: Side, dtype: np.dtype) -> None:
    layer, ends = configured(side, name), np.array([-np.inf, np.inf, np.nan], dtype)
    y, dx, ddx = derivatives(side, layer, ends)
    settings = {"cap": 1.0} if name == "softcap" else {}
    limits = catalog()[name].limits_for(settings)
    np.testing.assert_allclose(y, [limits[-np.inf], limits[np.inf], np.nan], rtol=1e-6)
    np.testing.assert_allclose(dx[:2], SLOPES[name], rtol=1e-6)
    assert ddx[:2].tolist() == [0, 2 if name == "relu_squared" else 0]


@each_side("leaky_relu")
def test_a_slope_of_zero_is_relu(name: str, side: Side, dtype: np.dtype) -> None:
    x = np.array([-np.inf, -2, 0, 3, np.inf, np.nan], dtype)
    got = side.value(configured(side, name, negative_slope=0.0), x)
    np.testing.assert_array_equal(got, [0, 0, 0, 3, np.inf, np.nan])


# Where a factor is below the smallest normal number and the answer is not: layer, settings, x, and
# which of value, first and second derivative.
FLUSHED = [
    ("celu", {"alpha": 2.0}, -1.5e-38, 0),
    ("celu", {"alpha": 0.3}, -26.25, 2),
    ("elu", {"alpha": 1.7}, -87.5, 1),
    ("elu", {"alpha": 1.7}, -87.5, 2),
    ("selu", {}, -87.5, 1),
    ("selu", {}, -87.5, 2),
    ("softsign", {}, 5e12, 2),
    ("softcap", {"cap": 30.0}, 3e-38, 0),
    ("softcap", {"cap": 1.0}, 44.0, 1),
    ("softcap", {"cap": 1.0}, 44.0, 2),
    ("softcap", {"cap": 1.0}, 1.5e-38, 2),
    ("tanh", {}, 44.37, 2),
    ("hard_swish", {}, 3e38, 0),  # and one that would overflow
]


@pytest.mark.parametrize("row", FLUSHED, ids=lambda row: f"{row[0]}-{row[3]}-{row[2]}")
@each_side("tails", dtypes=("float32",))
def test_tails(name: str, side: Side, dtype: np.dtype, row: tuple[Any, ...]) -> None:
    of, settings, place, order = row
    layer, x = configured(side, of, **settings), np.array([place], dtype)
    got = derivative(side, layer, x, order)
    want = derivative(side, layer, x.astype(np.float64), order)
    np.testing.assert_allclose(got, want, rtol=2e-5)


# ---- prelu and reglu


@pytest.mark.parametrize(
    ("x", "slope"), [((), (1,)), ((5,), (1,)), ((2, 3), (3,)), ((2, 3, 2, 2), (3,)), ((2, 3), (1,))]
)
def test_prelu_is_that_of_torch(x: tuple[int, ...], slope: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    g, *arrays = rng.normal(size=x), rng.normal(size=x), rng.normal(size=slope)
    ours = torch_pull(torchlayers.prelu, g, *arrays)
    theirs = torch_pull(torch.nn.functional.prelu, g, *arrays)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


@each_side("prelu")
def test_prelu_at_zero(name: str, side: Side, dtype: np.dtype) -> None:
    x, slope, g = np.zeros((1, 1), dtype), np.array([0.25], dtype), np.array([[3.0]], dtype)
    y, dx, ds = side.pull(side.layers.prelu, g, x, slope)
    assert (y.item(), dx.item(), ds.item()) == (0, 0.75, 0)
    mixed = side.hessian(
        lambda z: side.layers.prelu(z[:1], z[1:]).sum(), np.array([0, 0.25], dtype)
    )
    assert mixed.tolist() == [[0, 1], [1, 0]]


@each_side("reglu")
def test_reglu_of_what_overflows(name: str, side: Side, dtype: np.dtype) -> None:
    """Where a <= 0 all is 0, however large g b is."""
    a, b = np.array([-1, 0], dtype), np.full(2, 1e30, dtype)
    for part in side.pull(side.layers.reglu, np.full(2, 1e30, dtype), a, b):
        assert part.tolist() == [0, 0]
