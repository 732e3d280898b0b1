"""Disks that fill up or may not be written, files that go or break: one clear line, or it heals."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import command, environment, jobs, snakemake, table
from tiny import SETTINGS_FILE, copy_project, film

pytestmark = [pytest.mark.story, pytest.mark.long]


@pytest.fixture
def project(tiny_project: Path, tmp_path: Path) -> Path:
    """A finished project to break."""
    return copy_project(tiny_project, tmp_path / "project")


def run(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return snakemake(project, *words, settings=project / SETTINGS_FILE)


def said(result: "subprocess.CompletedProcess[str]") -> list[str]:
    """The lines that tell what is wrong."""
    assert result.returncode not in (0, -9, -11)
    text = result.stdout + result.stderr
    assert "Traceback" not in text, text
    return sorted({line.strip() for line in text.splitlines() if "avparse: " in line})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900m", "tmpfs", folder])
    if mounted.returncode:
        pytest.skip("only root can mount a file system to fill")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_moved_project_has_nothing_to_do(project: Path) -> None:
    assert jobs(run(project)) == []


def test_a_full_disk(project: Path, disk: Path) -> None:
    """Room for a few hundred kilobytes when features need more; then there is room again."""
    moved = copy_project(project, disk / "project")
    shutil.rmtree(moved / "results")
    with (disk / "ballast").open("wb") as file:
        free = shutil.disk_usage(disk).free
        file.write(bytes(free - 300_000))
    lines = said(run(moved))
    assert any("No space left on device" in line for line in lines), lines
    (disk / "ballast").unlink()
    assert "extract vggish 00000" in jobs(run(moved))
    assert jobs(run(moved)) == []


def test_a_folder_that_may_not_be_written(project: Path, disk: Path) -> None:
    moved = copy_project(project, disk / "project")
    shutil.rmtree(moved / "results")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    [line] = said(run(moved))
    assert line.startswith(f"avparse: cannot write to {moved}")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    (moved / "results").mkdir()
    subprocess.run(["mount", "--bind", moved / "results", moved / "results"], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", moved / "results"], check=True)
        result = run(moved)
        assert result.returncode not in (0, -9)
        assert "Read-only file system" in result.stdout + result.stderr
    finally:
        subprocess.run(["umount", moved / "results"], check=True)
    assert "extract vggish 00000" in jobs(run(moved))


def test_a_deleted_intermediate_is_made_again_when_it_is_needed(project: Path) -> None:
    predictions = project / "results/predictions/han/00000.h5"
    before = predictions.read_bytes()
    (project / "results/features/vggish/00000.h5").unlink()
    predictions.unlink()
    assert jobs(run(project)) == []
    ran = jobs(run(project, "--config", "experiments={han: {threshold: 0.4}}"))
    assert {"extract vggish 00000", "predict han 00000", "evaluate han"} <= set(ran)
    assert {"decode 00000", "extract vggish 00001", "extract resnet152 00000"}.isdisjoint(ran)
    assert predictions.read_bytes() == before


def test_a_truncated_feature_file_is_named(project: Path) -> None:
    path = project / "results/features/vggish/00000.h5"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    lines = said(run(project))
    expected = "cannot read results/features/vggish/00000.h5: delete it and run again"
    assert any(expected in line for line in lines), lines
    path.unlink()
    assert "extract vggish 00000" in jobs(run(project))


def test_damaged_frames_are_decoded_again(project: Path) -> None:
    """What a killed extraction may leave behind of the frames."""
    features = project / "results/features/vggish/00000.h5"
    before = features.read_bytes()
    (project / "resources/frames/00000.h5").write_text("no frames")
    features.unlink()
    assert jobs(run(project, "--", "results/features/vggish/00000.h5")) == ["extract vggish 00000"]
    assert features.read_bytes() == before


def test_two_at_once(project: Path) -> None:
    film(project / "data/raw/0.mp4", 3.4)
    runs = [
        subprocess.Popen(
            command(project, settings=project / SETTINGS_FILE),
            cwd=project,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    texts = [run.communicate(timeout=600)[0] for run in runs]
    codes = [run.returncode for run in runs]
    assert 0 in codes, texts
    for code, text in zip(codes, texts, strict=True):
        assert code == 0 or "Directory cannot be locked" in text, text
    assert jobs(run(project)) == []
    manifest = table(project / "resources/manifest.tsv")
    assert [row["path"] for row in manifest].count("data/raw/0.mp4") == 1
