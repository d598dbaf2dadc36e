"""Places where layers go wrong: values drawn there in place of normal ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from crosscheck.precision import Precision

Place = Callable[[np.ndarray, Precision, np.random.Generator], np.ndarray]


def around(place: float, precision: Precision) -> list[float]:
    """A place and the numbers beside it."""
    if place == 0:
        beside = precision.tiny**0.5  # closer ones have products that XLA flushes
        return [0.0, -0.0, beside, -beside]
    step = 2 * precision.u * abs(place)
    return [place, place + step, place - step]


def repeated(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    """The first row again and again, so that it can be given as an expanded array."""
    return np.broadcast_to(x[:1], x.shape).copy() if x.ndim else x


def equal(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    return np.full(x.shape, rng.normal())


def zeros(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    """One entry 0 or -0 in each row; of a column every other, since a vector of zeros is a kink."""
    rows = x.reshape(-1, x.shape[-1] if x.ndim else 1).copy()
    some = np.arange(0, len(rows), 1 if rows.shape[1] > 1 else 2)
    rows[some, rng.integers(rows.shape[1], size=len(some))] = rng.choice([0.0, -0.0], len(some))
    return rows.reshape(x.shape)


def saturated(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    return 20 * x


def positive(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    return np.abs(x)


def negative(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    return -np.abs(x)


def small(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    return x * precision.smallest**0.25


def vast(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    """So large that products of three such numbers are still finite."""
    return x * 2.0 ** np.floor(np.log2(precision.largest) / 3.5)


def subnormal(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    """Below the smallest normal number."""
    return precision.smallest * rng.uniform(-1, 1, size=x.shape)


def edge(x: np.ndarray, precision: Precision, rng: np.random.Generator) -> np.ndarray:
    """Around overflow and underflow of x itself, of its square, inverse and exponential."""
    largest, u = precision.largest, precision.u
    root, log = largest**0.5, np.log(largest)
    places = [
        largest,
        largest / 2,
        2 * precision.smallest,
        root,
        1 / root,
        log,
        log / 2,
        -np.log(u),
        1 / u,
        u,
    ]
    near = rng.choice(places, size=x.shape) * (1 + rng.uniform(-0.1, 0, size=x.shape))
    return near * rng.choice([-1, 1], size=x.shape)


SPECIAL: dict[str, Place] = {
    "repeated": repeated,
    "equal": equal,
    "zeros": zeros,
    "saturated": saturated,
    "positive": positive,
    "negative": negative,
    "small": small,
    "vast": vast,
    "subnormal": subnormal,
    "edge": edge,
}
