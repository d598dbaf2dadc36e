"""matmul and einsum for every kind of shape and spec, beside NumPy and the frameworks' own."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from jax.extend.core import subjaxprs
from torch.utils._python_dispatch import TorchDispatchMode

import jaxlayers
import torchlayers
from jaxlayers.subscripts import in_full
from layer_table import PACKAGES, draw, each_framework

SHAPES = [
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((1, 2, 3), (6, 3, 4)),
    ((1, 1), (1, 1)),
    ((2, 0), (0, 4)),
    ((0, 2, 3), (3, 4)),
    ((0, 2, 3), (1, 3, 4)),
]
SPECS: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("ik,kj->ij", ((2, 3), (3, 4))),
    ("bi,ij,bj->b", ((2, 3), (3, 4), (2, 4))),
    ("bik,bkj->bij", ((2, 3, 4), (2, 4, 5))),
    ("ij->ji", ((2, 3),)),
    (" ij -> ij ", ((2, 3),)),
    ("ij->i", ((2, 3),)),
    ("ij,k->ik", ((2, 3), (4,))),
    ("i,i->i", ((3,), (3,))),
    ("i,j->ji", ((3,), (2,))),
    ("->", ((),)),
    (",i->i", ((), (3,))),
    ("ii->", ((3, 3),)),
    ("ii->i", ((3, 3),)),
    ("iiijj->ji", ((2, 2, 2, 3, 3),)),
    ("bii,ij->bj", ((2, 3, 3), (3, 4))),
    ("ii,ii->", ((3, 3), (3, 3))),
    ("ij,ij->i", ((2, 1), (2, 3))),
    ("i,i->", ((1,), (3,))),
    ("ii,i->i", ((1, 1), (3,))),
    ("ij,jk,kl,li->", ((2, 3), (3, 4), (4, 5), (5, 2))),
    ("ij,ij,ij->ij", ((2, 3), (1, 3), (2, 1))),
    ("bA", ((2, 3),)),
    ("ik,kj", ((2, 3), (3, 4))),
    ("...ij,...jk->...ik", ((5, 2, 3), (4, 1, 3, 2))),
    ("...i,...i", ((2, 3), (4, 1, 3))),
    ("i...,...j->...ji", ((2, 5), (4, 1, 3))),
    ("...i->i", ((2, 4, 3),)),
    ("...->...", ((2, 3),)),
]
each_shape = pytest.mark.parametrize("shapes", SHAPES, ids=str)
each_spec = pytest.mark.parametrize(("spec", "shapes"), SPECS, ids=[spec for spec, _ in SPECS])


def draws(shapes: tuple[tuple[int, ...], ...]) -> list[Any]:
    return [draw(*shape, seed=i) for i, shape in enumerate(shapes)]


def pulled(framework: str, ours: bool, name: str, spec: tuple[str, ...], arrays: Any) -> list[Any]:
    """Value and gradients, by our layer or by the framework's own function of that name."""
    if framework == "jax":
        own = getattr(jaxlayers if ours else jnp, name)
        with jax.enable_x64(True):
            y, pull = jax.vjp(lambda *x: own(*spec, *x), *map(jnp.asarray, arrays))
            return [np.asarray(a) for a in (y, *pull(jnp.asarray(draw(*y.shape, seed=9))))]
    own = getattr(torchlayers if ours else torch, name)
    x = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = own(*spec, *x)
    gradients = torch.autograd.grad(y, x, torch.tensor(draw(*y.shape, seed=9)))
    return [a.detach().numpy() for a in (y, *gradients)]


def assert_same(got: list[Any], want: list[Any]) -> None:
    for a, b in zip(got, want, strict=True):
        assert (a.shape, a.dtype) == (b.shape, np.float64)
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@each_shape
@each_framework
def test_matmul(framework: str, shapes: Any) -> None:
    got = pulled(framework, True, "matmul", (), draws(shapes))
    assert_same(got, pulled(framework, False, "matmul", (), draws(shapes)))
    assert_same(got[:1], [np.asarray(np.matmul(*draws(shapes)))])


@each_spec
@each_framework
def test_einsum(framework: str, spec: str, shapes: Any) -> None:
    got = pulled(framework, True, "einsum", (spec,), draws(shapes))
    assert_same(got, pulled(framework, False, "einsum", (spec,), draws(shapes)))


@each_spec
def test_full_specs_mean_the_same_to_numpy(spec: str, shapes: Any) -> None:
    full = in_full(spec, shapes)
    assert "." not in full
    want = torch.einsum(spec, *map(torch.tensor, draws(shapes))).numpy()
    assert_same([np.asarray(np.einsum(full, *draws(shapes)))], [want])


def test_both_packages_read_a_spec_alike() -> None:
    texts = [Path(p.__file__).with_name("subscripts.py").read_text() for p in PACKAGES.values()]
    assert texts[0] == texts[1]


@each_spec
def test_torch_batched_gradients(spec: str, shapes: Any) -> None:
    """As `torch.autograd.functional.jacobian(vectorize=True)` takes them; `torch.einsum` cannot."""
    x = [torch.tensor(a, requires_grad=True) for a in draws(shapes)]
    y = torchlayers.einsum(spec, *x)
    g = torch.tensor(draw(3, *y.shape, seed=9))
    batched = torch.autograd.grad(y, x, g, retain_graph=True, is_grads_batched=True)
    for k in range(3):
        alone = torch.autograd.grad(y, x, g[k], retain_graph=True)
        torch.testing.assert_close([d[k] for d in batched], list(alone), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("spec", ["ij->ij", "ij->ji", "ii->i"])
def test_torch_results_share_no_memory_with_operands(spec: str) -> None:
    x = torch.ones(2, 2)
    torchlayers.einsum(spec, x).fill_(5)
    assert torch.equal(x, torch.ones(2, 2))


def test_off_diagonal_gradients_stay_zero_for_infinite_cotangents() -> None:
    want = np.diag([np.inf, -np.inf])
    g = np.array([np.inf, -np.inf])
    x = torch.ones(2, 2, requires_grad=True)
    torchlayers.einsum("ii->i", x).backward(torch.tensor(g, dtype=torch.float32))
    np.testing.assert_array_equal(x.grad.numpy(), want)
    _, pull = jax.vjp(lambda x: jaxlayers.einsum("ii->i", x), jnp.ones((2, 2)))
    np.testing.assert_array_equal(pull(jnp.asarray(g, "float32"))[0], want)


# What is never held: x[..., None] y, and a gradient for every member of a batch that shares it.

LARGE = {  # the most entries that any array has: of an operand, or of the result
    "matmul": (lambda p: p.matmul, ((64, 8, 16), (16, 32)), 64 * 8 * 32),
    "einsum": (lambda p: lambda x, y: p.einsum("bik,kj->ij", x, y), ((64, 8, 16), (16, 32)), 8192),
    "cosine_similarity": (
        lambda p: lambda x, y: p.cosine_similarity(x[:, None], y[None]),
        ((32, 16), (64, 16)),
        32 * 64,
    ),
}


class Largest(TorchDispatchMode):
    """The number of entries of the largest tensor that is computed."""

    entries = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self.entries = max(self.entries, result.untyped_storage().nbytes() // 4)
        return result


@pytest.mark.parametrize("name", LARGE)
def test_torch_holds_nothing_larger_than_operands_and_result(name: str) -> None:
    layer, shapes, most = LARGE[name]
    x = [torch.ones(shape, requires_grad=True) for shape in shapes]
    with Largest() as mode:
        y = layer(torchlayers)(*x)
        torch.autograd.grad(y, x, torch.ones_like(y))
    assert mode.entries == most


@pytest.mark.parametrize("name", LARGE)
def test_jax_holds_nothing_larger_than_operands_and_result(name: str) -> None:
    layer, shapes, most = LARGE[name]

    def both(*x: Any) -> Any:
        y, pull = jax.vjp(layer(jaxlayers), *x)
        return pull(y)

    jaxpr = jax.make_jaxpr(both)(*map(jnp.ones, shapes))
    assert max(_sizes(jaxpr.jaxpr)) == most


def _sizes(jaxpr: Any) -> list[int]:
    sizes = [v.aval.size for equation in jaxpr.eqns for v in equation.outvars]
    return sizes + [size for inner in subjaxprs(jaxpr) for size in _sizes(inner)]
