"""`crosscheck keeps`: what each layer keeps for its backward pass, beside what its Twin promises.

Exit 0: every promise is kept; 1: one is broken, or a layer raised; 2: a usage error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from crosscheck.arguments import listed
from crosscheck.backends import NAMES, load
from crosscheck.errors import MissingFramework, UsageError, choose
from crosscheck.keeping.rows import Row, as_dict, row
from crosscheck.keeping.text import show
from crosscheck.precision import PRECISIONS
from crosscheck.progress import progress
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written
from crosscheck.targets import resolve
from crosscheck.twin import Twin

OK, BROKEN, USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    asked = parser().parse_args(argv)
    try:
        rows = _measure(asked)
        with then_written(asked.json, lambda: as_dict(rows)):
            show(rows, text.console())
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return USAGE
    return BROKEN if any(row.broken for row in rows) else OK


def parser() -> argparse.ArgumentParser:
    """All options."""
    top = argparse.ArgumentParser(
        prog="crosscheck keeps", description="Bytes kept for backward passes, beside the promises."
    )
    top.add_argument("targets", nargs="*", metavar="LAYER | module | file.py")
    top.add_argument("--dtype", type=listed, default=("float32",), help=",".join(PRECISIONS))
    top.add_argument("--json", type=Path, metavar="FILE", help="write all of it there as well")
    return top


def _measure(asked: argparse.Namespace) -> list[Row]:
    check_writable(asked.json)
    for dtype in asked.dtype:
        choose("dtype", dtype, PRECISIONS)
    if not asked.dtype:
        raise UsageError("expected at least one dtype, got none; leave it out for float32")
    twins = [twin for _, twin in resolve(asked.targets)]
    for backend in {backend for twin in twins for backend in twin.backends}:
        load(backend)
    rows = [row_ for twin in twins for row_ in _rows(twin, asked.dtype)]
    return list(progress("layers", (row(*each) for each in rows), len(rows)))


def _rows(twin: Twin, dtypes: Sequence[str]) -> Iterator[tuple[Twin, str, str]]:
    for dtype in dtypes:
        yield from ((twin, backend, dtype) for backend in NAMES if backend in twin.backends)
