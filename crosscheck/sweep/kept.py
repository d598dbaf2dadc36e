"""What a sweep has finished, kept in the user's cache folder until it is done with all of it.

A file belongs to one question, the numbers that are tried among it, and to one state of everything
that the answer depends on: the source of the layers, of crosscheck and of every module that is
loaded and not installed, the versions of the frameworks, the machine. A sweep that ends removes its
file, so that only an interrupted one is resumed, and nothing stale is ever read.
"""

from __future__ import annotations

import json
import platform
import site
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import crosscheck
from crosscheck import latest
from crosscheck.environment import versions
from crosscheck.sweep.authority import framework
from crosscheck.sweep.part import Part, Result
from crosscheck.sweep.subject import Subject
from crosscheck.sweep.tally import tally_from

PACKAGES = ("jax", "jaxlib", "torch", "numpy", "scipy", "ml_dtypes")  # known by their versions


class Kept:
    """The file of one sweep: a line a part."""

    def __init__(self, subjects: Sequence[Subject], numbers: Sequence[int]) -> None:
        self.subjects = subjects
        self.path = latest.folder() / "sweep" / f"{_key(subjects, numbers)}.jsonl"

    def results(self) -> Iterator[Result]:
        """What an earlier sweep finished; a line that it did not finish is passed over."""
        with suppress(OSError):
            for line in self.path.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError, KeyError, TypeError, IndexError):
                    yield self._result(json.loads(line))

    def _result(self, line: dict[str, Any]) -> Result:
        part = Part(self.subjects[line["subject"]], line["part"])
        tallies = {(b, order): tally_from(tally) for b, order, tally in line["tallies"]}
        return Result(part, tallies, line["seconds"])

    def add(self, result: Result) -> None:
        """Keep one more. This is a cache: failing to write it is no error."""
        line = {
            "subject": self.subjects.index(result.part.subject),
            "part": result.part.number,
            "tallies": [[*key, asdict(tally)] for key, tally in result.tallies.items()],
            "seconds": dict(result.seconds),
        }
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def clear(self) -> None:
        """Nothing is left to resume."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def _key(subjects: Sequence[Subject], numbers: Sequence[int]) -> str:
    """A hash of the question and of all that the answer depends on."""
    digest = sha256(repr(list(numbers)).encode())
    for subject in subjects:
        digest.update(f"{subject} {dict(subject.settings)!r}\n".encode())
    machine = (platform.python_version(), platform.platform(), platform.processor())
    digest.update(repr((machine, versions(PACKAGES))).encode())
    for path in sorted({path for subject in subjects for path in _sources(subject)} | _loaded()):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def _sources(subject: Subject) -> Iterator[Path]:
    """All Python files of the packages that hold the twin and its layers, and of this one."""
    twin, asked = subject.twin, () if subject.native else subject.backends
    functions = [twin.definition, *(twin.layer(b) for b in {*asked, framework(twin)})]
    names = {str(getattr(f, "__module__", "")).partition(".")[0] for f in functions if f}
    for name in sorted(names - set(PACKAGES)):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            path = Path(file)
            yield from path.parent.rglob("*.py") if path.stem == "__init__" else [path]
    yield from Path(crosscheck.__file__).parent.rglob("*.py")


def _loaded() -> set[Path]:
    """The Python files of all modules that are loaded, the installed aside: layers may use any."""
    installed = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "platlib")]
    installed += [Path(place) for place in (*site.getsitepackages(), site.getusersitepackages())]
    files = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    paths = {Path(file) for file in files if file and file.endswith(".py")}
    return {p for p in paths if p.is_file() and not any(map(p.is_relative_to, installed))}
