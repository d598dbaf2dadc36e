"""Judges of a float64 answer that is too large for balls: each knows the truth of a part of it.

An error is in units of what is allowed: above 1 the answer is wrong. Together they see an error in
a few entries (spots, among them those in which the frameworks differ most), one in a row (slices)
and one that is spread over all entries (projections).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from crosscheck.answer import Answer
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.large_answers import Arrays, Blocks
from crosscheck.large_slice import Slice
from crosscheck.precision import PRECISIONS
from crosscheck.truth import Truth
from crosscheck.twin import STANDARDS, Twin

NEAR = 2.0**-27  # of the largest entry: all that float32 can tell
DOUBLE = PRECISIONS["float64"]


class Judge(Protocol):
    """What a part of the truth says of an answer to one question."""

    corrects: bool  # whether `corrected` shows what is wrong
    tie: str  # why derivatives have no one right answer in what it looked at; empty if they have

    def error(self, answer: Blocks) -> float:
        """How wrong it is; above 1, too wrong."""

    def corrected(self, answer: Blocks) -> Blocks:
        """The answer with what is known of the truth put in."""


class BySlice:
    """The truth of some rows, where no row depends on another."""

    corrects = True

    def __init__(self, twin: Twin, doubles: Case, question: str, g: Arrays, rows: Slice) -> None:
        self.rows, self._allowed = rows, twin.budget_of(twin.standard_of(question))
        truth = Truth(twin, rows.case(doubles))
        self._truths = truth.blocks(question, "", [rows.taken(gi) for gi in g])
        self.tie = truth.not_judged(question)

    def error(self, answer: Blocks) -> float:
        pairs = self._sliced(answer)
        errors = [b.errors(self.rows.taken(answer[b.label]), DOUBLE) for b in pairs]
        return max((float(np.max(e, initial=0)) for e in errors), default=0.0) / self._allowed

    def corrected(self, answer: Blocks) -> Blocks:
        rows = {b.label: b.truth for b in self._sliced(answer)}
        return answer | {k: self.rows.put(answer[k], true) for k, true in rows.items()}

    def _sliced(self, answer: Blocks) -> list[Block]:
        return [b for b in self._truths if self.rows.has_rows(answer[b.label].shape)]


class ByProjection:
    """The truth of the answer's inner product with a probe."""

    corrects = False

    def __init__(self, truth: Truth, question: str, g: Arrays) -> None:
        self.truth, self.question = truth, question
        self._blocks = truth.blocks(question, "", g)
        self.tie = truth.not_judged(question)

    def error(self, answer: Blocks) -> float:
        said = self.truth.project(Answer("", self.question, "", "", blocks=answer)).blocks
        pairs = zip(self._blocks, said.values(), strict=True)
        errors = [float(np.max(b.errors(y, DOUBLE), initial=0)) for b, y in pairs]
        return max(errors, default=0.0) / STANDARDS[self.truth.standard_of(self.question)]

    def corrected(self, answer: Blocks) -> Blocks:
        return answer


class ByOther:
    """No truth: what the frameworks say, where nothing else sees. The weakest."""

    corrects, tie = False, ""

    def __init__(self, answers: list[Blocks], unseen: list[str]) -> None:
        self.answers, self.unseen = answers, unseen

    def error(self, answer: Blocks) -> float:
        pairs = [(answer[k], other[k]) for other in self.answers for k in self.unseen]
        return max((apart(a, b) for a, b in pairs), default=0.0) / NEAR

    def corrected(self, answer: Blocks) -> Blocks:
        return answer


def apart(a: np.ndarray, b: np.ndarray, largest: float = 0.0) -> float:
    """The largest distance, of the largest entry."""
    distance = np.max(np.nan_to_num(np.abs(a - b), nan=np.inf), initial=0.0)
    return float(distance / (np.max(np.abs(b), initial=largest) or 1.0))
