"""The questions, and what the parts of their answers are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

QUESTIONS = ("value", "vjp", "jvp", "jacobian", "hessian")


class Output(NamedTuple):
    """One leaf of what a layer returns; derivatives are asked of floating ones only."""

    path: str
    shape: tuple[int, ...]
    floating: bool = True


def asked_of(question: str, outputs: Sequence[Output]) -> list[Output]:
    """The outputs that a question is about."""
    return [output for output in outputs if output.floating or question == "value"]


def labels(question: str, paths: Sequence[str], names: Sequence[str]) -> list[str]:
    """Labels of an answer's blocks, in order, for output paths and names of differentiable inputs.

    >>> labels("jacobian", [""], ["x", "w"])
    ['dy/dx', 'dy/dw']
    """
    if question == "value":
        return [f"y{path}" for path in paths]
    if question == "jvp":
        return [f"ty{path}" for path in paths]
    if question == "jacobian":
        return [f"dy{path}/d{name}" for path in paths for name in names]
    if question == "hessian":
        return [f"d2/d{row} d{column}" for row in names for column in names]
    return [f"d{name}" for name in names]  # vjp, and the Hessian times a vector


def shapes(
    question: str, outputs: Sequence[tuple[int, ...]], inputs: Sequence[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Shapes of the same blocks.

    >>> shapes("hessian", [()], [(2,), (3,)])
    [(2, 2), (2, 3), (3, 2), (3, 3)]
    """
    if question in ("value", "jvp"):
        return list(outputs)
    if question == "jacobian":
        return [output + x for output in outputs for x in inputs]
    if question == "hessian":
        return [row + column for row in inputs for column in inputs]
    return list(inputs)


def same_shapes(expected: Sequence[Sequence[int]], got: Sequence[Sequence[int]]) -> None:
    """Raise unless outputs have the shapes of their cotangents; a product would broadcast."""
    if [tuple(shape) for shape in expected] != [tuple(shape) for shape in got]:
        raise ValueError(
            f"outputs have shapes {[*map(tuple, got)]}; expected {[*map(tuple, expected)]}"
        )
