"""Labels: whole numbers that say what is right, never floating point.

The same words as in `jaxlayers`; only types and shapes are looked at, never values.
"""

from typing import Any

from torch import Tensor

from torchlayers.checks import _fit, array
from torchlayers.indices import whole


def labelled(layer: str, labels: Any, axes: str, **named: Any) -> tuple[Tensor, Tensor]:
    """One argument, a tensor of floating point with such axes, and labels for its leading ones.

    Raises:
        TypeError: not a tensor, or not of floating point or of whole numbers.
        ValueError: shapes that do not fit.
    """
    ((name, value),) = named.items()
    x, numbers = array(layer, name, value), whole(layer, "labels", labels)
    shapes = {name: tuple(x.shape), "labels": tuple(numbers.shape)}
    _fit(layer, shapes, {name: axes.split(), "labels": ["..."]})
    return x, numbers
