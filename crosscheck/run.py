"""The line from Twin to Report: sample, ask, inspect, judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from crosscheck.answer import Answer
from crosscheck.backends import Backend, load
from crosscheck.environment import environment
from crosscheck.errors import choose
from crosscheck.judge import judge
from crosscheck.options import Options
from crosscheck.precision import PRECISIONS
from crosscheck.question import asked_of
from crosscheck.report import Report
from crosscheck.sample import Case, sample
from crosscheck.structure import inspected
from crosscheck.truth import Block, Truth
from crosscheck.twin import STANDARDS, Layer, Twin
from crosscheck.verdict import Unsupported, Verdict
from crosscheck.yardstick import Yardstick

ALONE = "no definition, and only one framework answers"
Sides = Sequence[tuple[Backend, Layer]]


@dataclass(frozen=True)
class Task:
    """One case of one twin; `target` is how the command line names the twin, if it can."""

    twin: Twin
    case: Case
    target: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of one task."""

    verdicts: tuple[Verdict, ...]
    unsupported: tuple[Unsupported, ...]

    @property
    def ok(self) -> bool:
        """All verdicts are within their budgets."""
        return all(verdict.ok for verdict in self.verdicts)

    def until_failure(self) -> Outcome:
        """The same, up to and including the first verdict that fails."""
        first = [verdict.ok for verdict in self.verdicts].index(False)
        return Outcome(self.verdicts[: first + 1], self.unsupported)


def plan(twins: Iterable[tuple[str, Twin]], options: Options) -> list[Task]:
    """All tasks, in order, for (target, twin) pairs."""
    tasks = [
        Task(twin, case, target)
        for target, twin in twins
        for dtype in options.dtypes
        for case in sample(twin, PRECISIONS[dtype], options.seed)
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
        asked = [b.variants[q] for b in backends.values() for q in options.questions]
        choose("variant", options.variant, dict.fromkeys(v for variants in asked for v in variants))
    return backends


def examine(
    task: Task, backends: Mapping[str, Backend], options: Options, truth: Truth | None = None
) -> Outcome:
    """Ask every question about one case, and judge the answers; by a truth, if one is at hand."""
    twin, case = task.twin, task.case
    sides = [(backends[name], twin.layer(name)) for name in twin.backends]
    weaker = twin.definition is None and case.limits is None
    truth = truth or (Yardstick(twin, case, sides) if weaker else Truth(twin, case))
    outcomes = [_ask(task, question, truth, sides, options) for question in options.questions]
    return Outcome(
        tuple(v for outcome in outcomes for v in outcome.verdicts),
        tuple(u for outcome in outcomes for u in outcome.unsupported),
    )


def _ask(
    task: Task, question: str, truth: Truth | Yardstick, sides: Sides, options: Options
) -> Outcome:
    """Ask one question in every variant that a framework has for it."""
    name, case = task.twin.name, task.case
    reason = truth.not_judged(question)
    if reason:
        return Outcome(
            (), (Unsupported(name, "either", question, f"of {case.kind} cases", reason),)
        )
    cotangents = case.cotangents([y.shape for y in asked_of(question, truth.outputs)])
    asked = "product" if question == "hessian" and not truth.whole else question
    verdicts, unsupported = [], []
    for variant in _variants(asked, sides, options):
        answers = [
            b.ask(f, case, asked, variant, cotangents)
            for b, f in sides
            if variant in b.variants[asked]
        ]
        given = [
            truth.project(inspected(a, case, truth.outputs)) for a in answers if not a.unsupported
        ]
        unsupported += [
            Unsupported(name, a.backend, question, variant, a.unsupported)
            for a in answers
            if a.unsupported
        ]
        blocks = truth.blocks(asked, variant, cotangents) if given else []
        if blocks or any(a.failed for a in given):
            verdicts.append(_verdict(task, truth, blocks, given, options))
        elif given:
            unsupported.append(Unsupported(name, "either", question, variant, ALONE))
    return Outcome(tuple(verdicts), tuple(unsupported))


def _variants(asked: str, sides: Sides, options: Options) -> list[str]:
    every = dict.fromkeys(variant for backend, _ in sides for variant in backend.variants[asked])
    return [variant for variant in every if options.variant in (None, variant)]


def _verdict(
    task: Task, truth: Truth | Yardstick, blocks: list[Block], given: list[Answer], options: Options
) -> Verdict:
    twin, case = task.twin, task.case
    verdict = judge(
        twin.name, case, blocks, given, standard=truth.standard, budget=_budget(twin, truth)
    )
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
    )


def _budget(twin: Twin, truth: Truth | Yardstick) -> float:
    return twin.allowed if truth.standard == twin.standard else STANDARDS[truth.standard]


def repro(task: Task, verdict: Verdict, options: Options) -> str:
    """What reproduces exactly this verdict: a command, or a snippet for twins made in Python."""
    v = verdict
    if task.target:
        device = "" if options.device == "cpu" else f" --device {options.device}"
        return (
            f"crosscheck run {quote(task.target)} --question {v.question} --dtype {v.dtype} "
            f"--case {v.case} --variant {v.variant} --seed {options.seed}{device}"
        )
    return (
        f"crosscheck.check(twin, questions=[{v.question!r}], dtypes=[{v.dtype!r}], "
        f"case={v.case!r}, variant={v.variant!r}, seed={options.seed}, device={options.device!r})"
        f"  # twin: the Twin named {v.layer!r}"
    )


def collect(
    outcomes: Sequence[Outcome],
    backends: Mapping[str, Backend],
    options: Options,
    complete: bool = True,
) -> Report:
    """The report on what was finished."""
    return Report(
        verdicts=tuple(v for outcome in outcomes for v in outcome.verdicts),
        unsupported=tuple(dict.fromkeys(u for outcome in outcomes for u in outcome.unsupported)),
        environment=environment(backends, options),
        complete=complete,
    )
