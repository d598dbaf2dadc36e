"""Options: what is asked of every twin."""

from __future__ import annotations

from dataclasses import dataclass

from crosscheck.errors import UsageError, choose
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS

DEVICES = ("cpu", "gpu")


@dataclass(frozen=True)
class Options:
    """Questions, types, device and seed; perhaps one case and one variant alone."""

    questions: tuple[str, ...] = QUESTIONS
    dtypes: tuple[str, ...] = tuple(PRECISIONS)
    device: str = "cpu"
    seed: int = 0
    case: str | None = None
    variant: str | None = None
    deep: bool = False

    def __post_init__(self) -> None:
        for question in self.questions:
            choose("question", question, QUESTIONS)
        for dtype in self.dtypes:
            choose("dtype", dtype, PRECISIONS)
        choose("device", self.device, DEVICES)
        for what, asked in (("question", self.questions), ("dtype", self.dtypes)):
            if not asked:
                raise UsageError(f"expected at least one {what}, got none; leave it out to ask all")
        if not isinstance(self.seed, int) or self.seed < 0:
            raise UsageError(f"expected a seed that is a whole number from 0 on, got {self.seed!r}")
