"""A closer look: errors along the axis of the plots, and answers at kinks, infinities and NaN.

Both are judged as a sweep judges, a bin or a spot at a time, by the authority for our layer: at
kinks a built-in layer is held to our convention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from crosscheck.atlas.axis import BINS, EACH, grid
from crosscheck.atlas.page import Curve, Look, Side, Spot
from crosscheck.atlas.text import real
from crosscheck.sweep.judge import Right
from crosscheck.sweep.part import bench
from crosscheck.sweep.subject import Subject
from crosscheck.sweep.tally import Tally
from crosscheck.twin import Twin


def spots(twin: Twin, settings: Mapping[str, Any]) -> Iterator[Spot]:
    """Kinks with their conventions, then infinities and NaN with the limits."""
    for name, kinks in twin.kinks.items():
        which = f"{name}: " if len(twin.inputs) > 1 else ""
        yield from (Spot(at, which + states) for at, states in sorted(kinks.items()))
    limits = twin.limits_for(settings)
    yield from (Spot(at, f"limit {real(limits[at])}") for at in (-np.inf, np.inf, np.nan) if limits)


def curve(subjects: Sequence[Subject], places: Sequence[Spot]) -> Curve:
    """The axis and the spots, for ours and for what is built in; ours comes first."""
    x = np.concatenate([grid(), np.array([spot.at for spot in places], dtype=np.float32)])
    rights = {right.order: right for right in bench(subjects[0]).authority.right(x)}
    looks = {}
    for subject in subjects:
        for backend in subject.backends:
            for order, said in zip(subject.orders, bench(subject).ask(backend, x), strict=True):
                looks[Side(subject.native, backend), order] = _look(rights[order], said)
    return Curve(tuple(map(_drawn, rights.values())), looks)


def _drawn(right: Right) -> np.ndarray:
    """The truth at the number in the middle of each bin, NaN where any answer is right."""
    y = right.y if right.free is None else np.where(right.free, np.nan, right.y)
    return y[EACH // 2 : BINS * EACH : EACH]


def _look(right: Right, said: np.ndarray) -> Look:
    bins = [_tally(right, said, slice(k * EACH, (k + 1) * EACH + 1)) for k in range(BINS)]
    after = range(BINS * EACH + 1, len(said))
    return Look(
        np.array([np.inf if t.faults["nans"].count else t.roundings.error for t in bins]),
        np.array([t.faults["zeros"].count > 0 for t in bins]),
        reduce(add, bins),
        tuple(float(said[k]) for k in after),
        tuple(_is_right(_tally(right, said, [k, k]), right.budget) for k in after),
    )


def _tally(right: Right, said: np.ndarray, places: slice | list[int]) -> Tally:
    """What the judge says of some numbers; the last is not counted, as in a block."""
    free = None if right.free is None else right.free[places]
    some = (right.x[places], right.y[places], right.slope[places])
    return replace(right, x=some[0], y=some[1], slope=some[2], free=free).tally(said[places])


def _is_right(tally: Tally, budget: float) -> bool:
    return tally.roundings.error <= budget and not any(f.count for f in tally.faults.values())
