"""Initial weights: the same from the same key in both frameworks, and of the scale that 004 asks.

A bound on a statistic is six of its standard deviations: chance exceeds it once in 5·10⁸ draws.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers.init
import torchlayers.init
import torchlayers.random

GAINS = {"xavier": 1.0, "kaiming": 2.0}
FLOATS = ["float16", "bfloat16", "float32", "float64"]
SEEDS = range(4)
# Units in the last place: 3 or 5 that normal numbers are apart, one more once scaled and rounded.
ULPS = {"float16": 1, "bfloat16": 1, "float32": 4, "float64": 6}
each_name = pytest.mark.parametrize("name", GAINS)


def by_jax(name: str, seed: int, shape: Any, dtype: str = "float32") -> np.ndarray:
    with jax.enable_x64(dtype == "float64"):
        w = getattr(jaxlayers.init, name)(jax.random.key(seed), shape, dtype)
    assert w.dtype == dtype
    return np.asarray(w).astype(np.float64)


def by_torch(name: str, seed: int, shape: Any, dtype: str = "float32") -> np.ndarray:
    w = getattr(torchlayers.init, name)(torchlayers.random.key(seed), shape, getattr(torch, dtype))
    assert w.dtype == getattr(torch, dtype)
    return w.double().numpy()


@each_name
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(100, 50), (1, 1), (3, 0), (0, 3)], ids=str)
def test_same_numbers(name: str, dtype: str, shape: tuple[int, int]) -> None:
    eps = float(jnp.finfo(dtype).eps)
    for seed in SEEDS:
        ours, theirs = by_torch(name, seed, shape, dtype), by_jax(name, seed, shape, dtype)
        assert ours.shape == theirs.shape == shape
        assert np.all(abs(ours - theirs) <= ULPS[dtype] * eps * abs(theirs))


@each_name
def test_scale_is_that_of_the_draw(name: str) -> None:
    normal = torchlayers.random.normal(torchlayers.random.key(1), (100, 50)).double().numpy()
    want = normal * np.sqrt(GAINS[name] / 100)
    assert np.all(abs(by_torch(name, 1, (100, 50)) - want) <= 2.0**-23 * abs(want))


@pytest.mark.parametrize("make", [by_jax, by_torch])
@each_name
def test_004_scale(name: str, make: Callable[..., np.ndarray]) -> None:
    """Mean 0 and variance gain / in, for its w1 of (100, 50) and its w2 of (50, 1)."""
    for rows, columns in ((100, 50), (50, 1), (784, 300)):
        for seed in SEEDS:
            z = make(name, seed, (rows, columns)) * np.sqrt(rows / GAINS[name])
            assert abs(z.mean()) <= 6 * np.sqrt(1 / z.size)  # of n normals: standard error 1/√n
            # A chi squared of n degrees: Laurent and Massart 2000, tail exp(-t) at t = 18 = 6² / 2.
            n, t = z.size, 18
            assert -2 * np.sqrt(t / n) <= np.mean(z**2) - 1 <= 2 * np.sqrt(t / n) + 2 * t / n


@pytest.mark.parametrize("make", [by_jax, by_torch])
def test_004_first_layer_keeps_its_scale(make: Callable[..., np.ndarray]) -> None:
    """004: with xavier, l1 = x w1 has mean -0.0050 and std 1.0000, for x of (200, 100).

    Given x, a column of l1 is normal with covariance x xᵀ / 100, whatever the weights: its mean
    square has the mean ‖x‖² / 20000, and the variance 2 ‖x xᵀ‖² / (50 · 200² · 100²).
    """
    x = torchlayers.random.normal(torchlayers.random.key(0), (200, 100)).double().numpy()
    mean = np.sum(x**2) / 20_000
    deviation = np.sqrt(2 * np.sum((x @ x.T) ** 2) / 50) / (200 * 100)
    for seed in SEEDS:
        l1 = x @ make("xavier", 1 + seed, (100, 50))
        assert abs(np.mean(l1**2) - mean) <= 6 * deviation
        assert abs(l1.mean()) <= 6 * np.sqrt(np.sum(x.sum(0) ** 2) / 100 / 50) / 200


BAD: dict[str, tuple[Callable[[Any], tuple[Any, ...]], type[Exception], str]] = {
    "key": (
        lambda key: (1, (2, 3)),
        TypeError,
        "expected key to be a random key, .* got int; make",
    ),
    "vector": (lambda key: (key, (2,)), ValueError, r"to be \(in, out\), got \(2,\); pass two"),
    "dtype": (
        lambda key: (key, (2, 3), jnp.int32 if isinstance(key, jax.Array) else torch.int32),
        TypeError,
        "expected dtype to be one of .* got int32; pass",
    ),
    "no dtype": (lambda key: (key, (2, 3), None), TypeError, "expected dtype .* got None; pass"),
    "dtype in words": (lambda key: (key, (2, 3), "flot"), TypeError, "expected dtype .* got flot;"),
    "length": (lambda key: (key, 3), TypeError, "to be whole numbers, got 3; pass"),
    "fraction": (lambda key: (key, (2, 3.5)), TypeError, r"whole numbers, got \(2, 3.5\); pass"),
    "negative": (lambda key: (key, (2, -3)), ValueError, r"from 0 on, got \(2, -3\); pass"),
    "stack": (lambda key: (key, (4, 2, 3)), ValueError, r"got \(4, 2, 3\); pass two lengths"),
}


@each_name
@pytest.mark.parametrize("package", ["jax", "torch"])
@pytest.mark.parametrize("bad", BAD)
def test_bad_input(bad: str, package: str, name: str) -> None:
    arguments, error, words = BAD[bad]
    layers = {"jax": jaxlayers.init, "torch": torchlayers.init}[package]
    key = jax.random.key(0) if package == "jax" else torchlayers.random.key(0)
    with pytest.raises(error, match=f"^{name}: .*{words}"):
        getattr(layers, name)(*arguments(key))
