"""Balls for a sweep: the authority is held against the truth, and so are the worst errors found.

The truth is that of `crosscheck.truth`, in the strict standard, at g = 1; so are the units here,
from which those of `judge` may not be far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import flint
import numpy as np

from crosscheck.block import Block
from crosscheck.case import Chosen
from crosscheck.places import around
from crosscheck.sweep.authority import Authority
from crosscheck.sweep.subject import Subject
from crosscheck.sweep.tally import NOTHING, Worst
from crosscheck.sweep.values import scattered, spread
from crosscheck.truth import BITS, Truth

QUESTIONS = ("value", "vjp", "product")  # by order; a product with ones is the Hessian's diagonal
SAMPLE, AT_RANDOM = 512, 1024
CHUNK = 16
TRUSTED = 2.0**-10  # roundings of the type that is swept
ALIKE = 0.03  # by how much of itself a unit may be off


@dataclass(frozen=True)
class Check:
    """The authority at a sample: its worst error, in roundings of the swept type, by balls.

    unit: the largest part of itself by which the unit is off. unknown: places without a truth.
    """

    settings: Mapping[str, Any]
    backend: str
    sampled: int = 0
    unknown: int = 0
    error: Worst = NOTHING
    unit: Worst = NOTHING

    @property
    def ok(self) -> bool:
        return self.error.error <= TRUSTED and self.unit.error <= ALIKE


def check(subject: Subject, worst: list[float]) -> Check:
    """The authority at numbers of all sizes, at and beside kinks, and at the worst places found."""
    authority = Authority(replace(subject, native=False))
    found = Check(subject.settings, authority.backend)
    if subject.twin.definition is None:
        return found
    x = _sample(subject, worst)
    for right in authority.right(x):
        for places, block in _truths(subject, right.order, x):
            errors = _errors(block, right.y[places], subject)
            off = np.abs(right.unit[places] / block.unit - 1)
            found = replace(
                found,
                sampled=found.sampled + len(errors),
                unknown=found.unknown + block.undefined(),
                error=found.error | _largest(errors, x[places]),
                unit=found.unit | _largest(off, x[places]),
            )
    return found


def confirmed(subject: Subject, order: int, worst: Worst) -> float | None:
    """The error of an answer by balls; None where they say nothing."""
    if worst.at is None or not isfinite(worst.at) or subject.twin.definition is None:
        return None
    x = np.array([worst.at], dtype=subject.dtype)
    for _, block in _truths(subject, order, x):
        if not block.undefined():
            return float(_errors(block, np.array([worst.said]), subject)[0])
    return None


def _sample(subject: Subject, worst: list[float]) -> np.ndarray:
    twin, precision = subject.twin, subject.precision
    (name,) = twin.inputs
    kinks = [spot for kink in twin.kinks.get(name, ()) for spot in around(kink, precision)]
    chosen = precision.round(np.array([*kinks, *worst]))
    x = np.concatenate([spread(precision, SAMPLE), scattered(precision, AT_RANDOM), chosen])
    wide = x.astype(float)
    inside = (wide >= twin.inputs[name].low) & (wide <= twin.inputs[name].high)
    return x[inside & np.isfinite(wide)]


def _truths(subject: Subject, order: int, x: np.ndarray) -> Iterator[tuple[slice, Block]]:
    """The truth and its units, a few numbers at a time."""
    twin = replace(subject.twin, standard="strict")
    (name,) = twin.inputs
    for start in range(0, len(x), CHUNK):
        places = slice(start, start + CHUNK)
        ones = np.ones(len(x[places]))
        case = Chosen("sweep", {name: x[places]}, (name,), subject.settings, subject.precision,
                      (0, 0), g=(ones,), t=(ones,))  # fmt: skip
        truth = Truth(twin, case)
        if not truth.not_judged(QUESTIONS[order]):
            (block,) = truth.blocks(QUESTIONS[order], "", [ones])
            yield places, block


def _errors(block: Block, said: np.ndarray, subject: Subject) -> np.ndarray:
    with flint.ctx.workprec(BITS[-1]):
        return block.errors(said, subject.precision)


def _largest(errors: np.ndarray, x: np.ndarray) -> Worst:
    place = int(errors.argmax())
    return Worst(float(errors[place]), float(x[place]))
