"""Published features of full size, made up: import, one epoch, scores and report.

    python benchmarks/archives.py --folder /big/disk        # 25 GB, or 17 with --only llp

AVE: 4,143 rows, 178 background videos, 8.7 GB of float64. LLP: 11,849 clips, 7.7 GB of float32
frames. Each runs through the workflow on two cores: seconds and peak memory of every stage, and the
import as a share of the speed of `cp` on the same files.
"""

import argparse
import csv
import shutil
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np

from avparse.datasets.classes import AVE_CLASSES, LLP_CLASSES

ROOT = Path(__file__).parent.parent
SPLITS = {"ave": (3339, 402, 402), "llp": (10000, 649, 1200)}
EXPERIMENTS = {
    "ave": {"cmran": "{model: cmran, dataset: ave, seeds: [1], training: {epochs: 1}}"},
    "llp": {"han": "{model: han, dataset: llp, seeds: [1], training: {epochs: 1}}"},
}
LLP_PARTS = {"vggish": (10, 128), "res152": (80, 2048), "r2plus1d_18": (10, 512)}
STAGES = ("import", "index", "train", "predict", "evaluate", "export", "report")


def main() -> None:
    """Make, run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="on a disk with room")
    parser.add_argument("--only", choices=list(SPLITS), help="one of the two")
    options = parser.parse_args()
    print("| data | stage | seconds | peak memory, GB |\n|---|---|---|---|")
    for kind in [options.only] if options.only else SPLITS:
        archive, run = options.folder / kind, options.folder / f"{kind}-run"
        if not archive.is_dir():
            {"ave": make_ave, "llp": make_llp}[kind](archive)
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True)
        copied = copy_seconds(archive, options.folder / "copy")
        workflow(kind, archive, run)
        rows = stages(run)
        for stage in STAGES:
            seconds, memory = rows[stage]
            print(f"| {kind} | {stage} | {seconds:.1f} | {memory / 1024:.2f} |")
        share = copied / rows["import"][0]
        print(f"| {kind} | `cp` of the archive | {copied:.1f} | import at {share:.2f} of it |")


def make_ave(folder: Path) -> None:
    """Tables and features in the shape of AVE's."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    count = sum(SPLITS["ave"])
    with (folder / "Annotations.txt").open("w") as file:
        for row in range(count):
            onset = int(rng.integers(0, 7))
            offset = int(rng.integers(onset + 2, 11))
            file.write(f"{AVE_CLASSES[row % 28]}&{row:011d}&good&{onset}&{offset}\n")
    order = rng.permutation(count)
    for split, part in zip(("train", "val", "test"), np.split(order, [3339, 3741]), strict=True):
        write(folder / f"{split}_order.h5", "order", part)
    write(folder / "labels_noisy.h5", "avadataset", np.eye(29, dtype="f4")[[28] * 178])
    for name, shape in (("audio_feature", (10, 128)), ("visual_feature", (10, 7, 7, 512))):
        for ending, rows in (("", count), ("_noisy", 178)):
            with h5py.File(folder / f"{name}{ending}.h5", "w") as file:
                array = file.create_dataset("avadataset", (rows, *shape), "f8")
                block = rng.random((64, *shape))
                for first in range(0, rows, 64):
                    array[first : first + 64] = block[: rows - first]


def write(path: Path, name: str, array: np.ndarray) -> None:
    """One array in a file."""
    with h5py.File(path, "w") as file:
        file[name] = array


def make_llp(folder: Path) -> None:
    """Tables and features in the shape of LLP's."""
    rng = np.random.default_rng(0)
    for part in LLP_PARTS:
        (folder / part).mkdir(parents=True)
    names = [f"{row:011d}_30_40" for row in range(sum(SPLITS["llp"]))]
    parts = np.split(np.array(names), [10000, 10649])
    files = ("AVVP_train.csv", "AVVP_val_pd.csv", "AVVP_test_pd.csv")
    for file, part in zip(files, parts, strict=True):
        rows = (f"{name}\t{LLP_CLASSES[rng.integers(25)]}\n" for name in part)
        (folder / file).write_text("filename\tevent_labels\n" + "".join(rows))
    for file in ("AVVP_eval_audio.csv", "AVVP_eval_visual.csv"):
        rows = (f"{n}\t0\t{rng.integers(1, 11)}\t{LLP_CLASSES[rng.integers(25)]}\n"
                for n in names[10000:])  # fmt: skip
        (folder / file).write_text("filename\tonset\toffset\tevent_labels\n" + "".join(rows))
    frames = rng.random(LLP_PARTS["res152"], dtype="f4")
    for row, name in enumerate(names):
        np.save(folder / f"res152/{name[:11]}.npy", np.roll(frames, row))
        for part in ("vggish", "r2plus1d_18"):
            values = rng.random(LLP_PARTS[part], dtype="f4")
            np.save(folder / part / f"{name[:11]}.npy", values)


def copy_seconds(archive: Path, copy: Path) -> float:
    """How long `cp` takes; what is written is flushed by neither."""
    started = time.perf_counter()
    subprocess.run(["cp", "-r", archive, copy], check=True)
    seconds = time.perf_counter() - started
    shutil.rmtree(copy)
    return seconds


def workflow(kind: str, archive: Path, run: Path) -> None:
    """The whole workflow on two cores."""
    shutil.copy(ROOT / "config.yaml", run)
    other = {"ave": "llp", "llp": "ave"}[kind]
    experiments = "".join(f"  {n}: {value}\n" for n, value in EXPERIMENTS[kind].items())
    gone = "".join(f"  {name}: null\n" for name in EXPERIMENTS[other])
    (run / "settings.yaml").write_text(
        f"raw: null\ndatasets:\n  bundled: null\n"
        f"  {kind}: {{kind: {kind}, path: {archive}, features: {archive}}}\n"
        f"experiments:\n{experiments}{gone}runtime: {{train_threads: 2}}\nreport: {{videos: 2}}\n"
    )
    command = [
        "snakemake", "--cores", "2", "--snakefile", ROOT / "Snakefile", "--directory", run,
        "--configfile", run / "settings.yaml", "--quiet", "all",
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)))
    if done.returncode:
        sys.exit(f"the workflow failed in {run}")


def stages(run: Path) -> dict[str, tuple[float, float]]:
    """Stage -> seconds and peak resident memory in MB, as Snakemake measured them."""
    found = {}
    for path in (run / "logs/benchmarks").rglob("*.tsv"):
        with path.open() as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        stage = path.relative_to(run / "logs/benchmarks").parts[0].removesuffix(".tsv")
        memory = 0.0 if row["max_rss"] == "NA" else float(row["max_rss"])
        found[stage] = (float(row["s"]), memory)
    return found


if __name__ == "__main__":
    main()
