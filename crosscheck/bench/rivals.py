"""What a user would do today, over the same layers: finite differences in each framework.

`torch.autograd.gradcheck` and `gradgradcheck`, and `jax.test_util.check_grads` to second order in
reverse mode, all in float64 and at their defaults. They check one draw of each setting, as a user
would, or with --every-draw all that ours are made of, but for kinks and infinities, which finite
differences cannot do. `crosscheck run` judges every case in every type.

python -m crosscheck.bench rivals [LAYER …] [--every-draw]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from rich.table import Table

from crosscheck.case import Case
from crosscheck.precision import PRECISIONS
from crosscheck.report import text
from crosscheck.sample import sample
from crosscheck.targets import resolve
from crosscheck.twin import Layer, Twin

Check = Callable[[Layer, Case], bool]


@dataclass(frozen=True)
class Checked:
    """What the rivals took in one framework, how often they were asked, and whom they reject."""

    backend: str
    seconds: float
    checks: int
    rejected: list[str]


def main(argv: Sequence[str]) -> int:
    """Time the rivals here and `crosscheck run` in a process of its own; print the ratio."""
    from crosscheck.bench.suite import run_catalog

    top = argparse.ArgumentParser(prog="python -m crosscheck.bench rivals", description=__doc__)
    top.add_argument("layers", nargs="*", metavar="LAYER")
    top.add_argument("--every-draw", action="store_true", help="not one alone of each setting")
    asked = top.parse_args(argv)
    twins = [twin for _, twin in resolve(asked.layers)]
    theirs = [check_all(twins, backend, asked.every_draw) for backend in CHECKS]
    ours = run_catalog(*asked.layers)
    text.console().print(table(ours.seconds, theirs))
    return ours.status


def check_all(twins: Iterable[Twin], backend: str, every: bool = False) -> Checked:
    """Every layer that one framework has; imports are part of the time."""
    start = perf_counter()
    check, answers = CHECKS[backend], []
    for twin in (twin for twin in twins if backend in twin.backends):
        answers += [(twin.name, check(twin.layer(backend), case)) for case in draws(twin, every)]
    rejected = list(dict.fromkeys(name for name, passed in answers if not passed))
    return Checked(backend, perf_counter() - start, len(answers), rejected)


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
        try:
            check_grads(_of_reals(layer, case, given), x, order=2, modes=["rev"])
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


def table(ours: float, theirs: Sequence[Checked]) -> Table:
    """Seconds of each, and ours over theirs."""
    together = sum(checked.seconds for checked in theirs)
    grid = Table("", title=f"ours / theirs: {ours / together:.2f}", title_justify="left")
    grid.add_column("seconds", justify="right")
    grid.add_column("checks", justify="right")
    grid.add_column("right layers rejected")
    grid.add_row("crosscheck run", f"{ours:.1f}", "every case")
    for one in theirs:
        rejected = ", ".join(one.rejected) or "none"
        grid.add_row(NAMES[one.backend], f"{one.seconds:.1f}", str(one.checks), rejected)
    return grid


NAMES = {"torch": "torch gradcheck, gradgradcheck", "jax": "jax check_grads, order 2"}
