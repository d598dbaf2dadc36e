"""Claims: a twin that says what it lacks is held to all the rest."""

from __future__ import annotations

from dataclasses import replace

from crosscheck.answer import Answer
from crosscheck.case import Case
from crosscheck.twin import Twin


def held_to(twin: Twin, case: Case, answer: Answer) -> Answer:
    """The answer; failed where a claimed way is not supported.

    What a twin lacks may work all the same, as under settings that return the input. Only ordinary
    cases count: frameworks have limits of their own for others, as for no entries.
    """
    if twin.lacks is None or not case.draw.transformed:
        return answer
    lacking = f"{answer.question} {answer.variant}" in twin.lacks.get(answer.backend, ())
    if answer.unsupported and not lacking:
        return replace(answer, unsupported="", failed=f"claimed, and lacking: {answer.unsupported}")
    return answer
