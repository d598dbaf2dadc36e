"""A yardstick for twins without a definition: the float64 answers of both frameworks.

Weaker than the truth.

The unit of an error is how far the float64 answers move when the inputs move by one rounding of the
type in question, plus u·max|block| + η, of finite entries. Where the float64 derivatives disagree
while the values agree, central differences of the value say which side to believe; where they
cannot, nobody is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from flint import arb

from crosscheck import differences
from crosscheck.answer import Answer
from crosscheck.backends import Backend
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.precision import PRECISIONS, is_floating
from crosscheck.question import Output, asked_of, labels
from crosscheck.truth import NO_JACOBIAN
from crosscheck.twin import STANDARDS, Layer, Twin

MOVES = 4
Blocks = dict[str, np.ndarray]


class Yardstick:
    """Stands in for `Truth`, with the same interface."""

    weaker = "no definition: judged by the float64 answers of both frameworks, which proves less"

    def __init__(self, twin: Twin, case: Case, sides: Sequence[tuple[Backend, Layer]]) -> None:
        if len(sides) < 2:
            raise twin.error(
                "expected a definition or the layer in both frameworks; pass definition="
            )
        self.twin, self.case, self.sides = twin, case, sides
        self.whole = case.size <= LARGEST_WHOLE
        self.trusted = True  # whether the last blocks are right as far as can be told
        self.torn = False  # whether they lie between two answers of which neither can be believed

    def standard_of(self, question: str) -> str:
        """The standard that its units are those of."""
        return "sound"

    @cached_property
    def _doubles(self) -> Case:
        inputs = {
            n: a.astype(float) if is_floating(a.dtype) else a for n, a in self.case.inputs.items()
        }
        return replace(self.case, inputs=inputs, precision=PRECISIONS["float64"])

    @cached_property
    def outputs(self) -> list[Output]:
        """What the layer returns."""
        for answer in self._asked("value", "eager", []):
            return [
                Output(label.removeprefix("y"), block.shape, is_floating(block.dtype))
                for label, block in answer.items()
            ]
        raise self.twin.error(
            "the layer raises in both frameworks in float64; make one of them run"
        )

    def not_judged(self, question: str) -> str:
        """Why a question is not asked; empty if it is."""
        if question == "jacobian" and not self.whole:
            return NO_JACOBIAN
        return ""

    def elsewhere(self, question: str, cotangents: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Nothing is known of cotangents that were not asked about."""
        return {}

    def project(self, answer: Answer) -> Answer:
        """Answers are compared as they are."""
        return answer

    def stricter(self, question: str, cotangents: list[np.ndarray]) -> list[Block]:
        """There are units of one standard only."""
        return []

    def closer(self, question: str, said: Sequence[Answer], budget: float) -> list[Block]:
        """There are no better ones."""
        return []

    def blocks(self, question: str, variant: str, cotangents: list[np.ndarray]) -> list[Block]:
        """The float64 answer to believe, and the unit of each block."""
        with np.errstate(all="ignore"):
            answers = self._asked(question, variant, cotangents)
            self.trusted, self.torn = len(answers) == 2, False
            if len(answers) < 2 and (not answers or self.case.precision.name == "float64"):
                return []  # nothing but itself to compare an answer with
            units = self._units(question, variant, cotangents, answers)
            believed, self.trusted = self._believed(question, cotangents, answers, units)
            self.torn = len(answers) == 2 and not self.trusted  # each is judged by the other
        eta = self.case.precision.tiny
        return [
            Block(label, _stated(block), np.full(block.shape, units[label] / (1 + self.torn)), eta)
            for label, block in believed.items()
        ]

    def _asked(
        self, question: str, variant: str, g: list[np.ndarray], case: Case | None = None
    ) -> list[Blocks]:
        """What the frameworks say in float64, in this variant or else in the first that works."""
        answers = []
        for backend, layer in self.sides:
            ways = sorted(backend.variants[question], key=lambda way: way != variant)
            for way in ways:
                said = backend.ask(
                    layer, case or self._doubles, question, way, [c.astype(float) for c in g]
                )
                if said.blocks:
                    answers.append(dict(said.blocks))
                    break
        shapes = [[(label, b.shape) for label, b in answer.items()] for answer in answers]
        return answers if all(s == shapes[0] for s in shapes) else answers[:1]

    def _units(
        self, question: str, variant: str, g: list[np.ndarray], answers: list[Blocks]
    ) -> dict[str, float]:
        u, eta = self.case.precision.u, self.case.precision.tiny
        units = {label: u * max(_size(a[label]) for a in answers) + eta for label in answers[0]}
        for seed in range(MOVES):
            for moved, answer in zip(
                self._asked(question, variant, g, self._moved(seed)), answers, strict=False
            ):
                for label in units:
                    units[label] += _largest(_apart(moved[label], answer[label])) / MOVES
        return units

    def _moved(self, seed: int) -> Case:
        rng = np.random.default_rng(seed)
        inputs = dict(self._doubles.inputs)
        for name in self.case.differentiable:
            inputs[name] = inputs[name] * (
                1 + self.case.precision.u * rng.choice([-1, 1], inputs[name].shape)
            )
        return replace(self._doubles, inputs=inputs)

    def _believed(
        self, question: str, g: list[np.ndarray], answers: list[Blocks], units: dict[str, float]
    ) -> tuple[Blocks, bool]:
        a, b = answers[0], answers[-1]
        middle = {k: np.where(a[k] == b[k], a[k], (a[k] + b[k]) / 2) for k in units}
        apart = {k: float(np.max(_apart(a[k], b[k]), initial=0.0)) / units[k] for k in units}
        if all(distance <= STANDARDS["sound"] for distance in apart.values()):
            return middle, len(answers) == 2
        if question == "value":
            return middle, False
        arbiter = self._differences(question, g)
        distances = [
            sum(float(np.max(_apart(a[label], arbiter[label]), initial=0.0)) for label in arbiter)
            for a in answers
        ]
        near, far = sorted(range(2), key=lambda k: distances[k])
        believable = distances[near] * 4 < distances[far]
        return (answers[near], True) if believable else (middle, False)

    def _differences(self, question: str, g: list[np.ndarray]) -> Blocks:
        """The answer by central differences of the first framework's float64 value."""
        flat = differences.answer(
            question, self._value, _flat(self._doubles.reals), _flat(g), _flat(self.case.tangents())
        )
        outputs = asked_of(question, self.outputs)
        columns = [x.shape for x in self._doubles.reals]
        of_outputs = question in ("jvp", "jacobian")
        rows = [output.shape for output in outputs] if of_outputs else columns
        names = labels(question, [output.path for output in outputs], self.case.differentiable)
        return dict(zip(names, differences.blocks(flat, rows, columns), strict=True))

    def _value(self, flat: np.ndarray) -> np.ndarray:
        inputs, start = dict(self._doubles.inputs), 0
        for name, x in zip(self.case.differentiable, self._doubles.reals, strict=True):
            inputs[name] = flat[start : start + x.size].reshape(x.shape)
            start += x.size
        answer = self._asked("value", "eager", [], replace(self._doubles, inputs=inputs))[0]
        return np.concatenate([b.ravel() for b in answer.values() if is_floating(b.dtype)])


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances; 0 where both are the same infinity or both NaN, infinite where only one is."""
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.nan_to_num(np.abs(a - b), nan=np.inf))


def _stated(block: np.ndarray) -> np.ndarray:
    """Finite entries as balls; infinities and NaN as what must come exactly."""
    balls = np.frompyfunc(lambda y: arb(y) if np.isfinite(y) else float(y), 1, 1)(block)
    return np.asarray(balls, dtype=object)


def _size(block: np.ndarray) -> float:
    """The largest entry that rounding can move; what is not finite must come exactly."""
    return float(np.max(np.abs(block), where=np.isfinite(block), initial=0.0))


def _largest(block: np.ndarray) -> float:
    return float(np.max(np.abs(block), initial=0.0))


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([a.ravel() for a in arrays]).astype(float)
