"""Witnesses: where a mutant answers otherwise than the right layer, if anywhere.

A survivor is either not seen or not wrong. To tell which, it is asked beside the right layer, in
every situation that some kind of defect waits for, and the answers are compared entry by entry,
signs of zero aside. Nothing is judged: this says of a mutant whether it differs, not whether it is
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from crosscheck.answer import Answer
from crosscheck.audit.defect import Subject, output_shapes
from crosscheck.backends import Backend, load
from crosscheck.case import Case
from crosscheck.inputs import Real
from crosscheck.precision import PRECISIONS, is_floating
from crosscheck.sample import sample
from crosscheck.twin import Layer, Twin

BEYOND = 70_000  # entries, past what 16 bits count
EXTREME = 1e12
LENGTHS = (1, 3, 37)
PLAIN: dict[str, dict[str, str]] = {
    "jax": {"vjp": "eager", "value": "eager", "product": "reverse-over-reverse"},
    "torch": {"vjp": "autograd", "value": "eager", "product": "autograd"},
}


class Asked(NamedTuple):
    """One question in one situation."""

    case: Case
    question: str
    variant: str

    def __str__(self) -> str:
        c = self.case
        return f"{self.question} {self.variant} {c.precision.name} {c.id}"


def difference(subject: Subject, side: str, right: Layer, layer: Layer) -> tuple[str, int]:
    """Where two layers first differ (empty if nowhere), and how many answers were compared."""
    backends = load(side), load(side)
    compared = 0
    for asked in _everything(subject, side, backends[0]):
        a, b = (
            _ask(backend, f, subject.twin, asked)
            for backend, f in zip(backends, (right, layer), strict=True)
        )
        compared += bool(a.blocks)
        if not _same(a, b):
            return str(asked), compared
    return "", compared


def _everything(subject: Subject, side: str, backend: Backend) -> Iterator[Asked]:
    """Every situation plainly; an ordinary one in every way that there is."""
    for case in _situations(subject):
        for question, variant in PLAIN[side].items():
            if _has_answer(case, question):
                yield Asked(case, question, variant)
    for question, variants in backend.variants.items():
        for variant in (*variants, *backend.deep.get(question, ())):
            yield Asked(subject.case, question, variant)


def _has_answer(case: Case, question: str) -> bool:
    """Second order costs more, and depends on the place at kinks only."""
    if question == "product":
        return case.kind == "kink"
    return question == "value" or case.limits is None


def _situations(subject: Subject) -> Iterator[Case]:
    double = PRECISIONS["float64"]
    drawn = sample(subject.twin, double, subject.case.stream[0], deep=True)
    yield from (case for case in drawn if case.draw.sizes != "large")
    for precision in PRECISIONS.values():
        rounded = _changed(subject.case, f"in-{precision.name}", precision.round)
        yield replace(rounded, precision=precision)
    yield _changed(subject.case, "extreme", lambda x: EXTREME * x)
    yield _changed(subject.case, "kept", lambda x: x / 3)  # no rounder type has these
    yield from _shaped(subject)


def _changed(case: Case, id_: str, change: Callable[[np.ndarray], np.ndarray]) -> Case:
    inputs = {n: change(x) if is_floating(x.dtype) else x for n, x in case.inputs.items()}
    return replace(case, id=id_, inputs=inputs)


def _shaped(subject: Subject) -> Iterator[Case]:
    """Lengths of axes that some implementations mind: one, odd, past a block, past 16 bits.

    Of both signs, since few numbers may all be where a layer is flat.
    """
    kinds = {n: k.dims.split() for n, k in subject.twin.inputs.items() if isinstance(k, Real)}
    axes = max(sum(not axis.isdigit() for axis in dims) for dims in kinds.values())
    lengths = [*LENGTHS, int(np.ceil(BEYOND ** (1 / max(axes, 1)))) | 1]
    for length in lengths if subject.free else ():
        shapes = {n: [_length(axis, length) for axis in dims] for n, dims in kinds.items()}
        yield from _drawn(subject, f"length-{length}", shapes)
    if subject.twin.is_elementwise:
        yield from _drawn(subject, "scalar", dict.fromkeys(kinds, ()))


def _drawn(subject: Subject, id_: str, shapes: Mapping[str, Sequence[int]]) -> Iterator[Case]:
    rng = np.random.default_rng(0)
    for sign in (1, -1):
        drawn = {n: sign * np.abs(rng.normal(size=shape)) for n, shape in shapes.items()}
        yield replace(subject.case, id=id_, inputs={**subject.case.inputs, **drawn})


def _length(axis: str, length: int) -> int:
    return int(axis) if axis.isdigit() else length


def _ask(backend: Backend, layer: Layer, twin: Twin, asked: Asked) -> Answer:
    case = asked.case
    shapes = [] if asked.question == "value" else output_shapes(twin, case)
    return backend.ask(layer, case, asked.question, asked.variant, case.cotangents(shapes))


def _same(a: Answer, b: Answer) -> bool:
    if (a.failed, a.unsupported, [*a.blocks]) != (b.failed, b.unsupported, [*b.blocks]):
        return False
    pairs = zip(a.blocks.values(), b.blocks.values(), strict=True)
    return all(_equal(x, y) for x, y in pairs)


def _equal(x: np.ndarray, y: np.ndarray) -> bool:
    if (x.dtype, x.shape) != (y.dtype, y.shape):
        return False
    return np.array_equal(x.astype(float), y.astype(float), equal_nan=True)
