"""Labels: whole numbers that say what is right, never floating point.

The same words as in `jaxlayers`; only types and shapes are looked at, never values.
"""

from typing import Any

from torch import Tensor

from torchlayers.checks import _fit, arrays
from torchlayers.indices import whole


def labelled(layer: str, labels: Any, **named: Any) -> tuple[Tensor, ...]:
    """Tensors of one floating-point dtype and labels for their axes `...`.

    Args:
        layer: the layer's name, for the messages.
        labels: what the caller says they are.
        named: each argument with the names of its axes, as in `arrays`.

    Raises:
        TypeError: not a tensor, several dtypes, or not of floating point or of whole numbers.
        ValueError: shapes that do not fit.
    """
    values, numbers = arrays(layer, **named), whole(layer, "labels", labels)
    shapes = {k: tuple(x.shape) for k, x in zip(named, values, strict=True)}
    axes = {k: names.split() for k, (_, names) in named.items()}
    _fit(layer, shapes | {"labels": tuple(numbers.shape)}, axes | {"labels": ["..."]})
    return *values, numbers
