"""Large arrays: a layer's float64 answer in place of balls, entry by entry, at a million entries.

That answer is itself judged: a slice of it by the truth, where rows are independent, and what has
no rows by the other framework's. The unit of an error is how far it moves when what it depends on
moves by one rounding of the type in question: in each entry for the strict standard, at most over
the block for the sound one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from crosscheck.answer import Answer
from crosscheck.backends import Backend
from crosscheck.block import Block, Numbers
from crosscheck.case import Case, chosen
from crosscheck.large_slice import Slice, independent_rows
from crosscheck.precision import PRECISIONS, is_floating
from crosscheck.question import Output
from crosscheck.truth import NO_JACOBIAN, Truth
from crosscheck.twin import STANDARDS, Layer, Twin
from crosscheck.unit import eta

MOVES = 2
MOST_PROJECTED = 2500  # entries
NEAR = 2.0**-27  # how near the two frameworks' float64 answers must be: all that float32 can tell
WEAKER = "large arrays: judged by the float64 answers of both frameworks, which proves less"
Arrays = list[np.ndarray]
Blocks = dict[str, np.ndarray]


@dataclass(frozen=True)
class Made:
    """Blocks of an answer, and whether they can be believed."""

    blocks: list[Block]
    trusted: bool = True
    torn: bool = False


class Large:
    """Stands in for `Truth`, with the same interface, at sizes that are out of its reach."""

    whole = False

    def __init__(self, twin: Twin, case: Case, sides: Sequence[tuple[Backend, Layer]]) -> None:
        self.twin, self.case, self.sides = twin, case, sides
        self.standard = twin.standard
        self.trusted = True  # whether the last blocks are right as far as can be told
        self.torn = False  # whether no answer can be believed
        self._truths: dict[str, list[Block]] = {}
        self._made: dict[str, Made] = {}

    @property
    def weaker(self) -> str:
        """Why its verdicts prove less: where no truth judges the float64 answer."""
        return "" if self._slice or self._projected else WEAKER

    @cached_property
    def _slice(self) -> Slice | None:
        return independent_rows(self.twin, self._doubles)

    @cached_property
    def _doubles(self) -> Case:
        """The same numbers in float64."""
        return self._moved(None)

    @cached_property
    def outputs(self) -> list[Output]:
        """What the layer returns."""
        for answer in self._answers("value", self._doubles, []):
            return [
                Output(label.removeprefix("y"), block.shape, is_floating(block.dtype))
                for label, block in answer.items()
            ]
        raise self.twin.error("the layer raises in float64 on large arrays; make it run")

    def not_judged(self, question: str) -> str:
        """Why a question is not asked; empty if it is."""
        return NO_JACOBIAN if question == "jacobian" else ""

    def elsewhere(self, question: str, cotangents: Arrays) -> Blocks:
        """Nothing is known of cotangents that were not asked about."""
        return {}

    def project(self, answer: Answer) -> Answer:
        """Answers are compared as they are."""
        return answer

    def blocks(self, question: str, variant: str, cotangents: Arrays) -> list[Block]:
        """The float64 answer to believe, whichever `variant` of asking is used."""
        if question not in self._made:
            with np.errstate(all="ignore"):
                self._made[question] = self._judged(question, cotangents)
        made = self._made[question]
        self.trusted, self.torn = made.trusted or not made.torn, made.torn
        return made.blocks

    def _judged(self, question: str, cotangents: Arrays) -> Made:
        g = [gi.astype(float) for gi in cotangents]
        answers = self._answers(question, self._doubles, g)
        judged = len(answers) > 1 or self._slice is not None or self._projected is not None
        if not (answers and judged):
            return Made([])
        rows = self._rows_for(answers)
        right = [self._is_right(question, g, answer, answers, rows) for answer in answers]
        k = right.index(True) if any(right) else 0
        moves = [(self._moved(seed), _rounded(g, self._u, seed)) for seed in range(MOVES)]
        moved = [self._answers(question, *move)[k] for move in moves]
        true = self._with_truth(question, g, answers[k], rows)
        blocks = self._blocks(true, answers[k], moved, eta(self.case, question, cotangents))
        return Made(list(blocks), any(right), not any(right) and self._slice is None)

    @property
    def _u(self) -> float:
        return self.case.precision.u

    def _blocks(
        self, true: Blocks, answer: Blocks, moved: list[Blocks], least: float
    ) -> Iterator[Block]:
        for label, y in answer.items():
            apart = [np.nan_to_num(np.abs(other[label] - y)) for other in moved]
            unit = self._u * np.abs(np.nan_to_num(y)) + np.max(apart, axis=0) + least
            unit *= 1 + PRECISIONS["float64"].u / self._u  # what the float64 answer leaves open
            if self.standard == "sound":
                inside = np.abs(y) <= self.case.precision.largest
                largest = np.max(unit, initial=least, where=inside)
                unit = np.full(y.shape, largest * self._summed(y.size))
            yield Numbers(label, true[label].astype(float), unit, least)

    def _summed(self, entries: int) -> float:
        """By how much more a plain sum moves when its partial sums are rounded, not its terms only.

        With n terms of random sign and size t the partial sums are about t √k, and roundings of all
        of them add up to u t n/√6 (as in Monte Carlo arithmetic); those of the terms to u t √n.
        """
        terms = max(x.size for x in self.case.reals) / max(entries, 1)
        return max(1.0, sqrt(terms / 6))

    def _answers(self, question: str, case: Case, g: Arrays) -> list[Blocks]:
        """What the frameworks say, each in the first way that works."""
        answers = []
        for backend, layer in self.sides:
            said = (backend.ask(layer, case, question, v, g) for v in backend.variants[question])
            answers += [dict(answer.blocks) for answer in said if answer.blocks][:1]
        return answers

    def _moved(self, seed: int | None) -> Case:
        """The case in float64; with a seed, all its numbers moved by a rounding."""
        names = self.case.differentiable
        reals, tangents = self.case.reals, self.case.tangents()
        doubles = [[a.astype(float) for a in group] for group in (reals, tangents)]
        if seed is not None:
            doubles = [_rounded(group, self._u, seed) for group in doubles]
        inputs = dict(self.case.inputs) | dict(zip(names, doubles[0], strict=True))
        return chosen(self.case, inputs, doubles[1], PRECISIONS["float64"])

    def _rows_for(self, answers: list[Blocks]) -> Slice | None:
        """The slice, with the rows in which the frameworks differ most."""
        if self._slice is None or len(answers) < 2:
            return self._slice
        return self._slice.with_largest([answers[0][k] - answers[1][k] for k in answers[0]])

    def _is_right(
        self, question: str, g: Arrays, answer: Blocks, answers: list[Blocks], rows: Slice | None
    ) -> bool:
        if rows is not None and not self._slice_is_right(question, g, answer, rows):
            return False
        if self._projected is not None:
            return self._projection_is_right(question, g, answer)
        unsliced = [k for k, block in answer.items() if not (rows and rows.has_rows(block.shape))]
        return all(_near(answer[k], other[k]) for other in answers for k in unsliced)

    @cached_property
    def _projected(self) -> Truth | None:
        """The truth of the whole case, where balls can be had for its projections at least."""
        if self.twin.definition is None or self.case.size > MOST_PROJECTED:
            return None
        return Truth(self.twin, self._doubles)

    def _projection_is_right(self, question: str, g: Arrays, answer: Blocks) -> bool:
        truth = self._projected
        assert truth is not None
        said = truth.project(Answer("", question, "", "", blocks=answer)).blocks.values()
        pairs = zip(truth.blocks(question, "", g), said, strict=True)
        budget = STANDARDS[truth.standard]
        return all(bool(np.all(b.errors(y, PRECISIONS["float64"]) <= budget)) for b, y in pairs)

    def _slice_is_right(self, question: str, g: Arrays, answer: Blocks, rows: Slice) -> bool:
        """Whether the rows of an answer are within the budget of the truth."""
        return all(
            bool(np.all(block.errors(said, PRECISIONS["float64"]) <= self.twin.allowed))
            for block, said in self._of_rows(question, g, answer, rows)
        )

    def _of_rows(
        self, question: str, g: Arrays, answer: Blocks, rows: Slice
    ) -> Iterator[tuple[Block, np.ndarray]]:
        """What the truth says of the rows of a slice, and what an answer says."""
        if question not in self._truths:
            truth = Truth(self.twin, rows.case(self._doubles))
            self._truths[question] = truth.blocks(question, "", [rows.taken(gi) for gi in g])
        for block, said in zip(self._truths[question], answer.values(), strict=True):
            if rows.has_rows(said.shape):
                yield block, rows.taken(said)

    def _with_truth(self, question: str, g: Arrays, answer: Blocks, rows: Slice | None) -> Blocks:
        """The answer with the rows of the slice as the truth has them, should it be wrong there."""
        if rows is None:
            return answer
        true = {b.label: b.truth for b, _ in self._of_rows(question, g, answer, rows)}
        return {k: rows.put(said, true[k]) if k in true else said for k, said in answer.items()}


def _rounded(arrays: Arrays, u: float, seed: int) -> Arrays:
    """Each number one rounding up or down."""
    rng = np.random.default_rng(seed)
    return [a * (1 + u * rng.choice([-1.0, 1.0], a.shape)) for a in arrays]


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.max(np.abs(a - b), initial=0.0) <= NEAR * np.max(np.abs(b), initial=0.0))
