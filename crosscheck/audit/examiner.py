"""The examiner: what crosscheck says of a layer's mutants, one after the other.

The truth does not depend on the mutant and is worked out once. A mutant is judged by itself, the
cheapest questions first, until a verdict fails; that one is then asked of both sides, since a
culprit has to be told from the one that is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

from crosscheck.audit.defect import Subject
from crosscheck.backends import Backend, load
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.options import Options
from crosscheck.run import attempt, connect, plan
from crosscheck.task import Task
from crosscheck.truth import Truth
from crosscheck.twin import Layer, Twin
from crosscheck.verdict import Verdict

Backends = Mapping[str, Backend]
CHEAPEST_FIRST = ("vjp", "value", "jvp", "jacobian", "hessian")


class Stage(NamedTuple):
    """Part of what can be asked."""

    all_cases: bool
    all_variants: bool

    def has(self, task: Task) -> bool:
        """Whether a task is part of it; in all variants, only those cases that differ there."""
        return task.case.draw.transformed or not self.all_variants


PLAIN = (Stage(False, False),)
DEEP = (Stage(True, False), Stage(True, True))


class Examiner:
    """Judges one layer's mutants."""

    def __init__(self, subject: Subject, options: Options) -> None:
        self.subject, self.options = subject, options
        self._right = connect([subject.twin], options)
        self._planned: dict[Stage, list[Task]] = {}
        self._truths: dict[tuple[str, str], Truth] = {}
        self._alarms: dict[tuple[Layer | str, ...], bool] = {}
        self.judged = 0  # verdicts so far

    def first_failure(
        self, side: str, layer: Layer, right: Layer, deep: bool = False, only: str = ""
    ) -> Verdict | None:
        """The first verdict that fails on a layer, and does not on the right one, wrapped alike.

        It is then asked for again, of both sides, and may pass there.

        `only`: one question, variant and case to look at, in place of all.
        """
        stages = DEEP if deep else PLAIN
        found = self._at(side, layer, only) if only else self._verdicts(side, layer, stages)
        for task, verdict in found:
            self.judged += 1
            if verdict.failed and not self._fails(side, right, task, verdict):
                return self._again(side, layer, task, verdict)
        return None

    def _at(self, side: str, layer: Layer, only: str) -> Iterator[tuple[Task, Verdict]]:
        """The verdicts of one question, in one variant, on one case in all types."""
        question, variant, case = only.split()
        one = replace(self.options, questions=(question,), deep=True)
        backends = connect([self._beside(side, layer)], one)
        for task in self._tasks(DEEP[0]):
            if task.case.id == case:
                yield from self._asked(side, layer, task, backends, replace(one, variant=variant))

    def _verdicts(
        self, side: str, layer: Layer, stages: Sequence[Stage]
    ) -> Iterator[tuple[Task, Verdict]]:
        """All verdicts on a layer, as they come, and what each is of."""
        backends = connect([self._beside(side, layer)], self.options)
        questions = [q for q in CHEAPEST_FIRST if q in self.options.questions]
        for large, question, stage in product((False, True), questions, stages):
            one = replace(self.options, questions=(question,), deep=stage.all_variants)
            for task in self._tasks(stage):
                if _is_large(task) == large:
                    yield from self._asked(side, layer, task, backends, one)

    def _asked(
        self, side: str, layer: Layer, task: Task, backends: Backends, options: Options
    ) -> Iterator[tuple[Task, Verdict]]:
        """The mutant in a task's place; the backends are its own, with all that JAX compiles."""
        asked = replace(task, twin=self._twin(side, layer, task))
        outcome = attempt(asked, backends, options, self._truth(task))
        return ((task, verdict) for verdict in outcome.verdicts)

    def _tasks(self, stage: Stage) -> list[Task]:
        if stage not in self._planned:
            options = replace(self.options, deep=stage.all_cases)
            self._planned[stage] = plan([("", self.subject.twin)], options)
        return [task for task in self._planned[stage] if stage.has(task)]

    def _twin(self, side: str, layer: Layer, task: Task) -> Twin:
        return (self._beside if _is_large(task) else self._alone)(side, layer)

    def _alone(self, side: str, layer: Layer) -> Twin:
        others: dict[str, Any] = dict.fromkeys(self.subject.twin.backends)
        return replace(self.subject.twin, **others | {side: layer})

    def _beside(self, side: str, layer: Layer) -> Twin:
        """With the other side, which large arrays need to be judged by."""
        one: dict[str, Any] = {side: layer}
        return replace(self.subject.twin, **one)

    def _truth(self, task: Task) -> Truth | None:
        if _is_large(task):
            return None
        key = task.case.id, task.case.precision.name
        if key not in self._truths:
            self._truths[key] = Truth(self.subject.twin, task.case)
        return self._truths[key]

    def _fails(self, side: str, right: Layer, task: Task, verdict: Verdict) -> bool:
        """Whether the same verdict fails on the right layer."""
        key = (right, task.case.id, verdict.dtype, verdict.question, verdict.variant)
        if key not in self._alarms:
            twin = self._twin(side, right, task)
            self._alarms[key] = any(v.failed for v in self._same(twin, task, verdict))
        return self._alarms[key]

    def _again(self, side: str, layer: Layer, task: Task, verdict: Verdict) -> Verdict:
        """The same verdict, on both sides, as those of large arrays are already.

        Where it passes there nobody is blamed, so that this is the word on it; where only one side
        can be asked in that way, the verdict on one stands.
        """
        if _is_large(task):
            return verdict
        again = next(iter(self._same(self._beside(side, layer), task, verdict)), None)
        if again is None:
            return replace(verdict, culprit="unknown")
        return again if again.failed or has_both(again) else verdict

    def _same(self, twin: Twin, task: Task, verdict: Verdict) -> tuple[Verdict, ...]:
        one = replace(
            self.options, questions=(verdict.question,), variant=verdict.variant, deep=True
        )
        fresh = {name: load(name, one.device) for name in twin.backends}
        unchanged = [n for n in twin.backends if twin.layer(n) is self.subject.twin.layer(n)]
        backends = fresh | {name: self._right[name] for name in unchanged}
        return attempt(Task(twin, task.case), backends, one, self._truth(task)).verdicts


def has_both(verdict: Verdict) -> bool:
    """Whether both frameworks answered, so that the culprit was told from the other."""
    return len(verdict.errors) == 2


def _is_large(task: Task) -> bool:
    return task.case.size > LARGEST_WHOLE
