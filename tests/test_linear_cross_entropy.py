"""Cross entropy without logits: the same as with them, whatever the blocks, and no larger."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from layer_table import each_framework
from test_contractions import Largest
from test_losses import asked

rng = np.random.default_rng(0)
X, W = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5))
LABELS = np.array([[2, 0, -1], [4, 4, 1]])  # -1 is ignored
SHARP = {"smoothing": 0.1, "z_loss": 0.01}
each_block = pytest.mark.parametrize("block", [1, 4, 6, 192])


def with_logits(package: Any) -> Callable[..., Any]:
    return lambda x, w, labels, **how: package.cross_entropy(x @ w, labels, **how)


@each_framework
@each_block
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_the_same_as_with_logits(framework: str, block: int, reduction: str) -> None:
    how: dict[str, Any] = {**SHARP, "ignore_index": -1, "reduction": reduction}
    x, w = X.astype("float32"), W.astype("float32")
    logits = x @ w
    want, d_logits = asked(framework, "cross_entropy", logits, LABELS, **how)
    got, dx, dw = asked(framework, "linear_cross_entropy", x, w, LABELS, **how, block=block)
    np.testing.assert_allclose(got, want, rtol=2e-6)
    np.testing.assert_allclose(dx, d_logits @ w.T, rtol=1e-5, atol=1e-6)
    dense = np.einsum("abd,abc->dc", x, d_logits)
    np.testing.assert_allclose(dw, dense, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("block", [4, 192])
def test_second_derivatives_in_jax(block: int) -> None:
    """Of a sum of squares, so that each row's cotangent moves with its loss."""
    how: dict[str, Any] = {**SHARP, "ignore_index": -1, "reduction": "none"}
    with jax.enable_x64(True):
        given, labels = (jnp.asarray(X), jnp.asarray(W)), jnp.asarray(LABELS)

        def hessian(layer: Any, outer: Any, **more: Any) -> Any:
            def squares(x: Any, w: Any) -> Any:
                return (layer(x, w, labels, **how, **more) ** 2).sum()

            slopes = jax.grad(squares, argnums=(0, 1))
            return jax.tree.leaves(jax.jit(outer(slopes, argnums=(0, 1)))(*given))

        want = hessian(with_logits(jaxlayers), jax.jacrev)
        for outer in (jax.jacrev, jax.jacfwd):
            got = hessian(jaxlayers.linear_cross_entropy, outer, block=block)
            for a, b in zip(got, want, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@each_block
def test_second_derivatives_in_torch(block: int) -> None:
    how: dict[str, Any] = {**SHARP, "ignore_index": -1, "reduction": "none"}
    given, labels = (torch.tensor(X), torch.tensor(W)), torch.tensor(LABELS)

    def hessian(layer: Any, outer: Any, **more: Any) -> list[torch.Tensor]:
        def squares(x: Any, w: Any) -> Any:
            return (layer(x, w, labels, **how, **more) ** 2).sum()

        slopes = torch.func.grad(squares, argnums=(0, 1))
        rows = outer(slopes, argnums=(0, 1))(*given)
        return [entry for row in rows for entry in row]

    want = hessian(with_logits(torchlayers), torch.func.jacrev)
    for outer in (torch.func.jacrev, torch.func.jacfwd):
        got = hessian(torchlayers.linear_cross_entropy, outer, block=block)
        for a, b in zip(got, want, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-13)


@each_framework
def test_ignored_rows_may_hold_anything(framework: str) -> None:
    x = np.where((LABELS == -1)[..., None], np.nan, X).astype("float32")
    how: dict[str, Any] = {"ignore_index": -1, "block": 2}
    got = asked(framework, "linear_cross_entropy", x, W.astype("float32"), LABELS, **how)
    calm = np.nan_to_num(x, nan=1)
    want = asked(framework, "linear_cross_entropy", calm, W.astype("float32"), LABELS, **how)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not got[1][LABELS == -1].any()


@each_framework
@pytest.mark.parametrize("labels", [np.full(3, -100), np.zeros(0, int)])
def test_of_no_rows_the_mean_is_zero(framework: str, labels: Any) -> None:
    x, w = np.ones((len(labels), 4), "float32"), W.astype("float32")
    for a in asked(framework, "linear_cross_entropy", x, w, labels):
        assert not a.any()


@each_framework
def test_a_label_that_is_no_class(framework: str) -> None:
    x, w = X[0].astype("float32"), W.astype("float32")
    how = {"reduction": "none", "block": 1}
    y, dx, dw = asked(framework, "linear_cross_entropy", x, w, np.array([0, 5, 1]), **how)
    np.testing.assert_array_equal(np.isnan(y), [0, 1, 0])
    np.testing.assert_array_equal(np.isnan(dx).all(-1), [0, 1, 0])
    assert np.isnan(dw).all()


def test_memory_does_not_grow_with_the_rows() -> None:
    """In gradient, and in products with the Hessian."""

    def peaks(n: int) -> list[int]:
        at, labels = (jnp.ones((n, 8)), jnp.ones((8, 512))), jnp.zeros(n, int)
        slopes = jax.grad(
            lambda x, w: jaxlayers.linear_cross_entropy(x, w, labels, block=32), argnums=(0, 1)
        )
        programs = [
            slopes,
            lambda *t: jax.jvp(slopes, at, t)[1],
            lambda *t: jax.vjp(slopes, *at)[1](t),
        ]
        plans = [jax.jit(f).lower(*at).compile().memory_analysis() for f in programs]
        return [int(plan.temp_size_in_bytes) for plan in plans]

    assert all(doubled < 1.3 * once for once, doubled in zip(peaks(256), peaks(512), strict=True))
    assert peaks(128)[0] < 4 * 128 * 512


def test_torch_holds_the_logits_of_a_block() -> None:
    """In value, gradient, and a product with the Hessian; beside them, as many as weights."""

    def largest(n: int) -> int:
        x, w = (torch.ones(*shape, requires_grad=True) for shape in ((n, 8), (8, 512)))
        with Largest() as mode:
            y = torchlayers.linear_cross_entropy(x, w, torch.zeros(n, dtype=torch.long), block=32)
            first = torch.autograd.grad(y, (x, w), create_graph=True)
            torch.autograd.grad(sum(d.sum() for d in first), (x, w))
        return mode.entries

    assert largest(128) == largest(256) == 32 * 512
