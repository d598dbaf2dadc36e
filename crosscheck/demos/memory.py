"""Document 001's experiment: the memory that a backward pass costs before it runs, layer by layer.

python -m crosscheck.demos.memory
python -m crosscheck.demos.memory --rows 512 --columns 128 --plot memory.png
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from crosscheck.bench.overhead import built_in
from crosscheck.catalog import layer
from crosscheck.demos.layer_memory import Row, every_layer
from crosscheck.demos.presentation import Result, at_least, parser, present, table
from crosscheck.demos.sides import NAMES, sides
from crosscheck.keeping.draw import draw
from crosscheck.keeping.kept import Kept
from crosscheck.keeping.measure import counter

NAME = "memory"
PARTS = {  # of what is kept: what to call it, and its colour
    "inputs": ("of the layer's inputs", "silver"),
    "outputs": ("of its outputs", "tab:blue"),
    "rest": ("the rest: freed, but for the backward pass", "tab:red"),
}
EXPERIMENT = """\
y = sigmoid(x).mean() for x {shape} in float32. x takes {x} KiB; its caller holds it anyway.
What is held besides for the backward pass, as long as y lives, in KiB:
"""
WHY = """\
To find dx, a backward pass needs numbers from the forward pass. A framework that records therefore
keeps arrays that would otherwise be freed, such as the output of sigmoid, which mean() has used up.
Where nothing is recorded, nothing is kept. This project's sigmoid keeps x alone, which is there
anyway, and works the rest out again.

The same for each layer of the catalog, beside the framework's own (or what its users write), in
KiB. `all` is what is kept, each array counted once; `rest` is the part that is neither an input nor
an output of the layer: but for the backward pass, it would be freed. Batch axes are {rows} long,
others {columns}. For JAX it is what jax.vjp keeps, an operation at a time; jax.jit may need less.
"""
CLOSE = """\
Without recording (under torch.no_grad(); in JAX, without jax.vjp) a layer keeps {unrecorded} bytes
at most. Beyond inputs and outputs, this project's layers keep {rest} bytes at most: {verdict}."""


def main(argv: Sequence[str] | None = None) -> int:
    """Count and print. 0: our layers keep inputs and outputs alone, 1: not so, 2: a usage error."""
    top = parser(NAME, "Bytes kept for the backward pass of every layer, in both frameworks.")
    top.add_argument("--rows", type=int, default=64, help="the length of batch axes")
    top.add_argument("--columns", type=int, default=64, help="the length of other axes")
    asked = top.parse_args(argv)
    return present(NAME, asked.plot, lambda: perform(asked.rows, asked.columns))


def perform(rows: int, columns: int) -> Result:
    """The experiment, then every layer."""
    at_least(1, "--rows", rows)
    at_least(1, "--columns", columns)
    found = every_layer(rows, columns)
    rest = max(row.ours.rest for row in found)
    unrecorded = max(row.unrecorded for row in found)
    ok = rest == unrecorded == 0
    verdict = "as promised" if ok else "NOT as promised"
    sections = [
        EXPERIMENT.format(shape=(rows, columns), x=_kib(4 * rows * columns)),
        _experiment(rows, columns),
        "\n" + WHY.format(rows=rows, columns=columns),
        _table(found),
        "\n" + CLOSE.format(unrecorded=unrecorded, rest=rest, verdict=verdict),
    ]
    return Result("\n".join(sections), ok, partial(_draw, found))


def _experiment(rows: int, columns: int) -> str:
    """What is held after y = sigmoid(x).mean(), recorded and not."""
    sigmoid, lines = layer("sigmoid"), []
    arrays = draw(sigmoid, rows, columns)
    for framework, side in sides(NAME).items():
        name, theirs = built_in("sigmoid", framework)
        for what, f in ((name, theirs), (f"{framework}layers.sigmoid", sigmoid.layer(framework))):
            mean, kept = side.mean(f), counter(framework).kept
            on, off = (kept(mean, arrays, recording) for recording in (True, False))
            lines.append([what, _kib(on.outputs + on.rest), _kib(off.total)])
    return table(["", "recorded", "not recorded"], lines)


def _table(found: Sequence[Row]) -> str:
    lines = [[r.layer, r.framework, *_cells(r.ours), *_cells(r.theirs)] for r in found]
    return table(["layer", "framework", "ours: all", "rest", "built-in: all", "rest"], lines)


def _cells(kept: Kept | None) -> list[str]:
    return [_kib(kept.total), _kib(kept.rest)] if kept else ["-", "-"]


def _kib(size: int) -> str:
    return f"{size / 1024:,.1f}"


def _draw(found: Sequence[Row], path: Path) -> None:
    """For each layer two bars, ours above theirs, each divided by whose the bytes are."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    figure = Figure(figsize=(14, 2 + 0.5 * len(found) / len(NAMES)), layout="constrained")
    axes = figure.subplots(1, len(NAMES), sharey=True, sharex=True)
    for ax, framework in zip(axes, NAMES, strict=True):
        _panel(ax, framework, [row for row in found if row.framework == framework])
    axes[0].invert_yaxis()
    patches = [Patch(color=colour, label=words) for words, colour in PARTS.values()]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(PARTS))
    figure.suptitle("Kept for the backward pass. Upper bar: this project's layer; lower: built-in")
    figure.savefig(path, dpi=100)


def _panel(ax: Any, framework: str, rows: Sequence[Row]) -> None:
    for k, row in enumerate(rows):
        _bar(ax, k - 0.2, row.ours, row.given)
        _bar(ax, k + 0.2, row.theirs, row.given)
    ax.set_yticks(range(len(rows)), [row.layer for row in rows])
    ax.set_title(framework)
    ax.set_xlabel("bytes, as a multiple of the bytes of all inputs")
    ax.margins(x=0.1, y=0.02)
    ax.grid(axis="x", alpha=0.3)


def _bar(ax: Any, place: float, kept: Kept | None, given: int) -> None:
    """One bar in three colours, with its KiB at the end."""
    left = 0.0
    for part, (_, colour) in PARTS.items():
        width = getattr(kept, part, 0) / given
        ax.barh(place, width, 0.36, left=left, color=colour)
        left += width
    words = f" {_kib(kept.total)} KiB" if kept else " no built-in"
    ax.text(left, place, words, va="center", fontsize=7, color="dimgray")


if __name__ == "__main__":
    sys.exit(main())
