"""Layers of every build under every transform, in both frameworks, without crosscheck's own judge.

A layer is asked as a function of one flat vector, its inputs joined. The right answers come from
its plain formula, differentiated twice in forward mode by JAX, which meets no custom rule.
test_catalog.py has crosscheck ask all layers in as many ways.
"""

import functools
from types import SimpleNamespace
from typing import Any

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.autograd import forward_ad, gradcheck, gradgradcheck
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap

import jaxlayers
import torchlayers
from layer_table import LAYERS, Function, draw, inputs, layer

# Two warnings that torch raises at itself, when forward mode or torch.compile is first used.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning"),
]


# One layer of each build: a tower with and without settings, pairs, sums, surrogates, broadcasting.
# Those marked slow test_catalog.py has asked in most of these ways already.
FEW = ["sigmoid", "linear", "layer_norm"]
BUILDS = [*FEW, "elu", "swiglu", "mse", "einsum", "straight_through_sign", "log_softmax"]
each_build = pytest.mark.parametrize(
    "name", [n if n in FEW else pytest.param(n, marks=pytest.mark.slow) for n in BUILDS]
)


def flat(function: Function, name: str) -> Function:
    """The function of its inputs joined in one vector, with one vector of outputs."""
    shapes = LAYERS[name].shapes
    ends = np.cumsum([np.prod(shape) for shape in shapes]).tolist()

    def joined(v: Any) -> Any:
        parts = zip([0, *ends[:-1]], ends, shapes, strict=True)
        return function(*(v[i:j].reshape(shape) for i, j, shape in parts)).reshape(-1)

    return joined


@functools.cache
def truth(name: str) -> SimpleNamespace:
    """Three points V (v is the first) with values Y, Jacobians J, Hessians H; g, t are random."""
    plain = flat(LAYERS[name].plain, name)
    V = draw(3, sum(int(np.prod(shape)) for shape in LAYERS[name].shapes))
    with jax.enable_x64(True):
        first = jax.jacfwd(plain)
        Y, J, H = (np.asarray(jax.vmap(f)(V)) for f in (plain, first, jax.jacfwd(first)))
    g, t = draw(Y.shape[1], seed=1), draw(V.shape[1], seed=2)
    gH = np.tensordot(g, H[0], 1)
    return SimpleNamespace(
        V=V, v=V[0], g=g, t=t, Y=Y, y=Y[0], JJ=J, J=J[0], HH=H, H=H[0], gJJ=g @ J, gJ=g @ J[0],
        Jt=J[0] @ t, gJ_gHt=np.stack([g @ J[0], gH @ t]), y_gJ=np.r_[Y[0], g @ J[0]],
    )  # fmt: skip


def weighted(f: Function, g: Any) -> Function:
    return lambda v: (f(v) * g).sum()


def twice(f: Function, v: Any, g: Any, t: Any) -> Any:
    """In plain eager code, the gradient and the gradient of its product with t."""
    v, g = v.clone().requires_grad_(), g.clone().requires_grad_()  # dv may depend on g alone
    (dv,) = torch.autograd.grad(f(v), v, g, create_graph=True)
    (ddv,) = torch.autograd.grad(dv, v, t, materialize_grads=True)
    return torch.stack([dv, ddv]).detach()


def dual(f: Function, v: Any, t: Any) -> Any:
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(f(forward_ad.make_dual(v, t))).tangent


def compiled(f: Function, v: Any, g: Any) -> Any:
    torch._dynamo.reset()  # it gives up on code that it has compiled for eight layers before
    v = v.clone().requires_grad_()
    y = torch.compile(f, fullgraph=True, backend="aot_eager")(v)
    return torch.cat([y.detach(), *torch.autograd.grad(y, v, g)])


def scanned(f: Function, V: Any) -> Any:
    return jax.lax.scan(lambda carry, v: (carry, f(v)), 0.0, V)[1]


# A transform: how it is asked, and the answer's name in `truth`.
TORCH: dict[str, tuple[Function, str]] = {
    "value": (lambda f, c: f(c.v), "y"),
    "grad": (lambda f, c: grad(weighted(f, c.g))(c.v), "gJ"),
    "vjp": (lambda f, c: vjp(f, c.v)[1](c.g)[0], "gJ"),
    "autograd": (lambda f, c: twice(f, c.v, c.g, c.t), "gJ_gHt"),
    "jvp": (lambda f, c: jvp(f, (c.v,), (c.t,))[1], "Jt"),
    "dual": (lambda f, c: dual(f, c.v, c.t), "Jt"),
    "jacrev": (lambda f, c: jacrev(f)(c.v), "J"),
    "jacfwd": (lambda f, c: jacfwd(f)(c.v), "J"),
    "forward-reverse": (lambda f, c: hessian(f)(c.v), "H"),
    "reverse-reverse": (lambda f, c: jacrev(jacrev(f))(c.v), "H"),
    "reverse-forward": (lambda f, c: jacrev(jacfwd(f))(c.v), "H"),
    "vmap": (lambda f, c: vmap(f)(c.V), "Y"),
    "vmap-jacrev": (lambda f, c: vmap(jacrev(f))(c.V), "JJ"),
    "vmap-hessian": (lambda f, c: vmap(hessian(f))(c.V), "HH"),
    "compile": (lambda f, c: compiled(f, c.v, c.g), "y_gJ"),
}
JAX: dict[str, tuple[Function, str]] = {
    "value": (lambda f, c: f(c.v), "y"),
    "grad": (lambda f, c: jax.grad(weighted(f, c.g))(c.v), "gJ"),
    "vjp": (lambda f, c: jax.vjp(f, c.v)[1](c.g)[0], "gJ"),
    "jacrev": (lambda f, c: jax.jacrev(f)(c.v), "J"),
    "forward-reverse": (lambda f, c: jax.hessian(f)(c.v), "H"),
    "reverse-reverse": (lambda f, c: jax.jacrev(jax.jacrev(f))(c.v), "H"),
    "jit": (lambda f, c: jax.jit(f)(c.v), "y"),
    "jit-grad": (lambda f, c: jax.jit(jax.grad(weighted(f, c.g)))(c.v), "gJ"),
    "jit-hessian": (lambda f, c: jax.jit(jax.hessian(f))(c.v), "H"),
    "vmap": (lambda f, c: jax.vmap(f)(c.V), "Y"),
    "vmap-jacrev": (lambda f, c: jax.vmap(jax.jacrev(f))(c.V), "JJ"),
    "vmap-hessian": (lambda f, c: jax.vmap(jax.hessian(f))(c.V), "HH"),
    "scan": (lambda f, c: scanned(f, c.V), "Y"),
    "scan-jacrev": (lambda f, c: scanned(jax.jacrev(f), c.V), "JJ"),
    "remat": (lambda f, c: jax.grad(weighted(jax.checkpoint(f), c.g))(c.v), "gJ"),
}


def assert_right(got: Any, want: Any) -> None:
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)


@each_build
@pytest.mark.parametrize("transform", TORCH)
def test_torch(name: str, transform: str) -> None:
    ask, answer = TORCH[transform]
    right = truth(name)
    case = SimpleNamespace(**{k: torch.tensor(getattr(right, k)) for k in ("V", "v", "g", "t")})
    assert_right(ask(flat(layer("torch", name), name), case).numpy(), getattr(right, answer))


@each_build
@pytest.mark.parametrize("transform", JAX)
def test_jax(name: str, transform: str) -> None:
    ask, answer = JAX[transform]
    right = truth(name)
    with jax.enable_x64(True):
        case = SimpleNamespace(**{k: jnp.asarray(getattr(right, k)) for k in ("V", "v", "g", "t")})
        got = np.asarray(ask(flat(layer("jax", name), name), case))
    assert_right(got, getattr(right, answer))


@pytest.mark.parametrize("outer", [lambda f: f, vmap])
def test_torch_forward_over_forward_raises_where_it_would_be_0(outer: Function) -> None:
    x = torch.linspace(-2.0, 2.0, 5, dtype=torch.float64)
    with pytest.raises(RuntimeError, match=r"pytorch#197867.*torch\.func\.hessian"):
        outer(jacfwd(jacfwd(torchlayers.sigmoid)))(x)


def test_torch_forward_over_forward_raises_for_two_inputs_and_for_a_tangent() -> None:
    x, at = torch.linspace(-2.0, 2.0, 5, dtype=torch.float64), torch.tensor(0.25).double()
    one, ones = torch.ones_like(at), torch.ones_like(x)

    def along(f: Function, at: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return jvp(f, (at,), (t,))[1]

    for asked in (
        lambda: along(lambda a: along(lambda b: torchlayers.prelu(b, a), x, ones), at, one),
        lambda: along(lambda a: along(lambda b: torchlayers.mse(b, a), x, ones), x, ones),
        lambda: along(lambda a: along(torchlayers.sigmoid, x, a), ones, ones),
    ):
        with pytest.raises(RuntimeError, match="forward mode once over a layer"):
            asked()


def test_torch_forward_modes_with_a_tensor_of_one_that_is_over() -> None:
    x, left = torch.ones(3, dtype=torch.float64), []
    slope = jacfwd(lambda a: (left.append(a), a.sum())[1])(x)
    assert torch.equal(slope, x)
    jacfwd(lambda a: jacfwd(lambda b: (torchlayers.sigmoid(left[0]) * b * a).sum())(x))(x)


def test_torch_forward_modes_of_different_inputs() -> None:
    x, slope = torch.tensor(0.5, dtype=torch.float64), jacfwd(torchlayers.sigmoid)
    assert jacfwd(lambda a: a * slope(x))(x) == slope(x)
    assert jacfwd(lambda a: torchlayers.sigmoid(a) * slope(x))(x) == slope(x) ** 2


@pytest.mark.parametrize("name", [name for name in LAYERS if not LAYERS[name].surrogate])
def test_gradcheck(name: str) -> None:
    f, args = layer("torch", name), inputs("torch", name, "float64")
    assert gradcheck(f, args, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(f, args, check_batched_grad=True)


SEVERAL = [name for name in LAYERS if len(LAYERS[name].shapes) > 1]


@pytest.mark.parametrize(
    ("framework", "name"),
    [("torch", name) for name in SEVERAL] + [("jax", name) for name in SEVERAL if name in BUILDS],
)
@pytest.mark.parametrize("batched", [0, 1])
def test_vmap_over_one_input(framework: str, name: str, batched: int) -> None:
    f, argnums = layer(framework, name), tuple(range(len(LAYERS[name].shapes)))
    args = [a.detach() if framework == "torch" else a for a in inputs(framework, name, "float32")]
    in_dims = tuple(0 if i == batched else None for i in argnums)
    if framework == "torch":
        gradient = grad(lambda *args: f(*args).sin().sum(), argnums)
        rows = torch.stack([args[batched] * k for k in range(3)])
        mapped = vmap(gradient, in_dims)
    else:
        gradient = jax.grad(lambda *args: jnp.sin(f(*args)).sum(), argnums)
        rows = jnp.stack([args[batched] * k for k in range(3)])
        mapped = jax.vmap(gradient, in_dims)
    together = mapped(*(rows if i == batched else a for i, a in enumerate(args)))
    for k, row in enumerate(rows):
        alone = gradient(*(row if i == batched else a for i, a in enumerate(args)))
        for got, want in zip(together, alone, strict=True):
            np.testing.assert_allclose(got[k], want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("wanted", ["value", "gradient"])
def test_jax_traces_once_per_setting(wanted: str) -> None:
    def total(x: Any, alpha: float) -> Any:
        return jaxlayers.elu(x, alpha).sum()

    def asked(x: Any, alpha: float) -> Any:
        return total(x, alpha) if wanted == "value" else jax.grad(total)(x, alpha)

    chex.clear_trace_counter()
    f = jax.jit(chex.assert_max_traces(asked, n=2), static_argnames=("alpha",))
    answers = [f(jnp.array([-1.0]), alpha=alpha) for alpha in (1.0, 2.0, 1.0, 2.0)]
    assert answers[0] != answers[1]
