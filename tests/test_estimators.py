"""Estimators: gradients that are those of another function, values by hand."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from layer_table import each_framework
from test_losses import asked

KEY = np.array([3, 7], "uint32")


@each_framework
@pytest.mark.parametrize("strength", [1.0, 0.25, 0.0])
def test_reversed(framework: str, strength: float) -> None:
    x, g = np.array([1, -2, 3], "float32"), np.array([4, 5, -6], "float32")
    y, dx = asked(framework, "gradient_reversal", x, g=g, strength=strength)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(dx, -strength * g)


def test_what_is_reversed_is_not_shared() -> None:
    x = torch.ones(2)
    assert torchlayers.gradient_reversal(x).data_ptr() != x.data_ptr()


@each_framework
def test_quantized(framework: str) -> None:
    """Two bits count -2, -1, 0, 1; halves go to the even one; at the ends the gradient passes."""
    x = np.array([[-9, -1.5, -1, -0.5], [0.5, 0.6, 1, 9]], "float32")
    y, dx, ds = asked(framework, "quantize", x, np.float32(0.5), bits=2)
    np.testing.assert_array_equal(y, [[-1, -1, -1, -0.5], [0.5, 0.5, 0.5, 0.5]])
    np.testing.assert_array_equal(dx, [[0, 0, 1, 1], [1, 0, 0, 0]])
    np.testing.assert_array_equal(ds, -2 * 2 + 1 * 3)
    halves = np.array([-1.5, -0.5, 0.5], "float32")
    y, *_ = asked(framework, "quantize", halves, np.float32(1), bits=4)
    np.testing.assert_array_equal(y, [-2, 0, 0])


@each_framework
def test_scales_of_channels(framework: str) -> None:
    x, scale = np.array([[0.3, 300], [-0.3, -300]], "float32"), np.array([0.1, 1], "float32")
    y, dx, ds = asked(framework, "quantize", x, scale)
    np.testing.assert_allclose(y, [[0.3, 127], [-0.3, -128]], rtol=2e-7)
    np.testing.assert_array_equal(dx, [[1, 0], [1, 0]])
    np.testing.assert_array_equal(ds, [0, 127 - 128])


def drawn(framework: str, logits: Any, **how: Any) -> tuple[Any, Any]:
    """The value, and the gradient for cotangents 0, 1, 2, …, of each row."""
    g = np.broadcast_to(np.arange(logits.shape[-1], dtype="float32"), logits.shape)
    if framework == "jax":
        key = jnp.asarray(KEY)
        y, pull = jax.vjp(lambda x: jaxlayers.gumbel_softmax(x, key, **how), jnp.asarray(logits))
        return np.asarray(y), np.asarray(pull(jnp.asarray(g))[0])
    x = torch.tensor(logits, requires_grad=True)
    y = torchlayers.gumbel_softmax(x, torch.tensor(KEY), **how)
    (dx,) = torch.autograd.grad(y, x, torch.tensor(g))
    return y.detach().numpy(), dx.numpy()


def test_both_frameworks_draw_the_same() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    for hard in (False, True):
        sides = (drawn(f, logits, tau=0.7, hard=hard) for f in ("jax", "torch"))
        for a, b in zip(*sides, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@each_framework
def test_hard_ones_are_drawn_from_softmax(framework: str) -> None:
    p = np.array([0.5, 0.3, 0.15, 0.05])
    logits = np.broadcast_to(np.log(p), (20_000, 4)).astype("float32")
    y, dx = drawn(framework, logits, hard=True)
    assert set(np.unique(y)) == {0, 1}
    assert (y.sum(-1) == 1).all()
    np.testing.assert_allclose(y.mean(0), p, atol=4 * np.sqrt(0.25 / len(y)))
    soft, soft_dx = drawn(framework, logits)
    np.testing.assert_array_equal(soft.argmax(-1), y.argmax(-1))
    np.testing.assert_array_equal(dx, soft_dx)
    moment = (soft * np.arange(4)).sum(-1, keepdims=True)
    np.testing.assert_allclose(dx, soft * (np.arange(4) - moment), rtol=1e-4, atol=1e-6)


@each_framework
@pytest.mark.parametrize("hard", [False, True])
def test_a_draw_from_no_classes(framework: str, hard: bool) -> None:
    y, dx = drawn(framework, np.zeros((3, 0), "float32"), hard=hard)
    assert y.shape == dx.shape == (3, 0)


@each_framework
def test_hard_draws_of_what_cannot_be_drawn(framework: str) -> None:
    """NaN is not hidden, and where nothing is left nothing is drawn."""
    x = np.array([[np.nan, 1, 2], [-np.inf] * 3, [-np.inf, 0, -np.inf]], "float32")
    y, _ = asked(framework, "gumbel_softmax", x, KEY, hard=True)
    np.testing.assert_array_equal(y, [[np.nan] * 3, [0, 0, 0], [0, 1, 0]])


@each_framework
def test_ties_of_a_scale_without_a_reciprocal(framework: str) -> None:
    """45.5 / 7 is 6.5 and goes to 6; 45.5 times 1 / 7 is above, in float32."""
    x, scales = np.array([45.5, -31.5, 84.5], "float32"), np.array([7, 7, 13], "float32")
    y, *_ = asked(framework, "quantize", x, scales)
    assert y.tolist() == [42, -28, 78]
    y, *_ = asked(framework, "quantize", x[:2], scales[0])
    assert y.tolist() == [42, -28]


def test_ties_of_a_scale_that_vmap_repeats() -> None:
    x, scale = jnp.array([45.5, -31.5]), jnp.float32(7)
    assert jax.jit(jax.vmap(jaxlayers.quantize, (0, None)))(x, scale).tolist() == [42, -28]
