"""Files that commands write: refused before the work, whole or not at all, after what is shown."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from crosscheck import cli
from crosscheck.atlas import command
from crosscheck.atlas.markdown import BEGIN, END, put
from crosscheck.atlas.page import Atlas
from crosscheck.errors import UsageError
from crosscheck.report import files


@pytest.fixture
def full(monkeypatch):
    """A disk on which nothing finds room."""

    def write_text(path, text, **_):
        path.write_bytes(b"")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", write_text)


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_what_may_not_be_written_is_refused_before_the_work(closed, monkeypatch, tmp_path):
    path = tmp_path / "report.json"
    path.touch()
    refused = {"file": path, "folder": tmp_path}[closed]
    monkeypatch.setattr(os, "access", lambda touched, mode: touched != refused)  # root may all
    with pytest.raises(UsageError, match="expected a file that may be written, got"):
        files.check_writable(path)


def test_a_failed_write_leaves_what_was_there(full, tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(b"before")
    with pytest.raises(UsageError, match=r"expected to write .*, got: No space left on device"):
        files.write_whole(path, "after")
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert path.read_bytes() == b"before"


def test_a_table_goes_into_a_file_whole(full, tmp_path):
    path = tmp_path / "README.md"
    path.write_bytes(f"before {BEGIN} table {END} after".encode())
    with pytest.raises(UsageError, match="No space left on device"):
        put("table", path)
    assert "before" in path.read_text()


def test_the_page_of_an_atlas_is_written_whole(full, tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    path.write_bytes(b"before")
    monkeypatch.setattr(command, "html", lambda atlas: "page")
    with pytest.raises(UsageError, match="No space left on device"):
        command._write(Atlas((), "", (), 0.0, ""), Namespace(html=path, markdown=None))
    assert path.read_bytes() == b"before"


def test_what_cannot_be_written_is_shown_and_said_in_one_line(full, tmp_path, capsys):
    assert cli.main(["list", "--json", str(tmp_path / "layers.json")]) == 2
    said = capsys.readouterr()
    assert "sigmoid" in said.out
    assert said.err.count("\n") == 1
    assert "No space left on device" in said.err


def test_it_is_written_though_it_cannot_be_shown(tmp_path):
    path = tmp_path / "layers.json"
    with pytest.raises(SystemExit), files.then_written(path, lambda: {"rows": 3}):
        raise SystemExit(1)  # what rich does where a pipe is closed
    assert json.loads(path.read_text()) == {"rows": 3}


def test_a_pipe_is_written_to_as_it_is():
    code = "from crosscheck.cli import main; main(['list', '--json', '/dev/stderr'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stderr)["layers"]
