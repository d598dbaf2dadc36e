"""Where the seconds go."""

import time

import pytest

from crosscheck import check, stopwatch
from crosscheck.backends import load
from crosscheck.catalog import layer
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample
from crosscheck.stopwatch import STAGES, Stopwatch, total


def test_stages_add_up(monkeypatch):
    monkeypatch.setattr(stopwatch, "perf_counter", iter([0.0, 3.0, 5.0, 9.0]).__next__)
    clock = Stopwatch()
    with clock("ask"):
        pass
    with pytest.raises(ZeroDivisionError), clock("truth"):
        raise ZeroDivisionError
    clock.move(2.0, "ask", "compile")
    assert clock.seconds == {"compile": 2.0, "ask": 1.0, "truth": 4.0, "judge": 0.0}
    assert total([clock.seconds, {"ask": 0.5}]) == clock.seconds | {"ask": 1.5}


def test_jax_compiles_once():
    twin = layer("relu")
    case = sample(twin, PRECISIONS["float32"])[0]
    backend = load("jax")
    asked = twin.layer("jax"), case, "vjp", "functional", case.cotangents([case.reals[0].shape])
    start = time.perf_counter()
    first, again = (backend.ask(*asked).compiling for _ in range(2))
    assert 0.0 < first < time.perf_counter() - start
    assert again == 0.0


def test_a_report_says_where_its_seconds_went():
    start = time.perf_counter()
    report = check(layer("relu"), dtypes=["float32"], questions=["value", "vjp"])
    assert list(report.seconds) == list(STAGES)
    assert all(seconds > 0 for seconds in report.seconds.values())
    assert sum(report.seconds.values()) < time.perf_counter() - start
    assert str(report).splitlines()[-1].startswith("seconds, over all processes: compile ")
