"""Mutants: every defect in every layer and framework that it applies to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crosscheck.audit.defect import Arrays, Defect, Pull, Subject, output_shapes
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.planting import plant
from crosscheck.audit.sides import Side, side
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample
from crosscheck.twin import Layer, Twin


@dataclass(frozen=True)
class Mutant:
    """A layer, wrong on one side; by names, so that another process can make it."""

    layer: str
    kind: str
    side: str

    def __str__(self) -> str:
        return f"{self.layer} / {self.kind} / {self.side}"


def subject(twin: Twin, seed: int = 0) -> Subject:
    """A right layer at the first of its settings; it claims nothing of planted rules."""
    first = replace(twin, settings=twin.settings[:1], lacks=None)
    case = sample(first, PRECISIONS["float64"], seed)[0]
    if first.definition is None:
        raise twin.error("expected a definition, got none; the audit needs one to judge by")
    return Subject(first, case, tuple(output_shapes(first, case)))


def mutants(subject: Subject, kinds: Sequence[str]) -> list[Mutant]:
    """All mutants of a layer, of these kinds."""
    return [
        Mutant(subject.twin.name, kind, name)
        for kind in kinds
        for name in DEFECTS[kind].sides
        if name in subject.twin.backends and DEFECTS[kind].applies(subject)
    ]


def spoilt(subject: Subject, defect: Defect, name: str) -> Layer:
    """The layer on one side, with a defect."""
    return plant(defect, side(name), subject, subject.twin.layer(name))


def control(subject: Subject, defect: Defect, name: str) -> Layer:
    """The layer on one side, wrapped as for that defect, but right."""
    if defect.call is not None:
        return subject.twin.layer(name)
    right = Defect("none", "nothing wrong", tangent=defect.tangent and _right_tangent)
    return spoilt(subject, right, name)


def _right_tangent(s: Side, push: Pull, t: Arrays, x: Arrays) -> Arrays:
    return push(t, x)
