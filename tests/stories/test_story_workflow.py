"""The whole workflow on a reduced set: everything once, nothing twice, only what changed."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, beeps, clock_frames
from running import ran, snakemake, table

from avparse.media.encode import write_video

pytestmark = [pytest.mark.story, pytest.mark.long]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which everything was built once."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "data/raw").mkdir(parents=True)
    jobs = ran(snakemake(folder))
    assert jobs["decode"] == 1
    assert jobs["extract"] == 4
    assert jobs["train"] == 3
    yield folder


def test_results_are_where_others_look(project: Path) -> None:
    results = project / "results"
    metrics = table(results / "metrics.tsv")
    assert list(metrics[0]) == ["experiment", "seed", "split", "metric", "value"]
    seeds = {(row["experiment"], row["seed"]) for row in metrics}
    assert {("han", "1"), ("han", "2"), ("han", "mean"), ("cmran", "baseline")} <= seeds
    assert all(0 <= float(row["value"]) <= 100 for row in metrics)
    for experiment in ("han", "cmran"):
        events = results / "events" / f"{experiment}.tsv"
        header = events.read_text().splitlines()[0]
        assert header == "video\tclip\tmodality\tlabel\tonset\toffset\tscore"
        for event in table(events):
            assert 0 <= float(event["onset"]) < float(event["offset"]) <= 10
    assert (results / "failed.tsv").read_text() == "clip\tstage\treason\tshard\n"
    page = (results / "report" / "index.html").read_text()
    assert "<svg" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    for figure in (
        "F-score by class",
        "Confusion matrix",
        "Score by threshold",
        "vggish: audio labels",
    ):
        assert figure in page


def test_snakemake_tells_what_made_it(project: Path) -> None:
    told = snakemake(project, "--report", "report.zip")
    assert told.returncode == 0, told.stderr
    with zipfile.ZipFile(project / "report.zip") as made:
        names = {Path(name).name: name for name in made.namelist()}
        page = made.read(names["report.html"]).decode()
    assert {"index.html", "metrics.tsv", "failed.tsv", "coverage.tsv"} <= names.keys()
    assert "does not use the videos" in page


def test_dropped_in_videos_are_parsed_and_train_nothing(project: Path) -> None:
    raw = project / "data" / "raw" / "holiday"
    raw.mkdir()
    seconds = [n / 5 for n in range(13 * 5)]
    frames = clock_frames(np.array(seconds), (64, 48))
    write_video(raw / "a beach.mp4", frames, seconds, beeps(13, 16000, (9, 10, 11)), 16000)
    (raw / "broken.mp4").write_text("not a video")
    for name in ("-dash=equals.mp4", "it's & b.mp4"):
        shutil.copy(raw / "a beach.mp4", raw.parent / name)
    jobs = ran(snakemake(project, "--config", "failures={max_share: 0.2}"))
    assert jobs["decode"] == 1
    assert jobs["extract"] == 4
    assert jobs["predict"] == 2
    assert "train" not in jobs
    manifest = table(project / "resources" / "manifest.tsv")
    assert [row["video"] for row in manifest[-4:]] == [
        "-dash_equals",
        "holiday__a_beach",
        "holiday__broken",
        "it_s___b",
    ]
    failed = table(project / "results" / "failed.tsv")
    assert [(row["clip"], row["stage"]) for row in failed] == [("holiday__broken", "decode")]
    assert "holiday__a_beach" in (project / "results/report/index.html").read_text()


def test_a_removed_video_leaves_the_results(project: Path) -> None:
    (project / "data/raw/holiday/a beach.mp4").unlink()
    jobs = ran(snakemake(project, "--config", "failures={max_share: 0.2}"))
    assert "train" not in jobs
    assert jobs["decode"] == 1
    found = json.loads((project / "results/events/cmran.json").read_text())["videos"]
    videos = {video["video"] for video in found}
    assert "-dash_equals" in videos
    assert "holiday__a_beach" not in videos
    assert len(table(project / "results/failed.tsv")) == 1


def test_models_are_compared_by_one_target(project: Path) -> None:
    words = ("--config", f"compare={ROOT / 'tests/stories/compare.yaml'}", "--", "compare")
    jobs = ran(snakemake(project, *words))
    assert jobs["train"] == 3
    assert jobs["refine"] == 1
    assert "decode" not in jobs
    rows = table(project / "results/compare/table.tsv")
    assert {row["experiment"]: row["setting"] for row in rows} == {
        "han": "parsing",
        "linear_llp": "parsing",
        "ma": "parsing",
        "cmran": "localization",
        "avel_weak": "localization, weak",
    }
    assert {row["options"] for row in rows if row["experiment"] == "ma"} == {"labels from han"}
    assert all(0 <= float(row["test"]) <= 100 for row in rows)
    page = (project / "results/compare/index.html").read_text()
    assert all(row["experiment"] in page for row in rows)
    assert ran(snakemake(project, *words)) == {}
    labels = project / "results/labels/han/seed1.tsv"
    labels.write_text(labels.read_text() + "no-such-clip\tBell\taudio\n")
    assert ran(snakemake(project, *words)).keys() == {"train", "predict", "evaluate", "compare"}


def test_a_new_seed_trains_once_and_a_removed_experiment_goes(project: Path) -> None:
    change = project / "change.yaml"
    change.write_text("experiments: {han: {seeds: [1, 2, 3]}, cmran: null}\n")
    jobs = ran(snakemake(project, "--config", "failures={max_share: 0.2}", also=[change]))
    assert jobs["train"] == 1
    assert {row["experiment"] for row in table(project / "results/metrics.tsv")} == {"han"}


def test_too_many_failures_fail_the_run_but_keep_the_table(project: Path) -> None:
    result = snakemake(project, "--config", "failures={max_share: 0.01}")
    assert result.returncode != 0
    assert "more than failures.max_share = 0.01" in result.stderr
    assert (project / "results" / "failed.tsv").is_file()


def test_wrong_settings_end_in_one_line_before_anything_runs(project: Path) -> None:
    result = snakemake(project, "--config", "experiments={han: {model: hann}}")
    assert result.returncode == 2
    assert "avparse: unknown model 'hann': did you mean 'han'" in result.stderr
    result = snakemake(project, "--config", "raw=nowhere")
    assert result.returncode == 2
    assert "avparse: no raw folder nowhere" in result.stderr


def test_a_checkpoint_parses_a_video_by_itself(project: Path) -> None:
    video = project / "data" / "raw" / "-dash=equals.mp4"
    words = ["parse", video, "--checkpoint", "results/checkpoints/han/seed1", "--out", "timelines"]
    command = [sys.executable, "-m", "avparse", *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (project / "timelines").iterdir()} == {
        "events.tsv", "events.json", "index.html", "predictions.h5", "status.tsv", "viewer"
    }  # fmt: skip
    wrong = subprocess.run(
        [*command, "--task", "localization"], cwd=project, capture_output=True, text=True
    )
    assert wrong.returncode == 2
    assert "is a checkpoint for parsing, not for localization" in wrong.stderr
