"""The page: one file, with its plots inside, that loads nothing."""

from __future__ import annotations

import importlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from crosscheck.atlas import text
from crosscheck.atlas.page import SIDES, Atlas, Entry, Side
from crosscheck.atlas.plots import BUILT_IN, OURS, plot
from crosscheck.atlas.summary import lines
from crosscheck.errors import UsageError, first_line
from crosscheck.show import pairs
from crosscheck.sweep.judge import BUDGET
from crosscheck.sweep.results import Row
from crosscheck.sweep.values import DTYPES


def html(atlas: Atlas) -> str:
    """All of it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("crosscheck.atlas", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(atlas=atlas, **_words())


def check_drawable() -> None:
    """Say before the work what is missing.

    Raises:
        UsageError: what draws and fills the page is not installed.
    """
    for package in ("matplotlib", "jinja2"):
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise UsageError(
                f"--html needs {package}, which cannot be imported ({first_line(error)}); "
                "install it with: pip install 'crosscheck-layers[plot]'"
            ) from error


def _words() -> Mapping[str, Any]:
    """What the template calls."""
    return {
        "authority": _authority,
        "budget": BUDGET,
        "built_in": BUILT_IN,
        "dtypes": list(DTYPES),
        "lines": lines,
        "orders": text.ORDERS,
        "ours": OURS,
        "pairs": pairs,
        "picture": _picture,
        "right": _right,
        "row": _row,
        "sides": SIDES,
        "text": text,
    }


def _picture(entry: Entry) -> str:
    """The plot as an address that holds it."""
    return f"data:image/svg+xml;base64,{b64encode(plot(entry).encode()).decode()}"


def _row(entry: Entry, side: Side, dtype: str, order: int) -> Row | None:
    """What was found of one side in one type and order."""
    of_it = (row for row in entry.of(side) if (row.subject.dtype, row.order) == (dtype, order))
    return next(of_it, None)


def _right(entry: Entry, side: Side, spot: int) -> bool:
    """Whether one side is right at a spot, in all orders that it has."""
    assert entry.curve
    return all(look.right[spot] for (whose, _), look in entry.curve.looks.items() if whose == side)


def _authority(atlas: Atlas) -> str:
    """Who says what is right, and how far that was confirmed."""
    checks = [(e.name, e.check) for e in atlas.entries if e.check and e.check.sampled]
    worst = max((check.error.error for _, check in checks), default=0.0)
    answers = sum(check.sampled for _, check in checks)
    refused = ", ".join(dict.fromkeys(name for name, check in checks if not check.ok))
    return (
        f"What is right is our layer in float64: of {answers:,} of its answers, at numbers of all "
        "sizes, at kinks and where the errors of ours are worst, ball arithmetic found none more "
        f"than {worst:.1e} roundings off."
        + (f" Not confirmed, errors or their unit: {refused}." if refused else "")
    )
