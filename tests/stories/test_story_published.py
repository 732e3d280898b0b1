"""Published features instead of videos, and videos of one's own: the same workflow."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml
from conftest import ROOT, beeps, clock_frames
from cuts import make_ave, make_llp, write_h5
from running import ran, snakemake, table

from avparse.media.encode import write_video

pytestmark = [pytest.mark.story, pytest.mark.long]

GONE = {"bundled": None}
ONCE = {"epochs": 1, "batch_size": 2}


def project(folder: Path, settings: dict[str, object]) -> Path:
    """A folder with settings; returns their file."""
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "data/raw").mkdir(parents=True)
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def archives(folder: Path) -> None:
    """AVE's and LLP's files, six rows and five clips of random features."""
    rng = np.random.default_rng(0)
    for name in ("ave", "llp"):
        (folder / name / "features").mkdir(parents=True)
    make_ave(folder / "ave")
    for name, shape in (("audio_feature", (10, 128)), ("visual_feature", (10, 7, 7, 512))):
        for ending, rows in (("", 6), ("_noisy", 2)):
            path = folder / f"ave/features/{name}{ending}.h5"
            write_h5(path, "avadataset", rng.random((rows, *shape)))
    shapes = {"vggish": (10, 128), "res152": (80, 2048), "r2plus1d_18": (10, 512)}
    for part, shape in shapes.items():
        (folder / "llp/features" / part).mkdir()
        for sample in make_llp(folder / "llp").samples("parsing"):
            path = folder / f"llp/features/{part}/{sample.video_id}.npy"
            np.save(path, rng.random(shape).astype("f4"))


def test_archives_train_and_score_without_a_video(tmp_path: Path) -> None:
    settings = project(
        tmp_path,
        {
            "datasets": GONE | {
                name: {"kind": name, "path": f"data/{name}", "features": f"data/{name}/features"}
                for name in ("ave", "llp")
            },
            "experiments": {
                "han": {"dataset": "llp", "seeds": [1], "training": ONCE},
                "cmran": {
                    "dataset": "ave", "seeds": [1], "training": ONCE,
                    "options": {"supervision": "weak"},
                },
            },
            "failures": {"max_share": 0.3},
        },
    )  # fmt: skip
    archives(tmp_path / "data")
    (tmp_path / "data/llp/features/vggish/ddddddddddd.npy").unlink()
    jobs = ran(snakemake(tmp_path, settings=settings))
    assert {"import_ave", "import_llp", "report"} <= set(jobs)
    assert "decode" not in jobs
    assert "extract" not in jobs
    results = tmp_path / "results"
    counts = {
        (row["what"], row["split"]): (row["count"], row["of"])
        for row in table(results / "coverage.tsv")
    }
    assert counts["llp", "test"] == ("1", "2")
    assert counts["ave", "train"] == ("3", "3")
    assert counts["ave", "background"] == ("2", "2")
    failed = table(results / "failed.tsv")
    assert [(row["clip"], row["stage"]) for row in failed] == [("ddddddddddd_0_10", "import")]
    page = (results / "report/index.html").read_text()
    assert "Features of llp as published with LLP" in page
    assert "(on 1 of 1200)" in page  # beside the numbers published for HAN
    assert "Random weights" not in page
    assert ran(snakemake(tmp_path, settings=settings)) == {}

    # More of the archive turns up: imported and trained again, nothing else of the other set.
    with h5py.File(tmp_path / "data/ave/features/audio_feature.h5", "a") as file:
        file["avadataset"][...] = file["avadataset"][...] / 2
    jobs = ran(snakemake(tmp_path, settings=settings))
    assert jobs["import_ave"] == 1
    assert jobs["train"] == 1
    assert "import_llp" not in jobs


def test_videos_of_ones_own_with_a_table(tmp_path: Path) -> None:
    settings = project(
        tmp_path,
        {
            "raw": None,
            "datasets": GONE | {"mine": {"kind": "folder", "path": "films"}},
            "experiments": {
                "cmran": None,
                "han": {"dataset": "mine", "seeds": [1], "training": ONCE},
            },
            "extractors": {"vgg19": None, "r2plus1d_18": {"frames_per_second": 1}},
        },
    )  # fmt: skip
    (tmp_path / "films").mkdir()
    for number in range(4):
        seconds = 3 + number
        times = np.arange(10 * seconds) / 10
        write_video(
            tmp_path / f"films/{number}.mp4",
            clock_frames(times, (64, 48)),
            times.tolist(),
            beeps(seconds, 16000, (1,)),
            16000,
        )
    rows = [
        "0.mp4\t0\t2\tBeep\taudio\ttrain",
        "1.mp4\t1\t3\tClock\tvisual\ttrain",
        "2.mp4\t0\t2\tBeep\tboth\tval",
        "3.mp4\t0\t4\tClock\tvisual\ttset",
    ]
    labels = tmp_path / "films/labels.tsv"
    header = "video\tonset\toffset\tlabel\tmodality\tsplit\n"
    labels.write_text(header + "\n".join(rows) + "\n")
    failed = snakemake(tmp_path, settings=settings)
    assert failed.returncode != 0
    log = (tmp_path / "logs/index.log").read_text()
    assert "line 5 of films/labels.tsv: unknown split 'tset': did you mean 'test'?" in log
    labels.write_text(labels.read_text().replace("tset", "test"))
    jobs = ran(snakemake(tmp_path, settings=settings))
    assert jobs["decode"] == 1
    assert jobs["train"] == 1
    metrics = table(tmp_path / "results/metrics.tsv")
    assert {row["split"] for row in metrics} == {"val", "test"}
