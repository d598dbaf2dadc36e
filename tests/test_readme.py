"""The README's code runs and its commands exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from crosscheck.cli import parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = ["run", "list", "show", "doctor"]


def test_python_blocks_run(check_twin):
    scope = {}
    for block in BLOCKS:
        exec(block, scope)
    assert len(BLOCKS) == README.count("```python")
    assert scope["report"].ok
    assert scope["mask"].shape == (8,)
    assert float(scope["t"].grad[0]) == pytest.approx(0.5 * 2.0611536e-09, rel=1e-6)
    scope["test_double"](check_twin)


def test_the_two_commands_are_there():
    for extra, then in (("all", "crosscheck run"), ("test", "pytest")):
        assert f"    pip install -c constraints.txt '.[{extra}]' && {then}\n" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist(command, capsys):
    assert f"    crosscheck {command} " in README
    with pytest.raises(SystemExit, match="0"):
        parser().parse_args([command, "--help"])
    assert command in capsys.readouterr().out


def test_options_are_all_named():
    run = parser()._subparsers._group_actions[0].choices["run"]
    options = {o for a in run._actions for o in a.option_strings if o.startswith("--")} - {"--help"}
    assert {option for option in options if option not in README} == set()


def test_demos_exist():
    for module in re.findall(r"python -m (crosscheck\.\w+\.\w+)", README):
        command = [sys.executable, "-c", f"import {module}"]
        assert subprocess.run(command).returncode == 0, module
