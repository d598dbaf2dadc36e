"""The Hessian of ⟨g, f⟩ for a layer f, from both frameworks beside the truth.

python -m crosscheck.demos.hessian linear
python -m crosscheck.demos.hessian sigmoid --at 0,2,-2 --ones --plot hessian.png
"""

import sys
from collections.abc import Sequence

from crosscheck.demos.command import demonstrate

READING = """\
A Hessian belongs to a function with one output. The layer is made one with the cotangent g, which
stands for ∂loss/∂y, what the rest of a network sends back: s = ⟨g, y⟩ = Σ g[k] y[k]. (The output
is called f where an input is called y.)
The gradient of s is what the backward pass returns: dx, a number for each entry of x. The Hessian
is the derivative of that: entry [i, j] of d2/dx dw is ∂²s/∂x[i]∂w[j], how fast dx[i] moves when
w[j] alone is moved. A row is an entry of the first variable, a column one of the second. d2/dw dx
is the transpose of d2/dx dw, yet each framework works it out on its own. Where all blocks are
right, the backward pass can itself be differentiated."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print it, draw it where asked to; 0: both within the budget, 1: not so, 2: a usage error."""
    return demonstrate("hessian", READING, argv)


if __name__ == "__main__":
    sys.exit(main())
