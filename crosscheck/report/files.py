"""Files that commands write: checked before the work, and written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crosscheck.errors import UsageError, describe
from crosscheck.report.json import as_text


def check_writable(path: Path | None) -> None:
    """Raise a UsageError where a file cannot be: before the work, not after it."""
    if path is None:
        return
    if path.is_dir():
        raise UsageError(f"expected a file, got the folder {path}; name a file in it")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"expected a file in an existing folder, got {path}; create the folder")
    if not all(os.access(touched, os.W_OK) for touched in _touched(path)):
        raise UsageError(f"expected a file that may be written, got {path}; name another")


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write a document as JSON.

    Raises:
        UsageError: it cannot be written.
    """
    write_whole(path, as_text(document))


def write_whole(path: Path, text: str) -> None:
    """Write all of a text or nothing; a device or a pipe is written to as it is.

    Raises:
        UsageError: it cannot be written.
    """
    with in_words(path):
        if _is_stream(path):
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)


@contextmanager
def then_written(path: Path | None, document: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """Write a document, if a path is asked for, after the block has shown it, or has failed to."""
    try:
        yield
    finally:
        if path is not None:
            write(document(), path)


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Let what keeps the block from writing to a path be a UsageError."""
    try:
        yield
    except OSError as error:
        why = error.strerror or describe(error)
        raise UsageError(f"expected to write {path}, got: {why}; name another file") from error


def _touched(path: Path) -> list[Path]:
    """What has to allow writing: the file, where there is one, and the folder of a plain one."""
    folder = [] if _is_stream(path) else [path.resolve().parent]
    return [*folder, path] if path.exists() else folder


def _is_stream(path: Path) -> bool:
    return path.exists() and not path.is_file()  # resolved, the name of a pipe is no path


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
