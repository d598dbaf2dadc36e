"""Bytes of float32 that are kept for the backward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crosscheck.atlas.page import Side
from crosscheck.catalog import function
from crosscheck.demos.kept import Kept
from crosscheck.demos.layer_memory import count
from crosscheck.native import BUILT_IN
from crosscheck.twin import Twin

ROWS = COLUMNS = 64


def kept(twin: Twin, settings: Mapping[str, Any]) -> tuple[int, dict[Side, Kept | None]]:
    """How many numbers the inputs have, and what each side keeps of them."""
    found: dict[Side, Kept | None] = {}
    numbers = 0
    for row in count(replace(twin, settings=[settings]), ROWS, COLUMNS):
        numbers = row.given // 4
        found[Side(False, row.framework)] = row.ours
        found[Side(True, row.framework)] = row.theirs if function(twin) in BUILT_IN else None
    return numbers, found
