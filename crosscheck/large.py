"""Large arrays: a layer's float64 answer in place of balls, entry by entry, at a million entries.

That answer is itself judged: a slice of it by the truth, where rows are independent, and what has
no rows by the other framework's. The unit of an error is how far it moves when what it depends on
moves by one rounding of the type in question: in each entry for the strict standard, at most over
the block for the sound one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import log2

import numpy as np

from crosscheck.answer import Answer
from crosscheck.backends import Backend
from crosscheck.block import Block, Numbers
from crosscheck.case import Case, chosen
from crosscheck.large_slice import Slice, independent_rows
from crosscheck.precision import PRECISIONS, is_floating
from crosscheck.question import Output
from crosscheck.truth import NO_JACOBIAN, Truth
from crosscheck.twin import Layer, Twin
from crosscheck.unit import eta

MOVES = 2
NEAR = 2.0**-27  # how near the two frameworks' float64 answers must be: all that float32 can tell
WEAKER = "large arrays: judged by the float64 answers of both frameworks, which proves less"
Arrays = list[np.ndarray]
Blocks = dict[str, np.ndarray]


class Large:
    """Stands in for `Truth`, with the same interface, at sizes that are out of its reach."""

    whole, torn = False, False

    def __init__(self, twin: Twin, case: Case, sides: Sequence[tuple[Backend, Layer]]) -> None:
        self.twin, self.case, self.sides = twin, case, sides
        self.standard = twin.standard
        self.trusted = True  # whether the last blocks are right as far as can be told
        # A sum of n terms, taken in pairs, has rounded each log2(n) times.
        self.slack = log2(case.size) if self.standard == "sound" else 0.0
        self._made: dict[str, tuple[list[Block], bool]] = {}

    @property
    def weaker(self) -> str:
        """Why its verdicts prove less: where no truth judges the float64 answer."""
        return "" if self._slice else WEAKER

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
        blocks, self.trusted = self._made[question]
        return blocks

    def _judged(self, question: str, cotangents: Arrays) -> tuple[list[Block], bool]:
        g = [gi.astype(float) for gi in cotangents]
        answers = self._answers(question, self._doubles, g)
        right = [self._is_right(question, g, answer, answers) for answer in answers]
        believed = answers[right.index(True) if any(right) else 0]
        moved = [
            self._answers(question, self._moved(seed), _rounded(g, self._u, seed))[0]
            for seed in range(MOVES)
        ]
        least = eta(self.case, question, cotangents)
        return list(self._blocks(believed, moved, least)), any(right)

    @property
    def _u(self) -> float:
        return self.case.precision.u

    def _blocks(self, believed: Blocks, moved: list[Blocks], least: float) -> Iterator[Block]:
        for label, y in believed.items():
            apart = [np.nan_to_num(np.abs(other[label] - y)) for other in moved]
            unit = self._u * np.abs(np.nan_to_num(y)) + np.max(apart, axis=0) + least
            unit *= 1 + PRECISIONS["float64"].u / self._u  # what the float64 answer leaves open
            if self.standard == "sound":
                inside = np.abs(y) <= self.case.precision.largest
                unit = np.full(y.shape, np.max(unit, initial=least, where=inside))
            yield Numbers(label, y.astype(float), unit, least)

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

    def _is_right(self, question: str, g: Arrays, answer: Blocks, answers: list[Blocks]) -> bool:
        part = self._slice
        unsliced = [k for k, block in answer.items() if not (part and part.has_rows(block.shape))]
        agree = not unsliced or len(answers) > 1
        near = (_near(answer[k], other[k]) for other in answers for k in unsliced)
        return agree and all(near) and (part is None or self._slice_is_right(question, g, answer))

    def _slice_is_right(self, question: str, g: Arrays, answer: Blocks) -> bool:
        """Whether the rows of an answer are within the budget of the truth."""
        part = self._slice
        assert part is not None
        truth = Truth(self.twin, part.case(self._doubles))
        blocks = truth.blocks(question, "", [part.taken(gi) for gi in g])
        return all(
            bool(np.all(b.errors(part.taken(said), truth.case.precision) <= self.twin.allowed))
            for b, said in zip(blocks, answer.values(), strict=True)
            if part.has_rows(said.shape)
        )


def _rounded(arrays: Arrays, u: float, seed: int) -> Arrays:
    """Each number one rounding up or down."""
    rng = np.random.default_rng(seed)
    return [a * (1 + u * rng.choice([-1.0, 1.0], a.shape)) for a in arrays]


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.max(np.abs(a - b), initial=0.0) <= NEAR * np.max(np.abs(b), initial=0.0))
