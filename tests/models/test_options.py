"""Options of models are checked by type, range and name, in one line and without torch."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from avparse import models
from avparse.core.errors import ConfigError, UnknownNameError
from avparse.models.options.base import Options, describe, title
from avparse.models.options.parsing import HANOptions, MAOptions, ParsingOptions
from avparse.pipeline import validate

NAMES = models.MODELS.names()

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("cmran", {"layers": "two"}, ".layers = 'two': input should be a valid integer"),
    ("han", {"heads": "two"}, ".heads = 'two': input should be a valid integer"),
    ("han", {"heads": 3}, ": heads = 3 does not divide width = 512"),
    ("han", {"heads": 0}, ".heads = 0: input should be greater than or equal to 1"),
    ("han", {"width": 0}, ".width = 0: input should be greater than or equal to 1"),
    ("han", {"dropout": "x"}, ".dropout = 'x': input should be a valid number"),
    ("han", {"dropout": 1}, ".dropout = 1: input should be less than 1"),
    ("han", {"epsilon": "x"}, ".epsilon = 'x': input should be a valid number"),
    ("han", {"epsilon": float("nan")}, ".epsilon = nan: input should be a finite number"),
    ("ma", {"contrast": -1}, ".contrast = -1: input should be greater than or equal to 0"),
    ("ma", {"as_released": 2}, ".as_released = 2: input should be a valid boolean"),
    ("psp", {"threshold": 1}, ".threshold = 1: input should be less than 1"),
    ("han", {"temporal": "gru", "width": 9}, ": temporal = 'gru' needs an even width, not 9"),
    (
        "mm_pyramid",
        {"structure": "transformer", "width": 9, "heads": 3},
        ": structure = 'transformer' needs an even width, not 9",
    ),
    (
        "cmran",
        {"supervision": "weak", "heads": 1},
        ": heads = 1 is odd: with supervision = 'weak' the interaction has half of the heads",
    ),
]
UNKNOWN: list[tuple[str, dict[str, Any], str]] = [
    ("han", {"pooling": "men"}, ".pooling = 'men': did you mean 'mean'? (known: attentive, max,"),
    ("psp", {"supervision": None}, ".supervision = None: known: full, weak"),
    ("cmran", {"relation": ["co"]}, ".relation = ['co']: did you mean 'co'? (known: cmra,"),
    ("han", {"widht": 3}, ": model han has no option 'widht': did you mean 'width'? (known: "),
    ("ma", {"pooling": "max"}, ": model ma has no option 'pooling': known: as_released, contrast,"),
    ("han", {"heads": 3, "widht": 3}, ": model han has no option 'widht': did you mean 'width'?"),
    ("linear_llp", {"width": 3}, ": model linear_llp has no option 'width': it has no options"),
]


def case(row: tuple[str, dict[str, Any], str]) -> str:
    return "-".join((row[0], *map(str, row[1].items())))


def refused(name: str, options: dict[str, Any]) -> str:
    """What the check of the settings says, in one line; making the model fails as well."""
    with pytest.raises(ConfigError):
        models.create(name, **options)
    with pytest.raises(ConfigError) as caught:
        validate.load({"experiments": {"x": {"model": name, "options": options}}})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("row", WRONG, ids=case)
def test_a_wrong_value_is_named_by_its_key(row: tuple[str, dict[str, Any], str]) -> None:
    name, options, problem = row
    message = refused(name, options)
    assert message.startswith(f"experiments.x.options{problem}")
    assert message.endswith(f" (avparse model {name} lists the options)")


@pytest.mark.parametrize("row", UNKNOWN, ids=case)
def test_an_unknown_name_comes_with_the_known_ones(row: tuple[str, dict[str, Any], str]) -> None:
    name, options, problem = row
    assert refused(name, options).startswith(f"experiments.x.options{problem}")


def test_the_number_of_classes_is_no_option() -> None:
    experiment = {"model": "han", "options": {"num_classes": 3}}
    with pytest.raises(ConfigError, match=r"experiments\.x\.options\.num_classes: remove it"):
        validate.load({"experiments": {"x": experiment}})
    assert models.create("han", num_classes=3).num_classes == 3


def test_a_long_value_is_cut() -> None:
    with pytest.raises(ConfigError) as caught:
        models.parse_options("han", {"heads": "x" * 1000})
    assert len(str(caught.value)) < 200


def test_values_are_typed_and_defaults_filled_in() -> None:
    options = models.parse_options("han", {"heads": 2, "dropout": 0})
    assert (options.heads, options.width, options.pooling) == (2, 512, "attentive")
    assert isinstance(options.dropout, float)
    with pytest.raises(UnknownNameError, match="unknown model 'hann': did you mean 'han'"):
        models.parse_options("hann", {})


def test_null_leaves_out_the_refiner_of_bmfn() -> None:
    assert models.parse_options("bmfn", {"refiner": None}).refiner == "none"


def test_options_of_another_kind_keep_what_both_have() -> None:
    ma = MAOptions(width=16, heads=4, as_released=True)
    han = ma.as_kind(HANOptions)
    assert (han.width, han.heads, han.contrast, han.as_released) == (16, 4, 1.0, True)
    assert (han.noise, han.temporal) == ("smoothing", "han")
    assert han.as_kind(ParsingOptions, pooling="max").pooling == "max"


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_described(name: str) -> None:
    kind = models.options_class(name)
    assert issubclass(kind, Options)
    assert title(kind)
    fields: dict[str, FieldInfo] = kind.model_fields
    rows = describe(kind)
    assert [row["name"] for row in rows] == list(fields)
    for row in rows:
        assert row["default"] == fields[row["name"]].default
        assert row["description"]
        assert row["values"] or row["type"] == "true or false"


def test_descriptions_give_ranges_and_choices() -> None:
    rows = {row["name"]: row for row in describe(models.options_class("psp"))}
    assert (rows["threshold"]["type"], rows["threshold"]["values"]) == (
        "number or null",
        "at least 0, less than 1",
    )
    assert (rows["supervision"]["type"], rows["supervision"]["values"]) == (
        "choice",
        "full | weak",
    )
    assert rows["visual_width"]["values"] == "1 to 8192"


def test_checking_options_loads_no_torch() -> None:
    program = (
        "import sys; from avparse.pipeline import validate; "
        "validate.load({'experiments': {'x': {'model': 'cmran', 'options': {'layers': 1}}}}); "
        "from avparse import models; from avparse.models.options.base import describe; "
        "[describe(models.options_class(n)) for n in models.MODELS.names()]; "
        "assert not {'torch', 'av'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
