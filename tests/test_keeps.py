"""What layers keep for their backward pass is what their Twins promise, as both frameworks say."""

from dataclasses import replace

import pytest

from crosscheck.catalog import catalog, layer
from crosscheck.keeping import in_jax
from crosscheck.keeping.measure import measured
from promises import complaints

# Whose formulas hold what XLA would rather keep, quotients and exponentials; and one without.
AFTER_XLA = (
    "celu elu geglu gelu log_sigmoid mish sigmoid silu softcap softplus softsign swiglu tanh"
)
AFTER_XLA += " straight_through_round"
DRAWN_EARLY = "XLA draws the masks of all layers before their cotangents come, and holds their bits"


@pytest.fixture
def without_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled, which takes the most time."""
    monkeypatch.setattr(in_jax, "growth", lambda layer, arrays: None)


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
