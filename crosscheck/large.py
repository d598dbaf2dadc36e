"""Large arrays: a layer's float64 answer in place of balls, entry by entry, at a million entries.

That answer is itself judged (`large_judges`): by the truth of rows, where rows are independent, or
of single entries; and by its projection, where balls can be had for that. Errors are counted in the
units of `large_units`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np

from crosscheck import large_units
from crosscheck.answer import Answer
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.large_answers import Arrays, Blocks, Side, asked, numbers, outputs, when_moved
from crosscheck.large_doubts import MORE, Doubts
from crosscheck.large_judges import (
    ByOther,
    ByProjection,
    BySlice,
    Judge,
)
from crosscheck.large_slice import Slice, independent_rows
from crosscheck.large_spots import BySpots, by_spots
from crosscheck.question import Output, asked_of
from crosscheck.truth import NO_JACOBIAN, Truth
from crosscheck.twin import Twin
from crosscheck.unit import eta

MOST_PROJECTED = 2500  # entries
ASKED = {"value": "value", "vjp": "vjp", "jvp": "jvp", "hessian": "product"}
Sides = Sequence[Side]
WEAKER = "large arrays: judged by the float64 answers of both frameworks, which proves less"


@dataclass(frozen=True)
class Made:
    """Blocks of an answer, and how far they can be believed."""

    blocks: list[Block]
    answer: Blocks = field(default_factory=dict)
    side: Side | None = None  # whose answer it is
    torn: bool = False  # whether no answer can be believed
    weaker: str = ""  # why verdicts prove less


class Large:
    """Stands in for `Truth`, with the same interface, at sizes that are out of its reach."""

    whole = False

    def __init__(self, twin: Twin, case: Case, sides: Sides, questions: Iterable[str]) -> None:
        self.twin, self.case, self.sides = twin, case, sides
        self.last = Made([])
        self._questions = [ASKED[question] for question in questions if question in ASKED]
        self._made: dict[str, Made] = {}
        self._answered: dict[str, list[tuple[Blocks, Side]]] = {}
        self._judged_by: dict[str, list[Judge]] = {}

    @property
    def trusted(self) -> bool:
        """Whether the last blocks are right as far as can be told."""
        return not self.last.torn

    @property
    def torn(self) -> bool:
        """Whether no answer can be believed."""
        return self.last.torn

    @property
    def weaker(self) -> str:
        """Why the last verdicts prove less: where no truth judges the float64 answer."""
        return self.last.weaker

    def standard_of(self, question: str) -> str:
        """The standard that its units are those of."""
        return self.twin.standard_of(question)

    @cached_property
    def _slice(self) -> Slice | None:
        return independent_rows(self.twin, self._doubles)

    @cached_property
    def _doubles(self) -> Case:
        """The same numbers in float64."""
        return large_units.in_float64(self.case)

    def _g(self, question: str) -> Arrays:
        """The case's cotangents, where the question has any."""
        asked_about = [] if question == "value" else asked_of(question, self.outputs)
        return [g.astype(float) for g in self.case.cotangents([y.shape for y in asked_about])]

    def _said(self, question: str) -> list[tuple[Blocks, Side]]:
        """The float64 answers to a question that have its form, and whose they are."""
        if question not in self._answered:
            g, case = self._g(question), self._doubles
            said = [(asked(side, question, case, g), side) for side in self.sides]
            formed = [(numbers(answer, case, self.outputs), side) for answer, side in said]
            self._answered[question] = [(blocks, side) for blocks, side in formed if blocks]
        return self._answered[question]

    def _judges(self, question: str) -> list[Judge]:
        """All that can be said of the answers to a question."""
        if question not in self._judged_by:
            answers = [blocks for blocks, _ in self._said(question)]
            with np.errstate(all="ignore"):
                found = self._found(question, self._g(question), answers) if answers else ()
                self._judged_by[question] = list(found)
        return self._judged_by[question]

    @cached_property
    def _spots(self) -> dict[str, BySpots]:
        """The judges of single entries, by question."""
        if self.twin.definition is None:
            return {}
        answers = {q: [a for a, _ in self._said(q)] for q in self._questions if self._said(q)}
        return by_spots(self.twin, self._doubles, self._g("vjp"), answers)

    @cached_property
    def outputs(self) -> list[Output]:
        """What the layer should return."""
        return outputs(self.twin, self.sides, self._doubles)

    def not_judged(self, question: str) -> str:
        """Why a question is not asked; empty if it is."""
        if question == "jacobian":
            return NO_JACOBIAN
        if question == "value":
            return ""
        return next((j.tie for j in self._judges(ASKED[question]) if j.tie), "")

    def elsewhere(self, question: str, cotangents: Arrays) -> Blocks:
        """Nothing is known of cotangents that were not asked about."""
        return {}

    def project(self, answer: Answer) -> Answer:
        """Answers are compared as they are."""
        return answer

    def stricter(self, question: str, cotangents: Arrays) -> list[Block]:
        """There are units of one standard only."""
        return []

    def blocks(self, question: str, variant: str, cotangents: Arrays) -> list[Block]:
        """The float64 answer to believe, whichever `variant` of asking is used."""
        if question not in self._made:
            with np.errstate(all="ignore"):
                self._made[question] = self._judged(question)
        self.last = self._made[question]
        return self.last.blocks

    def _judged(self, question: str) -> Made:
        g, said = self._g(question), self._said(question)
        answers = [answer for answer, _ in said]
        judges = self._judges(question)
        if not judges:
            return Made([])
        errors = [[judge.error(answer) for judge in judges] for answer in answers]
        k = int(np.argmin([max(each) for each in errors]))
        standard = self.standard_of(question)
        draws = 1 if self.twin.is_elementwise else large_units.DRAWS
        moves = large_units.moves(self.case, standard, question, g, draws)
        m = _first_right(errors, k)
        moved = list(when_moved(said[m][1], question, moves))
        true = reduce(lambda answer, judge: judge.corrected(answer), judges, answers[k])
        least = eta(self.case, question, g)
        blocks = large_units.blocks(self.case, standard, true, answers[m], moved, least, draws)
        pairs = list(zip(errors[k], judges, strict=True))
        shown = any(error > 1 and judge.corrects for error, judge in pairs)
        weaker = all(isinstance(judge, ByOther) for judge in judges)
        torn = max(errors[k]) > 1 and not shown
        return Made(list(blocks), answers[m], said[m][1], torn, WEAKER if weaker else "")

    def closer(self, question: str, said: Sequence[Answer], budget: float) -> list[Block]:
        """The last blocks, with units of more draws where those of few may be to blame."""
        made, case = self._made[question], self.case
        exact = self.standard_of(question) != "strict" or self.twin.is_elementwise
        given = [[*a.blocks.values()] for a in said if a.blocks and not a.failed]
        if exact or made.side is None or not given:
            return []
        g, side = self._g(question), made.side
        moves = large_units.moves(case, "strict", question, g, MORE, large_units.DRAWS)
        moved = when_moved(side, question, moves)
        doubts = Doubts(case, made.answer, moved, eta(case, question, g))
        with np.errstate(all="ignore"):
            closer = doubts.resolved(made.blocks, given, budget)
        if closer:
            self.last = self._made[question] = replace(made, blocks=closer)
        return closer

    def _found(self, question: str, g: Arrays, answers: list[Blocks]) -> Iterator[Judge]:
        doubles, seen = self._doubles, list(answers[0])
        if rows := self._rows_for(answers):
            yield BySlice(self.twin, doubles, question, g, rows)
            seen = [k for k in seen if rows.has_rows(answers[0][k].shape)]
        elif question in self._spots:
            yield self._spots[question]
        else:
            seen = []
        if self._projected is not None:
            yield ByProjection(self._projected, question, g)
        elif len(answers) > 1 and len(seen) < len(answers[0]):
            yield ByOther(answers, [k for k in answers[0] if k not in seen])

    def _rows_for(self, answers: list[Blocks]) -> Slice | None:
        """The slice, with the rows in which the frameworks differ most."""
        if self._slice is None or len(answers) < 2:
            return self._slice
        return self._slice.with_largest([answers[0][k] - answers[1][k] for k in answers[0]])

    @cached_property
    def _projected(self) -> Truth | None:
        """The truth of the whole case, where balls can be had for its projections at least."""
        if self.twin.definition is None or self.case.size > MOST_PROJECTED:
            return None
        return Truth(self.twin, self._doubles)


def _first_right(errors: Sequence[Sequence[float]], best: int) -> int:
    """Whose answers to move: all that are right move alike, and the first's, JAX's, take less."""
    return next((k for k, each in enumerate(errors) if max(each) <= 1), best)
