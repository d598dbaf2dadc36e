"""`crosscheck sweep`: an elementwise layer at every number of a type.

Exit 0: the worst errors are at most 4, 4 and 6 roundings for value, first and second derivative,
with no other fault; 1: not so; 2: a usage error; 130: interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter

import numpy as np

from crosscheck.arguments import at_least_one, listed
from crosscheck.backends import NAMES, load
from crosscheck.errors import MissingFramework, UsageError, choose
from crosscheck.processes import everywhere
from crosscheck.progress import progress
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written
from crosscheck.session import interruptible
from crosscheck.stopwatch import total
from crosscheck.sweep.authority import framework
from crosscheck.sweep.balls import check, confirmed
from crosscheck.sweep.kept import Kept
from crosscheck.sweep.part import STAGES, Key, Part, Result, bench, tried
from crosscheck.sweep.results import Row, Sweep, as_dict
from crosscheck.sweep.subject import Subject, found, subjects
from crosscheck.sweep.tally import Tally
from crosscheck.sweep.text import ORDERS, show
from crosscheck.sweep.values import DTYPES, PART, mixed, parts

OK, FAULTY, USAGE, INTERRUPTED = 0, 1, 2, 130
Results = dict[Part, Result]


def main(argv: Sequence[str] | None = None) -> int:
    """Try, count, confirm, print."""
    given = sys.argv[1:] if argv is None else list(argv)
    asked = parser().parse_args(given)
    command = " ".join(["crosscheck sweep", *given])
    try:
        every, numbers = _checked(asked), mixed(asked.dtype, asked.sample)
        kept = Kept(every, numbers)
        swept = _sweep(every, numbers, kept, asked.jobs)
        with then_written(asked.json, lambda: as_dict(swept, command)):
            show(swept, text.console())
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:  # before the first part or after the last
        print("crosscheck: interrupted; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    if swept.complete:
        kept.clear()
    return OK if swept.ok else FAULTY if swept.complete else INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """All options."""
    top = argparse.ArgumentParser(
        prog="crosscheck sweep", description="Try an elementwise layer at every number of a type."
    )
    top.add_argument("layer", metavar="LAYER | module:name | file.py:name")
    top.add_argument("--dtype", default="float32", help=" or ".join(DTYPES))
    top.add_argument("--order", type=listed, default=("0", "1", "2"), help=", ".join(
        f"{order} {name}" for order, name in enumerate(ORDERS)))  # fmt: skip
    top.add_argument("--backend", type=listed, default=NAMES, help=",".join(NAMES))
    top.add_argument("--native", action="store_true", help="the built-in layer of that name")
    top.add_argument("--sample", type=int, metavar="N",
                     help=f"only N numbers, all over the type, in parts of {PART:,}")  # fmt: skip
    top.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="processes")
    top.add_argument("--json", type=Path, metavar="FILE", help="write all of it there as well")
    return top


def _checked(asked: argparse.Namespace) -> list[Subject]:
    """Say before the work what cannot be done."""
    if asked.dtype == "float64":
        raise UsageError(
            "expected a type with numbers few enough to try, got float64, which has 2^64; "
            f"choose from: {', '.join(DTYPES)}"
        )
    choose("dtype", asked.dtype, DTYPES)
    for what, given, known in (("order", asked.order, "012"), ("backend", asked.backend, NAMES)):
        if not given:
            raise UsageError(f"expected at least one {what}, got none; leave it out for all")
        for each in given:
            choose(what, each, known)
    at_least_one("-j", asked.jobs)
    at_least_one("--sample", asked.sample)
    check_writable(asked.json)
    return _tried_out(asked)


def _tried_out(asked: argparse.Namespace) -> list[Subject]:
    """The subjects; what a layer cannot do, it says at two numbers as well as at all."""
    found.cache_clear()  # files may have changed since
    bench.cache_clear()
    orders = tuple(sorted({int(order) for order in asked.order}))
    backends = tuple(name for name in NAMES if name in asked.backend)
    every = subjects(asked.layer, asked.dtype, orders, backends, asked.native)
    for backend in {*every[0].backends, framework(every[0].twin)}:
        load(backend)
    for subject in every:
        ones = np.ones(2, dtype=subject.dtype)
        bench(subject).authority.right(ones)
        for backend in subject.backends:
            bench(subject).ask(backend, ones)
    return every


def _sweep(asked: list[Subject], numbers: list[int], kept: Kept, jobs: int) -> Sweep:
    start, every = perf_counter(), [Part(s, number) for s in asked for number in numbers]
    wanted = set(every)
    results = {r.part: r for r in kept.results() if r.part in wanted}
    resumed = len(results)
    _finish(every, results, kept, jobs)
    complete = len(results) == len(every)
    rows = [row for subject in asked for row in _rows(subject, every, results, complete)]
    checks = [check(subject, _worst(rows, subject)) for subject in asked if complete]
    counts = {"finished": len(results), "resumed": resumed, "asked": len(every),
              "of": parts(asked[0].dtype) * len(asked)}  # fmt: skip
    spent = total((r.seconds for r in results.values()), STAGES)
    seconds = spent | {"all": perf_counter() - start}
    return Sweep(tuple(rows), tuple(checks), counts, seconds, complete)


def _finish(every: list[Part], results: Results, kept: Kept, jobs: int) -> None:
    """Add what is missing to the results, and keep it; Ctrl-C ends it in order."""
    todo = [part for part in every if part not in results]
    with interruptible() as interrupted, closing(everywhere(tried, todo, jobs)) as stream:
        for result in progress("parts", stream, len(todo)):
            results[result.part] = result
            kept.add(result)
            if interrupted:  # libraries may swallow the exception
                break


def _rows(subject: Subject, every: list[Part], results: Results, complete: bool) -> list[Row]:
    """Sums in the order of the numbers, whoever was first; the worst confirmed by balls."""
    total: dict[Key, Tally] = {}
    for part in every:
        if part.subject == subject and part in results:
            for key, tally in results[part].tallies.items():
                total[key] = total.get(key, Tally()) + tally
    keys = sorted(total, key=lambda key: (key[1], key[0]))
    return [
        Row(subject, b, order, total[b, order],
            confirmed(subject, order, total[b, order].roundings) if complete else None)
        for b, order in keys
    ]  # fmt: skip


def _worst(rows: list[Row], subject: Subject) -> list[float]:
    """The places of the worst errors."""
    of_it = [row.tally for row in rows if row.subject == subject]
    places = [worst.at for tally in of_it for worst in (tally.roundings, tally.ulp)]
    return [place for place in places if place is not None]
