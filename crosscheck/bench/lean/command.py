"""What lean layers keep and cost, beside the frameworks' own and their fused forms, in one run.

crosscheck bench lean [SUBJECT …] [--backend b,…] [--sizes N] [--repeats N] [--json FILE]

Of each form: bytes kept for the backward pass that are no input, the memory that a forward pass, a
backward pass and a Hessian-vector product need at most beside the inputs, and time, ours to theirs.
Sizes double, so that growth is seen: an exponent of 1 is linear. JAX's memory is what XLA planned
beside results, torch's the peak of a process of its own, results and all: compare forms, not
frameworks. All in float32, on the processor, torch on one thread.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from crosscheck.arguments import at_least_one, listed
from crosscheck.backends import NAMES, load
from crosscheck.bench.lean.growth import exponent
from crosscheck.bench.lean.measure import Row, rows
from crosscheck.bench.lean.passes import FIGURES, PASSES
from crosscheck.bench.lean.subjects import SUBJECTS, Subject
from crosscheck.bench.record import machine, record
from crosscheck.errors import MissingFramework, UsageError, choose
from crosscheck.progress import progress
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written

OK, FAILED, USAGE = 0, 1, 2
REPEATS = 7
Group = tuple[str, str, str]  # subject, backend, form


def main(argv: Sequence[str]) -> int:
    """Measure, print, keep. 0: all was measured; 1: some of it could not be; 2: a usage error."""
    asked = parser().parse_args(argv)
    try:
        work = _work(asked)
        here = machine()
        found = [
            row for group in progress("sizes", _measured(work, asked), len(work)) for row in group
        ]
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck.bench: {error}", file=sys.stderr)
        return USAGE
    each, given = [asdict(row) for row in found], ["lean", *argv]
    with then_written(asked.json, lambda: record(given, here, rows=each, growth=growth(found))):
        text.console().print(table(found), growth_table(found), sep="\n")
    for sentence in failures(found):
        print(f"crosscheck.bench: {sentence}", file=sys.stderr)
    return FAILED if any(row.failed for row in found) else OK


def parser() -> argparse.ArgumentParser:
    """The options."""
    top = argparse.ArgumentParser(prog="crosscheck bench lean", description=__doc__)
    top.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}")
    top.add_argument("--backend", type=listed, default=NAMES, help=",".join(NAMES))
    top.add_argument("--sizes", type=int, metavar="N", help="the N smallest alone")
    top.add_argument("--repeats", type=int, default=REPEATS, help=f"pairs of timings ({REPEATS})")
    top.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    return top


def _work(asked: argparse.Namespace) -> list[tuple[Subject, str, int]]:
    """What to measure, once nothing is wrong with what is asked."""
    check_writable(asked.json)
    at_least_one("--repeats", asked.repeats)
    at_least_one("--sizes", asked.sizes)
    for name in asked.subjects:
        choose("subject", name, SUBJECTS)
    for backend in asked.backend:
        choose("backend", backend, NAMES)
    if not asked.backend:
        raise UsageError("expected at least one backend, got none; leave it out for all")
    for backend in asked.backend:
        load(backend)
    wanted = [SUBJECTS[name] for name in asked.subjects or SUBJECTS]
    return [(s, b, size) for s in wanted for b in asked.backend for size in s.sizes[: asked.sizes]]


def _measured(
    work: Iterable[tuple[Subject, str, int]], asked: argparse.Namespace
) -> Iterator[list[Row]]:
    for subject, backend, size in work:
        yield list(rows(subject, backend, size, asked.repeats))


def table(found: Iterable[Row]) -> Table:
    """A row for each form at each size."""
    grid = Table("subject", "framework", "form", title="MiB, and time of ours / theirs")
    for column in ("size", *FIGURES):
        grid.add_column(column, justify="right")
    for row in found:
        grid.add_row(*_where(row), *_figures(row))
    return grid


def _where(row: Row) -> tuple[str, ...]:
    return row.subject, row.backend, row.form, f"{row.size:,} {SUBJECTS[row.subject].grows}"


def _figures(row: Row) -> Iterator[str]:
    peaks = (_mib(row.peaks.get(name)) for name in PASSES)
    times = (f"{row.times[name]:.2f}" if name in row.times else "" for name in PASSES)
    for figure, said in zip(FIGURES, (_mib(row.kept), *peaks, *times), strict=True):
        yield "failed" if figure in row.failed else said


def failures(found: Iterable[Row]) -> Iterator[str]:
    """A sentence for each reason why a row lacks figures."""
    for row in found:
        for why in dict.fromkeys(row.failed.values()):
            which = [figure for figure, reason in row.failed.items() if reason == why]
            yield f"{', '.join(_where(row))}: {', '.join(which)}: {why}"


def _mib(size: int | None) -> str:
    return "raises" if size is None else f"{size / 2**20:,.1f}"


def growth(found: Iterable[Row]) -> list[dict[str, str | float]]:
    """The exponent that each form's peak grows with, pass by pass."""
    groups: dict[Group, list[Row]] = {}
    for row in found:
        groups.setdefault((row.subject, row.backend, row.form), []).append(row)
    return [
        dict(zip(("subject", "backend", "form"), group, strict=True))
        | {
            name: exponent({r.size: r.peaks[name] for r in of if name in r.peaks})
            for name in PASSES
        }
        for group, of in groups.items()
    ]


def growth_table(found: Iterable[Row]) -> Table:
    """The exponents."""
    grid = Table("subject", "framework", "form", title="Peak memory grows with size to the power")
    for name in PASSES:
        grid.add_column(name, justify="right")
    for one in growth(found):
        figures = (f"{one[name]:.2f}" for name in PASSES)
        grid.add_row(*(str(one[key]) for key in ("subject", "backend", "form")), *figures)
    return grid
