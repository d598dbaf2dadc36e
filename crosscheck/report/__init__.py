"""Report: frozen data in; text and JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crosscheck.verdict import Unsupported, Verdict


@dataclass(frozen=True)
class Report:
    """All verdicts of a run, what could not be asked, and where it ran.

    seconds: by stage, summed over processes.
    """

    verdicts: tuple[Verdict, ...]
    unsupported: tuple[Unsupported, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Something was judged, all of it is within its budget, and nothing is left out."""
        return any(v.ok for v in self.verdicts) and not self.failures and self.complete

    @property
    def failures(self) -> list[Verdict]:
        """The verdicts that fail, in order; those that are blind in a 16-bit type do not."""
        return [verdict for verdict in self.verdicts if verdict.failed]

    @property
    def blind(self) -> int:
        """How many verdicts could not have failed on errors of half the answer's size."""
        return sum(verdict.blind for verdict in self.verdicts)

    def __str__(self) -> str:
        from crosscheck.report.text import plain  # rich is loaded only where something is printed

        return plain(self)
