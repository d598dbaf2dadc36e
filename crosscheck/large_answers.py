"""What a definition and the frameworks say in float64, at a case too large for balls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.answer import Answer
from crosscheck.backends import Backend
from crosscheck.case import Case
from crosscheck.precision import is_floating
from crosscheck.question import Output
from crosscheck.structure import misshapen
from crosscheck.tree import flatten
from crosscheck.truth import unusable
from crosscheck.twin import Layer, Twin

Arrays = list[np.ndarray]
Blocks = dict[str, np.ndarray]
Side = tuple[Backend, Layer]


def asked(side: Side, question: str, case: Case, g: Arrays) -> Answer | None:
    """What a framework says in the first way that works, compiled rather than not."""
    backend, layer = side
    ways = sorted(backend.variants[question], key=lambda variant: variant != "jit")
    said = (backend.ask(layer, case, question, way, g) for way in ways)
    return next((answer for answer in said if answer.blocks), None)


def numbers(answer: Answer | None, case: Case, outputs: Sequence[Output]) -> Blocks | None:
    """The entries in float64, if an answer has the outputs and the shapes that it should have."""
    if answer is None or misshapen(answer, case, outputs):
        return None
    return _in_float64(answer)


def when_moved(side: Side, question: str, moves: Iterable[tuple[Case, Arrays]]) -> Iterator[Blocks]:
    """What one framework says of moved numbers."""
    for case, g in moves:
        if said := asked(side, question, case, g):
            yield _in_float64(said)


def _in_float64(answer: Answer) -> Blocks:
    return {label: block.astype(float) for label, block in answer.blocks.items()}


def evaluated(function: Layer, case: Case) -> list[tuple[str, np.ndarray]]:
    """The leaves of what a function of a twin returns, each with its path."""
    inputs = (a.copy() for a in case.inputs.values())  # a definition may write into them
    with np.errstate(all="ignore"):
        tree: Any = function(*inputs, **case.settings)
    return [(path, np.asarray(leaf)) for path, leaf in flatten(tree)]


def outputs(twin: Twin, sides: Sequence[Side], case: Case) -> list[Output]:
    """What the definition returns; without one, what the first framework does that runs.

    Raises:
        TwinError: the definition cannot be evaluated, or no framework runs.
    """
    if twin.definition is not None:
        return [_output(path, leaf) for path, leaf in _defined(twin, case)]
    for said in (asked(side, "value", case, []) for side in sides):
        if said:
            return [_output(label.removeprefix("y"), y) for label, y in said.blocks.items()]
    raise twin.error("the layer raises in float64 on large arrays; make it run")


def _defined(twin: Twin, case: Case) -> list[tuple[str, np.ndarray]]:
    function = twin.function("value")
    try:
        return evaluated(function, case)
    except Exception as error:
        raise twin.error(unusable(function, case, error)) from error


def _output(path: str, leaf: np.ndarray) -> Output:
    return Output(path, leaf.shape, is_floating(leaf.dtype))
