"""What was kept, as a table and the broken promises beneath it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosscheck.keeping.measure import Measured
from crosscheck.keeping.rows import Row

TITLE = "Bytes kept for the backward pass (and for each byte of all inputs), most of all settings"
COLUMNS = (
    "layer",
    "type",
    "promise",
    "framework",
    "eager",
    "jit hands over",
    "chain grows a layer",
)


def show(rows: Sequence[Row], console: Console) -> None:
    """Print both."""
    grid = Table(*COLUMNS, title=TITLE, title_justify="left", pad_edge=False)
    for row in rows:
        style = "bold red" if row.broken else ""
        grid.add_row(*(Text(cell, style=style) for cell in _cells(row)))
    console.print(grid)
    for row in rows:
        for sentence in row.broken:
            console.print(Text(f"{row.layer}, {row.framework}, {row.dtype}: {sentence}", "red"))
    console.print(_closing(rows))


def _cells(row: Row) -> list[str]:
    sizes: list[Callable[[Measured], int | None]] = [
        lambda found: found.kept["eager"].total,
        lambda found: found.kept["jit"].total if "jit" in found.kept else None,
        lambda found: found.grows,
    ]
    promise = "–" if row.promise is None else ", ".join(row.promise) or "nothing"
    return [row.layer, row.dtype, promise, row.framework, *(_most(row, size) for size in sizes)]


def _most(row: Row, size: Callable[[Measured], int | None]) -> str:
    """The most bytes under any settings; a dash where there is nothing to ask."""
    found = [(kept, of.ratio(kept)) for of in row.found.values() if (kept := size(of)) is not None]
    return f"{max(found)[0]:,} ({max(found)[1]:.2f})" if found else "–"


def _closing(rows: Sequence[Row]) -> str:
    promising = [row for row in rows if row.promise is not None]
    broken = sum(bool(row.broken) for row in promising)
    raised = sum(bool(row.broken) for row in rows) - broken
    return (
        f"{len(promising) - broken} promises kept, {broken} broken; "
        f"{len(rows) - len(promising)} with no promise" + f", {raised} raised" * bool(raised)
    )
