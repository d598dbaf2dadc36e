"""The campaign: every mutant before every tool, in one process or in several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

from crosscheck.audit.defect import Defect, Subject
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.examiner import Examiner
from crosscheck.audit.mutant import Mutant, control, mutants, spoilt, subject
from crosscheck.audit.rivals import RIVALS
from crosscheck.errors import describe
from crosscheck.options import Options
from crosscheck.targets import resolve
from crosscheck.twin import Layer

CAUGHT, MISSED, MISTAKEN, ALARM = "caught", "missed", "wrong culprit", "alarm"
CROSSCHECK = "crosscheck"
TOOLS = {name: (CROSSCHECK, *rivals) for name, rivals in RIVALS.items()}


@dataclass(frozen=True)
class Said:
    """What one tool made of one mutant.

    `outcome`: caught; missed; wrong culprit; or alarm, where the tool rejects the right layer too,
    so that its word means nothing.
    """

    tool: str
    outcome: str
    reason: str
    seconds: float


@dataclass(frozen=True)
class Tried:
    """One mutant, and what each tool made of it."""

    mutant: Mutant
    said: tuple[Said, ...]

    def outcome(self, tool: str) -> str:
        """What that tool made of it; empty if it was not asked."""
        return next((s.outcome for s in self.said if s.tool == tool), "")


@dataclass(frozen=True)
class Batch:
    """Mutants of one layer on one side: what a process is given."""

    target: str
    side: str
    kinds: tuple[str, ...]
    tools: tuple[str, ...]
    options: Options


def batches(
    targets: Sequence[str], kinds: Sequence[str], tools: Sequence[str], options: Options
) -> list[Batch]:
    """All that is to be tried."""
    return [
        Batch(target, side, tuple(kinds), tuple(t for t in TOOLS[side] if t in tools), options)
        for target, twin in resolve(targets)
        for side in twin.backends
    ]


def tried(batch: Batch) -> list[Tried]:
    """Try one batch."""
    court = _court(batch.target, batch.options)
    every = [m for m in mutants(court.subject, batch.kinds) if m.side == batch.side]
    return [Tried(mutant, tuple(court.said(mutant, batch.tools))) for mutant in every]


@lru_cache(maxsize=2)
def _court(target: str, options: Options) -> Court:
    ((_, twin),) = resolve([target])
    return Court(subject(twin, options.seed), options)


class Court:
    """One layer's mutants before the tools."""

    def __init__(self, subject: Subject, options: Options) -> None:
        self.subject = subject
        self.examiner = Examiner(subject, options)
        self._alarms: dict[tuple[str, str, str], str] = {}

    def said(self, mutant: Mutant, tools: Sequence[str]) -> Iterator[Said]:
        """What each tool makes of a mutant."""
        defect = DEFECTS[mutant.kind]
        for tool in tools:
            layer = spoilt(self.subject, defect, mutant.side)
            start = perf_counter()
            outcome, reason = self.outcome(tool, mutant.side, layer)
            if outcome != MISSED and (alarm := self.alarm(tool, mutant.side, defect)):
                outcome, reason = ALARM, alarm
            yield Said(tool, outcome, reason, perf_counter() - start)

    def alarm(self, tool: str, side: str, defect: Defect) -> str:
        """What a tool has against the right layer, wrapped as for that defect."""
        key = tool, side, "call" if defect.call else "tangent" if defect.tangent else "rule"
        if key not in self._alarms:
            outcome, reason = self.outcome(tool, side, control(self.subject, defect, side))
            self._alarms[key] = "" if outcome == MISSED else reason
        return self._alarms[key]

    def outcome(self, tool: str, side: str, layer: Layer) -> tuple[str, str]:
        """Whether a tool notices something about a layer, and what."""
        if tool != CROSSCHECK:
            return self._rival(tool, side, layer)
        verdict = self.examiner.first_failure(side, layer)
        if verdict is None:
            return MISSED, ""
        where = f"{verdict.question} {verdict.variant} {verdict.dtype} {verdict.case}"
        if verdict.culprit != side:
            return MISTAKEN, f"{where}: culprit {verdict.culprit}"
        return CAUGHT, where

    def _rival(self, tool: str, side: str, layer: Layer) -> tuple[str, str]:
        try:
            RIVALS[side][tool](layer, self.subject)
        except Exception as error:
            return CAUGHT, describe(error)
        return MISSED, ""
