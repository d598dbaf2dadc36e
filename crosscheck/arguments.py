"""What commands do with their arguments alike."""

from __future__ import annotations

from crosscheck.errors import UsageError


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list with commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def at_least_one(option: str, number: int | None) -> None:
    """Refuse 0 and less.

    Raises:
        UsageError: it is no whole number from 1 on.
    """
    if number is not None and number < 1:
        raise UsageError(f"expected {option} as a whole number from 1 on, got {number}")
