"""All kinds of defects, by group."""

from __future__ import annotations

from crosscheck.audit.defect import Defect
from crosscheck.audit.defects import (
    cotangents,
    derivatives,
    gradients,
    modes,
    places,
    sizes,
    values,
)

GROUPS: dict[str, tuple[Defect, ...]] = {
    "cotangents": cotangents.DEFECTS,
    "gradients": gradients.DEFECTS,
    "derivatives": derivatives.DEFECTS,
    "places": places.DEFECTS,
    "sizes": sizes.DEFECTS,
    "modes": modes.DEFECTS,
    "values": values.DEFECTS,
}
DEFECTS: dict[str, Defect] = {d.name: d for group in GROUPS.values() for d in group}
