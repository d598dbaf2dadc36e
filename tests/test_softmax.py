"""Softmax and its relatives where the definition has no number: masks, -inf, and far from 0."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from layer_table import PACKAGES, each_framework

each_layer = pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "sparsemax"])
GONE = {"softmax": 0.0, "sparsemax": 0.0, "log_softmax": -np.inf, "logsumexp": -np.inf}
ROWS = np.array([[1, 2, 3], [4, 5, 6], [-7, 0, 7], [0, 0, 0]], "float32")
MASK = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0], [1, 1, 1]], bool)


def asked(framework: str, name: str, x: Any, mask: Any = None, g: Any = None, axis: int = -1):
    """The value, the gradient, and the gradient of the sines of the gradient; g is ones if None."""
    layer = getattr(PACKAGES[framework], name)
    if framework == "jax":
        given = None if mask is None else jnp.asarray(mask)

        def pulled(x: Any) -> Any:
            y, pullback = jax.vjp(lambda x: layer(x, given, axis), x)
            return y, pullback(jnp.ones_like(y) if g is None else jnp.asarray(g, y.dtype))[0]

        x = jnp.asarray(x)
        curved = jax.grad(
            lambda x: jnp.sin(pulled(x)[1] + jnp.arange(x.size).reshape(x.shape)).sum()
        )
        return [*map(np.asarray, (*pulled(x), curved(x)))]
    x = torch.tensor(x, requires_grad=True)
    y = layer(x, None if mask is None else torch.tensor(mask), axis)
    g = torch.ones_like(y) if g is None else torch.tensor(g, dtype=y.dtype)
    (dx,) = torch.autograd.grad(y, x, g, create_graph=True)
    moved = torch.sin(dx + torch.arange(x.numel()).reshape(x.shape)).sum()
    return [a.detach().numpy() for a in (y, dx, *torch.autograd.grad(moved, x))]


@each_layer
@each_framework
@pytest.mark.parametrize("held", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_masked_may_hold_anything(framework: str, name: str, held: float) -> None:
    want = asked(framework, name, np.where(MASK, ROWS, 0), MASK)
    for got, right in zip(
        asked(framework, name, np.where(MASK, ROWS, held), MASK), want, strict=True
    ):
        np.testing.assert_array_equal(got, right)
    for gradient in want[1:]:
        assert not gradient[~MASK].any()


@each_layer
@each_framework
def test_minus_infinity_counts_as_masked(framework: str, name: str) -> None:
    without = asked(framework, name, np.where(MASK, ROWS, -np.inf).astype("float32"))
    for got, right in zip(without, asked(framework, name, ROWS, MASK), strict=True):
        np.testing.assert_array_equal(got, right)


@each_layer
@each_framework
@pytest.mark.parametrize("g", [1.0, np.inf, np.nan])
def test_a_row_in_which_nothing_is_left(framework: str, name: str, g: float) -> None:
    cotangents = np.full((4,) if name == "logsumexp" else (4, 3), g)
    y, dx, ddx = asked(framework, name, ROWS, np.zeros((1, 1), bool), cotangents)
    np.testing.assert_array_equal(y, np.full(y.shape, GONE[name]))
    assert not dx.any()
    assert not (np.isfinite(g) and ddx.any())


@each_framework
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_cotangents_of_what_is_masked_are_ignored(framework: str, name: str) -> None:
    g = np.random.default_rng(0).normal(size=ROWS.shape)
    right = asked(framework, name, ROWS, MASK, np.where(MASK, g, 0))[1]
    for held in (np.nan, np.inf):
        got = asked(framework, name, ROWS, MASK, np.where(MASK, g, held))[1]
        np.testing.assert_array_equal(got, right)


@each_layer
@each_framework
@pytest.mark.parametrize("mask", [MASK[:1], MASK[:, :1], MASK[0]])
def test_masks_broadcast(framework: str, name: str, mask: Any) -> None:
    whole = np.broadcast_to(mask, ROWS.shape).copy()
    pairs = zip(
        asked(framework, name, ROWS, mask), asked(framework, name, ROWS, whole), strict=True
    )
    for got, right in pairs:
        np.testing.assert_array_equal(got, right)


@each_layer
@each_framework
def test_along_another_axis(framework: str, name: str) -> None:
    got = asked(framework, name, ROWS.T.copy(), MASK.T.copy(), axis=0)[:2]
    for a, b in zip(got, asked(framework, name, ROWS, MASK), strict=False):
        np.testing.assert_allclose(a, b.T, rtol=1e-6)


@each_layer
@each_framework
def test_nan_takes_its_row_and_no_other(framework: str, name: str) -> None:
    y, dx, _ = asked(framework, name, np.array([[1, np.nan], [1, 2]], "float32"))
    for a in (y, dx):
        assert np.isnan(a[0]).all()
        assert np.isfinite(a[1]).all()


@each_framework
def test_plus_infinity_sums_to_itself(framework: str) -> None:
    x = np.array([[1, np.inf], [-np.inf, np.inf]], "float32")
    np.testing.assert_array_equal(asked(framework, "logsumexp", x)[0], [np.inf, np.inf])


@each_layer
@each_framework
@pytest.mark.parametrize("shape", [(2, 0), (0, 2)])
def test_of_no_entries(framework: str, name: str, shape: tuple[int, int]) -> None:
    y, dx, _ = asked(framework, name, np.zeros(shape, "float32"))
    assert dx.shape == shape
    assert y.shape == (shape[:1] if name == "logsumexp" else shape)
    assert (y == -np.inf).all()


@each_framework
def test_two_alike_in_eight_bits(framework: str) -> None:
    """Kept in bfloat16, both logarithms stand for more than a half."""
    bfloat16 = {"jax": jnp.bfloat16, "torch": torch.bfloat16}[framework]
    layer, x = PACKAGES[framework].log_softmax, [[3.0, 3.0]]
    if framework == "jax":
        dx = jax.grad(lambda x: layer(x)[0, 0])(jnp.array(x, bfloat16))
    else:
        given = torch.tensor(x, dtype=bfloat16, requires_grad=True)
        (dx,) = torch.autograd.grad(layer(given)[0, 0], given)
    assert dx.tolist() == [[0.5, -0.5]]


@each_framework
@pytest.mark.parametrize("margin", [17, 40, 80])
def test_the_true_class_far_ahead(framework: str, margin: int) -> None:
    """The built-in loss and its gradient are 0 here; the true ones are about exp(-margin)."""
    y, dx, _ = asked(
        framework, "log_softmax", np.array([[margin, 0]], "float32"), g=np.array([[-1, 0]])
    )
    true = np.exp(np.float64(-margin)) / (1 + np.exp(np.float64(-margin)))
    np.testing.assert_allclose(-y[0, 0], np.log1p(np.exp(np.float64(-margin))), rtol=5e-7)
    np.testing.assert_allclose(dx, [[-true, true]], rtol=1e-6)
    _, dp, _ = asked(
        framework, "softmax", np.array([[margin, 0]], "float32"), g=np.array([[-1, 0]])
    )
    np.testing.assert_allclose(dp, [[-true * (1 - true), true * (1 - true)]], rtol=1e-6)


@each_framework
def test_sparse_probabilities_by_hand(framework: str) -> None:
    x = np.array([[1, 0.8, 0.1], [2, 2, 2], [0, 5, 1], [0.25, 1, -9]], "float32")
    g = np.array([[1, 2, 4], [1, 2, 6], [1, 2, 4], [1, 5, 9]])
    y, dx, _ = asked(framework, "sparsemax", x, g=g)
    third = np.float32(1 / 3)
    want = [[0.6, 0.4, 0], [third] * 3, [0, 1, 0], [0.125, 0.875, 0]]
    np.testing.assert_allclose(y, want, rtol=2e-7)
    np.testing.assert_array_equal(dx, [[-0.5, 0.5, 0], [-2, -1, 3], [0, 0, 0], [-2, 2, 0]])
