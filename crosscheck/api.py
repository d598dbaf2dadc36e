"""The Python face: `check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from crosscheck.errors import UsageError, choose
from crosscheck.options import Options
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS
from crosscheck.report import Report
from crosscheck.run import collect, connect, examine, plan
from crosscheck.twin import Twin


def _known(twin_fields: dict[str, Any]) -> dict[str, Any]:
    for name in twin_fields:
        choose("field of a Twin", name, [f.name for f in fields(Twin)])
    return twin_fields


def check(
    twin: Twin | None = None,
    /,
    *,
    questions: Sequence[str] | None = None,
    dtypes: Sequence[str] | None = None,
    device: str = "cpu",
    seed: int = 0,
    case: str | None = None,
    variant: str | None = None,
    deep: bool = False,
    **twin_fields: Any,
) -> Report:
    """Prove a twin against the truth.

    Args:
        twin: the layer; or give the fields of a Twin (name=, jax=, torch=, …) as keywords.
        questions: of "value", "vjp", "jvp", "jacobian", "hessian"; all of them if left out.
        dtypes: of "float64", "float32", "bfloat16", "float16"; all if left out.
        device: "cpu" or "gpu".
        seed: draws other cases.
        case, variant: judge only this one, as a verdict's `repro` does.
        deep: draw all kinds of case, and ask in all ways.

    Raises:
        UsageError: something was asked that does not exist, or the twin does not fit together.
        MissingFramework: the twin has a layer for a framework that is not installed.
    """
    if twin is not None and twin_fields:
        raise UsageError(
            f"expected a Twin or its fields, got both; drop the Twin or {', '.join(twin_fields)}"
        )
    if twin is None:
        twin = Twin(**({"name": "layer"} | _known(twin_fields)))
    if not isinstance(twin, Twin):
        raise UsageError(f"expected a Twin, got {twin!r}; build one with crosscheck.Twin(…)")
    if isinstance(questions, str) or isinstance(dtypes, str):
        raise UsageError(
            "expected lists of questions and dtypes, got a string; write questions=['vjp']"
        )
    options = Options(
        tuple(QUESTIONS if questions is None else questions),
        tuple(PRECISIONS if dtypes is None else dtypes),
        device,
        seed,
        case,
        variant,
        deep,
    )
    backends = connect([twin], options)
    outcomes = [examine(task, backends, options) for task in plan([("", twin)], options)]
    return collect(outcomes, backends, options)
