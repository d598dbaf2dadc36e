"""Structure: an answer's outputs, shapes and types, before any numbers are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crosscheck.answer import Answer
from crosscheck.case import Case
from crosscheck.question import Output, asked_of, labels, shapes


def inspected(answer: Answer, case: Case, outputs: Sequence[Output]) -> Answer:
    """The answer, marked as failed where its structure is wrong."""
    if answer.unsupported or answer.failed:
        return answer
    return replace(answer, failed=_misfit(answer, case, outputs))


def misshapen(answer: Answer, case: Case, outputs: Sequence[Output]) -> str:
    """What is wrong with an answer's outputs or their shapes; empty if nothing is."""
    outputs = asked_of(answer.question, outputs)
    names = labels(answer.question, [output.path for output in outputs], case.differentiable)
    inputs = [x.shape for x in case.reals]
    sizes = shapes(answer.question, [output.shape for output in outputs], inputs)
    if list(answer.blocks) != names:
        return f"returned {', '.join(answer.blocks) or 'nothing'}; expected {', '.join(names)}"
    for label, shape in zip(names, sizes, strict=True):
        if answer.blocks[label].shape != shape:
            return f"{label} has shape {answer.blocks[label].shape}; expected {shape}"
    return ""


def _misfit(answer: Answer, case: Case, outputs: Sequence[Output]) -> str:
    return misshapen(answer, case, outputs) or _of_wrong_type(answer, case, outputs)


def _of_wrong_type(answer: Answer, case: Case, outputs: Sequence[Output]) -> str:
    whole = {f"y{output.path}" for output in outputs if not output.floating}
    for label, said in answer.blocks.items():
        if label in whole and said.dtype.kind not in "iub":
            return f"{label} has dtype {said.dtype.name}; expected whole numbers or truth values"
        if label not in whole and said.dtype.name != case.precision.name:
            return f"{label} has dtype {said.dtype.name}; expected {case.precision.name}"
    return ""
