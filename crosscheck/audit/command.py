"""`crosscheck audit`: plant bugs in right layers, and count who notices.

Exit 0: crosscheck caught every bug, with the right culprit, and blamed no right layer; 1: not so,
or crosscheck was not asked; 2: a usage error; 130: interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from crosscheck.arguments import at_least_one, listed
from crosscheck.audit.alarms import Alarms, alarms
from crosscheck.audit.campaign import Batch, batches, tried
from crosscheck.audit.court import TOOLS, Tried
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.floor import GAUGES, Floor, floors, plot
from crosscheck.audit.results import Audit, as_dict
from crosscheck.audit.text import show
from crosscheck.catalog import catalog, function
from crosscheck.errors import MissingFramework, UsageError, choose
from crosscheck.options import Options
from crosscheck.processes import everywhere
from crosscheck.progress import progress
from crosscheck.report import text
from crosscheck.report.files import check_writable, in_words, then_written
from crosscheck.session import interruptible
from crosscheck.targets import resolve

OK, SURVIVORS, USAGE, INTERRUPTED = 0, 1, 2, 130
ALARMS = 1000
T = TypeVar("T")
NOTHING = "none"  # the kind of bug to plant where only alarms or floors are asked for


def main(argv: Sequence[str] | None = None) -> int:
    """Plant, ask, count, print, keep."""
    given = sys.argv[1:] if argv is None else list(argv)
    asked = parser().parse_args(given)
    command = " ".join(["crosscheck audit", *given])
    try:
        _check(asked)
        audit = _audit(asked)
        with then_written(asked.json, lambda: as_dict(audit, command)):
            show(audit, text.console())
            if asked.plot and audit.floors:
                with in_words(asked.plot):
                    plot(list(audit.floors), asked.plot)
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return USAGE
    return OK if audit.ok else SURVIVORS if audit.complete else INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """All options."""
    top = argparse.ArgumentParser(
        prog="crosscheck audit", description="Plant bugs in right layers, and count who notices."
    )
    top.add_argument("layers", nargs="*", metavar="LAYER", help="default: all")
    top.add_argument("--kind", type=listed, default=tuple(DEFECTS), help="kinds of bug, or none")
    top.add_argument("--tool", type=listed, default=_tools(), help=",".join(_tools()))
    top.add_argument("--seed", type=_whole, default=0, help="draws other cases, plants elsewhere")
    top.add_argument("--alarms", type=_whole, default=ALARMS, metavar="N",
                     help=f"verdicts on right layers (default: {ALARMS})")  # fmt: skip
    top.add_argument("--floor", action="store_true", help="find the detection floors too")
    top.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the floors; finds them")
    top.add_argument("--json", type=Path, metavar="FILE", help="write all of it there as well")
    top.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="processes")
    return top


def _tools() -> tuple[str, ...]:
    return tuple(dict.fromkeys(tool for tools in TOOLS.values() for tool in tools))


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)


def _check(asked: argparse.Namespace) -> None:
    """Say before the work what cannot be done after it."""
    bugs = asked.kind != (NOTHING,)
    if bugs:
        _known("kind of bug", asked.kind, DEFECTS)
    _known("tool", asked.tool, _tools())
    if not (bugs or asked.alarms or asked.floor or asked.plot):
        raise UsageError("expected bugs, alarms or floors to ask for, got none of them")
    for path in (asked.json, asked.plot):
        check_writable(path)
    at_least_one("-j", asked.jobs)


def _known(what: str, given: Sequence[str], known: Iterable[str]) -> None:
    """Refuse an empty list, which would pass with nothing asked, and names that there are not."""
    if not given:
        raise UsageError(f"expected at least one {what}, got none; leave it out for all")
    for each in given:
        choose(what, each, known)


def _planned(asked: argparse.Namespace, options: Options) -> list[Batch]:
    """What is to be planted, if anything is asked to be."""
    if asked.kind == (NOTHING,):
        return []
    planned = batches(layers(asked.layers), asked.kind, asked.tool, options)
    if not planned:
        raise UsageError("expected bugs that these layers can have and these tools are asked of, "
                         "got none; leave out --kind or --tool")  # fmt: skip
    return planned


def _audit(asked: argparse.Namespace) -> Audit:
    options = Options(seed=asked.seed)
    planned = _planned(asked, options)
    caught: list[Tried] = []
    blamed = [Alarms()]
    found: list[Floor] = []
    seconds: dict[str, float] = {}
    with interruptible() as interrupted:
        with _timed(seconds, "mutants"):
            every = everywhere(tried, planned, asked.jobs)
            for some in _watched(interrupted, progress("mutants", every, len(planned))):
                caught += some
        with _timed(seconds, "alarms"):
            counted = alarms(asked.layers, asked.alarms, options, asked.jobs)
            blamed += _watched(interrupted, progress("right layers", counted, None, _so_far))
        with _timed(seconds, "floors"):
            sizes = sum(len(gauge.sizes) for gauge in GAUGES)
            every_size = floors() if asked.floor or asked.plot else ()
            found += _watched(interrupted, progress("floors", every_size, sizes))
    return Audit(tuple(caught), blamed[-1], tuple(found), seconds, complete=not interrupted)


def _watched(interrupted: list[bool], items: Iterable[T]) -> Iterator[T]:
    """The items up to an interruption: libraries may swallow the exception that it raises."""
    for item in items:
        yield item
        if interrupted:
            raise KeyboardInterrupt


def _so_far(alarms: Alarms) -> str:
    return f"{alarms.verdicts} verdicts on right layers, {len(alarms.failed)} alarms"


def layers(named: Sequence[str]) -> list[list[str]]:
    """Targets that are one layer: each twin that is named; otherwise those of the catalog."""
    if named:
        return [[target] for target, _ in resolve(named)]
    together: dict[str, list[str]] = {}
    for name, twin in catalog().items():
        together.setdefault(function(twin), []).append(name)
    return list(together.values())


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    try:
        yield
    finally:
        seconds[stage] = perf_counter() - start
