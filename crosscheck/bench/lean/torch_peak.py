"""Peak memory of one form of one subject: `python -m crosscheck.bench.lean.torch_peak NAME FORM N`.

Prints, pass by pass, the largest resident size of this process in it, less what it held before; a
pass that raises ends it. A small call first has all code loaded. Linux alone counts this.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from crosscheck.backends import one_thread
from crosscheck.bench.lean.in_torch import calls
from crosscheck.bench.lean.subjects import SUBJECTS

SMALL = 8  # rows of the call that loads the code


def main(name: str, form: str, size: int) -> None:
    """Measure and print."""
    subject = SUBJECTS[name]
    layer = subject.forms("torch")[form]
    with one_thread():
        for call in calls(layer, subject.draw(SMALL)).values():
            _runs(call)
        ready = calls(layer, subject.draw(size))
        for call in ready.values():
            before = _most_resident()
            if not _runs(call):
                break
            print(_most_resident(reset=False) - before)


def _runs(call: Callable[[], object]) -> bool:
    try:
        call()
    except (RuntimeError, NotImplementedError):
        return False
    return True


def _most_resident(reset: bool = True) -> int:
    """Bytes; of all time, or with reset of this moment, from which the next are counted."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    (line,) = (s for s in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in s)
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
