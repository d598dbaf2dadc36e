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
from crosscheck.backends import NAMES, load
from crosscheck.bench.overhead import jax_call, torch_call
from crosscheck.bench.pairs import Call, Pair, compare
from crosscheck.bench.record import machine, record
from crosscheck.catalog import catalog
from crosscheck.errors import MissingFramework, UsageError, choose
from crosscheck.jobs import one_thread
from crosscheck.progress import progress
from crosscheck.report import text
from crosscheck.report.json import check_writable, write
from crosscheck.twin import Layer

OK, MISSED, USAGE = 0, 1, 2
SIZES = ("1_000", "10_000", "100_000", "1_000_000", "10_000_000")
DTYPES = ("float32", "bfloat16")
LARGE = 10**6  # entries from which on the goals hold
SLOW = 2.0  # the largest ratio of a layer of large inputs


@dataclass(frozen=True)
class Way:
    """How a framework is run; the goal is for the geometric mean of the ratios."""

    name: str
    backend: str
    goal: float
    call: Callable[[Layer, list[np.ndarray]], Call]


@dataclass(frozen=True)
class Timed:
    """One layer, run in one way on so many entries of a type; `other` is what it is beside."""

    layer: str
    way: str
    dtype: str
    entries: int
    other: str
    pair: Pair


def _compiled(layer: Layer, arrays: list[np.ndarray]) -> Call:
    import torch

    torch.compiler.reset()  # it gives up on code that it has compiled for eight layers before
    return torch_call(torch.compile(layer, fullgraph=True), arrays)


WAYS = (
    Way("torch eager", "torch", 1.25, torch_call),
    Way("torch compiled", "torch", 1.0, _compiled),
    Way("jax jit", "jax", 1.0, jax_call),
)


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
    text.console().print(table(timed), mean_table(means), sep="\n")
    if asked.json:
        given = ["activations", *argv]
        write(record(given, here, layers=[asdict(t) for t in timed], means=means), asked.json)
    return OK if all(mean["met"] for mean in means) else MISSED


def parser() -> argparse.ArgumentParser:
    """The options."""
    top = argparse.ArgumentParser(prog="crosscheck bench activations", description=__doc__)
    top.add_argument("--layer", type=listed, default=tuple(layers()), help="names, with commas")
    top.add_argument("--size", type=listed, default=SIZES, help=",".join(SIZES))
    top.add_argument("--dtype", type=listed, default=DTYPES, help=",".join(DTYPES))
    top.add_argument("--backend", type=listed, default=NAMES, help=",".join(NAMES))
    top.add_argument("--repeats", type=int, default=15, help="pairs of timings (default: 15)")
    top.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    return top


def layers() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """What is timed: a layer, by name, and its settings. Those that are numbers cost nothing."""
    return {
        "-".join([name, *settings.values()]): (name, settings)
        for name in native.BUILT_IN
        for settings in catalog()[name].settings
        if all(isinstance(setting, str) for setting in settings.values())
    }


def _work(asked: argparse.Namespace) -> Iterator[Callable[[], Timed]]:
    """The timings to make, once nothing is wrong with what is asked."""
    check_writable(asked.json)
    at_least_one("--repeats", asked.repeats)
    for what, known in (("layer", layers()), ("dtype", DTYPES), ("backend", NAMES)):
        for each in getattr(asked, what):
            choose(what, each, known)
    sizes = [_whole(size) for size in asked.size]
    for way in ways(asked.backend):
        for name in asked.layer:
            for dtype in asked.dtype:
                for size in sizes:
                    yield partial(timing, name, way, dtype, size, asked.repeats)


def _whole(size: str) -> int:
    if not size.replace("_", "").isdecimal():
        raise UsageError(f"expected --size as whole numbers from 1 on, got {size!r}")
    at_least_one("--size", int(size))
    return int(size)


def ways(backends: Sequence[str]) -> list[Way]:
    """How the layers are run here; what is left out is said."""
    for backend in backends:
        load(backend)
    why_not = _no_compiler() if "torch" in backends else ""
    if why_not:
        print(f"torch compiled is left out: {why_not}", file=sys.stderr)
    here = [way for way in WAYS if way.backend in backends]
    return [way for way in here if not (why_not and way.call is _compiled)]


def _no_compiler() -> str:
    """Why inductor cannot work; empty if it can."""
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        return "inductor finds no C++ compiler; install g++ or clang"
    return ""


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
