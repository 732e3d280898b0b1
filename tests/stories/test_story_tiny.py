"""The workflow on a tiny project: the one story of the default test run."""

from pathlib import Path

import pytest
from running import jobs, snakemake, table
from tiny import SETTINGS_FILE, copy_project

pytestmark = pytest.mark.story

EXPERIMENTS = {"han", "linear"}
VIDEOS = {"a", "b", "c", "d", "e", "f", "large"}


def test_all_results_are_there(tiny_project: Path) -> None:
    results = tiny_project / "results"
    metrics = table(results / "metrics.tsv")
    assert {row["experiment"] for row in metrics} == EXPERIMENTS
    assert {row["split"] for row in metrics} == {"val", "test"}
    assert all(0 <= float(row["value"]) <= 100 for row in metrics)
    assert table(results / "failed.tsv") == []
    failed, *samples = table(results / "coverage.tsv")
    assert (failed["what"], failed["count"]) == ("failed", "0")
    assert samples
    assert all(row["count"] == row["of"] for row in samples)
    for experiment in EXPERIMENTS:
        assert (results / f"checkpoints/{experiment}/seed1/model.safetensors").is_file()
        for event in table(results / f"events/{experiment}.tsv"):
            assert event["video"] in VIDEOS
            assert 0 <= float(event["onset"]) < float(event["offset"]) <= 2.1
    assert (results / "report/index.html").is_file()
    assert (results / "viewer/index.html").is_file()


def test_a_second_run_has_nothing_to_do(tiny_project: Path, tmp_path: Path) -> None:
    """In a copy: no test may write to the shared project."""
    folder = copy_project(tiny_project, tmp_path / "project")
    result = snakemake(folder, settings=folder / SETTINGS_FILE)
    assert jobs(result) == []
    assert "Nothing to be done" in result.stderr
