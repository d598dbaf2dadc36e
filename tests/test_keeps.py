"""What layers keep for their backward pass is what their Twins promise, as both frameworks say."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck import Twin, integer, real
from crosscheck.catalog import catalog, layer
from crosscheck.cli import main
from crosscheck.errors import TwinError
from crosscheck.keeping import in_jax, in_torch
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import COLUMNS, ROWS, Measured, broken, measured
from crosscheck.twin import Layer

ENTRIES = ROWS * COLUMNS
WAYS = {"jax": ["eager", "jit"], "torch": ["eager"]}
BYTES = 4 * ENTRIES  # of an input in float32
# Whose formulas hold what XLA would rather keep, quotients and exponentials; and one without.
AFTER_XLA = (
    "celu elu geglu gelu log_sigmoid mish sigmoid silu softcap softplus softsign swiglu tanh"
)
AFTER_XLA += " straight_through_round"
DRAWN_EARLY = "XLA draws the masks of all layers before their cotangents come, and holds their bits"
Page = pytest.CaptureFixture[str]


@pytest.fixture
def without_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled, which takes the most time."""
    monkeypatch.setattr(in_jax, "growth", lambda layer, arrays: None)


def complaints(twin: Twin, framework: str, dtype: str = "float32") -> list[str]:
    return [
        sentence
        for settings in twin.settings
        for sentence in broken(twin, measured(twin, framework, settings, dtype))
    ]


# ---- The catalog


@pytest.mark.usefixtures("without_chains")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("framework", ["jax", "torch"])
@pytest.mark.parametrize("name", catalog())
def test_a_layer_keeps_its_promise(name: str, framework: str, dtype: str) -> None:
    twin = layer(name)
    assert twin.keeps is not None
    tried = twin if dtype == "float32" else replace(twin, settings=twin.settings[:1])
    assert complaints(tried, framework, dtype) == []


@pytest.mark.parametrize("name", catalog())
def test_a_derivation_says_what_is_promised(name: str) -> None:
    twin = layer(name)
    said = "the operands" if twin.name.startswith("einsum") else ", ".join(twin.keeps or ())
    assert f"\nKept for the backward pass: {said or 'nothing'}" in twin.docstring()


@pytest.mark.parametrize("name", AFTER_XLA.split())
def test_a_compiled_program_keeps_no_more(name: str) -> None:
    twin = layer(name)
    found = measured(twin, "jax", twin.settings[0])
    assert found.grows is not None
    assert found.grows <= found.may_grow


@pytest.mark.xfail(strict=True, reason=DRAWN_EARLY)
def test_dropout_compiled_keeps_no_more() -> None:
    found = measured(layer("dropout"), "jax", {"rate": 0.5})
    assert found.grows is not None
    assert found.grows <= found.may_grow


# ---- Layers that keep too much


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


def rule(residuals: Callable[..., Any]) -> Layer:
    """2 x in JAX, with these residuals."""

    @jax.custom_vjp
    def double(x: Any) -> Any:
        return 2 * x

    double.defvjp(lambda x: (2 * x, residuals(x)), lambda kept, g: (2 * g,))
    return double


def planted(keeps: Any = ("x",), **layers: Layer) -> Twin:
    return Twin("planted", inputs={"x": real()}, keeps=keeps, **layers)


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


def test_outputs_of_any_structure_and_whole_numbers_are_counted() -> None:
    inputs = {"table": real("v d"), "ids": integer("n", high="v")}

    def in_torch_(table: torch.Tensor, ids: torch.Tensor) -> Any:
        return {"rows": [table[ids.long()].exp()]}

    twin = Twin("rows", torch=in_torch_, jax=lambda t, i: {"rows": [jnp.exp(t[i])]}, inputs=inputs)
    for framework, ways in WAYS.items():
        kept = measured(twin, framework, {}).kept
        assert list(kept) == ways
        assert all(k.outputs == BYTES for k in kept.values())
        assert all(k.by_input[0] == 0 for k in kept.values())


def test_bytes_for_each_byte_given() -> None:
    found = measured(layer("swiglu"), "torch", {})
    assert found.given == {"a": BYTES, "b": BYTES}
    assert found.ratio(found.kept["eager"].total) == 1


def test_nothing_promised_is_nothing_broken() -> None:
    kept = Kept((BYTES,), BYTES, BYTES)
    found = Measured({"x": BYTES}, {"eager": kept}, 3 * BYTES, 0, 0)
    assert list(broken(planted(keeps=None, torch=torch.exp), found)) == []
    assert len(list(broken(planted(keeps=[], torch=torch.exp), found))) == 4


# ---- Promises that do not fit


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


# ---- The command

TWINS = """
import torch
from crosscheck import Twin, real

twin = Twin("square", torch=lambda x: x * x, inputs={"x": real()}, keeps=KEEPS)
"""


def test_the_command_names_what_is_broken(tmp_path: Any, capsys: Page) -> None:
    file, out = tmp_path / "twins.py", tmp_path / "keeps.json"
    file.write_text(TWINS.replace("KEEPS", "['x']"))
    assert main(["keeps", str(file), "--json", str(out)]) == 0
    assert f"{BYTES:,} (1.00)" in capsys.readouterr().out
    (row,) = json.loads(out.read_text())["rows"]
    assert row["found"]["defaults"]["kept"]["eager"] == {
        "by_input": [BYTES],
        "outputs": 0,
        "rest": 0,
    }
    assert (row["layer"], row["framework"], row["broken"]) == ("square", "torch", [])
    file.write_text(TWINS.replace("KEEPS", "[]"))
    assert main(["keeps", str(file), "--dtype", "bfloat16"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"square, torch, bfloat16: eager: keeps the input x, {BYTES // 2:,} bytes" in said
    assert "0 promises kept, 1 broken" in said


def test_what_a_layer_raises_is_said(tmp_path: Any, capsys: Page) -> None:
    file = tmp_path / "twins.py"
    file.write_text(TWINS.replace("x * x", "1 / 0").replace("KEEPS", "None"))
    assert main(["keeps", str(file)]) == 1
    said = capsys.readouterr().out
    assert "it raised ZeroDivisionError" in said
    assert "1 layers promise nothing, 1 raised" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["elo"], "did you mean"),
        (["elu", "--dtype", "float8"], "unknown dtype 'float8'"),
        (["elu", "--dtype", ","], "expected at least one dtype"),
        (["elu", "--json", "nowhere/keeps.json"], "existing folder"),
    ],
)
def test_a_usage_error_is_2(arguments: list[str], says: str, capsys: Page) -> None:
    assert main(["keeps", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_counting_waits_for_callbacks() -> None:
    """Asked for its place, an array that a callback has yet to fill would wait with the GIL."""
    bessel, x = layer("bessel_j0"), np.ones((ROWS, COLUMNS), np.float32)
    for _ in range(20):
        assert in_jax.kept(bessel.layer("jax"), [x]) == Kept((BYTES,), 0, 0)
    assert in_torch.kept(partial(bessel.layer("torch")), [x]) == Kept((BYTES,), 0, 0)
