from pathlib import Path
from typing import Any

import pytest

from avparse.config.data import SynthSettings
from avparse.config.settings import Settings
from avparse.core.errors import AvparseError, ConfigError, DataError
from avparse.datasets.synth.scene import plan as plan_scenes
from avparse.datasets.synth.tables import write_tables
from avparse.datasets.videos import Entry
from avparse.pipeline import targets, validate
from avparse.pipeline.manifest import Listing
from avparse.pipeline.validate import inputs


def changed(**values: Any) -> Settings:
    return validate.load(values)


def han(**values: Any) -> dict[str, Any]:
    return {"han": {"model": "han", **values}}


def test_the_defaults_are_complete() -> None:
    settings = validate.load({})
    assert settings == Settings()
    assert inputs(settings, "cmran") == {"audio": "vggish", "visual": "vgg19"}
    # vgg19 and resnet152 at 1 frame a second, r2plus1d_18 at 4; vggish has no view.
    assert targets.views(settings) == [
        "even1_crop256_224_bilinear",
        "even1_squash_224_point",
        "even4_squash_112_bilinear",
    ]


def test_only_what_some_experiment_reads_is_extracted() -> None:
    settings = changed(experiments=han(inputs={"visual": "vgg19"}))
    assert inputs(settings, "han") == {
        "audio": "vggish",
        "visual": "vgg19",
        "visual_st": "r2plus1d_18",
    }


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (
            {"clips": {"seconds": 5, "hop_seconds": 6}},
            "clips.hop_seconds = 6: at most clips.seconds = 5, or parts of a video are skipped",
        ),
        (
            {"datasets": {"own": {"kind": "synht"}}},
            "unknown dataset kind 'synht': did you mean 'synth'?",
        ),
        ({"extractors": {"vgg16": {}}}, "unknown extractor 'vgg16': did you mean 'vgg19'?"),
        (
            {"extractors": {"vggish": {"frames_per_second": 2}}},
            "extractors.vggish.frames_per_second = 2: vggish is an audio extractor and has no "
            "`frames_per_second` setting; remove it",
        ),
        ({"experiments": {"x": {"model": "hann"}}}, "unknown model 'hann': did you mean 'han'?"),
        (
            {"experiments": han(inputs={"visul": "vgg19"})},
            "experiments.han.inputs.visul: did you mean 'visual'?",
        ),
        (
            {"experiments": han(dataset="bundle")},
            "experiments.han.dataset = 'bundle': did you mean 'bundled'? (known: bundled)",
        ),
        (
            {"experiments": han(inputs={"visual": "vgg"})},
            "experiments.han needs the extractor 'vgg': add it under extractors, or did you mean",
        ),
        (
            {"extractors": {"vggish": {}}},
            "experiments.han needs the extractor 'resnet152': add it under extractors, or known",
        ),
        (
            {"clip": {}},
            "unknown key 'clip' in the settings (config.yaml or --configfile): did you mean 'cl",
        ),
        (
            {"export": {"formats": ["elam"]}},
            "unknown format 'elam': did you mean 'elan'? (known: activitynet, audacity, elan,",
        ),
    ],
)
def test_names_that_fit_nothing(values: dict[str, Any], wanted: str) -> None:
    with pytest.raises(AvparseError) as caught:
        validate.load(values)
    assert str(caught.value).startswith(wanted)


def test_a_file_of_weights_has_to_be_there() -> None:
    settings = changed(extractors={"vgg19": {"weights": "my/vgg.pth"}}, experiments={})
    assert targets.weights_files(settings, "vgg19") == ["my/vgg.pth"]
    with pytest.raises(ConfigError, match=r"extractors\.vgg19\.weights = 'my/vgg\.pth': no such"):
        targets.check_files(settings)
    targets.check_files(Settings())
    assert targets.weights_files(Settings(), "vgg19") == []


def test_two_formats_are_always_there_and_each_is_once() -> None:
    assert targets.formats(Settings()) == ["tsv", "json"]
    wanted = changed(export={"formats": ["elan", "tsv", "elan"]})
    assert targets.formats(wanted) == ["tsv", "json", "elan"]


def test_a_new_video_changes_the_listing(tmp_path: Path) -> None:
    settings = changed(raw=str(tmp_path))
    empty = targets.listing_digest(settings)
    (tmp_path / "notes.txt").touch()
    assert targets.listing_digest(settings) == empty
    (tmp_path / "a.mp4").touch()
    assert targets.listing_digest(settings) != empty


def test_a_new_video_of_a_data_set_that_exists_changes_the_listing(tmp_path: Path) -> None:
    own = {"own": {"kind": "folder", "path": str(tmp_path)}}
    settings = changed(raw=None, datasets=own, experiments={})
    empty = targets.listing_digest(settings)
    (tmp_path / "a.mp4").touch()
    assert targets.listing_digest(settings) != empty


def test_without_an_extractor_no_model_that_reads_it_is_compared(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "experiments: {a: {model: cmran}, b: {model: linear_llp}, "
        "c: {model: cmran, inputs: {visual: resnet152}}}"
    )
    settings = changed(
        extractors={"vgg19": {"frames_per_second": 1}, "vggish": {}},
        experiments={"mine": {"model": "avel"}},
        compare=str(tmp_path / "c.yaml"),
    )
    assert targets.with_compared(settings, tmp_path).experiments.keys() == {"a", "mine"}


def test_what_of_the_manifest_takes_part(tmp_path: Path) -> None:
    (tmp_path / "here.mp4").touch()
    here, gone = str(tmp_path / "here.mp4"), str(tmp_path / "gone.mp4")
    assert targets.is_wanted(changed(), Entry("a", here, "", "00000"))
    assert not targets.is_wanted(changed(), Entry("b", gone, "", "00000"))
    assert targets.is_wanted(changed(), Entry("c", gone, "bundled", "00000"))
    assert not targets.is_wanted(changed(), Entry("d", here, "other", "00000"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"experiments": {"x": {"model": "han", "seeds": [1, 1]}}}, "list each seed once"),
        (
            {"experiments": {"x": {"model": "han", "options": {"num_classes": 3}}}},
            "the data set determines the number",
        ),
        (
            {"datasets": {"bundled": {}, "more": {"path": "data/more"}}},
            "only one can be synthetic: set synth: null",
        ),
    ],
)
def test_settings_that_contradict_each_other(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        validate.load(values)


def test_a_data_set_that_should_exist_and_does_not() -> None:
    settings = changed(datasets={"own": {"kind": "folder", "path": "nowhere"}}, experiments={})
    with pytest.raises(DataError, match=r"no folder nowhere of data set own: set datasets\.own"):
        targets.listing_digest(settings)


def released(folder: Path) -> Settings:
    return changed(
        raw=None,
        datasets={"faces": {"kind": "ave", "path": str(folder), "features": str(folder)}},
        extractors={"vgg19": {}, "vggish": {}},
        experiments={"cmran": {"model": "cmran", "dataset": "faces"}},
    )


def test_a_data_set_with_published_features_needs_no_videos(tmp_path: Path) -> None:
    settings = released(tmp_path)
    assert settings.datasets["faces"].synth is None
    assert settings.released == ["faces"]
    assert targets.read_by(settings, "faces") == ["vgg19", "vggish"]
    targets.listing_digest(settings)
    assert not targets.is_wanted(settings, Entry("a", "a.mp4", "faces", "00000"))
    with pytest.raises(DataError, match=f"no file {tmp_path}/visual_feature.h5"):
        targets.archives(settings, "faces")
    names = ("audio_feature.h5", "visual_feature.h5", "visual_feature_noisy.h5")
    for name in names:
        (tmp_path / name).touch()
    assert targets.archives(settings, "faces") == [str(tmp_path / name) for name in names]


def test_published_annotations_that_are_missing_are_fetched(tmp_path: Path) -> None:
    settings = released(tmp_path)
    wanted = {
        "Annotations.txt", "train_order.h5", "val_order.h5", "test_order.h5",
    }  # fmt: skip
    assert {Path(path).name for path in targets.unfetched(settings, "faces")} == wanted
    for name in wanted:
        (tmp_path / name).touch()
    assert targets.unfetched(settings, "faces") == []
    assert targets.unfetched(Settings(), "bundled") == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"own": {"kind": "folder", "synth": {}}}, r"datasets\.own\.synth: set it to null"),
        (
            {"12": {"kind": "ave", "features": "x"}},
            r"datasets\.12: use a name that is not a number",
        ),
    ],
)
def test_data_sets_that_contradict_themselves(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        validate.load({"datasets": {"bundled": None, **values}, "experiments": {}})


def test_the_planned_files_are_those_written(tmp_path: Path) -> None:
    wanted = SynthSettings(train=9, val=5, test=4, background=2, seed=3)
    scenes = plan_scenes({"train": 9, "val": 5, "test": 4, "background": 2}, 3)
    write_tables(tmp_path, scenes, ("Bell",))
    tables = {path.name for path in tmp_path.iterdir()}
    videos = {f"videos/{scene.video_id}.mp4" for scene in scenes}
    assert set(targets.synth_files(wanted)) == tables | videos
    assert len(targets.synth_files(wanted)) == len(tables) + 20


def test_an_experiment_tells_of_its_data_set_and_of_dropped_in_videos(tmp_path: Path) -> None:
    own, other = Entry("a", "a", "bundled", "00002"), Entry("b", "b", "other", "00001")
    listing = Listing([own, own, other, Entry("c", "c", "", "00000")])
    settings = changed(experiments=han())
    assert targets.dataset_shards(settings, listing, "bundled") == ["00002"]
    assert targets.experiment_shards(settings, listing, "han") == ["00000", "00002"]
    files = targets.prediction_files(settings, listing, "han", tmp_path)
    assert files == [tmp_path / "predictions" / "han" / f"{n}.h5" for n in ("00000", "00002")]


def test_published_features_are_one_shard_whatever_is_listed(tmp_path: Path) -> None:
    settings, dropped = released(tmp_path), Entry("c", "c", "", "00000")
    assert targets.experiment_shards(settings, Listing([]), "cmran") == ["faces"]
    assert targets.experiment_shards(settings, Listing([dropped]), "cmran") == ["00000", "faces"]
