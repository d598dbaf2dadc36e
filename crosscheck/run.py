"""The line from Twin to Report: sample, ask, inspect, judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from crosscheck.answer import Answer
from crosscheck.authority import Authority, authority
from crosscheck.backends import Backend, load, one_thread
from crosscheck.block import Block
from crosscheck.cause import likely, with_siblings
from crosscheck.claims import held_to
from crosscheck.environment import environment
from crosscheck.errors import NoDefinition, TwinError, choose
from crosscheck.judge import judge
from crosscheck.kinds import MANY, MOST_GIVEN
from crosscheck.options import Options
from crosscheck.precision import PRECISIONS
from crosscheck.question import asked_of
from crosscheck.report import Report
from crosscheck.sample import sample
from crosscheck.stopwatch import Stopwatch, total
from crosscheck.structure import inspected
from crosscheck.task import Outcome, Task, repro
from crosscheck.twin import Layer, Twin
from crosscheck.verdict import Unsupported, Verdict

ALONE = "no definition, and only one framework answers"
LARGE = f"given arrays of over {MOST_GIVEN} entries are judged as they are"
Sides = Sequence[tuple[Backend, Layer]]


def plan(twins: Iterable[tuple[str, Twin]], options: Options) -> list[Task]:
    """All tasks, in order, for (target, twin) pairs."""
    tasks = [
        Task(twin, case, target)
        for target, twin in twins
        for dtype in options.dtypes
        for case in sample(twin, PRECISIONS[dtype], options.seed, options.deep)
    ]
    if options.case is not None:
        choose("case", options.case, dict.fromkeys(task.case.id for task in tasks))
        tasks = [task for task in tasks if task.case.id == options.case]
    return tasks


def connect(twins: Iterable[Twin], options: Options) -> dict[str, Backend]:
    """The backends that the twins need."""
    needed = dict.fromkeys(name for twin in twins for name in twin.backends)
    backends = {name: load(name, options.device) for name in needed}
    if options.variant is not None:
        asked = [_ways(b, q, options.deep) for b in backends.values() for q in options.questions]
        choose("variant", options.variant, dict.fromkeys(v for variants in asked for v in variants))
    return backends


def attempt(
    task: Task, backends: Mapping[str, Backend], options: Options, truth: Authority | None = None
) -> Outcome:
    """`examine`, where a twin that does not fit together is an outcome too: the others go on."""
    try:
        return examine(task, backends, options, truth)
    except TwinError as error:
        return Outcome(refused=str(error))


@one_thread()
def examine(
    task: Task, backends: Mapping[str, Backend], options: Options, truth: Authority | None = None
) -> Outcome:
    """Ask every question about one case, and judge the answers; by a truth, if one is at hand.

    Torch has one thread, so that sums come out the same, whoever examines.
    """
    twin, case = task.twin, task.case
    sides = [(backends[name], twin.layer(name)) for name in twin.backends]
    clock = Stopwatch()
    questions = [q for q in options.questions if q in case.draw.questions]
    with clock("truth"):
        known = truth or authority(twin, case, sides, questions)
    try:
        asked = [_ask(task, question, known, sides, options, clock) for question in questions]
    except NoDefinition:
        nothing = Unsupported(twin.name, "either", "", "empty cases", "the definition raises there")
        return Outcome((), (nothing,), clock.seconds)
    return Outcome(
        tuple(v for outcome in asked for v in outcome.verdicts),
        (*_shallow(task, options), *(u for outcome in asked for u in outcome.unsupported)),
        clock.seconds,
    )


def _shallow(task: Task, options: Options) -> list[Unsupported]:
    """What is not asked, though all is asked for."""
    if options.deep and task.case.draw == MANY:
        return [Unsupported(task.twin.name, "either", "", "deep cases and ways", LARGE)]
    return []


def _ask(
    task: Task,
    question: str,
    truth: Authority,
    sides: Sides,
    options: Options,
    clock: Stopwatch,
) -> Outcome:
    """Ask one question in every variant that a framework has for it."""
    name, case = task.twin.name, task.case
    with clock("truth"):
        asked_about = asked_of(question, truth.outputs)
        reason = truth.not_judged(question) if asked_about else "no differentiable output"
    if reason:
        return Outcome(
            (), (Unsupported(name, "either", question, f"of {case.kind} cases", reason),)
        )
    with clock("truth"):
        cotangents = case.cotangents([y.shape for y in asked_about])
    asked = "product" if question == "hessian" and not truth.whole else question
    verdicts, unsupported = [], []
    deep = options.deep and case.draw.transformed
    for variant in _variants(asked, sides, deep, options.variant):
        with clock("ask"):
            answers = [
                held_to(task.twin, case, b.ask(f, case, asked, variant, cotangents))
                for b, f in sides
                if variant in _ways(b, asked, deep)
            ]
        clock.move(sum(a.compiling for a in answers), "ask", "compile")
        with clock("judge"):
            said = [inspected(a, case, truth.outputs) for a in answers if not a.unsupported]
            given = [truth.project(a) for a in said]
        unsupported += [
            Unsupported(name, a.backend, question, variant, a.unsupported)
            for a in answers
            if a.unsupported
        ]
        with clock("truth"):
            blocks = truth.blocks(asked, variant, cotangents) if given else []
        if blocks or any(a.failed for a in given):
            with clock("judge"):
                verdicts.append(_verdict(task, truth, blocks, given, cotangents, options))
        elif given:
            unsupported.append(Unsupported(name, "either", question, variant, ALONE))
    return Outcome(tuple(verdicts), tuple(unsupported))


def _variants(asked: str, sides: Sides, deep: bool, only: str | None) -> list[str]:
    every = dict.fromkeys(variant for b, _ in sides for variant in _ways(b, asked, deep))
    return [variant for variant in every if only in (None, variant)]


def _ways(backend: Backend, asked: str, deep: bool) -> tuple[str, ...]:
    return backend.variants[asked] + (backend.deep.get(asked, ()) if deep else ())


def _verdict(
    task: Task,
    truth: Authority,
    blocks: list[Block],
    given: list[Answer],
    cotangents: list[np.ndarray],
    options: Options,
) -> Verdict:
    twin, question = task.twin, given[0].question
    verdict = _judged(task, truth.standard_of(question), blocks, given)
    if verdict.blind and (narrower := truth.stricter(question, cotangents)):
        # Rounding explains anything here, says the sound standard; a strict answer is right still.
        strictly = _judged(task, "strict", narrower, given)
        verdict = strictly if strictly.ok else verdict
    elif not verdict.ok and (closer := truth.closer(question, given, verdict.budget)):
        verdict = _judged(task, verdict.standard, closer, given)
    raised = any(answer.failed and not answer.blocks for answer in given)
    unsure = truth.torn or not (verdict.ok or truth.trusted)
    culprit = "unknown" if unsure and not raised else verdict.culprit
    return replace(
        verdict,
        ok=verdict.ok and not truth.torn,
        culprit=culprit,
        weaker=truth.weaker,
        budget_reason=twin.budget_reason,
        repro=repro(task, verdict, options),
        cause="" if verdict.ok or unsure else likely(truth, blocks, given, verdict),
    )


def _judged(task: Task, standard: str, blocks: list[Block], given: list[Answer]) -> Verdict:
    budget = task.twin.budget_of(standard)
    return judge(task.twin.name, task.case, blocks, given, standard=standard, budget=budget)


def collect(
    outcomes: Sequence[Outcome],
    backends: Mapping[str, Backend],
    options: Options,
    complete: bool = True,
) -> Report:
    """The report on what was finished."""
    return Report(
        verdicts=with_siblings([v for outcome in outcomes for v in outcome.verdicts]),
        unsupported=tuple(dict.fromkeys(u for outcome in outcomes for u in outcome.unsupported)),
        environment=environment(backends, options),
        complete=complete,
        seconds=total(outcome.seconds for outcome in outcomes),
    )
