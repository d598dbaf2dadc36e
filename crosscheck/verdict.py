"""Verdict: what the answers to one question are worth, and where they are worst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crosscheck.precision import PRECISIONS

COARSE = 2.0**-12


@dataclass(frozen=True)
class Verdict:
    """One question about one case, asked in one variant, judged.

    errors: backend → worst error in roundings, in the unit of `standard` (inf: wrong shape, NaN,
    raised, …). disagreement: roundings between the two answers, in the same unit; None where only
    one framework answered. floor: the relative error, against the largest true entry, that would
    still pass. blind: the floor is above 0.5 or not finite, so that passing proves nothing; never
    ok. worst_index: label of the block and index in it; values: the truth and the answers there.
    messages: backend → what is wrong, where it is not a number.
    undefined: entries without a truth (log of a negative number): anything passes there.
    weaker: why this verdict proves less, for twins without a definition.
    budget_reason: why the budget is not the standard's own.
    cause: what the numbers, or the other verdicts, show of why it fails; empty where nothing does.
    """

    layer: str
    case: str
    kind: str
    question: str
    variant: str
    dtype: str
    device: str
    standard: str
    errors: Mapping[str, float]
    disagreement: float | None
    budget: float
    floor: float
    ok: bool
    blind: bool
    culprit: str
    worst_index: str
    values: Mapping[str, Any]
    repro: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    undefined: int = 0
    weaker: str = ""
    budget_reason: str = ""
    cause: str = ""

    @property
    def too_coarse(self) -> bool:
        """Blind because the type is: 8 or 11 bits cannot carry every question."""
        within = all(error <= self.budget for error in self.errors.values())
        return self.blind and within and PRECISIONS[self.dtype].u > COARSE

    @property
    def failed(self) -> bool:
        """Not ok, and not for the type's own sake."""
        return not (self.ok or self.too_coarse)


@dataclass(frozen=True)
class Unsupported:
    """What a backend cannot be asked, or what has no one right answer, and why. Not a failure."""

    layer: str
    backend: str
    question: str
    variant: str
    reason: str
