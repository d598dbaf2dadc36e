"""A transformer block of our layers: loss, gradient, Hessian times a vector, against the truth."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch

import torchlayers
from crosscheck import check
from crosscheck.demos import transformer
from crosscheck.report import Report


def judged(questions: Sequence[str], dtype: str, variant: str | None = None) -> Report:
    """What one ordinary draw shows."""
    return check(
        transformer.TWIN, questions=questions, dtypes=[dtype], case="ordinary-0", variant=variant
    )


def test_both_frameworks_are_right() -> None:
    plain = judged(["value", "vjp"], "float64")
    curved = judged(["hessian"], "float64", "forward-over-reverse")
    for report, questions in ((plain, ["value", "vjp"]), (curved, ["hessian"])):
        assert report.ok
        found = transformer.worst(report)
        assert set(found) == {(f, q) for f in ("jax", "torch") for q in questions}
        assert 0 < max(found.values()) < transformer.TWIN.allowed
    page = transformer.page(plain)
    assert "0 failed" in page
    assert "vjp" in page


def test_a_block_that_sees_the_future_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def seeing(*args: Any, causal: bool) -> torch.Tensor:
        return layer(*args, causal=not causal)

    layer = torchlayers.attention
    monkeypatch.setattr(torchlayers, "attention", seeing)
    assert {v.culprit for v in judged(["value"], "float64").failures} == {"torch"}


def test_bad_requests_are_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert transformer.main(["--seed", "-1"]) == 2
    assert "seed" in capsys.readouterr().err
