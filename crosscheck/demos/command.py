"""The command line that both demos share: read the request, compare, print, draw."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from crosscheck.demos import presentation
from crosscheck.demos.comparison import Comparison, Request, compare
from crosscheck.demos.presentation import Result, present
from crosscheck.demos.text import page
from crosscheck.precision import PRECISIONS


def demonstrate(question: str, reading: str, argv: Sequence[str] | None) -> int:
    """Run the demo of a question; `reading` tells how to read the answer."""
    asked = parser(question).parse_args(argv)

    def perform() -> Result:
        comparison = compare(question, _request(asked))
        return Result(
            page(comparison, reading, asked.seed), comparison.ok, partial(_draw, comparison)
        )

    return present(question, asked.plot, perform)


def parser(question: str) -> argparse.ArgumentParser:
    """The options of one demo."""
    of = {"jacobian": "The Jacobian of a layer", "hessian": "The Hessian of ⟨g, f⟩ for a layer f"}
    top = presentation.parser(question, f"{of[question]}, from both frameworks beside the truth.")
    top.add_argument("layer", help="a layer of the catalog: crosscheck list")
    top.add_argument("--dtype", default="float64", help=" or ".join(PRECISIONS))
    top.add_argument("--seed", type=int, default=0, help="draws other inputs")
    top.add_argument("--case", metavar="ID", help="all of this case, as crosscheck run names it")
    top.add_argument(
        "--at",
        type=_numbers,
        metavar="X,…",
        help="the input of an elementwise layer (--at=-1,0 where the first is negative)",
    )
    top.add_argument("--set", type=_setting, action="append", default=[], metavar="NAME=VALUE")
    if question == "hessian":
        top.add_argument("--ones", action="store_true", help="g = 1: the Hessian of the plain sum")
    return top


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers such as 0,2,-2, got {text!r}") from None


def _setting(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        raise argparse.ArgumentTypeError(f"expected such as alpha=0.5, got {text!r}") from None


def _request(asked: argparse.Namespace) -> Request:
    return Request(
        asked.layer,
        asked.dtype,
        asked.seed,
        asked.case,
        asked.at,
        dict(asked.set),
        getattr(asked, "ones", False),
    )


def _draw(comparison: Comparison, path: Path) -> None:
    from crosscheck.demos.heatmaps import draw  # matplotlib is loaded only where it is asked for

    draw(comparison, path)
