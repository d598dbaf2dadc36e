"""Support: which ways of asking, in which types, each layer answers rightly; a generated table.

A way that a layer's twin claims has been judged within budget; one that it says it lacks has been
seen to raise, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text

from crosscheck.report import Report
from crosscheck.twin import Twin

CASE = "ordinary-0"
BACKENDS = ("jax", "torch")


@dataclass
class Support:
    """What one framework's side of a layer can be asked."""

    right: dict[str, list[str]] = field(default_factory=dict)  # way → types
    wrong: dict[str, list[str]] = field(default_factory=dict)
    raises: dict[str, str] = field(default_factory=dict)  # way → reason
    untrue: list[str] = field(default_factory=list)  # ways that it says it lacks, and answers


Supports = dict[str, dict[str, Support]]


def support(report: Report, twins: Iterable[Twin]) -> Supports:
    """Layer → framework → what it can be asked, as a report on these twins shows it."""
    layers = dict.fromkeys([v.layer for v in report.verdicts])
    found = {layer: {backend: Support() for backend in BACKENDS} for layer in layers}
    for v in report.verdicts:
        for backend, error in v.errors.items():
            of = found[v.layer][backend]
            types = of.right if error <= v.budget else of.wrong
            types.setdefault(f"{v.question} {v.variant}", []).append(v.dtype)
    for u in report.unsupported:
        if u.backend in BACKENDS and u.layer in found:
            found[u.layer][u.backend].raises[f"{u.question} {u.variant}"] = u.reason
    for twin in twins:
        for backend, lacking in (twin.lacks or {}).items():
            of = found.get(twin.name, {}).get(backend, Support())
            of.untrue += [way for way in lacking if way in of.right or way in of.wrong]
    return found


def is_true(supports: Supports) -> bool:
    """Whether no layer answers where its twin says that it cannot."""
    return not any(of.untrue for sides in supports.values() for of in sides.values())


def as_dict(supports: Supports) -> dict[str, Any]:
    """The same in plain data."""
    return {
        layer: {backend: asdict(of) for backend, of in sides.items()}
        for layer, sides in supports.items()
    }


def table(supports: Supports) -> Table:
    """A row a layer: how many ways are right in all types, and the others by name."""
    columns = ("layer", "framework", "ways", "types", "raises", "wrong", "answers, but should not")
    grid = Table(*columns, pad_edge=False)
    for layer, sides in supports.items():
        for backend, of in sides.items():
            if of.right or of.wrong or of.raises:
                types = sorted({t for each in of.right.values() for t in each})
                grid.add_row(layer, backend, str(len(of.right)), *_cells(types, of))
    return grid


def _cells(types: list[str], of: Support) -> list[Text]:
    bad = [Text(", ".join(ways), style="bold red") for ways in (of.wrong, of.untrue)]
    return [Text(", ".join(types)), Text(", ".join(of.raises)), *bad]
