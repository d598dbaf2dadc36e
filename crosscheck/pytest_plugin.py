"""The fixture `check_twin`: `crosscheck.check`, failing the test with the report's text.

It imports no framework before a twin is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from crosscheck.report import Report
    from crosscheck.twin import Twin


@pytest.fixture
def check_twin() -> Callable[..., Report]:
    """`check_twin(twin, questions=…, …)`, with the signature of `crosscheck.check`."""

    from crosscheck import check

    @wraps(check)
    def checked(*twin: Twin, **asked: Any) -> Report:
        report = check(*twin, **asked)
        if not report.ok:
            pytest.fail(str(report), pytrace=False)
        return report

    return checked
