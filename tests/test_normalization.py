"""Layers that normalise where others fail: far from 0, far scales, one entry far from all."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from crosscheck.catalog import catalog
from layer_table import PACKAGES, each_framework
from torchlayers import nn

RNG = np.random.default_rng(0)
X, W, B, G = (RNG.normal(size=shape) for shape in ((3, 4), 4, 4, (3, 4)))


def asked(framework: str, name: str, g: Any, *arrays: Any, **settings: Any) -> list[Any]:
    """The value, then the gradient of each array, for the cotangent g."""
    layer = getattr(PACKAGES[framework], name)
    if framework == "jax":
        y, pullback = jax.vjp(lambda *a: layer(*a, **settings), *map(jnp.asarray, arrays))
        return [*map(np.asarray, (y, *pullback(jnp.asarray(g, y.dtype))))]
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = layer(*tensors, **settings)
    grads = torch.autograd.grad(y, tensors, torch.tensor(g, dtype=y.dtype))
    return [a.detach().numpy() for a in (y, *grads)]


def right(x: Any, g: Any, w: Any, eps: float, centred: bool) -> tuple[Any, Any]:
    """Value and gradient by the formula, in extended precision."""
    x, g, w = (np.asarray(a, np.longdouble) for a in (x, g, w))
    c = x - x.mean(-1, keepdims=True) if centred else x
    sigma = np.sqrt((c * c).mean(-1, keepdims=True) + np.longdouble(eps))
    v, h = c / sigma, g * w
    p = h - h.mean(-1, keepdims=True) if centred else h
    return v * w, (p - v * (v * h).mean(-1, keepdims=True)) / sigma


def within(got: Any, want: Any, relative: float, near: float = 0) -> None:
    """Each entry, counted against its own size; or within `near`."""
    np.testing.assert_allclose(got, want.astype(float), rtol=relative, atol=near)


NORMS = {"rms_norm": False, "layer_norm": True}
each_norm = pytest.mark.parametrize("name", NORMS)


@each_framework
def test_a_mean_of_1e5(framework: str) -> None:
    x = (X + 1e5).astype("float32")
    y, dx = asked(framework, "layer_norm", G, x)
    want, wanted = right(x, G.astype("float32"), 1, 1e-5, True)
    within(y, want, 0, near=1e-6)
    within(dx, wanted, 0, near=1e-6)


@each_framework
@each_norm
@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_far_scales(framework: str, name: str, scale: float) -> None:
    """In float32; the gradients, of size 1 / scale, can be told too."""
    x, w, eps = (X * scale).astype("float32"), W.astype("float32"), scale**2 / 10
    y, dx, _ = asked(framework, name, G, x, w, eps=eps)
    want, wanted = right(x, G.astype("float32"), w, eps, NORMS[name])
    for got, true in ((y, want), (dx, wanted)):
        within(got / abs(true).max(), true / abs(true).max(), 1e-6, near=1e-6)


@each_framework
@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_vectors_of_length_1_at_far_scales(framework: str, scale: float) -> None:
    x = (X * scale).astype("float32")
    y, dx = asked(framework, "l2_normalize", G, x, eps=1e-70)
    u, wanted = right(x, G.astype("float32"), 1, 1e-70, False)
    within(y, u / 2, 1e-6)
    within(dx, wanted / 2, 2e-6)


@each_framework
@pytest.mark.parametrize("name", ["rms_norm", "layer_norm", "l2_normalize"])
@pytest.mark.parametrize("size", [6e37, 1e38, 1.6e38])
def test_close_to_the_largest_number(framework: str, name: str, size: float) -> None:
    """1 / 1e38 is subnormal: XLA makes it 0."""
    x, g = np.array([[1, -1, 0.5, 0]], "float32") * np.float32(size), G[:1].astype("float32") * 1e9
    y, dx = asked(framework, name, g, x)
    want, wanted = right(x, g, 1, 1e-5, name == "layer_norm")
    root = 2 if name == "l2_normalize" else 1  # of the entries of a row, whose mean right takes
    within(y * root, want, 1e-6, near=1e-6)
    within(dx * size * root / 1e9, wanted * size / 1e9, 2e-6, near=1e-6)


@each_framework
@pytest.mark.parametrize("size", [8e37, 1e38, 3e38])
def test_an_angle_between_the_largest(framework: str, size: float) -> None:
    x, y = np.array([[[1, 0]], [[1, 1]]], "float32") * np.float32(size)
    c, dx, _ = asked(framework, "cosine_similarity", [1e9], x, y)
    np.testing.assert_allclose(c, [0.5**0.5], rtol=1e-6)
    np.testing.assert_allclose(dx * size / 1e9, [[0, 0.5**0.5]], rtol=1e-6)


@each_framework
@each_norm
@pytest.mark.parametrize("others", [1e-3, 1e-2])
def test_one_entry_far_from_all(framework: str, name: str, others: float) -> None:
    """Its own gradient is small: its parts cancel, in the built-in layers to rounding noise."""
    x = (X * others).astype("float32")
    x[:, 1] = 7
    dx = asked(framework, name, G, x, eps=1e-12)[1]
    within(dx, right(x, G.astype("float32"), 1, 1e-12, NORMS[name])[1], 3e-6)


@each_framework
def test_of_two_entries_what_eps_leaves(framework: str) -> None:
    x, g = X[:, :2].astype("float32"), G[:, :2].astype("float32")
    dx = asked(framework, "layer_norm", g, x)[1]
    c = (x[:, :1].astype(float) - x[:, 1:]) / 2
    half = (g[:, :1].astype(float) - g[:, 1:]) / 2
    within(dx, half * [[1, -1]] * 1e-5 / (c * c + 1e-5) ** 1.5, 2e-6)


@each_framework
@pytest.mark.parametrize("eps", [1e-5, 1e-30, 1e-300])
@pytest.mark.parametrize("held", [0.0, 0.1, 1e5])
def test_rows_of_equal_entries(framework: str, eps: float, held: float) -> None:
    x = np.full((2, 7), held, "float32")
    y, dx = asked(framework, "layer_norm", np.ones((2, 7)), x, eps=eps)
    assert not y.any()
    assert np.isfinite(dx).all()


@each_framework
def test_rows_of_one_entry(framework: str) -> None:
    x, w, b = (np.array(a, "float32") for a in ([[3], [-2]], [5], [7]))
    y, dx, dw, db = asked(framework, "layer_norm", [[2], [3]], x, w, b)
    assert (y == 7).all()
    assert not dx.any()
    assert (dw, db) == (0, 5)


@each_framework
@each_norm
@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_of_no_entries(framework: str, name: str, shape: tuple[int, int]) -> None:
    y, dx, dw = asked(framework, name, np.zeros(shape), np.zeros(shape), np.ones(shape[-1]))
    assert y.shape == dx.shape == shape
    assert not dw.any()


@each_framework
def test_groups_are_rows(framework: str) -> None:
    """Against layer_norm of the same entries; the affine part is a channel's."""
    x, g = RNG.normal(size=(2, 2, 4, 3))
    y, dx, _, db = asked(framework, "group_norm", g, x, W, B, groups=2)
    scaled = (g * W[:, None]).reshape(4, 6)
    v, dv = asked(framework, "layer_norm", scaled, x.reshape(4, 6))
    np.testing.assert_allclose(y, v.reshape(x.shape) * W[:, None] + B[:, None], rtol=1e-5)
    np.testing.assert_allclose(dx, dv.reshape(x.shape), rtol=1e-5)
    np.testing.assert_allclose(db, g.sum((0, 2)), rtol=1e-5)


@each_framework
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_sum_is_normalised_as_it_is_returned(framework: str, dtype: str) -> None:
    package = PACKAGES[framework]
    if framework == "jax":
        x, r, w = (jnp.asarray(a, dtype) for a in (X, G, W))
    else:
        x, r, w = (torch.tensor(a, dtype=getattr(torch, dtype)) for a in (X, G, W))
    y, z = package.add_rms_norm(x, r, w)
    assert (z == x + r).all()
    assert (y == package.rms_norm(z, w)).all()


@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm"])
def test_modules_refuse_another_shape(name: str) -> None:
    with pytest.raises(ValueError, match=r"expected input \(..., 2, 3\), got \(4, 3, 2\)"):
        getattr(nn, name)((2, 3))(torch.ones(4, 3, 2))


@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm", "GroupNorm"])
def test_modules_without_parameters(name: str) -> None:
    settings = {"num_groups": 2, "num_channels": 4, "affine": False}
    if name != "GroupNorm":
        settings = {"normalized_shape": 4, "elementwise_affine": False}
    x = torch.tensor(X)
    ours = getattr(nn, name)(**settings)(x)
    torch.testing.assert_close(ours, getattr(torch.nn, name)(**settings)(x), rtol=1e-13, atol=1e-14)


# ---- batch_norm against PyTorch's own, in double precision: value, running statistics, gradients


def batch(shape: tuple[int, ...]) -> list[torch.Tensor]:
    drawn = [RNG.normal(size=shape), *np.abs(RNG.normal(size=(4, shape[1]))) + 0.1]
    return [torch.tensor(a, requires_grad=True) for a in drawn]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(5, 4), (3, 4, 2), (2, 4, 3, 2)])
def test_batches_as_in_torch(shape: tuple[int, ...], training: bool) -> None:
    x, mean, var, w, b = batch(shape)
    buffers = [mean.detach().clone(), var.detach().clone()]
    want = torch.nn.functional.batch_norm(x, *buffers, w, b, training, 0.3)
    got, *moved = torchlayers.batch_norm(x, mean, var, w, b, training=training, momentum=0.3)
    torch.testing.assert_close([got, *moved], [want, *buffers], rtol=1e-12, atol=1e-14)
    g, inputs = torch.tensor(RNG.normal(size=shape)), [x, w, b]
    torch.testing.assert_close(
        torch.autograd.grad(got, inputs, g), torch.autograd.grad(want, inputs, g),
        rtol=1e-11, atol=1e-13,
    )  # fmt: skip
    assert all(a.requires_grad != training for a in moved)


@pytest.mark.parametrize("training", [True, False])
def test_batches_as_in_both(training: bool) -> None:
    arrays = [a.detach().float().numpy() for a in batch((3, 4, 2))]
    got = torchlayers.batch_norm(*map(torch.tensor, arrays), training=training)
    want = jaxlayers.batch_norm(*map(jnp.asarray, arrays), training=training)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "shape"), [("BatchNorm1d", (5, 4)), ("BatchNorm2d", (2, 4, 3, 2))]
)
@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize("tracked", [True, False])
def test_batch_modules_as_in_torch(
    name: str, shape: tuple[int, ...], momentum: float | None, tracked: bool
) -> None:
    ours, theirs = (
        getattr(package, name)(4, momentum=momentum, track_running_stats=tracked).double()
        for package in (nn, torch.nn)
    )
    for x in torch.tensor(RNG.normal(size=(3, *shape))):
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=1e-12, atol=1e-14)
    x = torch.tensor(RNG.normal(size=shape))
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-12, atol=1e-14)


def test_a_batch_module_that_is_told_to_forget_in_between() -> None:
    ours, theirs = nn.BatchNorm1d(4).double(), torch.nn.BatchNorm1d(4).double()
    x = torch.tensor(np.random.default_rng(1).normal(size=(5, 4)))
    for module in (ours, theirs):
        module.track_running_stats = False
        module(x)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    for module in (ours, theirs):
        module.track_running_stats, module.num_batches_tracked = True, None
        module(x)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=1e-12, atol=1e-14)


@each_framework
@pytest.mark.parametrize("shape", [(0, 4), (3, 4, 0)])
def test_a_batch_of_nothing_moves_nothing(framework: str, shape: tuple[int, ...]) -> None:
    package, put = PACKAGES[framework], jnp.asarray if framework == "jax" else torch.tensor
    x, mean, var = (put(np.asarray(a, "float32")) for a in (np.zeros(shape), W, W**2))
    y, *moved = package.batch_norm(x, mean, var, training=True)
    assert y.shape == shape
    for got, want in zip(moved, (mean, var), strict=True):
        np.testing.assert_array_equal(got, want)


def test_a_batch_module_at_rest() -> None:
    ours, theirs = nn.BatchNorm1d(4), torch.nn.BatchNorm1d(4)
    assert ours(torch.zeros(0, 4)).shape == theirs(torch.zeros(0, 4)).shape
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("name", ["layer_norm", "group_norm", "batch_norm"])
def test_at_the_default_eps(check_twin: Any, name: str) -> None:
    """The catalog asks at a larger one, for the sake of second derivatives of equal rows."""
    twin = catalog()[name]
    given = {k: v for k, v in twin.settings[0].items() if k != "eps"}
    report = check_twin(
        replace(twin, settings=[given]), dtypes=["float32"], questions=["value", "vjp", "hessian"]
    )
    assert report.ok
    assert not report.blind


def test_a_jacobian_of_no_rows() -> None:
    """Torch maps over no cotangents at all."""
    x, w = torch.zeros(0, 4), torch.ones(4)
    jacobian = torch.func.jacrev(lambda w: torchlayers.layer_norm(x, w))(w)
    assert jacobian.shape == (0, 4, 4)


@each_framework
def test_second_derivatives_of_a_channel_that_hardly_varies(framework: str) -> None:
    """1 / std² is beyond float32; what one std does to the slope in another is 0."""
    x, mean, std = np.ones((2, 1, 1), "float32"), np.zeros(2, "float32"), np.float32([1e-20, 1])
    if framework == "jax":
        loss = lambda s: jaxlayers.channel_normalize(x, mean, s).sum()  # noqa: E731
        got = np.asarray(jax.hessian(loss)(jnp.asarray(std)))
    else:
        rest = torch.tensor(x), torch.tensor(mean)
        loss = lambda s: torchlayers.channel_normalize(*rest, s).sum()  # noqa: E731
        got = torch.func.hessian(loss)(torch.tensor(std)).numpy()
    assert [got[0, 1], got[1, 0], got[1, 1]] == [0, 0, 2]
