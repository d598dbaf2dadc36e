"""Shrink: the smallest case that still fails: fewest settings, fewest elements, simplest numbers.

A change is kept if the same side is still wrong in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crosscheck.authority import authority
from crosscheck.backends import NAMES, Backend
from crosscheck.errors import UsageError
from crosscheck.large import MOST_PROJECTED
from crosscheck.options import Options
from crosscheck.question import Output, asked_of
from crosscheck.report import Report
from crosscheck.report.script import script
from crosscheck.run import connect, plan
from crosscheck.shrink.search import Search
from crosscheck.task import Task
from crosscheck.twin import Twin
from crosscheck.verdict import Verdict


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
    options = Options((v.question,), (v.dtype,), v.device, seed, v.case, v.variant, deep=True)
    [task] = plan([("", twin)], options)
    return shrink(task, verdict, connect([twin], options), options)


def scripts(
    report: Report, twins: Iterable[tuple[str, Twin]], options: Options, most: int
) -> Iterator[str]:
    """Scripts of the worst failures of a report, one a layer and question, at most so many."""
    tasks = {_key(task): task for task in plan(twins, options)} if report.failures else {}
    for v in _worst(report)[:most]:
        task = tasks[v.layer, v.case, v.dtype]
        if task.case.size > MOST_PROJECTED:
            yield f"\n{v.layer} {v.case} fails with {task.case.size} entries: too many to shrink"
            continue
        shrunk = shrink(task, v, connect([task.twin], options), options)
        yield f"\nThe smallest of {shrunk.tried} cases tried, as a script:\n\n{shrunk.script}"


def _key(task: Task) -> tuple[str, str, str]:
    return task.twin.name, task.case.id, task.case.precision.name


def _worst(report: Report) -> list[Verdict]:
    """The worst failure with a culprit of each layer and question."""
    alike: dict[tuple[str, str], list[Verdict]] = {}
    for v in report.failures:
        if v.culprit in (*NAMES, "both"):
            alike.setdefault((v.layer, v.question), []).append(v)
    return [max(group, key=lambda v: max(v.errors.values())) for group in alike.values()]


def shrink(
    task: Task, verdict: Verdict, backends: Mapping[str, Backend], options: Options
) -> Shrunk:
    """The smallest case that fails like this verdict on a task."""
    if verdict.culprit not in (*NAMES, "both"):
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
    truth = authority(task.twin, task.case, sides, [verdict.question])
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
            "jit" in b.variants["value"] and b.ask(f, task.case, "value", "jit", []).unsupported
            for b, f in sides
        ),
        tried=tried,
    )


def _searched(twin: Twin, culprit: str) -> list[Twin]:
    """The twin; first of all with the culprit's side alone, where that can be judged, for speed."""
    if twin.definition is None or culprit == "both":
        return [twin]
    layers = {side: getattr(twin, side) if side == culprit else None for side in NAMES}
    return [replace(twin, jax=layers["jax"], torch=layers["torch"]), twin]
