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
    bits = DTYPES[precision.name]
    largest = int(precision.round(np.array(precision.largest)).view(bits))
    positive = np.linspace(0, largest, number // 2).astype(bits).view(precision.name)
    return np.concatenate([positive, -positive])


def mixed(dtype: str, number: int | None) -> list[int]:
    """All parts in order; or so many of them, from all over the type, always the same ones."""
    every = list(range(parts(dtype)))
    if number is None:
        return every
    drawn = np.random.default_rng(0).permutation(len(every))[:number]
    return sorted(int(part) for part in drawn)
