"""`crosscheck support`: what each layer can be asked, tried out."""

from dataclasses import replace

from crosscheck import check
from crosscheck.catalog import LACKS, layer
from crosscheck.cli import main
from crosscheck.support import is_true, support

ASKED = {"questions": ["jvp"], "dtypes": ["float64"], "case": "ordinary-0"}


def supports(twin):
    return support(check(twin, **ASKED), [twin])


def test_what_a_layer_lacks_has_been_seen_to_raise():
    found = supports(layer("sigmoid"))
    assert found["sigmoid"]["jax"].right == {"jvp transposed": ["float64"]}
    assert found["sigmoid"]["jax"].raises == {
        "jvp forward": "forward mode through a jax.custom_vjp"
    }
    assert "jvp forward" in found["sigmoid"]["torch"].right
    assert is_true(found)


def test_a_layer_that_answers_where_it_says_it_cannot_is_shown():
    plain = replace(layer("sigmoid"), jax="jax.nn:sigmoid")
    assert plain.lacks == LACKS
    found = supports(plain)
    assert found["sigmoid"]["jax"].untrue == ["jvp forward"]
    assert not is_true(found)


def test_the_command_says_so_with_its_exit_status(tmp_path, capsys):
    file = tmp_path / "twins.py"
    file.write_text(
        "import numpy as np\n"
        "from crosscheck import Twin, real\n"
        "twin = Twin('cube', torch=lambda x: x**3, definition=lambda x: x**3,\n"
        "            inputs={'x': real()}, lacks={'torch': ['jvp forward']})\n"
    )
    assert main(["support", str(file)]) == 1
    assert "jvp forward" in capsys.readouterr().out
    file.write_text(file.read_text().replace("['jvp forward']", "[]"))
    assert main(["support", str(file)]) == 0
