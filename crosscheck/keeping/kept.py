"""Bytes that layers keep for their backward pass, by whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """Bytes of each of the layer's inputs, of its outputs, and of what nobody else has."""

    by_input: tuple[int, ...]
    outputs: int
    rest: int

    @classmethod
    def of(cls, saved: Mapping[int, int], inputs: Sequence[int], outputs: Set[int]) -> Kept:
        """Divide what was saved, place → bytes; the place of each input, those of outputs.

        Inputs that share a place share its bytes too.
        """
        outside = saved.keys() - set(inputs)
        rest = sum(saved[place] for place in outside - outputs)
        by_input = tuple(saved.get(place, 0) for place in inputs)
        return cls(by_input, sum(saved[place] for place in outside & outputs), rest)

    @property
    def inputs(self) -> int:
        """Bytes of all inputs."""
        return sum(self.by_input)

    @property
    def total(self) -> int:
        """All of them."""
        return self.inputs + self.outputs + self.rest
