"""Shrink: the smallest case that still fails: fewest settings, fewest elements, simplest numbers.

A change is kept if the same side is still wrong in the same way. The search is greedy, bounded, and
takes the same steps every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from math import isinf
from typing import NamedTuple

import numpy as np

from crosscheck.axes import Places, axes, kept, without_leading
from crosscheck.backends import Backend
from crosscheck.errors import TwinError, UsageError
from crosscheck.options import Options
from crosscheck.question import Output, asked_of
from crosscheck.report import Report
from crosscheck.report.script import script
from crosscheck.run import Task, connect, examine, plan, truth_for
from crosscheck.sample import Case
from crosscheck.simpler import entries, fewest, wholes
from crosscheck.twin import Twin
from crosscheck.verdict import Verdict

SIDES = ("jax", "torch")
MOST_TRIED = 200  # cases examined
DRAWS = 3  # of the directions, for each shape: a fault may show for one sign only


@dataclass(frozen=True)
class Chosen(Case):
    """A case whose cotangents and tangents are chosen, not drawn."""

    g: tuple[np.ndarray, ...] = ()
    t: tuple[np.ndarray, ...] = ()

    def tangents(self) -> list[np.ndarray]:
        return [self.precision.round(t) for t in self.t]

    def cotangents(self, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
        return [self.precision.round(g) for g in self.g]


@dataclass(frozen=True)
class Shrunk:
    """The smallest case found, its verdict, and what belongs in its script.

    cause: of the failure that was shrunk, which small numbers no longer show. truth: the right
    blocks. outputs, cotangents, asked: as the backends see the question. traced: whether JAX can
    compile the layer. tried: how many cases were examined.
    """

    task: Task
    verdict: Verdict
    cause: str
    truth: Mapping[str, np.ndarray]
    outputs: Sequence[Output]
    cotangents: Sequence[np.ndarray]
    asked: str
    traced: bool
    tried: int

    @property
    def script(self) -> str:
        """A script for both frameworks that runs as pasted and shows the difference."""
        return script(self)


def smallest(twin: Twin, verdict: Verdict, *, seed: int = 0) -> Shrunk:
    """The smallest case that fails like this verdict of `check(twin, seed=seed)`.

    Raises:
        UsageError: the verdict is within its budget, or names no culprit.
    """
    v = verdict
    options = Options((v.question,), (v.dtype,), v.device, seed, v.case, v.variant)
    [task] = plan([("", twin)], options)
    return shrink(task, verdict, connect([twin], options), options)


def worst(report: Report, most: int) -> list[Verdict]:
    """The worst failure with a culprit of each layer and question, at most so many."""
    alike: dict[tuple[str, str], list[Verdict]] = {}
    for v in report.failures:
        if v.culprit in (*SIDES, "both"):
            alike.setdefault((v.layer, v.question), []).append(v)
    return [max(vs, key=lambda v: max(v.errors.values())) for vs in alike.values()][:most]


def is_of(task: Task, v: Verdict) -> bool:
    """Whether a verdict is about this task."""
    case = task.case
    return (task.twin.name, case.id, case.precision.name) == (v.layer, v.case, v.dtype)


def shrink(
    task: Task, verdict: Verdict, backends: Mapping[str, Backend], options: Options
) -> Shrunk:
    """The smallest case that fails like this verdict on a task."""
    if verdict.culprit not in (*SIDES, "both"):
        raise UsageError(
            f"expected a verdict with a culprit, got {verdict.culprit!r}; shrink a failing one"
        )
    v = verdict
    options = replace(options, questions=(v.question,), dtypes=(v.dtype,), variant=v.variant)
    tried = 0
    for twin in _searched(task.twin, v.culprit):
        search = Search(replace(task, twin=twin), v, backends, options)
        found = replace(task, case=search.smallest())
        again, tried = search.alike(found, options), tried + search.tried
        if again is not None:
            return _shrunk(found, again, v.cause, tried, backends)
    return _shrunk(task, v, v.cause, tried, backends)


def _shrunk(
    task: Task, verdict: Verdict, cause: str, tried: int, backends: Mapping[str, Backend]
) -> Shrunk:
    sides = [(backends[name], task.twin.layer(name)) for name in task.twin.backends]
    truth = truth_for(task, sides)
    asked = "product" if verdict.question == "hessian" and not truth.whole else verdict.question
    cotangents = task.case.cotangents([y.shape for y in asked_of(asked, truth.outputs)])
    blocks = truth.blocks(asked, verdict.variant, cotangents)
    return Shrunk(
        task=task,
        verdict=verdict,
        cause=cause,
        truth={block.label: block.truth.astype(float) for block in blocks},
        outputs=truth.outputs,
        cotangents=cotangents,
        asked=asked,
        traced=not any(
            b.name == "jax" and b.ask(f, task.case, "value", "jit", []).unsupported
            for b, f in sides
        ),
        tried=tried,
    )


def _searched(twin: Twin, culprit: str) -> list[Twin]:
    """The twin; first of all with the culprit's side alone, where that can be judged, for speed."""
    if twin.definition is None or culprit == "both":
        return [twin]
    layers = {side: getattr(twin, side) if side == culprit else None for side in SIDES}
    return [replace(twin, jax=layers["jax"], torch=layers["torch"]), twin]


class Search:
    """One greedy search."""

    def __init__(
        self, task: Task, verdict: Verdict, backends: Mapping[str, Backend], options: Options
    ) -> None:
        self.task, self.verdict, self.backends, self.options = task, verdict, backends, options
        self._known: dict[bytes, bool] = {}

    @property
    def tried(self) -> int:
        """How many cases were examined."""
        return len(self._known)

    def smallest(self) -> Case:
        """Fewest settings, then fewest elements, then simplest numbers."""
        case = self._fewest_settings(self.task.case)
        case = self._fewest_elements(case)
        return self._simplest_numbers(self._chosen(case)) if case.limits is None else case

    def alike(self, task: Task, options: Options) -> Verdict | None:
        """The verdict on this task that fails like the one given."""
        try:
            verdicts = examine(task, self.backends, options).verdicts
        except TwinError:  # the definition cannot take such a case
            return None
        return next((v for v in verdicts if _kind(v) == _kind(self.verdict)), None)

    def fails(self, case: Case) -> bool:
        """Whether a case fails in the same way; False once enough have been tried."""
        written = _written(case)
        if written not in self._known:
            if self.tried >= MOST_TRIED:
                return False
            alike = self.alike(replace(self.task, case=case), self.options)
            self._known[written] = alike is not None
        return self._known[written]

    def _fewest_settings(self, case: Case) -> Case:
        for name in case.settings:
            rest = {k: value for k, value in case.settings.items() if k != name}
            if self.fails(replace(case, settings=rest)):
                case = replace(case, settings=rest)
        return case

    def _fewest_elements(self, case: Case) -> Case:
        for places in axes(self.task.twin, case).values():
            case = self._fewest_along(case, places)
        return self._redrawn(without_leading(self.task.twin, case)) or case

    def _fewest_along(self, case: Case, places: Places) -> Case:
        failing: dict[tuple[int, ...], Case] = {}

        def works(indices: Sequence[int]) -> bool:
            found = self._redrawn(kept(case, places, indices))
            if found is not None:
                failing[tuple(indices)] = found
            return found is not None

        name, axis = places[0]
        return failing.get(tuple(fewest(range(case.inputs[name].shape[axis]), works)), case)

    def _redrawn(self, case: Case) -> Case | None:
        """The case with directions drawn until it fails; None if it does not."""
        seed, name = case.stream
        draws = (replace(case, stream=(seed + k, name)) for k in range(DRAWS))
        return next(filter(self.fails, draws), None)

    def _chosen(self, case: Case) -> Chosen:
        sides = [(self.backends[b], self.task.twin.layer(b)) for b in self.task.twin.backends]
        truth = truth_for(replace(self.task, case=case), sides)
        shapes = [y.shape for y in asked_of(self.verdict.question, truth.outputs)]
        drawn = {field.name: getattr(case, field.name) for field in fields(case)}
        return Chosen(**drawn, g=tuple(case.cotangents(shapes)), t=tuple(case.tangents()))

    def _simplest_numbers(self, case: Chosen) -> Chosen:
        for slot in _slots(self.task.twin, case):
            case = self._first(case, slot, wholes(slot.declared, slot.get(case)))
            for index in range(slot.get(case).size):
                case = self._first(case, slot, entries(slot.declared, slot.get(case), index))
        return case

    def _first(self, case: Chosen, slot: Slot, tried: Iterable[np.ndarray]) -> Chosen:
        """The case with the first array that still fails; as it is where none does."""
        return next(filter(self.fails, (slot.put(case, array) for array in tried)), case)


class Slot(NamedTuple):
    """One array of a case: how it is declared, read and replaced."""

    declared: object
    get: Callable[[Chosen], np.ndarray]
    put: Callable[[Chosen, np.ndarray], Chosen]


def _slots(twin: Twin, case: Chosen) -> Iterator[Slot]:
    """Cotangents and tangents first: a fault that needs none of them is simpler without."""
    for which in ("g", "t"):
        for k in range(len(getattr(case, which))):
            yield Slot(None, partial(_direction, which, k), partial(_with_direction, which, k))
    for name, declared in twin.inputs.items():
        yield Slot(declared, partial(_input, name), partial(_with_input, name))


def _direction(which: str, k: int, case: Chosen) -> np.ndarray:
    return np.asarray(getattr(case, which)[k])


def _with_direction(which: str, k: int, case: Chosen, array: np.ndarray) -> Chosen:
    arrays = list(getattr(case, which))
    arrays[k] = array
    chosen = tuple(arrays)
    return replace(case, g=chosen) if which == "g" else replace(case, t=chosen)


def _input(name: str, case: Chosen) -> np.ndarray:
    return case.inputs[name]


def _with_input(name: str, case: Chosen, array: np.ndarray) -> Chosen:
    return replace(case, inputs={**case.inputs, name: array})


def _kind(v: Verdict) -> tuple[object, ...]:
    """What must stay as it is: who is wrong, in what variant, and whether by a finite amount."""
    infinite = {side for side, error in v.errors.items() if isinf(error)}
    return v.question, v.variant, v.culprit, infinite, set(v.messages)


def _written(case: Case) -> bytes:
    """All that an answer depends on."""
    directions = [*case.g, *case.t] if isinstance(case, Chosen) else []
    arrays = [*case.inputs.values(), *directions]
    shapes = repr((case.settings, case.stream, [a.shape for a in arrays]))
    return shapes.encode() + b"".join(a.tobytes() for a in arrays)
