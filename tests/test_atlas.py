"""The atlas: what it shows is what is so, and its page stands alone."""

import re
from base64 import b64decode
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from crosscheck import cli
from crosscheck.atlas import command
from crosscheck.atlas.axis import BINS, EACH, PLACES, at, grid, middles, place
from crosscheck.atlas.closer import _drawn
from crosscheck.atlas.earlier import earlier
from crosscheck.atlas.html import html
from crosscheck.atlas.markdown import BEGIN, COLUMNS, END, markdown, put
from crosscheck.atlas.measure import Asked, _sample, able, measured, raised
from crosscheck.atlas.page import SIDES, Atlas, Side, activations
from crosscheck.catalog import catalog, function, layer
from crosscheck.errors import UsageError
from crosscheck.precision import PRECISIONS
from crosscheck.report.files import write
from crosscheck.sweep.judge import Right
from crosscheck.sweep.part import Bench
from crosscheck.sweep.results import Sweep, as_dict
from crosscheck.sweep.stamp import code, sources, stamp
from crosscheck.sweep.subject import Subject, subjects
from crosscheck.sweep.tally import NOTHING, Worst
from crosscheck.sweep.values import BLOCK


class Callable:
    """Without a hash, as a dataclass has none."""

    __hash__ = None

    def __call__(self, x):
        return x


README = Path(__file__).parents[1] / "README.md"
NAMES = ("sigmoid", "relu", "swiglu")
VOID = {"meta", "br", "img"}
JAX, TORCH = Side(True, "jax"), Side(True, "torch")


class Page(HTMLParser):
    """Tags that are open, and the attributes of all."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, attribute):
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


@pytest.fixture(scope="module")
def atlas():
    entries = tuple(measured(Asked(name, 0, 4096)) for name in NAMES)
    return Atlas(entries, "crosscheck atlas --html <b>.html", ("python 3",), 1.0, "today")


@pytest.fixture(scope="module")
def page(atlas):
    return html(atlas)


def rows(table):
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def picture(source):
    return b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode()


def test_ours_and_the_built_in_layers_stand_beside_each_other(page):
    for words in ("jaxlayers.{}", "torchlayers.{}", "jax.nn.{}"):
        assert all(words.format(name) in page for name in ("sigmoid", "relu"))
    assert ">torch.sigmoid<" in page
    assert ">torch.nn.functional.relu<" in page
    assert "torchlayers.swiglu" in page
    assert "jax.nn.swiglu" not in page


def test_the_tail_of_the_built_in_sigmoid_is_false_zeros(atlas, page):
    looks = atlas.entries[0].curve.looks
    x = at(middles())
    for backend in ("jax", "torch"):
        theirs, ours = looks[Side(True, backend), 1], looks[Side(False, backend), 1]
        assert theirs.zeros[(x > 20) & (x < 80)].all()
        assert not theirs.zeros[x < 15].any()
        near = theirs.errors[np.abs(x - 30).argmin()]
        assert near == pytest.approx(2**24 / (2 + 30), rel=0.1)  # y' / (u (2 y' + 30 y'))
        assert not ours.zeros.any()
        assert 0.5 < ours.errors.max() <= 4
    row = re.search(r'<th class="theirs">torch\.sigmoid</th>(.*?)</tr>', page, re.DOTALL)[1]
    assert "false zeros" in row
    ours = re.search(r'<th class="mine">torchlayers\.sigmoid</th>(.*?)</tr>', page, re.DOTALL)[1]
    assert "false" not in ours


def test_what_differs_at_spots_is_marked(atlas, page):
    relu = atlas.entries[1]
    assert [spot.at for spot in relu.spots[:3]] == [0.0, -np.inf, np.inf]
    last = len(relu.spots) - 1
    assert np.isnan(relu.spots[last].at)
    assert relu.spots[0].states == "slope 0: the branch x <= 0 holds"
    right = {side: relu.curve.looks[side, 1].right for side in SIDES}
    assert [side for side in SIDES if not all(right[side])] == [JAX]
    assert not right[JAX][last]  # its slope at NaN is 0
    assert relu.curve.looks[TORCH, 1].answers[last] == 1
    assert page.count("▲</b>") == 1


def test_the_page_loads_nothing(page):
    read = Page(page)
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in read.tags}
    assert all(href.startswith("#") for href in read.all("href"))
    assert len(read.all("src")) == 2
    assert all(source.startswith("data:image/svg+xml;base64,") for source in read.all("src"))
    for text in (page, *map(picture, read.all("src"))):
        assert not re.search(r"url\((?!#)|@import|srcset|<image|<script", text)
        assert not re.search(r"href=[\"'](?!#)", text)


def test_the_page_is_well_formed(page):
    assert page.startswith("<!DOCTYPE html>")
    read = Page(page)
    assert read.open == []
    ids = read.all("id")
    assert len(set(ids)) == len(ids)
    assert {href[1:] for href in read.all("href")} <= set(ids)
    assert {*NAMES, "summary", "reading", "making"} <= {href[1:] for href in read.all("href")}
    assert "<b>.html" not in page  # a command is text
    for source in read.all("src"):
        assert ElementTree.fromstring(picture(source)).tag.endswith("svg")


def test_the_table_has_a_row_a_layer(atlas):
    head, rule, *lines = rows(markdown(atlas))
    assert head == list(COLUMNS)
    assert set(rule) == {"---"}
    assert [line[0] for line in lines] == list(NAMES)
    assert all(len(line) == len(COLUMNS) for line in lines)
    sigmoid, _, swiglu = lines
    assert sigmoid[5] == "both: 0 in y′ y″"
    assert "**" not in sigmoid[1] + sigmoid[2]
    assert sigmoid[3].count("**") == 6
    assert swiglu[1:] == ["–"] * 5 + ["4", "–"]


def test_a_function_picked_by_a_word_has_its_own_row(atlas):
    gelu = [replace(atlas.entries[0], target="gelu", setting=k) for k in range(2)]
    table = rows(markdown(replace(atlas, entries=tuple(gelu))))
    assert [line[0] for line in table[2:]] == ["gelu", "gelu, approximate='tanh'"]


def test_the_table_goes_between_the_marks(tmp_path, capsys):
    path = tmp_path / "README.md"
    path.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    put(f"{BEGIN}\nnew\n{END}", path)
    assert path.read_text() == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"
    path.write_text("all mine\n")
    assert cli.main(["atlas", "swiglu", "--markdown", str(path)]) == 2
    assert "between which the table goes" in capsys.readouterr().err
    assert path.read_text() == "all mine\n"


def test_rows_of_layers_that_are_not_measured_are_not_lost(tmp_path, capsys):
    path = tmp_path / "README.md"
    path.write_text(README.read_text())
    assert cli.main(["atlas", "gelu", "prelu", "--markdown", str(path)]) == 2
    said = capsys.readouterr().err
    assert "expected to keep the rows of bessel_j0, celu, elu, geglu, hard_sigmoid" in said
    assert path.read_text() == README.read_text()


def test_what_users_write_is_named_so():
    assert Side(True, "jax").words("relu_squared") == "jax.nn.relu(x) ** 2"
    assert Side(True, "torch").words("softcap") == "cap * torch.tanh(x / cap)"
    assert Side(True, "jax").words("softplus") == "jax.nn.softplus(beta * x) / beta"
    assert [Side(True, b).words("gelu") for b in ("jax", "torch")] == [
        "jax.nn.gelu",
        "torch.nn.functional.gelu",
    ]


def test_the_readme_has_every_activation():
    before, _, rest = README.read_text().partition(BEGIN)
    table, end, _ = rest.partition(END)
    assert end
    assert "crosscheck atlas --markdown README.md" in before
    head, _, *lines = rows(table)
    assert head == list(COLUMNS)
    listed = {line[0].partition(",")[0] for line in lines}
    assert listed == {function(catalog()[name]) for name in activations()}


def test_the_command_writes_both_files(tmp_path):
    page, table = tmp_path / "a.html", tmp_path / "a.md"
    asked = ["atlas", "prelu", "geglu", "prelu", "--html", str(page), "--markdown", str(table)]
    assert cli.main(asked) == 0
    assert " ".join(["crosscheck", *asked]) in page.read_text()
    assert "slope s, second derivative g in x and s" in page.read_text()
    assert [line[0] for line in rows(table.read_text())[2:]] == ["prelu", "geglu"]
    assert (
        page.read_text().count("judges draws") == 2
    )  # an entry a layer, though one is named twice


def test_a_page_that_fails_leaves_the_table_as_it_was(tmp_path, monkeypatch):
    table = tmp_path / "a.md"
    monkeypatch.setattr(command, "html", lambda atlas: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(["atlas", "prelu", "--html", str(tmp_path / "a"), "--markdown", str(table)])
    assert not list(tmp_path.iterdir())


def written(path, *rows):
    parts = dict.fromkeys(("finished", "resumed", "asked", "of"), 1)
    write(as_dict(Sweep(rows, (), parts, {}), ""), path)
    return path


def whole(row, worst=NOTHING):
    return replace(row, tally=replace(row.tally, values=2**32, roundings=worst))


def test_earlier_sweeps_of_every_number_count(atlas, tmp_path):
    entry = atlas.entries[0]
    swept = replace(whole(entry.rows[0], Worst(np.inf, 1.0, np.nan)), confirmed=np.inf)
    rows = earlier([written(tmp_path / "s.json", swept)]).added(entry).rows
    assert (rows[0].tally.values, rows[0].tally.roundings.error) == (2**32, np.inf)
    assert rows[0].confirmed == np.inf
    assert rows[1:] == entry.rows[1:]


def test_the_page_says_of_whom_fewer_numbers_were_tried(atlas):
    entry = atlas.entries[0]
    ours = [row if row.subject.native else whole(row) for row in entry.rows]
    said = html(replace(atlas, entries=(replace(entry, rows=tuple(ours)),)))
    assert said.count("<small>float32: 262,144 of 4,294,967,296</small>") == 2
    assert said.count("<small>all 4,294,967,296</small>") == 1


def test_a_sample_is_of_whole_blocks_and_no_number_is_counted_twice():
    for number, blocks in ((1, 1), (200_000, 2)):
        x = np.concatenate([block[:-1] for block in _sample(number)])
        assert len(x) == blocks * BLOCK
        assert len(np.unique(x.view(np.uint32))) == len(x)


def test_the_truth_is_drawn_at_the_middle_of_each_bin_where_there_is_one(atlas):
    drawn, exact = atlas.entries[0].curve.truth[0], 0.5 + np.tanh(at(middles()) / 2) / 2
    assert np.abs(drawn - exact).max() < 1e-4
    y = np.ones(BINS * EACH + 1)
    right = Right(y, y, y, 0, PRECISIONS["float32"], free=np.arange(len(y)) < EACH)
    assert np.isnan(_drawn(right)).tolist() == [True] + [False] * (BINS - 1)


def test_sweeps_of_a_part_of_the_numbers_are_refused(atlas, tmp_path, capsys):
    """An interrupted one may have tried none below 0."""
    path = written(tmp_path / "s.json", atlas.entries[0].rows[0])
    page = tmp_path / "page.md"
    assert cli.main(["atlas", "relu", "--markdown", str(page), "--sweeps", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("crosscheck: expected a sweep of every number, got ")
    assert len(said.splitlines()) == 1


def test_sweeps_of_another_state_of_a_layer_are_left_out(atlas, tmp_path, monkeypatch):
    entry = atlas.entries[0]
    swept = whole(entry.rows[0])
    known = earlier([written(tmp_path / "s.json", swept)])
    assert (known.stale([entry]), known.added(entry).rows[0]) == ([], swept)
    monkeypatch.setattr("crosscheck.sweep.results.stamp", lambda subject, backend: "another")
    other = written(tmp_path / "t.json", whole(entry.rows[0], Worst(7.0, 1.0, 1.0)))
    both = earlier([tmp_path / "s.json", other])
    assert (both.stale([entry]), both.added(entry).rows[0]) == ([], swept)
    monkeypatch.setattr("crosscheck.atlas.earlier.stamp", lambda subject, backend: "a third")
    assert (known.stale([entry]), known.added(entry)) == ([entry.target], entry)


def test_a_stamp_is_of_all_that_a_layer_imports_of_its_package():
    files = {path.name for path in sources(layer("silu").layer("torch"))}
    assert {"silu.py", "blocks.py", "tails.py"} <= files
    assert not files & {"relu.py", "mse.py", "__init__.py"}
    (subject, *_) = subjects("silu", "float32", (0,), ("jax", "torch"))
    stamps = {stamp(replace(subject, native=n), b) for n in (False, True) for b in subject.backends}
    assert len(stamps) == 4


def test_a_stamp_is_of_the_authority_too(monkeypatch):
    """What JAX in float64 says is what torch's errors are counted from."""
    (subject, *_) = subjects("silu", "float32", (0,), ("torch",))
    both = subject, replace(subject, native=True)
    before = [stamp(each, "torch") for each in both]
    monkeypatch.setattr(
        "crosscheck.sweep.stamp.code",
        lambda path: "another" if "jaxlayers" in path.parts else code(path),
    )
    assert not set(before) & {stamp(each, "torch") for each in both}


def test_what_is_said_to_readers_alone_does_not_change_a_stamp(tmp_path):
    said = {
        "plain": "def f(x):\n    return x + 1\n",
        "documented": '"""One more."""\n\n\ndef f(x):\n    """x + 1"""\n    return x + 1  # 1\n',
        "another": "def f(x):\n    return x + 2\n",
    }
    for name, text in said.items():
        (tmp_path / f"{name}.py").write_text(text)
    plain, documented, another = (code(tmp_path / f"{name}.py") for name in said)
    assert plain == documented != another


def test_any_callable_has_a_stamp():
    """It is made when all numbers are tried: hours would be lost."""
    here = {Path(__file__)}
    assert sources(Callable()) == sources(partial(Callable())) == here
    assert sources(eval("lambda x: x")) == sources(abs) == set()


def test_ours_must_be_within_the_budget(atlas):
    assert atlas.ok
    entry = atlas.entries[0]
    wrong = replace(entry.rows[0].tally, roundings=Worst(5.0, 1.0, 1.0))
    rows = (replace(entry.rows[0], tally=wrong, confirmed=None), *entry.rows[1:])
    assert not replace(atlas, entries=(replace(entry, rows=rows),)).ok


@pytest.mark.parametrize("orders", [{0, 1, 2}, {2}])
def test_ours_must_answer(orders, monkeypatch, tmp_path, capsys):
    right = Bench.ask

    def wrong(bench, backend, x):
        if backend == "torch" and not bench.subject.native and orders & {*bench.subject.orders}:
            raise UsageError(f"{backend}'s layer raised")
        return right(bench, backend, x)

    monkeypatch.setattr(Bench, "ask", wrong)
    page = tmp_path / "a.html"
    assert cli.main(["atlas", "relu", "--sample", "4096", "--html", str(page)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "crosscheck: torch's layer raised"
    assert "torch&#39;s layer raised" in page.read_text()


def test_no_third_derivative_is_no_fault():
    bessel = Subject("bessel_j0", 0, "float32", (0, 1, 2), ("jax", "torch"))
    assert [subject.orders for subject in able(bessel)] == [(0, 1), (0, 1)]
    assert list(raised(bessel)) == []


def test_the_axis_goes_both_ways():
    x = np.array([-3e38, -100.0, -10.0, -1.0, 0.0, 9.9, 10.0, 1e3, 1e30])
    assert at(place(x)) == pytest.approx(x)
    assert (np.diff(place(x)) > 0).all()
    numbers = grid()
    assert (np.diff(numbers) >= 0).all()
    assert np.abs(place(numbers)).max() <= PLACES[-1]
    kinks = [k for name in activations() for at in layer(name).kinks.values() for k in at]
    assert len(kinks) > 10
    assert not np.isin(numbers, kinks).any()  # there conventions are shown, not judged


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ([], "expected a file to write, got none"),
        (["sigmoit", "--html", "a.html"], "unknown activation 'sigmoit'; did you mean sigmoid"),
        (["linear", "--html", "a.html"], "unknown activation 'linear'"),
        (["--html", "/nowhere/a.html"], "expected a file in an existing folder"),
        (["--markdown", "/nowhere/a.md"], "expected a file in an existing folder"),
        (["--html", "."], "expected a file, got the folder .; name a file in it"),
        (["--html", "a", "--markdown", "./a"], "expected two files, got a twice; name another"),
        (["--html", "a.html", "-j", "0"], "expected -j as a whole number from 1 on, got 0"),
        (["--html", "a.html", "--sample", "0"], "expected --sample as a whole number"),
        (["--html", "a.html", "--sweeps", __file__], "that crosscheck sweep --json wrote, got"),
    ],
)
def test_what_cannot_be_asked_is_said(argv, sentence, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["atlas", *argv]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
