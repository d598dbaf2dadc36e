"""Measuring an entry of the atlas: sweeps, a closer look along the axis, bytes kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from crosscheck.atlas.axis import grid
from crosscheck.atlas.closer import curve, spots
from crosscheck.atlas.memory import kept
from crosscheck.atlas.page import SIDES, Curve, Entry, Side
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
    ours = Subject(asked.target, asked.setting, DRAWN, (0, 1, 2), BACKENDS)
    if twin.is_elementwise and (said := tuple(raised(ours))):
        nothing = dict.fromkeys(SIDES)
        return Entry(asked.target, asked.setting, 0, nothing, places, raised=said)
    entry = Entry(asked.target, asked.setting, *kept(twin, settings), places)
    return _swept(entry, ours, asked.sample) if twin.is_elementwise else entry


def raised(ours: Subject) -> Iterator[str]:
    """What our layers raise, a sentence each.

    To have no third derivative, in which errors of the second are counted, is no fault.
    """
    if list(able(ours)) == [ours]:
        return
    for backend in ours.backends:
        yield from _said(bench(replace(ours, backends=(backend,))).ask, backend, grid())
    yield from _said(bench(replace(ours, orders=ours.orders[:-1])).authority.right, grid())


def _said(ask: Callable[..., object], *given: object) -> Iterator[str]:
    try:
        ask(*given)
    except UsageError as error:
        yield str(error)


def _swept(entry: Entry, ours: Subject, sample: int) -> Entry:
    drawn = list(_subjects(entry, ours))
    close = curve(drawn, entry.spots)
    rows = [row for subject in drawn for row in _rows(subject, sample, close)]
    worst = (row.tally.roundings.at for row in rows if not row.subject.native)
    checked = check(drawn[0], [at for at in worst if at is not None])
    others = [replace(subject, dtype=dtype) for dtype in SIXTEEN for subject in drawn]
    rows += [row for subject in others for row in _rows(subject)]
    return replace(entry, rows=tuple(rows), curve=close, check=checked)


def _subjects(entry: Entry, ours: Subject) -> Iterator[Subject]:
    """Ours, and what is built in."""
    yield from able(ours)
    if entry.name in BUILT_IN:
        yield from able(replace(ours, native=True))


def able(subject: Subject) -> Iterator[Subject]:
    """As much of what is asked as layers can answer: where one raises, it is asked for less."""
    x = grid()  # of a sweep's shape: what is compiled here is used there
    try:
        bench(subject).authority.right(x)
        for backend in subject.backends:
            bench(subject).ask(backend, x)
    except UsageError:
        if len(subject.backends) > 1:
            for backend in subject.backends:
                yield from able(replace(subject, backends=(backend,)))
        elif len(subject.orders) > 1:
            yield from able(replace(subject, orders=subject.orders[:-1]))
    else:
        yield subject


def _rows(subject: Subject, sample: int = 0, close: Curve | None = None) -> Iterator[Row]:
    """A sweep, with what a closer look has found; the worst confirmed by balls."""
    x = _sample(sample) if sample else blocks(subject.dtype, 0)
    for (backend, order), tally in bench(subject).tallies(x, Stopwatch(STAGES)).items():
        if close:
            tally += close.looks[Side(subject.native, backend), order].tally
        by_balls = confirmed(subject, order, tally.roundings)
        yield Row(subject, backend, order, tally, by_balls)


def _sample(number: int) -> Iterator[np.ndarray]:
    """At least so many finite numbers of float32, evenly over the exponents, in whole blocks."""
    x = spread(PRECISIONS[DRAWN], -(-number // BLOCK) * BLOCK)  # JAX compiles for each other shape
    x = np.append(x, x[:1])
    for start in range(0, len(x) - 1, BLOCK):
        yield x[start : start + BLOCK + 1]
