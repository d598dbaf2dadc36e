"""Layers made of functions of NumPy: transforms, rounding, and what they refuse."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from layer_table import PACKAGES, draw, each_framework
from sides import Array, Side, each_side


def cube(x: Array) -> Array:
    """The third power."""
    return x**3


def cube_first(x: Array) -> Array:
    return 3 * x**2


def cube_second(x: Array) -> Array:
    return 6 * x


CUBES = {
    framework: package.host_elementwise(cube, cube_first, cube_second)
    for framework, package in PACKAGES.items()
}
ARRAYS = {
    "jax": lambda a, dtype="float32": jnp.asarray(a, dtype),
    "torch": lambda a, dtype="float32": torch.tensor(a, dtype=getattr(torch, dtype)),
}


@each_side("cube")
def test_value_gradient_and_hessian(name: str, side: Side, dtype: np.dtype) -> None:
    x, g = draw(3).astype(dtype), draw(3, seed=1).astype(dtype)
    layer = CUBES[side.layers.__name__.removesuffix("layers")]
    y, dx = side.pull(layer, g, x)
    wide = x.astype(np.float64)
    np.testing.assert_array_equal(y, (wide**3).astype(dtype))
    np.testing.assert_array_equal(dx, g * (3 * wide**2).astype(dtype))
    hessian = side.hessian(lambda x: layer(x).sum(), x)
    np.testing.assert_array_equal(hessian, np.diag((6 * wide).astype(dtype)))


@each_framework
def test_name_and_docstring_are_the_values(framework: str) -> None:
    assert (CUBES[framework].__name__, CUBES[framework].__doc__) == ("cube", "The third power.")


@each_framework
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_result_is_rounded_once(framework: str, dtype: str) -> None:
    third = PACKAGES[framework].host_elementwise(lambda x: x / 3, cube, cube)
    x = ARRAYS[framework](np.arange(1.0, 200.0), dtype)
    want = ARRAYS[framework](np.arange(1.0, 200.0) / 3, dtype)
    assert bool((third(x) == want).all())


def test_numbers_of_all_sizes_give_no_warning() -> None:
    every = np.arange(2**16, dtype=np.uint16).view("bfloat16")  # with NaNs that NumPy warns of
    layer = PACKAGES["jax"].host_elementwise(lambda x: np.full(x.shape, 1e300), cube, cube)
    assert bool((layer(jnp.asarray(every)) == np.inf).all())


@each_framework
def test_functions_see_float64_arrays(framework: str) -> None:
    seen: list[Any] = []

    def value(x: Array) -> Array:
        seen.append((type(x), x.dtype))
        return x

    PACKAGES[framework].host_elementwise(value, cube, cube)(ARRAYS[framework]([1.0, 2.0]))
    assert set(seen) == {(np.ndarray, np.dtype(np.float64))}


def test_vmap_is_one_call_of_the_host() -> None:
    for framework, vmap in (("jax", jax.vmap), ("torch", torch.vmap)):
        shapes: list[tuple[int, ...]] = []

        def value(x: Array, shapes: Any = shapes) -> Array:
            shapes.append(x.shape)
            return x

        layer = PACKAGES[framework].host_elementwise(value, cube, cube)
        assert vmap(layer, 1)(ARRAYS[framework](np.ones((3, 2)))).shape == (2, 3)
        assert len(shapes) == 1
        assert np.prod(shapes[0]) == 6


def test_large_arrays_under_jit() -> None:
    x = jnp.linspace(-2, 2, 3_000_001)
    y = jax.jit(lambda x: jax.grad(lambda x: (CUBES["jax"](x) * 2).sum())(x))(x)
    np.testing.assert_allclose(y, 6 * np.asarray(x) ** 2, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning")
def test_torch_compiles_around_it() -> None:
    x = torch.linspace(-2, 2, 5, requires_grad=True)
    y = torch.compile(lambda x: CUBES["torch"](x) * 2, fullgraph=True, backend="aot_eager")(x)
    y.sum().backward()
    torch.testing.assert_close(x.grad, 6 * x.detach() ** 2)


@each_framework
def test_a_function_may_write_into_what_it_gets(framework: str) -> None:
    layer = PACKAGES[framework].host_elementwise(lambda a: np.negative(a, out=a), cube, cube)
    with jax.enable_x64(True):
        x = ARRAYS[framework]([1.0, 2.0], "float64")
        assert layer(x).tolist() == [-1, -2]
    assert x.tolist() == [1, 2]


@each_framework
def test_what_a_function_raises_is_a_runtime_error(framework: str) -> None:
    def fails(x: Array) -> Array:
        raise ValueError("no such number")

    layer = PACKAGES[framework].host_elementwise(fails, cube, cube)
    with pytest.raises(RuntimeError, match="no such number"):
        np.asarray(layer(ARRAYS[framework]([1.0, 2.0])))


# ---- What it refuses: the same words in both


def third_derivative(framework: str) -> Any:
    layer = CUBES[framework]
    if framework == "jax":
        return jax.grad(jax.grad(jax.grad(layer)))(1.0)
    grad = torch.func.grad
    return grad(grad(grad(layer)))(torch.tensor(1.0))


REFUSED: dict[str, Any] = {
    "no function": (
        lambda f: PACKAGES[f].host_elementwise(cube, 1.0, cube),
        TypeError,
        "host_elementwise: expected first to be a function of arrays, got float; pass for example "
        "scipy.special.j0",
    ),
    "a sum": (
        lambda f: PACKAGES[f].host_elementwise(np.sum, cube, cube)(ARRAYS[f](np.ones((2, 3)))),
        RuntimeError,
        "host_elementwise: expected value to return shape (2, 3), got (); let it work entry by "
        "entry",
    ),
    "a third derivative": (
        third_derivative,
        NotImplementedError,
        "cube: expected at most second derivatives, got a third; host_elementwise knows no more",
    ),
}


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
@pytest.mark.parametrize("why", REFUSED)
@each_framework
def test_refusals(framework: str, why: str) -> None:
    ask, error, words = REFUSED[why]
    with pytest.raises(error) as caught:
        ask(framework)
    assert words in str(caught.value)


def test_torch_third_derivatives_raise_in_every_mode() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    (dx,) = torch.autograd.grad(CUBES["torch"](x), x, create_graph=True)
    (ddx,) = torch.autograd.grad(dx, x, create_graph=True)
    assert ddx.item() == 6
    with pytest.raises(NotImplementedError, match="got a third"):
        torch.autograd.grad(ddx, x)
    with pytest.raises(NotImplementedError, match="got a third"):
        torch.func.jvp(torch.func.jacrev(torch.func.jacrev(CUBES["torch"])), (x[0],), (x[0],))


@pytest.mark.parametrize("layer", [jaxlayers.bessel_j0, torchlayers.bessel_j0])
def test_layers_name_themselves(layer: Any) -> None:
    with pytest.raises(TypeError, match="bessel_j0: expected x to be a"):
        layer("one")
