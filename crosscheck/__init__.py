"""crosscheck: the same layer in JAX and in PyTorch, proved against the truth.

    from crosscheck import Twin, check, real
    report = check(Twin("mine", jax=f, torch=g, definition=d, inputs={"x": real("n d")}))

The line is Twin → Case → Answer → Truth → Verdict → Report; `run.py` walks it. Neither framework is
imported until a question is asked.
"""

from crosscheck.api import check
from crosscheck.errors import MissingFramework, TwinError, UsageError
from crosscheck.inputs import boolean, integer, key, real
from crosscheck.report import Report
from crosscheck.twin import Twin
from crosscheck.verdict import Unsupported, Verdict

__all__ = [
    "MissingFramework",
    "Report",
    "Twin",
    "TwinError",
    "Unsupported",
    "UsageError",
    "Verdict",
    "boolean",
    "check",
    "integer",
    "key",
    "real",
]
