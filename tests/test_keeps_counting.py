"""What is counted as kept: outputs of any structure, once each, and nothing that is let go."""

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck import Twin, integer, real
from crosscheck.catalog import layer
from crosscheck.keeping import in_jax, in_torch
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import COLUMNS, ROWS, measured
from crosscheck.twin import Layer
from promises import BYTES, WAYS, complaints, planted


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


def test_a_graph_that_is_let_go_keeps_nothing() -> None:
    """sin saves what tanh gave, but nothing hangs on either once their result is detached."""
    twin = planted(keeps=[], torch=lambda x: x.tanh().sin().detach() + x)
    assert complaints(twin, "torch") == []


@pytest.mark.parametrize(
    "layer_", [lambda x: 2 * x, lambda x: np.ones(x.shape, np.float32)], ids=["number", "NumPy"]
)
def test_constants_in_jax_cost_nothing(layer_: Layer) -> None:
    assert complaints(planted(keeps=[], jax=layer_), "jax") == []


def test_counting_waits_for_callbacks() -> None:
    """Asked for its place, an array that a callback has yet to fill would wait with the GIL."""
    bessel, x = layer("bessel_j0"), np.ones((ROWS, COLUMNS), np.float32)
    for _ in range(20):
        assert in_jax.kept(bessel.layer("jax"), [x]) == Kept((BYTES,), 0, 0)
    assert in_torch.kept(partial(bessel.layer("torch")), [x]) == Kept((BYTES,), 0, 0)
