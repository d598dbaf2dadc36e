"""A sweep as text: a row for each setting, order and framework; then who says so, and how fast."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosscheck.report.text import number
from crosscheck.show import pairs
from crosscheck.sweep.balls import ALIKE, TRUSTED, Check
from crosscheck.sweep.judge import BUDGET
from crosscheck.sweep.part import STAGES
from crosscheck.sweep.results import Row, Sweep
from crosscheck.sweep.tally import FAULTS, Fault, Worst

ORDERS = ("value", "first", "second")


def show(sweep: Sweep, console: Console) -> None:
    """Print all of it."""
    if sweep.rows:
        console.print(table(sweep))
    for line in _lines(sweep):
        console.print(Text(line), soft_wrap=True)


def table(sweep: Sweep) -> Table:
    """What is over its budget is red; faults are counted, with the first place."""
    first = sweep.rows[0].subject
    built_in = ", built in" if first.native else ""
    title = f"{first.target}{built_in}, every {first.dtype}: worst errors, and where"
    if sweep.parts["asked"] < sweep.parts["of"]:
        title = title.replace("every", "a sample of")
    grid = Table(title=title, title_justify="left", pad_edge=False)
    for column in ("setting", "order", "framework"):
        grid.add_column(column, no_wrap=True)
    for column in ("roundings", "by balls", "ulp"):
        grid.add_column(column, justify="right", no_wrap=True)
    grid.add_column("faults")
    for row in sweep.rows:
        grid.add_row(*_cells(row))
    return grid


def _cells(row: Row) -> Iterator[Text]:
    tally = row.tally
    yield Text(pairs(row.subject.settings) or "–")
    yield Text(f"{ORDERS[row.order]} ≤ {BUDGET[row.order]:g}")
    yield Text(row.backend)
    yield Text(_place(tally.roundings), style="" if row.within else "bold red")
    by_balls = "–" if row.confirmed is None else number(row.confirmed)
    yield Text(by_balls, style="bold red" if row.refuted else "")
    yield Text(_place(tally.ulp))
    said = (_fault(FAULTS[name], fault) for name, fault in tally.faults.items() if fault.count)
    yield Text(", ".join(said) or "none", style="" if row.faultless else "bold red")


def _place(worst: Worst) -> str:
    return "0" if worst.at is None else f"{number(worst.error)} at {worst.at:.9g}"


def _fault(what: str, fault: Fault) -> str:
    return f"{fault.count:,} {what} (first at {fault.at:.9g})"


def _lines(sweep: Sweep) -> Iterator[str]:
    parts = sweep.parts
    all_there_are = "all that there are" if parts["finished"] == parts["of"] else "a sample"
    earlier = f"; {parts['resumed']} of {parts['finished']} parts were tried before"
    yield f"{sweep.values:,} numbers tried, {all_there_are}" + (earlier if parts["resumed"] else "")
    if flushed := sum(row.tally.flushed.count for row in sweep.rows):
        yield f"{flushed:,} answers at subnormal numbers were those at 0, as XLA flushes them"
    yield from map(_check, sweep.checks)
    yield from _speed(sweep)
    if not sweep.complete:
        yield "INTERRUPTED, this is what was finished; the same command goes on from here"


def _check(check: Check) -> str:
    if not check.sampled:
        return f"authority: {check.backend} in float64, not held against balls (no definition)"
    trusted = "" if check.ok else f" NOT TO BE TRUSTED (allowed: {TRUSTED:.1g}, {ALIKE:.0%}):"
    unknown = f", {check.unknown} without a truth" if check.unknown else ""
    return (
        f"authority ({pairs(check.settings)}): {check.backend} in float64,{trusted} by balls "
        f"at most {check.error.error:.1e} roundings off in {check.sampled} answers{unknown}, "
        f"its unit at most {check.unit.error:.1%}"
    )


def _speed(sweep: Sweep) -> Iterator[str]:
    seconds = sweep.seconds
    work = sum(seconds[stage] for stage in STAGES)
    if not work:
        return
    rate = sweep.values / seconds["all"] if not sweep.parts["resumed"] else sweep.values / work
    of = ", ".join(f"{stage} {seconds[stage] / work:.0%}" for stage in STAGES)
    yield (
        f"{seconds['all']:.1f} s, {work:.1f} s of work over all processes, {rate:.1e} numbers/s; "
        f"of the work: {of} (the layers' own part is the bare functions' time)"
    )
