"""Mutants: every defect in every layer and framework that it applies to.

Which of a layer's twins gets a defect, and under which of its settings, is drawn by their names, so
that masks, axes and reductions have their bugs too, and as few mutants do as for one twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from crosscheck.audit.defect import Arrays, Defect, Pull, Subject, output_shapes
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.planting import plant
from crosscheck.audit.sides import Side, side
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample
from crosscheck.twin import Layer, Twin


@dataclass(frozen=True)
class Mutant:
    """A layer at one of its settings, wrong on one side; by names, for reports."""

    layer: str
    kind: str
    side: str
    settings: str = ""

    @property
    def where(self) -> str:
        """The right layer that it is made of."""
        return f"{self.layer}({self.settings})" if self.settings else self.layer

    def __str__(self) -> str:
        return f"{self.where} / {self.kind} / {self.side}"


def subject(twin: Twin, seed: int = 0, setting: int = 0) -> Subject:
    """A right layer at one of its settings; it claims nothing of planted rules."""
    one = replace(twin, settings=twin.settings[setting : setting + 1], lacks=None)
    case = sample(one, PRECISIONS["float64"], seed)[0]
    if one.definition is None:
        raise twin.error("expected a definition, got none; the audit needs one to judge by")
    return Subject(one, case, tuple(output_shapes(one, case)))


def drawn(subjects: Sequence[Subject], kind: str) -> Subject | None:
    """The subject to plant a kind of bug in; None if none of them can have it.

    Each has a lot of its own: of fewer subjects the same one is drawn, if it is among them, so that
    a twin that is tried again by itself gets the same mutants again.
    """
    able = [s for s in subjects if DEFECTS[kind].applies(s) and not s.silent]
    return min(able, key=lambda s: _lot(s, kind), default=None)


def _lot(subject: Subject, kind: str) -> bytes:
    seed, _ = subject.case.stream
    return sha256(f"{seed}, {subject.twin.name}({subject.settings}), {kind}".encode()).digest()


def mutants(subject: Subject, kinds: Sequence[str]) -> list[Mutant]:
    """All mutants of a layer, of these kinds."""
    return [
        Mutant(subject.twin.name, kind, name, subject.settings)
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
