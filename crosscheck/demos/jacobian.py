"""The Jacobian of a layer, from both frameworks beside the truth.

python -m crosscheck.demos.jacobian elu
python -m crosscheck.demos.jacobian sigmoid --at 0,2,-2 --plot jacobian.png
"""

import sys
from collections.abc import Sequence

from crosscheck.demos.command import demonstrate

READING = """\
A row is an entry of the output, a column an entry of an input. Entry [i, j] of dy/dx is
∂y[i]/∂x[j]: how fast y[i] moves when x[j] alone is moved. (The output is called f where an input is
called y.) The array that a framework returns has the shape of y followed by the shape of x; here it
is laid out as a matrix. A backward pass never forms it: given g = ∂loss/∂y, it returns the product
dx = g · dy/dx, one number a column."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print it, draw it where asked to; 0: both within the budget, 1: not so, 2: a usage error."""
    return demonstrate("jacobian", READING, argv)


if __name__ == "__main__":
    sys.exit(main())
