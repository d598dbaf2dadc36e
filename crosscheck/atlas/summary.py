"""The summary: one line for each layer, the worst over its settings and over all types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crosscheck.atlas.page import SIDES, Atlas, Entry, Side
from crosscheck.atlas.text import ORDERS, total_kept
from crosscheck.show import pairs
from crosscheck.sweep.results import Row

FALSE = {"zeros": "0", "nans": "NaN"}


@dataclass(frozen=True)
class Worst:
    """The worst error of one order, and whether it is within the budget everywhere."""

    error: float
    ok: bool


@dataclass(frozen=True)
class Line:
    """One layer: worst errors by side and order, bytes kept; false zeros and NaNs in words."""

    layer: str
    title: str
    worst: tuple[tuple[Worst, ...], ...]
    kept: tuple[str, ...]
    false: str


def lines(atlas: Atlas) -> list[Line]:
    """A line for each layer, and for each setting that picks another function by a word."""
    return [_line(some) for entries in atlas.layers.values() for some in _alike(entries)]


def _alike(entries: Sequence[Entry]) -> list[list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(_title(entry), []).append(entry)
    return list(found.values())


def _title(entry: Entry) -> str:
    words = {name: word for name, word in entry.settings.items() if isinstance(word, str)}
    return f"{entry.name}, {pairs(words)}" if words else entry.name


def _line(entries: Sequence[Entry]) -> Line:
    return Line(
        entries[0].name,
        _title(entries[0]),
        tuple(tuple(_worst(_rows(entries, side))) for side in SIDES),
        tuple(total_kept(entries[0], side) for side in SIDES),
        _built_in(entries),
    )


def _rows(entries: Sequence[Entry], side: Side) -> list[Row]:
    return [row for entry in entries for row in entry.of(side)]


def _worst(rows: Sequence[Row]) -> Iterator[Worst]:
    for order in sorted({row.order for row in rows}):
        of_it = [row for row in rows if row.order == order]
        error = max(row.tally.roundings.error for row in of_it)
        yield Worst(error, all(row.within for row in of_it))


def _built_in(entries: Sequence[Entry]) -> str:
    """What is false in built-in layers, said once where both frameworks share it."""
    said = {side.backend: _false(_rows(entries, side)) for side in SIDES if side.native}
    if len(set(said.values())) == 1:
        return next(f"both: {false}" if false else "–" for false in said.values())
    return "; ".join(f"{backend}: {false}" for backend, false in said.items() if false)


def _false(rows: Sequence[Row]) -> str:
    """In which orders there are false zeros and false NaNs."""
    said = []
    for fault, what in FALSE.items():
        orders = sorted({row.order for row in rows if row.tally.faults[fault].count})
        said += [f"{what} in {' '.join(ORDERS[order] for order in orders)}"] if orders else []
    return ", ".join(said)
