"""Layers with a random key: the same mask everywhere, and nothing kept for backward but the key."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.autograd import forward_ad, gradcheck, gradgradcheck

import jaxlayers
import torchlayers
from crosscheck.random import bernoulli
from keyed import KEY, pull
from sides import Array

# Two warnings that torch raises at itself, when forward mode or torch.compile is first used.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning"),
]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
each_package = pytest.mark.parametrize("package", [jaxlayers, torchlayers], ids=["jax", "torch"])
each_rate = pytest.mark.parametrize("rate", [0.0, 0.3, 0.5, 1.0])


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


# ---- Values and gradients, on arrays larger than the harness draws


@each_package
@each_rate
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1000, 37)], ids=str)
def test_dropout(package: Any, shape: tuple[int, ...], dtype: str, rate: float) -> None:
    x, g = (draw(*shape, seed=s).astype(dtype) for s in (1, 2))
    wide = np.float64 if dtype == "float64" else np.float32
    scale = wide(0 if rate == 1 else 1 / (1 - rate))
    mask = bernoulli(KEY, 1 - rate, shape)
    for got, a in zip(pull(package, "dropout", x, g, rate=rate), (x, g), strict=True):
        want = np.where(mask, a.astype(wide) * scale, 0).astype(dtype)  # rounded once
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        assert np.array_equal(got, want)


@each_package
@each_rate
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("axis", [0, 1, -1, -3])
def test_row_drop_relu(package: Any, axis: int, dtype: str, rate: float) -> None:
    x, g = (draw(5, 40, 7, seed=s).astype(dtype) for s in (1, 2))
    y, dx = pull(package, "row_drop_relu", x, g, rate=rate, axis=axis)
    mask = bernoulli(KEY, 1 - rate, (x.shape[axis],))
    rows = np.expand_dims(mask, tuple(i for i in range(3) if i != axis % 3))
    assert y.dtype == dx.dtype == x.dtype
    assert np.array_equal(y, np.maximum(x, 0))
    assert np.array_equal(dx, np.where((x > 0) & rows, g, 0))


@each_package
def test_no_rows(package: Any) -> None:
    x = np.zeros((0, 3), np.float32)
    for axis in (0, 1):
        y, dx = pull(package, "row_drop_relu", x, x, rate=0.5, axis=axis)
        assert y.shape == dx.shape == (0, 3)


@each_package
@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (1.0, False), (0.0, True)])
def test_identity(package: Any, rate: float, training: bool) -> None:
    x, g = draw(4, 5, seed=1), draw(4, 5, seed=2)
    y, dx = pull(package, "dropout", x, g, rate=rate, training=training)
    assert np.array_equal(y, x)
    assert np.array_equal(dx, g)


@each_package
@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_dropped_infinities_are_zero(package: Any, rate: float) -> None:
    kept = bernoulli(KEY, 1 - rate, (60,))
    x = np.resize(np.float32([math.inf, -math.inf, math.nan]), 60)
    for got in pull(package, "dropout", x, x, rate=rate):
        assert np.array_equal(got, np.where(kept, x, 0), equal_nan=True)
    _, dx = pull(package, "row_drop_relu", abs(x), x, rate=rate)
    assert np.array_equal(dx, np.where(kept, x, 0), equal_nan=True)


@each_package
def test_the_mean_stays(package: Any) -> None:
    """Of n entries m/n are kept, m binomial: six standard deviations."""
    n, rate = 100_000, 0.3
    y, _ = pull(package, "dropout", np.ones(n, np.float32), np.ones(n, np.float32), rate=rate)
    assert abs(np.mean(y, dtype=np.float64) - 1) <= 6 * math.sqrt(rate / (1 - rate) / n)


@each_package
def test_same_key_same_gradient(package: Any) -> None:
    x, g = abs(draw(40, 3, seed=1)), draw(40, 3, seed=2)
    other = np.array([1, 2], np.uint32)
    for name in ("dropout", "row_drop_relu"):
        gradients = [pull(package, name, x, g, key, rate=0.5)[1] for key in (KEY, KEY, other)]
        assert np.array_equal(gradients[0], gradients[1])
        assert not np.array_equal(gradients[0], gradients[2])


# ---- What is kept

KEPT = {"dropout": ["key"], "row_drop_relu": ["x", "key"]}
each_layer = pytest.mark.parametrize("name", KEPT)


@each_layer
def test_torch_keeps(name: str) -> None:
    given = {"x": torch.tensor(draw(9, 9), requires_grad=True), "key": torch.tensor(KEY)}
    kept: list[int] = []
    hooks = torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.data_ptr()) or t, abs)
    with hooks:
        getattr(torchlayers, name)(given["x"], given["key"], rate=0.5)
    assert kept == [given[k].data_ptr() for k in KEPT[name]]


@each_layer
def test_jax_keeps(name: str) -> None:
    given = {"x": jnp.asarray(draw(9, 9)), "key": jnp.asarray(KEY)}
    f = lambda x: getattr(jaxlayers, name)(x, given["key"], rate=0.5)  # noqa: E731
    leaves = jax.tree.leaves(jax.vjp(f, given["x"])[1])
    addresses = [leaf.unsafe_buffer_pointer() for leaf in leaves]
    assert addresses == [given[k].unsafe_buffer_pointer() for k in KEPT[name]]


@each_layer
def test_typed_keys(name: str) -> None:
    x, layer = jnp.asarray(draw(9, 9)), getattr(jaxlayers, name)
    total = lambda x, key: (layer(x, key, rate=0.5) * x).sum()  # noqa: E731
    typed = jax.jit(jax.grad(total))(x, jax.random.wrap_key_data(jnp.asarray(KEY)))
    assert np.array_equal(typed, jax.grad(total)(x, KEY))


COTANGENTS: dict[str, Callable[[], torch.Tensor]] = {
    "expanded": lambda: torch.tensor(-2.0, dtype=torch.float64).expand(6, 5),
    "strided": lambda: torch.tensor(draw(6, 5, 2))[..., 1],
    "transposed": lambda: torch.tensor(draw(5, 6)).mT,
    "huge": lambda: 1e200 * torch.tensor(draw(6, 5)),
}


@each_layer
@pytest.mark.parametrize("kind", COTANGENTS)
def test_torch_cotangents(name: str, kind: str) -> None:
    x, key, g = torch.tensor(draw(6, 5), requires_grad=True), torch.tensor(KEY), COTANGENTS[kind]()
    before, strided = g.clone(), x.detach().mT.clone().mT.requires_grad_()
    y = getattr(torchlayers, name)(x, key, rate=0.3)
    once = torch.autograd.grad(y, x, g, retain_graph=True)[0]
    again = torch.autograd.grad(y, x, g.clone(memory_format=torch.contiguous_format))[0]
    y = getattr(torchlayers, name)(strided, key, rate=0.3)
    assert torch.equal(once, again)
    assert torch.equal(once, torch.autograd.grad(y, strided, g)[0])
    assert torch.equal(g, before)


# ---- Transforms: f(v) = Σ a layer(sin v), whose derivatives are known


class Known(NamedTuple):
    """The gradient and the diagonal of the Hessian of f, at v; and its gradients at three keys."""

    v: Array
    a: Array
    df: Array
    ddf: Array


SETTINGS = {"dropout": {"rate": 0.3}, "row_drop_relu": {"rate": 0.5, "axis": -1}}
KEYS = np.array([KEY, [1, 2], [3, 4]], np.uint32)


def slope(name: str, v: Array, key: Array) -> Array:
    if name == "dropout":
        return np.where(bernoulli(key, 1 - 0.3, v.shape), 1 / (1 - 0.3), 0)
    return np.where((np.sin(v) > 0) & bernoulli(key, 0.5, v.shape[-1:]), 1.0, 0)


def known(name: str, key: Array = KEY) -> Known:
    v, a = draw(3, 4, seed=5), draw(3, 4, seed=6)
    m = a * slope(name, v, key)
    return Known(v, a, m * np.cos(v), -m * np.sin(v))


def composed(package: Any, name: str, a: Any) -> Callable[[Any, Any], Any]:
    sin = jnp.sin if package is jaxlayers else torch.sin
    layer = getattr(package, name)
    return lambda v, key: (layer(sin(v), key, **SETTINGS[name]) * a).sum()


def hessian_of(diagonal: Array) -> Array:
    return np.diag(diagonal.ravel()).reshape(diagonal.shape * 2)


def assert_right(got: Any, want: Array) -> None:
    assert got.dtype == np.float64
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-14, atol=1e-14)


def over_keys(name: str, part: str) -> Array:
    return np.stack([getattr(known(name, key), part) for key in KEYS])


func = torch.func
JAX = {
    "grad": (lambda f, v, k: jax.grad(f)(v, k[0]), "df"),
    "jit-grad": (lambda f, v, k: jax.jit(jax.grad(f))(v, k[0]), "df"),
    "hessian": (lambda f, v, k: jax.hessian(f)(v, k[0]), "hessian"),
    "jit-reverse-reverse": (lambda f, v, k: jax.jit(jax.jacrev(jax.jacrev(f)))(v, k[0]), "hessian"),
    "vmap-keys": (lambda f, v, k: jax.vmap(jax.grad(f), (None, 0))(v, k), "keys"),
    "jit-vmap-keys": (lambda f, v, k: jax.jit(jax.vmap(jax.grad(f), (None, 0)))(v, k), "keys"),
    "remat": (lambda f, v, k: jax.grad(jax.checkpoint(f))(v, k[0]), "df"),
    "scan": (lambda f, v, k: jax.lax.scan(lambda c, k: (c, jax.grad(f)(v, k)), 0, k)[1], "keys"),
}
TORCH = {
    "grad": (lambda f, v, k: func.grad(f)(v, k[0]), "df"),
    "forward": (lambda f, v, k: func.jacfwd(f)(v, k[0]), "df"),
    "dual": (lambda f, v, k: dual_gradient(f, v, k[0]), "df"),
    "hessian": (lambda f, v, k: func.hessian(f)(v, k[0]), "hessian"),
    "reverse-reverse": (lambda f, v, k: func.jacrev(func.jacrev(f))(v, k[0]), "hessian"),
    "reverse-forward": (lambda f, v, k: func.jacrev(func.jacfwd(f))(v, k[0]), "hessian"),
    "vmap-keys": (lambda f, v, k: func.vmap(func.grad(f), (None, 0))(v, k), "keys"),
    "vmap-both": (lambda f, v, k: func.vmap(func.grad(f))(torch.stack([v] * 3), k), "keys"),
    "compile": (lambda f, v, k: compiled_gradient(f, v, k[0]), "df"),
}


def dual_gradient(f: Callable[..., Any], v: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    directions = torch.eye(v.numel(), dtype=v.dtype).reshape(-1, *v.shape)
    with forward_ad.dual_level():
        duals = [f(forward_ad.make_dual(v, t), key) for t in directions]
        return torch.stack([forward_ad.unpack_dual(d).tangent for d in duals]).reshape(v.shape)


def compiled_gradient(f: Callable[..., Any], v: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    v = v.clone().requires_grad_()
    return torch.autograd.grad(torch.compile(f, fullgraph=True, backend="aot_eager")(v, key), v)[0]


def wanted(name: str, answer: str) -> Array:
    right = known(name)
    return {"df": right.df, "hessian": hessian_of(right.ddf), "keys": over_keys(name, "df")}[answer]


@each_layer
@pytest.mark.parametrize("transform", JAX)
def test_jax(transform: str, name: str) -> None:
    ask, answer = JAX[transform]
    with jax.enable_x64(True):
        right = known(name)
        f = composed(jaxlayers, name, jnp.asarray(right.a))
        assert_right(ask(f, jnp.asarray(right.v), jnp.asarray(KEYS)), wanted(name, answer))


@each_layer
@pytest.mark.parametrize("transform", TORCH)
def test_torch(transform: str, name: str) -> None:
    ask, answer = TORCH[transform]
    right = known(name)
    f = composed(torchlayers, name, torch.tensor(right.a))
    got = ask(f, torch.tensor(right.v), torch.tensor(KEYS))
    assert_right(got.detach().numpy(), wanted(name, answer))


def test_gradcheck() -> None:
    def f(x: torch.Tensor) -> torch.Tensor:
        return torchlayers.dropout(x, torch.tensor(KEY), 0.3)

    x = torch.tensor(draw(3, 4), requires_grad=True)
    assert gradcheck(f, x, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(lambda x: f(x.sin()), x, check_batched_grad=True)


def test_row_drop_relu_has_a_zero_second_derivative() -> None:
    x = torch.tensor(draw(3, 4), requires_grad=True)
    y = torchlayers.row_drop_relu(x, torch.tensor(KEY), 0.5)
    (dx,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    assert torch.equal(torch.autograd.grad(dx.sum(), x)[0], torch.zeros(3, 4))


def test_rates_do_not_recompile_into_wrong_masks() -> None:
    compiled = torch.compile(torchlayers.dropout, fullgraph=True, backend="aot_eager")
    x, key = torch.ones(50), torch.tensor(KEY)
    for rate in (0.3, 0.5, 0.6, 1.0, 0.0):
        assert torch.equal(compiled(x, key, rate), torchlayers.dropout(x, key, rate))
