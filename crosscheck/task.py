"""Task: one case to examine, what came of it, and what reproduces a verdict on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from shlex import quote

from crosscheck.case import Case
from crosscheck.options import Options
from crosscheck.stopwatch import Seconds
from crosscheck.twin import Twin
from crosscheck.verdict import Unsupported, Verdict


@dataclass(frozen=True)
class Task:
    """One case of one twin; `target` is how the command line names the twin, if it can."""

    twin: Twin
    case: Case
    target: str = ""

    def __str__(self) -> str:
        return f"{self.twin.name} {self.case.id} {self.case.precision.name}"


@dataclass(frozen=True)
class Outcome:
    """What came of one task; `refused`: why its twin cannot be judged at all.

    unforeseen: whether that says nothing of the twin's other cases.
    """

    verdicts: tuple[Verdict, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    seconds: Seconds = field(default_factory=dict)
    refused: str = ""
    unforeseen: bool = False

    @property
    def ok(self) -> bool:
        """No verdict fails."""
        return not any(verdict.failed for verdict in self.verdicts)

    def until_failure(self) -> Outcome:
        """The same, up to and including the first verdict that fails."""
        first = [verdict.failed for verdict in self.verdicts].index(True)
        return replace(self, verdicts=self.verdicts[: first + 1])


def repro(task: Task, verdict: Verdict, options: Options) -> str:
    """What reproduces exactly this verdict: a command, or a snippet for twins made in Python."""
    v = verdict
    if task.target:
        device = "" if options.device == "cpu" else f" --device {options.device}"
        device += " --deep" if options.deep else ""
        return (
            f"crosscheck run {quote(task.target)} --question {v.question} --dtype {v.dtype} "
            f"--case {v.case} --variant {v.variant} --seed {options.seed}{device}"
        )
    return (
        f"crosscheck.check(twin, questions=[{v.question!r}], dtypes=[{v.dtype!r}], "
        f"case={v.case!r}, variant={v.variant!r}, seed={options.seed}, device={options.device!r}"
        f"{', deep=True' if options.deep else ''})"
        f"  # twin: the Twin named {v.layer!r}"
    )
