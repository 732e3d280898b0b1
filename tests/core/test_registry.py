import fractions
import sys

import pytest

from avparse.core.errors import UnknownNameError
from avparse.core.registry import Registry, near
from avparse.datasets import DATASETS
from avparse.formats import EXPORTS

NUMBERS = Registry(
    "number",
    {"ratio": "fractions:Fraction", "whole": "builtins:int", "lost": "no_such_package.sub:Thing"},
)


def test_near_names_the_nearest_and_all() -> None:
    assert near("hann", ["han", "cmran"]) == "did you mean 'han'? (known: cmran, han)"
    assert near("xyz", ["han", "cmran"]) == "known: cmran, han"
    assert near("x", iter(["b", "a"])) == "known: a, b"


def test_names_keep_the_order_of_the_table() -> None:
    assert NUMBERS.names() == ["ratio", "whole", "lost"]


def test_create_passes_options() -> None:
    assert NUMBERS.load("ratio") is fractions.Fraction
    assert NUMBERS.create("ratio", numerator=3, denominator=6) == fractions.Fraction(1, 2)


def test_the_module_is_told_without_importing_it() -> None:
    assert NUMBERS.module("lost") == "no_such_package.sub"
    assert "no_such_package" not in sys.modules
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        NUMBERS.load("lost")


@pytest.mark.parametrize("ask", [NUMBERS.check, NUMBERS.module, NUMBERS.load, NUMBERS.create])
def test_an_unknown_name_gives_the_nearest(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(UnknownNameError) as caught:
        ask("ration")
    assert str(caught.value) == (
        "unknown number 'ration': did you mean 'ratio'? (known: lost, ratio, whole)"
    )


def test_the_table_is_a_copy() -> None:
    table = {"whole": "builtins:int"}
    registry = Registry("number", table)
    table["more"] = "builtins:float"
    assert registry.names() == ["whole"]


@pytest.mark.parametrize("registry", [EXPORTS, DATASETS])
def test_every_name_of_a_family_loads(registry: Registry) -> None:
    for name in registry.names():
        assert callable(registry.load(name))
        assert registry.load(name).__module__ == registry.module(name)
