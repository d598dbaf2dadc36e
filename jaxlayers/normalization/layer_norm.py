"""Layer normalisation. Derivation: crosscheck/catalog/normalization/layer_norm.py."""

from jax import Array

from jaxlayers.checks import arrays, positive
from jaxlayers.moments import Rows, normalise


def layer_norm(
    x: Array, w: Array | None = None, b: Array | None = None, eps: float = 1e-5
) -> Array:
    """Rows less their mean, over their standard deviation, along the last axis.

        (x - mean x) / √(var x + eps) w + b

    As accurate far from 0 as near it; a row of equal entries, or of one, gives b.

    Args:
        x: (..., d)
        w: (d) or None, which is as good as ones.
        b: (d) or None, which is as good as zeros.
        eps: a number above 0.

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or eps is no
            number.
        ValueError: the shapes do not fit, or eps is not above 0.

    Reference: Ba, Kiros and Hinton 2016, https://arxiv.org/abs/1607.06450
    """
    x, w, b = arrays("layer_norm", optional="w b", x=(x, "... d"), w=(w, "d"), b=(b, "d"))
    eps = positive("layer_norm", "eps", eps)
    return normalise(x, w, b, Rows(eps, x.shape, per=x.shape[-1:]))
