"""Labels: whole numbers that say what is right, never floating point.

The same words as in `torchlayers`; only types and shapes are looked at, never values.
"""

from typing import Any

from jax import Array

from jaxlayers.checks import _fit, array
from jaxlayers.indices import whole


def labelled(layer: str, labels: Any, axes: str, **named: Any) -> tuple[Array, Array]:
    """One argument as an array of floating point with such axes, and labels for its leading ones.

    Raises:
        TypeError: not an array, or not of floating point or of whole numbers.
        ValueError: shapes that do not fit.
    """
    ((name, value),) = named.items()
    x, numbers = array(layer, name, value), whole(layer, "labels", labels)
    shapes = {name: x.shape, "labels": numbers.shape}
    _fit(layer, shapes, {name: axes.split(), "labels": ["..."]})
    return x, numbers
