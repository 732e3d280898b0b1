"""What thousands of clips cost before any of them is touched: the plan of a run.

    python benchmarks/scale.py 12000 --shard-size 128

Videos are empty files; `avparse index` is the real one, every other job only makes its files. Then
Snakemake plans, with all there is to do, with nothing to do, and with one new video: seconds and
peak memory of each. And what the digests of all stages' code take, once in a run.
"""

import argparse
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
STUB = """#!/bin/bash
case "$1" in index) exec {python} -m avparse "$@";; esac
folder=; while [ $# -gt 0 ]; do
  case "$1" in
    --out|--status) mkdir -p "$(dirname "$2")"; [ -d "$2" ] || echo > "$2"; folder=$2; shift;;
    --out=*) echo > "${{1#*=}}";;
  esac; shift
done
"""
FOLDERS = """  train) while [ "$1" != --out ]; do shift; done; mkdir -p "$2"
    for f in model.safetensors checkpoint.json history.tsv; do echo > "$2/$f"; done; exit;;
  export) name=$(basename "$(dirname "$2")"); mkdir -p results/events
    echo > "results/events/$name.tsv"; echo > "results/events/$name.json"; exit;;
  viewer) mkdir -p results/viewer; echo > results/viewer/index.html; exit;;
"""
DIGESTS = """
import time
from pathlib import Path
import avparse.stages
from avparse import jobs
stages = sorted(path.stem for path in Path(avparse.stages.__path__[0]).glob("[a-z]*.py"))
began = time.perf_counter()
for stage in stages:
    jobs.code(stage)
print(f"digests of {len(stages)} stages: {time.perf_counter() - began:.2f} s")
"""
CORES = "500"
"""That the jobs are told there are; they only make files."""

LABELS = "video\tonset\toffset\tlabel\tmodality\tsplit\n"


def main() -> None:
    """Print a row of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=int)
    parser.add_argument("--shard-size", type=int, default=128)
    options = parser.parse_args()
    subprocess.run([sys.executable, "-c", DIGESTS], check=True)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        make(project, options.clips, options.shard_size)
        first = plan(project, "-n")
        plan(project, "--cores", CORES)
        again = plan(project)
        dry = plan(project, "-n")
        (project / "data/raw/000/00000000.mp4").touch()
        added = plan(project, "-n")
    cells = [f"{seconds:.1f} s, {mb:.0f} MB" for seconds, mb in (first, again, dry, added)]
    print(f"| {options.clips} | {options.shard_size} | {' | '.join(cells)} |")


def make(project: Path, clips: int, shard_size: int) -> None:
    """A project of empty videos, and a command that makes empty files."""
    shutil.copy(ROOT / "config.yaml", project)
    (project / "films").mkdir()
    (project / "films/one.mp4").touch()
    (project / "films/labels.tsv").write_text(LABELS + "one.mp4\t0\t1\tBeep\tboth\ttrain\n")
    for number in range(1, clips + 1):
        path = project / f"data/raw/{number // 1000:03d}/{number:08d}.mp4"
        if number % 1000 in (0, 1):
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    settings = {
        "decode": {"shard_size": shard_size},
        "datasets": {"bundled": None, "mine": {"kind": "folder", "path": "films"}},
        "experiments": {
            name: {"model": name, "dataset": "mine", "seeds": [1]} for name in ("han", "cmran")
        },
    }
    (project / "mine.yaml").write_text(yaml.safe_dump(settings))
    stub = project / "bin/avparse"
    stub.parent.mkdir()
    text = STUB.format(python=sys.executable)
    stub.write_text(text.replace('"$@";; esac', f'"$@";;\n{FOLDERS}esac'))
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)


def plan(project: Path, *words: str) -> tuple[float, float]:
    """Run the workflow; seconds, and the peak memory of Snakemake in MB."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2"]
    command += ["--directory", project, "--configfile", project / "mine.yaml", "-q", "all", *words]
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    log = project / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            list(map(str, command)), cwd=project, env=environment, stdout=out, stderr=out
        )
        _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(log.read_text())
    return time.monotonic() - began, used.ru_maxrss / 1e3


if __name__ == "__main__":
    main()
