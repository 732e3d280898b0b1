from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from pydantic import Field

from avparse.config import yaml_file
from avparse.config.data import DatasetSettings
from avparse.config.section import Section, plain
from avparse.config.settings import Settings


def test_what_is_left_out_keeps_its_default() -> None:
    found = Settings.model_validate({"clips": {"hop_seconds": 5}, "report": {"videos": 0}})
    assert (found.clips.seconds, found.clips.hop_seconds) == (10, 5)
    assert (found.report.videos, found.report.new_videos) == (0, 12)


def test_null_means_no_raw_folder_and_no_synthesis() -> None:
    own = {"own": {"path": "x", "synth": None}}
    found = Settings.model_validate({"raw": None, "datasets": own})
    assert found.raw is None
    assert found.datasets["own"].synth is None


def test_only_the_bundled_set_is_made_unless_told() -> None:
    made = [
        DatasetSettings.model_validate(v).synth for v in ({}, {"kind": "ave"}, {"kind": "synth"})
    ]
    assert [one is not None for one in made] == [True, False, True]


def test_published_features_are_used_if_they_are_there(tmp_path: Path) -> None:
    assert DatasetSettings(kind="ave", features=str(tmp_path)).released
    assert not DatasetSettings(kind="ave", features=str(tmp_path / "gone")).released
    assert not DatasetSettings(kind="ave").released


@pytest.mark.parametrize("preset", [None, *sorted((ROOT / "workflow/presets").glob("*.yaml"))])
def test_what_differs_from_the_defaults_is_all_it_takes(preset: Path | None) -> None:
    values = yaml.safe_load(preset.read_text()) if preset else {}
    known = {key: value for key, value in values.items() if key in Settings.model_fields}
    settings = yaml_file.parse(known)
    assert Settings.model_validate(plain(settings)) == settings


def test_a_setting_that_is_added_changes_nothing() -> None:
    class Old(Section):
        seed: int = 3

    class New(Old):
        rate: float = 0.5
        name: str | None = None

    assert plain(New(seed=4)) == plain(Old(seed=4)) == {"seed": 4}
    assert plain(New(rate=1.0)) == {"rate": 1.0}


def test_a_default_that_changes_changes_what_is_written() -> None:
    class New(Section):
        seed: int = Field(4, json_schema_extra={"before": 3})

    assert plain(New()) == {"seed": 4}
    assert plain(New(seed=3)) == {"seed": 3}


def test_defaults_change_only_with_the_old_one_declared() -> None:
    """The defaults of the first release: an old result with a default must not pass for new."""
    golden = yaml.safe_load((ROOT / "tests/golden/defaults.yaml").read_text())
    for section, defaults in golden.items():
        fields = SECTIONS[section].model_fields
        for key, default in defaults.items():
            extra = fields[key].json_schema_extra or {}
            assert extra.get("before", fields[key].default) == default, f"{section}.{key}"
    written = {name: set(values) for name, values in golden.items()}
    assert written == {name: set(scalars(section)) for name, section in SECTIONS.items()}


def scalars(section: type[Section]) -> dict[str, object]:
    """The defaults that are no sections or collections of them."""
    fields = section.model_fields.items()
    return {
        key: f.default for key, f in fields if f.default_factory is None and not f.is_required()
    }


SECTIONS = {
    section.__name__: section
    for section in Section.__subclasses__()
    if section.__module__.startswith("avparse.config.")
}
