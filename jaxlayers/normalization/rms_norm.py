"""Root-mean-square normalisation. Derivation: crosscheck/catalog/normalization/rms_norm.py."""

from jax import Array

from jaxlayers.checks import arrays, positive
from jaxlayers.moments import Rows, normalise


def rms_norm(x: Array, w: Array | None = None, eps: float = 1e-6) -> Array:
    """Rows over their root mean square, along the last axis.

        x / √(mean x² + eps) w

    Squares neither overflow nor vanish, and a row of zeros is one still.

    Args:
        x: (..., d)
        w: (d) or None, which is as good as ones.
        eps: a number above 0.

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or eps is no
            number.
        ValueError: the shapes do not fit, or eps is not above 0.

    Reference: Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
    """
    x, w = arrays("rms_norm", optional="w", x=(x, "... d"), w=(w, "d"))
    eps = positive("rms_norm", "eps", eps)
    return normalise(x, w, None, Rows(eps, x.shape, per=x.shape[-1:], centred=False))
