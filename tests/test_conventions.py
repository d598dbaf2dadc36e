"""Zero vectors, far scales, steps: what layers say where their formulas do not."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special

from crosscheck import check
from crosscheck.catalog import catalog
from sides import SIDES, Array, Side, assert_within, each_side, rounding

RNG = np.random.default_rng(4)
X, Y, G = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=4)


def second(side: Side, layer: Any, x: Array, y: Array) -> Array:
    """The Hessian of ⟨G, layer(x, y)⟩ in x and y together: axes (x or y, 4, 3), twice."""
    g = G.astype(x.dtype)

    def paired(z: Any) -> Any:
        return (layer(z[0], z[1]) * (g if side is SIDES["jax"] else z.new_tensor(g))).sum()

    return side.hessian(paired, np.stack([x, y]))


# ---- cosine_similarity: with a vector of zeros all is 0


@each_side("cosine-zeros")
@pytest.mark.parametrize("zero", ["x", "y", "both"])
def test_cosine_of_zero_vectors(name: str, side: Side, dtype: np.dtype, zero: str) -> None:
    x, y = X.astype(dtype), Y.astype(dtype)
    for array in {"x": [x], "y": [y], "both": [x, y]}[zero]:
        array[[0, 2]] = 0
    layer = side.layers.cosine_similarity
    c, dx, dy = side.pull(layer, G.astype(dtype), x, y)
    hessian = np.moveaxis(second(side, layer, x, y), 1, 0)
    for part in (c, dx, dy, hessian):
        assert np.all(part[[0, 2]] == 0)
        assert np.all(part[[1, 3]].reshape(2, -1).any(1))
        assert np.all(np.isfinite(part))


# ---- and vectors of any scale have the cosine of their directions

SCALES = [(1e20, 1e20), (1e-20, 1e-20), (1e20, 1e-20), (1e-30, 1e30), (1.0, 1e-20)]


@each_side("cosine-scales")
@pytest.mark.parametrize("scales", SCALES, ids=str)
def test_cosine_of_far_scales(
    name: str, side: Side, dtype: np.dtype, scales: tuple[float, float]
) -> None:
    """Powers of two near the scales; a cosine does not change with them, so all is exact."""
    s, t = (2.0 ** np.round(np.log2(scale)) for scale in scales)
    g, layer = G.astype(dtype), side.layers.cosine_similarity
    c, dx, dy = side.pull(layer, g, X.astype(dtype), Y.astype(dtype))
    far = side.pull(layer, g, (X * s).astype(dtype), (Y * t).astype(dtype))
    np.testing.assert_array_equal(far[0], c)
    np.testing.assert_array_equal(far[1], dx / dtype.type(s))
    np.testing.assert_array_equal(far[2], dy / dtype.type(t))


@each_side("cosine-345")
@pytest.mark.parametrize("scale", [1e-10, 1.0, 1e20])
def test_cosine_where_built_in_layers_fail(
    name: str, side: Side, dtype: np.dtype, scale: float
) -> None:
    """NUMERICS.md: 0 at 1e20, and 0.0024 at 1e-10, where 0.96 is right."""
    x, y = (np.array(v, dtype) * dtype.type(scale) for v in ([3, 4], [4, 3]))
    got = side.value(side.layers.cosine_similarity, x, y)
    assert_within(got, np.array(0.96), rounding(8, dtype, np.array(0.96)), dtype)


@each_side("cosine-hessian")
@pytest.mark.parametrize("scale", [2.0**50, 2.0**-40])
def test_second_derivatives_of_cosine_at_far_scales(
    name: str, side: Side, dtype: np.dtype, scale: float
) -> None:
    layer = side.layers.cosine_similarity
    near = second(side, layer, X.astype(dtype), Y.astype(dtype))
    far = second(side, layer, (X * scale).astype(dtype), (Y * scale).astype(dtype))
    np.testing.assert_array_equal(far, near / dtype.type(scale) ** 2)


@each_side("cosine-axes")
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_cosine_along_an_axis(name: str, side: Side, dtype: np.dtype, axis: int) -> None:
    x, y = (RNG.normal(size=(2, 3, 4)).astype(dtype) for _ in range(2))
    got = side.value(lambda x, y: side.layers.cosine_similarity(x, y, axis=axis), x, y)
    lengths = np.linalg.norm(x, axis=axis) * np.linalg.norm(y, axis=axis)
    want = (x.astype(np.float64) * y).sum(axis) / lengths
    assert_within(got, want, rounding(12, dtype, np.ones_like(want)), dtype)


@each_side("cosine-empty")
def test_cosine_of_vectors_without_entries(name: str, side: Side, dtype: np.dtype) -> None:
    c, dx, _ = side.pull(side.layers.cosine_similarity, None, *np.zeros((2, 3, 0), dtype))
    assert c.tolist() == [0.0] * 3
    assert dx.shape == (3, 0)


# ---- straight-through: steps, and the identity's gradient on and beside them

HALVES = np.array([-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, 3.5, 1e30, np.inf, -np.inf, np.nan])


@each_side("straight_through_round", "straight_through_sign")
def test_steps(name: str, side: Side, dtype: np.dtype) -> None:
    g = np.linspace(-3, 3, HALVES.size).astype(dtype)
    y, dx = side.pull(getattr(side.layers, name), g, HALVES.astype(dtype))
    step = np.rint if name.endswith("round") else np.sign
    np.testing.assert_array_equal(y, step(HALVES.astype(dtype)))
    np.testing.assert_array_equal(dx, g)
    assert y.dtype == dx.dtype == dtype


# ---- bessel_j0 within the strict budget at its zeros, its extrema and its turning points


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("of", ["value", "first", "second"])
def test_bessel_j0_at_the_zeros(of: str, dtype: str) -> None:
    def curve(x: float) -> float:
        return float(special.jv(2, x) - special.j0(x))

    if of == "second":
        grid = np.arange(0.5, 60, 0.5)
        ends = [(a, b) for a, b in pairwise(grid) if curve(a) * curve(b) < 0]
        at = np.array([optimize.brentq(curve, *pair, xtol=1e-15) for pair in ends])
    else:
        at = special.jn_zeros(["value", "first"].index(of), 40)
    twin = catalog()["bessel_j0"]
    report = check(
        name="bessel_j0", jax=twin.jax, torch=twin.torch, definition=twin.definition,
        standard="strict", inputs={"x": np.concatenate([at, -at[:5], [0.0, 1.0]])}, dtypes=[dtype],
        questions=["value", "jvp", "vjp", "jacobian", "hessian"],
    )  # fmt: skip
    assert report.ok, str(report)
    assert not report.blind
    assert {v.standard for v in report.verdicts} == {"strict"}
