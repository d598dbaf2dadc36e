"""The court: one layer's mutants before the tools, and what each tool makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from crosscheck.audit.defect import Defect, Subject
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.examiner import Examiner, has_both
from crosscheck.audit.mutant import Mutant, control, spoilt
from crosscheck.audit.rivals import RIVALS
from crosscheck.audit.witness import difference
from crosscheck.errors import describe, unforeseen
from crosscheck.options import Options
from crosscheck.twin import Layer
from crosscheck.verdict import Verdict

CAUGHT, MISSED, MISTAKEN, ALARM = "caught", "missed", "wrong culprit", "alarm"
UNJUDGED = "not judged"
CROSSCHECK = "crosscheck"
TOOLS = {name: (CROSSCHECK, *rivals) for name, rivals in RIVALS.items()}


@dataclass(frozen=True)
class Said:
    """What one tool made of one mutant.

    `outcome`: caught; missed; wrong culprit, which is also said where no verdict on both frameworks
    fails; not judged, where crosscheck raised what nobody foresaw; or alarm, where the tool rejects
    the right layer too, so that its word means nothing.
    """

    tool: str
    outcome: str
    reason: str
    seconds: float


@dataclass(frozen=True)
class Tried:
    """One mutant, and what each tool made of it.

    Of those that crosscheck missed at first, `witness` says where the mutant differs from the right
    layer; where it is empty, none of `compared` answers did, and the mutant is called equivalent.
    `both`: whether crosscheck's word is on both frameworks; some ways of asking only one has.
    """

    mutant: Mutant
    said: tuple[Said, ...]
    witness: str = ""
    compared: int = 0
    both: bool = False

    @property
    def equivalent(self) -> bool:
        """Not a bug in this layer: all answers are those of the right one."""
        return bool(self.compared) and not self.witness

    def outcome(self, tool: str) -> str:
        """What that tool made of it; empty if it was not asked."""
        return next((s.outcome for s in self.said if s.tool == tool), "")


class Court:
    """One layer's mutants before the tools."""

    def __init__(self, subject: Subject, options: Options) -> None:
        self.subject = subject
        self.examiner = Examiner(subject, options)
        self._controls: dict[tuple[str, str], Layer] = {}
        self._alarms: dict[tuple[str, Layer], str] = {}

    def tried(self, mutant: Mutant, tools: Sequence[str]) -> Tried:
        """A mutant before all tools."""
        defect = DEFECTS[mutant.kind]
        layer, right = spoilt(self.subject, defect, mutant.side), self.control(defect, mutant.side)
        said = [self._rival(t, mutant.side, layer, right) for t in tools if t != CROSSCHECK]
        if CROSSCHECK not in tools:
            return Tried(mutant, tuple(said))
        own = self._own(mutant, layer, right)
        return replace(own, said=(*own.said, *said))

    def control(self, defect: Defect, side: str) -> Layer:
        """The right layer, wrapped as for a defect, the same object each time."""
        form = "call" if defect.call else "tangent" if defect.tangent else "rule"
        key = side, form
        if key not in self._controls:
            self._controls[key] = control(self.subject, defect, side)
        return self._controls[key]

    def _own(self, mutant: Mutant, layer: Layer, right: Layer) -> Tried:
        """What crosscheck makes of it; what it raises is an outcome too: the others go on."""
        start = perf_counter()
        verdict, witness, compared = None, "", 0
        try:
            verdict, witness, compared = self._judged(mutant, layer, right)
            outcome, reason = _culprit(mutant.side, verdict)
        except Exception as error:
            outcome, reason = UNJUDGED, unforeseen(error)
        own = Said(CROSSCHECK, outcome, reason, perf_counter() - start)
        both = verdict is not None and has_both(verdict)
        return Tried(mutant, (own,), witness, compared, both)

    def _judged(
        self, mutant: Mutant, layer: Layer, right: Layer
    ) -> tuple[Verdict | None, str, int]:
        """The verdict that fails on it; what slips through the plain depth is asked deeply."""
        side, seen, witness, compared = mutant.side, DEFECTS[mutant.kind].seen, "", 0
        failure = partial(self.examiner.first_failure, side, layer, right)
        verdict = failure(only=seen) if seen else None
        verdict = verdict or failure(deep=False)
        if verdict is None:
            witness, compared = difference(self.subject, side, right, layer)
        if witness:
            verdict = failure(deep=True)
        return verdict, witness, compared

    def _rival(self, tool: str, side: str, layer: Layer, right: Layer) -> Said:
        start = perf_counter()
        reason = self._notices(tool, side, layer)
        outcome = CAUGHT if reason else MISSED
        if reason and (alarm := self.alarm(tool, side, right)):
            outcome, reason = ALARM, alarm
        return Said(tool, outcome, reason, perf_counter() - start)

    def alarm(self, tool: str, side: str, right: Layer) -> str:
        """What a tool has against a right layer."""
        if (tool, right) not in self._alarms:
            self._alarms[tool, right] = self._notices(tool, side, right)
        return self._alarms[tool, right]

    def _notices(self, tool: str, side: str, layer: Layer) -> str:
        try:
            RIVALS[side][tool](layer, self.subject)
        except Exception as error:
            return describe(error)
        return ""


def _culprit(side: str, verdict: Verdict | None) -> tuple[str, str]:
    if verdict is None:
        return MISSED, ""
    where = f"{verdict.question} {verdict.variant} {verdict.dtype} {verdict.case}"
    if verdict.culprit != side:
        return MISTAKEN, f"{where}: culprit {verdict.culprit}"
    return CAUGHT, where
