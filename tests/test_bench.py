"""The benchmarks measure what they say; the figures themselves are kept in a file, not tested."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.bench import overhead, pairs, suite
from crosscheck.catalog import catalog

SPREAD = pairs.Spread(1e-6, 2e-6, 4e-6)
PAIR = pairs.Pair(SPREAD, SPREAD, pairs.Spread(0.5, 1.0, 2.0), repeats=3, calls=10)
MEASURED = overhead.Measured("elu", "torch", 8, "torch.nn.functional.elu", PAIR)


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleeper(self, seconds: float) -> Callable[[], None]:
        def sleep() -> None:
            self.now += seconds

        return sleep


def test_ratio_is_ours_over_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(pairs, "perf_counter", lambda: clock.now)
    pair = pairs.compare(clock.sleeper(0.003), clock.sleeper(0.001), repeats=4)
    assert (pair.repeats, pair.calls) == (4, 16)  # 16 is the first power of 2 to last 0.01 s
    assert pair.ours.median == pytest.approx(0.003)
    assert pair.theirs.median == pytest.approx(0.001)
    assert pair.ratio.minimum == pytest.approx(3)
    assert pair.ratio.maximum == pytest.approx(3)


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("name", [twin.name for twin in overhead.comparable()])
def test_every_layer_is_compared_with_something_of_its_shape(name: str, backend: str) -> None:
    twin = catalog()[name]
    _, other = overhead.built_in(name, backend)
    assert other is not None
    arrays = overhead.inputs(twin, 2, 4)
    assert sum(array.size == 8 for array in arrays) >= 1
    for layer in (twin.layer(backend), other):
        overhead.CALLS[backend](layer, arrays)()


def test_the_first_layers_are_compared() -> None:
    names = {twin.name for twin in overhead.comparable()}
    assert {"relu", "elu", "sigmoid", "linear", "mse", "relu_residual"} <= names


def test_keep_bits_are_compared_with_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "comparable", list)
    [measured] = overhead.measure(1)
    assert (measured.layer, measured.entries) == ("bernoulli", 4_000_000)
    assert measured.other == "torch.Tensor.bernoulli_"
    assert measured.pair.theirs.minimum > 1e-4  # that many take longer than that


def test_a_layer_without_a_counterpart_is_left_out() -> None:
    assert overhead.built_in("no_such_layer", "torch")[1] is None


def stub(monkeypatch: pytest.MonkeyPatch, seconds: float, status: int = 0) -> None:
    job = suite.Job("crosscheck run", seconds, 60.0, status)
    monkeypatch.setattr(suite, "run_catalog", lambda: job)
    monkeypatch.setattr(suite, "measure", lambda repeats: iter([MEASURED] * repeats))


def test_figures_are_printed_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stub(monkeypatch, seconds=12.345678)
    path = tmp_path / "figures.json"
    assert suite.main(["--json", str(path), "--repeats", "2"]) == 0
    page = capsys.readouterr().out
    assert "12.3" in page
    assert "0.50    1.00    2.00" in page
    kept = json.loads(path.read_text())
    assert kept["schema"] == 1
    assert kept["command"] == f"python -m crosscheck.bench --json {path} --repeats 2"
    assert kept["jobs"][0] == {
        "name": "crosscheck run",
        "seconds": 12.35,
        "goal": 60.0,
        "status": 0,
        "met": True,
    }
    assert len(kept["layers"]) == 2
    assert kept["layers"][0]["pair"]["ratio"] == {"minimum": 0.5, "median": 1.0, "maximum": 2.0}
    assert {"cores", "load"} <= set(kept["machine"])
    assert {"jax", "torch"} <= set(kept["versions"])


@pytest.mark.parametrize(("seconds", "status"), [(61.0, 0), (1.0, 1)])
def test_a_missed_goal_exits_1(
    seconds: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stub(monkeypatch, seconds, status)
    assert suite.main(["--repeats", "1"]) == 1
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--json", "no/such/folder.json"], "expected a file in an existing folder"),
        (["--repeats", "0"], "expected at least 1 repeat, got 0"),
    ],
)
def test_usage_errors_exit_2(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite.main(argv) == 2
    assert sentence in capsys.readouterr().err
