"""Backward passes that mistreat the cotangent g."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crosscheck.audit.defect import Arrays, Defect, Pass, Subject
from crosscheck.audit.sides import Side, dtype

TORCH = ("torch",)
LARGE, SMALL = 1e4, 1e-4  # beyond what an ordinary cotangent has


def _defect(name: str, says: str, change: Callable[[Side, Any], Any], **more: Any) -> Defect:
    return Defect(name, says, backward=lambda p: p.pulled(change), **more)


def _in_float32(s: Side, g: Any) -> Any:
    return s.cast(s.cast(g, "float32"), dtype(g))


def _doubled_if(test: Callable[[Any], bool]) -> Callable[[Side, Any], Any]:
    return lambda s, g: 2 * g if test(g) else g


def _is_expanded(g: Any) -> bool:
    return any(stride == 0 and n > 1 for stride, n in zip(g.stride(), g.shape, strict=True))


def _has_axes(subject: Subject) -> bool:
    return any(subject.outputs)


def _written_into(p: Pass) -> Arrays:
    dx = p.right
    for g in p.g:
        g.detach().mul_(2)
    return dx


DEFECTS = (
    _defect("abs of g", "|g| in place of g", lambda s, g: abs(g)),
    _defect("g clamped", "g clamped to ±1", lambda s, g: s.xp.clip(g, -1, 1)),
    _defect("g ignored", "1 in place of g", lambda s, g: s.xp.ones_like(g)),
    _defect("negative g dropped", "0 where g < 0", lambda s, g: s.xp.where(g < 0, 0, g)),
    _defect("divides by g", "g g / g, which is NaN at 0", lambda s, g: g * g / g,
            seen="vjp functional zero-0"),
    _defect("g in float32", "g rounded to float32", _in_float32),
    _defect("huge g clamped", "g clamped to ±1e4", lambda s, g: s.xp.clip(g, -LARGE, LARGE),
            seen="vjp functional huge-0"),
    _defect("tiny g flushed", "0 where |g| < 1e-4", lambda s, g: s.xp.where(abs(g) < SMALL, 0, g),
            seen="vjp functional tiny-0"),
    _defect("strided g", "twice too large where g is not contiguous",
            _doubled_if(lambda g: not g.is_contiguous()), sides=TORCH, applies=_has_axes),
    _defect("expanded g", "twice too large where g has a stride of 0",
            _doubled_if(_is_expanded), sides=TORCH, applies=_has_axes,
            seen="vjp functional expanded-0"),
    Defect("writes into g", "the cotangent is doubled in place, after its use",
           backward=_written_into, sides=TORCH),
)  # fmt: skip
