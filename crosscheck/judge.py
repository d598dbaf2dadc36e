"""Judging: answers against the truth, entry by entry, in roundings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from typing import Any

import flint
import numpy as np
from flint import arb

from crosscheck.answer import Answer
from crosscheck.case import Case
from crosscheck.precision import Precision
from crosscheck.truth import BITS, Block
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
        blind = not floor <= BLIND
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
            undefined=sum(_is_undefined(t) for block in blocks for t in block.truth.ravel()),
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
        errors = roundings(said, block, precision)
        if errors.size and errors.max() > worst.error:
            worst = Finding(float(errors.max()), b, int(errors.argmax()))
    return worst


def roundings(said: np.ndarray, block: Block, precision: Precision) -> np.ndarray:
    """The error of every entry, flat; infinite where one is NaN or infinite and should not be."""
    entries = zip(
        said.astype(float).ravel().tolist(),
        block.truth.ravel().tolist(),
        block.unit.ravel().tolist(),
        strict=True,
    )
    return np.array([_error(y, truth, unit, precision) for y, truth, unit in entries], dtype=float)


def _is_undefined(truth: Any) -> bool:
    return isinstance(truth, arb) and not truth.is_finite()


def _error(said: float, truth: Any, unit: float, precision: Precision) -> float:
    if isinstance(truth, float):  # stated by the Twin
        return 0.0 if said == truth or (isnan(said) and isnan(truth)) else inf
    if _is_undefined(truth):  # nothing is known, and NaN is right
        return 0.0
    if not isfinite(said):
        beyond = truth * said > 0 and abs(truth) * (1 + 8 * precision.u) > precision.largest
        return 0.0 if beyond and not isnan(said) else inf
    difference = abs(arb(said) - truth)
    return 0.0 if difference == 0 else float((difference / unit).abs_upper())


def _floor(blocks: Sequence[Block], budget: float, precision: Precision) -> float:
    """Largest error that passes, against the largest true entry of a block.

    Against 1 where all of them are zero, may be, or are so small that they may be flushed to it.
    Infinite if there are entries and none of them has a truth.
    """
    floors = [_block_floor(block, budget, precision) for block in blocks if block.truth.size]
    known = [floor for floor in floors if floor is not None]
    return max(known, default=inf if floors else 0.0)


def _block_floor(block: Block, budget: float, precision: Precision) -> float | None:
    entries = list(zip(block.truth.ravel().tolist(), block.unit.ravel().tolist(), strict=True))
    known = [(t, unit) for t, unit in entries if isinstance(t, float) or t.is_finite()]
    if not known:
        return None
    balls = [(t, unit) for t, unit in known if isinstance(t, arb)]
    sizes = [(0.0 if t.contains(0) else float(t.abs_upper()), unit) for t, unit in balls]
    inside = [(size, unit) for size, unit in sizes if size <= precision.largest]
    largest = max((size for size, _ in inside), default=0.0)
    flushed = largest <= 2 * budget * block.eta
    return budget * max((unit for _, unit in inside), default=0.0) / (1.0 if flushed else largest)


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


def _written(truth: Any) -> str:
    """Twenty digits; with the radius where the ball reaches to zero."""
    if not isinstance(truth, arb):
        return str(truth)
    return str(truth.str(20, radius=truth.contains(0) and not truth.is_zero()))


def _values(
    blocks: Sequence[Block], answers: Sequence[Answer], findings: dict[str, Finding], worst: Finding
) -> dict[str, Any]:
    if worst.message or not blocks[worst.block].truth.size:
        return {}
    block = blocks[worst.block]
    truth = block.truth.ravel()[worst.entry]
    said = {
        a.backend: float(a.blocks[block.label].ravel()[worst.entry])
        for a in answers
        if not findings[a.backend].message
    }
    return {"truth": _written(truth)} | said
