"""The truth of given numbers, and how far an answer is from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import flint
import numpy as np

from crosscheck.block import Block
from crosscheck.precision import PRECISIONS, Precision
from crosscheck.sample import sample
from crosscheck.truth import BITS, Truth
from crosscheck.twin import Twin


def truth_at(twin: Twin, dtype: str, inputs: Mapping[str, np.ndarray]) -> Truth:
    """The truth of a twin, under its first settings, at these inputs."""
    given = replace(twin, inputs=inputs, settings=twin.settings[:1])
    return Truth(given, sample(given, PRECISIONS[dtype])[0])


def in_roundings(said: np.ndarray, block: Block, precision: Precision) -> np.ndarray:
    """How far each entry of an answer is from the truth, in roundings."""
    with flint.ctx.workprec(BITS[-1]):
        return block.errors(said, precision).reshape(said.shape)
