"""All forms of a subject in one framework, at each size: a row of figures for each."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crosscheck.backends import load, one_thread
from crosscheck.bench.lean.passes import PASSES, Peaks
from crosscheck.bench.lean.subjects import OURS, Subject
from crosscheck.bench.pairs import Call, compare


@dataclass(frozen=True)
class Row:
    """One form at one size: bytes kept beside inputs, peaks in bytes, and times as ratios.

    times: pass → ours / this form, the middle one of pairs timed turn about; a pass is left out
    where either raises.
    """

    subject: str
    backend: str
    form: str
    size: int
    kept: int
    peaks: Peaks
    times: Mapping[str, float]


def rows(subject: Subject, backend: str, size: int, repeats: int) -> Iterator[Row]:
    """A row for each form."""
    load(backend)
    side = importlib.import_module(f"crosscheck.bench.lean.in_{backend}")
    forms, arrays = subject.forms(backend), subject.draw(size)
    with one_thread():
        for form, layer in forms.items():
            kept, peaks = side.kept(layer, arrays), side.peaks(subject, form, size)
            times = {} if form == OURS else _times(side, forms[OURS], layer, arrays, repeats)
            yield Row(subject.name, backend, form, size, kept, peaks, times)


def _times(side: Any, ours: Any, theirs: Any, arrays: Any, repeats: int) -> dict[str, float]:
    both = side.calls(ours, arrays), side.calls(theirs, arrays)
    ratios = {name: _ratio(both[0][name], both[1][name], repeats) for name in PASSES}
    return {name: ratio for name, ratio in ratios.items() if ratio is not None}


def _ratio(ours: Call, theirs: Call, repeats: int) -> float | None:
    try:
        return compare(ours, theirs, repeats).ratio.median
    except (RuntimeError, NotImplementedError):  # fused forms have no second derivative
        return None
