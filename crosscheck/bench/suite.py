"""The benchmarks: jobs against their goals, layers against the built-in ones; a table and JSON.

python -m crosscheck.bench                       all but the CI run
python -m crosscheck.bench --ci --json FILE      with it, and keep the figures
python -m crosscheck.bench activations           forward and backward, in every type, size and way
python -m crosscheck.bench lean                  memory, peaks and times as sizes double
python -m crosscheck.bench rivals                crosscheck beside finite differences
python -m crosscheck.bench calibration           what the sound standard's budget rests on
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.table import Table

from crosscheck.backends import NAMES, load
from crosscheck.bench import activations, calibration, rivals
from crosscheck.bench.lean import command as lean
from crosscheck.bench.overhead import Measured, measure
from crosscheck.bench.pairs import Spread
from crosscheck.bench.record import machine, record
from crosscheck.errors import MissingFramework, UsageError
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written

OK, MISSED, USAGE = 0, 1, 2
CATALOG_GOAL, CI_GOAL = 60.0, 600.0  # seconds on two cores
PARTS = {
    "activations": activations.main,
    "calibration": calibration.main,
    "lean": lean.main,
    "rivals": rivals.main,
}
FIRST = ("relu", "elu", "sigmoid", "linear", "mse", "relu_residual")  # what the goal is set for


@dataclass(frozen=True)
class Job:
    """A command, the seconds that it took and its exit status."""

    name: str
    seconds: float
    goal: float
    status: int

    @property
    def met(self) -> bool:
        """It succeeded in time."""
        return self.status == 0 and self.seconds <= self.goal


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, keep. 0: each job succeeded within its goal; 1: one did not; 2: usage."""
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        if given and given[0] in PARTS:
            return PARTS[given[0]](given[1:])
        return _all(given)
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck.bench: {error}", file=sys.stderr)
        return USAGE


def _all(given: Sequence[str]) -> int:
    """The jobs and the layers."""
    asked = parser().parse_args(given)
    _check(asked)
    here = machine()
    jobs = [run_catalog(*FIRST), *([run_ci()] if asked.ci else [])]
    measured = list(measure(asked.repeats))
    with then_written(asked.json, lambda: figures(given, here, jobs, measured)):
        _print(jobs, measured)
    return OK if all(job.met for job in jobs) else MISSED


def parser() -> argparse.ArgumentParser:
    """The options."""
    top = argparse.ArgumentParser(prog="python -m crosscheck.bench", description="Benchmarks.")
    top.add_argument("--ci", action="store_true", help="time .ci/run too (minutes)")
    top.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    top.add_argument("--repeats", type=int, default=15, help="pairs of timings a layer and size")
    return top


def _check(asked: argparse.Namespace) -> None:
    """Say before the work what cannot be done after it."""
    check_writable(asked.json)
    if asked.repeats < 1:
        raise UsageError(f"expected at least 1 repeat, got {asked.repeats}")
    if asked.ci and not _ci().is_file():
        raise UsageError(f"--ci needs a checkout of the project: there is no {_ci()}")
    for backend in NAMES:
        load(backend)


def run_catalog(*layers: str) -> Job:
    """`crosscheck run` of these layers, in a process of its own, start and imports included."""
    name = " ".join(["crosscheck run", *layers])
    return _run(name, [sys.executable, "-m", *name.split()], CATALOG_GOAL)


def run_ci() -> Job:
    """`.ci/run`: a fresh environment, lint, tests, types."""
    return _run(".ci/run", [str(_ci())], CI_GOAL)


def _ci() -> Path:
    return Path(__file__).resolve().parents[2] / ".ci" / "run"


def _run(name: str, command: list[str], goal: float) -> Job:
    start = perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = perf_counter() - start
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
    return Job(name, seconds, goal, done.returncode)


def figures(
    given: Sequence[str], here: dict[str, Any], jobs: Iterable[Job], measured: Iterable[Measured]
) -> dict[str, Any]:
    """The document that is kept."""
    each = [asdict(job) | {"met": job.met} for job in jobs]
    return record(given, here, jobs=each, layers=[asdict(one) for one in measured])


def _print(jobs: Iterable[Job], measured: Iterable[Measured]) -> None:
    text.console().print(job_table(jobs), layer_table(measured), sep="\n")


def job_table(jobs: Iterable[Job]) -> Table:
    """The jobs, in seconds."""
    table = Table("job", title="Wall time", title_justify="left")
    for column in ("seconds", "goal"):
        table.add_column(column, justify="right")
    table.add_column("")
    for job in jobs:
        words = "met" if job.met else f"MISSED (exit {job.status})"
        table.add_row(job.name, f"{job.seconds:.1f}", f"{job.goal:.0f}", words)
    return table


def layer_table(measured: Iterable[Measured]) -> Table:
    """The layers: microseconds (median), and ratio ours / other (min, median, max of the pairs)."""
    title = (
        "Float32, forward and backward (bernoulli: drawn): torch eager on one thread, jax under jit"
    )
    table = Table("layer", title=title, title_justify="left")
    table.add_column("compared with")
    for column in ("entries", "ours, µs", "other, µs", "ratio: min  median  max"):
        table.add_column(column, justify="right")
    for one in measured:
        other = f"{one.backend}: {one.other.removeprefix(f'{one.backend}.')}"
        times = (f"{spread.median * 1e6:,.1f}" for spread in (one.pair.ours, one.pair.theirs))
        table.add_row(one.layer, other, f"{one.entries:,}", *times, _ratio(one.pair.ratio))
    return table


def _ratio(ratio: Spread) -> str:
    return f"{ratio.minimum:.2f}  {ratio.median:6.2f}  {ratio.maximum:6.2f}"
