import json
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from avparse.cli.options import read_settings
from avparse.config.settings import Settings
from avparse.pipeline import parameters, validate


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What plans hand to their jobs is not for the tests of other files."""
    with mock.patch.dict(os.environ):
        yield


def changed(**values: Any) -> Settings:
    return validate.load(values)


def han(**values: Any) -> dict[str, Any]:
    return {"han": {"model": "han", **values}}


def given_flags(words: list[str]) -> dict[str, Any]:
    """What ``--set KEY=VALUE`` words say."""
    assert words[::2] == ["--set"] * (len(words) // 2)
    return {key: json.loads(value) for key, value in (word.split("=", 1) for word in words[1::2])}


def test_flags_give_what_differs_from_the_defaults() -> None:
    settings = changed(
        clips={"hop_seconds": 5},
        datasets={"bundled": None, "mine": {"kind": "folder", "path": "films"}},
        experiments={"a": {"model": "han", "dataset": "mine", "training": {"epochs": 3}}},
    )
    words = parameters.flags(settings, "clips", "datasets.mine", "raw", drop=("synth",))
    assert given_flags(words) == {
        "clips": {"hop_seconds": 5},
        "datasets.mine": {"kind": "folder", "path": "films"},
        "raw": "data/raw",
    }
    assert given_flags(parameters.flags(settings, "experiments.a")) == {
        "experiments.a": {"model": "han", "dataset": "mine", "training": {"epochs": 3}}
    }


def test_a_name_with_dots_stands_in_quotes() -> None:
    assert parameters.keys_of('extractors."timm:resnet50.a1_in1k".seed') == [
        "extractors",
        "timm:resnet50.a1_in1k",
        "seed",
    ]
    settings = changed(extractors={"timm:resnet50.a1_in1k": {"seed": 3}}, experiments={})
    [[name, value]] = given_flags(
        parameters.extractor_flags(settings, "timm:resnet50.a1_in1k")
    ).items()
    assert name == 'extractors."timm:resnet50.a1_in1k"'
    assert value["seed"] == 3


def test_weights_depend_on_what_they_are_and_not_on_what_is_seen() -> None:
    def flags(**wanted: Any) -> list[str]:
        settings = changed(extractors={"vgg19": wanted}, experiments={})
        return parameters.extractor_flags(settings, "vgg19", drop=parameters.NOT_OF_WEIGHTS)

    assert flags(precision="fp32", sampling="ave", jpeg=True, output="pooled") == flags()
    assert flags(seed=1) != flags() != flags(weights="keras")


def test_training_depends_on_its_recipe_and_labels_only() -> None:
    before = parameters.train_flags(changed(experiments=han()), "han")
    for same in ({"threshold": 0.3}, {"seeds": [4, 5]}):
        assert parameters.train_flags(changed(experiments=han(**same)), "han") == before
    moved = changed(experiments=han(), datasets={"bundled": {"synth": {"seed": 5}}})
    assert parameters.train_flags(moved, "han") == before
    for other in ({"training": {"epochs": 3}}, {"options": {"width": 16}}):
        assert parameters.train_flags(changed(experiments=han(**other)), "han") != before
    moved = changed(experiments=han(), datasets={"bundled": {"path": "elsewhere"}})
    assert parameters.train_flags(moved, "han") != before


def test_jobs_learn_of_extractors_that_only_a_configfile_names() -> None:
    """They rebuild their settings from config.yaml and the flags alone."""
    mine = {"extractors": {"mine": {"network": "vgg19"}, "vggish": {}}}
    mine["experiments"] = {"x": {"model": "cmran", "inputs": {"visual": "mine"}}}
    settings = validate.load(mine)
    words = parameters.train_flags(settings, "x")
    found = read_settings(None, tuple(word for word in words if word != "--set"))
    assert found.extractors["mine"].network == "vgg19"
    assert found.experiments["x"].inputs == {"visual": "mine"}


def test_scores_depend_on_the_threshold_and_not_on_the_recipe() -> None:
    before = parameters.evaluate_flags(changed(experiments=han()), "han")
    for same in ({"training": {"epochs": 3}}, {"options": {"width": 16}}, {"seeds": [9]}):
        assert parameters.evaluate_flags(changed(experiments=han(**same)), "han") == before
    assert parameters.evaluate_flags(changed(experiments=han(threshold=0.3)), "han") != before


def test_the_report_depends_on_all_but_where_things_ran() -> None:
    found = given_flags(parameters.report_flags(Settings()))
    others = {"runtime", "decode", "features", "export", "viewer"}
    assert set(found) == set(Settings.model_fields) - others
    assert parameters.report_flags(
        changed(runtime={"decode_workers": 7})
    ) == parameters.report_flags(Settings())


def test_the_viewer_and_the_report_do_not_rerun_each_other() -> None:
    before = Settings()
    shown = changed(viewer={"videos": "copy"})
    assert parameters.viewer_flags(shown) != parameters.viewer_flags(before)
    assert parameters.report_flags(shown) == parameters.report_flags(before)
    fewer = changed(report={"videos": 1})
    assert parameters.viewer_flags(fewer) == parameters.viewer_flags(before)


def test_templates_are_part_of_what_a_page_depends_on() -> None:
    assert parameters.template_digest("viewer") != parameters.template_digest("report")


def test_modules_of_plugins() -> None:
    assert parameters.experiment_modules(Settings(), "cmran") == [
        "avparse.models.cmran",
        "avparse.datasets.synth.dataset",
    ]
    assert parameters.dataset_modules(Settings()) == ["avparse.datasets.synth.dataset"]


def test_runtime_travels_in_the_environment() -> None:
    settings = changed(runtime={"device": "cpu", "batch_size": 3})
    parameters.share_runtime(settings)
    carried = json.loads(os.environ[parameters.RUNTIME])
    assert validate.load(carried) == settings


@pytest.mark.parametrize("kept", [False, True])
def test_decoders_know_who_reads(kept: bool) -> None:
    assert parameters.shared_frames() == {}
    parameters.share_runtime(
        changed(experiments={"a": {"model": "cmran"}}, decode={"keep_frames": kept})
    )
    shared = parameters.shared_frames()
    assert shared["readers"] == ([] if kept else ["vgg19", "vggish"])
    assert [key.split("_")[0] for key in shared["views"]] == ["even1"]  # of VGG-19 alone


@pytest.mark.parametrize(("device", "wanted"), [("cpu", 0), ("cuda", 1), ("cuda:1", 1)])
def test_gpus_a_job_takes(device: str, wanted: int) -> None:
    assert parameters.gpus(changed(runtime={"device": device})) == wanted


def test_trainings_with_refined_labels_depend_on_the_refinement() -> None:
    settings = changed(
        experiments={
            "base": {"model": "ma"},
            "ma": {"model": "ma", "labels_from": "base"},
        }
    )
    base = parameters.training_modules(settings, "base")
    assert base == parameters.experiment_modules(settings, "base")
    assert parameters.training_modules(settings, "ma") == [*base, "avparse.training.refine"]
