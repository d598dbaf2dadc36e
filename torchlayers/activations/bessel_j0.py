"""Bessel function of the first kind. Derivation: crosscheck/catalog/activations/bessel_j0.py."""

from functools import partial

import numpy as np
from scipy import special

from torchlayers.host import host_elementwise


def _vanishing(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.where(np.isinf(x), 0, y)  # SciPy has NaN at infinities


def _first(x: np.ndarray) -> np.ndarray:
    return _vanishing(x, -special.j1(x))


def _second(x: np.ndarray) -> np.ndarray:
    return _vanishing(x, (special.jv(2, x) - special.j0(x)) / 2)


@partial(host_elementwise, first=_first, second=_second)
def bessel_j0(x: np.ndarray) -> np.ndarray:
    """Bessel function of the first kind, of order 0; it runs on the host, in SciPy.

        J0(x) = Σ_k (-x²/4)^k / (k!)²

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.
        NotImplementedError: a third derivative is taken.

    Reference: NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/10.2
    """
    return _vanishing(x, special.j0(x))
