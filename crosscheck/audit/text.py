"""An audit as text: kill rates by kind and tool, what survives, false alarms, floors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosscheck.audit.court import CAUGHT, CROSSCHECK, MISTAKEN, Tried
from crosscheck.audit.floor import SIZES, Floor
from crosscheck.audit.results import Audit, kinds


def show(audit: Audit, console: Console) -> None:
    """Print all of it."""
    if audit.tried:
        console.print(rates(audit))
    for line in _lines(audit):
        console.print(Text(line), soft_wrap=True)  # one line each, so that commands can be pasted
    if audit.floors:
        console.print(floors(audit.floors))


def rates(audit: Audit) -> Table:
    """Caught of tried, a row a kind and a column a tool.

    Equivalent mutants are left out, and for each tool those of layers that it rejects when right.
    """
    title = "Bugs caught, of those planted"
    table = Table("kind of bug", title=title, title_justify="left", pad_edge=False)
    for tool in audit.tools:
        table.add_column(tool, justify="right")
    for kind in kinds(audit):
        table.add_row(kind, *(_cell(*audit.rate(tool, kind), tool) for tool in audit.tools))
    table.add_section()
    table.add_row("all", *(_cell(*audit.rate(tool), tool) for tool in audit.tools))
    return table


def _cell(caught: int, of: int, tool: str) -> Text:
    style = "bold red" if caught < of and tool == CROSSCHECK else ""
    return Text(f"{caught}/{of}" if of else "–", style=style)


def _lines(audit: Audit) -> Iterator[str]:
    for t in audit.survivors:
        yield f"survives: {t.mutant}" + _surviving(t)
    for t in audit.with_outcome(MISTAKEN):
        yield f"wrong culprit: {t.mutant}: {_reason(t)}"
    yield from _told_apart(audit)
    yield from _equivalents(audit.equivalents)
    for tool in audit.tools:
        if rejected := audit.rejected(tool):
            yield f"{tool} rejects right layers: {', '.join(rejected)}"
    yield from _alarms(audit)
    yield f"{len(audit.tried)} mutants, {_summary(audit)}" + _ending(audit)


def _summary(audit: Audit) -> str:
    if not audit.asked:
        return "of which nothing more is known: crosscheck was not asked"
    return f"{len(audit.equivalents)} equivalent, {len(audit.survivors)} survivors"


def _reason(t: Tried) -> str:
    return next(said.reason for said in t.said if said.tool == CROSSCHECK)


def _surviving(t: Tried) -> str:
    """What crosscheck raised on it, or where it could have been seen."""
    return f": {_reason(t)}" if _reason(t) else f", which differs at: {t.witness}"


def _told_apart(audit: Audit) -> Iterator[str]:
    told, caught = len(audit.told_apart), len(audit.with_outcome(CAUGHT))
    others = ", the others in ways that one alone has" if told < caught else ""
    if caught:
        yield f"{told} of {caught} caught by asking both frameworks{others}"


def _equivalents(tried: Sequence[Tried]) -> Iterator[str]:
    """Not bugs in these layers: as many answers compared as said, and not one another number."""
    for kind in dict.fromkeys(t.mutant.kind for t in tried):
        of_kind = [t for t in tried if t.mutant.kind == kind]
        named = ", ".join(f"{t.mutant.where} ({t.mutant.side})" for t in of_kind)
        least = min(t.compared for t in of_kind)
        yield f"equivalent, as all of {least} or more answers are equal: {kind} in {named}"


def _alarms(audit: Audit) -> Iterator[str]:
    a = audit.alarms
    if a.verdicts:
        whose = f"{a.verdicts} verdicts on right layers, {a.built_in} of them on built-in ones"
        yield f"{whose}: {len(a.failed)} false alarms, {a.blind} blind, {a.coarse} too coarse"
    for line in a.failed:
        yield f"false alarm: {line}"


def _ending(audit: Audit) -> str:
    spent = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in audit.seconds.items())
    return f"; {spent}" + ("" if audit.complete else "; INTERRUPTED, this is what was finished")


def floors(found: Sequence[Floor]) -> Table:
    """The smallest error noticed in one entry, a row a tool and a column a size."""
    title = "Smallest relative error in one entry of a gradient that is noticed"
    sizes = [size for size in SIZES if any(floor.size == size for floor in found)]
    table = Table("tool", title=title, title_justify="left", pad_edge=False)
    for size in sizes:
        table.add_column(f"{size:,} entries", justify="right")
    for gauge in dict.fromkeys(floor.gauge for floor in found):
        errors = {floor.size: floor.error for floor in found if floor.gauge == gauge}
        cells = [_error(errors[n]) if n in errors else "too slow" for n in sizes]
        table.add_row(gauge.name, *cells)
    return table


def _error(error: float | None) -> str:
    """None: an error of 100 % is not noticed; 0: the right layer is rejected."""
    return "none" if error is None else f"{error:.1e}" if error else "false alarm"
