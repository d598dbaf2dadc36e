"""Results of an audit: what was tried, what it says, and the same as JSON, schema 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from crosscheck.audit.alarms import Alarms
from crosscheck.audit.court import (
    ALARM,
    CAUGHT,
    CROSSCHECK,
    MISSED,
    MISTAKEN,
    TOOLS,
    UNJUDGED,
    Tried,
)
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.floor import Floor
from crosscheck.environment import versions
from crosscheck.report.json import plain

SCHEMA = 1
PACKAGES = ("crosscheck-layers", "numpy", "jax", "jaxlib", "torch")


@dataclass(frozen=True)
class Audit:
    """Everything that one audit found."""

    tried: tuple[Tried, ...] = ()
    alarms: Alarms = field(default_factory=Alarms)
    floors: tuple[Floor, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    complete: bool = True

    @property
    def wrong(self) -> list[Tried]:
        """The mutants that are bugs, i.e. not equivalent to the right layer."""
        return [t for t in self.tried if not t.equivalent]

    def with_outcome(self, outcome: str, tool: str = CROSSCHECK) -> list[Tried]:
        """The bugs that a tool made this of."""
        return [t for t in self.wrong if t.outcome(tool) == outcome]

    @property
    def survivors(self) -> list[Tried]:
        """The bugs that crosscheck does not notice, or cannot judge."""
        return [*self.with_outcome(MISSED), *self.with_outcome(UNJUDGED)]

    @property
    def told_apart(self) -> list[Tried]:
        """The bugs caught by asking both frameworks; the others, in ways that one alone has."""
        return [t for t in self.with_outcome(CAUGHT) if t.both]

    @property
    def equivalents(self) -> list[Tried]:
        """The mutants whose answers are those of the right layer."""
        return [t for t in self.tried if t.equivalent]

    @property
    def tools(self) -> list[str]:
        """The tools that were asked, crosscheck first."""
        asked = {said.tool for t in self.tried for said in t.said}
        every = dict.fromkeys(tool for side in ("torch", "jax") for tool in TOOLS[side])
        return [tool for tool in every if tool in asked]

    def rate(self, tool: str, kind: str | None = None) -> tuple[int, int]:
        """Caught, and of how many bugs: of one kind, or of all; not in layers it rejects."""
        of_kind = [t.outcome(tool) for t in self.wrong if kind in (None, t.mutant.kind)]
        said = [outcome for outcome in of_kind if outcome not in ("", ALARM)]
        return said.count(CAUGHT), len(said)

    def rejected(self, tool: str) -> list[str]:
        """The right layers that a tool has something against."""
        alarms = self.with_outcome(ALARM, tool)
        return list(dict.fromkeys(f"{t.mutant.where} ({t.mutant.side})" for t in alarms))

    @property
    def asked(self) -> bool:
        """Whether crosscheck was asked about what was planted; else nothing is known of it."""
        return all(t.outcome(CROSSCHECK) for t in self.tried)

    @property
    def ok(self) -> bool:
        """Every bug is caught, with the right culprit, and no right layer is blamed."""
        clean = not (self.alarms.failed or self.alarms.blind or self.survivors)
        return clean and self.complete and self.asked and not self.with_outcome(MISTAKEN)


def as_dict(audit: Audit, command: str) -> dict[str, Any]:
    """The versioned form."""
    return {
        "schema": SCHEMA,
        "command": command,
        "versions": versions(PACKAGES),
        "ok": audit.ok,
        "complete": audit.complete,
        "crosscheck_asked": audit.asked,
        "seconds": {stage: round(spent, 1) for stage, spent in audit.seconds.items()},
        "kinds": {kind: DEFECTS[kind].says for kind in kinds(audit)},
        "rates": {tool: dict(_rates(audit, tool)) for tool in audit.tools},
        "caught_with_both_sides_asked": len(audit.told_apart),
        "rejected": {tool: audit.rejected(tool) for tool in audit.tools},
        "survivors": [str(t.mutant) for t in audit.survivors],
        "wrong_culprits": [str(t.mutant) for t in audit.with_outcome(MISTAKEN)],
        "equivalents": [str(t.mutant) for t in audit.equivalents],
        "mutants": [plain(_mutant(t)) for t in audit.tried],
        "alarms": plain(asdict(audit.alarms)),
        "floors": [plain(_floor(floor)) for floor in audit.floors],
    }


def kinds(audit: Audit) -> list[str]:
    """The kinds of defect that were tried."""
    return list(dict.fromkeys(t.mutant.kind for t in audit.tried))


def _rates(audit: Audit, tool: str) -> Iterator[tuple[str, dict[str, int]]]:
    for kind in (None, *kinds(audit)):
        caught, of = audit.rate(tool, kind)
        yield kind or "all", {"caught": caught, "of": of}


def _mutant(t: Tried) -> dict[str, Any]:
    said = {s.tool: {k: v for k, v in asdict(s).items() if k != "tool"} for s in t.said}
    known = {"equivalent": t.equivalent, "witness": t.witness, "compared": t.compared}
    return asdict(t.mutant) | known | {"both_sides_asked": t.both, "tools": said}


def _floor(floor: Floor) -> dict[str, Any]:
    return asdict(floor.gauge) | {"size": floor.size, "error": floor.error}
