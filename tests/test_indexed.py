"""Layers that take whole numbers: rope at any position, embedding of any number."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flint import arb, ctx

from layer_table import PACKAGES, each_framework


def asked(framework: str, name: str, wrt: int, g: Any, *args: Any, **settings: Any) -> Any:
    """The value, and the gradient of the argument at that place."""
    layer = getattr(PACKAGES[framework], name)
    if framework == "jax":
        given = [jnp.asarray(a) for a in args]

        def at(x: Any) -> Any:
            return layer(*given[:wrt], x, *given[wrt + 1 :], **settings)

        y, pull = jax.vjp(at, given[wrt])
        return np.asarray(y), np.asarray(pull(jnp.asarray(g, y.dtype))[0])
    given = [torch.tensor(a) for a in args]
    x = given[wrt].requires_grad_()
    y = layer(*given, **settings)
    (dx,) = torch.autograd.grad(y, x, torch.tensor(g, dtype=y.dtype))
    return y.detach().numpy(), dx.numpy()


def taken(framework: str, name: str, *args: Any) -> Any:
    """The value, of arrays as they are: jnp.asarray would wrap numbers beyond 32 bits."""
    layer = getattr(PACKAGES[framework], name)
    return np.asarray(layer(*(map(torch.tensor, args) if framework == "torch" else args)))


# rope ---------------------------------------------------------------------------------------------


@each_framework
@pytest.mark.parametrize("position", [0, 1, 7, 99_991, 1_000_003, 2**23, -5])
def test_angles_at_any_position(framework: str, position: int) -> None:
    """The usual float32 product of position and frequency is off by 0.03 at a million."""
    d = 8
    x = np.eye(d, dtype="float32")[: d // 2]  # one feature of each pair
    y, _ = asked(framework, "rope", 0, np.ones_like(x), x, np.full(d // 2, position))
    with_bits = ctx.prec
    ctx.prec = 200
    angles = [arb(position) * arb(10000) ** (-arb(2 * i) / d) for i in range(d // 2)]
    right = [(float(a.cos()), float(a.sin())) for a in angles]
    ctx.prec = with_bits
    for i, (cos, sin) in enumerate(right):
        np.testing.assert_allclose([y[i, i], y[i, i + d // 2]], [cos, sin], rtol=1e-6)


@each_framework
def test_the_way_back_is_the_rotation_back(framework: str) -> None:
    rng = np.random.default_rng(0)
    x, positions = rng.normal(size=(2, 5, 6)), np.arange(5)
    y, _ = asked(framework, "rope", 0, x, x.astype("float32"), positions)
    _, back = asked(framework, "rope", 0, y, x.astype("float32"), positions)
    np.testing.assert_allclose(back, x, rtol=2e-6, atol=1e-6)


@each_framework
def test_products_depend_on_the_difference_of_positions(framework: str) -> None:
    q, k = np.random.default_rng(1).normal(size=(2, 1, 6)).astype("float32")

    def score(m: int, n: int) -> float:
        turned = [
            asked(framework, "rope", 0, np.ones_like(q), a, np.array([p]))[0]
            for a, p in ((q, m), (k, n))
        ]
        return float((turned[0] * turned[1]).sum())

    assert score(3, 1) == pytest.approx(score(1_000_002, 1_000_000), rel=1e-5)


@each_framework
def test_too_far_is_nan(framework: str) -> None:
    x = np.ones((2, 2), "float32")
    y, dx = asked(framework, "rope", 0, np.ones_like(x), x, np.array([2**23 + 1, 1]))
    assert np.isnan(y[0]).all()
    assert np.isnan(dx[0]).all()
    assert np.isfinite(y[1]).all()


@each_framework
@pytest.mark.parametrize(
    ("dtype", "position"),
    [("int64", n) for n in (2**32 + 5, 5 - 2**32, -(2**63), 2**63 - 1)]
    + [("uint32", 2**32 - 5), ("uint64", 2**64 - 5)],
)
def test_positions_beyond_32_bits(framework: str, dtype: str, position: int) -> None:
    y = taken(framework, "rope", np.ones((2, 2), "float32"), np.array([position, 5], dtype))
    assert np.isnan(y[0]).all()
    assert np.isfinite(y[1]).all()


@each_framework
def test_of_no_features(framework: str) -> None:
    x = np.zeros((3, 0), "float32")
    y, dx = asked(framework, "rope", 0, x, x, np.arange(3))
    assert y.shape == dx.shape == (3, 0)


# embedding ----------------------------------------------------------------------------------------

TABLE = np.arange(6, dtype="float32").reshape(3, 2)


@each_framework
def test_rows_and_their_gradient(framework: str) -> None:
    ids = np.array([[2, 0], [2, 2]])
    g = np.arange(8.0).reshape(2, 2, 2)
    y, dtable = asked(framework, "embedding", 1, g, ids, TABLE)
    np.testing.assert_array_equal(y, TABLE[ids])
    np.testing.assert_array_equal(dtable, [[2, 3], [0, 0], [0 + 4 + 6, 1 + 5 + 7]])


@each_framework
@pytest.mark.parametrize("wrong", [-1, 3, 100])
def test_a_number_that_names_no_row(framework: str, wrong: int) -> None:
    y, dtable = asked(framework, "embedding", 1, np.ones((2, 2)), np.array([wrong, 1]), TABLE)
    assert np.isnan(y[0]).all()
    np.testing.assert_array_equal(y[1], TABLE[1])
    np.testing.assert_array_equal(dtable, [[0, 0], [1, 1], [0, 0]])


@each_framework
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32"])
def test_numbers_of_any_type_and_tables_longer_than_it_holds(framework: str, dtype: str) -> None:
    table = np.arange(600, dtype="float32").reshape(300, 2)
    ids = np.array([127, 0], dtype)
    y, dtable = asked(framework, "embedding", 1, np.ones((2, 2)), ids, table)
    np.testing.assert_array_equal(y, table[[127, 0]])
    assert dtable.sum() == 4


@each_framework
def test_sixteen_bits_add_up_in_thirty_two(framework: str) -> None:
    """In float16 2048 + 1 is 2048."""
    g = np.concatenate([[[2048.0]], np.ones((64, 1))])
    table = np.zeros((1, 1), "float16")
    _, dtable = asked(framework, "embedding", 1, g, np.zeros(65, "int32"), table)
    assert dtable.item() == 2112


@each_framework
@pytest.mark.parametrize("ids", [np.zeros((0,), "int32"), np.zeros((2, 0), "int32")])
def test_of_no_numbers(framework: str, ids: np.ndarray) -> None:
    y, dtable = asked(framework, "embedding", 1, np.ones((*ids.shape, 2)), ids, TABLE)
    assert y.shape == (*ids.shape, 2)
    assert not dtable.any()


@each_framework
@pytest.mark.parametrize(
    ("dtype", "wrong"),
    [("int64", 2**32 + 1), ("int64", 1 - 2**32), ("uint32", 2**32 - 1), ("uint64", 2**64 - 1)],
)
def test_a_number_beyond_32_bits(framework: str, dtype: str, wrong: int) -> None:
    y = taken(framework, "embedding", np.array([wrong, 1], dtype), TABLE)
    np.testing.assert_array_equal(y, [[np.nan, np.nan], TABLE[1]])


@each_framework
def test_of_no_rows(framework: str) -> None:
    table = np.zeros((0, 3), "float32")
    y, dtable = asked(framework, "embedding", 1, np.ones((2, 3)), np.array([0, -1]), table)
    assert np.isnan(y).all()
    assert (y.shape, dtable.shape) == ((2, 3), (0, 3))
