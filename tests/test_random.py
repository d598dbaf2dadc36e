"""One stream of random bits, three times: jax.random, torchlayers.random, crosscheck.random.

Bits, and what is exact in them, must agree in every bit. Normal numbers may differ by as many units
in the last place as `torchlayers.random.normal` states.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from jax.extend.random import threefry_2x32
from scipy.special import erfinv as true_erfinv

import crosscheck.random
import jaxlayers.random
import torchlayers.random
import torchlayers.threefry
from torchlayers.inverse_error import erfinv

SHAPES = [(), (0,), (3, 0, 2), (7,), (2, 3, 5), (50_001,)]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
WORDS = ["uint8", "uint16", "uint32", "uint64"]
PROBABILITIES = [0.0, 1e-50, 1e-9, 0.3, 0.5, 0.7, 1 - 2**-24, 1 - 1e-9, 1.0]
ULPS = {"float16": 0, "bfloat16": 0, "float32": 3, "float64": 5}  # of normal numbers
Array = np.ndarray


def made_keys() -> dict[str, Array]:
    """Keys as users come by them: from seeds, by splitting, by folding in, and of any bits."""
    root = jax.random.PRNGKey(42)
    keys = {f"seed-{s}": jax.random.PRNGKey(np.uint32(s)) for s in (0, 42, 2**31, 2**32 - 1)}
    keys |= {"split": jax.random.split(root, 3)[2], "folded": jax.random.fold_in(root, 7)}
    drawn = np.random.default_rng(0).integers(0, 2**32, 2, dtype=np.uint32)
    return {name: np.asarray(key) for name, key in keys.items()} | {"any": drawn}


KEYS = made_keys()
each_key = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)


def as_numpy(drawn: Any) -> Array:
    if isinstance(drawn, torch.Tensor) and drawn.dtype == torch.bfloat16:
        return drawn.float().numpy().astype(jnp.bfloat16)
    return np.asarray(drawn)


def assert_same(*drawn: Any) -> None:
    arrays = [as_numpy(d) for d in drawn]
    for one, other in itertools.pairwise(arrays):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()


def assert_close(ours: Array, theirs: Array, ulps: int) -> None:
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    apart = np.abs(ours.astype(np.float64) - theirs.astype(np.float64))
    unit = np.spacing(np.abs(theirs)).astype(np.float64)
    assert np.all(apart <= ulps * unit), f"{np.max(apart / unit)} units in the last place"


# ---- Known answers (Salmon et al., and jax 0.10.2), for each of the three by itself


def by_jax(key: list[int], counter: list[int]) -> list[int]:
    return [int(w) for w in threefry_2x32(jnp.uint32(key), jnp.uint32(counter))]


def by_torch(key: list[int], counter: list[int]) -> list[int]:
    schedule = torchlayers.threefry.schedule(torch.tensor(key, dtype=torch.uint32))
    words = torch.tensor(counter, dtype=torch.uint32).view(torch.int32)
    return [w.view(torch.uint32).item() for w in torchlayers.threefry.threefry(schedule, *words)]


def by_numpy(key: list[int], counter: list[int]) -> list[int]:
    word = np.array([counter[0] << 32 | counter[1]], np.uint64)
    return [int(w[0]) for w in crosscheck.random.threefry(np.array(key, np.uint32), word)]


ONES = 2**32 - 1
KNOWN = {
    "zeros": ([0, 0], [0, 0], [0x6B200159, 0x99BA4EFE]),
    "ones": ([ONES, ONES], [ONES, ONES], [0x1CB996FC, 0xBB002BE7]),
    "pi": ([0x13198A2E, 0x03707344], [0x243F6A88, 0x85A308D3], [0xC4923A9C, 0x483DF7A0]),
}


@pytest.mark.parametrize("threefry", [by_jax, by_torch, by_numpy])
@pytest.mark.parametrize("known", KNOWN)
def test_known_answers(threefry: Callable[..., list[int]], known: str) -> None:
    key, counter, words = KNOWN[known]
    assert threefry(key, counter) == words


@pytest.mark.parametrize("random", [torchlayers.random, crosscheck.random])
def test_known_stream(random: Any) -> None:
    key = random.key(42)
    hexadecimal = [f"{int(b):08x}" for b in as_numpy(random.bits(key, (4,)))]
    assert hexadecimal == ["7d1c13a2", "ae0730d9", "9dc3f9f9", "8f9ec1d7"]
    split = [[1832780943, 270669613], [64467757, 2916123636]]
    assert random.split(key).tolist() == split
    assert random.fold_in(key, 7).tolist() == [2547012911, 1371500959]
    uniform = as_numpy(random.uniform(key, (3,)))
    assert_same(uniform, np.float32([0.48870957, 0.67979715, 0.6162715]))


# ---- The three against each other


@each_key
def test_keys_of_keys(key: Array) -> None:
    t = torch.tensor(key)
    for n in (0, 1, 2, 5):
        want = jax.random.split(key, n)
        assert_same(want, torchlayers.random.split(t, n), crosscheck.random.split(key, n))
    assert_same(jax.random.split(key, (2, 3)), torchlayers.random.split(t, (2, 3)))
    for d in (0, 7, 2**31, 2**32 - 1):
        want, folded = jax.random.fold_in(key, np.uint32(d)), torchlayers.random.fold_in
        assert_same(
            want, folded(t, d), folded(t, torch.tensor(d)), crosscheck.random.fold_in(key, d)
        )


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31, 2**32 - 1])
def test_keys_of_seeds(seed: int) -> None:
    with jax.enable_x64(True):
        want = jax.random.key_data(jax.random.key(seed))
    assert_same(want, torchlayers.random.key(seed), crosscheck.random.key(seed))


each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


@each_shape
@pytest.mark.parametrize("dtype", WORDS)
def test_bits(dtype: str, shape: tuple[int, ...]) -> None:
    for key in KEYS.values():
        with jax.enable_x64(True):
            want = jax.random.bits(key, shape, dtype)
        ours = torchlayers.random.bits(torch.tensor(key), shape, getattr(torch, dtype))
        assert_same(want, ours, crosscheck.random.bits(key, shape, dtype))


@each_shape
@pytest.mark.parametrize("dtype", FLOATS)
def test_uniform(dtype: str, shape: tuple[int, ...]) -> None:
    for key in KEYS.values():
        with jax.enable_x64(True):
            want = jax.random.uniform(key, shape, dtype)
        ours = torchlayers.random.uniform(torch.tensor(key), shape, getattr(torch, dtype))
        assert_same(want, ours)
        if dtype in ("float32", "float64"):
            assert_same(want, crosscheck.random.uniform(key, shape, dtype))


@each_shape
@pytest.mark.parametrize("dtype", FLOATS)
def test_normal(dtype: str, shape: tuple[int, ...]) -> None:
    for key in KEYS.values():
        with jax.enable_x64(dtype == "float64"):
            want = np.asarray(jax.random.normal(key, shape, dtype))
            assert_same(want, jaxlayers.random.normal(key, shape, dtype))
        ours = torchlayers.random.normal(torch.tensor(key), shape, getattr(torch, dtype))
        assert_close(as_numpy(ours), want, ULPS[dtype])


@each_shape
def test_bernoulli(shape: tuple[int, ...]) -> None:
    for (name, key), p in itertools.product(KEYS.items(), PROBABILITIES):
        want = jaxlayers.random.bernoulli(key, p, shape)
        ours = torchlayers.random.bernoulli(torch.tensor(key), p, shape)
        assert_same(want, ours, crosscheck.random.bernoulli(key, p, shape))
        assert p not in (0, 1) or np.all(np.asarray(want) == p), name


@pytest.mark.parametrize("random", [jaxlayers.random, torchlayers.random, crosscheck.random])
@each_key
def test_bernoulli_at_the_threshold(key: Array, random: Any) -> None:
    """An entry is dropped where float32(p) 2²³ is its top bits, kept if p is a little above."""
    given = torch.tensor(key) if random is torchlayers.random else key
    for i, b in enumerate(crosscheck.random.bits(key, (20,)) >> 9):
        p = np.float32(b * 2.0**-23)
        for rounded in (float(p), p + np.spacing(p) / np.float64(4)):
            assert not random.bernoulli(given, rounded, (20,))[i]
        assert random.bernoulli(given, float(np.nextafter(p, np.float32(1))), (20,))[i]


@pytest.mark.parametrize("p", PROBABILITIES)
def test_bernoulli_is_that_of_jax_in_32_bits(p: float) -> None:
    want = jax.random.bernoulli(KEYS["any"], np.float32(p), (50_001,))
    assert_same(want, jaxlayers.random.bernoulli(KEYS["any"], p, (50_001,)))


@contextmanager
def settings(x64: bool, partitionable: bool, impl: str) -> Iterator[None]:
    with (
        jax.enable_x64(x64),
        jax.threefry_partitionable(partitionable),
        jax.default_prng_impl(impl),
    ):
        yield


@pytest.mark.parametrize("impl", ["threefry2x32", "rbg"])
@pytest.mark.parametrize("partitionable", [True, False])
@pytest.mark.parametrize("x64", [True, False])
def test_no_setting_of_jax_changes_a_mask(x64: bool, partitionable: bool, impl: str) -> None:
    raw = KEYS["any"]
    want = crosscheck.random.bernoulli(raw, 0.3, (1001,))
    with settings(x64, partitionable, impl):
        for key in (raw, jnp.asarray(raw), jax.random.wrap_key_data(raw, impl="threefry2x32")):
            draw = lambda key: jaxlayers.random.bernoulli(key, 0.3, (1001,))  # noqa: E731
            assert_same(want, draw(key), jax.jit(draw)(key))
            assert_same(want, jax.vmap(draw)(jnp.stack([key, key]))[1])


# ---- Everything that float32 can draw, and how far it is from the truth


def quantiles(dtype: str, u: Array) -> tuple[Array, Array]:
    """JAX's and torch's √2 erfinv(u)."""
    with jax.enable_x64(True):
        theirs = np.asarray(np.array(math.sqrt(2), dtype) * jax.lax.erf_inv(u))
    return (erfinv(torch.tensor(u)) * float(np.array(math.sqrt(2), dtype))).numpy(), theirs


def assert_near_the_truth(z: Array, u: Array) -> None:
    """Within the project's strict budget: 8 times what one rounding of z and of u explain."""
    true, u = math.sqrt(2) * true_erfinv(u.astype(np.float64)), u.astype(np.float64)
    slope = math.sqrt(math.pi / 2) * np.exp(true**2 / 2)
    unit = np.finfo(z.dtype).eps / 2 * (abs(true) + abs(u) * slope)
    assert np.max(abs(z - true) / unit) <= 8


def test_every_float32_normal() -> None:
    u = np.float32(2 * np.arange(2**23) / 2**23 + 2.0**-24 - 1)
    ours, theirs = quantiles("float32", u)
    assert_close(ours, theirs, ULPS["float32"])
    assert_near_the_truth(ours, u)


def test_float64_normals_to_the_ends() -> None:
    ends = 1 - 2.0 ** -np.arange(1, 54)
    far = [0.6301524014020311, 0.6428475496989164]  # where JAX and torch are furthest apart
    u = np.concatenate(
        [ends, -ends, far, 2.0 ** -np.arange(1, 53), np.linspace(-1, 1, 200_000)[1:-1]]
    )
    ours, theirs = quantiles("float64", u)
    assert_close(ours, theirs, ULPS["float64"])
    right = (u * u < 0.29) | (u * u > 0.415)  # between, XLA's log1p is up to 129 units off
    assert_near_the_truth(ours[right], u[right])


@pytest.mark.parametrize(("dtype", "numbers"), [("float16", 1024), ("bfloat16", 128)])
def test_every_sixteen_bit_normal(dtype: str, numbers: int) -> None:
    key = KEYS["seed-42"]
    want = np.asarray(jax.random.normal(key, (400_000,), dtype))
    assert len(np.unique(want)) == numbers
    ours = torchlayers.random.normal(torch.tensor(key), want.shape, getattr(torch, dtype))
    assert_same(want, ours)


# ---- Beyond 2^32 entries, across blocks, and under transforms


@contextmanager
def starting_at(start: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """torchlayers draws entries from `start` on: the ones before it are not made."""
    with monkeypatch.context() as patch:
        patch.setattr(
            torchlayers.threefry, "range", lambda _, *ends: range(start, *ends), raising=False
        )
        yield


@pytest.mark.parametrize("start", [2**31 - 64, 2**32 - 64, 2**32, 3 * 2**32 + 64])
def test_counters_beyond_32_bits(start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = np.arange(start, start + 100, dtype=np.uint64)
    high, low = (counter >> np.uint64(32)).astype(np.uint32), counter.astype(np.uint32)
    want = threefry_2x32(jnp.asarray(KEYS["any"]), jnp.concatenate([high, low]))
    assert_same(want, np.concatenate(crosscheck.random.threefry(KEYS["any"], counter)))
    monkeypatch.setattr(torchlayers.threefry, "BLOCK", 64)
    schedule = torchlayers.threefry.schedule(torch.tensor(KEYS["any"]))
    with starting_at(start, monkeypatch):
        counters = list(torchlayers.threefry.counters(start + 100, torch.device("cpu")))
    blocks = [torch.stack(torchlayers.threefry.threefry(schedule, *c)) for c in counters]
    assert len(blocks) == 2
    assert_same(want, torch.cat(blocks, 1).reshape(-1).view(torch.uint32))


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_make_no_difference(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    key = torch.tensor(KEYS["any"])
    whole = torchlayers.random.bits(key, (5, 41))
    monkeypatch.setattr(torchlayers.threefry, "BLOCK", block)
    assert len(list(torchlayers.threefry.counters(205, torch.device("cpu")))) > 1
    assert_same(whole, torchlayers.random.bits(key, (5, 41)))


DRAWS: dict[str, Callable[[Any], Any]] = {
    "split": lambda key: torchlayers.random.split(key, 3),
    "fold_in": lambda key: torchlayers.random.fold_in(key, 5),
    "bits": lambda key: torchlayers.random.bits(key, (3, 2), torch.uint64),
    "uniform": lambda key: torchlayers.random.uniform(key, (50_001,)),
    "bernoulli": lambda key: torchlayers.random.bernoulli(key, 0.3, (50_001,)),
    "normal": lambda key: torchlayers.random.normal(key, (4,), torch.float64),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_vmap_over_keys(draw: Callable[[Any], Any]) -> None:
    keys = torchlayers.random.split(torchlayers.random.key(3), 2)
    assert_same(torch.vmap(draw)(keys), torch.stack([draw(key) for key in keys]))


def test_vmap_over_what_is_folded_in() -> None:
    key, steps = torchlayers.random.key(3), torch.arange(4)
    together = torch.vmap(lambda step: torchlayers.random.fold_in(key, step))(steps)
    assert_same(together, torch.stack([torchlayers.random.fold_in(key, n) for n in range(4)]))


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_compile(draw: Callable[[Any], Any]) -> None:
    key = torchlayers.random.key(3)
    compiled = torch.compile(draw, fullgraph=True, backend="aot_eager")
    assert_same(compiled(key), draw(key))


def test_compile_from_seed_to_mask() -> None:
    def mask(step: torch.Tensor, p: float) -> torch.Tensor:
        key = torchlayers.random.fold_in(torchlayers.random.key(5), step)
        return torchlayers.random.bernoulli(key, p, (50,))

    compiled = torch.compile(mask, fullgraph=True, backend="aot_eager")
    for step, p in ((0, 0.3), (1, 0.3), (2, 0.6)):
        assert_same(compiled(torch.tensor(step), p), mask(torch.tensor(step), p))


def test_keys_cross_over() -> None:
    typed = jax.random.key(11)
    ours = torch.tensor(np.asarray(jax.random.key_data(typed)))
    assert_same(jax.random.bits(typed, (9,)), torchlayers.random.bits(ours, (9,)))
    child = torchlayers.random.split(ours)[1]
    theirs = jax.random.wrap_key_data(jnp.asarray(child.numpy()))
    assert_same(jax.random.bits(theirs, (9,)), torchlayers.random.bits(child, (9,)))


# ---- Bad input

KEY = torchlayers.random.key(0)
BAD: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "seed-negative": (lambda: torchlayers.random.key(-1), ValueError, "in .0, 2³²., got -1; take"),
    "seed-large": (lambda: torchlayers.random.key(2**32), ValueError, "got 4294967296; take it"),
    "seed-float": (lambda: torchlayers.random.key(1.5), TypeError, "number, got float; pass an"),
    "data-large": (lambda: torchlayers.random.fold_in(KEY, 2**32), ValueError, "expected data to"),
    "data-float": (
        lambda: torchlayers.random.fold_in(KEY, torch.ones(())), TypeError, "float32 .*; pass an",
    ),
    "data-shape": (
        lambda: torchlayers.random.fold_in(KEY, torch.arange(2)), TypeError, "vmap over more",
    ),
    "bits": (lambda: torchlayers.random.bits(KEY, (), torch.int32), TypeError, "got int32; pass"),
    "uniform": (
        lambda: torchlayers.random.uniform(KEY, (), torch.int32), TypeError,
        "uniform: expected dtype to be one of float16, .* got int32; pass",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ask", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input(ask: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ask()


BAD_PAIRS: dict[str, tuple[str, Callable[[Callable[..., Any]], Any], type[Exception], str]] = {
    "key-number": ("bernoulli", lambda _: (3,), TypeError, "got int; make one with"),
    "key-none": ("normal", lambda _: (None,), TypeError, "got NoneType; make one with"),
    "key-signed": ("normal", lambda a: (a([0, 1], "int32"),), TypeError, r"got int32 of .*\(2,\)"),
    "key-float": ("bernoulli", lambda a: (a([0, 1], "float32"),), TypeError, "got float32 of"),
    "key-long": ("normal", lambda a: (a([0, 1, 2], "uint32"),), ValueError, r"shape \(3,\); make"),
    "keys": ("bernoulli", lambda a: (a([[0, 1]], "uint32"),), ValueError, r"shape \(1, 2\); make"),
    "p-above": ("bernoulli", lambda a: (a([0, 1], "uint32"), 1.5), ValueError, "got 1.5; pass a p"),
    "p-below": ("bernoulli", lambda a: (a([0, 1], "uint32"), -1), ValueError, "got -1.0; pass a p"),
    "p-nan": ("bernoulli", lambda a: (a([0, 1], "uint32"), math.nan), ValueError, "finite number"),
    "p-none": ("bernoulli", lambda a: (a([0, 1], "uint32"), None), TypeError, "Python number, got"),
}
MAKE = {
    jaxlayers.random: lambda values, dtype: jnp.array(values, dtype),
    torchlayers.random: lambda values, dtype: torch.tensor(values, dtype=getattr(torch, dtype)),
}


@pytest.mark.parametrize("random", MAKE, ids=lambda random: random.__name__)
@pytest.mark.parametrize("bad", BAD_PAIRS)
def test_bad_pairs(random: Any, bad: str) -> None:
    name, arguments, error, words = BAD_PAIRS[bad]
    with pytest.raises(error, match=rf"^{name}: expected .*{words}") as caught:
        getattr(random, name)(*arguments(MAKE[random]))
    assert caught.type is error


def test_keys_of_other_generators() -> None:
    with pytest.raises(TypeError, match=r'got key<rbg> of shape \(\); .*impl="threefry2x32"'):
        jaxlayers.random.bernoulli(jax.random.key(0, impl="rbg"))
    with pytest.raises(ValueError, match=r"shape \(2,\); make one"):
        jaxlayers.random.bernoulli(jax.random.split(jax.random.key(0)))
