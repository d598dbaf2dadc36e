"""What the activations cost beside the frameworks' own, forward and backward, in every way.

crosscheck bench activations [--layer L,…] [--size N,…] [--dtype d,…] [--backend b,…]

Torch runs eagerly and under `torch.compile`, on one thread, JAX under `jit`, all on the processor.
A figure is a ratio, ours to theirs, the middle one of pairs that were timed turn about.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import numpy as np
from rich.table import Table

from crosscheck import native
from crosscheck.arguments import at_least_one, listed
from crosscheck.backends import NAMES, one_thread
from crosscheck.bench.pairs import Pair, compare
from crosscheck.bench.record import machine, record
from crosscheck.bench.ways import WAYS, Way, ways
from crosscheck.catalog import catalog
from crosscheck.errors import MissingFramework, UsageError, choose
from crosscheck.progress import progress
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written

OK, MISSED, USAGE = 0, 1, 2
SIZES = ("1_000", "10_000", "100_000", "1_000_000", "10_000_000")
DTYPES = ("float32", "bfloat16")
MOST = 10**9  # entries: what a few tensors of fit into memory
LARGE = 10**6  # entries from which on the goals hold
SLOW = 2.0  # the largest ratio of a layer of large inputs


@dataclass(frozen=True)
class Timed:
    """One layer, run in one way on so many entries of a type; `other` is what it is beside."""

    layer: str
    way: str
    dtype: str
    entries: int
    other: str
    pair: Pair


def main(argv: Sequence[str]) -> int:
    """Time, print, keep. 0: all goals are met; 1: not so; 2: a usage error."""
    asked = parser().parse_args(argv)
    try:
        work = list(_work(asked))
        here = machine()
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck.bench: {error}", file=sys.stderr)
        return USAGE
    timed = [one() for one in progress("layers", work, len(work))]
    means = summary(timed)
    goals = mean_table(means) if means else f"Goals hold from {LARGE:,} entries on: none was asked."
    layers, given = [asdict(t) for t in timed], ["activations", *argv]
    with then_written(asked.json, lambda: record(given, here, layers=layers, means=means)):
        text.console().print(table(timed), goals, sep="\n")
    return OK if all(mean["met"] for mean in means) else MISSED


def parser() -> argparse.ArgumentParser:
    """The options."""
    top = argparse.ArgumentParser(
        prog="crosscheck bench activations",
        description="Time of ours / theirs, forward and backward, eager and compiled.",
    )
    for option, known, what in (
        ("--layer", tuple(layers()), "names, with commas, of: "),
        ("--size", SIZES, f"entries, at most {MOST:,}; "),
        ("--dtype", DTYPES, ""),
        ("--backend", NAMES, ""),
    ):
        says = f"{what}{','.join(known)} (default: all)"
        top.add_argument(option, type=listed, default=known, metavar="L,…", help=says)
    top.add_argument("--repeats", type=int, default=15, metavar="N", help="pairs (default: 15)")
    top.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    return top


def layers() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """What is timed: a layer, by name, and its settings: the first, and those that are words."""
    return {
        "-".join([name, *words]): (name, settings)
        for name in native.BUILT_IN
        for settings in reversed(catalog()[name].settings)
        for words in [[word for word in settings.values() if isinstance(word, str)]]
    }


def _work(asked: argparse.Namespace) -> Iterator[Callable[[], Timed]]:
    """The timings to make, once nothing is wrong with what is asked."""
    check_writable(asked.json)
    at_least_one("--repeats", asked.repeats)
    for what, known in (("layer", layers()), ("dtype", DTYPES), ("backend", NAMES)):
        for each in getattr(asked, what):
            choose(what, each, known)
    sizes = dict.fromkeys(_whole(size) for size in asked.size)
    for what in ("layer", "dtype", "backend", "size"):
        if not getattr(asked, what):
            raise UsageError(f"expected at least one {what}, got none; leave it out for all")
    for way in ways(asked.backend):
        for name in asked.layer:
            for dtype in asked.dtype:
                for size in sizes:
                    yield partial(timing, name, way, dtype, size, asked.repeats)


def _whole(size: str) -> int:
    digits = size.replace("_", "")
    if not (digits.isdecimal() and 1 <= int(digits) <= MOST):
        raise UsageError(f"expected --size as whole numbers from 1 to {MOST:,}, got {size!r}")
    return int(digits)


def timing(name: str, way: Way, dtype: str, entries: int, repeats: int) -> Timed:
    """One layer beside the framework's own, on normal numbers."""
    layer, settings = layers()[name]
    x = np.random.default_rng(0).normal(size=entries).astype(dtype)
    ours = partial(catalog()[layer].layer(way.backend), **settings)
    theirs = partial(native.built_in(layer, way.backend), **settings)
    with one_thread():
        pair = compare(way.call(ours, [x]), way.call(theirs, [x]), repeats)
    return Timed(name, way.name, dtype, entries, native.words(layer, way.backend), pair)


def summary(timed: Iterable[Timed]) -> list[dict[str, Any]]:
    """For each way and type: the geometric mean of the ratios of large inputs, and who is slow."""
    ratios: dict[tuple[str, str], dict[str, list[float]]] = {}
    for one in timed:
        if one.entries >= LARGE:
            group = ratios.setdefault((one.way, one.dtype), {})
            group.setdefault(one.layer, []).append(one.pair.ratio.median)
    goals = {way.name: way.goal for way in WAYS}
    return [_mean(way, dtype, goals[way], group) for (way, dtype), group in ratios.items()]


def _mean(way: str, dtype: str, goal: float, group: Mapping[str, list[float]]) -> dict[str, Any]:
    mean = geometric_mean([ratio for each in group.values() for ratio in each])
    slow = {layer: max(each) for layer, each in group.items() if max(each) > SLOW}
    met = mean <= goal and not slow
    return {"way": way, "dtype": dtype, "mean": mean, "goal": goal, "slow": slow, "met": met}


def table(timed: Iterable[Timed]) -> Table:
    """The ratios: a row for each layer, way and type, a column for each size."""
    timed = list(timed)
    sizes = sorted({one.entries for one in timed})
    rows: dict[tuple[str, str, str], dict[int, float]] = {}
    for one in timed:
        key = one.layer, one.way, one.dtype
        rows.setdefault(key, {})[one.entries] = one.pair.ratio.median
    grid = Table("layer", "way", "dtype", title="Forward and backward: time of ours / theirs")
    for size in sizes:
        grid.add_column(f"{size:,}", justify="right")
    for key, ratios in sorted(rows.items()):
        grid.add_row(*key, *(f"{ratios[size]:.2f}" for size in sizes))
    return grid


def mean_table(means: Iterable[Mapping[str, Any]]) -> Table:
    """The geometric means, beside their goals."""
    grid = Table("way", "dtype", title=f"Geometric mean from {LARGE:,} entries on")
    for column in ("ratio", "goal"):
        grid.add_column(column, justify="right")
    grid.add_column(f"over {SLOW:g}")
    for mean in means:
        slow = sorted(mean["slow"].items(), key=lambda each: -each[1])
        words = ", ".join(f"{layer} {ratio:.1f}" for layer, ratio in slow)
        mark = "" if mean["met"] else "MISSED  "
        figures = (f"{mean[key]:.2f}" for key in ("mean", "goal"))
        grid.add_row(mean["way"], mean["dtype"], *figures, mark + words)
    return grid
