"""Document 004's two-layer network, through the layers of both frameworks.

x (200, 100) → linear (100, 50) → relu → linear (50, 1) → mse against y (200,). The document derives
the gradients by hand (`documents.network_by_hand`), which is the oracle here. What it prints are
statistics of draws without a seed: those are held against theory, its figures and ours alike.
"""

from typing import Any

import numpy as np
import pytest

import documents as doc
from sides import Array, Side, assert_within, each_side, rounding

FLOAT32 = np.dtype(np.float32)
BATCH, WIDTH, HIDDEN = 200, 100, 50
# x·w1 + b1, l2·w2 + b2, the difference, 2/n, times w2, and a sum over the batch or the hidden units
STEPS = (WIDTH + 1) + (HIDDEN + 1) + 1 + 2 + 1 + BATCH


def draw(batch: int, width: int, hidden: int) -> list[Array]:
    """x, w1, b1, w2, b2, y as the document draws them, with Kaiming's scale; all fit float32.

    Only the biases are not zero, as they are there: a layer that forgets its bias would pass.
    """
    normal = np.random.default_rng(22).standard_normal
    x, y = normal((batch, width)), normal(batch)
    w1 = normal((width, hidden)) * np.sqrt(2 / width)
    w2 = normal((hidden, 1)) * np.sqrt(2 / hidden)
    drawn = (x, w1, normal(hidden), w2, normal(1), y)
    return [array.astype(np.float32).astype(np.float64) for array in drawn]


def model(side: Side, x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """The document's model, its trailing dimension squeezed as its mse does."""
    hidden = side.layers.relu(side.layers.linear(x, w1, b1))
    return side.layers.linear(hidden, w2, b2)[:, 0]


def magnitudes(arrays: list[Array], mask: Array) -> tuple[Array, ...]:
    """The hand derivation with every term made positive: what roundings are relative to."""
    *weights, y = map(np.abs, arrays)
    return doc.network_by_hand(*weights, -y, mask)


@each_side("004-gradients")
def test_gradients(name: str, side: Side, dtype: np.dtype) -> None:
    arrays = draw(BATCH, WIDTH, HIDDEN)
    x, w1, b1 = arrays[:3]
    l1 = x @ w1 + b1
    # In this draw no unit is so near its kink that rounding could switch it on or off.
    near_kink = abs(l1) < rounding(WIDTH + 1, FLOAT32, abs(x) @ abs(w1) + abs(b1))
    assert not near_kink.any()

    def loss(*inputs: Any) -> Any:
        *weights, y = inputs
        return side.layers.mse(model(side, *weights), y)

    got = side.pull(loss, None, *(array.astype(dtype) for array in arrays))
    truths = doc.network_by_hand(*arrays, l1 > 0)
    for part, want, magnitude in zip(got, truths, magnitudes(arrays, l1 > 0), strict=True):
        tolerance = rounding(STEPS, dtype, magnitude)
        assert np.max(tolerance) < 0.002 * np.max(abs(want))  # the comparison has teeth
        assert_within(part, want, tolerance, dtype)


@each_side("004-second-order")
def test_second_order(name: str, side: Side, dtype: np.dtype) -> None:
    """In w1 the output is linear while no unit switches: J is a product, H = 2/n Σ Jᵢ Jᵢᵀ."""
    x, w1, b1, w2, b2, y = draw(6, 4, 3)
    want_jacobian = np.einsum("nk,nh,h->nkh", x, x @ w1 + b1 > 0, w2[:, 0])
    want_hessian = np.einsum("nkh,nij->khij", want_jacobian, want_jacobian) * 2 / len(x)
    magnitude = np.einsum("nkh,nij->khij", abs(want_jacobian), abs(want_jacobian)) * 2 / len(x)

    def output(w1: Any, x: Any, b1: Any, w2: Any, b2: Any, y: Any) -> Any:
        return model(side, x, w1, b1, w2, b2)

    def loss(w1: Any, x: Any, b1: Any, w2: Any, b2: Any, y: Any) -> Any:
        return side.layers.mse(output(w1, x, b1, w2, b2, y), y)

    arrays = [array.astype(dtype) for array in (w1, x, b1, w2, b2, y)]
    got = side.jacobian(output, *arrays)
    assert_within(got, want_jacobian, rounding(1, dtype, want_jacobian), dtype)
    got = side.hessian(loss, *arrays)
    # Two factors a side, 2/n, and the sum over the batch.
    assert_within(got, want_hessian, rounding(2 + 2 + 2 + len(x), dtype, magnitude), dtype)


# l1 = x w1 + b1 has standard deviation s = 10 scale; l2 = relu(l1). In units of s: (mean, its
# standard error), (std, its standard error). The 200 · 50 entries share 200 lengths |x_i| and 50
# lengths |w_j|, each with relative deviation 1/√200: on a mean over all entries that is
# c = √(1/200 + 1/50) / √200 = 0.0112, on a mean square twice that; a standard deviation moves half
# as much, relatively, as the square that it is the root of. Besides, entries scatter by themselves,
# by 1/100 of the deviation of one entry, or √2/100 and √5/100 of the mean square of l1 and of l2.
# Normal draws give E l2 = 1/√(2π), E l2² = 1/2, hence std √(1/2 - 1/(2π)); its variance is a
# difference of two correlated terms, whose errors are added here.
C, MEAN, STD = 0.0112, 0.3989, 0.5838
MEAN_ERROR = np.hypot(MEAN * C, STD / 100)
STD_ERROR = (np.hypot(2 * C, 5**0.5 / 100) / 2 + 2 * MEAN * MEAN_ERROR) / (2 * STD)
THEORY = {
    "l1": ((0.0, 1 / 100), (1.0, np.hypot(2 * C, 2**0.5 / 100) / 2)),
    "l2": ((MEAN, MEAN_ERROR), (STD, STD_ERROR)),
}
INITIAL = {
    "004-l1-unscaled": (1.0, doc.INITIAL_L1_UNSCALED),
    "004-l1-xavier": (WIDTH**-0.5, doc.INITIAL_L1_XAVIER),
    "004-l2-xavier": (WIDTH**-0.5, doc.INITIAL_L2_XAVIER),
    "004-l2-kaiming": ((2 / WIDTH) ** 0.5, doc.INITIAL_L2_KAIMING),
}


@each_side(*INITIAL, dtypes=("float32",))
def test_initial_scale(name: str, side: Side, dtype: np.dtype) -> None:
    """Mean and std of the activations, the document's and ours: within 5 standard errors."""
    scale, figures = INITIAL[name]
    layer = name.split("-")[1]

    def activations(x: Any, w: Any, b: Any) -> Any:
        l1 = side.layers.linear(x, w, b)
        return l1 if layer == "l1" else side.layers.relu(l1)

    rng = np.random.default_rng(5)
    w = scale * rng.standard_normal((WIDTH, HIDDEN))
    arrays = (rng.standard_normal((BATCH, WIDTH)), w, np.zeros(HIDDEN))
    got = side.value(activations, *(array.astype(dtype) for array in arrays))
    s = scale * WIDTH**0.5
    for ours, printed, (theory, error) in zip(
        (got.mean(), got.std()), figures, THEORY[layer], strict=True
    ):
        assert abs(ours - s * theory) < 5 * s * error
        assert abs(printed - s * theory) < 5 * s * error


DEEP = {
    "004-50-linear-xavier": (WIDTH**-0.5, False, doc.DEEP_LINEAR_XAVIER_STD),
    "004-50-relu-xavier": (WIDTH**-0.5, True, doc.DEEP_RELU_XAVIER),
    "004-50-relu-kaiming": ((2 / WIDTH) ** 0.5, True, doc.DEEP_RELU_KAIMING),
}


def fifty_layers(side: Side, scale: float, relu: bool, dtype: np.dtype) -> Array:
    rng = np.random.default_rng(6)
    x = rng.standard_normal((BATCH, WIDTH)).astype(dtype)
    weights = (scale * rng.standard_normal((50, WIDTH, WIDTH))).astype(dtype)

    def stack(x: Any, *weights: Any) -> Any:
        for w in weights:
            x = side.layers.linear(x, w)
            x = side.layers.relu(x) if relu else x
        return x

    return side.value(stack, x, *weights)


@each_side(*DEEP, dtypes=("float32",))
def test_scale_after_fifty_layers(name: str, side: Side, dtype: np.dtype) -> None:
    """The root mean square, the document's and ours: within 4 deviations of its logarithm.

    A layer multiplies a row's mean square by scale² · 100 (relu: by half that) times a factor of
    variance v = 2/100 (relu: 5/100). So log rms has mean 50 (log of that - v/2) / 2 and deviation
    √(50 v) / 2; averaging over rows only narrows it.
    """
    scale, relu, figures = DEEP[name]
    v = (5 if relu else 2) / WIDTH
    center = 25 * (np.log(scale**2 * WIDTH / (2 if relu else 1)) - v / 2)
    for x in (fifty_layers(side, scale, relu, dtype), figures):
        log_rms = np.log(np.mean(np.square(x, dtype=np.float64))) / 2
        assert abs(log_rms - center) < 4 * np.sqrt(50 * v) / 2


@pytest.mark.parametrize(("scale", "lost"), [(1.0, np.isnan), (0.01, np.logical_not)])
@each_side("004-50-linear", dtypes=("float32",))
def test_lost_after_fifty_layers(
    name: str, side: Side, dtype: np.dtype, scale: float, lost: np.ufunc
) -> None:
    """Unscaled weights end in NaN everywhere, weights scaled by 0.01 in exact zeros."""
    assert np.all(lost(fifty_layers(side, scale, False, dtype)))
