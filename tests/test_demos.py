"""The demos: every layer, the documents' numbers, the picture, and answers to bad requests."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crosscheck.catalog import catalog, family, function
from crosscheck.demos import hessian, jacobian
from documents import SIGMOID_LEVELS, SIGMOID_X

Demo = Callable[[list[str]], int]
DEMOS: dict[str, Demo] = {"jacobian": jacobian.main, "hessian": hessian.main}
AT = "--at=" + ",".join(f"{x:g}" for x in SIGMOID_X)
each_demo = pytest.mark.parametrize("demo", DEMOS.values(), ids=DEMOS)


def matrix(page: str, title: str, size: int = 3) -> np.ndarray:
    """The matrix printed under this title, on a page that has one matrix under another."""
    lines = page.splitlines()
    first = lines.index(f"    {title}") + 2  # after the title and the columns' names
    rows = [line.split()[1:] for line in lines[first : first + size]]
    return np.array(rows, dtype=float)


LAYERS = {function(t): name for name, t in catalog().items()}.values()
FAMILIES = {family(catalog()[name]): name for name in LAYERS}.values()  # one layer of each


@each_demo
@pytest.mark.parametrize(
    "layer", [n if n in FAMILIES else pytest.param(n, marks=pytest.mark.slow) for n in LAYERS]
)
def test_every_layer_is_right(demo: Demo, layer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo([layer]) == 0
    page = capsys.readouterr().out
    assert "jax: right" in page
    assert "torch: right" in page
    assert all(f"    {name} (" in page for name in catalog()[layer].inputs)


@pytest.mark.parametrize(
    ("question", "level"), [("jacobian", SIGMOID_LEVELS[1]), ("hessian", SIGMOID_LEVELS[2])]
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_001_sigmoid_numbers(
    question: str,
    level: np.ndarray,
    dtype: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Document 001's jacobian(sigmoid, x) and hessian(sum_sigmoid, x), at the inputs of its end."""
    monkeypatch.setenv("COLUMNS", "60")  # one matrix under another
    ones = ["--ones"] if question == "hessian" else []
    assert DEMOS[question](["sigmoid", AT, "--dtype", dtype, *ones]) == 0
    page = capsys.readouterr().out
    for title in ("truth", "jax", "torch"):
        np.testing.assert_allclose(matrix(page, title), np.diag(level), rtol=5e-6)
    assert f"{level[1]:.6g}" in page


def test_blocks_are_named_and_their_shapes_stated(capsys: pytest.CaptureFixture[str]) -> None:
    """linear: y (2, 2, 4) of x, w and b; second derivatives only where x meets w."""
    hessian.main(["linear"])
    page = capsys.readouterr().out
    for row in "xwb":
        for column in "xwb":
            (after,) = re.findall(rf"\nd2/d{row} d{column}    shape .*\n.*\n", page)
            assert ("0 everywhere" in after) == ({row, column} != {"x", "w"})
    assert "The cotangent g" in page


def test_an_output_is_not_called_as_an_input(capsys: pytest.CaptureFixture[str]) -> None:
    jacobian.main(["mse"])
    page = capsys.readouterr().out
    assert "df/dx    shape () + " in page
    assert "df/dy    shape () + " in page


def test_settings_and_seed_reach_the_layer(capsys: pytest.CaptureFixture[str]) -> None:
    """The slope of ELU at -1 is alpha / e."""
    assert jacobian.main(["elu", "--at=-1", "--set", "alpha=0.5"]) == 0
    assert f"{0.5 / np.e:.6g}" in capsys.readouterr().out
    pages = []
    for seed in ("0", "1"):
        jacobian.main(["elu", "--seed", seed])
        pages.append(capsys.readouterr().out)
    assert pages[0] != pages[1]


def test_case_shows_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert jacobian.main(["relu", "--case", "kink-0"]) == 0
    page = capsys.readouterr().out
    assert "case kink-0, seed 0" in page
    assert "shape (3, 7) + (3, 7), as a matrix 21 × 21" in page


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("sigmoid", "torch: WRONG"),
        ("sqrt", "torch: WRONG, at most inf roundings"),  # NaN below 0
        ("mse", "torch gave no answer: TypeError"),
    ],
)
def test_a_wrong_layer_is_shown_and_fails(
    planted: str,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Something else planted where torch's ReLU is looked for; the picture is drawn too."""
    import torch

    import torchlayers

    monkeypatch.setattr(torchlayers, "relu", getattr(torchlayers, planted, torch.sqrt))
    assert jacobian.main(["relu", "--plot", str(tmp_path / "wrong.png")]) == 1
    page = capsys.readouterr().out
    assert said in page
    assert "jax: right" in page


@each_demo
@pytest.mark.parametrize("layer", ["sigmoid", "linear", "mse"])
def test_plot_is_a_picture(demo: Demo, layer: str, tmp_path: Path) -> None:
    """A PNG of the size that was chosen, with more in it than one colour."""
    from matplotlib.image import imread

    path = tmp_path / "picture.png"
    assert demo([layer, "--plot", str(path)]) == 0
    picture = imread(path)
    assert picture.shape == (950, 1500, 4)
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 50


@each_demo
@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["sigmod"], "unknown layer 'sigmod'; did you mean sigmoid"),
        (["elu", "--dtype", "float46"], "unknown dtype 'float46'; did you mean float64"),
        (["elu", "--case", "ordinary-99"], "unknown case 'ordinary-99'; did you mean ordinary"),
        (["elu", "--seed", "-1"], "expected a seed that is a whole number"),
        (["elu", "--set", "alfa=0.5"], "unknown setting of elu 'alfa'; did you mean alpha"),
        (
            ["elu", "--case", "limits-0"],
            "in case limits-0 cannot be shown: derivatives at infinite",
        ),
        (["linear", "--at", "1,2"], "--at gives the one input of an elementwise layer"),
        (["elu", "--at", ",".join("1" * 65)], "65 input entries"),
        (["elu", "--plot", "no/such/folder.png"], "expected a file FILE.png in an existing folder"),
        (["elu", "--plot", "picture.bmp"], "expected a file FILE.png in an existing folder"),
    ],
)
def test_bad_requests_get_one_sentence(
    demo: Demo, argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo(argv) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@each_demo
@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["elu", "--at", "0,two"], "expected numbers such as 0,2,-2, got '0,two'"),
        (["elu", "--set", "alpha"], "expected such as alpha=0.5, got 'alpha'"),
        ([], "the following arguments are required: layer"),
    ],
)
def test_bad_arguments_exit_2(
    demo: Demo, argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        demo(argv)
    assert stop.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "argv", "command"),
    [
        ("crosscheck.backends.torch", [], "pip install 'crosscheck-layers[torch]'"),
        ("matplotlib", ["--plot", "p.png"], "pip install 'crosscheck-layers[plot]'"),
    ],
)
def test_what_is_missing_comes_with_its_install_command(
    module: str,
    argv: list[str],
    command: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert jacobian.main(["elu", *argv]) == 2
    assert command in capsys.readouterr().err


def test_import_needs_no_framework_and_no_matplotlib() -> None:
    """In a fresh process; and the module runs as a script does, with its exit code."""
    code = (
        "import sys, crosscheck.demos.jacobian, crosscheck.demos.hessian;"
        "print({'jax', 'torch', 'matplotlib'} & set(sys.modules))"
    )
    assert _run("-c", code).stdout == "set()\n"
    unknown = _run("-m", "crosscheck.demos.hessian", "sigmod")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("crosscheck.demos.hessian: unknown layer")


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_without_an_answer_nothing_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    assert jacobian.main(["celu", "--set", "alpha=-1"]) == 1
    page = capsys.readouterr().out
    assert "jax gave no answer" in page
    assert "exact" not in page
