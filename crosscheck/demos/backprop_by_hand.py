"""Document 004's network: every gradient by hand, and the scale of activations through 50 layers.

python -m crosscheck.demos.backprop_by_hand
python -m crosscheck.demos.backprop_by_hand --seed 1 --depth 20 --plot backprop.png
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from crosscheck.demos.fifty_layers import INITIAL, Scales, Which, apart, every_scale, factor, fate
from crosscheck.demos.presentation import Result, at_least, check_seed, parser, present, table
from crosscheck.demos.two_layers import GRADIENTS, SMALL, Compared, against_hand, against_truth

NAME = "backprop_by_hand"
NETWORK = """\
Document 004's network: x ({batch}, {width}) → linear → {hidden} hidden units → relu → linear → 1
number, whose mean squared distance from y is the loss. Read the backward pass from its last line:

    forward                             backward, with dl1 for ∂loss/∂l1 and so on
    l1 = x w1 + b1                      dx = dl1 w1ᵀ     dw1 = xᵀ dl1     db1 = Σ dl1
    l2 = relu(l1)                       dl1 = dl2 where l1 > 0, else 0
    out = l2 w2 + b2                    dl2 = dout w2ᵀ   dw2 = l2ᵀ dout   db2 = Σ dout
    loss = mean((out - y)²)             dout = 2 (out - y) / {batch}

Each rule turns the gradient of what a line makes into those of what it is made from; Σ is over the
batch, as b1 and b2 serve all of its examples.
"""
TRUTH = """\
Is it right? The truth, from Taylor polynomials over balls, takes too long at this size. So first a
small network, (batch, inputs, hidden units) = {small}, by the same code in float32: by these
rules in NumPy and by both frameworks through this project's layers. The largest error of each
gradient, in roundings from the truth; up to {allowed:g} is right:
"""
HAND = """\
Now the whole network: the rules in float64 are right in all digits of float32; both frameworks in
float32 against them. 1 is u = 2⁻²⁴ times the sum of the sizes of all terms of an entry. There are
up to {allowed:g} operations on the way to one, so rounding can explain up to {allowed:g}.
"""
SCALE = """\
Before a network can learn, its activations must survive. Again x is ({batch}, {width}), and goes
through {depth} linear layers of width {width}, in float32. Weights are normal: as drawn (plain),
times 0.01, times 1/√{width} (Xavier), or times √(2/{width}) (Kaiming). A layer multiplies the
standard deviation by that factor times √{width}; relu takes away half of the mean square, and
Kaiming's 2 makes up for it. Both frameworks draw from the same key. Mean and standard deviation by
depth, in JAX:
"""
BOTH = """\
In PyTorch the standard deviations are the same to {apart:.0e} of their size, as deep as they have
full precision. Float32 ends at 3e38; below 1e-38 XLA flushes to 0, PyTorch rounds to 0 below 1e-45.
What becomes of the activations:
"""
Frameworks = Mapping[str, Mapping[Which, Scales]]


def main(argv: Sequence[str] | None = None) -> int:
    """Compare and print. 0: all gradients are right, 1: one is not, 2: a usage error."""
    top = parser(NAME, "A two-layer network's gradients by hand, and the scale of activations.")
    top.add_argument("--batch", type=int, default=200, help="examples")
    top.add_argument("--width", type=int, default=100, help="inputs, and units of a deep layer")
    top.add_argument("--hidden", type=int, default=50, help="hidden units of the network")
    top.add_argument("--depth", type=int, default=50, help="layers of the experiment with scales")
    top.add_argument("--seed", type=int, default=0, help="draws other numbers")
    asked = top.parse_args(argv)
    size = (asked.batch, asked.width, asked.hidden)
    return present(NAME, asked.plot, lambda: perform(size, asked.depth, asked.seed))


def perform(size: tuple[int, int, int], depth: int, seed: int) -> Result:
    """The gradients of both networks, then the scales."""
    for option, given in zip(("--batch", "--width", "--hidden"), size, strict=True):
        at_least(1, option, given)
    at_least(1, "--depth", depth)
    check_seed(seed)
    small, whole = against_truth(seed), against_hand(seed, *size)
    scales = every_scale(seed, *size[:2], depth)
    page = "\n".join([_gradients(small, whole, size), _scales(scales, size, depth)])

    def draw(path: Path) -> None:
        from crosscheck.demos.backprop_picture import draw

        draw(small, whole, scales, path)

    return Result(page, small.ok and whole.ok, draw)


def _gradients(small: Compared, whole: Compared, size: tuple[int, int, int]) -> str:
    batch, width, hidden = size
    sections = [
        NETWORK.format(batch=batch, width=width, hidden=hidden),
        TRUTH.format(small=SMALL, allowed=small.allowed),
        _compared(small),
        "\n" + HAND.format(allowed=whole.allowed),
        _compared(whole),
    ]
    return "\n".join(sections)


def _compared(c: Compared) -> str:
    """A line for each gradient: its shape, its largest entry, the errors."""
    who = list(c.errors["dx"])
    lines = []
    for d in GRADIENTS:
        right = c.gradients["by hand"][d]
        largest = f"{np.max(np.abs(right)):.4g}"
        lines.append([d, str(right.shape), largest, *(f"{c.errors[d][w]:.2g}" for w in who)])
    return table(["gradient", "shape", "largest entry", *who], lines) + "\n" + _verdict(c)


def _verdict(c: Compared) -> str:
    return "All are right." if c.ok else "Not all are right: THAT IS A FAULT."


def _scales(scales: Frameworks, size: tuple[int, int, int], depth: int) -> str:
    batch, width, _ = size
    sections = ["\n" + SCALE.format(batch=batch, width=width, depth=depth)]
    sections += [_by_depth(scales["jax"], rectified, width) for rectified in (False, True)]
    sections.append(BOTH.format(apart=apart(*scales.values())))
    header = ["", *scales]
    lines = [
        [_name(*which), *(fate(by_way[which]) for by_way in scales.values())]
        for which in next(iter(scales.values()))
    ]
    return "\n".join([*sections, table(header, lines)])


def _name(initial: str, rectified: bool) -> str:
    return f"{initial}, relu" if rectified else initial


def _by_depth(scales: Mapping[Which, Scales], rectified: bool, width: int) -> str:
    """A line for each of some depths: mean and standard deviation for each way to draw."""
    ways = [scales[initial, rectified] for initial in INITIAL]
    depth = len(ways[0].std) - 1
    shown = [k for k in (0, 1, 2, 3, 5, 10, 20, 30, 40, 50) if k < depth] + [depth]
    lines = [[str(k), *(f"{s.mean[k]:9.1e} {s.std[k]:8.1e}" for s in ways)] for k in shown]
    factors = [f"× {factor(initial, rectified, width):.3g} a layer" for initial in INITIAL]
    names = [_name(initial, rectified) for initial in INITIAL]
    return table(["depth", *names], [["", *factors], *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
