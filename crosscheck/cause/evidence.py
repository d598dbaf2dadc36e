"""Evidence: one wrong block of an answer beside the right one, as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crosscheck.case import Case

CLEAR = 2  # how many times the room an error must fill before it is explained
PULLED = ("vjp", "hessian", "product")  # questions that a cotangent enters into
Arrays = Sequence[np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What a cause is read from; all numbers in float64.

    Args:
        said, truth: the block, and the right one (NaN where there is none).
        room: the largest error of each entry that would pass. wrong: the entries that do not.
        x: the input that the block is the derivative for; empty for values and JVPs.
        g: the cotangent of the block's own output, for JVPs.
        case, kinks, cotangents: what was asked.
        elsewhere: the right block to other cotangents; None where that is not known.
    """

    question: str
    said: np.ndarray
    truth: np.ndarray
    room: np.ndarray
    wrong: np.ndarray
    x: str
    g: np.ndarray | None
    case: Case
    kinks: Mapping[str, Mapping[float, str]]
    cotangents: Arrays
    elsewhere: Callable[[Arrays], np.ndarray | None]

    @property
    def known(self) -> np.ndarray:
        """Entries with a finite truth within the type's range."""
        return np.abs(self.truth) <= self.case.precision.largest

    def explains(self, predicted: np.ndarray | None) -> bool:
        """Whether the answer is this prediction, as far as rounding can tell; the truth is not."""
        if predicted is None or predicted.shape != self.said.shape:
            return False
        room = self.room_for(predicted)
        with np.errstate(all="ignore"):
            fits = np.abs(self.said - predicted) <= room
            clear = np.abs(self.said - self.truth) > CLEAR * room
        return bool(np.all(fits[self.known]) and np.any(clear[self.known]))

    def restored_by(self, rearranged: np.ndarray) -> bool:
        """Whether the answer, rearranged like this, is right."""
        if rearranged.shape != self.truth.shape:
            return False
        with np.errstate(all="ignore"):
            return bool(np.all((np.abs(rearranged - self.truth) <= self.room)[self.known]))

    def room_for(self, predicted: np.ndarray) -> np.ndarray:
        """The same number of roundings for entries of another size."""
        with np.errstate(all="ignore"):
            larger = _largest(predicted[self.known]) / _largest(self.truth[self.known])
            relative = self.room / np.abs(self.truth)
            roundings = np.min(relative, where=self.known & (self.truth != 0), initial=1.0)
        return np.maximum(self.room * max(1.0, larger), roundings * np.abs(predicted))


def _largest(entries: np.ndarray) -> float:
    """The largest size; 1 where there is none."""
    return float(np.max(np.abs(entries), initial=0.0)) or 1.0
