"""How the atlas writes what it holds."""

from __future__ import annotations

import math

from crosscheck.atlas.page import Entry, Side
from crosscheck.report.text import number
from crosscheck.sweep.results import Row
from crosscheck.sweep.tally import FAULTS, Tally
from crosscheck.sweep.values import count

ORDERS = ("y", "y′", "y″")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def real(value: float, digits: int = 6) -> str:
    """A number as one reads it."""
    said = f"{abs(value):.{digits}g}".replace("inf", "∞").replace("nan", "NaN")
    return "−" + said if value < 0 else said


def error(roundings: float) -> str:
    """An error to two digits, or by its power of ten."""
    digits, _, power = number(roundings).replace("inf", "∞").partition("e+")
    return f"{digits}·10{str(int(power)).translate(RAISED)}" if power else digits


def where(row: Row) -> str:
    """Where the worst error is, and how many ulp it is at most."""
    worst, ulp = row.tally.roundings, row.tally.ulp
    if worst.at is None:
        return "no error at all"
    return f"{error(worst.error)} roundings at x = {real(worst.at, 9)}; at most {ulp.error:.3g} ulp"


def faults(tally: Tally) -> list[str]:
    """Faults with their share of all numbers tried, and the first place."""
    return [
        f"{share(fault.count / tally.values)} {FAULTS[name]}, from {real(fault.at or 0.0, 4)}"
        for name, fault in tally.faults.items()
        if fault.count
    ]


def share(part: float) -> str:
    """A part of a whole."""
    return f"{part:.1%}" if part >= 0.001 else "< 0.1%"


def tried(row: Row) -> str:
    """How much of a type was tried."""
    every = count(row.subject.dtype)
    return f"all {every:,}" if row.tally.values >= every else f"{row.tally.values:,} of {every:,}"


def kept(entry: Entry, side: Side) -> str:
    """Bytes kept for each number of the inputs, and whose they are."""
    found = entry.kept[side]
    if found is None:
        return "–"
    parts = {"the input": found.inputs, "the output": found.outputs, "its own": found.rest}
    said = (f"{bytes_ / entry.numbers:.3g} ({whose})" for whose, bytes_ in parts.items() if bytes_)
    return " + ".join(said) or "0"


def total_kept(entry: Entry, side: Side) -> str:
    """Bytes kept for each number of the inputs."""
    found = entry.kept[side]
    return f"{found.total / entry.numbers:.3g}" if found else "–"


def spot(at: float) -> str:
    """What a kink, an infinity or NaN is called in a table."""
    return "NaN" if math.isnan(at) else real(at)
