"""The examiner: what crosscheck says of a layer's mutants, one after the other.

The truth does not depend on the mutant and is worked out once. A mutant is judged by itself, the
cheapest questions first, until a verdict fails; that one is then asked of both sides, since a
culprit has to be told from the one that is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from crosscheck.audit.defect import Subject
from crosscheck.backends import load
from crosscheck.options import Options
from crosscheck.run import Task, connect, examine, plan
from crosscheck.truth import Truth
from crosscheck.twin import Layer, Twin
from crosscheck.verdict import Verdict

CHEAPEST_FIRST = ("vjp", "value", "jvp", "jacobian", "hessian")


class Examiner:
    """Judges one layer's mutants."""

    def __init__(self, subject: Subject, options: Options) -> None:
        self.subject, self.options = subject, options
        self._tasks = plan([("", subject.twin)], options)
        self._truths = [Truth(subject.twin, task.case) for task in self._tasks]
        self._right = connect([subject.twin], options)

    def first_failure(self, side: str, layer: Layer) -> Verdict | None:
        """The first verdict that is not ok on the twin with one side replaced."""
        alone: dict[str, Any] = dict.fromkeys(self.subject.twin.backends) | {side: layer}
        both: dict[str, Any] = {side: layer}
        for place, verdict in self._verdicts(replace(self.subject.twin, **alone)):
            if not verdict.ok:
                return self._again(side, place, replace(self.subject.twin, **both), verdict)
        return None

    def _verdicts(self, twin: Twin) -> Iterator[tuple[int, Verdict]]:
        """All verdicts on a twin, as they come, and which task each is of."""
        backends = connect([twin], self.options)  # its own: what JAX compiled goes with it
        for question in CHEAPEST_FIRST:
            options = replace(self.options, questions=(question,))
            for place, (task, truth) in enumerate(zip(self._tasks, self._truths, strict=True)):
                outcome = examine(Task(twin, task.case), backends, options, truth)
                yield from ((place, verdict) for verdict in outcome.verdicts)

    def _again(self, side: str, place: int, twin: Twin, verdict: Verdict) -> Verdict:
        """The same verdict, on both sides."""
        options = replace(
            self.options, questions=(verdict.question,), variant=verdict.variant, case=verdict.case
        )
        task = Task(twin, self._tasks[place].case)
        backends = self._right | {side: load(side, options.device)}
        outcome = examine(task, backends, options, self._truths[place])
        return next((v for v in outcome.verdicts if not v.ok), verdict)
