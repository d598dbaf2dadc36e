"""What one framework keeps of one layer, in bytes, and where that breaks the Twin's promise."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crosscheck.backends import load
from crosscheck.keeping.draw import draw
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.words import EXTRAS, OUTPUT
from crosscheck.twin import Twin

ROWS, COLUMNS = 32, 64  # a number a row is no array yet, and all is still small
SLACK = 8  # the part of an input's bytes that XLA's own bookkeeping may grow by: less than a mask


@dataclass(frozen=True)
class Measured:
    """Bytes kept for one layer's backward pass, of how many given.

    given: input → its bytes. kept: the way of asking → what is kept. grows: by how much a compiled
    program of both passes grows with each layer of a chain, where that can be asked. extra: what
    the promise allows beyond inputs and outputs; may_grow: and in such a chain.
    """

    given: Mapping[str, int]
    kept: Mapping[str, Kept]
    grows: int | None
    extra: int
    may_grow: int

    def ratio(self, kept: int) -> float:
        """Bytes kept for each byte of all inputs."""
        return kept / sum(self.given.values())


def measured(
    twin: Twin, backend: str, settings: Mapping[str, Any], dtype: str = "float32"
) -> Measured:
    """What a framework keeps of a layer under these settings."""
    arrays = draw(twin, ROWS, COLUMNS, dtype)
    kept, grows = counter(backend).measure(partial(twin.layer(backend), **settings), arrays)
    given = dict(zip(twin.inputs, arrays, strict=True))
    x, words = given[twin.differentiable[0]], twin.keeps or ()
    extra = sum(EXTRAS[w](x, settings.get("axis", -1)) for w in words if w in EXTRAS.keys() - given)
    of_chain = sum(word in words for word in (twin.differentiable[0], OUTPUT))
    given_bytes = {name: array.nbytes for name, array in given.items()}
    may_grow = extra + of_chain * x.nbytes + x.nbytes // SLACK
    return Measured(given_bytes, kept, grows, extra, may_grow)


def broken(twin: Twin, found: Measured) -> Iterator[str]:
    """How the promise is broken, a sentence each; none where nothing is promised."""
    if twin.keeps is None:
        return
    for way, kept in found.kept.items():
        for name, size in zip(found.given, kept.by_input, strict=True):
            if size and name not in twin.keeps:
                yield f"{way}: keeps the input {name}, {size:,} bytes, which is not promised"
        if kept.outputs and OUTPUT not in twin.keeps:
            yield f"{way}: keeps {kept.outputs:,} bytes of its output, which is not promised"
        if kept.rest > found.extra:
            allowed = f"where {found.extra:,} are promised"
            yield f"{way}: keeps {kept.rest:,} bytes that are no input and no output, {allowed}"
    if found.grows is not None and found.grows > found.may_grow:
        yield (
            f"compiled: a chain grows by {found.grows:,} bytes with each layer, "
            f"where at most {found.may_grow:,} are promised"
        )


def counter(backend: str) -> Any:
    """The module that counts for a framework.

    Raises:
        MissingFramework: it is not installed.
    """
    load(backend)
    return importlib.import_module(f"crosscheck.keeping.in_{backend}")
