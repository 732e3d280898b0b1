"""A user asks the workflow for more formats, and takes corrected events back."""

from pathlib import Path

import pytest
import yaml
from conftest import Cli
from running import jobs, snakemake
from tiny import SETTINGS_FILE, copy_project

from avparse import datasets
from avparse.formats import EXPORTS
from avparse.formats.base import Folder

pytestmark = [pytest.mark.story, pytest.mark.long]

VIDEOS = ("a", "b", "c", "d", "e", "f", "large")


@pytest.fixture(scope="module")
def project(tiny_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "project"
    return copy_project(tiny_project, folder)


def run(project: Path, *formats: str) -> list[str]:
    """The jobs of a run with these formats."""
    settings = project / SETTINGS_FILE
    values = yaml.safe_load(settings.read_text())
    settings.write_text(yaml.safe_dump({**values, "export": {"formats": list(formats)}}))
    return jobs(snakemake(project, settings=settings))


def test_more_formats_run_export_alone(project: Path) -> None:
    events = project / "results/events"
    before = {path.name: path.read_bytes() for path in events.iterdir()}
    assert set(before) == {"han.tsv", "han.json", "linear.tsv", "linear.json"}
    assert run(project, *EXPORTS.names()) == ["all", "export han", "export linear"]
    assert {name: (events / name).read_bytes() for name in before} == before
    for name in EXPORTS.names():
        path = events / EXPORTS.load(name).target.format(experiment="han")
        assert path.is_dir() if issubclass(EXPORTS.load(name), Folder) else path.is_file()
    assert {path.stem for path in (events / "han/elan").glob("*.eaf")} == {*VIDEOS}
    assert 'RELATIVE_MEDIA_URL="./a.mp4"' in (events / "han/elan/a.eaf").read_text()
    assert run(project, *EXPORTS.names()) == []


def test_one_format_less_is_no_harm(project: Path) -> None:
    assert run(project, "elan") == ["all", "export han", "export linear"]
    assert run(project, "elan") == []


def test_a_format_that_nobody_knows(project: Path) -> None:
    words = ("--config", "export={formats: [elam]}")
    said = snakemake(project, *words, settings=project / SETTINGS_FILE)
    assert said.returncode == 2
    assert "avparse: unknown format 'elam': did you mean 'elan'?" in said.stderr


def test_corrected_events_are_labels(project: Path, cli: Cli) -> None:
    """By hand, of one experiment, at a threshold that finds events; then as a labelled folder."""
    shards = sorted((project / "results/predictions/han").glob("*.h5"))
    words = ("--format", "audacity", "--threshold", "0.05", "--out", "out")
    assert cli("export", *shards, *words, cwd=project).returncode == 0
    tracks = sorted((project / "out/han/audacity").iterdir())
    assert len(tracks) == 2 * len(VIDEOS)
    tracks[0].write_text("0.5\t1.75\tNew\n")
    (project / "films/labels.tsv").unlink()
    said = cli("dataset", "labels", *tracks, "--out", "films/labels.tsv", cwd=project)
    assert said.returncode == 0, said.stderr
    opened = datasets.create("folder", project / "films")
    assert opened.problems() == []
    assert "New" in opened.classes
    first = next(s for s in opened.samples("parsing") if s.video_id == "a")
    heard = [event for event in first.events if event.modality == "audio"]
    assert [(e.onset_s, e.offset_s, e.label) for e in heard] == [(0.5, 1.75, "New")]
