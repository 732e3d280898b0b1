from pathlib import Path

from avparse.config.settings import Dataset, Settings


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
    made = [Dataset.model_validate(v).synth for v in ({}, {"kind": "ave"}, {"kind": "synth"})]
    assert [one is not None for one in made] == [True, False, True]


def test_published_features_are_used_if_they_are_there(tmp_path: Path) -> None:
    assert Dataset(kind="ave", features=str(tmp_path)).released
    assert not Dataset(kind="ave", features=str(tmp_path / "gone")).released
    assert not Dataset(kind="ave").released
