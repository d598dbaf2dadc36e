"""Answer: what one framework said to one question, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


class Fault(Exception):
    """What a layer does that no numbers show: it writes into its inputs, or answers otherwise."""


@dataclass(frozen=True)
class Answer:
    """Blocks by label; or why there are none.

    `unsupported`: the framework cannot be asked this. `failed`: the layer raised, or its answer has
    the wrong structure. `compiling`: seconds of the asking that went into compilation.
    """

    backend: str
    question: str
    variant: str
    device: str
    blocks: Mapping[str, np.ndarray] = field(default_factory=dict)
    unsupported: str = ""
    failed: str = ""
    compiling: float = 0.0
