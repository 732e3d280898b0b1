"""What the pages cost to make: 1,200 labelled videos, two experiments of three seeds.

    python benchmarks/pages.py --clips 1200

One video of ten seconds, yours or moving noise, stands for all of them, with labels, probabilities
and histories made up; scores are the real ones of those. Seconds, those of processors in all
processes, and megabytes without the videos; then milliseconds to the first paint in Chromium, and
those of the longest frame while the page scrolls 200 times by 400 pixels.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from measure import generated

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from browser import CHROMIUM, browser, open_page

from avparse.config.settings import Settings
from avparse.core.clips import Clip, clip_id
from avparse.core.files import write_tsv
from avparse.core.tables import FAILED, HISTORY, STATUS
from avparse.datasets.videos import Entry
from avparse.pipeline import manifest, validate
from avparse.prediction.predictions import Predictions
from avparse.stages import coverage, evaluate, metrics, report, viewer

CLASSES = tuple(f"Class {number}" for number in range(25))
MODELS = {"mm_pyramid": "parsing", "cmran": "localization"}
SEEDS = (1, 2, 3)
PAINT = """performance.getEntriesByName("first-contentful-paint").map((entry) => entry.startTime)"""
SCROLL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  let before = await frame(), longest = 0;
  for (let step = 0; step < 200; step++) {
    scrollBy(0, 400);
    const now = await frame();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return longest;
}"""


def main() -> None:
    """Print a row for each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path, help="10 s; one is made if left out")
    parser.add_argument("--clips", type=int, default=1200)
    options = parser.parse_args()
    video = options.video and options.video.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        settings = make(options.clips, video)
        results, listed = Path("results"), Path("manifest.tsv")
        measure(
            f"| report | {options.clips} |",
            lambda: report.run(settings, results, listed, Path("report/index.html")),
            "report",
        )
        for what in ("viewer", "viewer again"):
            measure(
                f"| {what} | {options.clips} |",
                lambda: viewer.run(settings, results, listed, Path("viewer")),
                "viewer",
            )
        for page in ("viewer/index.html", "report/index.html"):
            browse(Path(page))


def browse(page: Path) -> None:
    """Print how soon Chromium shows a page, and how long its longest frame takes."""
    if CHROMIUM is None:
        print(f"| {page} | no Chromium: apt-get install chromium |")
        return
    with browser() as chromium:
        opened = open_page(chromium, page).page
        (paint,) = opened.evaluate(PAINT)
        print(f"| {page} | {paint:.0f} ms | {opened.evaluate(SCROLL):.0f} ms |", flush=True)


def measure(row: str, make: Callable[[], None], folder: str) -> None:
    """Print how long it takes to make a folder, and how large it is."""
    began, busy = time.monotonic(), processors()
    make()
    took, used = time.monotonic() - began, processors() - busy
    print(f"{row} {took:.1f} s | {used:.1f} s | {size(folder)} |", flush=True)


def processors() -> float:
    """Seconds of processor that this process and its children that ended have used."""
    return sum(os.times()[:4])


def make(count: int, video: Path | None) -> Settings:
    """Everything that the pages are made of, in the working directory."""
    random = np.random.default_rng(0)
    clips = videos(count, video)
    write_labels(clips, random)
    settings = validate.load(
        {
            "datasets": {"bundled": None, "mine": {"kind": "folder", "path": "films"}},
            "experiments": {
                "han": None,
                **{m: {"model": m, "dataset": "mine", "seeds": [*SEEDS]} for m in MODELS},
            },
            "report": {"points": 0},
            "viewer": {"splits": ["train", "val", "test"]},
        }
    )
    entries = [Entry(c.video_id, f"films/{c.video_id}.mp4", "mine", "00000") for c in clips]
    manifest.write(Path("manifest.tsv"), entries)
    tables = []
    for name, task in MODELS.items():
        shard = Path(f"results/predictions/{name}/00000.h5")
        arrays = dict(probabilities(task, count, random))
        looks = attention(task, count, random)
        Predictions(name, task, CLASSES, SEEDS, clips, arrays, looks).write(shard, {})
        tables.append(Path(f"results/evaluation/{name}.tsv"))
        evaluate.run(settings, name, [shard], tables[-1])
        for seed in SEEDS:
            epochs = [dict.fromkeys(HISTORY, 1.0) | {"epoch": epoch} for epoch in range(1, 41)]
            write_tsv(Path(f"results/checkpoints/{name}/seed{seed}/history.tsv"), HISTORY, epochs)
    metrics.run(tables, Path("results/metrics.tsv"))
    write_tsv(Path("results/failed.tsv"), FAILED, [])
    status = [
        {"clip": c.clip_id, "video": c.video_id, "start_s": 0, "duration_s": 10}
        | {"num_segments": 10, "missing": "", "status": "ok", "note": ""}
        for c in clips
    ]
    write_tsv(Path("results/status/00000.tsv"), STATUS, status)
    coverage.run(
        settings, [Path("results/status/00000.tsv")], Path("results/failed.tsv"),
        Path("manifest.tsv"), Path("results/coverage.tsv"),
    )  # fmt: skip
    return settings


def videos(count: int, video: Path | None) -> list[Clip]:
    """One video under many names."""
    Path("films").mkdir()
    first = Path("films/first.mp4")
    if video:
        shutil.copyfile(video, first)
    else:
        generated(first)
    names = [f"video{number:05d}" for number in range(count)]
    for name in names:
        os.link(first, f"films/{name}.mp4")
    first.unlink()
    return [Clip(clip_id(name, 0, 10), name, 0.0, 10.0, 10) for name in names]


def write_labels(clips: list[Clip], random: np.random.Generator) -> None:
    """Two events a video, one of five to validate on, three to test on."""
    rows = []
    for number, clip in enumerate(clips):
        for modality in ("both", "audio"):
            first, last = np.sort(random.choice(11, 2, replace=False))
            rows.append({
                "video": f"{clip.video_id}.mp4", "onset": first, "offset": last,
                "label": CLASSES[random.integers(len(CLASSES))], "modality": modality,
                "split": ("train", "val", "test", "test", "test")[number % 5],
            })  # fmt: skip
    write_tsv(Path("films/labels.tsv"), list(rows[0]), rows)
    Path("films/classes.txt").write_text("\n".join(CLASSES))


def attention(task: str, count: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """What MM-Pyramid and CMRAN attend to."""
    if task == "parsing":
        return {
            "when": random.random((count, 10, 2, len(CLASSES))),
            "levels": random.random((count, 10, 2, 4)),
        }
    return {"where": random.random((count, 10, 49)), "relation": random.random((count, 20, 20))}


def probabilities(
    task: str, count: int, random: np.random.Generator
) -> Iterator[tuple[str, np.ndarray]]:
    """What a model that knows nothing says: a few classes at a time."""
    size, classes = (count, len(SEEDS)), len(CLASSES)
    if task == "parsing":
        yield "segment_prob", random.beta(0.2, 2, (*size, 10, 2, classes)).astype(np.float32)
        yield "clip_prob", random.beta(0.5, 1, (*size, classes)).astype(np.float32)
    else:
        yield "event_prob", random.random((*size, 10), np.float32)
        yield "class_prob", random.dirichlet([0.1] * (classes + 1), size).astype(np.float32)


def size(folder: str) -> str:
    """Of all files in it."""
    return f"{sum(p.stat().st_size for p in Path(folder).rglob('*') if p.is_file()) / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
