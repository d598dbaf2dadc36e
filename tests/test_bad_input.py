"""Bad input raises the same exception type in both frameworks, in the same words.

Every message is one sentence: what was expected, what came, and what to do.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from layer_table import PACKAGES, each_framework

Make = Callable[..., Any]  # a shape and a dtype in, an array of ones out
FLOATS = "float16, bfloat16, float32, float64"


class Bad(NamedTuple):
    layer: str
    arguments: Callable[[Make], tuple[Any, ...]]
    error: type[Exception]
    expected: str
    came: str
    to_do: str


def setting(value: Any, error: type[Exception], expected: str, came: str, to_do: str) -> Bad:
    def arguments(make: Make) -> tuple[Any, ...]:
        return make((2,)), value(make) if callable(value) else value

    return Bad("elu", arguments, error, f"setting alpha to be a {expected}", came, to_do)


def shapes(layer: str, got: tuple[tuple[int, ...], ...], came: str, why: str) -> Bad:
    expected = {
        "linear": "expected x (..., in), w (in, out)",
        "mse": "expected x (...), y (...)",
        "relu_residual": "expected x (n, k), w (k, m), y (n, m)",
    }[layer]
    return Bad(layer, lambda make: tuple(map(make, got)), ValueError, expected, came, why)


def dtype(name: str) -> Bad:
    return Bad("elu", lambda make: (make((2,), name),), TypeError, FLOATS, name, "; convert it")


BAD = {
    "integer": dtype("int32"),
    "bool": dtype("bool"),
    "complex": dtype("complex64"),
    "second-integer": Bad(
        "mse", lambda make: (make(()), make((), "int32")), TypeError, "expected y", "int32", "y."
    ),
    "list": Bad("sigmoid", lambda _: ([1.0],), TypeError, "expected x to be a", "list", "convert"),
    "string": Bad("relu", lambda _: ("one",), TypeError, "expected x to be a", "str", "convert"),
    "none": Bad("relu", lambda _: (None,), TypeError, "expected x to be a", "NoneType", "convert"),
    "none-weight": Bad(
        "linear", lambda make: (make((2,)), None), TypeError, "expected w", "NoneType", "convert"
    ),
    "mixed": Bad(
        "mse", lambda make: (make((2,)), make((2,), "float16")),
        TypeError, "of one dtype", "x float32, y float16", "convert them to one",
    ),
    "mixed-bias": Bad(
        "linear", lambda make: (make((2,)), make((2, 1)), make((1,), "bfloat16")),
        TypeError, "of one dtype", "x float32, w float32, b bfloat16", "convert them to one",
    ),
    "broadcast": shapes("mse", ((3, 1), (3,)), "x (3, 1), y (3,)", "reshape or transpose"),
    "inner": shapes("linear", ((2, 3), (4, 5)), "x (2, 3), w (4, 5)", "in is 3 in x and 4 in w"),
    "bias": shapes("linear", ((3,), (3, 5), (1,)), "b (1,)", "out is 5 in w and 1 in b"),
    "scalar": shapes("linear", ((), (4, 5)), "x (), w (4, 5)", "; reshape x to (..., in)"),
    "flat-weight": shapes("linear", ((4,), (4,)), "w (4,)", "; reshape w to (in, out)"),
    "target": shapes(
        "relu_residual", ((2, 3), (3, 4), (2, 3)), "y (2, 3)", "m is 4 in w and 3 in y"
    ),
    "stacked": shapes(
        "relu_residual", ((1, 2, 3), (3, 4), (2, 4)), "x (1, 2, 3)", "; reshape x to (n, k)"
    ),
    "zero-alpha": Bad(
        "celu", lambda make: (make((2,)), 0.0), ValueError,
        "alpha to be a positive number", "got 0.0", "pass one above 0",
    ),
    "negative-cap": Bad(
        "softcap", lambda make: (make((2,)), -1.0), ValueError,
        "cap to be a positive number", "got -1.0", "pass one above 0",
    ),
    "channels": Bad(
        "prelu", lambda make: (make((2, 3)), make((2,))), ValueError,
        "(c) with x (n, c, ...)", "slope (2,), x (2, 3)", "one for each index of axis 1",
    ),
    "no-channels": Bad(
        "prelu", lambda make: (make((2,)), make((2,))), ValueError,
        "shape () or (1)", "slope (2,), x (2,)", "give one slope for all",
    ),
    "gate": Bad(
        "reglu", lambda make: (make((2, 3)), make((3,))), ValueError,
        "expected a (...), b (...)", "a (2, 3), b (3,)", "reshape or transpose",
    ),
    "array-setting": setting(
        lambda make: make(()), TypeError, "Python number", "got", "no gradient, pass float("
    ),
    "numpy-setting": setting(np.ones(()), TypeError, "Python number", "ndarray", "pass float("),
    "string-setting": setting("1", TypeError, "Python number", "str", "pass float("),
    "bool-setting": setting(True, TypeError, "Python number", "bool", "pass float("),
    "none-setting": setting(None, TypeError, "Python number", "NoneType", "pass float("),
    "nan-setting": setting(float("nan"), ValueError, "finite number", "nan", "a finite one"),
    "inf-setting": setting(-float("inf"), ValueError, "finite number", "-inf", "pass a finite one"),
    "unknown-string": Bad(
        "gelu", lambda make: (make((2,)), "erf"), ValueError,
        'the setting approximate to be "none" or "tanh"', "got 'erf'", "pass one of these",
    ),
    "number-for-string": Bad(
        "gelu", lambda make: (make((2,)), 1), TypeError,
        'the setting approximate to be "none" or "tanh"', "got int", "pass one of these strings",
    ),
    "zero-setting": Bad(
        "softplus", lambda make: (make((2,)), 0), ValueError,
        "the setting beta to be a positive number", "got 0.0", "pass one above 0",
    ),
}  # fmt: skip
MAKE: dict[str, Make] = {
    "jax": lambda shape, dtype="float32": jnp.ones(shape, dtype),
    "torch": lambda shape, dtype="float32": torch.ones(shape, dtype=getattr(torch, dtype)),
}
IN_TORCH_WORDS = {
    "an array": "a tensor",
    "arrays": "tensors",
    "jnp.asarray": "torch.as_tensor",
    "astype(jnp.": "to(torch.",
    "jaxlib._jax.ArrayImpl": "torch.Tensor",
}
each_bad = pytest.mark.parametrize("bad", BAD.values(), ids=BAD)


def complaint(framework: str, bad: Bad) -> str:
    with pytest.raises(bad.error) as caught:
        getattr(PACKAGES[framework], bad.layer)(*bad.arguments(MAKE[framework]))
    assert caught.type is bad.error
    return str(caught.value)


@each_bad
@each_framework
def test_message(framework: str, bad: Bad) -> None:
    message = complaint(framework, bad)
    assert message.startswith(f"{bad.layer}: expected ")
    for part in (bad.expected, bad.came, bad.to_do):
        assert part in message
    assert not re.search(r"\n|\w\. ", message)  # one sentence


@each_bad
def test_same_words(bad: Bad) -> None:
    ours = complaint("jax", bad)
    for word, theirs in IN_TORCH_WORDS.items():
        ours = ours.replace(word, theirs)
    assert ours == complaint("torch", bad)


TRACED = {
    "jit": lambda: jax.jit(jaxlayers.elu)(1.0, 2.0),
    "grad": lambda: jax.grad(jaxlayers.elu, argnums=1)(1.0, 2.0),
    "vmap": lambda: jax.vmap(jaxlayers.elu)(jnp.ones(2), jnp.ones(2)),
}


@pytest.mark.parametrize("how", TRACED)
def test_traced_setting(how: str) -> None:
    with pytest.raises(TypeError, match=r'got a traced value; .* static_argnames=\("alpha",\)'):
        TRACED[how]()


@pytest.mark.parametrize("function", [jaxlayers.relu, torchlayers.relu])
@pytest.mark.parametrize("argument", [np.ones(2, "int64"), 1, 1j, True])
def test_numbers_of_a_wrong_kind(function: Callable[..., Any], argument: Any) -> None:
    with pytest.raises(TypeError, match="relu: expected x to be"):
        function(argument)


def test_the_other_frameworks_arrays() -> None:
    with pytest.raises(TypeError, match=r"got torch\.Tensor; convert it with jnp\.asarray\(x\)"):
        jaxlayers.relu(torch.ones(2))
    with pytest.raises(TypeError, match=r"ArrayImpl; convert it with torch\.as_tensor\(x\)"):
        torchlayers.relu(jnp.ones(2))


MISFITS = {
    "jit": lambda: jax.jit(jaxlayers.mse)(jnp.ones((3, 1)), jnp.ones(3)),
    "jax-vmap": lambda: jax.vmap(jaxlayers.mse, (0, None))(jnp.ones((3, 1)), jnp.ones(3)),
    "torch-vmap": lambda: torch.vmap(torchlayers.mse, (0, None))(torch.ones(3, 1), torch.ones(3)),
    "compile": lambda: torch.compile(torchlayers.mse, backend="eager")(
        torch.ones(3, 1), torch.ones(3)
    ),
}


@pytest.mark.parametrize("how", MISFITS)
def test_shapes_are_checked_under_transforms(how: str) -> None:
    with pytest.raises(ValueError, match=r"mse: expected x \(\.\.\.\), y \(\.\.\.\), got x"):
        MISFITS[how]()


@pytest.mark.parametrize(
    ("more", "named"), [((2.0, 3.0), {}), ((2.0,), {"alpha": 3.0}), ((), {"beta": 3.0})]
)
@each_framework
def test_wrong_number_of_arguments(framework: str, more: tuple[float, ...], named: Any) -> None:
    with pytest.raises(TypeError, match="argument"):
        PACKAGES[framework].elu(MAKE[framework]((2,)), *more, **named)
    with pytest.raises(TypeError, match="argument"):
        PACKAGES[framework].elu()


def test_jax_takes_what_jax_takes() -> None:
    for x in (-1.0, np.float64(-1), np.array(-1.0), np.array(-1, "float32"), jnp.array(-1.0)):
        assert jaxlayers.elu(x).dtype == jax.grad(jaxlayers.elu)(x).dtype == np.float32
    with jax.enable_x64(True):
        assert jaxlayers.elu(np.array(-1.0)).dtype == np.float64
        assert jaxlayers.mse(1.0, jnp.array(2.0, "float16")).dtype == np.float16


@each_framework
def test_settings_take_any_real_number(framework: str) -> None:
    x = MAKE[framework](()) - 2
    for alpha in (2, 2.0, np.float32(2), np.int64(2)):
        assert PACKAGES[framework].elu(x, alpha) == PACKAGES[framework].elu(x, alpha=2.0)
