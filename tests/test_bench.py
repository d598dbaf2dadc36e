"""The benchmarks measure what they say; the figures themselves are kept in a file, not tested."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from rich.console import Console
from rich.table import Table

import torchlayers
from crosscheck import native
from crosscheck.bench import activations, calibration, overhead, pairs, rivals, suite, ways
from crosscheck.catalog import catalog
from crosscheck.options import Options
from crosscheck.task import Task

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
        overhead.CALLS[backend](partial(layer, **twin.settings[0]), arrays)()
    given = [jnp.asarray(a) if backend == "jax" else torch.tensor(a) for a in arrays]
    both = (twin.layer(backend), other)
    ours, theirs = (np.asarray(layer(*given, **twin.settings[0])) for layer in both)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_first_layers_are_compared() -> None:
    names = {twin.name for twin in overhead.comparable()}
    assert {"relu", "elu", "sigmoid", "linear", "mse", "relu_residual"} <= names


def test_keep_bits_are_compared_with_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "comparable", list)
    [measured] = overhead.measure(1)
    assert (measured.layer, measured.entries) == ("bernoulli", 4_000_000)
    assert measured.other == "torch.Tensor.bernoulli_"
    assert measured.pair.theirs.minimum > 1e-4  # that many take longer than that


def test_keep_bits_of_both_are_of_one_type(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[torch.Tensor] = []

    def compare(ours: pairs.Call, theirs: pairs.Call, repeats: int) -> pairs.Pair:
        drawn.extend([ours(), theirs()])
        return PAIR

    monkeypatch.setattr(overhead, "compare", compare)
    monkeypatch.setattr(overhead, "KEEP_BITS", 1000)
    overhead.keep_bits(1)
    assert [bits.dtype for bits in drawn] == [torch.bool, torch.bool]
    assert all(300 < bits.sum() < 700 for bits in drawn)


def test_a_layer_without_a_counterpart_is_left_out() -> None:
    assert overhead.built_in("no_such_layer", "torch")[1] is None


def stub(monkeypatch: pytest.MonkeyPatch, seconds: float, status: int = 0) -> None:
    job = suite.Job("crosscheck run", seconds, 60.0, status)
    monkeypatch.setattr(suite, "run_catalog", lambda *layers: job)
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
        (["rivals", "rellu"], "unknown layer 'rellu'; did you mean relu"),
        (["calibration", "--json", "no/such/folder.json"], "expected a file in an existing folder"),
        (["calibration", "--draws", "0"], "expected --draws as a whole number from 1 on, got 0"),
        (["calibration", "-j", "0"], "expected -j as a whole number from 1 on, got 0"),
        (["calibration", "--dtype", "float46"], "unknown dtype 'float46'"),
    ],
)
def test_usage_errors_exit_2(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite.main(argv) == 2
    assert sentence in capsys.readouterr().err


def missing(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """As if that framework were not installed, to whoever loads its backend."""
    monkeypatch.setitem(sys.modules, f"crosscheck.backends.{backend}", None)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_missing_framework_is_said_before_anything_is_run(
    backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing(monkeypatch, backend)
    monkeypatch.setattr(suite, "run_catalog", lambda *layers: pytest.fail("something was run"))
    assert suite.main([]) == 2
    assert f"{backend} is needed and cannot be imported" in capsys.readouterr().err


# ---- activations

EAGER, COMPILED, JIT = ways.WAYS


@pytest.mark.parametrize("dtype", activations.DTYPES)
@pytest.mark.parametrize("way", [EAGER, JIT], ids=lambda way: way.name)
def test_activations_are_timed_beside_the_frameworks_own(way: ways.Way, dtype: str) -> None:
    timed = activations.timing("gelu-tanh", way, dtype, 8, repeats=1)
    assert (timed.layer, timed.way, timed.dtype, timed.entries) == (
        "gelu-tanh", way.name, dtype, 8,
    )  # fmt: skip
    assert timed.pair.ratio.median > 0


def test_a_slow_layer_has_a_ratio_above_1(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()

    def call(layer: Any, arrays: list[Any]) -> Callable[[], None]:
        return clock.sleeper(0.03 if layer.func is torchlayers.relu else 0.01)

    monkeypatch.setattr(pairs, "perf_counter", lambda: clock.now)
    timed = activations.timing("relu", replace(EAGER, call=call), "float32", 8, repeats=3)
    assert timed.pair.ratio.median == pytest.approx(3)


def timed(layer: str, entries: int, ratio: float) -> activations.Timed:
    pair = replace(PAIR, ratio=pairs.Spread(ratio, ratio, ratio))
    return activations.Timed(layer, "torch eager", "float32", entries, "torch's", pair)


def test_means_are_of_large_inputs_and_slow_layers_are_named() -> None:
    rows = [timed("elu", 10**6, 0.5), timed("silu", 10**6, 2.0), timed("silu", 10**3, 9.0)]
    [mean] = activations.summary(rows)
    assert mean["mean"] == pytest.approx(1)
    assert mean["met"]
    [mean] = activations.summary([*rows, timed("mish", 10**7, 2.5)])
    assert mean["slow"] == {"mish": 2.5}
    assert not mean["met"]


def test_one_slow_layer_misses_a_goal_whose_mean_is_met() -> None:
    fast = [timed(name, 10**6, 0.5) for name in ("relu", "elu")]
    (met,) = activations.summary(fast)
    (missed,) = activations.summary([*fast, timed("mish", 10**6, 2.5)])
    assert met["met"]
    assert missed["mean"] < missed["goal"]
    assert not missed["met"]


def test_activations_are_printed_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(activations, "timing", lambda name, *_: timed(name, 10**6, 1.2))
    path, asked = tmp_path / "figures.json", ["--backend", "jax", "--size", "1_000", "--dtype"]
    assert suite.main(["activations", "--json", str(path), *asked, "float32"]) == 0
    assert "1.20" in capsys.readouterr().out
    kept = json.loads(path.read_text())
    assert len(kept["layers"]) == len(activations.layers())
    assert kept["means"][0]["mean"] == 1.2
    monkeypatch.setattr(activations, "timing", lambda name, *_: timed(name, 10**6, 1.3))
    assert suite.main(["activations", *asked, "float32"]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_where_no_goal_holds_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(activations, "timing", lambda name, *_: timed(name, 1000, 9.0))
    assert suite.main(["activations", "--backend", "jax", "--layer", "relu"]) == 0
    assert "Goals hold from 1,000,000 entries on: none was asked." in capsys.readouterr().out


def test_settings_that_are_numbers_are_timed_once() -> None:
    softcap = [settings for name, settings in activations.layers().values() if name == "softcap"]
    assert softcap == [catalog()["softcap"].settings[0]]
    assert set(activations.layers()) == {*native.BUILT_IN, "gelu-tanh"}


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--layer", "rleu"], "unknown layer 'rleu'; did you mean relu"),
        (["--dtype", "float8"], "unknown dtype 'float8'"),
        (["--size", "0"], "expected --size as whole numbers from 1 to 1,000,000,000, got '0'"),
        (["--size", "1e6"], "expected --size as whole numbers from 1 to 1,000,000,000, got '1e6'"),
        (["--size", "10_000_000_000"], "expected --size as whole numbers from 1 to"),
        (["--size", "_"], "expected --size as whole numbers from 1 to"),
        (["--size", ","], "expected at least one size, got none; leave it out for all"),
        (["--layer", ""], "expected at least one layer, got none"),
        (["--repeats", "0"], "expected --repeats as a whole number from 1 on, got 0"),
        (["--backend", "numpy"], "unknown backend 'numpy'"),
    ],
)
def test_what_activations_cannot_do_is_said(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite.main(["activations", *argv]) == 2
    assert sentence in capsys.readouterr().err


def test_without_a_compiler_the_way_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ways, "_no_compiler", lambda: "no compiler")
    assert ways.ways(["torch"]) == [EAGER]
    assert "torch compiled is left out: no compiler" in capsys.readouterr().err
    monkeypatch.setattr(ways, "_no_compiler", str)
    assert ways.ways(["torch", "jax"]) == [EAGER, COMPILED, JIT]


# ---- rivals


class TwiceInTorch(torch.autograd.Function):
    """The mean square with twice its gradient."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, y)
        return ((x - y) ** 2).mean()

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = ctx.saved_tensors
        dx = 4 * g * (x - y) / x.numel()
        return dx, -dx


@jax.custom_vjp
def twice_in_jax(x: jax.Array, y: jax.Array) -> jax.Array:
    return ((x - y) ** 2).mean()


twice_in_jax.defvjp(
    lambda x, y: (((x - y) ** 2).mean(), (x, y)),
    lambda kept, g: (4 * g * (kept[0] - kept[1]) / kept[0].size,) * 2,
)
TWICE: dict[str, Any] = {"torch": TwiceInTorch.apply, "jax": twice_in_jax}


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_rivals_pass_a_right_layer_and_reject_a_wrong_one(backend: str) -> None:
    right = catalog()["quadratic"]
    other = replace(catalog()["mse"], name="wrong", settings=[{}], **{backend: TWICE[backend]})
    checked = rivals.check_all([right, other], backend)
    assert (checked.checks, checked.rejected) == (2, ["wrong"])
    assert checked.seconds > 0
    again = rivals.check_all([right], backend, every=True)
    assert (again.checks, again.rejected) == (6, [])


def test_rivals_can_be_asked_about_layers_that_take_arrays_alone() -> None:
    checked = rivals.check_all([catalog()["embedding"]], "jax")  # of what JAX hands to it, NumPy's
    assert (checked.checks, checked.rejected, checked.unasked) == (1, [], {})


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_what_a_rival_cannot_be_asked_takes_nothing_else_with_it(backend: str) -> None:
    def raises(*arrays: Any) -> Any:
        raise LookupError("no [/such] place")

    right = catalog()["quadratic"]
    other = replace(right, name="raises", **{backend: raises})
    checked = rivals.check_all([other, right], backend)
    assert (checked.checks, checked.rejected) == (1, [])
    assert checked.unasked == {"raises": "LookupError: no [/such] place"}
    page = shown(rivals.table(suite.Job("", 1.0, 60.0, 0), [checked]))
    assert "1: raises (LookupError: no [/such] place)" in page


def shown(table: Table) -> str:
    """A table on a page that is wide enough."""
    console = Console(width=300)
    with console.capture() as page:
        console.print(table)
    return page.get()


def test_a_missing_framework_is_said_before_any_rival_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing(monkeypatch, "jax")
    monkeypatch.setattr(rivals, "check_all", lambda *_: pytest.fail("a rival was asked"))
    assert suite.main(["rivals", "quadratic"]) == 2
    assert "jax is needed and cannot be imported" in capsys.readouterr().err


def test_calibration_draws_as_often_as_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds: list[int] = []

    def plan(twins: object, options: Options) -> list[Task]:
        seeds.append(options.seed)
        return []

    monkeypatch.setattr(calibration, "plan", plan)
    monkeypatch.setattr(calibration, "twins", {"softmax": calibration.twins["softmax"]})
    for draws in (10, 60):
        asked = ["calibration", "--draws", str(draws), "--dtype", "float64, float32"]
        assert suite.main(asked) == 0
        assert seeds == list(range(draws))
        seeds.clear()


def verdicts(*errors: tuple[float, bool, str]) -> list[SimpleNamespace]:
    """What calibration looks at, of verdicts on one question: error, blind, standard."""
    return [
        SimpleNamespace(question="vjp", errors={"jax": 0.0, "torch": e}, blind=b, standard=s)
        for e, b, s in errors
    ]


def test_draws_that_could_not_have_failed_are_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    draws = [
        verdicts((1.0, False, "sound"), (3.0, False, "sound")),
        verdicts((0.125, True, "sound")),
        verdicts((7.0, False, "strict")),  # blind in sound units, so judged by others
        verdicts((5.0, False, "sound")),
    ]
    judged = iter(draws)
    task = SimpleNamespace(case=SimpleNamespace(precision=SimpleNamespace(name="float64")))
    monkeypatch.setattr(calibration, "plan", lambda *_: [task])
    monkeypatch.setattr(
        calibration, "attempt", lambda *_: SimpleNamespace(verdicts=tuple(next(judged)))
    )
    monkeypatch.setattr(calibration, "twins", {"softmax": calibration.twins["softmax"]})
    file = tmp_path / "errors.json"
    assert suite.main(["calibration", "--draws", "4", "--json", str(file)]) == 0
    assert "blind" in capsys.readouterr().out
    [row] = json.loads(file.read_text())["errors"]
    assert (row["draws"], row["blind"]) == (4, 2)
    assert (row["median"], row["largest"]) == (4.0, 5.0)


def test_a_blind_draw_is_over_the_budget_all_the_same() -> None:
    blind = [calibration.worst(verdicts((error, True, "sound"))) for error in (1.0, 17.0)]
    [row] = calibration.summary({("softmax", "vjp", "float64"): blind})
    said = dict(zip(calibration.COLUMNS, row, strict=True))
    assert (said["blind"], said["over 16"]) == (2, 1)
    assert np.isnan([said["median"], said["largest"]]).all()


def run_beside_rivals(monkeypatch: pytest.MonkeyPatch, status: int) -> list[str]:
    """Rivals that take 15 s, and a run of 30 s; what is asked of it."""
    asked: list[str] = []
    job = suite.Job("crosscheck run -j 1", 30.0, 60.0, status)
    monkeypatch.setattr(suite, "run_catalog", lambda *given: asked.extend(given) or job)
    clock = iter([0.0, 1.0, 1.0, 2.0, 2.0, 6.0, 6.0, 15.0])  # imports, then checks
    monkeypatch.setattr(rivals, "perf_counter", clock.__next__)
    return asked


def test_rivals_are_compared_with_a_run_of_one_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = run_beside_rivals(monkeypatch, status=0)
    assert suite.main(["rivals", "straight_through_sign"]) == 0
    page = capsys.readouterr().out
    assert asked == ["straight_through_sign", "-j", "1"]
    assert "ours / theirs: 2.00" in page
    assert page.count("straight_through_sign") == 2  # its gradient is not the value's: both object


def test_a_run_that_fails_has_no_ratio(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_beside_rivals(monkeypatch, status=1)
    assert suite.main(["rivals", "quadratic"]) == 1
    page = capsys.readouterr().out
    assert "ours / theirs" not in page
    assert "no ratio: crosscheck run ended with exit 1" in page
