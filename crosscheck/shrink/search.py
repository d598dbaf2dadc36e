"""The search for a smaller case that fails in the same way: greedy, bounded, always the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from math import isinf

import numpy as np

from crosscheck.authority import authority
from crosscheck.backends import Backend
from crosscheck.case import Case, Chosen
from crosscheck.errors import TwinError
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.kinds import GIVEN
from crosscheck.options import Options
from crosscheck.question import asked_of
from crosscheck.run import examine
from crosscheck.shrink.axes import axes, kept, without_leading
from crosscheck.shrink.chosen import Slot, slots
from crosscheck.shrink.simpler import entries, fewest, wholes
from crosscheck.task import Task
from crosscheck.verdict import Verdict

MOST_TRIED = 200  # cases examined, fewer where they are large
LARGE = 10_000  # entries that are as much work again as a small case
DRAWS = 3  # of the directions, for each shape: a fault may show for one sign only


class Enough(Exception):
    """As many cases have been examined as may be."""


class Search:
    """One greedy search."""

    def __init__(
        self, task: Task, verdict: Verdict, backends: Mapping[str, Backend], options: Options
    ) -> None:
        self.task, self.verdict, self.backends, self.options = task, verdict, backends, options
        self._known: dict[bytes, bool] = {}
        self._best, self._work = task.case, 0

    @property
    def tried(self) -> int:
        """How many cases were examined."""
        return len(self._known)

    def smallest(self) -> Case:
        """Fewest settings, then fewest elements, then simplest numbers; as far as it comes."""
        with suppress(Enough):
            case = self._fewest_settings(self.task.case)
            case = self._plainest(self._fewest_elements(self._plainest(case)))
            if case.limits is None:
                self._simplest_numbers(self._chosen(case))
        return self._best

    def alike(self, task: Task, options: Options) -> Verdict | None:
        """The verdict on this task that fails like the one given."""
        try:
            verdicts = examine(task, self.backends, options).verdicts
        except TwinError:  # the definition cannot take such a case
            return None
        return next((v for v in verdicts if _kind(v) == _kind(self.verdict)), None)

    def fails(self, case: Case) -> bool:
        """Whether a case fails in the same way; each that does is simpler than those before."""
        written = _written(case)
        if written not in self._known:
            if self._work >= MOST_TRIED:
                raise Enough
            self._work += 1 + case.size // LARGE
            alike = self.alike(replace(self.task, case=case), self.options)
            self._known[written] = alike is not None
        if self._known[written]:
            self._best = case
        return self._known[written]

    def _fewest_settings(self, case: Case) -> Case:
        for name in case.settings:
            rest = {k: value for k, value in case.settings.items() if k != name}
            if self.fails(replace(case, settings=rest)):
                case = replace(case, settings=rest)
        return case

    def _plainest(self, case: Case) -> Case:
        """As if its numbers had been given: no special cotangents, contiguous in memory."""
        if case.size > LARGEST_WHOLE:  # only as what it was drawn as can a large case be judged
            return case
        return self._redrawn(replace(case, draw=GIVEN)) or case

    def _fewest_elements(self, case: Case) -> Case:
        for dim in axes(self.task.twin, case):
            case = self._fewest_along(case, dim)
        return self._redrawn(without_leading(self.task.twin, case)) or case

    def _fewest_along(self, case: Case, dim: str) -> Case:
        twin, failing = self.task.twin, dict[tuple[int, ...], Case]()

        def works(indices: Sequence[int]) -> bool:
            found = self._redrawn(kept(twin, case, dim, indices))
            if found is not None:
                failing[tuple(indices)] = found
            return found is not None

        name, axis = axes(twin, case)[dim][0]
        return failing.get(tuple(fewest(range(case.inputs[name].shape[axis]), works)), case)

    def _redrawn(self, case: Case) -> Case | None:
        """The case with directions drawn until it fails; None if it does not."""
        seed, name = case.stream
        draws = (replace(case, stream=(seed + k, name)) for k in range(DRAWS))
        return next(filter(self.fails, draws), None)

    def _chosen(self, case: Case) -> Chosen:
        sides = [(self.backends[b], self.task.twin.layer(b)) for b in self.task.twin.backends]
        truth = authority(self.task.twin, case, sides, [self.verdict.question])
        shapes = [y.shape for y in asked_of(self.verdict.question, truth.outputs)]
        drawn = {field.name: getattr(case, field.name) for field in fields(case)}
        return Chosen(**drawn, g=tuple(case.cotangents(shapes)), t=tuple(case.tangents()))

    def _simplest_numbers(self, case: Chosen) -> Chosen:
        for slot in slots(self.task.twin, case):
            case = self._first(case, slot, wholes(slot.declared, slot.get(case)))
            for index in range(slot.get(case).size):
                case = self._first(case, slot, entries(slot.declared, slot.get(case), index))
        return case

    def _first(self, case: Chosen, slot: Slot, tried: Iterable[np.ndarray]) -> Chosen:
        """The case with the first array that still fails; as it is where none does."""
        return next(filter(self.fails, (slot.put(case, array) for array in tried)), case)


def _kind(v: Verdict) -> tuple[object, ...]:
    """What must stay as it is: who is wrong, in what variant, and whether by a finite amount."""
    infinite = {side for side, error in v.errors.items() if isinf(error)}
    return v.question, v.variant, v.culprit, infinite, set(v.messages)


def _written(case: Case) -> bytes:
    """All that an answer depends on."""
    directions = [*case.g, *case.t] if isinstance(case, Chosen) else []
    arrays = [*case.inputs.values(), *directions]
    shapes = repr((case.settings, case.stream, case.draw.name, [a.shape for a in arrays]))
    return shapes.encode() + b"".join(a.tobytes() for a in arrays)
