"""What came of a sweep, in order, and as JSON: schema 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from crosscheck.environment import versions
from crosscheck.report.json import SCHEMA, plain
from crosscheck.sweep.balls import Check
from crosscheck.sweep.judge import BUDGET
from crosscheck.sweep.stamp import stamp
from crosscheck.sweep.subject import Subject
from crosscheck.sweep.tally import Tally

SAME = 0.01  # of a rounding, or of the error itself


@dataclass(frozen=True)
class Row:
    """One order of one framework under one setting. confirmed: the worst error, by balls."""

    subject: Subject
    backend: str
    order: int
    tally: Tally
    confirmed: float | None = None

    @property
    def refuted(self) -> bool:
        """Whether balls say that the worst error is another."""
        if self.confirmed is None or self.confirmed == self.tally.roundings.error:
            return False
        return not abs(self.confirmed - self.tally.roundings.error) <= SAME * max(
            1.0, self.confirmed
        )

    @property
    def within(self) -> bool:
        return self.tally.roundings.error <= BUDGET[self.order]

    @property
    def faultless(self) -> bool:
        return not any(fault.count for fault in self.tally.faults.values())

    @property
    def ok(self) -> bool:
        return self.within and self.faultless and not self.refuted


@dataclass(frozen=True)
class Sweep:
    """All of it. parts: finished, of these resumed, asked for, of how many; seconds by stage."""

    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    parts: Mapping[str, int]
    seconds: Mapping[str, float]
    complete: bool = True

    @property
    def ok(self) -> bool:
        judged = bool(self.rows) and all(row.ok for row in self.rows)
        return self.complete and judged and all(check.ok for check in self.checks)

    @cached_property
    def values(self) -> int:
        """Numbers tried, over all settings."""
        tried = {row.subject: row.tally.values for row in self.rows}
        return sum(tried.values())


def as_dict(sweep: Sweep, command: str) -> dict[str, Any]:
    """The versioned form."""
    return {
        "schema": SCHEMA,
        "command": command,
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "versions": versions(("crosscheck-layers", "jax", "jaxlib", "torch", "numpy")),
        "ok": sweep.ok,
        "complete": sweep.complete,
        "values": sweep.values,
        "parts": dict(sweep.parts),
        "seconds": {stage: round(spent, 3) for stage, spent in sweep.seconds.items()},
        "rows": [plain(_row(row)) for row in sweep.rows],
        "authority": [plain(asdict(check) | {"ok": check.ok}) for check in sweep.checks],
    }


def _row(row: Row) -> dict[str, Any]:
    subject = row.subject
    return {
        "layer": subject.target,
        "native": subject.native,
        "settings": subject.settings,
        "dtype": subject.dtype,
        "backend": row.backend,
        "source": stamp(subject, row.backend),
        "order": row.order,
        "budget": BUDGET[row.order],
        "ok": row.ok,
        "confirmed": row.confirmed,
        **asdict(row.tally),
    }
