"""Bytes of float32 that are kept for the backward pass."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from crosscheck.atlas.page import Side
from crosscheck.backends import NAMES
from crosscheck.catalog import function
from crosscheck.keeping.draw import draw
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import counter
from crosscheck.native import BUILT_IN, built_in
from crosscheck.twin import Twin

ROWS = COLUMNS = 64


def kept(twin: Twin, settings: Mapping[str, Any]) -> tuple[int, dict[Side, Kept | None]]:
    """How many numbers the inputs have, and what each side keeps of them."""
    arrays, name = draw(twin, ROWS, COLUMNS), function(twin)
    found: dict[Side, Kept | None] = {}
    for backend in NAMES:
        count = counter(backend).kept
        native = built_in(name, backend) if name in BUILT_IN else None
        found[Side(False, backend)] = count(partial(twin.layer(backend), **settings), arrays)
        found[Side(True, backend)] = native and count(partial(native, **settings), arrays)
    return sum(array.size for array in arrays), found
