"""Bytes that layers keep for their backward pass, by whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """Bytes of the layer's inputs, of its outputs, and of what nobody else has."""

    inputs: int
    outputs: int
    rest: int

    @classmethod
    def of(cls, saved: Mapping[int, int], inputs: Set[int], outputs: Set[int]) -> Kept:
        """Divide what was saved, place in memory → bytes; places of inputs and of outputs."""
        outside = saved.keys() - inputs
        parts = (saved.keys() & inputs, outside & outputs, outside - outputs)
        return cls(*(sum(saved[place] for place in part) for part in parts))

    @property
    def total(self) -> int:
        """All of them."""
        return self.inputs + self.outputs + self.rest
