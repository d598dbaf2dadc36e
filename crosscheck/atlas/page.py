"""What an atlas holds: frozen data, of which its pages are functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from crosscheck.catalog import catalog, family, function, layer
from crosscheck.keeping.kept import Kept
from crosscheck.native import BUILT_IN, words
from crosscheck.report.text import BACKENDS
from crosscheck.sweep.balls import Check
from crosscheck.sweep.results import Row
from crosscheck.sweep.tally import Tally
from crosscheck.twin import Twin


class Side(NamedTuple):
    """Whose layer: ours or the one that is built in, and in which framework."""

    native: bool
    backend: str

    def words(self, name: str) -> str:
        """What users write."""
        return words(name, self.backend) if self.native else f"{self.backend}layers.{name}"


SIDES = tuple(Side(native, backend) for native in (False, True) for backend in BACKENDS)


@dataclass(frozen=True)
class Look:
    """One order of one side in float32.

    errors: the worst in each bin of the axis; zeros: where there is a false 0. tally: over all
    bins. answers, right: what is said at each spot, and whether it is right there.
    """

    errors: np.ndarray
    zeros: np.ndarray
    tally: Tally
    answers: tuple[float, ...]
    right: tuple[bool, ...]


@dataclass(frozen=True)
class Spot:
    """A kink, an infinity or NaN. states: the convention there, or the limit of the value."""

    at: float
    states: str


@dataclass(frozen=True)
class Curve:
    """Along the axis: the truth, order by order, and a closer look at each side."""

    truth: tuple[np.ndarray, ...]
    looks: Mapping[tuple[Side, int], Look]


@dataclass(frozen=True)
class Entry:
    """A twin under one of its settings. One of two inputs has neither rows nor a curve.

    Nor has one of ours that raises. kept: of as many `numbers` of float32 as the inputs have; None
    where nothing is built in. raised: what our layers raised, a sentence each.
    """

    target: str
    setting: int
    numbers: int
    kept: Mapping[Side, Kept | None]
    spots: tuple[Spot, ...]
    rows: tuple[Row, ...] = ()
    curve: Curve | None = None
    check: Check | None = None
    raised: tuple[str, ...] = ()

    @property
    def twin(self) -> Twin:
        return layer(self.target)

    @property
    def name(self) -> str:
        """The layer, by the name that both packages give it."""
        return function(self.twin)

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.twin.settings[self.setting]

    @property
    def sides(self) -> list[Side]:
        """Ours, and what is built in where it is."""
        return [side for side in SIDES if not side.native or self.name in BUILT_IN]

    @property
    def orders(self) -> list[int]:
        return sorted({row.order for row in self.rows})

    def of(self, side: Side) -> list[Row]:
        """What was found of one side."""
        return [row for row in self.rows if (row.subject.native, row.backend) == side]


@dataclass(frozen=True)
class Atlas:
    """All of it, and how it was made."""

    entries: tuple[Entry, ...]
    command: str
    versions: tuple[str, ...]
    seconds: float
    when: str

    @property
    def ok(self) -> bool:
        """Whether all of ours answer within the budget, by an authority that balls confirm."""
        ours = [row for entry in self.entries for row in entry.rows if not row.subject.native]
        checks = [entry.check for entry in self.entries if entry.check]
        within = all(row.ok for row in ours) and all(check.ok for check in checks)
        return within and not self.raised

    @property
    def raised(self) -> list[str]:
        """What our layers raised, a sentence each."""
        return [sentence for entry in self.entries for sentence in entry.raised]

    @property
    def layers(self) -> Mapping[str, list[Entry]]:
        """The entries of each layer."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.name, []).append(entry)
        return found


def activations() -> list[str]:
    """The catalog's activations, by name."""
    return [name for name, twin in catalog().items() if family(twin) == "activations"]
