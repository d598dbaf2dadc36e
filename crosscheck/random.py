"""JAX's stream of random bits in NumPy: what a definition needs to know which entries are kept.

Threefry-2x32 of 20 rounds, counter-based, as in `jax.random` since 0.5 and in `torchlayers.random`.
It is written after the paper, in unsigned arithmetic, and shares no code with either. A key is a
uint32 array of shape (2,).

Reference: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import erfinv

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry(key: np.ndarray, counter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """T(k0, k1; x0, x1) for each 64-bit counter: two uint32 words."""
    k0, k1 = np.asarray(key, np.uint32).reshape(2, 1)
    ks = [k0, k1, k0 ^ k1 ^ np.uint32(0x1BD11BDA)]
    x0 = (counter >> np.uint64(32)).astype(np.uint32) + ks[0]
    x1 = counter.astype(np.uint32) + ks[1]
    for i in range(5):
        for r in ROTATIONS[i % 2]:
            x0 = x0 + x1
            x1 = (x1 << np.uint32(r)) | (x1 >> np.uint32(32 - r))
            x1 = x1 ^ x0
        x0 = x0 + ks[(i + 1) % 3]
        x1 = x1 + ks[(i + 2) % 3] + np.uint32(i + 1)
    return x0, x1


def key(seed: int) -> np.ndarray:
    """The key of a seed in [0, 2³²)."""
    return np.array([0, seed], dtype=np.uint32)


def split(key: np.ndarray, num: int = 2) -> np.ndarray:
    """New keys, (num, 2)."""
    return np.stack(_words(key, num), axis=-1)


def fold_in(key: np.ndarray, data: int) -> np.ndarray:
    """The new key of a key and of a number in [0, 2³²)."""
    return np.concatenate(threefry(key, np.array([data], dtype=np.uint64)))


def bits(key: np.ndarray, shape: Sequence[int] = (), dtype: str = "uint32") -> np.ndarray:
    """Random bits, as uint8, uint16, uint32 or uint64."""
    first, second = _words(key, int(np.prod(shape, dtype=np.int64)))
    if dtype == "uint64":
        drawn = first.astype(np.uint64) << np.uint64(32) | second
    else:
        drawn = (first ^ second).astype(dtype)
    return drawn.reshape(shape)


def uniform(key: np.ndarray, shape: Sequence[int] = (), dtype: str = "float32") -> np.ndarray:
    """Numbers evenly from [0, 1), float32 or float64: the bits of a fraction."""
    kept, width = {"float32": (23, 32), "float64": (52, 64)}[dtype]
    words = bits(key, shape, f"uint{width}") >> np.array(width - kept, f"uint{width}")
    return np.ldexp(words.astype(dtype), -kept)


def bernoulli(key: np.ndarray, p: float, shape: Sequence[int] = ()) -> np.ndarray:
    """True with probability p: (b >> 9) < ⌈float32(p) 2²³⌉ for 32 random bits b."""
    return bits(key, shape) >> np.uint32(9) < np.ceil(np.float32(p) * np.float32(2**23))


def normal(key: np.ndarray, shape: Sequence[int] = (), dtype: str = "float32") -> np.ndarray:
    """Standard normal numbers √2 erfinv(u), u evenly from (-1, 1), worked out in float64."""
    low = np.finfo(dtype).epsneg - 1
    u = 2 * uniform(key, shape, dtype).astype(np.float64) + low
    return np.asarray(np.sqrt(2) * erfinv(u), dtype=dtype)


def _words(key: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    return threefry(key, np.arange(count, dtype=np.uint64))
