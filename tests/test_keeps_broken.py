"""Layers that keep more than they promise are seen, and promises that do not fit are refused."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
import torch

from crosscheck.errors import TwinError
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import COLUMNS, ROWS, Measured, broken, measured
from crosscheck.twin import Layer
from layer_table import each_framework
from promises import BYTES, ENTRIES, WAYS, complaints, planted, rule


class Exponential(torch.autograd.Function):
    """Keeps exp(x) beside x, on its `ctx` where told to hide it."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, hidden: bool) -> torch.Tensor:
        ctx.more = [x.exp()] if hidden else []
        ctx.save_for_backward(x, *([] if hidden else [x.exp()]))
        return x.exp() + 1

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, None]:
        _, y = *ctx.saved_tensors, *ctx.more
        return g * y, None


@pytest.mark.parametrize("hidden", [False, True])
def test_an_array_more_in_torch_is_seen(hidden: bool) -> None:
    twin = planted(torch=lambda x: Exponential.apply(x, hidden), jax=rule(lambda x: x))
    assert complaints(twin, "jax") == []
    (sentence,) = complaints(twin, "torch")
    assert sentence.startswith(f"eager: keeps {BYTES:,} bytes that are no input and no output")


def test_an_array_more_in_jax_is_seen() -> None:
    twin = planted(jax=rule(lambda x: (x, jnp.exp(x))), torch=lambda x: x * x)
    assert complaints(twin, "torch") == []
    ways = [sentence.split(":")[0] for sentence in complaints(twin, "jax")]
    assert ways == ["eager", "jit"]


def test_what_xla_keeps_is_seen() -> None:
    """Autodiff of accurate formulas: to XLA, what is computed once need not be computed again."""
    value = jax.checkpoint(lambda x: x * jnp.exp(-x * x) / (1 + jnp.exp(-x)))
    sentences = complaints(planted(jax=value), "jax")
    assert [sentence.split(":")[0] for sentence in sentences] == ["compiled"]


def test_inputs_and_outputs_are_kept_only_by_name() -> None:
    square, exp = planted(keeps=[], torch=lambda x: x * x), planted(torch=torch.exp)
    assert complaints(square, "torch") == [
        f"eager: keeps the input x, {BYTES:,} bytes, which is not promised"
    ]
    assert complaints(exp, "torch") == [
        f"eager: keeps {BYTES:,} bytes of its output, which is not promised"
    ]
    assert complaints(planted(keeps=["output"], torch=torch.exp), "torch") == []


@pytest.mark.parametrize("framework", ["jax", "torch"])
@pytest.mark.parametrize("axis", [0, -1])
def test_words_allow_just_so_much(framework: str, axis: int) -> None:
    """A mask and two numbers a row, in float32 whatever the type of x; then one word fewer."""
    keeps = ["byte an entry", "number a row", "number a row"]

    def kept(dtype: str, words: Any) -> list[str]:
        twin = planted(keeps=words, **{framework: ROWS_AND_MASK[framework]})
        return list(broken(twin, measured(twin, framework, {"axis": axis}, dtype)))

    for dtype in ("float32", "bfloat16"):
        assert kept(dtype, keeps) == []
        rows = ENTRIES // (ROWS, COLUMNS)[axis]
        had, allowed = ENTRIES + 8 * rows, ENTRIES + 4 * rows
        sentences = kept(dtype, keeps[1:])
        assert len(sentences) == len(WAYS[framework])
        for sentence in sentences:
            assert f"keeps {had:,} bytes" in sentence
            assert f"where {8 * rows:,} are promised" in sentence
        assert f"where {allowed:,} are promised" in kept(dtype, keeps[:2])[0]


class RowsAndMask(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, axis: int) -> torch.Tensor:
        wide = x.float()
        ctx.save_for_backward(x > 0, wide.mean(axis), wide.var(axis))
        return 2 * x

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, None]:
        return 2 * g, None


def rows_and_mask(x: Any, axis: int) -> Any:
    def residuals(x: Any) -> Any:
        wide = x.astype("float32")
        return x > 0, wide.mean(axis), wide.var(axis)

    return rule(residuals)(x)


ROWS_AND_MASK: dict[str, Layer] = {
    "jax": rows_and_mask,
    "torch": lambda x, axis: RowsAndMask.apply(x, axis),
}


@each_framework
def test_a_row_may_be_all_there_is(framework: str) -> None:
    """Over all axes, axis=None, a number a row is one number."""
    keeps = ["byte an entry", "number a row"]
    twin = planted(keeps=keeps, **{framework: ROWS_AND_MASK[framework]})
    (sentence,) = broken(twin, measured(twin, framework, {"axis": None}))
    way = WAYS[framework][-1]  # eager JAX does not tell single numbers from constants
    assert sentence.startswith(f"{way}: keeps {ENTRIES + 8:,} bytes")
    assert sentence.endswith(f"where {ENTRIES + 4:,} are promised")


def test_nothing_promised_is_nothing_broken() -> None:
    kept = Kept((BYTES,), BYTES, BYTES)
    found = Measured({"x": BYTES}, {"eager": kept}, 3 * BYTES, 0, 0)
    assert list(broken(planted(keeps=None, torch=torch.exp), found)) == []
    assert len(list(broken(planted(keeps=[], torch=torch.exp), found))) == 4


@pytest.mark.parametrize(
    ("keeps", "says"),
    [
        (["y"], "keeps names 'y'; choose from: x, output, byte an entry, number a row"),
        ("x", r"expected keeps as a list of names, got 'x'; write keeps=\['x'\]"),
        ([4], "keeps names 4; choose from: x"),
    ],
)
def test_a_bad_promise_is_refused(keeps: Any, says: str) -> None:
    with pytest.raises(TwinError, match=says):
        planted(keeps=keeps, torch=torch.exp)
