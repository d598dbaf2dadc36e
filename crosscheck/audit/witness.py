"""Witnesses: where a mutant answers otherwise than the right layer, if anywhere.

A survivor is either not seen or not wrong. To tell which, it is asked beside the right layer, in
every situation that some kind of defect waits for, and the answers are compared entry by entry,
signs of zero aside. Nothing is judged: this says of a mutant whether it differs, not whether it is
wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.answer import Answer
from crosscheck.audit.defect import Subject, output_shapes
from crosscheck.audit.sides import side as load_side
from crosscheck.backends import Backend, load
from crosscheck.case import Case
from crosscheck.inputs import Integer
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample
from crosscheck.tree import leaves
from crosscheck.twin import Layer, Twin

BEYOND = 70_000  # entries, past what 16 bits count
EXTREME = 1e12
LENGTHS = (1, 3, 37)
FEW = 6  # draws of single numbers
Change = Callable[[np.ndarray], np.ndarray]
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
    if _differ_on_one_array(subject, side, right, layer):
        return "value of one array, given twice", compared
    return "", compared


def _differ_on_one_array(subject: Subject, side: str, right: Layer, layer: Layer) -> bool:
    """One and the same array for all differentiable inputs of its shape, given directly."""
    of = load_side(side)
    arrays = {x.shape: of.array(x.astype(np.float32)) for x in subject.case.reals}
    given = [
        arrays[x.shape] if name in subject.case.differentiable else of.array(x)
        for name, x in subject.case.inputs.items()
    ]
    a, b = (leaves(f(*given, **subject.case.settings)) for f in (right, layer))
    return not all(_equal(np.asarray(y), np.asarray(z)) for y, z in zip(a, b, strict=True))


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
        rounded = _changed(subject.twin, subject.case, f"in-{precision.name}", precision.round)
        yield replace(rounded, precision=precision)
    yield _changed(subject.twin, subject.case, "extreme", lambda x: EXTREME * x)
    yield _changed(subject.twin, subject.case, "kept", lambda x: x / 3)  # no rounder type has these
    yield from _shaped(subject)


def _changed(twin: Twin, case: Case, id_: str, change: Change) -> Case:
    inputs = dict(case.inputs)
    for name in case.differentiable:
        kind = twin.inputs[name]
        low, high = getattr(kind, "low", -np.inf), getattr(kind, "high", np.inf)
        inputs[name] = change(inputs[name]).clip(low, high)
    return replace(case, id=id_, inputs=inputs)


def _shaped(subject: Subject) -> Iterator[Case]:
    """Lengths of axes that some implementations mind: one, odd, past a block, past 16 bits."""
    kinds = subject.twin.inputs.values()
    axes = max(sum(not a.isdigit() for a in getattr(k, "dims", "").split()) for k in kinds)
    longest = int(np.ceil(BEYOND ** (1 / max(axes, 1)))) | 1
    for length in (*LENGTHS, longest) if subject.free else ():
        yield from _drawn(subject, f"length-{length}", str(length))
    if subject.twin.is_elementwise:
        yield from _drawn(subject, "scalar", "")


def _drawn(subject: Subject, id_: str, length: str) -> Iterator[Case]:
    """Cases with all free axes of one length; several of few numbers, where a layer may be flat."""
    inputs = {name: _of_length(kind, length) for name, kind in subject.twin.inputs.items()}
    twin = replace(subject.twin, inputs=inputs, limits=None)
    for seed in range(FEW if length in ("", "1") else 1):
        yield replace(sample(twin, PRECISIONS["float64"], seed)[0], id=id_)


def _of_length(kind: Any, length: str) -> Any:
    """The same declaration with numbers in place of letters."""
    if not hasattr(kind, "dims"):
        return kind
    dims = " ".join(axis if axis.isdigit() else length for axis in kind.dims.split())
    if isinstance(kind, Integer) and isinstance(kind.high, str):
        return replace(kind, dims=dims, high=int(length or 1))
    return replace(kind, dims=dims)


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
