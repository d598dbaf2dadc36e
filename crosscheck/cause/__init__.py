"""Causes: what the numbers show of a wrong answer, in a sentence; nothing where they show none.

Each hypothesis is a function from Evidence to a sentence or ""; the first that explains every entry
of a block within what rounding allows is named. What only other verdicts can tell is added in
`siblings`, once all of them are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from crosscheck.answer import Answer
from crosscheck.authority import Authority
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.cause.cotangent import absolute, in_part, swapped
from crosscheck.cause.digits import coarse
from crosscheck.cause.evidence import Arrays, Evidence
from crosscheck.cause.factor import constant_factor
from crosscheck.cause.place import at_kink, edge, extreme, mask, not_finite, zero
from crosscheck.cause.shape import refused, transposed, unreduced
from crosscheck.cause.siblings import with_siblings
from crosscheck.question import asked_of
from crosscheck.verdict import Verdict

__all__ = ["likely", "with_siblings"]

HYPOTHESES: tuple[Callable[[Evidence], str], ...] = (
    unreduced,
    not_finite,
    zero,
    at_kink,
    constant_factor,
    transposed,
    swapped,
    absolute,
    in_part,
    coarse,
    edge,
    mask,
    extreme,
)


def likely(
    truth: Authority,
    blocks: Sequence[Block],
    answers: Sequence[Answer],
    verdict: Verdict,
) -> str:
    """The cause of a verdict's failure, for each side that is wrong; empty where none shows."""
    if verdict.culprit == "unknown":
        return ""
    wrong = [a for a in answers if not verdict.errors[a.backend] <= verdict.budget]
    causes = {a.backend: _cause(truth, blocks, a, verdict.budget) for a in wrong}
    if len(set(causes.values())) == 1:
        return next(iter(causes.values()))
    return "; ".join(f"{side}: {words}" for side, words in causes.items() if words)


def _cause(truth: Authority, blocks: Sequence[Block], answer: Answer, budget: float) -> str:
    """The causes that the blocks of one answer show, and where."""
    if list(answer.blocks) != [block.label for block in blocks]:
        return refused(answer.failed)
    found: dict[str, list[str]] = {}
    for k, block in enumerate(blocks):
        evidence = _evidence(truth, block, k, answer, budget)
        if evidence.wrong.any():
            found.setdefault(_first(evidence), []).append(block.label)
    where = len(blocks) > 1
    return "; ".join(
        f"{words} (in {', '.join(labels)})" if where else words
        for words, labels in found.items()
        if words
    )


def _first(evidence: Evidence) -> str:
    return next(filter(None, (hypothesis(evidence) for hypothesis in HYPOTHESES)), "")


def _evidence(truth: Authority, block: Block, k: int, answer: Answer, budget: float) -> Evidence:
    case, question = truth.case, answer.question
    said = answer.blocks[block.label]
    cotangents = case.cotangents([y.shape for y in asked_of(question, truth.outputs)])
    names = case.differentiable

    def elsewhere(g: Arrays) -> np.ndarray | None:
        return truth.elsewhere(question, list(g)).get(block.label)

    return Evidence(
        question=question,
        said=said.astype(float),
        truth=block.truth.astype(float),
        room=budget * block.unit,
        wrong=_wrong(said, block, case, budget),
        x=names[k % len(names)] if question not in ("value", "jvp") and truth.whole else "",
        g=cotangents[k].astype(float) if question == "jvp" else None,
        case=case,
        kinks=truth.twin.kinks,
        cotangents=cotangents,
        elsewhere=elsewhere,
    )


def _wrong(said: np.ndarray, block: Block, case: Case, budget: float) -> np.ndarray:
    if said.shape != block.truth.shape:
        return np.ones(block.truth.shape, dtype=bool)
    errors = block.errors(said, case.precision)
    return ~(errors <= budget).reshape(said.shape)
