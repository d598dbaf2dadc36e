"""Earlier sweeps of every number, from the files that `crosscheck sweep --json` wrote.

What was swept in another state of a layer's source, or with another version of its framework, is
left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crosscheck.atlas.page import Entry
from crosscheck.errors import UsageError, describe
from crosscheck.report.json import plain
from crosscheck.sweep.results import Row
from crosscheck.sweep.stamp import stamp
from crosscheck.sweep.tally import Tally, tally_from
from crosscheck.sweep.values import count

Key = tuple[str, str, str, bool, str, int]
Found = tuple[Tally, float | None]


@dataclass(frozen=True)
class Earlier:
    """What was found before: tally and its confirmation, by what was asked, and by its stamp."""

    found: Mapping[Key, Mapping[str, Found]]

    def added(self, entry: Entry) -> Entry:
        """The entry, with what was found before, when every number was tried."""
        return replace(entry, rows=tuple(map(self._row, entry.rows)))

    def _row(self, row: Row) -> Row:
        by_stamp = self.found.get(_asked(row), {})
        if by_stamp and (found := by_stamp.get(stamp(row.subject, row.backend))):
            return replace(row, tally=found[0], confirmed=found[1])
        return row

    def stale(self, entries: Iterable[Entry]) -> list[str]:
        """The layers of which something was swept in another state only."""
        rows = [row for entry in entries for row in entry.rows if _asked(row) in self.found]
        changed = (r for r in rows if stamp(r.subject, r.backend) not in self.found[_asked(r)])
        return [*dict.fromkeys(row.subject.target for row in changed)]


def earlier(paths: Sequence[Path]) -> Earlier:
    """All that the files hold.

    Raises:
        UsageError: one is no file of a sweep, or of one that did not try every number.
    """
    found: dict[Key, dict[str, Found]] = {}
    for path in paths:
        for key, source, tally, confirmed in _rows(path):
            _check_whole(path, tally.values, key[2])
            found.setdefault(key, {})[source] = tally, confirmed
    return Earlier(found)


def _rows(path: Path) -> Iterator[tuple[Key, str, Tally, float | None]]:
    try:
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            asked = (
                row[name] for name in ("layer", "settings", "dtype", "native", "backend", "order")
            )
            confirmed = None if row["confirmed"] is None else float(row["confirmed"])
            yield _key(*asked), row["source"], _tally(row), confirmed
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"expected a file that crosscheck sweep --json wrote, got {path}, which raised "
            f"{describe(error)}; check the path"
        ) from error


def _check_whole(path: Path, tried: int, dtype: str) -> None:
    if tried < count(dtype):
        raise UsageError(
            f"expected a sweep of every number, got {path}, of {tried:,} numbers of {dtype}; run "
            "crosscheck sweep to its end, without --sample"
        )


def _asked(row: Row) -> Key:
    s = row.subject
    return _key(s.target, s.settings, s.dtype, s.native, row.backend, row.order)


def _key(
    target: str, settings: Mapping[str, Any], dtype: str, native: bool, backend: str, order: int
) -> Key:
    return target, json.dumps(plain(settings), sort_keys=True), dtype, native, backend, order


def _tally(row: Mapping[str, Any]) -> Tally:
    """Infinities and NaN are strings in JSON."""
    return tally_from({name: _numbers(part) for name, part in row.items()})


def _numbers(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _numbers(value) for name, value in part.items()}
    return float(part) if part in ("inf", "-inf", "nan") else part
