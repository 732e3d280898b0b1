"""Runs killed at random moments, and run again: nothing is lost, and nothing is different.

This takes half an hour on two cores: pytest --soak tests/reliability/test_kills.py
"""

import hashlib
import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from running import command, environment, snakemake
from tiny import SETTINGS_FILE, copy_project, film

KILLS = 50
MADE = ("results", "resources", "logs", ".snakemake")
TIMED = ("history.tsv", "index.html")
"""Tell how many seconds something took."""


def made(project: Path) -> dict[str, str]:
    """File -> digest of everything that runs leave and that must always be the same."""
    files = sorted(
        path
        for part in ("results", "resources")
        for path in (project / part).rglob("*")
        if path.is_file() and path.name not in TIMED
    )
    digests = {}
    for path in files:
        digests[str(path.relative_to(project))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return digests


def killed_after(project: Path, seconds: float) -> bool:
    """Start a run and kill all its processes at once; whether it was still running then."""
    with (project / "run.log").open("w") as log:
        run = subprocess.Popen(
            command(project, settings=project / SETTINGS_FILE),
            cwd=project,
            env=environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            assert run.wait(seconds) == 0, (project / "run.log").read_text()
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            return True
    return False


def finish(project: Path) -> dict[str, str]:
    """A plain rerun ends what was begun; then there is nothing to be done."""
    done = snakemake(project, settings=project / SETTINGS_FILE)
    assert done.returncode == 0, done.stdout + done.stderr
    again = snakemake(project, settings=project / SETTINGS_FILE)
    assert "Nothing to be done" in again.stderr
    return made(project)


def drop_in(project: Path) -> None:
    """A new video, of the same age each time."""
    path = project / "data/raw/0.mp4"
    film(path, 3.4)
    os.utime(path, (0, 0))


@pytest.mark.soak
def test_killed_at_random_moments(tiny_project: Path, tmp_path: Path) -> None:
    """From nothing to everything, and when a video is dropped in: killed until it ends by luck."""
    rng = random.Random(0)
    whole = made(tiny_project)
    undisturbed = copy_project(tiny_project, tmp_path / "undisturbed")
    drop_in(undisturbed)
    with_video = finish(undisturbed)
    assert set(whole) < set(with_video)

    kills, ended = 0, 0
    project = tmp_path / "project"
    while kills < KILLS:
        shutil.rmtree(project, ignore_errors=True)
        copy_project(tiny_project, project, *MADE)
        for expected in (whole, with_video):
            if expected is with_video:
                drop_in(project)
            while killed_after(project, rng.uniform(0.5, 25)):
                kills += 1
            assert finish(project) == expected
            ended += 1
        left = [p for p in project.rglob("*") if p.name.endswith(".tmp")]
        assert left == []
        print(f"{kills} kills, {ended} times all was there in the end, and the same")
