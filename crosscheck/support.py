"""Support: which ways of asking, in which types, each layer answers rightly; a generated table.

A way that a layer's twin claims has been judged within budget; one that it lacks has been seen to
raise, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text

from crosscheck.report import Report

CASE = "ordinary-0"
BACKENDS = ("jax", "torch")


@dataclass
class Support:
    """What one framework's side of a layer can be asked."""

    right: dict[str, list[str]] = field(default_factory=dict)  # way → types
    wrong: dict[str, list[str]] = field(default_factory=dict)
    raises: dict[str, str] = field(default_factory=dict)  # way → reason


def support(report: Report) -> dict[str, dict[str, Support]]:
    """Layer → framework → what it can be asked, as a report shows it."""
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
    return found


def as_dict(report: Report) -> dict[str, Any]:
    """The same in plain data."""
    return {
        layer: {backend: asdict(of) for backend, of in sides.items()}
        for layer, sides in support(report).items()
    }


def table(report: Report) -> Table:
    """A row a layer: how many ways are right in all types, and the others by name."""
    grid = Table("layer", "framework", "ways", "types", "raises", "wrong", pad_edge=False)
    for layer, sides in support(report).items():
        for backend, of in sides.items():
            if of.right or of.wrong or of.raises:
                types = sorted({t for each in of.right.values() for t in each})
                wrong = Text(_names(of.wrong), style="bold red")
                grid.add_row(
                    layer, backend, str(len(of.right)), ", ".join(types), _names(of.raises), wrong
                )
    return grid


def _names(ways: Iterable[str]) -> str:
    return ", ".join(ways)
