"""Running the workflow, and reading what it did."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from conftest import ROOT

SMALL = ROOT / "tests" / "stories" / "small.yaml"


def command(
    folder: Path,
    *words: str,
    settings: Path = SMALL,
    also: Sequence[Path] = (),
    home: Path = ROOT,
) -> list[str]:
    """The workflow of a checkout, in a folder."""
    return list(map(str, [
        sys.executable, "-m", "snakemake", "--snakefile", home / "Snakefile", "--cores", "2",
        "--directory", folder, "--configfile", settings, *also, *words,
    ]))  # fmt: skip


def environment(home: Path = ROOT) -> dict[str, str]:
    """That finds this Python's commands, and the package of a checkout."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(home)}


def snakemake(
    folder: Path,
    *words: str,
    settings: Path = SMALL,
    also: Sequence[Path] = (),
    home: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run it there: the working directory is where Python looks for a package first."""
    return subprocess.run(
        command(folder, *words, settings=settings, also=also, home=home),
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(home),
        timeout=600,
    )


def ran(result: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Rule -> how many of its jobs ran."""
    assert result.returncode == 0, result.stdout + result.stderr
    names = re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", result.stderr, re.MULTILINE)
    return {name: names.count(name) for name in sorted(set(names))}


def jobs(result: subprocess.CompletedProcess[str]) -> list[str]:
    """What ran, as "extract vgg19 00001": rule and wildcards by name, sorted."""
    assert result.returncode == 0, result.stdout + result.stderr
    started = re.findall(
        r"^(?:local)?(?:rule|checkpoint) (\w+):\n((?: +.*\n)*)", result.stderr, re.MULTILINE
    )
    found = []
    for rule, details in started:
        wildcards = re.search(r"^ +wildcards: (.*)$", details, re.MULTILINE)
        pairs = sorted(wildcards[1].split(", ")) if wildcards else []
        found.append(" ".join([rule, *(pair.partition("=")[2] for pair in pairs)]))
    return sorted(found)


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))
