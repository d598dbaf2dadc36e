"""What a user would do today, over the same layers: finite differences in each framework.

`torch.autograd.gradcheck` and `gradgradcheck`, and `jax.test_util.check_grads` to second order in
reverse mode, all in float64 and at their defaults. They check one draw of each setting, as a user
would, or with --every-draw all that ours are made of, but for kinks and infinities, which finite
differences cannot do. `crosscheck run` judges every case in every type. Both take one process.

python -m crosscheck.bench rivals [LAYER …] [--every-draw]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from crosscheck.backends import load
from crosscheck.case import Case
from crosscheck.errors import describe
from crosscheck.precision import PRECISIONS
from crosscheck.report import text
from crosscheck.sample import sample
from crosscheck.targets import resolve
from crosscheck.twin import Layer, Twin

if TYPE_CHECKING:
    from crosscheck.bench.suite import Job  # which has this among its parts

Check = Callable[[Layer, Case], bool]


@dataclass(frozen=True)
class Checked:
    """What the rivals took in one framework, how often they answered, and whom they reject."""

    backend: str
    seconds: float
    checks: int
    rejected: list[str]
    unasked: dict[str, str]  # layer → why it could not be asked about


def main(argv: Sequence[str]) -> int:
    """Time the rivals here and `crosscheck run` in one other process; print the ratio."""
    from crosscheck.bench.suite import run_catalog

    top = argparse.ArgumentParser(prog="python -m crosscheck.bench rivals", description=__doc__)
    top.add_argument("layers", nargs="*", metavar="LAYER")
    top.add_argument("--every-draw", action="store_true", help="not one alone of each setting")
    asked = top.parse_args(argv)
    twins = [twin for _, twin in resolve(asked.layers)]
    needed = [name for name in CHECKS if any(name in twin.backends for twin in twins)]
    imports = {backend: _seconds_to_load(backend) for backend in needed}
    theirs = [check_all(twins, name, asked.every_draw, imports[name]) for name in needed]
    ours = run_catalog(*asked.layers, "-j", "1")
    text.console().print(table(ours, theirs))
    return ours.status


def _seconds_to_load(backend: str) -> float:
    start = perf_counter()
    load(backend)
    return perf_counter() - start


def check_all(
    twins: Iterable[Twin], backend: str, every: bool = False, spent: float = 0.0
) -> Checked:
    """Every layer that one framework has; `spent` are seconds that count too, those of imports."""
    start = perf_counter() - spent
    answers = [
        (twin.name, _asked(backend, twin, case))
        for twin in twins
        if backend in twin.backends
        for case in draws(twin, every)
    ]
    rejected = list(dict.fromkeys(name for name, passed in answers if passed is False))
    unasked = {name: why for name, why in answers if isinstance(why, str)}
    checks = sum(isinstance(passed, bool) for _, passed in answers)
    return Checked(backend, perf_counter() - start, checks, rejected, unasked)


def _asked(backend: str, twin: Twin, case: Case) -> bool | str:
    """Whether a layer passes; or why that could not be asked."""
    try:
        return CHECKS[backend](twin.layer(backend), case)
    except Exception as error:  # rivals raise what they like: what the others said must not be lost
        return describe(error)


def draws(twin: Twin, every: bool) -> list[Case]:
    """Every smooth draw in float64, or the first of each setting."""
    smooth = [c for c in sample(twin, PRECISIONS["float64"]) if c.kind not in ("kink", "limits")]
    return smooth if every else list({repr(c.settings): c for c in reversed(smooth)}.values())


def torch_passes(layer: Layer, case: Case) -> bool:
    """gradcheck and gradgradcheck."""
    import torch
    from torch.autograd import gradcheck, gradgradcheck

    given = {name: torch.tensor(array) for name, array in case.inputs.items()}
    x = [given[name].requires_grad_() for name in case.differentiable]
    at = _of_reals(layer, case, given)
    once = gradcheck(at, x, raise_exception=False)
    return once and gradgradcheck(at, x, raise_exception=False)


def jax_passes(layer: Layer, case: Case) -> bool:
    """check_grads to second order."""
    import jax
    from jax.test_util import check_grads

    with jax.enable_x64(True):
        given = {name: jax.numpy.array(array) for name, array in case.inputs.items()}
        x = [given[name] for name in case.differentiable]
        at = _of_reals(layer, case, given)

        def of_arrays(*x: Any) -> Any:  # of NumPy's, which check_grads hands over, layers make none
            return at(*map(jax.numpy.asarray, x))

        try:
            check_grads(of_arrays, x, order=2, modes=["rev"])
        except AssertionError:
            return False
    return True


def _of_reals(layer: Layer, case: Case, given: dict[str, Any]) -> Layer:
    """The layer as a function of its differentiable inputs alone."""

    def at(*x: Any) -> Any:
        arguments = given | dict(zip(case.differentiable, x, strict=True))
        return layer(*arguments.values(), **case.settings)

    return at


CHECKS: dict[str, Check] = {"torch": torch_passes, "jax": jax_passes}


def table(ours: Job, theirs: Sequence[Checked]) -> Table:
    """Seconds of each, and ours over theirs; what was cut short is compared with nothing."""
    together = sum(checked.seconds for checked in theirs)
    title = f"ours / theirs: {ours.seconds / together:.2f}"
    if ours.status:
        title = f"no ratio: crosscheck run ended with exit {ours.status}"
    grid = Table("", title=title, title_justify="left")
    grid.add_column("seconds", justify="right")
    grid.add_column("checks", justify="right")
    for column in ("right layers rejected", "could not be asked"):
        grid.add_column(column)
    grid.add_row("crosscheck run -j 1", f"{ours.seconds:.1f}", "every case")
    for one in theirs:
        rejected = ", ".join(one.rejected) or "none"
        figures = f"{one.seconds:.1f}", str(one.checks), rejected
        grid.add_row(NAMES[one.backend], *figures, _layers(one.unasked))
    return grid


def _layers(unasked: Mapping[str, str]) -> Text:
    """How many, which, and why: as it was said, brackets too."""
    named = ", ".join(f"{name} ({why})" for name, why in unasked.items())
    return Text(f"{len(unasked)}: {named}" if unasked else "none")


NAMES = {"torch": "torch gradcheck, gradgradcheck", "jax": "jax check_grads, order 2"}
