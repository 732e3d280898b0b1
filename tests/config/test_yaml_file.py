from pathlib import Path
from typing import Any

import pytest
import yaml

from avparse.config import yaml_file
from avparse.config.settings import Settings
from avparse.core.errors import ConfigError

ROOT = Path(__file__).parents[2]
SETTINGS = "the settings (config.yaml or --configfile)"


def message(values: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        yaml_file.parse(values, "mine.yaml")
    return str(caught.value)


def test_the_committed_settings_are_the_printed_ones() -> None:
    committed = (ROOT / "config.yaml").read_text(encoding="utf-8")
    assert committed == yaml_file.to_yaml(), "run: avparse config > config.yaml"


def test_the_committed_schema_is_the_printed_one() -> None:
    path = ROOT / "workflow" / "schemas" / "config.schema.yaml"
    assert path.read_text(encoding="utf-8") == yaml_file.to_schema(), (
        f"run: avparse config --schema > {path.relative_to(ROOT)}"
    )


def test_the_committed_settings_are_the_defaults() -> None:
    assert yaml_file.parse(yaml_file.read_yaml(ROOT / "config.yaml")) == Settings()


def test_every_key_is_described() -> None:
    lines = yaml_file.to_yaml().splitlines()
    for number, line in enumerate(lines):
        if line and not line.startswith((" ", "#")):
            assert lines[number - 1].startswith("# "), line


def test_changed_settings_print_and_parse_back() -> None:
    changed = yaml_file.parse(
        {
            "raw": None,
            "clips": {"seconds": 20, "hop_seconds": 5},
            "experiments": {
                "mine": {
                    "model": "han",
                    "seeds": list(range(60)),
                    "options": {"width": 16, "note": "a: b # c"},
                    "training": {"milestones": [1, 2], "selection": "last"},
                }
            },
        }
    )
    assert yaml_file.parse(yaml.safe_load(yaml_file.to_yaml(changed))) == changed


def test_null_removes_what_has_a_name() -> None:
    found = yaml_file.parse(
        {
            "experiments": {"cmran": None, "han": {"model": "han"}},
            "extractors": {"vgg19": None},
            "datasets": {"bundled": None},
        }
    )
    assert list(found.experiments) == ["han"]
    assert found.extractors == {}
    assert found.datasets == {}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"clip": {}}, "unknown key 'clip' in mine.yaml: did you mean 'clips'? (known: clips, "),
        (
            {"decode": {"shards_size": 4}},
            "unknown key 'decode.shards_size' in mine.yaml: did you mean 'shard_size'? (known: ",
        ),
        (
            {"extractors": {"vgg19": {"wieghts": "x"}}},
            "unknown key 'extractors.vgg19.wieghts' in mine.yaml: did you mean 'weights'? (known: ",
        ),
        (
            {"clips": {"zzzzzz": 4}},
            "unknown key 'clips.zzzzzz' in mine.yaml: known: hop_seconds, seconds",
        ),
    ],
)
def test_an_unknown_key_gives_the_nearest(values: dict[str, Any], wanted: str) -> None:
    assert message(values).startswith(wanted)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (
            {"clips": {"seconds": 0}},
            "clips.seconds = 0 in mine.yaml: Input should be greater than or equal to 1",
        ),
        (
            {"clips": {"seconds": "ten"}},
            "clips.seconds = 'ten' in mine.yaml: Input should be a valid integer",
        ),
        ({"clips": None}, "clips = None in mine.yaml: Input should be a valid dictionary"),
        ({"experiments": 3}, "experiments = 3 in mine.yaml: Input should be a valid dictionary"),
        (
            {"experiments": {"a": {"model": "han", "seeds": []}}},
            "experiments.a.seeds = [] in mine.yaml: List should have at least 1 item",
        ),
        (
            {"experiments": {"a": {"model": "han", "threshold": 1}}},
            "experiments.a.threshold = 1 in mine.yaml: Input should be less than 1",
        ),
        (
            {"experiments": {"a": {"dataset": "bundled"}}},
            "experiments.a.model = {'dataset': 'bundled'} in mine.yaml: Field required",
        ),
        (
            {"runtime": {"device": "gpu"}},
            "runtime.device = 'gpu' in mine.yaml: String should match pattern",
        ),
        (
            {"extractors": {"vgg19": {"precision": "fp8"}}},
            "extractors.vgg19.precision = 'fp8' in mine.yaml: Input should be 'auto', 'fp32'",
        ),
    ],
)
def test_a_wrong_value_names_its_key(values: dict[str, Any], wanted: str) -> None:
    assert message(values).startswith(wanted)


@pytest.mark.parametrize("name", ["my exp", "a/b", "../a", "", "-a", "x" * 62])
def test_a_name_that_fits_no_file_name_is_refused(name: str) -> None:
    wanted = f"experiments.{name}.[key] = {name!r} in mine.yaml: String should match pattern"
    assert message({"experiments": {name: {"model": "han"}}}).startswith(wanted)


def test_a_long_value_is_cut_in_the_message() -> None:
    found = message({"raw": ["x" * 200]})
    assert found.startswith("raw = ['xxx")
    assert "x... in mine.yaml: Input should be a valid string" in found
    assert len(found) < 160


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (None, "no settings file {path}: check the path given with --config"),
        ("- a\n- b\n", "{path} is not a YAML mapping: write 'key: value' lines"),
        ("clips: [1, 2\n", "cannot read {path}: while parsing a flow sequence"),
        ("clips: {hop_s: 1}\n", "unknown key 'clips.hop_s' in {path}: did you mean 'hop_seconds'?"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str | None, wanted: str) -> None:
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        yaml_file.parse(yaml_file.read_yaml(path), str(path))
    assert str(caught.value).startswith(wanted.format(path=path))
    assert "\n" not in str(caught.value)


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# nothing\n")
    assert yaml_file.parse(yaml_file.read_yaml(path)) == Settings()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"experiments": {"han": {"model": "han", "thresold": 0.4}}},
            f"unknown key 'experiments.han.thresold' in {SETTINGS}: did you mean 'threshold'",
        ),
        (
            {"experiments": {"han": {"modle": "han"}}},
            f"unknown key 'experiments.han.modle' in {SETTINGS}: did you mean 'model'",
        ),
        (
            {"datasets": {"bundled": {"synth": {"trian": 8}}}},
            f"unknown key 'datasets.bundled.synth.trian' in {SETTINGS}: did you mean 'train'",
        ),
    ],
)
def test_near_key_inside_named_sections(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        yaml_file.parse(values)
    assert str(caught.value).startswith(said)


def test_names_that_yaml_would_misread_are_quoted() -> None:
    settings = yaml_file.parse({"experiments": {"12": {"model": "han"}, "yes": {"model": "han"}}})
    assert yaml_file.parse(yaml.safe_load(yaml_file.to_yaml(settings))) == settings
