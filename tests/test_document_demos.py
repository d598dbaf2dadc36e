"""The demos of the source documents at a small size: pages, pictures, requests that cannot be met.

What they find is tested in `test_document_demos_001.py` and `test_document_demos_004.py`.
"""

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crosscheck.catalog import catalog, family
from crosscheck.demos import layer_memory

Demo = Callable[[list[str]], int]
SMALL = {
    "backprop_by_hand": ["--batch", "8", "--width", "6", "--hidden", "3", "--depth", "3"],
    "matmul_ladder": ["--size", "2,3,2", "--rounds", "1"],
    "memory": ["--rows", "4", "--columns", "4"],
    "regression": ["--epochs", "2"],
    "stochastic_gradient": ["--size", "4"],
}
SAYS = {
    "backprop_by_hand": ["All are right.", "dw1 = xᵀ dl1", "× 1 a layer", "standard deviation"],
    "matmul_ladder": ["three loops", "einsum, this project's", "12", "jax, jit", "1.0 ×"],
    "memory": ["as promised", "a layer keeps 0 bytes", "jaxlayers.sigmoid"],
    "regression": ["the orders are the same", "So they are the same run", "least squares", "true"],
    "stochastic_gradient": ["diag(mask) @ g", "the same, bit for bit, in every call"],
}
each_demo = pytest.mark.parametrize("name", SMALL)


@pytest.fixture
def few_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two layers for a catalog, where the demo of memory needs not count them all."""
    few = {name: catalog()[name] for name in ("relu", "sigmoid")}
    monkeypatch.setattr(layer_memory, "catalog", lambda: few)


@pytest.fixture
def families(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer of each family; test_keeps.py counts them all."""
    one = {family(twin): name for name, twin in catalog().items()}.values()
    monkeypatch.setattr(
        layer_memory, "catalog", lambda: {n: catalog()[n] for n in ("sigmoid", *one)}
    )


def demo(name: str) -> Demo:
    main: Demo = importlib.import_module(f"crosscheck.demos.{name}").main
    return main


@pytest.mark.usefixtures("families")
@each_demo
def test_page_and_picture(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page says what it should, in lines that fit; the picture has more than one colour."""
    from matplotlib.image import imread

    path = tmp_path / "picture.png"
    assert demo(name)([*SMALL[name], "--plot", str(path)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert all(words in said.out for words in SAYS[name])
    assert all(framework in said.out for framework in ("jax", "torch"))
    assert max(map(len, said.out.replace(str(path), "").splitlines())) <= 120
    assert "NOT" not in said.out
    picture = imread(path)
    assert picture.shape[1] >= 1200
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 50


@pytest.mark.usefixtures("few_layers")
@pytest.mark.parametrize("name", ["memory", "stochastic_gradient", "backprop_by_hand"])
def test_pages_are_reproducible(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    pages = []
    for _ in range(2):
        demo(name)(SMALL[name])
        pages.append(capsys.readouterr().out)
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("name", "argv", "sentence"),
    [
        ("backprop_by_hand", ["--hidden", "0"], "expected --hidden from 1 on, got 0"),
        ("backprop_by_hand", ["--depth", "-1"], "expected --depth from 1 on, got -1"),
        ("matmul_ladder", ["--size", "5,784"], "expected --size as three numbers from 1 on"),
        ("matmul_ladder", ["--size", "5,0,2"], "expected --size as three numbers from 1 on"),
        ("matmul_ladder", ["--rounds", "0"], "expected --rounds from 1 on, got 0"),
        ("memory", ["--rows", "0"], "expected --rows from 1 on, got 0"),
        ("regression", ["--epochs", "0"], "expected --epochs from 1 on, got 0"),
        ("stochastic_gradient", ["--rate", "1.5"], "expected --rate from 0 to 1, got 1.5"),
        ("stochastic_gradient", ["--rate", "nan"], "expected --rate from 0 to 1, got nan"),
        *((name, ["--plot", "no/such/p.png"], "existing folder for --plot") for name in SMALL),
        *((name, ["--seed", "-1"], "expected --seed from 0") for name in SMALL if name != "memory"),
        *((name, ["--seed", f"{2**32}"], "2³² - 1") for name in SMALL if name != "memory"),
    ],
)
def test_bad_requests_get_one_sentence(
    name: str, argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo(name)([*SMALL[name], *argv]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.startswith(f"crosscheck.demos.{name}: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


@each_demo
def test_arguments_that_do_not_parse_exit_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        demo(name)([*SMALL[name][:1], "many"])
    assert stop.value.code == 2
    assert "many" in capsys.readouterr().err


@each_demo
@pytest.mark.parametrize("missing", ["jax", "torch", "plot"])
def test_what_is_missing_comes_with_its_install_command(
    name: str, missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "matplotlib" if missing == "plot" else f"crosscheck.demos.in_{missing}.{name}"
    if name == "backprop_by_hand" and missing != "plot":
        module = f"crosscheck.backends.{missing}"
    monkeypatch.setitem(sys.modules, module, None)
    assert demo(name)([*SMALL[name], *(["--plot", "p.png"] if missing == "plot" else [])]) == 2
    said = capsys.readouterr()
    assert f"pip install 'crosscheck-layers[{missing}]'" in said.err
    assert said.out == ""


def test_import_needs_no_framework_and_no_matplotlib() -> None:
    """In a fresh process; and a module runs as a script does, with its exit code."""
    names = ", ".join(f"crosscheck.demos.{name}" for name in SMALL)
    code = f"import sys, {names}; print({{'jax', 'torch', 'matplotlib'}} & set(sys.modules))"
    assert _run("-c", code).stdout == "set()\n"
    refused = _run("-m", "crosscheck.demos.regression", "--epochs", "0")
    assert refused.returncode == 2
    assert refused.stderr.startswith("crosscheck.demos.regression: expected --epochs")


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
