"""The three trees hold the same layers in the same places, with the same signatures."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import crosscheck
import jaxlayers
import torchlayers
from crosscheck.catalog import catalog, family, function

ROOTS = {package: Path(package.__file__).parent for package in (jaxlayers, torchlayers)}
CATALOG = Path(crosscheck.__file__).parent / "catalog"
LAYERS = {function(twin): twin for twin in catalog().values()}
MAKERS = {"host_elementwise"}  # make a layer of functions
SPEC_FIRST = {"einsum"}  # take a spec, then any operands
NAMED = [name for name, twin in catalog().items() if function(twin) not in SPEC_FIRST]


def files(root: Path) -> set[str]:
    """Layer files, as family/layer.py; torch's modules have no twins."""
    return {
        str(path.relative_to(root))
        for path in root.glob("*/*.py")
        if path.name != "__init__.py" and path.parent.name not in ("__pycache__", "modules")
    }


def parameters(function) -> list[tuple[str, object, object]]:
    return [(p.name, p.default, p.kind) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("package", ROOTS, ids=lambda package: package.__name__)
def test_trees_are_equal(package):
    assert files(ROOTS[package]) == files(CATALOG)


@pytest.mark.parametrize("name", [*LAYERS, *MAKERS])
def test_signatures_are_equal(name):
    assert parameters(getattr(jaxlayers, name)) == parameters(getattr(torchlayers, name))


@pytest.mark.parametrize("name", NAMED)
def test_arguments_are_those_of_the_catalog(name):
    twin = catalog()[name]
    names = [parameter for parameter, _, _ in parameters(getattr(jaxlayers, function(twin)))]
    settings = {key for settings in twin.settings for key in settings}
    assert names[: len(twin.inputs)] == list(twin.inputs)
    assert settings <= set(names[len(twin.inputs) :])


@pytest.mark.parametrize("name", catalog())
def test_a_twin_is_named_for_its_layer(name):
    twin = catalog()[name]
    assert name.partition("-")[0] == function(twin)
    assert (CATALOG / family(twin) / f"{function(twin)}.py").is_file()
    assert "Kept for the backward pass:" in twin.docstring()


@pytest.mark.parametrize("name", NAMED)
def test_a_twin_names_its_layers(name):
    twin, layer = catalog()[name], function(catalog()[name])
    assert (twin.jax, twin.torch) == (f"jaxlayers:{layer}", f"torchlayers:{layer}")


@pytest.mark.parametrize("package", ROOTS, ids=lambda package: package.__name__)
@pytest.mark.parametrize("name", [name for name in catalog() if name not in NAMED])
def test_a_twin_of_a_spec_asks_its_layer(name, package, monkeypatch):
    twin = catalog()[name]
    monkeypatch.setattr(package, function(twin), lambda spec, *operands: (spec, operands))
    spec, operands = twin.layer(package.__name__.removesuffix("layers"))(1, 2)
    assert (type(spec), operands) == (str, (1, 2))


def test_the_first_twin_of_a_layer_bears_its_name():
    assert set(LAYERS) <= set(catalog())


@pytest.mark.parametrize("package", ROOTS, ids=lambda package: package.__name__)
def test_the_top_of_a_package_is_its_table_of_contents(package):
    body = ast.parse((ROOTS[package] / "__init__.py").read_text()).body
    imported = [
        alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    assert set(imported) == set(LAYERS) | MAKERS == set(package.__all__)
    assert all(callable(getattr(package, name)) for name in imported)


@pytest.mark.parametrize("package", ROOTS, ids=lambda package: package.__name__)
def test_families_hold_a_docstring_only(package):
    for init in ROOTS[package].glob("*/__init__.py"):
        body = ast.parse(init.read_text()).body
        assert len(body) == 1, init
        assert isinstance(body[0], ast.Expr), init


def test_a_difference_would_be_seen():
    def other(x, alpha=2.0):
        return x * alpha

    assert parameters(other) != parameters(jaxlayers.elu)
    assert files(CATALOG) - {"activations/elu.py"} != files(CATALOG)


@pytest.mark.parametrize("part", ["Raises:", "Reference:"])
def test_docstrings_say_what_is_raised_and_where_from(part):
    for name in LAYERS.keys() | MAKERS:
        for package in ROOTS:
            assert part in (inspect.getdoc(getattr(package, name)) or ""), (package, name)


def test_every_layer_module_is_named_for_its_layer():
    for name, twin in LAYERS.items():
        for package in ROOTS:
            module = importlib.import_module(f"{package.__name__}.{family(twin)}.{name}")
            assert getattr(module, name) is getattr(package, name)
