"""What each layer of the catalog keeps for its backward pass, beside what the framework offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from crosscheck.bench.overhead import built_in
from crosscheck.catalog import catalog, function
from crosscheck.demos.sides import sides
from crosscheck.keeping.draw import draw
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import counter
from crosscheck.twin import Layer, Twin


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
    for framework in sides("memory"):
        kept = counter(framework).kept
        ours, theirs = partial(twin.layer(framework), **twin.settings[0]), other(twin, framework)
        yield Row(
            function(twin),
            framework,
            sum(array.nbytes for array in arrays),
            kept(ours, arrays, True),
            theirs and kept(theirs, arrays, True),
            max(kept(f, arrays, False).total for f in (ours, theirs) if f),
        )


def other(twin: Twin, framework: str) -> Layer | None:
    """What the framework offers, or None."""
    offered = sides("memory")[framework].BUILT_IN
    theirs = offered.get(twin.name) or built_in(twin.name, framework)[1]
    return theirs and partial(theirs, **twin.settings[0])
