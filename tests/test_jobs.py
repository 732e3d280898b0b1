import json
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from avparse import jobs, plan
from avparse.cli.options import read_settings
from avparse.config import Settings


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


def test_flags_give_sections_and_values() -> None:
    words = jobs.flags(Settings(), "clips", "datasets.bundled", "raw", drop=("synth",))
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


def test_a_name_with_dots_stands_in_quotes() -> None:
    assert jobs.keys_of('extractors."timm:resnet50.a1_in1k".seed') == [
        "extractors",
        "timm:resnet50.a1_in1k",
        "seed",
    ]
    settings = changed(extractors={"timm:resnet50.a1_in1k": {"seed": 3}}, experiments={})
    [[name, value]] = given_flags(jobs.extractor_flags(settings, "timm:resnet50.a1_in1k")).items()
    assert name == 'extractors."timm:resnet50.a1_in1k"'
    assert value["seed"] == 3


def test_weights_depend_on_what_they_are_and_not_on_what_is_seen() -> None:
    def flags(**wanted: Any) -> list[str]:
        settings = changed(extractors={"vgg19": wanted}, experiments={})
        return jobs.extractor_flags(settings, "vgg19", drop=jobs.NOT_OF_WEIGHTS)

    assert flags(precision="fp32", sampling="ave", jpeg=True, output="pooled") == flags()
    assert flags(seed=1) != flags() != flags(weights="keras")


def test_training_depends_on_its_recipe_and_labels_only() -> None:
    before = jobs.train_flags(changed(experiments=han()), "han")
    for same in ({"threshold": 0.3}, {"seeds": [4, 5]}):
        assert jobs.train_flags(changed(experiments=han(**same)), "han") == before
    moved = changed(experiments=han(), datasets={"bundled": {"synth": {"seed": 5}}})
    assert jobs.train_flags(moved, "han") == before
    for other in ({"training": {"epochs": 3}}, {"options": {"width": 16}}):
        assert jobs.train_flags(changed(experiments=han(**other)), "han") != before
    moved = changed(experiments=han(), datasets={"bundled": {"path": "elsewhere"}})
    assert jobs.train_flags(moved, "han") != before


def test_jobs_learn_of_extractors_that_only_a_configfile_names() -> None:
    """They rebuild their settings from config.yaml and the flags alone."""
    mine = {"extractors": {"mine": {"network": "vgg19"}, "vggish": {}}}
    mine["experiments"] = {"x": {"model": "cmran", "inputs": {"visual": "mine"}}}
    settings = plan.load(mine)
    words = jobs.train_flags(settings, "x")
    found = read_settings(None, tuple(word for word in words if word != "--set"))
    assert found.extractors["mine"].network == "vgg19"
    assert found.experiments["x"].inputs == {"visual": "mine"}


def test_scores_depend_on_the_threshold_and_not_on_the_recipe() -> None:
    before = jobs.evaluate_flags(changed(experiments=han()), "han")
    for same in ({"training": {"epochs": 3}}, {"options": {"width": 16}}, {"seeds": [9]}):
        assert jobs.evaluate_flags(changed(experiments=han(**same)), "han") == before
    assert jobs.evaluate_flags(changed(experiments=han(threshold=0.3)), "han") != before


def test_the_report_depends_on_all_but_where_things_ran() -> None:
    found = given_flags(jobs.report_flags(Settings()))
    others = {"runtime", "decode", "features", "export", "viewer"}
    assert set(found) == set(Settings.model_fields) - others
    assert jobs.report_flags(changed(runtime={"decode_workers": 7})) == jobs.report_flags(
        Settings()
    )


def test_the_viewer_and_the_report_do_not_rerun_each_other() -> None:
    before = Settings()
    shown = changed(viewer={"videos": "copy"})
    assert jobs.viewer_flags(shown) != jobs.viewer_flags(before)
    assert jobs.report_flags(shown) == jobs.report_flags(before)
    fewer = changed(report={"videos": 1})
    assert jobs.viewer_flags(fewer) == jobs.viewer_flags(before)


def test_templates_are_part_of_what_a_page_depends_on() -> None:
    assert jobs.template_digest("viewer") != jobs.template_digest("report")


def test_code_differs_by_stage_and_plugin() -> None:
    digests = [
        jobs.code("train"),
        jobs.code("train", "avparse.models.han"),
        jobs.code("train", "avparse.models.cmran"),
        jobs.code("decode"),
    ]
    assert len(set(digests)) == 4
    assert jobs.code("train") == digests[0]


def test_modules_of_plugins() -> None:
    assert jobs.experiment_modules(Settings(), "cmran") == [
        "avparse.models.cmran",
        "avparse.datasets.synth",
    ]
    assert jobs.dataset_modules(Settings()) == ["avparse.datasets.synth"]


def test_runtime_travels_in_the_environment() -> None:
    settings = changed(runtime={"device": "cpu", "batch_size": 3})
    jobs.share_runtime(settings)
    carried = json.loads(os.environ[jobs.RUNTIME])
    assert plan.load(carried) == settings


@pytest.mark.parametrize("kept", [False, True])
def test_decoders_know_who_reads(kept: bool) -> None:
    assert jobs.shared_frames() == {}
    jobs.share_runtime(changed(experiments={"a": {"model": "cmran"}}, decode={"keep_frames": kept}))
    shared = jobs.shared_frames()
    assert shared["readers"] == ([] if kept else ["vgg19", "vggish"])
    assert [key.split("_")[0] for key in shared["views"]] == ["even1"]  # of VGG-19 alone


@pytest.mark.parametrize(("device", "wanted"), [("cpu", 0), ("cuda", 1), ("cuda:1", 1)])
def test_gpus_a_job_takes(device: str, wanted: int) -> None:
    assert jobs.gpus(changed(runtime={"device": device})) == wanted
