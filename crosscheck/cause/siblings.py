"""What the other verdicts of a report say of a failing one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from crosscheck.verdict import Verdict

ALL_ZERO = "all zero"
FIRST = ("vjp", "jacobian")
SECOND = (
    "second order is zero while the first is right: what the backward pass keeps has no history"
)
WHERE: tuple[Callable[[Verdict], str], ...] = (
    lambda v: f"in {v.dtype}",
    lambda v: f"in the variant {v.variant}",
    lambda v: f"in {v.kind} cases",
    lambda v: "with " + (", ".join(f"{k}={s!r}" for k, s in v.settings.items()) or "no settings"),
)


def with_siblings(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts, the causes of failing ones completed by where the same layer is right."""
    layers: dict[str, list[Verdict]] = {}
    for v in verdicts:
        layers.setdefault(v.layer, []).append(v)
    named = {"jax", "torch", "both"}
    return tuple(
        replace(v, cause="; ".join(_causes(v, layers[v.layer]))) if v.culprit in named else v
        for v in verdicts
    )


def _causes(v: Verdict, siblings: Sequence[Verdict]) -> Iterator[str]:
    sides = _wrong(v)
    asked = [w for w in siblings if sides <= set(w.errors)]
    first = [w for w in asked if (w.case, w.dtype) == (v.case, v.dtype) and w.question in FIRST]
    if v.question == "hessian" and first and not any(_wrong(w) & sides for w in first):
        yield v.cause.replace(ALL_ZERO, SECOND)
    elif v.cause:
        yield v.cause
    alike = [w for w in asked if w.question == v.question]
    places = [words(v) for words in WHERE if _only(words, v, alike, sides)]
    if places:
        yield "wrong only " + ", ".join(places)


def _wrong(v: Verdict) -> set[str]:
    """The sides whose answer is not within the budget."""
    return {side for side, error in v.errors.items() if not error <= v.budget}


def _only(
    words: Callable[[Verdict], str], v: Verdict, alike: Sequence[Verdict], sides: set[str]
) -> bool:
    """Whether the sides fail here, never elsewhere, and there is an elsewhere."""
    wrong = {words(w) for w in alike if _wrong(w) & sides}
    return wrong == {words(v)} and any(words(w) != words(v) for w in alike)
