"""Every number of a type, by its bits, in parts and in blocks.

Neighbours by their bits are neighbours by size, away from 0 on either side. The bits of all finite
numbers in even steps are numbers in steps of a nearly constant factor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from crosscheck.precision import Precision

DTYPES: dict[str, Any] = {"float32": np.uint32, "bfloat16": np.uint16, "float16": np.uint16}
PART = 2**22  # what one process works on, and what is kept when a sweep is interrupted
DENSE = 1e3  # up to which `scattered` is so
BLOCK = 2**17  # what is asked at once: 1 MB in float64, so that passes stay in the cache


def count(dtype: str) -> int:
    """How many numbers the type has."""
    return int(np.iinfo(DTYPES[dtype]).max) + 1


def parts(dtype: str) -> int:
    """How many parts that makes."""
    return max(1, count(dtype) // PART)


def blocks(dtype: str, part: int) -> Iterator[np.ndarray]:
    """The numbers of one part, block by block, each followed by the first of the next."""
    size = min(count(dtype), PART)
    for start in range(part * size, (part + 1) * size, min(size, BLOCK)):
        bits = np.arange(start, start + min(size, BLOCK) + 1, dtype=np.uint64)
        yield bits.astype(DTYPES[dtype]).view(dtype)


def spread(precision: Precision, number: int) -> np.ndarray:
    """Finite numbers spread evenly over the exponents and the signs, 0 and the largest too."""
    positive = _of_size(precision, np.linspace(0, 1, number // 2))
    return np.concatenate([positive, -positive])


def scattered(precision: Precision, number: int) -> np.ndarray:
    """Finite numbers at random, one in each of many even steps, and always the same.

    Half of the steps are of the exponents, half of asinh(x) within a thousand: even next to 0,
    where shapes are told, and then by a factor.
    """
    half, random = number // 2, np.random.default_rng(0)
    near, far = 2 * (np.arange(half) + random.random((2, half))) / half - 1
    x = precision.round(np.sinh(near * np.arcsinh(DENSE)))
    return np.concatenate([x, np.sign(far).astype(x.dtype) * _of_size(precision, np.abs(far))])


def _of_size(precision: Precision, size: np.ndarray) -> np.ndarray:
    """The positive numbers at these sizes: 0 is 0, 1 the largest, and even steps a factor."""
    bits = DTYPES[precision.name]
    largest = int(precision.round(np.array(precision.largest)).view(bits))
    return np.asarray((size * largest).astype(bits).view(precision.name))


def mixed(dtype: str, number: int | None) -> list[int]:
    """All parts in order; or those of so many numbers, all over the type, always the same."""
    every = list(range(parts(dtype)))
    if number is None:
        return every
    drawn = np.random.default_rng(0).permutation(len(every))[: -(-number // PART)]
    return sorted(int(part) for part in drawn)
