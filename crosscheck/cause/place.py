"""Where an answer is wrong: at a kink, under a mask, at the extremes, at an edge."""

from __future__ import annotations

from math import comb

import numpy as np

from crosscheck.cause.evidence import Evidence

FEW = 8  # in how many entries an edge or a single place says nothing
CHANCE = 0.01  # how improbable it must be that wrong entries are the extremes by accident
CHANCE_NOT_FINITE = 0.25  # NaN there needs less persuasion


def not_finite(e: Evidence) -> str:
    """NaN or infinite: everywhere, or only where an input is largest."""
    bad = ~np.isfinite(e.said)
    if e.said.shape != e.truth.shape or not (bad & e.wrong).any() or (e.wrong & ~bad).any():
        return ""
    what = "NaN" if np.isnan(e.said[bad]).all() else "not finite"
    if bad.all():
        return f"{what} in every entry" if bad.size > 1 else ""
    where = _extreme(e, CHANCE_NOT_FINITE)
    return f"{what} only {where}" if where else ""


def zero(e: Evidence) -> str:
    """Zero in every entry."""
    if e.said.any() or e.said.shape != e.truth.shape:
        return ""
    return f"all zero: no gradient for {e.x}" if e.question in ("vjp", "jacobian") else "all zero"


def at_kink(e: Evidence) -> str:
    """Wrong only where the input is exactly at a declared kink."""
    found = _over_input(e)
    if found is None:
        return ""
    name, x, wrong = found
    for place, convention in e.kinks.get(name, {}).items():
        at = x == place
        if wrong.any() and not (wrong & ~at).any() and not at.all():
            return f"wrong only at the kink {name} = {place:g} ({convention})"
    return ""


def mask(e: Evidence) -> str:
    """Zeros in other places than they should be, everything else right."""
    if e.said.shape != e.truth.shape:
        return ""
    lost = e.wrong & (e.said == 0)
    found = e.wrong & (e.truth == 0)
    if not e.wrong.any() or (e.wrong & ~lost & ~found).any() or e.wrong.all():
        return ""
    if lost.any() and found.any():
        return (
            f"a stale mask, or another: zero in {lost.sum()} entries that should not be, "
            f"nonzero in {found.sum()} that should not be, right elsewhere"
        )
    what = "zero" if lost.any() else "nonzero"
    return (
        f"{what} in {e.wrong.sum()} of {e.wrong.size} entries that should not be, right elsewhere"
    )


def extreme(e: Evidence) -> str:
    """Wrong only where an input is largest or smallest."""
    where = _extreme(e, CHANCE)
    return f"wrong only {where}" if where else ""


def edge(e: Evidence) -> str:
    """Wrong only in the last entries, or in one."""
    if e.said.shape != e.truth.shape or e.wrong.size < FEW:
        return ""
    wrong = np.flatnonzero(e.wrong)
    if len(wrong) and wrong[0] >= e.wrong.size / 2 and len(wrong) == e.wrong.size - wrong[0]:
        last = "entry" if len(wrong) == 1 else f"{len(wrong)} entries"
        return f"wrong only in the last {last} of {e.wrong.size}: an edge"
    if len(wrong) == 1:
        index = ", ".join(map(str, np.unravel_index(wrong[0], e.wrong.shape)))
        return f"wrong only in the entry [{index}] of {e.wrong.size}"
    return ""


def _over_input(e: Evidence) -> tuple[str, np.ndarray, np.ndarray] | None:
    """The input that a block's last axes run over, and at which of its entries it is wrong."""
    if e.said.shape != e.truth.shape:
        return None
    for name in [e.x] if e.x else e.case.differentiable:
        x = e.case.inputs[name].astype(float)
        if x.shape == e.truth.shape[e.truth.ndim - x.ndim :]:
            return name, x, np.asarray(e.wrong.reshape(-1, *x.shape).any(axis=0))
    return None


def _extreme(e: Evidence, chance: float) -> str:
    """Where wrong entries are exactly those of the largest (or smallest) inputs."""
    found = _over_input(e)
    if found is None:
        return ""
    name, x, wrong = found
    orders = ((f"|{name}| >=", np.abs(x), 1), (f"{name} >=", x, 1), (f"{name} <=", -x, -1))
    if not wrong.any() or wrong.all() or len(orders) / comb(x.size, int(wrong.sum())) > chance:
        return ""
    for words, size, sign in orders:
        if size[wrong].min() > size[~wrong].max():
            return f"where {words} {sign * size[wrong].min():.4g}"
    return ""
