import json

import pytest
from conftest import Cli

from avparse import models


def test_models_are_listed_by_task(cli: Cli) -> None:
    lines = cli("model").stdout.splitlines()
    tasks = lines.index("parsing:"), lines.index("localization:")
    assert tasks[0] < tasks[1]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == models.MODELS.names()
    assert "  han             Hybrid attention network (Tian et al., ECCV 2020)" in lines
    rows = json.loads(cli("model", "--json").stdout)
    assert {row["name"]: row["task"] for row in rows}["psp"] == "localization"


def test_a_model_shows_task_inputs_recipes_and_options(cli: Cli) -> None:
    lines = cli("model", "cmran").stdout.splitlines()
    assert lines[:6] == [
        "cmran: Cross-modal relation-aware network (Xu et al., ACM MM 2020)",
        "task:    localization",
        "inputs:  audio (vggish), visual (vgg19)",
        "recipe:  200 epochs, batch size 32, learning rate 0.0005 (x 0.5 after 10, 20, 30 epochs), "
        "gradient norm at most 0.1",
        "recipe:  200 epochs, batch size 32, learning rate 0.0005 (x 0.5 after 5, 20, 40 epochs), "
        "gradient norm at most 0.5 (supervision: weak)",
        "options:",
    ]
    assert "  layers: integer, 0 to 64; default 2" in lines
    assert "  attention: choice, agsca | agva | mean; default agsca" in lines


@pytest.mark.parametrize("name", models.MODELS.names())
def test_options_as_json(cli: Cli, name: str) -> None:
    found = json.loads(cli("model", name, "--json").stdout)
    assert found["inputs"] == models.INPUTS[name]
    assert found["recipes"]["published"]["epochs"] > 0
    assert {o["name"] for o in found["options"]} == set(models.options_class(name).model_fields)


def test_help_and_unknown_names(cli: Cli) -> None:
    assert "Examples:" in cli("model", "--help").stdout
    done = cli("model", "hann")
    assert done.returncode == 2
    assert done.stderr.startswith("avparse: unknown model 'hann': did you mean 'han'?")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("{layers: two}", "experiments.x.options.layers = 'two': input should be a valid integer"),
        ("{heads: 3}", "experiments.x.options: heads = 3 does not divide width = 256"),
        ("{dropout: x}", "experiments.x.options: model cmran has no option 'dropout': known: "),
    ],
)
def test_wrong_options_stop_a_command_in_one_line(cli: Cli, options: str, message: str) -> None:
    done = cli("index", "--set", f"experiments.x={{model: cmran, options: {options}}}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"avparse: {message}")
    assert done.stderr.count("\n") == 1
