"""One question about one layer, small enough to read: what both frameworks say, and the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from inspect import signature
from itertools import product
from typing import Any

import numpy as np

from crosscheck.answer import Answer
from crosscheck.backends import Backend
from crosscheck.case import Case
from crosscheck.catalog import layer
from crosscheck.demos.proof import in_roundings
from crosscheck.errors import UsageError, choose
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.options import Options
from crosscheck.question import asked_of
from crosscheck.run import connect, plan
from crosscheck.structure import inspected
from crosscheck.truth import Truth
from crosscheck.twin import Twin

FEW = 4  # entries of an elementwise layer's input that are enough to see what it does


@dataclass(frozen=True)
class Request:
    """What is asked. `at`: the input of an elementwise layer; `ones`: g is 1 everywhere."""

    layer: str
    dtype: str = "float64"
    seed: int = 0
    case: str | None = None
    at: tuple[float, ...] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    ones: bool = False


@dataclass(frozen=True)
class Variable:
    """An input or an output: its name and shape."""

    name: str
    shape: tuple[int, ...]

    @property
    def entries(self) -> list[str]:
        """What its entries are called, in order: x[0, 1], …; a lone number bears the plain name."""
        indices = product(*map(range, self.shape))
        return [f"{self.name}[{', '.join(map(str, i))}]" if i else self.name for i in indices]


@dataclass(frozen=True)
class Matrix:
    """One block laid out as a matrix: a row an entry of `row`, a column an entry of `column`.

    truth holds balls; said and errors (in roundings) hold one array for each backend that answered.
    """

    label: str
    row: Variable
    column: Variable
    truth: np.ndarray
    said: Mapping[str, np.ndarray]
    errors: Mapping[str, np.ndarray]

    @property
    def rounded(self) -> np.ndarray:
        """The truth as the nearest float64 numbers."""
        return self.truth.astype(float)

    @property
    def is_zero(self) -> bool:
        """Zero in truth and in every answer."""
        return not any(np.any(part) for part in (self.rounded, *self.said.values()))


@dataclass(frozen=True)
class Comparison:
    """A Jacobian or Hessian, block by block.

    outputs: the true values. ways: backend → how it was asked. missing: backend → why it said
    nothing.
    """

    question: str
    twin: Twin
    case: Case
    outputs: Mapping[str, np.ndarray]
    cotangents: list[np.ndarray]
    matrices: list[Matrix]
    ways: Mapping[str, str]
    missing: Mapping[str, str]

    @property
    def worst(self) -> dict[str, float]:
        """The largest error of each backend that answered, in roundings."""
        return {
            name: max(float(np.max(m.errors[name], initial=0.0)) for m in self.matrices)
            for name in self.ways
        }

    @property
    def ok(self) -> bool:
        """Every framework answered, within the budget."""
        return not self.missing and all(e <= self.twin.allowed for e in self.worst.values())


def compare(question: str, request: Request) -> Comparison:
    """Ask both frameworks for the "jacobian" or the "hessian" of a catalog layer.

    Raises:
        UsageError: no such layer, dtype, case or setting; or the question has no right answer here.
        MissingFramework: the layer's framework is not installed.
    """
    twin = layer(request.layer)
    options = Options((question,), (request.dtype,), seed=request.seed, case=request.case)
    case = pick(twin, request, options)
    truth = _truth(twin, case, question)
    shapes = [output.shape for output in asked_of(question, truth.outputs)]
    ones = [case.precision.round(np.ones(shape)) for shape in shapes]
    g = ones if request.ones else case.cotangents(shapes)
    backends = connect([twin], options)
    answers = [_answer(backend, case, question, truth, g) for backend in backends.values()]
    given = {a.backend: a for a in answers if a.blocks and not a.failed}
    return Comparison(
        question,
        twin,
        case,
        {
            output.name: block.truth.astype(float)
            for output, block in zip(
                _outputs("value", truth), truth.blocks("value", "", g), strict=True
            )
        },
        g,
        list(_matrices(question, truth, g, given)),
        {name: answer.variant for name, answer in given.items()},
        {a.backend: a.failed or a.unsupported for a in answers if a.backend not in given},
    )


def pick(twin: Twin, request: Request, options: Options) -> Case:
    """The case to show: the one that was asked for, or a small one."""
    case = plan([(twin.name, twin)], options)[0].case
    if request.at is not None:
        case = _given(twin, case, request.at)
    elif request.case is None and twin.is_elementwise:
        few = {name: _spread(x) for name, x in case.inputs.items()}
        case = replace(case, id=f"{case.id} ({FEW} entries of it)", inputs=few)
    for name in request.settings:
        choose(f"setting of {twin.name}", name, _settings(twin))
    return replace(case, settings=dict(case.settings) | dict(request.settings))


def _spread(x: np.ndarray) -> np.ndarray:
    """A few entries, from the smallest to the largest."""
    return np.sort(x, axis=None)[np.linspace(0, x.size - 1, FEW).astype(int)]


def _given(twin: Twin, case: Case, at: tuple[float, ...]) -> Case:
    if not twin.is_elementwise:
        raise UsageError(
            f"--at gives the one input of an elementwise layer, {twin.name} takes "
            f"{', '.join(twin.inputs)}; choose its case with --case and --seed"
        )
    x = case.precision.round(np.array(at))
    return replace(case, id="given-0", inputs=dict.fromkeys(twin.inputs, x))


def _settings(twin: Twin) -> list[str]:
    assert twin.definition is not None  # as every layer of the catalog has one
    return [name for name in signature(twin.definition).parameters if name not in twin.inputs]


def _truth(twin: Twin, case: Case, question: str) -> Truth:
    truth = Truth(twin, case)
    reason = truth.not_judged(question)
    if not truth.whole:
        reason = f"{case.size} input entries are more than the {LARGEST_WHOLE} that can be shown"
    if reason:
        raise UsageError(
            f"the {question} of {twin.name} in case {case.id} cannot be shown: {reason}; "
            "choose another --case, or --at"
        )
    return truth


def _answer(
    backend: Backend, case: Case, question: str, truth: Truth, g: list[np.ndarray]
) -> Answer:
    """The answer in the first way of asking that the layer supports."""
    for way in backend.variants[question]:
        said = backend.ask(truth.twin.layer(backend.name), case, question, way, g)
        if not said.unsupported:
            break
    return inspected(said, case, truth.outputs)


def _matrices(
    question: str, truth: Truth, g: list[np.ndarray], given: Mapping[str, Answer]
) -> Iterator[Matrix]:
    case = truth.case
    inputs = [Variable(n, x.shape) for n, x in zip(case.differentiable, case.reals, strict=True)]
    pairs = product(_outputs(question, truth) if question == "jacobian" else inputs, inputs)
    for block, (row, column) in zip(truth.blocks(question, "", g), pairs, strict=True):
        shape = (len(row.entries), len(column.entries))
        said = {name: answer.blocks[block.label] for name, answer in given.items()}
        yield Matrix(
            f"d{row.name}/d{column.name}" if question == "jacobian" else block.label,
            row,
            column,
            block.truth.reshape(shape),
            {name: array.reshape(shape) for name, array in said.items()},
            {
                name: in_roundings(array, block, case.precision).reshape(shape)
                for name, array in said.items()
            },
        )


def _outputs(question: str, truth: Truth) -> list[Variable]:
    """The outputs that a question is about, called y, or f where an input is called y."""
    letter = "f" if "y" in truth.case.inputs else "y"
    outputs = asked_of(question, truth.outputs)
    return [Variable(letter + output.path, output.shape) for output in outputs]
