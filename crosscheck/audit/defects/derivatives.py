"""Rules that are wrong at second order, in forward mode, or in what they keep."""

from __future__ import annotations

from typing import Any

from crosscheck.audit.defect import Arrays, Defect, Pass, Pull, Subject, replaced, with_first
from crosscheck.audit.sides import Side, dtype


def _detached(p: Pass) -> Arrays:
    return p.at([p.side.freeze(x) for x in p.reals])


def _second_off(p: Pass) -> Arrays:
    """The right gradient plus what is 0 but has a derivative by x (and none by g)."""
    g, x = [p.side.freeze(g) for g in p.g], [p.side.freeze(x) for x in p.reals]
    moving, still = p.pull(g, p.x), p.pull(g, replaced(p.x, p.subject.places, x))
    return [dx + 1e-3 * (a - b) for dx, a, b in zip(p.right, moving, still, strict=True)]


def _cotangent_detached(p: Pass) -> Arrays:
    return p.pulled(lambda s, g: s.freeze(g))


def _kept_in(name: str) -> Any:
    def backward(p: Pass) -> Arrays:
        return p.at([p.side.cast(p.side.cast(x, name), dtype(x)) for x in p.reals])

    return backward


def _output_for_input(p: Pass) -> Arrays:
    return p.at([p.value(p.x), *p.reals[1:]])


def _passes_for_input(subject: Subject) -> bool:
    """Not log_softmax: of its own output it gives that output, so that the gradient is right."""
    layer, _, _ = subject.twin.name.partition("-")
    return subject.shapes[0] == subject.outputs[0] and layer != "log_softmax"


def _doubled(s: Side, push: Pull, t: Arrays, x: Arrays) -> Any:
    return with_first(push(t, x), lambda dy: 2 * dy)


def _last_forgotten(s: Side, push: Pull, t: Arrays, x: Arrays) -> Any:
    return push([*t[:-1], 0 * t[-1]], x)


DEFECTS = (
    Defect("saved intermediate", "the slope kept has no history: second order is 0",
           backward=_detached,
           seen="hessian reverse-over-reverse ordinary-0"),
    Defect("second order off", "second derivatives 0.1 % too large", backward=_second_off,
           seen="hessian reverse-over-reverse ordinary-0"),
    Defect("g detached", "the gradient has no derivative by g", backward=_cotangent_detached),
    Defect("kept in bfloat16", "inputs rounded to bfloat16 for the backward pass",
           backward=_kept_in("bfloat16")),
    Defect("kept in float32", "inputs rounded to float32 for the backward pass",
           backward=_kept_in("float32")),
    Defect("output for input", "the output kept in place of the input",
           backward=_output_for_input, applies=_passes_for_input),
    Defect("tangent doubled", "the forward-mode rule twice too large", tangent=_doubled),
    Defect("tangent forgotten", "the forward-mode rule leaves the last input out",
           tangent=_last_forgotten, applies=lambda subject: len(subject.shapes) > 1),
)  # fmt: skip
