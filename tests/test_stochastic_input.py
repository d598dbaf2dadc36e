"""Bad input to layers with a random key: the same exception, in the same words, in both frameworks.

Every message is one sentence: what was expected, what came, and what to do.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import pytest
import torch

import jaxlayers
import torchlayers
from keyed import KEY


class Bad(NamedTuple):
    layer: str
    arguments: Callable[[Callable[..., Any]], tuple[Any, ...]]
    error: type[Exception]
    words: str


def dropout(key: Any, rate: Any, *training: Any) -> Callable[[Callable[..., Any]], tuple[Any, ...]]:
    """Arguments of ones, a key (a list becomes one) and a rate (a callable makes one)."""

    def arguments(make: Callable[..., Any]) -> tuple[Any, ...]:
        given = make(*key) if isinstance(key, tuple) else key
        return make([1.0, 1.0], "float32"), given, rate(make) if callable(rate) else rate, *training

    return arguments


GOOD = ([0, 1], "uint32")
BAD = {
    "rate-above": Bad("dropout", dropout(GOOD, 1.5), ValueError, "from 0 to 1, got 1.5; pass"),
    "rate-below": Bad("dropout", dropout(GOOD, -0.1), ValueError, "from 0 to 1, got -0.1; pass"),
    "rate-nan": Bad("dropout", dropout(GOOD, math.nan), ValueError, "finite number, got nan; pass"),
    "rate-array": Bad(
        "dropout", dropout(GOOD, lambda make: make(0.5, "float32")), TypeError,
        "setting rate to be a Python number, got .* get no gradient, pass float(rate)",
    ),
    "rate-none": Bad("dropout", dropout(GOOD, None), TypeError, "Python number, got NoneType"),
    "key-seed": Bad("dropout", dropout(42, 0.5), TypeError, "a random key, .* got int; make one"),
    "key-none": Bad("dropout", dropout(None, 0.5), TypeError, "got NoneType; make one with"),
    "key-float": Bad(
        "dropout", dropout(([0, 1], "float32"), 0.5), TypeError, "got float32 of shape (2,); make",
    ),
    "key-signed": Bad(
        "row_drop_relu", dropout(([0, 1], "int32"), 0.5), TypeError, "got int32 of shape (2,); make"
    ),
    "key-of-three": Bad(
        "row_drop_relu", dropout(([0, 1, 2], "uint32"), 0.5), ValueError, "of shape (3,); make one",
    ),
    "key-in-evaluation": Bad("dropout", dropout(None, 0.5, False), TypeError, "got NoneType; make"),
    "training-number": Bad("dropout", dropout(GOOD, 0.5, 1), TypeError, "True or False, got int; "),
    "training-none": Bad("dropout", dropout(GOOD, 0.5, None), TypeError, "got NoneType; settings"),
    "axis-above": Bad(
        "row_drop_relu", dropout(GOOD, 0.5, 1), ValueError, "expected an axis from -1 to 0, got"
    ),
    "axis-below": Bad("row_drop_relu", dropout(GOOD, 0.5, -2), ValueError, "an axis from -1 to 0"),
    "axis-float": Bad("row_drop_relu", dropout(GOOD, 0.5, 0.0), TypeError, "an int, got float;"),
    "row-rate": Bad("row_drop_relu", dropout(GOOD, 2), ValueError, "from 0 to 1, got 2.0; pass"),
    "integers": Bad(
        "dropout", lambda make: (make([1], "int32"), make(*GOOD), 0.5), TypeError,
        "expected x to be of type float16, bfloat16, float32, float64, got int32; convert",
    ),
}  # fmt: skip
MAKE = {
    jaxlayers: lambda values, dtype: jnp.array(values, dtype),
    torchlayers: lambda values, dtype: torch.tensor(values, dtype=getattr(torch, dtype)),
}
IN_TORCH_WORDS = {
    "jaxlib._jax.ArrayImpl": "torch.Tensor",
    "the arrays": "the tensors",
    "astype(jnp.": "to(torch.",
    'jax.random.key(0, impl="threefry2x32")': "torchlayers.random.key(0)",
}


def complaint(package: Any, bad: Bad) -> str:
    with pytest.raises(bad.error) as caught:
        getattr(package, bad.layer)(*bad.arguments(MAKE[package]))
    assert caught.type is bad.error
    return str(caught.value)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_bad_input(bad: Bad) -> None:
    ours, theirs = (complaint(package, bad) for package in (jaxlayers, torchlayers))
    assert ours.startswith(f"{bad.layer}: expected ")
    for part in bad.words.split(" .* "):
        assert part in ours
    for word, other in IN_TORCH_WORDS.items():
        ours = ours.replace(word, other)
    assert ours == theirs


TRACED: dict[str, tuple[Callable[..., Any], str]] = {
    "rate": (lambda x, key, s: jaxlayers.dropout(x, key, s), "rate"),
    "training": (lambda x, key, s: jaxlayers.dropout(x, key, 0.5, s), "training"),
    "row-rate": (lambda x, key, s: jaxlayers.row_drop_relu(x, key, s), "rate"),
    "axis": (lambda x, key, s: jaxlayers.row_drop_relu(x, key, 0.5, s), "axis"),
    "vectors-axis": (lambda x, key, s: jaxlayers.cosine_similarity(x, x, s), "axis"),
}


@pytest.mark.parametrize("traced", TRACED)
def test_traced_settings(traced: str) -> None:
    layer, name = TRACED[traced]
    with pytest.raises(TypeError, match=rf'a traced value; .* static_argnames=\("{name}",\)'):
        jax.jit(layer)(jnp.ones(2), KEY, 0.5)


def test_an_axis_is_needed() -> None:
    with pytest.raises(ValueError, match=r"^row_drop_relu: expected .* 0 axes"):
        torchlayers.row_drop_relu(torch.ones(()), torch.tensor(KEY), 0.5)
    with pytest.raises(ValueError, match=r"^row_drop_relu: expected .* 0 axes"):
        jaxlayers.row_drop_relu(jnp.ones(()), KEY, 0.5)
