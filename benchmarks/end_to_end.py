"""Raw videos to the three features of LLP through the workflow itself: clips a second.

    python benchmarks/end_to_end.py VIDEO --clips 256 --cores 16

Copies of a clip are dropped into a fresh folder and Snakemake makes their ResNet-152, R(2+1)D and
VGGish features by the LLP preset, with random weights made beforehand: decoding of one shard runs
beside extraction of another where there are cores and a GPU for both. Prints clips a second,
start-up of all jobs included, and what each stage took.
"""

import argparse
import shutil
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import yaml
from measure import EXTRACTORS, arguments, workplace

ROOT = Path(__file__).parent.parent
LLP = EXTRACTORS[1:]


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--shard-size", type=int, default=16)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--decode-workers", type=int, default=2)
    parser.add_argument("--gpus", type=int, default=0)
    options = parser.parse_args()
    with workplace(options.video) as (video, folder):
        (folder / "data/raw").mkdir(parents=True)
        for number in range(options.clips):
            shutil.copy(video, folder / f"data/raw/clip{number:05d}{video.suffix}")
        _configure(folder, options)
        weights = [f"resources/weights/{name}.safetensors" for name in LLP]
        _run(folder, weights, options)
        shards = range(-(-options.clips // options.shard_size))
        features = [f"results/features/{name}/{s:05d}.h5" for name in LLP for s in shards]
        started = time.perf_counter()
        _run(folder, features, options)
        seconds = time.perf_counter() - started
        print(f"{options.clips} clips in {seconds:.1f} s: {options.clips / seconds:.2f} clips/s")
        for stage, taken in sorted(_stages(folder).items()):
            print(f"  {stage}: {taken:.1f} s in all jobs, {taken / options.clips:.3f} s a clip")


def _configure(folder: Path, options: argparse.Namespace) -> None:
    preset = yaml.safe_load((ROOT / "workflow/presets/llp.yaml").read_text())
    for wanted in preset["extractors"].values():
        if wanted:
            wanted["weights"] = "random"
    preset["datasets"] = {"bundled": None}
    preset["experiments"] = {"han": None, "cmran": None}
    preset["decode"] = {"shard_size": options.shard_size}
    preset["runtime"] = {"decode_workers": options.decode_workers}
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "bench.yaml").write_text(yaml.safe_dump(preset))


def _run(folder: Path, targets: list[str], options: argparse.Namespace) -> None:
    words = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    words += ["--cores", str(options.cores), "--configfile", str(folder / "bench.yaml")]
    words += ["--resources", f"gpu={options.gpus}", "--quiet", "all", "--", *targets]
    subprocess.run(words, check=True, cwd=ROOT)


def _stages(folder: Path) -> dict[str, float]:
    """Seconds of all jobs of each stage, from the workflow's own records."""
    taken: dict[str, float] = defaultdict(float)
    for path in sorted((folder / "logs/benchmarks").rglob("*.tsv")):
        stage = path.relative_to(folder / "logs/benchmarks").parts[:-1]
        if stage and stage[0] != "weights":
            taken[" ".join(stage)] += float(path.read_text().splitlines()[1].split("\t")[0])
    return taken


if __name__ == "__main__":
    main()
