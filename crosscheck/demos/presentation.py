"""How a demo is presented: its page is printed, its picture drawn, its errors are a sentence."""

from __future__ import annotations

import importlib
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosscheck.errors import MissingFramework, UsageError, first_line

OK, MISMATCH, USAGE = 0, 1, 2


@dataclass(frozen=True)
class Result:
    """What a demo found: the page, whether all came out as it should, and what draws the picture.

    `draw` imports matplotlib itself, so that it is loaded only where a picture is asked for.
    """

    page: str
    ok: bool
    draw: Callable[[Path], None]


def parser(name: str, description: str) -> ArgumentParser:
    """The command line of one demo, with what all of them take."""
    top = ArgumentParser(prog=f"python -m crosscheck.demos.{name}", description=description)
    top.add_argument("--plot", type=Path, metavar="FILE.png", help="draw it as well")
    return top


def present(name: str, plot: Path | None, perform: Callable[[], Result]) -> int:
    """Perform a demo and show what it found. 0: as it should be, 1: not so, 2: a usage error."""
    try:
        if plot:
            _check_drawable(plot)
        result = perform()
        print(result.page)
        if plot:
            _draw(result, plot)
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck.demos.{name}: {error}", file=sys.stderr)
        return USAGE
    return OK if result.ok else MISMATCH


def at_least(least: int, option: str, given: int) -> None:
    """Refuse a number that is too small."""
    if given < least:
        raise UsageError(f"expected {option} from {least} on, got {given}; give a larger number")


def check_seed(given: int) -> None:
    """Refuse what is no seed of a random key."""
    if not 0 <= given < 2**32:
        raise UsageError(
            f"expected --seed from 0 to 2³² - 1, got {given}; give a whole number there"
        )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Text in columns, the first one flush left, the others flush right."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in lines
    )


def _check_drawable(path: Path) -> None:
    """Say before the work, not after it, that a picture cannot be drawn."""
    if path.suffix.lower() != ".png" or path.is_dir() or not path.resolve().parent.is_dir():
        raise UsageError(
            f"expected a file FILE.png in an existing folder for --plot, got {path}; "
            "create the folder or give another name"
        )
    try:
        importlib.import_module("matplotlib")
    except ImportError as error:
        raise UsageError(
            f"--plot needs matplotlib, which cannot be imported ({first_line(error)}); "
            "install it with: pip install 'crosscheck-layers[plot]'"
        ) from error


def _draw(result: Result, path: Path) -> None:
    try:
        result.draw(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; give another file") from error
    print(f"\ndrawn: {path}")
