"""`crosscheck keeps`: the table, what is broken by name, the exit status."""

import json
from typing import Any

import pytest

from crosscheck.cli import main
from crosscheck.keeping import command
from promises import BYTES

Page = pytest.CaptureFixture[str]


def test_a_type_named_twice_is_measured_once(capsys: Page) -> None:
    assert main(["keeps", "bessel_j0", "--dtype", "float32,float32"]) == 0
    assert "2 promises kept" in capsys.readouterr().out  # jax's and torch's


def test_an_interruption_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Page, tmp_path: Any
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "row", interrupted)
    out = tmp_path / "keeps.json"
    assert main(["keeps", "elu", "--json", str(out)]) == 130
    assert capsys.readouterr().err == "crosscheck: interrupted; nothing was written\n"
    assert not out.exists()


TWINS = """
import torch
from crosscheck import Twin, real

twin = Twin("square", torch=lambda x: x * x, inputs={"x": real()}, keeps=KEEPS)
"""


def test_the_command_names_what_is_broken(tmp_path: Any, capsys: Page) -> None:
    file, out = tmp_path / "twins.py", tmp_path / "keeps.json"
    file.write_text(TWINS.replace("KEEPS", "['x']"))
    assert main(["keeps", str(file), "--json", str(out)]) == 0
    assert f"{BYTES:,} (1.00)" in capsys.readouterr().out
    (row,) = json.loads(out.read_text())["rows"]
    assert row["found"]["defaults"]["kept"]["eager"] == {
        "by_input": [BYTES],
        "outputs": 0,
        "rest": 0,
    }
    assert (row["layer"], row["framework"], row["broken"]) == ("square", "torch", [])
    file.write_text(TWINS.replace("KEEPS", "[]"))
    assert main(["keeps", str(file), "--dtype", "bfloat16"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"square, torch, bfloat16: eager: keeps the input x, {BYTES // 2:,} bytes" in said
    assert "0 promises kept, 1 broken" in said


def test_what_a_layer_raises_is_said(tmp_path: Any, capsys: Page) -> None:
    file = tmp_path / "twins.py"
    file.write_text(TWINS.replace("x * x", "1 / 0").replace("KEEPS", "None"))
    assert main(["keeps", str(file)]) == 1
    said = capsys.readouterr().out
    assert "it raised ZeroDivisionError" in said
    assert "1 with no promise, 1 raised" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["elo"], "did you mean"),
        (["elu", "--dtype", "float8"], "unknown dtype 'float8'"),
        (["elu", "--dtype", ","], "expected at least one dtype"),
        (["elu", "--json", "nowhere/keeps.json"], "existing folder"),
        (["elu", "--json", "."], "expected a file, got the folder .; name a file in it"),
    ],
)
def test_a_usage_error_is_2(arguments: list[str], says: str, capsys: Page) -> None:
    assert main(["keeps", *arguments]) == 2
    assert says in capsys.readouterr().err
