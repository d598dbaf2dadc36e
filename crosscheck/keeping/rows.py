"""Rows of the table that `crosscheck keeps` prints: a layer in one framework and one type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from crosscheck.errors import UsageError, describe
from crosscheck.keeping.measure import Measured, broken, measured
from crosscheck.report.json import SCHEMA, plain
from crosscheck.show import pairs
from crosscheck.twin import Twin


@dataclass
class Row:
    """What one framework keeps of a layer, under each of its settings; and what it should not."""

    layer: str
    framework: str
    dtype: str
    promise: Sequence[str] | None
    found: dict[str, Measured] = field(default_factory=dict)  # settings, as one writes them →
    broken: list[str] = field(default_factory=list)


def row(twin: Twin, framework: str, dtype: str) -> Row:
    """Measure; what the layer raises counts as broken."""
    made = Row(twin.name, framework, dtype, twin.keeps)
    for settings in twin.settings:
        under = f" ({pairs(settings)})" if settings else ""
        try:
            found = measured(twin, framework, settings, dtype)
        except UsageError:
            raise
        except (Exception, SystemExit) as error:
            made.broken.append(f"it raised {describe(error)}{under}")
        else:
            made.found[pairs(settings)] = found
            made.broken += [f"{sentence}{under}" for sentence in broken(twin, found)]
    return made


def as_dict(rows: Sequence[Row]) -> Mapping[str, Any]:
    """The same in plain data."""
    return {"schema": SCHEMA, "rows": [plain(asdict(row)) for row in rows]}
