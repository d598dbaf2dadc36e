"""What each layer of the catalog keeps for its backward pass, beside what the framework offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from crosscheck.bench.overhead import ROWS, built_in
from crosscheck.catalog import catalog, function
from crosscheck.demos.kept import Kept
from crosscheck.demos.sides import sides
from crosscheck.inputs import Boolean, Integer, Key, Real
from crosscheck.twin import Layer, Twin

CHANNELS = {"c": 3}  # an axis of channels is short, as in a picture


@dataclass(frozen=True)
class Row:
    """One layer in one framework; `theirs` is None where the framework offers nothing like it.

    given: bytes of its inputs; unrecorded: the most that either keeps where nothing is recorded.
    """

    layer: str
    framework: str
    given: int
    ours: Kept
    theirs: Kept | None
    unrecorded: int


def every_layer(rows: int, columns: int) -> list[Row]:
    """All layers of the catalog in both frameworks, each layer once."""
    layers: dict[str, Twin] = {}
    for twin in catalog().values():
        layers.setdefault(function(twin), twin)
    return [row for twin in layers.values() for row in count(twin, rows, columns)]


def count(twin: Twin, rows: int, columns: int) -> Iterator[Row]:
    """What one layer keeps in each framework."""
    arrays = draw(twin, rows, columns)
    for framework, side in sides("memory").items():
        ours, theirs = partial(twin.layer(framework), **twin.settings[0]), other(twin, framework)
        yield Row(
            function(twin),
            framework,
            sum(array.nbytes for array in arrays),
            side.kept(ours, arrays, True),
            theirs and side.kept(theirs, arrays, True),
            max(side.kept(f, arrays, False).total for f in (ours, theirs) if f),
        )


def other(twin: Twin, framework: str) -> Layer | None:
    """What the framework offers, or None."""
    offered = sides("memory")[framework].BUILT_IN
    if twin.name in offered:
        return partial(offered[twin.name], **twin.settings[0])
    return built_in(twin.name, framework)[1]


def draw(twin: Twin, rows: int, columns: int) -> list[np.ndarray]:
    """An array for each input; axes of a batch are as long as there are rows."""
    rng = np.random.default_rng(0)
    shapes = [_shape(kind, rows, columns) for kind in twin.inputs.values()]
    if twin.is_elementwise:
        shapes = [(rows, columns)]
    return [_array(k, shape, rng) for k, shape in zip(twin.inputs.values(), shapes, strict=True)]


def _shape(kind: Any, rows: int, columns: int) -> tuple[int, ...]:
    axes = getattr(kind, "dims", "").split()
    lengths = dict.fromkeys(ROWS, rows) | CHANNELS
    return tuple(int(a) if a.isdigit() else lengths.get(a, columns) for a in axes)


def _array(kind: Any, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if isinstance(kind, Real):
        return np.clip(rng.normal(size=shape), kind.low, kind.high).astype(np.float32)
    if isinstance(kind, Key):
        return rng.integers(0, 2**32, 2, np.uint32)
    if isinstance(kind, Integer):
        return rng.integers(kind.low, max(kind.low + 1, min(shape)), shape)
    return rng.random(shape) < 0.5 if isinstance(kind, Boolean) else np.asarray(kind)
