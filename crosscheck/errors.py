"""What crosscheck raises: each message says what was expected, what came and what to do."""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Iterable, Mapping


class UsageError(ValueError):
    """A question that cannot be asked as it was put."""


class TwinError(UsageError):
    """A Twin that does not fit together: its inputs, settings, definition or outputs."""


class NoDefinition(TwinError):
    """A definition that says nothing of no entries at all."""


class MissingFramework(ImportError):
    """A framework that a twin needs is not installed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)  # what it is made of again in another process

    def __str__(self) -> str:
        name, reason = self.args
        return (
            f"{name} is needed and cannot be imported ({reason}); install it with: "
            f"pip install 'crosscheck-layers[{name}]'"
        )


class WorkerDied(RuntimeError):
    """A process of several ended before its work."""

    def __init__(self, why: BaseException) -> None:
        found = re.search(r"exit codes of the workers are (.*)}", str(why))
        codes = found[1].strip("{") if found else first_line(why)
        super().__init__(
            f"a worker process died ({codes}: killed, or out of memory?); what was finished is "
            "kept; run with fewer processes (-j 1)"
        )


def choose(what: str, given: str, known: Iterable[str]) -> str:
    """Return `given` if it is known; otherwise raise, with the nearest names."""
    names = list(known)
    if given in names:
        return given
    word = str(getattr(given, "__name__", given))  # np.float32 where "float32" is meant
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from: {', '.join(names)}"
    raise UsageError(f"unknown {what} {given!r}; {hint}")


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return (str(error).strip().splitlines() or [""])[0]


def describe(error: BaseException) -> str:
    """Type and first line of an error that a layer raised."""
    return f"{type(error).__name__}: {first_line(error)}"


def unforeseen(error: BaseException) -> str:
    """A sentence on an error that should not come, and where it came from."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"crosscheck could not judge it and raised {describe(error)} at {last.filename}:"
        f"{last.lineno}; please report it; all else is judged"
    )


def explain(error: BaseException, reasons: Mapping[str, str]) -> str:
    """The reason whose words are in an error's message; empty if none is."""
    return next((reason for words, reason in reasons.items() if words in str(error)), "")
