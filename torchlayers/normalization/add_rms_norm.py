"""A sum and its normalisation. Derivation: crosscheck/catalog/normalization/add_rms_norm.py."""

from torch import Tensor

from torchlayers.checks import arrays, positive
from torchlayers.moments import Rows, normalise


def add_rms_norm(
    x: Tensor, residual: Tensor, w: Tensor | None = None, eps: float = 1e-6
) -> tuple[Tensor, Tensor]:
    """A residual connection and the normalisation that follows it.

        z = x + residual,  y = z / √(mean z² + eps) w

    Args:
        x: (..., d)
        residual: (..., d), the same shape
        w: (d) or None, which is as good as ones.
        eps: a number above 0.

    Returns:
        y, then z, which is all that is kept of x and residual.

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, or eps is no
            number.
        ValueError: the shapes do not fit, or eps is not above 0.

    Reference: Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
    """
    x, residual, w = arrays(
        "add_rms_norm", optional="w", x=(x, "... d"), residual=(residual, "... d"), w=(w, "d")
    )
    eps = positive("add_rms_norm", "eps", eps)
    z = x + residual
    return normalise(
        z, w, None, Rows(eps, tuple(z.shape), per=tuple(z.shape[-1:]), centred=False)
    ), z
