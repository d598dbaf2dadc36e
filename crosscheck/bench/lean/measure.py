"""All forms of a subject in one framework, at each size: a row of figures for each."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from crosscheck.backends import one_thread
from crosscheck.bench.lean.passes import PASSES, PEAKS, TIMES, Peaks
from crosscheck.bench.lean.subjects import OURS, Subject
from crosscheck.bench.pairs import Call, compare
from crosscheck.errors import UsageError, describe
from crosscheck.twin import Layer


@dataclass(frozen=True)
class Row:
    """One form at one size: bytes kept beside inputs, peaks in bytes, and times as ratios.

    times: pass → ours / this form, the middle one of pairs timed turn about; a pass that this form
    does not have is left out. failed: figure → why it could not be measured.
    """

    subject: str
    backend: str
    form: str
    size: int
    kept: int | None
    peaks: Peaks
    times: Mapping[str, float]
    failed: Mapping[str, str] = field(default_factory=dict)


def rows(subject: Subject, backend: str, size: int, repeats: int) -> Iterator[Row]:
    """A row for each form."""
    side = importlib.import_module(f"crosscheck.bench.lean.in_{backend}")
    forms, arrays = subject.forms(backend), subject.draw(size)
    with one_thread():
        for form, layer in forms.items():
            kept, peaks, times, failed = None, {}, {}, dict[str, str]()
            with _noted(failed, "kept"):
                kept = side.kept(layer, arrays)
            with _noted(failed, *PEAKS):
                peaks = side.peaks(subject, form, size)
            if form != OURS:
                times = _times(side, (forms[OURS], layer), arrays, repeats, failed)
            yield Row(subject.name, backend, form, size, kept, peaks, times, failed)


@contextmanager
def _noted(failed: dict[str, str], *figures: str) -> Iterator[None]:
    """What cannot be measured is said of those figures; the others go on."""
    try:
        yield
    except (UsageError, RuntimeError) as error:
        failed.update(dict.fromkeys(figures, describe(error)))


def _times(
    side: Any, both: tuple[Layer, Layer], arrays: Any, repeats: int, failed: dict[str, str]
) -> dict[str, float]:
    times: dict[str, float] = {}
    with _noted(failed, *TIMES):
        ours, theirs = (side.calls(layer, arrays) for layer in both)
        for name, figure in zip(PASSES, TIMES, strict=True):
            with _noted(failed, figure):
                if ratio := _ratio(ours[name], theirs[name], repeats):
                    times[name] = ratio
    return times


def _ratio(ours: Call, theirs: Call, repeats: int) -> float | None:
    """None where theirs raises, as fused forms do in second derivatives; ours must not."""
    ours()
    try:
        theirs()
    except RuntimeError:
        return None
    return compare(ours, theirs, repeats).ratio.median
