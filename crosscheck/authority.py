"""Authority: by what the answers to one case are judged. Three, with one interface.

The truth wherever balls can be had; float64 answers where arrays are too large for balls, or where
a twin has no definition.
"""

from __future__ import annotations

from collections.abc import Sequence

from crosscheck.backends import Backend
from crosscheck.case import Case
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.large import Large
from crosscheck.question import QUESTIONS
from crosscheck.truth import Truth
from crosscheck.twin import Layer, Twin
from crosscheck.yardstick import Yardstick

Authority = Truth | Yardstick | Large


def authority(
    twin: Twin,
    case: Case,
    sides: Sequence[tuple[Backend, Layer]],
    questions: Sequence[str] = QUESTIONS,
) -> Authority:
    """What judges the answers to a case."""
    if case.size > LARGEST_WHOLE:
        return Large(twin, case, sides, questions)
    if twin.definition is None and case.limits is None:
        return Yardstick(twin, case, sides)
    return Truth(twin, case)
