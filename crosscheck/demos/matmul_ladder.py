"""Document 004's ladder: four ways to multiply two matrices, timed and compared in one run.

python -m crosscheck.demos.matmul_ladder
python -m crosscheck.demos.matmul_ladder --size 5,784,10 --rounds 1 --plot ladder.png
"""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from crosscheck.backends import one_thread
from crosscheck.catalog import layer
from crosscheck.demos.presentation import Result, at_least, check_seed, parser, present, table
from crosscheck.demos.proof import in_roundings, truth_at
from crosscheck.demos.sides import sides
from crosscheck.errors import UsageError

NAME = "matmul_ladder"
SMALL = (5, 28, 10)  # the document's is (5, 784, 10), with 28 times as many steps
COLOURS = {"jax": "tab:blue", "jax, jit": "lightskyblue", "torch": "tab:orange"}
SHORTEST = 0.01  # seconds that one timing should last
STEPS: dict[str, str] = {
    "three loops": "c[i, j] += a[i, k] * b[k, j]",
    "dot products of rows": "c[i, j] = (a[i] * b[:, j]).sum()",
    "broadcasting": "c[i] = (a[i][:, None] * b).sum(0)",
    "einsum": "einsum('ik,kj->ij', a, b)",
    "einsum, this project's": "the same, with a backward pass derived by hand",
    "matmul, this project's": "a @ b, with a backward pass derived by hand",
    "a @ b": "the library's own",
}
ABOUT = """\
a ({0}, {1}) times b ({1}, {2}): {3} numbers, each the sum of {1} products, in float32.

The ladder is document 004's. Each rung takes a loop from Python and gives it to the library, which
runs it in compiled code on whole rows at once:
"""
READING = """\
Time for one product, and how many times as long as the `a @ b` of the same column it takes. In each
round (of {rounds}; these are medians) all ways are timed in turn, torch on one thread.
"""
COLUMNS = """\
torch and jax run as Python does: each operation is found, checked and started by itself, which
takes microseconds however small it is. Three loops start {products} of them, a single `@` one, and
that is most of the difference. JAX pays more for a start, and an array in it cannot be written
into: c.at[i, j].add(…) makes a new c each time. Under jax.jit there is one start for the whole
program: the three loops, now compiled, take {compiled:.1f} × the time of `@`.
"""
ERRORS = """\
The results, compared with the exact product: the largest error, in roundings. (1 is what rounding
each operation of a straightforward product can explain; up to {budget:g} is right.) The ways add in
different orders, so their last digits may differ. None is wrong for that.
"""


@dataclass(frozen=True)
class Rungs:
    """One column: seconds for each way, its ratio to the built-in one, and its error."""

    seconds: list[float]
    ratios: list[float]
    errors: list[float]


def main(argv: Sequence[str] | None = None) -> int:
    """Time, compare, print. 0: all results are right, 1: one is not, 2: a usage error."""
    top = parser(NAME, "Four ways to multiply two matrices, and the built-in one.")
    top.add_argument("--size", type=_size, default=SMALL, metavar="N,K,M", help="(N, K) × (K, M)")
    top.add_argument("--rounds", type=int, default=5, help="how often all ways are timed")
    top.add_argument("--seed", type=int, default=0, help="draws other matrices")
    asked = top.parse_args(argv)
    return present(NAME, asked.plot, lambda: perform(asked.size, asked.rounds, asked.seed))


def _size(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"expected numbers such as 5,784,10, got {text!r}") from None


def perform(size: tuple[int, ...], rounds: int, seed: int) -> Result:
    """All ways in both frameworks."""
    if len(size) != 3 or min(size) < 1:
        raise UsageError(f"expected --size as three numbers from 1 on, got {size}; try 5,784,10")
    at_least(1, "--rounds", rounds)
    check_seed(seed)
    rng = np.random.default_rng(seed)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in (size[:2], size[1:]))
    twin = layer("matmul")
    truth = truth_at(twin, "float32", dict(zip(twin.inputs, (a, b), strict=True)))
    [block] = truth.blocks("value", "", [])
    columns: dict[str, Rungs] = {}
    for side in sides(NAME).values():
        for name, calls in side.calls(a, b).items():
            said = [np.asarray(call()) for call in calls]  # this compiles them too
            errors = [float(in_roundings(c, block, truth.case.precision).max()) for c in said]
            columns[name] = Rungs(*timed(calls, rounds), errors)
    ok = max(max(rungs.errors) for rungs in columns.values()) <= twin.allowed
    page = _page(size, rounds, twin.allowed, columns)
    return Result(page, ok, lambda path: _draw(columns, size, path))


def timed(calls: Sequence[Callable[[], Any]], rounds: int) -> tuple[list[float], list[float]]:
    """Median seconds of each call, and median ratio to the last call of the same round."""
    with one_thread():
        counts = [_count(call) for call in calls]
        seconds = [
            [_seconds(call, count) for call, count in zip(calls, counts, strict=True)]
            for _ in range(rounds)
        ]
    ratios = [[one / row[-1] for one in row] for row in seconds]
    return _medians(seconds), _medians(ratios)


def _medians(rows: list[list[float]]) -> list[float]:
    return [median(column) for column in zip(*rows, strict=True)]


def _count(call: Callable[[], Any]) -> int:
    """How many calls last long enough to be timed."""
    count, lasted = 1, _seconds(call, 1)
    while lasted * count < SHORTEST:
        count *= 2
        lasted = _seconds(call, count)
    return count


def _seconds(call: Callable[[], Any], count: int) -> float:
    start = perf_counter()
    for _ in range(count):
        call()
    return (perf_counter() - start) / count


def _page(size: tuple[int, ...], rounds: int, budget: float, columns: Mapping[str, Rungs]) -> str:
    rows, inner, width = size
    steps = zip(STEPS, (rows * width * inner, rows * width, rows, 1, 1, 1, 1), strict=True)
    starts = {way: f"{count:,}" for way, count in steps}
    times = {name: list(map(_time, r.seconds, r.ratios)) for name, r in columns.items()}
    errors = {name: [f"{error:.2g}" for error in r.errors] for name, r in columns.items()}
    sections = [
        ABOUT.format(*size, rows * width),
        table(
            ["way", "what is repeated", "how often"],
            [[way, what, starts[way]] for way, what in STEPS.items()],
        ),
        "\n" + READING.format(rounds=rounds),
        _columns(times),
        "\n"
        + COLUMNS.format(products=starts["three loops"], compiled=columns["jax, jit"].ratios[0]),
        ERRORS.format(budget=budget),
        _columns(errors),
    ]
    return "\n".join(sections)


def _columns(cells: Mapping[str, list[str]]) -> str:
    return table(["way", *cells], list(zip(STEPS, *cells.values(), strict=True)))


def _time(seconds: float, ratio: float) -> str:
    return f"{seconds * 1e6:,.0f} µs {f'{ratio:,.1f}':>9} ×"


def _draw(columns: Mapping[str, Rungs], size: tuple[int, ...], path: Path) -> None:
    """Bars on a logarithmic axis, a colour a column."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7), layout="constrained")
    ax = figure.subplots()
    height = 0.8 / len(columns)
    for k, (name, rungs) in enumerate(columns.items()):
        places = np.arange(len(STEPS)) + (k - (len(columns) - 1) / 2) * height
        micro = [seconds * 1e6 for seconds in rungs.seconds]
        bars = ax.barh(places, micro, 0.9 * height, label=name, color=COLOURS[name])
        ax.bar_label(bars, [f"{ratio:,.1f} ×" for ratio in rungs.ratios], padding=4, fontsize=8)
    ax.set_yticks(range(len(STEPS)), [f"{way}\n{what}" for way, what in STEPS.items()])
    ax.invert_yaxis()
    ax.set_xscale("log")
    ax.margins(x=0.12)
    ax.grid(axis="x", alpha=0.3)
    ax.set_xlabel("µs for one product (logarithmic); at the bar: how many times as long as a @ b")
    ax.set_title(f"Ways to multiply ({size[0]}, {size[1]}) by ({size[1]}, {size[2]}), float32")
    ax.legend()
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    sys.exit(main())
