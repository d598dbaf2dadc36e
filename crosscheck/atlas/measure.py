"""Measuring an entry of the atlas: sweeps, a closer look along the axis, bytes kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from crosscheck.atlas.closer import curve, spots
from crosscheck.atlas.memory import kept
from crosscheck.atlas.page import Curve, Entry, Side
from crosscheck.catalog import layer
from crosscheck.errors import UsageError
from crosscheck.native import BUILT_IN
from crosscheck.precision import PRECISIONS
from crosscheck.report.text import BACKENDS
from crosscheck.stopwatch import Stopwatch
from crosscheck.sweep.balls import check, confirmed
from crosscheck.sweep.part import STAGES, bench
from crosscheck.sweep.results import Row
from crosscheck.sweep.subject import Subject
from crosscheck.sweep.values import BLOCK, DTYPES, blocks, spread

DRAWN = "float32"
SIXTEEN = tuple(dtype for dtype in DTYPES if dtype != DRAWN)


@dataclass(frozen=True)
class Asked:
    """An entry to measure, and how many numbers of float32 to try."""

    target: str
    setting: int
    sample: int


def measured(asked: Asked) -> Entry:
    """All that the atlas says of a twin under one of its settings."""
    twin = layer(asked.target)
    settings = twin.settings[asked.setting]
    places = tuple(spots(twin, settings))
    entry = Entry(asked.target, asked.setting, *kept(twin, settings), places)
    if not twin.is_elementwise:
        return entry
    try:
        return _swept(entry, (0, 1, 2), asked.sample)
    except UsageError:  # it has no third derivative, in which errors of the second are counted
        return _swept(entry, (0, 1), asked.sample)


def _swept(entry: Entry, orders: tuple[int, ...], sample: int) -> Entry:
    drawn = _subjects(entry, DRAWN, orders)
    close = curve(drawn, entry.spots)
    rows = [row for subject in drawn for row in _rows(subject, sample, close)]
    worst = (row.tally.roundings.at for row in rows if not row.subject.native)
    checked = check(drawn[0], [at for at in worst if at is not None])
    others = [subject for dtype in SIXTEEN for subject in _subjects(entry, dtype, orders)]
    rows += [row for subject in others for row in _rows(subject)]
    return replace(entry, rows=tuple(rows), curve=close, check=checked)


def _subjects(entry: Entry, dtype: str, orders: tuple[int, ...]) -> list[Subject]:
    """Ours, and what is built in."""
    ours = Subject(entry.target, entry.setting, dtype, orders, BACKENDS)
    return [ours, replace(ours, native=True)] if entry.name in BUILT_IN else [ours]


def _rows(subject: Subject, sample: int = 0, close: Curve | None = None) -> Iterator[Row]:
    """A sweep, with what a closer look has found; the worst confirmed by balls."""
    x = _sample(sample) if sample else blocks(subject.dtype, 0)
    for (backend, order), tally in bench(subject).tallies(x, Stopwatch(STAGES)).items():
        if close:
            tally += close.looks[Side(subject.native, backend), order].tally
        by_balls = confirmed(subject, order, tally.roundings)
        yield Row(subject, backend, order, tally, by_balls)


def _sample(number: int) -> Iterator[np.ndarray]:
    """Finite numbers of float32, evenly over the exponents, in blocks."""
    x = spread(PRECISIONS[DRAWN], number)
    size = min(len(x), BLOCK)
    x = np.append(x, x[: -len(x) % size + 1])  # all blocks have one shape: JAX compiles for each
    for start in range(0, len(x) - 1, size):
        yield x[start : start + size + 1]
