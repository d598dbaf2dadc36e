"""What the demos of document 004 find, and that each of their checks can fail."""

from collections.abc import Callable

import numpy as np
import pytest

import documents
import torchlayers
from crosscheck.demos import backprop_by_hand, matmul_ladder, two_layers
from crosscheck.demos.fifty_layers import FLOAT32, Scales, factor, fate
from crosscheck.demos.sides import NAMES, side

each_framework = pytest.mark.parametrize("framework", NAMES)
Page = pytest.CaptureFixture[str]


# ---- 004: matmul_ladder


def test_004_every_way_multiplies() -> None:
    a, b = np.arange(6.0, dtype=np.float32).reshape(2, 3), np.ones((3, 4), np.float32)
    for framework in NAMES:
        for calls in side(framework, "matmul_ladder").calls(a, b).values():
            assert len(calls) == len(matmul_ladder.STEPS)
            assert all(np.array_equal(call(), a @ b) for call in calls)


def test_004_ratios_are_those_of_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last call is the measure; a clock that moves only when it is told to."""
    now = [0.0]

    def lasting(seconds: float) -> Callable[[], None]:
        return lambda: now.__setitem__(0, now[0] + seconds)

    monkeypatch.setattr(matmul_ladder, "perf_counter", lambda: now[0])
    seconds, ratios = matmul_ladder.timed([lasting(6.0), lasting(0.25)], rounds=3)
    assert (seconds, ratios) == ([6.0, 0.25], [24.0, 1.0])


def test_004_a_wrong_product_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchlayers, "matmul", lambda a, b: (a @ b) * (1 + 1e-4))
    assert matmul_ladder.main(["--size", "2,3,2", "--rounds", "1"]) == 1


# ---- 004: backprop_by_hand

SIZE = ["--batch", "8", "--width", "6", "--hidden", "3", "--depth", "1"]


def test_004_rules_by_hand_are_the_document_s() -> None:
    inputs = {k: x.astype(np.float64) for k, x in two_layers.draw(0, 8, 6, 3).items()}
    found = two_layers.by_hand(**inputs)
    want = documents.network_by_hand(*inputs.values(), found["l1"] > 0)
    for name, right in zip(("loss", *two_layers.GRADIENTS), want, strict=False):
        assert np.array_equal(found[name], right), name


@pytest.mark.parametrize("planted", ["sigmoid", "elu"])
def test_004_a_wrong_layer_is_seen(
    planted: str, monkeypatch: pytest.MonkeyPatch, capsys: Page
) -> None:
    monkeypatch.setattr(torchlayers, "relu", getattr(torchlayers, planted))
    assert backprop_by_hand.main(SIZE) == 1
    assert capsys.readouterr().out.count("THAT IS A FAULT") == 2


def test_004_a_unit_at_its_kink_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch, capsys: Page
) -> None:
    drawn = two_layers.draw(0, 8, 6, 3)
    at_kink = drawn | {"x": 0 * drawn["x"]}
    draws = iter([at_kink, at_kink, drawn])
    monkeypatch.setattr(two_layers, "_draw", lambda *_: next(draws))
    assert two_layers.draw(0, 8, 6, 3) is drawn
    monkeypatch.setattr(two_layers, "_draw", lambda *_: at_kink)
    assert backprop_by_hand.main(SIZE) == 2
    assert "near its kink" in capsys.readouterr().err


def test_004_scales_say_what_happened() -> None:
    layers = (
        np.ones((5, 2, 2), np.float32) * np.float32([1, 3e38, np.inf, np.inf, 0])[:, None, None]
    )
    layers[2, 0], layers[3, 0, 0], layers[1, 0] = -np.inf, np.nan, -3e38
    scales = Scales.of(layers)
    np.testing.assert_allclose(scales.std[:2], [0, 3e38])  # whose square is beyond float32
    assert scales.lasting == 1
    assert fate(scales) == "infinite in layer 2, NaN from layer 3"
    assert fate(Scales.of(layers[[0, 4]])) == "all 0 from layer 1"
    assert fate(Scales.of(layers[:2])) == "standard deviation 3e+38"


@each_framework
def test_004_fifty_plain_layers_overflow_and_xavier_s_last(framework: str) -> None:
    part, width = side(framework, "backprop_by_hand"), 100
    plain, xavier = (
        Scales.of(part.activations(0, (4, width), 50, initial, False))
        for initial in ("plain", "Xavier")
    )
    assert fate(plain).startswith("infinite")
    assert np.isnan(plain.std[-1])
    assert fate(xavier).startswith("standard deviation")
    # The draws are the same, so each plain layer multiplies by √width more. It rounds by u times
    # (width + 2) times the sum of its terms' sizes, which is about √width times their sum.
    depth = np.arange(plain.lasting)
    error = len(depth) * FLOAT32.u * (width + 2) * width**0.5
    grown = factor("plain", False, width) ** depth
    np.testing.assert_allclose(plain.std[depth] / grown, xavier.std[depth], rtol=error)
