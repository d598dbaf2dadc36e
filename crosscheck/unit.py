"""The unit that errors are counted in: what rounding alone can explain. Derived, not chosen.

    strict   u·|y| + Σ_j |∂y/∂x[j]|·u·|x[j]|, entry by entry: the answer is right for a problem one
             rounding away. Cotangents and tangents count as inputs.
    sound    ρ + u·max|y|, one number a block. ρ is the largest deviation of the block among replays
             of the evaluation in which every input and every operation's result moves by a random
             relative amount up to u (Monte Carlo arithmetic).

To both, η is added: the smallest normal number, times the size of the cotangent or tangent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf, isnan

import numpy as np
from flint import arb

from crosscheck.case import Case
from crosscheck.evaluation import NOISE_BITS, Key
from crosscheck.expansion import Expansion, Part
from crosscheck.jet import Jet

Size = Callable[[arb], float]


def strict(
    expansion: Expansion, parts: Sequence[Part], question: str, cotangents: list[np.ndarray]
) -> list[np.ndarray]:
    """A unit for every entry of every block, flat."""
    added = eta(expansion.case, question, cotangents)
    sizes = _explained(expansion, parts, question, cotangents, magnitude)
    return [size + added for size in sizes]


def width(
    expansion: Expansion, parts: Sequence[Part], question: str, cotangents: list[np.ndarray]
) -> list[np.ndarray]:
    """How much of each strict unit is but the width of the balls that it is made of."""
    return _explained(expansion, parts, question, cotangents, radius)


def _explained(
    expansion: Expansion, parts: Sequence[Part], question: str, cotangents: list[np.ndarray],
    size: Size,
) -> list[np.ndarray]:  # fmt: skip
    """What one rounding of every number explains, given how a ball's size is taken."""
    case, u, units = expansion.case, expansion.case.precision.u, []
    jets = {id(jet): jet for part in parts for jet in part.jets}
    one_rounding = u * _flat(case.reals)  # u first: near the largest number a sum overflows
    moved = {name: _moved_by_inputs(jet, one_rounding, size) for name, jet in jets.items()}
    for part in parts:
        pairs = list(zip(part.jets, part.keys, strict=True))
        unit = np.array([u * size(j.derivative(k)) + moved[id(j)].get(k, 0.0) for j, k in pairs])
        if question in ("vjp", "hessian", "product"):
            unit += _moved_by_cotangents(expansion.jets, part.keys, u * _flat(cotangents), size)
        if question == "jvp":
            unit += _moved_by_tangents(part.jets, u * _flat(case.tangents()), size)
        units.append(np.nan_to_num(unit, nan=inf, posinf=inf))  # unknown: anything is explained
    return units


def sound(
    case: Case,
    parts: Sequence[Part],
    replays: Sequence[Sequence[Part]],
    question: str,
    cotangents: list[np.ndarray],
) -> list[np.ndarray]:
    """One unit for each block, repeated for its entries, flat.

    Entries beyond the type's range do not count: they are right if infinite.
    """
    added = eta(case, question, cotangents)
    return [unit + added for unit in _scattered(case, parts, replays, magnitude)]


def sound_width(
    case: Case, parts: Sequence[Part], replays: Sequence[Sequence[Part]]
) -> list[np.ndarray]:
    """How much of each sound unit is but the width of the balls that it is made of."""
    return _scattered(case, parts, replays, radius)


def _scattered(
    case: Case, parts: Sequence[Part], replays: Sequence[Sequence[Part]], size: Size
) -> list[np.ndarray]:
    """How far replays lie apart, given how a ball's size is taken; one number a block, repeated."""
    units = []
    for k, part in enumerate(parts):
        balls = part.balls()
        inside = [e for e, b in enumerate(balls) if magnitude(b) <= case.precision.largest]
        moved = [replay[k].balls() for replay in replays]
        rho = max(_largest((balls[e] - other[e] for e in inside), size) for other in moved)
        unit = rho * 2.0**NOISE_BITS + _largest((balls[e] for e in inside), size)
        unit = inf if isnan(unit) else unit  # a replay left the domain: anything is explained
        units.append(np.full(len(balls), case.precision.u * unit))
    return units


def eta(case: Case, question: str, cotangents: list[np.ndarray]) -> float:
    """What may be flushed to zero."""
    scaled_by = {"value": [], "jvp": case.tangents(), "jacobian": []}.get(question, cotangents)
    sizes = [float(np.max(np.abs(array), initial=0.0)) for array in scaled_by]
    return case.precision.tiny * max([1.0, *sizes])


def magnitude(ball: arb) -> float:
    """The largest size that a ball holds."""
    return float(ball.abs_upper())


def radius(ball: arb) -> float:
    """How far a ball reaches to either side."""
    return float(ball.rad())


def _largest(balls: Iterable[arb], size: Size) -> float:
    return max(map(size, balls), default=0.0)


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The sizes of all entries."""
    return np.abs(np.concatenate([a.ravel() for a in arrays]).astype(float))


def _moved_by_inputs(jet: Jet, x: np.ndarray, size: Size) -> dict[Key, float]:
    """For each derivative K of a jet: Σ_j |∂K/∂x[j]|·|x[j]|. A zero stays, however steep K is."""
    total: dict[Key, float] = {}
    for key in jet.terms:
        for j in {i for i in key if i < x.size and x[i]}:
            place = key.index(j)
            rest = key[:place] + key[place + 1 :]
            moved = size(jet.derivative(key) * float(x[j]))  # either alone may overflow
            total[rest] = total.get(rest, 0.0) + moved
    return total


def _moved_by_cotangents(
    jets: list[Jet], keys: Sequence[Key], g: np.ndarray, size: Size
) -> np.ndarray:
    """For each derivative of s: Σ_o |∂y[o]|·|g[o]|."""
    total = dict.fromkeys(keys, 0.0)
    for factor, jet in zip(g.tolist(), jets, strict=True):
        for key in jet.terms.keys() & total.keys():
            total[key] += size(jet.derivative(key) * factor)
    return np.array([total[key] for key in keys])


def _moved_by_tangents(jets: Sequence[Jet], t: np.ndarray, size: Size) -> np.ndarray:
    """For each output: Σ_i |∂y/∂x[i]|·|t[i]|."""
    return np.array(
        [
            sum(size(jet.derivative((i,)) * factor) for i, factor in enumerate(t.tolist()))
            for jet in jets
        ]
    )
