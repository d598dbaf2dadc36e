"""Doubts: where an error over the budget may be a unit that few draws tell too small.

Such entries get units of many draws. They are few, so that no more than they is kept of the moved
answers. An error that is farther off than a unit can be stands as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crosscheck.block import Block
from crosscheck.case import Case
from crosscheck.large_answers import Blocks
from crosscheck.large_units import blocks

MORE = 256  # draws of moves of each input
FARTHEST = 5.0  # budgets


@dataclass(frozen=True)
class Doubts:
    """One framework's answer, and what becomes of it when MORE moves are made; least: η."""

    case: Case
    answer: Blocks
    moved: Iterable[Blocks]
    least: float

    def resolved(
        self, judged: Sequence[Block], said: Sequence[Sequence[np.ndarray]], budget: float
    ) -> list[Block]:
        """The blocks with the units of doubtful entries made anew; none, if none is doubtful.

        said: for each answer that was judged, its parts.
        """
        parts = zip(judged, zip(*said, strict=True), strict=True)
        places = {block.label: self._doubtful(block, part, budget) for block, part in parts}
        if not any(where.any() for where in places.values()):
            return []
        units = self._units(places)
        return [_with_units(b, places[b.label], units[b.label]) for b in judged]

    def _doubtful(self, block: Block, part: Sequence[np.ndarray], budget: float) -> np.ndarray:
        errors = np.array([block.errors(y, self.case.precision) for y in part])
        over = (errors > budget) & (errors <= FARTHEST * budget)
        return np.reshape(over.any(axis=0), block.truth.shape)

    def _units(self, places: Blocks) -> Blocks:
        def there(answer: Blocks) -> Blocks:
            return {label: answer[label][where] for label, where in places.items()}

        answer, moved = there(self.answer), [there(m) for m in self.moved]
        anew = blocks(self.case, "strict", answer, answer, moved, self.least, MORE)
        return {block.label: block.unit for block in anew}


def _with_units(block: Block, places: np.ndarray, units: np.ndarray) -> Block:
    unit = block.unit.copy()
    unit[places] = units
    return replace(block, unit=unit)
