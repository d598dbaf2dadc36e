"""Truth: balls that hold the right answers to one case, narrow enough to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from linecache import getline
from traceback import walk_tb

import flint
import numpy as np
from flint import arb

from crosscheck import unit
from crosscheck.answer import Answer
from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.errors import NoDefinition, TwinError
from crosscheck.evaluation import Evaluation, Undecided
from crosscheck.expansion import LARGEST_WHOLE, Expansion, Part
from crosscheck.jet_array import CannotDefine
from crosscheck.precision import Precision
from crosscheck.question import Output
from crosscheck.twin import Layer, Twin

BITS = (160, 640, 2560)  # tried in turn, until balls are far narrower than the unit
REPLAYS = 8
SECOND = ("hessian", "product")
NO_JACOBIAN = f"over {LARGEST_WHOLE} input entries: VJP and JVP are judged instead"


class Truth:
    """The right answers for one case of a twin that has a definition."""

    weaker = ""  # why its verdicts prove less: they do not
    trusted, torn = True, False

    def __init__(self, twin: Twin, case: Case) -> None:
        self.twin, self.case = twin, case
        self.whole = case.size <= LARGEST_WHOLE
        self._expansions: dict[tuple[Layer, int], Expansion] = {}
        self._blocks: dict[tuple[str, str], list[Block]] = {}  # by question and standard
        self._elsewhere: dict[tuple[str, bytes], dict[str, np.ndarray]] = {}

    def standard_of(self, question: str) -> str:
        """The standard that its units are those of."""
        return self.twin.standard_of(question) if self.whole else "sound"

    @cached_property
    def outputs(self) -> list[Output]:
        """What the layer returns."""
        if self.case.limits is not None:
            return [Output("", (len(self.case.limits),))]
        return self._expansion("value", BITS[0]).outputs

    def not_judged(self, question: str) -> str:
        """Why a question has no one right answer here; empty if it has."""
        if question == "value":
            return ""
        if self.case.limits is not None:
            return "derivatives at infinite and NaN inputs are not judged"
        if not self.whole and question == "jacobian":
            return NO_JACOBIAN
        return unstated(self.twin, self._expansion(question, BITS[0]).evaluation.ties)

    def project(self, answer: Answer) -> Answer:
        """An answer with too many entries as its exact inner product with the case's probes."""
        if self.whole or answer.failed or answer.question not in ("vjp", "product"):
            return answer
        probes = np.concatenate([u.ravel() for u in self.case.probes()]).astype(float).tolist()
        entries = np.concatenate([d.ravel() for d in answer.blocks.values()]).astype(float).tolist()
        with flint.ctx.workprec(BITS[-1]):
            total = sum((arb(u) * arb(d) for u, d in zip(probes, entries, strict=True)), arb(0))
        rounded = self.case.precision.round(np.array(float(total)))
        return replace(answer, blocks={"projection": rounded})

    def blocks(self, question: str, variant: str, cotangents: list[np.ndarray]) -> list[Block]:
        """The right answer, whichever `variant` of asking is used."""
        if self.case.limits is not None:
            return [_stated(list(self.case.limits.values()), self.case.precision)]
        return self._judging(question, self.standard_of(question), cotangents)

    def stricter(self, question: str, cotangents: list[np.ndarray]) -> list[Block]:
        """The same in strict units, if the twin is strict but the question held to sound ones."""
        strict = self.whole and self.case.limits is None and self.twin.standard == "strict"
        if not strict or self.standard_of(question) == "strict":
            return []
        return self._judging(question, "strict", cotangents)

    def closer(self, question: str, said: Sequence[Answer], budget: float) -> list[Block]:
        """Units are exact already."""
        return []

    def _judging(self, question: str, standard: str, cotangents: list[np.ndarray]) -> list[Block]:
        key = question, standard
        if key not in self._blocks:
            self._blocks[key] = self._resolved(question, cotangents, standard)
        return self._blocks[key]

    def elsewhere(self, question: str, cotangents: list[np.ndarray]) -> dict[str, np.ndarray]:
        """The right answer to cotangents other than the case's, without units."""
        key = question, b"".join(g.tobytes() for g in cotangents)
        if key not in self._elsewhere:
            with flint.ctx.workprec(BITS[0]):
                parts = self._expansion(question, BITS[0]).parts(question, cotangents)
                self._elsewhere[key] = {part.label: _midpoints(part) for part in parts}
        return self._elsewhere[key]

    def _resolved(self, question: str, cotangents: list[np.ndarray], standard: str) -> list[Block]:
        for bits in BITS:
            with flint.ctx.workprec(bits):
                blocks, widths = self._blocks_at(question, cotangents, standard, bits)
            if all(map(_is_resolved, blocks, widths)):
                break
        return [replace(b, unit=b.unit + _radii(b.truth)) for b in blocks]

    def _blocks_at(
        self, question: str, cotangents: list[np.ndarray], standard: str, bits: int
    ) -> tuple[list[Block], list[np.ndarray]]:
        """The blocks, and how much of their units is but the width of balls."""
        expansion = self._expansion(question, bits)
        parts = expansion.parts(question, cotangents)
        if standard == "strict":
            units = unit.strict(expansion, parts, question, cotangents)
            widths = unit.width(expansion, parts, question, cotangents)
        else:
            replayed = [r.parts(question, cotangents) for r in self._replayed(question, expansion)]
            units = unit.sound(self.case, parts, replayed, question, cotangents)
            widths = unit.sound_width(self.case, parts, replayed)
        eta = unit.eta(self.case, question, cotangents)
        blocks = [_block(part, entries, eta) for part, entries in zip(parts, units, strict=True)]
        return blocks, [w.reshape(b.unit.shape) for b, w in zip(blocks, widths, strict=True)]

    def _expansion(self, question: str, bits: int) -> Expansion:
        key = self.twin.function(question), bits
        if key not in self._expansions:
            self._expansions[key] = self._expanded(*key)
        return self._expansions[key]

    def _expanded(self, function: Layer, bits: int) -> Expansion:
        order = 3 if self.whole and self.twin.standard == "strict" else 2
        for tried in BITS[BITS.index(bits) :]:
            try:
                with flint.ctx.workprec(tried):
                    return Expansion(function, self.case, Evaluation(order))
            except Undecided as error:
                undecided = str(error)
            except Exception as error:
                sentence = unusable(function, self.case, error)
                if self.case.draw.sizes == "empty":
                    raise NoDefinition(sentence) from error
                raise self.twin.error(sentence) from error
        raise self.twin.error(
            f"the definition compares two numbers that may be equal without being so exactly "
            f"({undecided}, even at {BITS[-1]} bits); compare something else"
        )

    def _replayed(self, question: str, expansion: Expansion) -> list[Expansion]:
        """Replays with noise, made anew for each question, so that no answer depends on another."""
        function, branches = self.twin.function(question), expansion.evaluation.branches
        order = 2 if question in SECOND else 1
        evaluations = [Evaluation(order, branches, noise=k) for k in range(REPLAYS)]
        return [Expansion(function, self.case, evaluation) for evaluation in evaluations]


def unstated(twin: Twin, ties: set[str]) -> str:
    """Why derivatives are not judged where these ties were met; empty if the slopes are stated."""
    left = ties - {"branch"} if twin.kinks else ties
    return f"a tie of unstated slope ({_remedy(left)})" if left else ""


def _remedy(ties: set[str]) -> str:
    if ties == {"branch"}:
        return "state the convention with kinks="
    return (
        f"in np.{', np.'.join(sorted(ties - {'branch'}))}: write np.where, and state it with kinks="
    )


def _block(part: Part, entries: np.ndarray, eta: float) -> Block:
    truth = np.empty(len(entries), dtype=object)
    truth[:] = part.balls()
    return Block(part.label, truth.reshape(part.shape), entries.reshape(part.shape), eta)


def _midpoints(part: Part) -> np.ndarray:
    return np.array([float(ball) for ball in part.balls()]).reshape(part.shape)


def _stated(values: list[float], precision: Precision) -> Block:
    """What the Twin's limits say; infinities and NaN must come exactly."""
    truth = np.array([arb(v) if np.isfinite(v) else float(v) for v in values], dtype=object)
    sizes = np.array([abs(v) if np.isfinite(v) else 0.0 for v in values])
    return Block("y", truth, 2 * precision.u * sizes + precision.tiny)


def _radii(truth: np.ndarray) -> np.ndarray:
    """What the truth itself leaves open."""
    radii = [float(ball.rad()) if ball.is_finite() else 0.0 for ball in truth.ravel()]
    return np.array(radii).reshape(truth.shape)


def _is_resolved(block: Block, width: np.ndarray) -> bool:
    """Whether balls are far narrower than the unit, those too that the unit is made of.

    Those that stay infinite are undefined.
    """
    finite = all(ball.is_finite() for ball in block.truth.ravel())
    open_ = _radii(block.truth) + np.where(np.isfinite(width), width, 0)
    return finite and bool(np.all(open_ <= 2.0**-10 * block.unit))


def unusable(function: Layer, case: Case, error: Exception) -> str:
    """A sentence on a definition that raised."""
    if isinstance(error, (CannotDefine, TwinError)):
        return str(error)
    shapes = ", ".join(f"{name} {x.shape}" for name, x in case.inputs.items())
    name = getattr(function, "__name__", "")
    return (
        f"the definition {name} raised {type(error).__name__}: {error}{_line(function, error)} "
        f"for inputs {shapes}; it must accept these inputs and use NumPy on them"
    )


def _line(function: Layer, error: Exception) -> str:
    """The line of a definition that raised: it names what jets cannot do, where they cannot."""
    code = getattr(function, "__code__", None)
    for frame, number in walk_tb(error.__traceback__):
        if frame.f_code is code:
            line = getline(frame.f_code.co_filename, number).strip()
            return f" at `{line}`" if line else ""
    return ""
