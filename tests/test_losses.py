"""Losses: labels, what is left out or ignored, ties, and tails that the built-in ones flush."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from documents import Array
from layer_table import PACKAGES, each_framework

X = np.array([[1, 2, 3], [4, 5, -6], [-7, 0, 7], [0.5, 0, 0]], "float32")
LABELS = np.array([2, 0, 1, 1])
SHARP = {"smoothing": 0.1, "z_loss": 0.01}
each_rule = pytest.mark.parametrize("rule", [{}, SHARP], ids=["plain", "smoothed"])
each_margin = pytest.mark.parametrize("margin", [17, 40, 80])


def asked(framework: str, name: str, *given: Array, g: Any = None, **how: Any) -> list[Array]:
    """The value, and the gradients of all arguments that have one; g is ones if None."""
    layer, floats = getattr(PACKAGES[framework], name), [a.dtype.kind == "f" for a in given]
    if framework == "jax":
        y, pull = jax.vjp(lambda *x: layer(*x, **how), *map(jnp.asarray, given))
        grads = pull(jnp.ones_like(y) if g is None else jnp.asarray(g, y.dtype))
        return [np.asarray(y), *(np.asarray(d) for d, f in zip(grads, floats, strict=True) if f)]
    tensors = [torch.tensor(a, requires_grad=f) for a, f in zip(given, floats, strict=True)]
    y = layer(*tensors, **how)
    wanted = [t for t in tensors if t.requires_grad]
    grads = torch.autograd.grad(y, wanted, torch.ones_like(y) if g is None else y.new_tensor(g))
    return [a.detach().numpy() for a in (y, *grads)]


def curvature(framework: str, name: str, x: Array, *rest: Array, **how: Any) -> Array:
    """The Hessian of the sum of the losses in their first argument, reverse over reverse.

    In that mode 0 times what is not finite shows.
    """
    layer = getattr(PACKAGES[framework], name)
    if framework == "jax":
        slopes = jax.grad(lambda x: layer(x, *map(jnp.asarray, rest), **how).sum())
        return np.asarray(jax.jacrev(slopes)(jnp.asarray(x)))
    fixed = [torch.tensor(a) for a in rest]
    loss = lambda x: layer(x, *fixed, **how).sum()  # noqa: E731
    return torch.autograd.functional.hessian(loss, torch.tensor(x)).numpy()


def same(got: list[Array], want: list[Array]) -> None:
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b)


def formula(
    x: Array, labels: Array, smoothing: float = 0.0, z_loss: float = 0.0
) -> tuple[Array, Array]:
    """Losses of rows and their gradients, in float64."""
    x, c = x.astype(float), x.shape[-1]
    z = np.log(np.exp(x).sum(-1))
    q = (1 - smoothing) * (labels[..., None] == np.arange(c)) + smoothing / c
    p = np.exp(x - z[..., None])
    return z - (q * x).sum(-1) + z_loss * z**2, p - q + 2 * z_loss * z[..., None] * p


# cross entropy ------------------------------------------------------------------------------------


@each_framework
@each_rule
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy(framework: str, rule: dict[str, float], reduction: str) -> None:
    x, labels = X.reshape(2, 2, 3), np.array([[2, 0], [1, 0]])
    live = np.array([[1, 1], [0, 1]])
    labels_given = np.where(live, labels, -1)
    losses, slopes = formula(x, labels, **rule)
    losses, slopes = losses * live, slopes * live[..., None]
    if reduction != "none":
        count = 3 if reduction == "mean" else 1
        losses, slopes = losses.sum() / count, slopes / count
    got = asked(
        framework, "cross_entropy", x, labels_given, **rule, ignore_index=-1, reduction=reduction
    )
    np.testing.assert_allclose(got[0], losses, rtol=1e-6)
    np.testing.assert_allclose(got[1], slopes, rtol=2e-6, atol=1e-7)


@each_framework
@each_margin
def test_the_right_class_far_ahead(framework: str, margin: int) -> None:
    """The built-in losses and their gradients are 0 here."""
    y, dx = asked(framework, "cross_entropy", np.array([[0, margin]], "float32"), np.array([1]))
    e = np.exp(-float(margin))
    np.testing.assert_allclose(y, np.log1p(e), rtol=5e-7)
    np.testing.assert_allclose(dx, [[e / (1 + e), -e / (1 + e)]], rtol=1e-6)


@each_framework
@each_rule
def test_a_class_of_minus_infinity_is_not_there(framework: str, rule: dict[str, float]) -> None:
    with_it = np.insert(X, 1, -np.inf, axis=1)
    want = asked(framework, "cross_entropy", X, LABELS, **rule)
    y, dx = asked(framework, "cross_entropy", with_it, LABELS + (LABELS > 0), **rule)
    np.testing.assert_allclose(y, want[0], rtol=1e-6)
    np.testing.assert_allclose(np.delete(dx, 1, axis=1), want[1], rtol=1e-6)
    assert not dx[:, 1].any()
    assert np.isfinite(curvature(framework, "cross_entropy", with_it[:2], LABELS[:2] * 0)).all()


@each_framework
def test_the_right_class_left_out(framework: str) -> None:
    x = np.array([[-np.inf, 0, 0], [-np.inf] * 3], "float32")
    how = {"smoothing": 0.5, "z_loss": 0.5, "reduction": "none"}
    y, dx = asked(framework, "cross_entropy", x, np.array([0, 0]), reduction="none")
    same([y, dx], [np.full(2, np.inf), [[-1, 0.5, 0.5], [0, 0, 0]]])
    y, dx = asked(framework, "cross_entropy", x, np.array([0, 0]), **how)
    z = np.log(2) / 2
    np.testing.assert_array_equal(y, np.full(2, np.inf))
    np.testing.assert_allclose(dx, [[-0.5, 0.25 + z, 0.25 + z], [0, 0, 0]], rtol=1e-6)


@each_framework
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64"])
def test_a_label_that_is_no_class(framework: str, dtype: str) -> None:
    labels = LABELS.astype(dtype)
    labels[1], labels[2] = np.iinfo(dtype).max, 3
    y, dx = asked(framework, "cross_entropy", X, labels, reduction="none", **SHARP)
    want = asked(framework, "cross_entropy", X, LABELS, reduction="none", **SHARP)
    assert np.isnan(y[1:3]).all()
    assert np.isnan(dx[1:3]).all()
    same([y[::3], dx[::3]], [a[::3] for a in want])
    assert np.isnan(asked(framework, "cross_entropy", X, labels)[0])


@each_framework
@each_rule
@pytest.mark.parametrize("ignored", [-100, 0])
@pytest.mark.parametrize("held", [np.nan, -np.inf])
def test_ignored_rows(framework: str, rule: dict[str, float], ignored: int, held: float) -> None:
    labels = np.array([2, ignored, 1, ignored])
    x = np.where(labels[:, None] == ignored, np.float32(held), X)
    y, dx = asked(framework, "cross_entropy", x, labels, ignore_index=ignored, **rule)
    want = asked(framework, "cross_entropy", X[::2], labels[::2], **rule)
    same([y, dx[::2]], want)
    assert not dx[1::2].any()
    how = {"ignore_index": ignored, "reduction": "none", **rule}
    g = np.array([1, np.nan, 1, np.inf])
    y, dx = asked(framework, "cross_entropy", x, labels, g=g, **how)
    assert not y[1::2].any()
    assert not dx[1::2].any()
    curved = curvature(framework, "cross_entropy", x, labels, ignore_index=ignored, **rule)
    assert np.isfinite(curved).all()
    assert not curved[1::2].any()


@each_framework
@each_rule
@pytest.mark.parametrize("shape", [(4, 3), (0, 3), (0, 0)])
def test_of_no_rows_at_all(framework: str, rule: dict[str, float], shape: tuple[int, int]) -> None:
    """PyTorch's mean is NaN."""
    labels = np.full(shape[:1], -100)
    y, dx = asked(framework, "cross_entropy", np.full(shape, np.nan, "float32"), labels, **rule)
    same([y, dx], [np.array(0), np.zeros(shape)])


@each_framework
def test_logits_that_are_no_numbers(framework: str) -> None:
    """The row is lost, and no other."""
    x = np.array([[np.nan, 0, 1], [np.inf, 0, 1], [2, 0, 1]], "float32")
    y, dx = asked(framework, "cross_entropy", x, np.array([1, 1, 1]), reduction="none", **SHARP)
    same([np.isfinite(y), np.isfinite(dx)], [[0, 0, 1], [[0] * 3, [0] * 3, [1] * 3]])


@each_framework
def test_batches_of_labels_for_the_same_logits(framework: str) -> None:
    labels = np.array([[2, 0, -100, 1], LABELS])
    want = [asked(framework, "cross_entropy", X, row, **SHARP)[1] for row in labels]
    if framework == "jax":
        grad = jax.grad(lambda x, k: jaxlayers.cross_entropy(x, k, **SHARP))
        got = jax.vmap(grad, (None, 0))(jnp.asarray(X), jnp.asarray(labels))
    else:
        grad = torch.func.grad(lambda x, k: torchlayers.cross_entropy(x, k, **SHARP))
        got = torch.vmap(grad, (None, 0))(torch.tensor(X), torch.tensor(labels))
    np.testing.assert_allclose(np.asarray(got), np.stack(want), rtol=1e-5, atol=1e-7)


# layers with labels keep their arguments, and round once ------------------------------------------

LABELLED = {
    "cross_entropy": (X, LABELS.astype("int32")),
    "hinge": (X[0], np.array([1, -1, 1], "int32")),
}


@pytest.mark.parametrize("name", LABELLED)
def test_torch_keeps_arguments_only(name: str) -> None:
    x, labels = map(torch.tensor, LABELLED[name])
    kept: list[int] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.data_ptr()) or t, abs):
        getattr(PACKAGES["torch"], name)(x.requires_grad_(), labels)
    assert kept == [x.data_ptr(), labels.data_ptr()]


@pytest.mark.parametrize("name", LABELLED)
def test_jax_keeps_arguments_only(name: str) -> None:
    x, labels = map(jnp.asarray, LABELLED[name])
    _, pull = jax.vjp(lambda x: getattr(PACKAGES["jax"], name)(x, labels), x)
    kept = [leaf.unsafe_buffer_pointer() for leaf in jax.tree.leaves(pull)]
    assert kept == [x.unsafe_buffer_pointer(), labels.unsafe_buffer_pointer()]


@pytest.mark.parametrize("name", LABELLED)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_sixteen_bits_round_once(name: str, dtype: torch.dtype) -> None:
    x, labels = map(torch.tensor, LABELLED[name])
    narrow, layer = x.to(dtype).requires_grad_(), getattr(PACKAGES["torch"], name)
    wide = narrow.detach().float().requires_grad_()
    y, y_wide = layer(narrow, labels), layer(wide, labels)
    assert torch.equal(y, y_wide.to(dtype))
    (dx,), (dx_wide,) = (torch.autograd.grad(*pair) for pair in ((y, narrow), (y_wide, wide)))
    assert torch.equal(dx, dx_wide.to(dtype))


# binary cross entropy -----------------------------------------------------------------------------


@each_framework
@pytest.mark.parametrize("size", [15.0, 50.0, 1e2, 1e4])
@pytest.mark.parametrize("t", [0.0, 0.25, 1.0])
def test_bce_far_out(framework: str, size: float, t: float) -> None:
    x = np.array([size, -size], "float32")
    y, dx, dt = asked(framework, "bce_with_logits", x, np.full(2, t, "float32"), reduction="none")
    e = np.exp(-size) if size < 80 else 0.0  # below the smallest normal number
    losses = [(1 - t) * size + np.log1p(e), t * size + np.log1p(e)]
    np.testing.assert_allclose(y, losses, rtol=1e-6, atol=1e-37)
    slopes = [(1 - t - t * e) / (1 + e), ((1 - t) * e - t) / (1 + e)]
    np.testing.assert_allclose(dx, slopes, rtol=1e-6, atol=1e-37)
    same([dt], [-x])


# divergence ---------------------------------------------------------------------------------------


@each_framework
@pytest.mark.parametrize("logs", [False, True])
def test_ties_of_a_divergence(framework: str, logs: bool) -> None:
    p = np.array([[0.1, 0.3, 0.6], [1, 1e-30, 1e-38]], "float32")
    p = np.log(p) if logs else p
    y, _, _ = asked(framework, "kl_div", p, p, log_p=logs, log_q=logs, reduction="none")
    same([y], [np.zeros(2)])
    q = p * np.float32(1 + 2**-20)
    y, _, _ = asked(framework, "kl_div", p, q, log_p=logs, log_q=logs, reduction="none")
    a, b = p.astype(float), q.astype(float)
    true = (np.exp(a) * (a - b) if logs else a * np.log(a / b)).sum(-1)
    np.testing.assert_allclose(y, true, rtol=1e-5)


@each_framework
@pytest.mark.parametrize("log_p", [False, True])
@pytest.mark.parametrize("log_q", [False, True])
def test_all_forms_of_a_divergence(framework: str, log_p: bool, log_q: bool) -> None:
    """With p of 0 and 1, beside q of 0 and of neither; and p and q far apart."""
    p = np.array([[0, 0.25, 0.75, 0], [1, 0, 0, 0], [1e-30, 1, 1, 1]])
    q = np.array([[0.5, 0.25, 0.25, 0], [0.125, 0.5, 0, 0], [1, 1e-30, 1, 1]])
    with np.errstate(divide="ignore"):
        given = [np.log(a) if log else a for a, log in ((p, log_p), (q, log_q))]
    y, dp, dq = asked(
        framework, "kl_div", *(a.astype("float32") for a in given),
        log_p=log_p, log_q=log_q, reduction="none",
    )  # fmt: skip
    far = 30 * np.log(10)
    np.testing.assert_allclose(y, [0.75 * np.log(3), np.log(8), far], rtol=1e-6)
    with np.errstate(all="ignore"):
        ratio = np.where(p > 0, np.log(p / q), -1)
        right = (ratio + 1) * (p if log_p else 1), np.where(p > 0, -p / (1 if log_q else q), 0)
    np.testing.assert_allclose(dp, right[0], rtol=1e-5, atol=1e-28)
    np.testing.assert_allclose(dq, right[1], rtol=1e-5)


@each_framework
def test_an_event_held_to_be_impossible(framework: str) -> None:
    p, q = np.array([[0.5, 0.5], [1, 0]], "float32"), np.array([[1, 0], [1, 0]], "float32")
    same(asked(framework, "kl_div", p, q, reduction="none")[:1], [np.array([np.inf, 0])])
    assert np.isfinite(curvature(framework, "kl_div", p[1:], q[1:])).all()


# labels beyond 32 bits ----------------------------------------------------------------------------

FAR = {
    "int64": [2**32, 2**32 + 1, 2**32 - 1, 2**32 - 100, -(2**32), -(2**32) - 100],
    "uint16": [2**16 - 1, 2**16 - 100],
    "uint32": [2**32 - 1, 2**32 - 100, 2**31],
    "uint64": [2**64 - 1, 2**64 - 100, 2**63, 2**32 + 1],
}
each_type = pytest.mark.parametrize("dtype", FAR)
each_of_labels = pytest.mark.parametrize("name", ["cross_entropy", "linear_cross_entropy", "hinge"])


def of_labels(framework: str, name: str, labels: Any, **how: Any) -> Any:
    """The losses alone, of rows that are alike; jnp.asarray would wrap the labels."""
    row = X[0, 0] if name == "hinge" else X[0]
    x = np.broadcast_to(row, labels.shape + row.shape)
    given = [x, np.eye(3, dtype="float32")] if name == "linear_cross_entropy" else [x]
    layer = getattr(PACKAGES[framework], name)
    if framework == "jax":
        return layer(*given, labels, reduction="none", **how)
    return layer(*map(torch.tensor, (*given, labels)), reduction="none", **how).numpy()


@each_framework
@each_of_labels
@each_type
def test_a_label_beyond_32_bits_is_no_other(framework: str, name: str, dtype: str) -> None:
    """Taken modulo 2³² some are classes, sides, or to be ignored."""
    y = of_labels(framework, name, np.array([1, *FAR[dtype]], dtype))
    assert np.isfinite(y[0])
    assert np.isnan(y[1:]).all()


@each_of_labels
def test_jax_labels_without_a_sign(name: str) -> None:
    """Traced too; under x64 they keep their bits."""
    labels = np.array([1, *FAR["uint32"]], "uint32")
    for x64 in (False, True):
        with jax.enable_x64(x64):
            for way in (lambda f: f, jax.jit):
                y = way(lambda labels: of_labels("jax", name, labels))(jnp.asarray(labels))
                np.testing.assert_array_equal(np.isnan(y), [False, True, True, True])


@each_framework
@pytest.mark.parametrize("name", ["cross_entropy", "linear_cross_entropy"])
def test_any_number_can_be_the_one_to_ignore(framework: str, name: str) -> None:
    for dtype, ignored in (("uint8", 255), ("uint32", 2**32 - 1), ("int64", -(2**40))):
        labels = np.array([0, ignored], dtype)
        y = of_labels(framework, name, labels, ignore_index=ignored)
        assert y[0] != 0
        assert y[1] == 0
    labels = np.array([0, 1], "int32")
    assert of_labels(framework, name, labels, ignore_index=2**32).all()
    assert of_labels(framework, name, labels, ignore_index=-(2**64)).all()


# ties ---------------------------------------------------------------------------------------------


@each_framework
def test_slopes_at_ties(framework: str) -> None:
    x, y = np.array([1, -2, 3], "float32"), np.array([1, -1, 4], "float32")
    _, dx, dy = asked(framework, "l1", x, y, reduction="sum")
    same([dx, dy], [[0, -1, -1], [0, 1, 1]])
    _, dx, dy = asked(framework, "huber", x, y, reduction="sum")
    same([dx, dy], [[0, -1, -1], [0, 1, 1]])
    same([np.diag(curvature(framework, "huber", x, y, reduction="sum"))], [[1, 1, 1]])
    _, dx = asked(framework, "hinge", x, np.array([1, -1, -1]), reduction="sum")
    same([dx], [[0, 0, 1]])


@each_framework
def test_labels_that_are_no_sides(framework: str) -> None:
    y, dx = asked(framework, "hinge", X[0], np.array([1, 0, -2]), reduction="none")
    same([y, dx], [[0, np.nan, np.nan], [0, np.nan, np.nan]])


@each_framework
@pytest.mark.parametrize("name", ["l1", "huber", "mse", "bce_with_logits"])
def test_nan_takes_its_entry_and_no_other(framework: str, name: str) -> None:
    x, y = np.array([np.nan, 1], "float32"), np.array([0.5, 0.5], "float32")
    for part in asked(framework, name, x, y, reduction="none"):
        assert np.isnan(part[0])
        assert np.isfinite(part[1])


@each_framework
@pytest.mark.parametrize("name", ["l1", "huber", "mse", "bce_with_logits", "kl_div"])
def test_of_no_entries_the_mean_is_nan_and_the_sum_0(framework: str, name: str) -> None:
    x = np.zeros((0, 2), "float32")
    for reduction, value in (("mean", np.nan), ("sum", 0)):
        same(asked(framework, name, x, x, reduction=reduction), [np.array(value), x, x])


@each_framework
def test_second_derivatives_of_a_divergence_from_hardly_anything(framework: str) -> None:
    """1 / q² is beyond float32 here; p / q² is not."""
    q = np.array([1e-20, 0.5], "float32")
    if framework == "jax":
        p = jnp.asarray(q)
        got = np.asarray(jax.hessian(lambda x: jaxlayers.kl_div(p, x, reduction="sum"))(p))
    else:
        p = torch.tensor(q)
        got = torch.func.hessian(lambda x: torchlayers.kl_div(p, x, reduction="sum"))(p).numpy()
    np.testing.assert_allclose(got, np.diag(1 / q), rtol=1e-6)


@each_framework
def test_certain_logits_of_a_certain_event(framework: str) -> None:
    x, t = np.array([np.inf, -np.inf], "float32"), np.array([1, 0], "float32")
    y, dx, _ = asked(framework, "bce_with_logits", x, t, reduction="none")
    assert y.tolist() == dx.tolist() == [0, 0]


def test_the_slope_of_hinge_has_a_slope_in_torch() -> None:
    x = torch.tensor([0.5, 3.0, float("nan")], requires_grad=True)
    (dx,) = torch.autograd.grad(torchlayers.hinge(x, torch.tensor([1, 1, 2])).sum(), x,
                                create_graph=True)  # fmt: skip
    (ddx,) = torch.autograd.grad(dx[:2].sum(), x)
    assert ddx[:2].tolist() == [0, 0]
    assert dx[2].isnan()


def test_rows_without_features_have_tangents() -> None:
    x, w, labels = torch.zeros(3, 0), torch.zeros(0, 4), torch.tensor([0, 1, 2])
    _, moved = torch.func.jvp(
        lambda x, w: torchlayers.linear_cross_entropy(x, w, labels), (x, w), (x, w)
    )
    assert moved == 0


@each_framework
def test_a_divergence_whose_ratio_is_beyond_the_type(framework: str) -> None:
    p, q = np.array([1e30, 1e-30], "float32"), np.array([1e-10, 1e10], "float32")
    y, dp, dq = asked(framework, "kl_div", p[:, None], q[:, None], reduction="none")
    ratio = np.log(p.astype(float) / q)
    np.testing.assert_allclose(y, p * ratio, rtol=1e-6)
    np.testing.assert_allclose(dp[:, 0], ratio + 1, rtol=1e-6)
    np.testing.assert_array_equal(dq[0, 0], -np.inf)
    package = jax if framework == "jax" else torch.func
    put = jnp.asarray if framework == "jax" else torch.tensor
    curve = package.jacfwd(package.grad(PACKAGES[framework].kl_div, 1), 0)  # of -p / q, infinite
    mixed = np.asarray(curve(put(p[:1]), put(q[:1])))
    np.testing.assert_allclose(mixed, -1 / q[None, :1], rtol=1e-6)
