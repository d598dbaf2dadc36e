"""A report as text: a table, a row a layer and a column a question; then the failures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosscheck.question import QUESTIONS
from crosscheck.report import Report
from crosscheck.verdict import Verdict

MOST_FAILURES = 10
BACKENDS = ("jax", "torch")


def console() -> Console:
    """The terminal, or 160 columns of a pipe or file."""
    return Console(width=None if sys.stdout.isatty() else 160)


def plain(report: Report, width: int = 160) -> str:
    """The report without colours."""
    out = StringIO()
    show(report, Console(file=out, width=width, color_system=None, legacy_windows=False))
    return out.getvalue().rstrip()


def show(report: Report, console: Console) -> None:
    """Print the whole report."""
    console.print(table(report))
    for text in _failures(report):
        console.print(text, soft_wrap=True)  # one line each, so that commands can be pasted
    for line in _closing(report):
        console.print(Text(line))


def table(report: Report) -> Table:
    """Worst error by layer, question and framework, in roundings of the layer's own standard."""
    questions = [q for q in QUESTIONS if any(v.question == q for v in report.verdicts)]
    grid = Table(
        title="Worst error in roundings, jax · torch", title_justify="left", pad_edge=False
    )
    grid.add_column("layer", no_wrap=True, min_width=8)
    grid.add_column("standard, budget", no_wrap=True)
    for question in questions:
        grid.add_column(question, justify="right", no_wrap=True)
    for layer in dict.fromkeys(v.layer for v in report.verdicts):
        verdicts = [v for v in report.verdicts if v.layer == layer]
        cells = [cell([v for v in verdicts if v.question == question]) for question in questions]
        standards = dict.fromkeys(
            f"{v.standard} {v.budget:g}{' (weaker)' if v.weaker else ''}" for v in verdicts
        )
        grid.add_row(Text(layer), Text(", ".join(standards)), *cells)
    return grid


def cell(verdicts: list[Verdict]) -> Text:
    """The worst error of each framework; red, with the culprit, where one is over the budget."""
    if not verdicts:
        return Text("–", style="dim")
    errors = [max((v.errors[b] for v in verdicts if b in v.errors), default=None) for b in BACKENDS]
    text = Text(" · ".join("–" if e is None else number(e) for e in errors))
    wrong = [v for v in verdicts if v.failed]
    if wrong:
        named = {"blind" if v.culprit == "unknown" and v.blind else v.culprit for v in wrong}
        if "both" in named or named.issuperset(BACKENDS):
            named = named.difference(BACKENDS) | {"both"}
        text.append(f" ✗ {', '.join(sorted(named))}")
        text.stylize("bold red")
    return text


def number(roundings: float) -> str:
    """Two digits are enough for an error."""
    return (
        f"{roundings:.1f}"
        if roundings < 1000
        else f"{roundings:.0e}"
        if roundings < float("inf")
        else "inf"
    )


def _failures(report: Report) -> Iterator[Text]:
    """The worst of each kind of failure, and how many there are like it."""
    alike: dict[tuple[str, ...], list[Verdict]] = {}
    for v in report.failures:
        alike.setdefault((v.layer, v.question, v.dtype, v.culprit), []).append(v)
    for verdicts in list(alike.values())[:MOST_FAILURES]:
        yield failure(max(verdicts, key=lambda v: max(v.errors.values())), len(verdicts) - 1)
    if len(alike) > MOST_FAILURES:
        yield Text(f"… and {len(alike) - MOST_FAILURES} more kinds (all failures: --json FILE)\n")


def failure(v: Verdict, more: int = 0) -> Text:
    """One failing verdict: what, where, how much, and the line that reproduces it."""
    head = f"✗ {v.layer}-{v.question}-{v.dtype} ({v.variant}, case {v.case}): "
    head += "blind" if v.blind and v.culprit == "unknown" else f"culprit {v.culprit}"
    lines = [f"{name}: {message}" for name, message in v.messages.items()]
    if v.worst_index:
        said = {("yardstick" if v.weaker and k == "truth" else k): y for k, y in v.values.items()}
        values = ", ".join(f"{name} {value}" for name, value in said.items())
        errors = ", ".join(f"{name} {number(e)}" for name, e in v.errors.items())
        lines += [
            f"at {v.worst_index}: {values}",
            f"roundings: {errors} (budget {v.budget:g}, {v.standard})",
        ]
    if v.culprit == "both" and v.disagreement is not None and v.disagreement <= v.budget:
        lines.append("jax and torch agree with each other: look at the definition too")
    if v.cause:
        lines.append(f"likely cause: {v.cause}")
    if v.blind:
        lines.append(f"floor {v.floor:.2g}: an error of half the answer's size would pass")
    if v.settings:
        lines.append(
            "settings: " + ", ".join(f"{name}={value!r}" for name, value in v.settings.items())
        )
    lines.append(f"reproduce: {v.repro}")
    if more:
        lines.append(f"and {more} more of this layer, question and type, none worse")
    text = Text(head, style="bold red")
    text.append("".join(f"\n    {line}" for line in lines) + "\n", style="not bold default")
    return text


def _closing(report: Report) -> Iterable[str]:
    """Counts, and what was not judged."""
    verdicts = (
        f"{len(report.verdicts)} verdicts, {len(report.failures)} failed, {report.blind} blind"
    )
    yield verdicts + ("" if report.complete else "; INTERRUPTED, this is what was finished")
    if not report.verdicts:
        yield "nothing was judged, which is not a success"
    for layer, reason in dict.fromkeys((v.layer, v.budget_reason) for v in report.verdicts):
        if reason:
            yield f"budget of {layer}: {reason}"
    for reason in dict.fromkeys(v.weaker for v in report.verdicts if v.weaker):
        yield f"weaker: {reason}"
    for backend, reason in dict.fromkeys((u.backend, u.reason) for u in report.unsupported):
        where = [u for u in report.unsupported if (u.backend, u.reason) == (backend, reason)]
        asked = ", ".join(
            dict.fromkeys(" ".join(filter(None, (u.question, u.variant))) for u in where)
        )
        layers = ", ".join(dict.fromkeys(u.layer for u in where))
        yield f"not asked of {backend}: {asked} ({reason}): {layers}"
    if report.seconds:
        spent = ", ".join(f"{stage} {s:.1f}" for stage, s in report.seconds.items())
        yield f"seconds, over all processes: {spent}"
