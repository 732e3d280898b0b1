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


def snakemake(
    folder: Path, *words: str, settings: Path = SMALL, also: Sequence[Path] = ()
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2",
         "--directory", folder, "--workflow-profile", ROOT / "workflow/profiles/default",
         "--configfile", settings, *also, *words],
        capture_output=True, text=True, env=environment, timeout=600,
    )  # fmt: skip


def ran(result: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Rule -> how many of its jobs ran."""
    assert result.returncode == 0, result.stdout + result.stderr
    names = re.findall(r"^(?:local)?(?:rule|checkpoint) (\w+):", result.stderr, re.MULTILINE)
    return {name: names.count(name) for name in sorted(set(names))}


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))
