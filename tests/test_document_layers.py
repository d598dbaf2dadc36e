"""What documents 001 and 004 compute, through the layers that came of it, in both frameworks.

Test ids name the document: `001-channel-means-jax-float32`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

import jaxlayers
import torchlayers
from sides import Array, Side, assert_within, each_side, rounding


def draws(dtype: np.dtype, *shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


# ---- 001, section 1.1: an image of 0.5, normalised by the statistics of ImageNet

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@each_side("001-channel-means")
def test_channel_means(name: str, side: Side, dtype: np.dtype) -> None:
    arrays = (a.astype(dtype) for a in (np.full((1, 3, 224, 224), 0.5), MEAN, STD))
    y = side.value(side.layers.channel_normalize, *arrays)
    means = y.astype(np.float64).mean((0, 2, 3))
    assert y.dtype == dtype
    assert np.all(np.abs(means - [0.0655, 0.1964, 0.4178]) <= 0.5e-4)


@each_side("001-channel-gradients")
def test_channel_gradients(name: str, side: Side, dtype: np.dtype) -> None:
    x, g = draws(dtype, (1, 3, 8, 8), (1, 3, 8, 8))
    mean, std = MEAN.astype(dtype), STD.astype(dtype)
    _, dx, dmean, dstd = side.pull(side.layers.channel_normalize, g, x, mean, std)
    x, g, mean, std = (a.astype(np.float64) for a in (x, g, mean, std))
    m, s, total = mean[:, None, None], std[:, None, None], (0, 2, 3)
    assert_within(dx, g / s, rounding(1, dtype, g / s), dtype)
    sizes = np.abs(g / s), np.abs(g) * (np.abs(x) + m) / s**2
    wants = -(g / s).sum(total), -(g * (x - m) / s**2).sum(total)
    for got, want, size in zip((dmean, dstd), wants, sizes, strict=True):
        assert_within(got, want, rounding(68, dtype, size.sum(total)), dtype)


SPOILED = np.array([0.0, np.inf, np.nan, -0.0, 2.0])


@each_side("channel-values")
@pytest.mark.parametrize("mean", [0.0, np.inf, np.nan])
def test_bad_channel_values(name: str, side: Side, dtype: np.dtype, mean: float) -> None:
    """A std of 0, infinite or NaN, in both frameworks what NumPy makes of the formulas."""
    x = np.array([[[[1.0, 0.0, -2.0]]]] * 5, dtype).reshape(5, 1, 3)
    mean_, std, g = np.full(5, mean, dtype), SPOILED.astype(dtype), np.ones_like(x)
    with np.errstate(all="ignore"):
        over = std[:, None, None]
        y, dx = (x - mean_[:, None, None]) / over, g / over
        want = y, dx, -dx.sum((1, 2)), -(dx * y).sum((1, 2))
    for got, right in zip(
        side.pull(side.layers.channel_normalize, g, x, mean_, std), want, strict=True
    ):
        np.testing.assert_array_equal(got, right)


# ---- 001, section 1.1: all pairs of 11 vectors and 17, beside SciPy


@each_side("001-cosine-cdist")
def test_cosine_of_all_pairs(name: str, side: Side, dtype: np.dtype) -> None:
    x, y = draws(dtype, (11, 8), (17, 8))
    got = side.value(lambda x, y: side.layers.cosine_similarity(x[:, None], y[None]), x, y)
    want = 1 - cdist(x.astype(np.float64), y.astype(np.float64), metric="cosine")
    lengths = np.linalg.norm(x, axis=1)[:, None] * np.linalg.norm(y, axis=1)
    magnitude = (np.abs(x) @ np.abs(y).T / lengths).astype(np.float64)
    assert_within(got, want, rounding(24, dtype, magnitude), dtype)


# ---- 001, section 2: f = w1 x + w2 y + w3, and backward() once more

GRAPH = {"x": 1.0, "y": 2.0, "w1": 0.33, "w2": -1.5, "w3": 0.01}
WEIGHTS = [1.0, 2.0, 1.0]  # the gradients of w1, w2, w3: x, y and 1


@each_side("001-affine")
def test_affine(name: str, side: Side, dtype: np.dtype) -> None:
    arrays = [np.array([v], dtype) for v in GRAPH.values()]
    f, *gradients = side.pull(side.layers.affine, None, *arrays)
    assert_within(f, np.array([-2.66]), rounding(6, dtype, np.array([3.34])), dtype)
    assert [dw.tolist() for dw in gradients[2:]] == [[w] for w in WEIGHTS]
    assert [d.dtype for d in gradients] == [dtype] * 5


def test_001_gradients_accumulate_in_torch() -> None:
    x, y, *weights = (torch.tensor([v]) for v in GRAPH.values())
    for w in weights:
        w.requires_grad_()
    f = torchlayers.affine(x, y, *weights)
    f.backward(retain_graph=True)
    assert [w.grad.item() for w in weights] == WEIGHTS
    f.backward()
    assert [w.grad.item() for w in weights] == [2 * w for w in WEIGHTS]
    assert x.grad is None
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        f.backward()


def test_001_gradients_accumulate_in_jax() -> None:
    _, pullback = jax.vjp(jaxlayers.affine, *(jnp.array([v]) for v in GRAPH.values()))
    once, again = pullback(jnp.ones(1)), pullback(jnp.ones(1))
    assert [float(a[0] + b[0]) for a, b in zip(once, again, strict=True)][2:] == [2.0, 4.0, 2.0]


# ---- 001, section 3: a x² + b x + c, one number at a time, parameters of shape (1,)


@each_side("001-quadratic")
def test_quadratic(name: str, side: Side, dtype: np.dtype) -> None:
    x, target, a, b, c = draws(dtype, (), (), (1,), (1,), (1,))

    def loss(x: Any, a: Any, b: Any, c: Any) -> Any:
        return (target.item() - side.layers.quadratic(x, a, b, c)) ** 2

    _, _, *got = side.pull(loss, None, x, a, b, c)
    x, target, a, b, c = (v.astype(np.float64) for v in (x, target, a, b, c))
    residual = target - (a * x**2 + b * x + c)
    size = np.abs(target) + np.abs(a) * x**2 + np.abs(b * x) + np.abs(c)
    for part, slope in zip(got, (x**2, x, np.ones(())), strict=True):
        tolerance = rounding(9, dtype, 2 * size * np.abs(slope))
        assert_within(part, -2 * residual * slope, tolerance, dtype)


# ---- 004: four ways to multiply matrices; its lin_grad


def by_loops(a: Array, b: Array) -> Array:
    """004's first matmul."""
    c = np.zeros((a.shape[0], b.shape[1]))
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]
    return c


WAYS = {
    "004-matmul": lambda layers: layers.matmul,
    "004-einsum": lambda layers: lambda a, b: layers.einsum("ik,kj -> ij", a, b),
}


@each_side(*WAYS)
def test_matrix_product(name: str, side: Side, dtype: np.dtype) -> None:
    a, b, g = draws(dtype, (5, 28), (28, 10), (5, 10))
    got = side.pull(WAYS[name](side.layers), g, a, b)
    a, b, g = (v.astype(np.float64) for v in (a, b, g))
    for part, (x, y) in zip(got, ((a, b), (g, b.T), (a.T, g)), strict=True):
        magnitude = by_loops(np.abs(x), np.abs(y))
        assert_within(part, by_loops(x, y), rounding(x.shape[1], dtype, magnitude), dtype)


@each_side("001-matrix-vector")
def test_shapes_of_products(name: str, side: Side, dtype: np.dtype) -> None:
    a, x = draws(dtype, (8, 4), (4, 1))
    assert side.value(side.layers.matmul, a, x).shape == (8, 1)
    assert side.value(side.layers.matmul, a, x[:, 0]).shape == (8,)
