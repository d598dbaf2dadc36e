"""A small transformer block of lean layers: loss, gradient, curvature, the same in both frameworks.

    a = rms_norm(x, n1)     x2 = x + attention(rope(a wq), rope(a wk), a wv) wo
    b = rms_norm(x2, n2)    x3 = x2 + swiglu(b wg, b wu) wd
    loss = linear_cross_entropy(rms_norm(x3, n3), w, labels)

Two heads of queries share one of keys and values; attention is causal. The definition consists of
those of the layers, and the truth is worked out from it: the Hessian-vector product too.

python -m crosscheck.demos.transformer [--dtype float64] [--seed 0] [--plot transformer.png]
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.api import check
from crosscheck.catalog.activations import swiglu
from crosscheck.catalog.attention import attention, rope
from crosscheck.catalog.losses import linear_cross_entropy
from crosscheck.catalog.normalization import rms_norm
from crosscheck.demos.presentation import Result, check_seed, parser, present, table
from crosscheck.inputs import integer, real
from crosscheck.precision import PRECISIONS
from crosscheck.report import Report
from crosscheck.twin import Twin

NAME = "transformer"
LENGTH, WIDTH, HEADS, HEAD, HIDDEN, CLASSES = 3, 4, 2, 2, 3, 5
QUESTIONS = ("value", "vjp", "hessian")  # of so many inputs a Hessian is asked for along a vector


def block(package: str, x: Any, positions: Any, labels: Any, *weights: Any) -> Any:
    """The loss, from the layers of `jaxlayers` or of `torchlayers`."""
    layers = importlib.import_module(package)
    n1, wq, wk, wv, wo, n2, wg, wu, wd, n3, w = weights
    a = layers.rms_norm(x, n1)
    q, k, v = (_heads(a @ projection) for projection in (wq, wk, wv))
    q, k = layers.rope(q, positions), layers.rope(k, positions)
    mixed = layers.attention(q, k, v, causal=True)
    x2 = x + mixed.swapaxes(0, 1).reshape(LENGTH, -1) @ wo
    b = layers.rms_norm(x2, n2)
    x3 = x2 + layers.swiglu(b @ wg, b @ wu) @ wd
    return layers.linear_cross_entropy(layers.rms_norm(x3, n3), w, labels)


def _heads(a: Any) -> Any:
    """(t, heads · e) as (heads, t, e)."""
    return a.reshape(LENGTH, -1, HEAD).swapaxes(0, 1)


def definition(x: Any, positions: Any, labels: Any, *weights: Any) -> np.ndarray:
    """The same, from the definitions in the catalog."""
    n1, wq, wk, wv, wo, n2, wg, wu, wd, n3, w = weights
    a = rms_norm.definition(x, n1)
    q, k, v = (_heads(a @ projection) for projection in (wq, wk, wv))
    q, k = rope.definition(q, positions), rope.definition(k, positions)
    mixed = attention.definition(q, k, v, causal=True)
    x2 = x + mixed.swapaxes(0, 1).reshape(LENGTH, HEADS * HEAD) @ wo
    b = rms_norm.definition(x2, n2)
    x3 = x2 + swiglu.definition(b @ wg, b @ wu) @ wd
    return linear_cross_entropy.definition(rms_norm.definition(x3, n3), w, labels)


TWIN = Twin(
    "transformer block",
    jax=partial(block, "jaxlayers"),
    torch=partial(block, "torchlayers"),
    definition=definition,
    inputs={
        "x": real(f"{LENGTH} {WIDTH}"),
        "positions": integer(f"{LENGTH}", high=10_000),
        "labels": integer(f"{LENGTH}", high=CLASSES),
        "n1": real(f"{WIDTH}"),
        "wq": real(f"{WIDTH} {HEADS * HEAD}"),
        "wk": real(f"{WIDTH} {HEAD}"),
        "wv": real(f"{WIDTH} {HEAD}"),
        "wo": real(f"{HEADS * HEAD} {WIDTH}"),
        "n2": real(f"{WIDTH}"),
        "wg": real(f"{WIDTH} {HIDDEN}"),
        "wu": real(f"{WIDTH} {HIDDEN}"),
        "wd": real(f"{HIDDEN} {WIDTH}"),
        "n3": real(f"{WIDTH}"),
        "w": real(f"{WIDTH} {CLASSES}"),
    },
)


def main(argv: Sequence[str] | None = None) -> int:
    """Judge and print. 0: both frameworks are right, 1: not so, 2: a usage error."""
    top = parser(NAME, "A transformer block of lean layers, in both frameworks, beside the truth.")
    top.add_argument("--dtype", default="float64", choices=tuple(PRECISIONS), help="its type")
    top.add_argument("--seed", type=int, default=0, help="draws other inputs")
    asked = top.parse_args(argv)
    return present(NAME, asked.plot, lambda: perform(asked.dtype, asked.seed))


def perform(dtype: str, seed: int) -> Result:
    """Have crosscheck judge the loss, its gradient, and its Hessian times a vector."""
    check_seed(seed)
    report = check(TWIN, questions=QUESTIONS, dtypes=[dtype], seed=seed)
    return Result(page(report), report.ok, partial(_draw, report))


def page(report: Report) -> str:
    """What was asked, and the worst error of each answer."""
    words = (__doc__ or "").rpartition("\n\n")[0]
    found = worst(report)
    frameworks = sorted({name for name, _ in found})
    asked = dict.fromkeys(question for _, question in found)
    rows = [[q, *(f"{found[name, q]:.2f}" for name in frameworks)] for q in asked]
    judged = f"{len(report.verdicts)} verdicts, {len(report.failures)} failed"
    errors = table(["worst error in roundings", *frameworks], rows)
    return f"{words}\n\n{errors}\n\n{judged}; {TWIN.allowed:g} roundings are allowed."


def worst(report: Report) -> dict[tuple[str, str], float]:
    """(framework, question) → its largest error, in roundings."""
    found: dict[tuple[str, str], float] = {}
    for v in report.verdicts:
        for framework, error in v.errors.items():
            found[framework, v.question] = max(error, found.get((framework, v.question), 0.0))
    return found


def _draw(report: Report, path: Path) -> None:
    """Bars of the worst errors, below the line of what is allowed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes, found = figure.add_subplot(), worst(report)
    names = [f"{question}\n{framework}" for framework, question in found]
    axes.bar(names, list(found.values()))
    axes.axhline(TWIN.allowed, color="tab:red", label="allowed")
    axes.set_ylabel("worst error in roundings")
    axes.legend()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    sys.exit(main())
