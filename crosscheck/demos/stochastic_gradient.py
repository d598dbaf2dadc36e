"""Document 000's puzzle: a layer that draws its mask in backward, and how a key repairs it.

python -m crosscheck.demos.stochastic_gradient
python -m crosscheck.demos.stochastic_gradient --size 8 --rate 0.3 --plot gradients.png
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from crosscheck import random
from crosscheck.demos.presentation import Result, at_least, check_seed, parser, present, table
from crosscheck.demos.sides import sides
from crosscheck.errors import UsageError

NAME = "stochastic_gradient"
CALLS = 4
Gradients = Mapping[str, list[np.ndarray]]  # way of running → the gradient of each call
Names = tuple[str, ...]
PUZZLE = """\
A ReLU whose gradient loses whole rows (the examples of a batch), each with probability {rate:g}.
The mask is drawn in the backward pass, from the generator of the process. x is positive everywhere,
so that relu by itself would pass all of g. A dot is an exact 0.

One forward pass, then two backward passes with the same g, in PyTorch: {verdict}.
"""
WHY = """\
Each backward pass draws anew, so the gradient depends on how many numbers were drawn before: by
this layer, by any other, in which order. It is no function of x and g; it cannot be checked, nor
repeated. These are the rows lost in {calls} backward passes of one forward pass:
"""
JAX = """\
JAX has no generator of its own that a layer could draw from; to copy the fault, the mask comes from
NumPy's. An operation at a time, that goes wrong as in PyTorch. Under jit the opposite happens: the
draw is made once, while the program is traced, and every later call has the same mask.
"""
SIDE = """\
On which side: diag(mask) @ g loses rows, and g @ diag(mask) loses columns (features). For a square
g both products exist, which is why the mistake is easily overlooked. For the mask of the first
backward pass above, {mask}, they differ in {differ} of {all} entries:
"""
REPAIR = """\
With a key, row_drop_relu(x, key, rate, axis) keeps nothing but x and the key, and draws the mask
from the key alone. Rows (axis 0) or columns (axis 1) lost in {calls} backward passes:
"""
CLOSE = "The gradients of one key and axis are {verdict}."
SAME = "the same, bit for bit, in every call and in both frameworks"


@dataclass(frozen=True)
class Findings:
    """Gradients: of each way to run the layer without a key, and with it for each axis."""

    g: np.ndarray
    drawn: Gradients
    keyed: Mapping[tuple[str, int], Gradients]  # by the key's name, and axis

    @property
    def mask(self) -> np.ndarray:
        """The rows that torch's first backward pass let through, as ones."""
        return self.drawn["torch"][0].any(axis=1).astype(self.g.dtype)

    @property
    def repaired(self) -> bool:
        """A key gives the same bits in each call, way and framework."""
        bits = [{d.tobytes() for ds in ways.values() for d in ds} for ways in self.keyed.values()]
        return all(len(distinct) == 1 for distinct in bits)


def main(argv: Sequence[str] | None = None) -> int:
    """Show the puzzle and the repair. 0: the key repairs it, 1: it does not, 2: a usage error."""
    top = parser(NAME, "A layer that draws its mask in backward, and how a key repairs it.")
    top.add_argument("--size", type=int, default=6, help="rows and columns of g")
    top.add_argument("--rate", type=float, default=0.5, help="the part of the rows that is lost")
    top.add_argument("--seed", type=int, default=0, help="draws other numbers")
    asked = top.parse_args(argv)
    return present(NAME, asked.plot, lambda: perform(asked.size, asked.rate, asked.seed))


def perform(size: int, rate: float, seed: int) -> Result:
    """Both layers, in both frameworks."""
    at_least(1, "--size", size)
    check_seed(seed)
    if not 0 <= rate <= 1:
        raise UsageError(f"expected --rate from 0 to 1, got {rate:g}; give a probability")
    found = find(size, rate, seed)
    return Result(_page(found, rate), found.repaired, partial(_draw, found))


def find(size: int, rate: float, seed: int) -> Findings:
    """The gradients."""
    one, another, x_key, g_key = random.split(random.key(seed), 4)
    x, g = (1 + 4 * random.uniform(key, (size, size)) for key in (x_key, g_key))
    parts = sides(NAME).values()
    drawn = [side.without_key(x, g, rate, seed, CALLS) for side in parts]
    keyed = {
        (name, axis): _joined([side.with_key(x, g, key, rate, axis, CALLS) for side in parts])
        for axis in (0, 1)
        for name, key in (("one", one), ("another", another))
    }
    return Findings(g, _joined(drawn), keyed)


def _joined(ways: Sequence[Gradients]) -> Gradients:
    return {name: gradients for way in ways for name, gradients in way.items()}


def _page(f: Findings, rate: float) -> str:
    first, second = f.drawn["torch"][:2]
    verdict = "equal, by chance" if np.array_equal(first, second) else "two different gradients"
    rows, columns = (np.diag(f.mask) @ f.g, f.g @ np.diag(f.mask))
    mask = " ".join(f"{entry:g}" for entry in f.mask)
    sections = [
        PUZZLE.format(rate=rate, verdict=verdict),
        _panels({"g": f.g, "first dx": first, "second dx": second}),
        "\n" + WHY.format(calls=CALLS),
        _lost({(way,): gradients for way, gradients in f.drawn.items()}, ["way"], 0),
        "\n" + JAX,
        SIDE.format(differ=np.sum(rows != columns), all=f.g.size, mask=mask),
        _panels({"diag(mask) @ g": rows, "g @ diag(mask)": columns}),
        "\n" + REPAIR.format(calls=CALLS),
        *(_repaired(f, axis) + "\n" for axis in (0, 1)),
        CLOSE.format(verdict=SAME if f.repaired else "NOT the same: that is a fault"),
    ]
    return "\n".join(sections)


def _repaired(f: Findings, axis: int) -> str:
    keyed: dict[Names, list[np.ndarray]] = {
        (key, way): gradients
        for (key, along), ways in f.keyed.items()
        for way, gradients in ways.items()
        if along == axis
    }
    return _lost(keyed, [f"axis {axis}: key", "way"], axis)


def _lost(ways: Mapping[Names, list[np.ndarray]], header: list[str], axis: int) -> str:
    """A line for each way: the rows or columns that each call's gradient lacks."""
    lines = [
        [*names, *(_numbers(np.flatnonzero(~dx.any(axis=1 - axis))) for dx in gradients)]
        for names, gradients in ways.items()
    ]
    return table([*header, *(f"call {k + 1}" for k in range(CALLS))], lines)


def _numbers(places: np.ndarray) -> str:
    return " ".join(map(str, places.tolist())) or "none"


def _panels(arrays: Mapping[str, np.ndarray]) -> str:
    """Arrays beside one another, each under its title; a dot is an exact 0."""
    cells = [
        [title, *(" ".join(f"{v:4.2f}" if v else "   ." for v in row) for row in array.tolist())]
        for title, array in arrays.items()
    ]
    widths = [max(map(len, panel)) for panel in cells]
    return "\n".join(
        "    ".join(map(str.ljust, line, widths)).rstrip() for line in zip(*cells, strict=True)
    )


def _draw(f: Findings, path: Path) -> None:
    """Each gradient as a heat map, white where it is exactly 0."""
    import matplotlib
    from matplotlib.figure import Figure

    first, second = f.drawn["torch"][:2]
    pictures = {
        "g, what comes from behind the layer": f.g,
        "drawn in backward, first call": first,
        "drawn in backward, second call": second,
        "diag(mask) @ g: rows are lost": np.diag(f.mask) @ f.g,
        "g @ diag(mask): columns are lost": f.g @ np.diag(f.mask),
        "row_drop_relu with a key, axis 0": f.keyed["one", 0]["torch"][-1],
    }
    figure = Figure(figsize=(12, 8), layout="constrained")
    figure.suptitle("ReLU whose gradient loses rows (white: exactly 0)")
    colours = matplotlib.colormaps["viridis"].with_extremes(bad="white")
    axes = figure.subplots(2, 3)
    for ax, (title, array) in zip(axes.flat, pictures.items(), strict=True):
        shown = np.ma.masked_equal(array, 0)
        image = ax.imshow(shown, cmap=colours, vmin=0, vmax=f.g.max())
        ax.set_title(title, fontsize=11)
        ax.set_ylabel("row: example")
        ax.set_xlabel("column: feature")
    figure.colorbar(image, ax=axes, label="gradient", shrink=0.6)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    sys.exit(main())
