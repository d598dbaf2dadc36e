"""Judging: answers against the truth, entry by entry, in roundings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import flint
import numpy as np

from crosscheck.answer import Answer
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.precision import Precision
from crosscheck.truth import BITS
from crosscheck.verdict import Verdict

BLIND = 0.5


@dataclass(frozen=True)
class Finding:
    """The worst error of one answer and where it is; or what is wrong with it as a whole."""

    error: float
    block: int = 0
    entry: int = 0
    message: str = ""


def judge(
    layer: str,
    case: Case,
    blocks: Sequence[Block],
    answers: Sequence[Answer],
    *,
    standard: str,
    budget: float,
) -> Verdict:
    """The verdict on the answers to one question in one variant."""
    with flint.ctx.workprec(BITS[-1]):
        findings = {a.backend: _examine(a, blocks, case.precision) for a in answers}
        worst = max(findings.values(), key=lambda f: (f.error, not f.message))
        floor = _floor(blocks, budget, case.precision)
        # Of no entries at all a sum may have no truth, as the log of 0: there is nothing to see.
        blind = not floor <= BLIND and case.draw.sizes != "empty"
        wrong = [name for name, finding in findings.items() if not finding.error <= budget]
        return Verdict(
            layer=layer,
            case=case.id,
            kind=case.kind,
            question=_asked(answers[0].question),
            variant=answers[0].variant,
            dtype=case.precision.name,
            device=answers[0].device,
            standard=standard,
            errors={name: finding.error for name, finding in findings.items()},
            disagreement=_disagreement(answers, blocks, findings),
            budget=budget,
            floor=floor,
            ok=not wrong and not blind,
            blind=blind,
            culprit=_culprit(wrong, blind),
            worst_index=_place(blocks, worst),
            values=_values(blocks, answers, findings, worst),
            repro="",
            settings=case.settings,
            undefined=sum(block.undefined() for block in blocks),
            messages={
                name: finding.message for name, finding in findings.items() if finding.message
            },
        )


def _asked(question: str) -> str:
    return "hessian" if question == "product" else question


def _culprit(wrong: list[str], blind: bool) -> str:
    if len(wrong) == 2:
        return "both"
    if wrong:
        return wrong[0]
    return "unknown" if blind else "none"


def _examine(answer: Answer, blocks: Sequence[Block], precision: Precision) -> Finding:
    if answer.failed:
        return Finding(inf, message=answer.failed)
    worst = Finding(0.0)
    said_blocks = answer.blocks.values() if blocks else ()  # without a truth only failures count
    for b, (block, said) in enumerate(zip(blocks, said_blocks, strict=True)):
        errors = block.errors(said, precision)
        if errors.size and errors.max() > worst.error:
            worst = Finding(float(errors.max()), b, int(errors.argmax()))
    return worst


def _floor(blocks: Sequence[Block], budget: float, precision: Precision) -> float:
    """Largest error that passes, against the largest true entry of a block.

    Against 1 where all of them are zero, may be, or are so small that they may be flushed to it.
    Infinite if there are entries and none of them has a truth.
    """
    floors = [_block_floor(block, budget, precision) for block in blocks if block.truth.size]
    known = [floor for floor in floors if floor is not None]
    return max(known, default=inf if floors else 0.0)


def _block_floor(block: Block, budget: float, precision: Precision) -> float | None:
    known = block.known()
    if known is None:
        return None
    sizes, units = (part[known[0] <= precision.largest] for part in known)
    largest = float(np.max(sizes, initial=0.0))
    flushed = largest <= 2 * budget * block.eta
    return budget * float(np.max(units, initial=0.0)) / (1.0 if flushed else largest)


def _disagreement(
    answers: Sequence[Answer], blocks: Sequence[Block], findings: dict[str, Finding]
) -> float | None:
    if len(answers) < 2:
        return None
    if any(finding.message for finding in findings.values()):
        return inf
    worst = 0.0
    for block, a, b in zip(blocks, *(answer.blocks.values() for answer in answers), strict=True):
        with np.errstate(all="ignore"):
            apart = np.abs(a.astype(float) - b.astype(float)) / block.unit
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        worst = max(
            worst, float(np.max(np.where(same, 0.0, np.nan_to_num(apart, nan=inf)), initial=0.0))
        )
    return worst


def _place(blocks: Sequence[Block], worst: Finding) -> str:
    if worst.message or not blocks[worst.block].truth.size:
        return ""
    block = blocks[worst.block]
    index = np.unravel_index(worst.entry, block.truth.shape)
    return f"{block.label}[{', '.join(map(str, index))}]" if index else block.label


def _values(
    blocks: Sequence[Block], answers: Sequence[Answer], findings: dict[str, Finding], worst: Finding
) -> dict[str, Any]:
    if worst.message or not blocks[worst.block].truth.size:
        return {}
    block = blocks[worst.block]
    said = {
        a.backend: float(a.blocks[block.label].ravel()[worst.entry])
        for a in answers
        if not findings[a.backend].message
    }
    return {"truth": block.written(worst.entry)} | said
