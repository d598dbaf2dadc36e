"""Tally: what was found at some numbers, in one order of one framework. Tallies add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FAULTS = {  # in the order of columns; what each means is said in `judge`
    "zeros": "false zeros",
    "nans": "false NaNs",
    "lost": "lost NaNs",
    "signs": "wrong signs",
    "breaks": "breaks",
    "unknown": "unknown",
}


@dataclass(frozen=True)
class Worst:
    """The largest error, the number where it is, and what was said there."""

    error: float = 0.0
    at: float | None = None
    said: float | None = None

    def __or__(self, other: Worst) -> Worst:
        return other if other.error > self.error else self


NOTHING = Worst()


@dataclass(frozen=True)
class Fault:
    """How often something is wrong, and where first."""

    count: int = 0
    at: float | None = None

    def __add__(self, other: Fault) -> Fault:
        return Fault(self.count + other.count, self.at if self.count else other.at)


NONE = Fault()


@dataclass(frozen=True)
class Tally:
    """Numbers tried; the worst error in roundings and in ulp; faults by name.

    flushed: answers at subnormal numbers that are right at 0 only, which is no fault.
    """

    values: int = 0
    roundings: Worst = NOTHING
    ulp: Worst = NOTHING
    flushed: Fault = NONE
    faults: Mapping[str, Fault] = field(default_factory=lambda: dict.fromkeys(FAULTS, NONE))

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.values + other.values,
            self.roundings | other.roundings,
            self.ulp | other.ulp,
            self.flushed + other.flushed,
            {name: self.faults[name] + other.faults[name] for name in FAULTS},
        )


def tally_from(kept: Mapping[str, Any]) -> Tally:
    """The tally that `dataclasses.asdict` made this of."""
    faults = {name: Fault(**kept["faults"][name]) for name in FAULTS}
    worst = Worst(**kept["roundings"]), Worst(**kept["ulp"])
    return Tally(kept["values"], *worst, Fault(**kept["flushed"]), faults)
