"""What a layer keeps for its backward pass, and what it makes of the cotangents that come."""

import importlib
import inspect
from typing import Any

import chex
import jax
import jax.numpy as jnp
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from layer_table import (
    LABELLED,
    LAYERS,
    MAKERS,
    PACKAGES,
    Function,
    draw,
    each_framework,
    each_layer,
    inputs,
    layer,
)


@each_layer
def test_torch_keeps_inputs_or_the_output_only(name: str) -> None:
    kept, args = [], inputs("torch", name, "float64")
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.data_ptr()) or t, abs):
        y = layer("torch", name)(*args)
    assert kept == [[*args, y][i].data_ptr() for i in LAYERS[name].kept]


@each_layer
def test_jax_keeps_inputs_or_the_output_only(name: str) -> None:
    args = inputs("jax", name, "float32")
    y, pullback = jax.vjp(layer("jax", name), *args)
    kept = [leaf.unsafe_buffer_pointer() for leaf in jax.tree.leaves(pullback)]
    assert kept == [[*args, y][i].unsafe_buffer_pointer() for i in LAYERS[name].kept]


@each_layer
def test_torch_backward_twice(name: str) -> None:
    args = inputs("torch", name, "float64")
    before, y = [a.clone() for a in args], layer("torch", name)(*args)
    g = torch.tensor(draw(*y.shape))
    g_before = g.clone()
    once = torch.autograd.grad(y, args, g, retain_graph=True)
    assert all(map(torch.equal, once, torch.autograd.grad(y, args, g)))
    assert all(map(torch.equal, [*args, g], [*before, g_before]))


class Products(TorchDispatchMode):
    """Counts the matrix products."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten.mm.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("name", "products"), [("linear", 1), ("relu_residual", 2)])
@pytest.mark.parametrize("wanted", [0, 1])
def test_torch_computes_what_is_wanted(name: str, products: int, wanted: int) -> None:
    args = [a.detach() for a in inputs("torch", name, "float64")]
    y = layer("torch", name)(*args[:wanted], args[wanted].requires_grad_(), *args[wanted + 1 :])
    with Products() as mode:
        y.backward(torch.ones_like(y))
    assert mode.count == products


COTANGENTS: dict[str, Function] = {
    "expanded": lambda y: torch.tensor(-2.0, dtype=y.dtype).expand(y.shape),
    "strided": lambda y: torch.tensor(draw(*y.shape, 2))[..., 1],
    "transposed": lambda y: torch.tensor(draw(*y.shape[::-1])).permute(tuple(range(y.ndim))[::-1]),
    "huge": lambda y: 1e200 * torch.tensor(draw(*y.shape)),
}


@each_layer
@pytest.mark.parametrize("kind", COTANGENTS)
def test_torch_cotangents(name: str, kind: str) -> None:
    args = inputs("torch", name, "float64")
    strided = [a.detach().mT.clone().mT.requires_grad_() if a.ndim > 1 else a for a in args]
    y, y_strided = layer("torch", name)(*args), layer("torch", name)(*strided)
    g = COTANGENTS[kind](y)
    want = torch.autograd.grad(y, args, g.clone(memory_format=torch.contiguous_format))
    torch.testing.assert_close(torch.autograd.grad(y_strided, strided, g), want, rtol=1e-14, atol=0)


@each_layer
@each_framework
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits_round_once(framework: str, name: str, dtype: str) -> None:
    f, args = layer(framework, name), inputs(framework, name, dtype)
    keeps_output = len(args) in LAYERS[name].kept  # which is rounded before the gradient is made
    if keeps_output:
        wide = [a.astype("float32") if framework == "jax" else a.float() for a in args]
        y, y_wide = f(*args), f(*wide)
        assert bool((y == (y_wide.astype(dtype) if framework == "jax" else y_wide.to(y))).all())
    elif framework == "torch":
        wide = [a.detach().float().requires_grad_() for a in args]
        y, y_wide = f(*args), f(*wide)
        grads = torch.autograd.grad(y, args, torch.full_like(y, 3))
        want = [y_wide, *torch.autograd.grad(y_wide, wide, torch.full_like(y_wide, 3))]
        assert all(map(torch.equal, [y, *grads], [a.to(y.dtype) for a in want]))
    else:
        y, pullback = jax.vjp(f, *args)
        y_wide, wide_pullback = jax.vjp(f, *(a.astype("float32") for a in args))
        want = [y_wide, *wide_pullback(jnp.full_like(y_wide, 3))]
        got = [y, *pullback(jnp.full_like(y, 3))]
        chex.assert_trees_all_equal_shapes_and_dtypes(got, [a.astype(dtype) for a in want])
        chex.assert_trees_all_equal(got, [a.astype(dtype) for a in want])


@each_framework
def test_contents_are_functions(framework: str) -> None:
    package = PACKAGES[framework]
    importlib.import_module(f"{package.__name__}.linear.linear")
    elsewhere = {"dropout", "row_drop_relu"}  # tests/test_stochastic.py
    elsewhere |= {"add_rms_norm", "batch_norm"}  # tests/test_normalization.py
    elsewhere |= {"embedding", "rope"}  # tests/test_indexed.py
    elsewhere |= {"gradient_reversal", "gumbel_softmax", "quantize"}  # tests/test_estimators.py
    elsewhere |= {"sparsemax"}  # tests/test_softmax.py
    assert sorted({*LAYERS, *LABELLED, *MAKERS} | elsewhere) == package.__all__
    for name in package.__all__:
        assert inspect.isfunction(getattr(package, name))
        signatures = (inspect.signature(getattr(p, name)).parameters for p in PACKAGES.values())
        ours, theirs = ([(p.name, p.default, p.kind) for p in s.values()] for s in signatures)
        assert ours == theirs
