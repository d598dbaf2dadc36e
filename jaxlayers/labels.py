"""Labels: whole numbers that say what is right, never floating point.

The same words as in `torchlayers`; only types and shapes are looked at, never values.
"""

from typing import Any

from jax import Array

from jaxlayers.checks import _fit, arrays
from jaxlayers.indices import whole


def labelled(layer: str, labels: Any, **named: Any) -> tuple[Array, ...]:
    """Arrays of one floating-point dtype and labels for their axes `...`.

    Args:
        layer: the layer's name, for the messages.
        labels: what the caller says they are.
        named: each argument with the names of its axes, as in `arrays`.

    Raises:
        TypeError: not an array, several dtypes, or not of floating point or of whole numbers.
        ValueError: shapes that do not fit.
    """
    values, numbers = arrays(layer, **named), whole(layer, "labels", labels)
    shapes = {k: x.shape for k, x in zip(named, values, strict=True)}
    axes = {k: names.split() for k, (_, names) in named.items()}
    _fit(layer, shapes | {"labels": numbers.shape}, axes | {"labels": ["..."]})
    return *values, numbers
