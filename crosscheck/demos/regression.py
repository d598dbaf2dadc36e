"""Document 001's regression: a quadratic fitted by stochastic gradient descent, in both frameworks.

python -m crosscheck.demos.regression
python -m crosscheck.demos.regression --epochs 30 --plot regression.png
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.demos.presentation import Result, at_least, check_seed, parser, present, table
from crosscheck.demos.quadratic_fit import (
    EXAMPLES,
    RATE,
    Data,
    Run,
    draw_data,
    explained,
    train,
)
from crosscheck.demos.sides import sides

NAME = "regression"
FULL = 300  # epochs in the document
NAMES = ("a", "b", "c")
STYLES = {  # torch goes over jax, thinner, so that both are seen
    "jax": {"color": "tab:blue", "linewidth": 4},
    "torch": {"color": "black", "linewidth": 1.2, "linestyle": "--"},
    "start": {"color": "gray", "linewidth": 1.2, "linestyle": ":"},
    "least squares": {"color": "tab:red", "linewidth": 1.2, "linestyle": "-."},
}
INTRODUCTION = """\
{examples} examples of y = a x² + b x + c + noise, drawn as document 001 draws them. For each
example in turn, in an order drawn anew for every epoch, a, b and c take a step of {rate:g} against
the gradient of mse(quadratic(x, a, b, c), y). In float64, {epochs} epochs.
"""
STARTS = """\
Both frameworks draw their start and their orders of visiting from the same key, each by itself: the
starts are {apart:g} units in the last place apart, the orders are {orders}.
"""
TOGETHER = """\
In the end the frameworks are {apart:.1e} apart. Rounding explains up to {bound:.1e}: each of the
{steps:,} steps brings two runs closer or leaves them as far apart as they are, and adds what it
rounds. So they are {verdict}.
"""
SLOW = """\
Least squares is the goal of the descent, and not the truth: noise has moved it. On the way there, a
distance shrinks by exp(-2 rate steps λ), λ an eigenvalue of the mean of v vᵀ for v = (x², x, 1), in
the direction of its eigenvector: here, along the three of them, to {left}.
The slowest is mostly along c, as x² is mostly larger than 1.
"""
SECONDS = """\
They took {jax:.1f} s in JAX (a compiled loop, compilation included) and {torch:.1f} s in PyTorch
(an operation at a time, {epoch:.0f} ms an epoch)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train and print. 0: the frameworks agree, 1: they do not, 2: a usage error."""
    top = parser(NAME, "A quadratic fitted by stochastic gradient descent, in both frameworks.")
    top.add_argument("--epochs", type=int, default=FULL, help=f"the document's {FULL} if left out")
    top.add_argument("--seed", type=int, default=0, help="draws another start, and other orders")
    asked = top.parse_args(argv)
    return present(NAME, asked.plot, lambda: perform(asked.epochs, asked.seed))


def perform(epochs: int, seed: int) -> Result:
    """Train in both frameworks."""
    at_least(1, "--epochs", epochs)
    check_seed(seed)
    data = draw_data()
    runs = {name: train(side, data, epochs, seed, name) for name, side in sides(NAME).items()}
    one, other = runs.values()
    same = np.array_equal(one.orders, other.orders)
    apart, bound = float(np.linalg.norm(one.end - other.end)), explained(data, one, other)
    ok = same and apart <= bound
    return Result(_page(data, runs, apart, bound), ok, partial(_draw, data, runs))


def _page(data: Data, runs: Mapping[str, Run], apart: float, bound: float) -> str:
    one, other = runs.values()
    epochs, steps = len(one.course), one.orders.size
    orders = "the same" if np.array_equal(one.orders, other.orders) else "NOT the same"
    jax, torch = (runs[name].seconds for name in ("jax", "torch"))
    units = np.max(np.abs(one.start - other.start) / np.spacing(np.abs(one.start)))
    sections = [
        INTRODUCTION.format(examples=EXAMPLES, rate=RATE, epochs=epochs),
        STARTS.format(apart=units, orders=orders),
        _parameters(data, runs),
        "\n" + TOGETHER.format(
            apart=apart,
            bound=bound,
            steps=steps,
            verdict="the same run" if apart <= bound else "NOT the same run: that is a fault",
        ),
        SLOW.format(left=", ".join(f"{part:.2g}" for part in data.left(epochs))),
        "The course, as the first framework reports it (the loss is the mean over the epoch):\n",
        _course(one),
        "\n" + SECONDS.format(jax=jax, torch=torch, epoch=torch / epochs * 1000),
    ]  # fmt: skip
    return "\n".join(sections)


def _parameters(data: Data, runs: Mapping[str, Run]) -> str:
    named = {"start": next(iter(runs.values())).start}
    named |= {f"{name}, at the end": run.end for name, run in runs.items()}
    named |= {"least squares": data.fitted, "true": data.true}
    lines = [
        [what, *(f"{value:.6f}" for value in values), f"{data.loss(values):.6f}"]
        for what, values in named.items()
    ]
    return table(["", *NAMES, "loss"], lines)


def _course(run: Run) -> str:
    """The first epochs, then fewer and fewer."""
    epochs = len(run.course)
    shown = sorted({*np.geomspace(1, epochs, min(epochs, 9)).round().astype(int).tolist()})
    lines = [[str(k), *(f"{value:.6f}" for value in run.course[k - 1])] for k in shown]
    return table(["epoch", "loss", *NAMES], lines)


def _draw(data: Data, runs: Mapping[str, Run], path: Path) -> None:
    """The fits, the loss and the parameters."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(16, 5.5), layout="constrained")
    panels = figure.subplots(1, 3)
    for draw, ax in zip((_draw_fit, _draw_loss, _draw_parameters), panels, strict=True):
        draw(ax, data, runs)
        ax.grid(alpha=0.3)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)  # below, over nothing
    figure.savefig(path, dpi=100)


def _draw_fit(ax: Any, data: Data, runs: Mapping[str, Run]) -> None:
    ax.scatter(data.x, data.y, s=8, color="gray", label="examples")
    x = np.linspace(data.x.min(), data.x.max(), 200)
    curves = {name: run.end for name, run in runs.items()}
    curves |= {"start": runs["jax"].start, "least squares": data.fitted}
    for name, (a, b, c) in curves.items():
        ax.plot(x, a * x**2 + b * x + c, label=name, **STYLES[name])
    ax.set(xlabel="x", ylabel="y", title="Examples and fits")


def _draw_loss(ax: Any, data: Data, runs: Mapping[str, Run]) -> None:
    for name, run in runs.items():
        ax.plot(np.arange(1, len(run.course) + 1), run.course[:, 0], label=name, **STYLES[name])
    ax.axhline(data.loss(data.fitted), label="least squares", **STYLES["least squares"])
    ax.set(yscale="log", xlabel="epoch", ylabel="mean of the epoch", title="Loss")


def _draw_parameters(ax: Any, data: Data, runs: Mapping[str, Run]) -> None:
    """A colour a parameter; torch in black over jax."""
    epochs = np.arange(1, len(runs["jax"].course) + 1)
    for k, name in enumerate(NAMES):
        ax.plot(epochs, runs["jax"].course[:, k + 1], color=f"C{k}", linewidth=4, label=name)
        ax.axhline(data.true[k], color=f"C{k}", linewidth=1, linestyle="--")
        ax.axhline(data.fitted[k], color=f"C{k}", linewidth=1, linestyle=":")
    lines = ax.plot(epochs, runs["torch"].course[:, 1:], **STYLES["torch"])
    lines[0].set_label("torch, over jax")
    ax.set(xlabel="epoch", title="Parameters (level: dashed true, dotted least squares)")


if __name__ == "__main__":
    sys.exit(main())
