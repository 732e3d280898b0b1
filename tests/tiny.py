"""A project of seven videos of two seconds: everything runs in a minute, and again in seconds."""

import os
import shutil
from pathlib import Path

import numpy as np
import yaml
from conftest import ROOT, beeps, clock_frames

from avparse.media.encode import write_video

SETTINGS_FILE = "mine.yaml"
ONCE = {"epochs": 1, "batch_size": 2}
SETTINGS = {
    "clips": {"seconds": 2, "hop_seconds": 2},
    "decode": {"shard_size": 4},
    "datasets": {"bundled": None, "mine": {"kind": "folder", "path": "films"}},
    "extractors": {"r2plus1d_18": {"frames_per_second": 1}},
    "experiments": {
        "cmran": None,
        "han": {"dataset": "mine", "seeds": [1], "training": ONCE},
        "linear": {"model": "linear_llp", "dataset": "mine", "seeds": [1], "training": ONCE},
    },
    "report": {"videos": 2, "new_videos": 2, "points": 0},
}
LABELS = """video\tonset\toffset\tlabel\tmodality\tsplit
a.mp4\t0\t1\tBeep\tboth\ttrain
b.mp4\t1\t2\tClock\tboth\ttrain
c.mp4\t0\t2\tBeep\taudio\ttrain
d.mp4\t0\t1\tBeep\tboth\tval
e.mp4\t1\t2\tClock\tboth\tval
f.mp4\t0\t1\tBeep\tboth\ttest
large.mp4\t1\t2\tClock\tboth\ttest
"""


def film(path: Path, seconds: float) -> None:
    """Write a video."""
    times = np.arange(round(10 * seconds)) / 10
    sound = beeps(round(seconds), 16000, (1,))
    write_video(path, clock_frames(times, (64, 48)), times.tolist(), sound, 16000)


def pad(path: Path) -> None:
    """Make a video larger than what Snakemake compares by content unless it is told to."""
    size = 5 << 20
    with path.open("ab") as file:
        file.write(size.to_bytes(4, "big") + b"free" + bytes(size - 8))


def copy_project(project: Path, folder: Path, *leave: str) -> Path:
    """A copy to change; weights, which nothing changes, are shared where that can be.

    Args:
        leave: names to leave out.
    """

    def copy(source: str, target: str) -> None:
        same_disk = Path(source).stat().st_dev == folder.stat().st_dev
        shared = source.endswith(".safetensors") and same_disk
        (os.link if shared else shutil.copy2)(source, target)

    ignored = shutil.ignore_patterns(*leave)
    return Path(shutil.copytree(project, folder, copy_function=copy, ignore=ignored))


def make_project(folder: Path) -> Path:
    """A folder with videos, labels and settings; returns the settings' file."""
    for part in ("films", "data/raw"):
        (folder / part).mkdir(parents=True)
    shutil.copy(ROOT / "config.yaml", folder)
    for name in ("a", "b", "c", "d", "e", "f", "large"):
        film(folder / f"films/{name}.mp4", 2)
    pad(folder / "films/large.mp4")
    (folder / "films/labels.tsv").write_text(LABELS)
    settings = folder / SETTINGS_FILE
    settings.write_text(yaml.safe_dump(SETTINGS))
    return settings
