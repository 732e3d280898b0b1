import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from avparse import plan
from avparse.checks import inputs
from avparse.cli.options import read_settings
from avparse.config import Settings, Synth
from avparse.errors import AvparseError, ConfigError, DataError
from avparse.manifest import Entry
from avparse.synth.scene import plan as plan_scenes
from avparse.synth.tables import write_tables


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What plans hand to their jobs is not for the tests of other files."""
    with mock.patch.dict(os.environ):
        yield


def changed(**values: Any) -> Settings:
    return plan.load(values)


def han(**values: Any) -> dict[str, Any]:
    return {"han": {"model": "han", **values}}


def given_flags(words: list[str]) -> dict[str, Any]:
    """What ``--set KEY=VALUE`` words say."""
    assert words[::2] == ["--set"] * (len(words) // 2)
    return {key: json.loads(value) for key, value in (word.split("=", 1) for word in words[1::2])}


def test_the_defaults_are_complete() -> None:
    settings = plan.load({})
    assert settings == Settings()
    assert inputs(settings, "cmran") == {"audio": "vggish", "visual": "vgg19"}
    # vgg19 and resnet152 at 1 frame a second, r2plus1d_18 at 4; vggish has no view.
    assert plan.views(settings) == [
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
            "extractors.vggish.frames_per_second = 2: vggish hears, and sees no frames; leave it",
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
        ({"clip": {}}, "unknown key 'clip' in config.yaml: did you mean 'clips'?"),
        (
            {"export": {"formats": ["elam"]}},
            "unknown format 'elam': did you mean 'elan'? (known: activitynet, audacity, elan,",
        ),
    ],
)
def test_names_that_fit_nothing(values: dict[str, Any], wanted: str) -> None:
    with pytest.raises(AvparseError) as caught:
        plan.load(values)
    assert str(caught.value).startswith(wanted)


def test_flags_give_sections_and_values() -> None:
    words = plan.flags(Settings(), "clips", "datasets.bundled", "raw", drop=("synth",))
    assert given_flags(words) == {
        "clips": {"hop_seconds": 10, "seconds": 10},
        "datasets.bundled": {
            "kind": "synth",
            "path": "data/bundled",
            "videos": None,
            "features": None,
        },
        "raw": "data/raw",
    }


def test_two_formats_are_always_there_and_each_is_once() -> None:
    assert plan.formats(Settings()) == ["tsv", "json"]
    wanted = changed(export={"formats": ["elan", "tsv", "elan"]})
    assert plan.formats(wanted) == ["tsv", "json", "elan"]


def test_a_name_with_dots_stands_in_quotes() -> None:
    assert plan.keys_of('extractors."timm:resnet50.a1_in1k".seed') == [
        "extractors",
        "timm:resnet50.a1_in1k",
        "seed",
    ]
    settings = changed(extractors={"timm:resnet50.a1_in1k": {"seed": 3}}, experiments={})
    [[name, value]] = given_flags(plan.extractor_flags(settings, "timm:resnet50.a1_in1k")).items()
    assert name == 'extractors."timm:resnet50.a1_in1k"'
    assert value["seed"] == 3


def test_weights_depend_on_what_they_are_and_not_on_what_is_seen() -> None:
    def flags(**wanted: Any) -> list[str]:
        settings = changed(extractors={"vgg19": wanted}, experiments={})
        return plan.extractor_flags(settings, "vgg19", drop=plan.NOT_OF_WEIGHTS)

    assert flags(precision="fp32", sampling="ave", jpeg=True, output="pooled") == flags()
    assert flags(seed=1) != flags() != flags(weights="keras")
    settings = changed(extractors={"vgg19": {"weights": "my/vgg.pth"}}, experiments={})
    assert plan.weights_files(settings, "vgg19") == ["my/vgg.pth"]
    with pytest.raises(ConfigError, match=r"extractors\.vgg19\.weights = 'my/vgg\.pth': no such"):
        plan.check_files(settings)
    plan.check_files(Settings())
    assert plan.weights_files(Settings(), "vgg19") == []


def test_training_depends_on_its_recipe_and_labels_only() -> None:
    before = plan.train_flags(changed(experiments=han()), "han")
    for same in ({"threshold": 0.3}, {"seeds": [4, 5]}):
        assert plan.train_flags(changed(experiments=han(**same)), "han") == before
    moved = changed(experiments=han(), datasets={"bundled": {"synth": {"seed": 5}}})
    assert plan.train_flags(moved, "han") == before
    for other in ({"training": {"epochs": 3}}, {"options": {"width": 16}}):
        assert plan.train_flags(changed(experiments=han(**other)), "han") != before
    moved = changed(experiments=han(), datasets={"bundled": {"path": "elsewhere"}})
    assert plan.train_flags(moved, "han") != before


def test_jobs_learn_of_extractors_that_only_a_configfile_names() -> None:
    """They rebuild their settings from config.yaml and the flags alone."""
    mine = {"extractors": {"mine": {"network": "vgg19"}, "vggish": {}}}
    mine["experiments"] = {"x": {"model": "cmran", "inputs": {"visual": "mine"}}}
    settings = plan.load(mine)
    words = plan.train_flags(settings, "x")
    found = read_settings(None, tuple(word for word in words if word != "--set"))
    assert found.extractors["mine"].network == "vgg19"
    assert found.experiments["x"].inputs == {"visual": "mine"}


def test_scores_depend_on_the_threshold_and_not_on_the_recipe() -> None:
    before = plan.evaluate_flags(changed(experiments=han()), "han")
    for same in ({"training": {"epochs": 3}}, {"options": {"width": 16}}, {"seeds": [9]}):
        assert plan.evaluate_flags(changed(experiments=han(**same)), "han") == before
    assert plan.evaluate_flags(changed(experiments=han(threshold=0.3)), "han") != before


def test_the_report_depends_on_all_but_where_things_ran() -> None:
    found = given_flags(plan.report_flags(Settings()))
    others = {"runtime", "decode", "features", "export", "viewer"}
    assert set(found) == set(Settings.model_fields) - others
    assert plan.report_flags(changed(runtime={"decode_workers": 7})) == plan.report_flags(
        Settings()
    )


def test_the_viewer_and_the_report_do_not_rerun_each_other() -> None:
    before = Settings()
    shown = changed(viewer={"videos": "copy"})
    assert plan.viewer_flags(shown) != plan.viewer_flags(before)
    assert plan.report_flags(shown) == plan.report_flags(before)
    fewer = changed(report={"videos": 1})
    assert plan.viewer_flags(fewer) == plan.viewer_flags(before)


def test_templates_are_part_of_what_a_page_depends_on() -> None:
    assert plan.template_digest("viewer") != plan.template_digest("report")


def test_code_differs_by_stage_and_plugin() -> None:
    digests = [
        plan.code("train"),
        plan.code("train", "avparse.models.han"),
        plan.code("train", "avparse.models.cmran"),
        plan.code("decode"),
    ]
    assert len(set(digests)) == 4
    assert plan.code("train") == digests[0]


def test_modules_of_plugins() -> None:
    assert plan.experiment_modules(Settings(), "cmran") == [
        "avparse.models.cmran",
        "avparse.datasets.synth",
    ]
    assert plan.dataset_modules(Settings()) == ["avparse.datasets.synth"]


def test_a_new_video_changes_the_listing(tmp_path: Path) -> None:
    settings = changed(raw=str(tmp_path))
    empty = plan.listing_digest(settings)
    (tmp_path / "notes.txt").touch()
    assert plan.listing_digest(settings) == empty
    (tmp_path / "a.mp4").touch()
    assert plan.listing_digest(settings) != empty


def test_a_new_video_of_a_data_set_that_exists_changes_the_listing(tmp_path: Path) -> None:
    own = {"own": {"kind": "folder", "path": str(tmp_path)}}
    settings = changed(raw=None, datasets=own, experiments={})
    empty = plan.listing_digest(settings)
    (tmp_path / "a.mp4").touch()
    assert plan.listing_digest(settings) != empty


def test_runtime_travels_in_the_environment() -> None:
    settings = changed(runtime={"device": "cpu", "batch_size": 3})
    plan.share_runtime(settings)
    carried = json.loads(os.environ[plan.RUNTIME])
    assert plan.load(carried) == settings


@pytest.mark.parametrize("kept", [False, True])
def test_decoders_know_who_reads(kept: bool) -> None:
    assert plan.shared_frames() == {}
    plan.share_runtime(changed(experiments={"a": {"model": "cmran"}}, decode={"keep_frames": kept}))
    shared = plan.shared_frames()
    assert shared["readers"] == ([] if kept else ["vgg19", "vggish"])
    assert [key.split("_")[0] for key in shared["views"]] == ["even1"]  # of VGG-19 alone


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
    assert plan.with_compared(settings, tmp_path).experiments.keys() == {"a", "mine"}


def test_what_of_the_manifest_takes_part(tmp_path: Path) -> None:
    (tmp_path / "here.mp4").touch()
    here, gone = str(tmp_path / "here.mp4"), str(tmp_path / "gone.mp4")
    assert plan.is_wanted(changed(), Entry("a", here, "", "00000"))
    assert not plan.is_wanted(changed(), Entry("b", gone, "", "00000"))
    assert plan.is_wanted(changed(), Entry("c", gone, "bundled", "00000"))
    assert not plan.is_wanted(changed(), Entry("d", here, "other", "00000"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"experiments": {"x": {"model": "han", "seeds": [1, 1]}}}, "give each once"),
        (
            {"experiments": {"x": {"model": "han", "options": {"num_classes": 3}}}},
            "the data set tells it",
        ),
        (
            {"datasets": {"bundled": {}, "more": {"path": "data/more"}}},
            "only one can be made: set synth: null",
        ),
    ],
)
def test_settings_that_contradict_each_other(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        plan.load(values)


def test_a_data_set_that_should_exist_and_does_not() -> None:
    settings = changed(datasets={"own": {"kind": "folder", "path": "nowhere"}}, experiments={})
    with pytest.raises(DataError, match=r"no folder nowhere of data set own: set datasets\.own"):
        plan.listing_digest(settings)


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
    assert plan.released(settings) == ["faces"]
    assert plan.read_by(settings, "faces") == ["vgg19", "vggish"]
    plan.listing_digest(settings)
    assert not plan.is_wanted(settings, Entry("a", "a.mp4", "faces", "00000"))
    with pytest.raises(DataError, match=f"no file {tmp_path}/visual_feature.h5"):
        plan.archives(settings, "faces")
    names = ("audio_feature.h5", "visual_feature.h5", "visual_feature_noisy.h5")
    for name in names:
        (tmp_path / name).touch()
    assert plan.archives(settings, "faces") == [str(tmp_path / name) for name in names]


def test_published_annotations_that_are_missing_are_fetched(tmp_path: Path) -> None:
    settings = released(tmp_path)
    wanted = {
        "Annotations.txt", "train_order.h5", "val_order.h5", "test_order.h5",
    }  # fmt: skip
    assert {Path(path).name for path in plan.unfetched(settings, "faces")} == wanted
    for name in wanted:
        (tmp_path / name).touch()
    assert plan.unfetched(settings, "faces") == []
    assert plan.unfetched(Settings(), "bundled") == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"own": {"kind": "folder", "synth": {}}}, r"datasets\.own\.synth: set it to null"),
        ({"12": {"kind": "ave", "features": "x"}}, r"datasets\.12: give it a name"),
    ],
)
def test_data_sets_that_contradict_themselves(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        plan.load({"datasets": {"bundled": None, **values}, "experiments": {}})


@pytest.mark.parametrize(("device", "wanted"), [("cpu", 0), ("cuda", 1), ("cuda:1", 1)])
def test_gpus_a_job_takes(device: str, wanted: int) -> None:
    assert plan.gpus(changed(runtime={"device": device})) == wanted


def test_the_planned_files_are_those_written(tmp_path: Path) -> None:
    wanted = Synth(train=9, val=5, test=4, background=2, seed=3)
    scenes = plan_scenes({"train": 9, "val": 5, "test": 4, "background": 2}, 3)
    write_tables(tmp_path, scenes, ("Bell",))
    tables = {path.name for path in tmp_path.iterdir()}
    videos = {f"videos/{scene.video_id}.mp4" for scene in scenes}
    assert set(plan.synth_files(wanted)) == tables | videos
    assert len(plan.synth_files(wanted)) == len(tables) + 20
